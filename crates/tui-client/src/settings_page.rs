//! The page of the settings.

use crate::{
    config::{Config, WrongValue},
    setting::Setting,
    text_input::TextInput,
};

/// The page of the settings.
#[derive(Debug, Clone)]
pub struct SettingsPage {
    /// The index of the chosen setting.
    pub chosen: usize,
    /// The value of the chosen setting, if it is typed.
    pub input: TextInput,
    /// The mistake in what was typed.
    pub wrong: Option<WrongValue>,
}

impl SettingsPage {
    /// The settings of the page, in their order. Plain mode is no choice of somebody who sees them, and the door for browsers is
    /// left to the file.
    pub const SETTINGS: [Setting; 10] = [
        Setting::Name,
        Setting::Theme,
        Setting::Color,
        Setting::Ascii,
        Setting::Mouse,
        Setting::Bell,
        Setting::Hints,
        Setting::Transport,
        Setting::Listen,
        Setting::Announce,
    ];

    /// The page with a setting chosen.
    pub(crate) fn at(chosen: usize, config: &Config) -> Self {
        let chosen = chosen.min(Self::SETTINGS.len() - 1);
        let text = config.text(Self::SETTINGS[chosen]);
        Self { chosen, input: TextInput::with_text(MAX_TYPED, &text), wrong: None }
    }

    /// The chosen setting.
    pub const fn setting(&self) -> Setting {
        Self::SETTINGS[self.chosen]
    }

    /// Tells whether the chosen setting is typed.
    pub fn is_typed(&self) -> bool {
        Config::choices(self.setting()).is_empty()
    }
}

/// Characters of a typed value at most: an address with a scope is the longest.
const MAX_TYPED: usize = 64;
