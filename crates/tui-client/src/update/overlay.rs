//! The layers over a screen: their keys, and the end of a question whose occasion has passed.

use game_core::Cell;
use net::proto::{ChatLine, ChatMessage, Emote, Phase};

use crate::{
    game::Game,
    keymap::Action,
    model::{Model, Screen},
    overlay::{Overlay, Question},
    text_input::InputError,
    view,
};

impl Model {
    pub(super) fn act_on_overlay(&mut self, action: Action) {
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
            (Some(Overlay::Confirm(Question::Quit)), Action::Yes) => self.quit_now(),
            (Some(Overlay::Confirm(Question::Resign)), Action::Yes) => {
                self.overlay = None;
                if let Some(game) = self.game_mut() {
                    game.resign();
                }
            }
            (Some(Overlay::Confirm(Question::StopWaiting | Question::LeaveSeries)), Action::Yes) => {
                self.overlay = None;
                self.leave();
            }
            (Some(Overlay::Confirm(_)), Action::No)
            | (Some(Overlay::Chat(_) | Overlay::Cell(_) | Overlay::Emotes), Action::Back) => {
                self.overlay = None;
            }
            (Some(Overlay::Settings(_)), _) => self.act_on_settings(action),
            (Some(Overlay::Cell(_)), Action::Select) => self.place_typed(),
            (Some(Overlay::Chat(input)), Action::Select) if input.text().trim().is_empty() => {
                self.overlay = None;
            }
            (Some(Overlay::Chat(input)), Action::Select) => match ChatLine::parse_typed(input.text()) {
                Ok(line) => self.say(ChatMessage::Line(line)),
                Err(error) => input.error = Some(InputError::ChatLine(error)),
            },
            (Some(Overlay::Emotes), Action::Emote(number)) => {
                let emote = usize::from(number).checked_sub(1).and_then(|index| Emote::ALL.get(index));
                if let Some(emote) = emote {
                    self.say(ChatMessage::Emote(*emote));
                }
            }
            _ => {}
        }
    }

    fn say(&mut self, message: ChatMessage) {
        self.overlay = None;
        if let Some(game) = self.game_mut() {
            game.say(message);
        }
    }

    /// Moves the cursor of the board to the cell that is typed, if one is.
    pub(super) fn point_at_typed(&mut self) -> Option<Cell> {
        let Some(Overlay::Cell(input)) = &self.overlay else { return None };
        let typed = input.text().to_owned();
        self.game_mut()?.point_at(&typed)
    }

    /// Places a mark on the cell that is typed.
    fn place_typed(&mut self) {
        let cell = self.point_at_typed();
        match (&mut self.overlay, cell) {
            (Some(Overlay::Cell(input)), None) if !input.text().trim().is_empty() => {
                input.error = Some(InputError::Cell);
            }
            _ => self.overlay = None,
        }
        if let (Some(cell), Some(game)) = (cell, self.game_mut()) {
            game.place_mark(cell);
        }
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
