//! The layers over a screen: their keys, and the end of a question whose occasion has passed.

use game_core::Cell;
use net::proto::{ChatLine, ChatMessage, Emote, Phase};

use crate::{
    cmd::Cmd,
    game::Game,
    keymap::Action,
    model::{Model, Screen},
    overlay::{Overlay, Question},
    text_input::InputError,
    view,
};

impl Model {
    pub(super) fn act_on_overlay(&mut self, action: Action) -> Vec<Cmd> {
        // The end of a text depends on the screen's size, which the view knows.
        let end = view::max_scroll(self);
        match (&mut self.overlay, action) {
            (
                Some(
                    Overlay::Help { scroll } | Overlay::Position { scroll } | Overlay::Checkup { scroll, .. },
                ),
                _,
            ) => match action {
                Action::Up => *scroll = scroll.saturating_sub(1),
                Action::Down => *scroll = scroll.saturating_add(1).min(end),
                Action::PageUp => *scroll = scroll.saturating_sub(8),
                Action::PageDown => *scroll = scroll.saturating_add(8).min(end),
                Action::Back | Action::Help => self.overlay = None,
                _ => {}
            },
            (Some(Overlay::Confirm(Question::Quit)), Action::Yes) => return self.quit_now(),
            (Some(Overlay::Confirm(Question::Resign)), Action::Yes) => {
                self.overlay = None;
                return self.game_mut().map_or_else(Vec::new, Game::resign);
            }
            (Some(Overlay::Confirm(Question::StopWaiting | Question::LeaveSeries)), Action::Yes) => {
                self.overlay = None;
                return self.leave();
            }
            (Some(Overlay::Confirm(_)), Action::No)
            | (Some(Overlay::Chat(_) | Overlay::Cell(_) | Overlay::Emotes), Action::Back) => {
                self.overlay = None;
            }
            (Some(Overlay::Settings(_)), _) => return self.act_on_settings(action),
            (Some(Overlay::Cell(_)), Action::Select) => return self.place_typed(),
            (Some(Overlay::Chat(input)), Action::Select) if input.text().trim().is_empty() => {
                self.overlay = None;
            }
            (Some(Overlay::Chat(input)), Action::Select) => match ChatLine::parse_typed(input.text()) {
                Ok(line) => return self.say(ChatMessage::Line(line)),
                Err(error) => input.error = Some(InputError::ChatLine(error)),
            },
            (Some(Overlay::Emotes), Action::Emote(number)) => {
                let emote = usize::from(number).checked_sub(1).and_then(|index| Emote::ALL.get(index));
                return emote.map_or_else(Vec::new, |emote| self.say(ChatMessage::Emote(*emote)));
            }
            _ => {}
        }
        Vec::new()
    }

    fn say(&mut self, message: ChatMessage) -> Vec<Cmd> {
        self.overlay = None;
        self.game_mut().map_or_else(Vec::new, |game| game.say(message))
    }

    /// Moves the cursor of the board to the cell that is typed, if one is.
    pub(super) fn point_at_typed(&mut self) -> Option<Cell> {
        let Some(Overlay::Cell(input)) = &self.overlay else { return None };
        let typed = input.text().to_owned();
        self.game_mut()?.point_at(&typed)
    }

    /// Places a mark on the cell that is typed.
    fn place_typed(&mut self) -> Vec<Cmd> {
        let cell = self.point_at_typed();
        match (&mut self.overlay, cell) {
            (Some(Overlay::Cell(input)), None) if !input.text().trim().is_empty() => {
                input.error = Some(InputError::Cell);
                return Vec::new();
            }
            _ => self.overlay = None,
        }
        cell.and_then(|cell| Some(self.game_mut()?.place_mark(cell))).unwrap_or_default()
    }

    /// Drops a question whose occasion has passed.
    pub(super) fn drop_question(&mut self) {
        let Some(Overlay::Confirm(question)) = self.overlay else { return };
        let is_in = |phase| self.game().is_some_and(|game| game.snapshot.phase == phase);
        let holds = match question {
            Question::Quit => self.game_at_stake().is_some() || matches!(self.screen, Screen::Menu(_)),
            Question::Resign => is_in(Phase::Playing),
            Question::StopWaiting => is_in(Phase::Waiting),
            Question::LeaveSeries => {
                self.game().is_some_and(Game::is_within_series) && !is_in(Phase::Playing)
            }
        };
        if !holds {
            self.overlay = None;
        }
    }
}
