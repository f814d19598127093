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
const PAGE: usize = 8;

/// The row that a key of a list leads to from another one.
pub(crate) fn row_after(row: usize, action: Action, rows: usize) -> usize {
    let last = rows.saturating_sub(1);
    let row = match action {
        Action::Up => row.saturating_sub(1),
        Action::Down => row + 1,
        Action::PageUp => row.saturating_sub(PAGE),
        Action::PageDown => row + PAGE,
        Action::First => 0,
        Action::Last => last,
        _ => row,
    };
    row.min(last)
}

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
        self.chosen = row_after(self.chosen, action, matches);
    }
}
