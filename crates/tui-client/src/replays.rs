//! The list of finished matches, as it is shown.

use crate::{history::History, keymap::Action};

/// The list of finished matches.
#[derive(Debug, Default)]
pub struct Replays {
    /// The matches of another file, and its name; `None` for the player's own.
    pub other: Option<(String, History)>,
    /// The row of the cursor, the newest match first.
    chosen: usize,
}

/// Rows of a page.
const PAGE: isize = 8;

impl Replays {
    /// The list of the matches of a file.
    pub const fn of_file(name: String, history: History) -> Self {
        Self { other: Some((name, history)), chosen: 0 }
    }

    /// The matches that are listed.
    pub fn history<'a>(&'a self, own: &'a History) -> &'a History {
        self.other.as_ref().map_or(own, |(_, history)| history)
    }

    /// The row that the cursor is on.
    pub fn chosen(&self, history: &History) -> usize {
        self.chosen.min(history.matches.len().saturating_sub(1))
    }

    /// Moves the cursor to a row, and tells whether it was there.
    pub(crate) const fn choose(&mut self, row: usize) -> bool {
        std::mem::replace(&mut self.chosen, row) == row
    }

    /// Moves the cursor as a key asks for.
    pub(crate) fn move_by(&mut self, action: Action, matches: usize) {
        let last = matches.saturating_sub(1);
        self.chosen = match action {
            Action::Up => self.chosen.saturating_sub(1),
            Action::Down => self.chosen + 1,
            Action::PageUp => self.chosen.saturating_add_signed(-PAGE),
            Action::PageDown => self.chosen.saturating_add_signed(PAGE),
            Action::First => 0,
            Action::Last => last,
            _ => self.chosen,
        }
        .min(last);
    }
}
