//! The menu, and the game that goes on behind it.

use net::proto::Phase;

use crate::{game::Game, keymap::Action, notice::MenuNotice};

/// The menu, and the game that goes on behind it.
#[derive(Debug, Default)]
pub struct Menu {
    /// The entry that the cursor is on.
    pub selected: usize,
    /// A running game.
    pub game: Option<Box<Game>>,
    /// The latest notice.
    pub notice: Option<MenuNotice>,
}

/// The most saved seats in the menu: as many as have a digit for their key.
const MAX_LISTED: usize = 8;

impl Menu {
    /// The entries in their order. `saved_seats` is the number of seats to return to.
    pub fn entries(&self, saved_seats: usize) -> Vec<Action> {
        let resume = self.game.as_ref().map(|_| Action::Resume);
        let seats = (1..).take(saved_seats.min(MAX_LISTED)).map(Action::ReturnTo);
        // A game at this machine is left by choice; one on a server is resigned first.
        let leave = self.has_local_game().then_some(Action::LeaveGame);
        let others = [
            Action::QuickMatch,
            Action::Browse,
            Action::Host,
            Action::Join,
            Action::Watch,
            Action::Bot,
            Action::TwoPlayers,
        ];
        resume.into_iter().chain(leave).chain(seats).chain(others).collect()
    }

    /// Tells whether the game behind the menu is one at this machine.
    pub(crate) fn has_local_game(&self) -> bool {
        self.game.as_ref().is_some_and(|game| game.online().is_none())
    }

    /// Moves the cursor, or returns the chosen entry.
    pub(crate) fn handle_action(&mut self, action: Action, saved_seats: usize) -> Option<Action> {
        self.notice = None;
        let entries = self.entries(saved_seats);
        let last = entries.len() - 1;
        match action {
            Action::Up => self.selected = self.selected.saturating_sub(1),
            Action::Down => self.selected = (self.selected + 1).min(last),
            Action::Select => return Some(entries[self.selected.min(last)]),
            Action::ReturnTo(nth) if usize::from(nth) > saved_seats => {}
            other => return Some(other),
        }
        None
    }

    /// Notes that the game behind the menu is not left.
    pub(crate) fn refuse(&mut self) {
        let is_adjourned = self.game.as_ref().is_some_and(|game| game.snapshot.phase == Phase::Adjourned);
        self.notice = Some(if is_adjourned { MenuNotice::AdjournedWouldEnd } else { MenuNotice::GameRuns });
        self.selected = 0;
    }
}
