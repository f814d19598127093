//! The settings: their page, and changes that take effect at once.

use crate::{
    cmd::{Cmd, Signal},
    config::Config,
    keymap::Action,
    model::Model,
    new_game_form::next_choice,
    overlay::Overlay,
    replays::row_after,
    setting::{Place, Setting},
    settings_page::SettingsPage,
    text_input::InputError,
    theme::Theme,
};

impl Model {
    /// Does what a key asks for on the page of the settings.
    pub(super) fn act_on_settings(&mut self, action: Action) {
        let Some(Overlay::Settings(page)) = &self.overlay else { return };
        let (chosen, setting) = (page.chosen, page.setting());
        let (before, choices) = (self.config.text(setting), Config::choices(setting));
        let wanted = match action {
            // It stays as it was.
            Action::Back => before,
            _ if page.is_typed() => page.input.text().to_owned(),
            Action::Left | Action::Right | Action::Select => {
                next_choice(&choices, &before, action != Action::Left).cloned().unwrap_or(before)
            }
            _ => before,
        };
        let changed = self.change(setting, &wanted);
        let next = match action {
            Action::Back => None,
            _ => Some(row_after(chosen, action, SettingsPage::settings().len())),
        };
        match (&mut self.overlay, &changed) {
            // What is no value stays to be mended.
            (Some(Overlay::Settings(page)), Err(wrong)) if next.is_some() => {
                page.input.error = Some(InputError::Setting(wrong.clone()));
            }
            _ => self.overlay = next.map(|next| self.settings_at(next)),
        }
    }

    /// Goes to a setting by a click, or to the next value of the chosen one.
    pub(super) fn click_setting(&mut self, row: usize) {
        let Some(Overlay::Settings(page)) = &self.overlay else { return };
        if page.chosen == row {
            return self.act_on_settings(Action::Right);
        }
        // What is typed is taken first, and what is no value stays.
        self.act_on_settings(Action::Down);
        if matches!(&self.overlay, Some(Overlay::Settings(page)) if page.input.error.is_none()) {
            self.overlay = Some(self.settings_at(row));
        }
    }

    /// The page of the settings.
    pub(super) fn settings_at(&self, chosen: usize) -> Overlay {
        Overlay::Settings(SettingsPage::at(chosen, &self.config))
    }

    /// Changes a setting, at once and for the next start of the program.
    pub(crate) fn change(&mut self, setting: Setting, text: &str) -> Result<(), String> {
        if text == self.config.text(setting) {
            return Ok(());
        }
        self.config.set(setting, text)?;
        self.apply_config();
        // The terminal is asked anew, since it may not have been asked for the theme of before.
        let asked = self.theme.depends_on_background().then_some(Cmd::Signal(Signal::AskBackground));
        let kept = Cmd::KeepConfig(vec![(Place::Top(setting), self.config.text(setting))]);
        self.cmds.extend([kept].into_iter().chain(asked));
        Ok(())
    }

    /// Brings the rest of the model up to the settings.
    pub fn apply_config(&mut self) {
        self.me = self.config.name.unwrap_or(self.login);
        self.theme = Theme { is_light: self.theme.is_light, ..self.config.theme(&self.env) };
        self.notifier.bell = self.config.bell;
        let has_hints = self.config.hints;
        self.games_mut().for_each(|game| game.has_hints = has_hints);
    }
}
