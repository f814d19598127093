//! The menu, and the game that goes on behind it.

use net::proto::Phase;

use crate::{game::Game, keymap::Action, notice::MenuNotice};

/// The menu, and the game that goes on behind it.
#[derive(Debug, Default)]
pub struct Menu {
    /// The entry that the cursor was moved to. Entries come and go, so it is no index.
    chosen: Option<Action>,
    /// A running game.
    pub game: Option<Box<Game>>,
    /// The latest notice.
    pub notice: Option<MenuNotice>,
}

/// The most saved seats in the menu: as many as have a digit for their key.
const MAX_LISTED: usize = 8;

/// The entries that begin something, in their order.
const BEGINNINGS: [Action; 7] = [
    Action::QuickMatch,
    Action::Browse,
    Action::Host,
    Action::Join,
    Action::Watch,
    Action::Bot,
    Action::TwoPlayers,
];

impl Menu {
    /// The menu over a game that goes on.
    pub(crate) const fn over(game: Option<Box<Game>>) -> Self {
        Self { chosen: None, game, notice: None }
    }

    /// The entries in their order: those that work now. `saved_seats` is the number of seats to return to.
    pub fn entries(&self, saved_seats: usize) -> Vec<Action> {
        let resume = self.game.as_ref().map(|_| Action::Resume);
        let leave = self.may_leave().then_some(Action::LeaveGame);
        let seats = (1..).take(saved_seats.min(MAX_LISTED)).map(Action::ReturnTo);
        let begun = seats.chain(BEGINNINGS).filter(|entry| self.may_begin(*entry));
        resume.into_iter().chain(leave).chain(begun).chain([Action::Replays, Action::Settings]).collect()
    }

    /// The entry that the cursor is on: at first the game that runs, else a quick match. A saved seat is one only by choice,
    /// because its game may be over.
    pub fn chosen(&self, saved_seats: usize) -> Action {
        let entries = self.entries(saved_seats);
        let first = if self.game.is_some() { Action::Resume } else { Action::QuickMatch };
        self.chosen.filter(|entry| entries.contains(entry)).unwrap_or(first)
    }

    /// Tells whether an entry begins something, in place of the game behind the menu.
    pub(crate) fn begins(entry: Action) -> bool {
        matches!(entry, Action::ReturnTo(_)) || BEGINNINGS.contains(&entry)
    }

    /// Tells whether an entry can begin beside the game behind the menu.
    pub(crate) fn may_begin(&self, entry: Action) -> bool {
        match &self.game {
            Some(game) if game.is_running() && game.online().is_some() => false,
            // There is one game at this machine.
            Some(game) if game.is_running() => !matches!(entry, Action::Bot | Action::TwoPlayers),
            Some(_) | None => true,
        }
    }

    /// Tells whether the game behind the menu can be left from here. One on a server is resigned first, unless there is no
    /// connection to it.
    pub(crate) fn may_leave(&self) -> bool {
        self.game.as_ref().is_some_and(|game| game.online().is_none() || game.down().is_some())
    }

    /// Moves the cursor, or returns the chosen entry.
    pub(crate) fn handle_action(&mut self, action: Action, saved_seats: usize) -> Option<Action> {
        self.notice = None;
        let entries = self.entries(saved_seats);
        let chosen = self.chosen(saved_seats);
        let index = entries.iter().position(|entry| *entry == chosen).unwrap_or(0);
        match action {
            Action::Up => self.chosen = Some(entries[index.saturating_sub(1)]),
            Action::Down => self.chosen = Some(entries[(index + 1).min(entries.len() - 1)]),
            Action::Select => return Some(chosen),
            Action::ReturnTo(nth) if usize::from(nth) > saved_seats => {}
            other => return Some(other),
        }
        None
    }

    /// Moves the cursor to an entry, and tells whether it was there.
    pub(crate) fn point_at(&mut self, entry: Action) -> bool {
        self.chosen.replace(entry) == Some(entry)
    }

    /// Notes that the game behind the menu is not left.
    pub(crate) fn refuse(&mut self) {
        self.notice = Some(match self.game.as_ref().map(|game| game.snapshot.phase) {
            Some(Phase::Adjourned) => MenuNotice::AdjournedWouldEnd,
            Some(Phase::Waiting) => MenuNotice::RoomWaits,
            _ => MenuNotice::GameRuns,
        });
        self.chosen = None;
    }
}
