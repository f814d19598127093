//! The end of a game on the board.

use crate::{Lines, Mark};

/// The end of a game that was played out. Other ends, such as resigning or the clock, belong to the server.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Outcome {
    /// The last move has made a line.
    Win {
        /// The side that made the line; in the misère game, the other.
        winner: Mark,
        /// The lines that the last move made, at least one.
        lines: Lines,
    },
    /// Every cell has a mark, and there is no line.
    Draw,
}

impl Outcome {
    /// Returns the side that has won, or `None` after a draw.
    pub const fn winner(&self) -> Option<Mark> {
        match self {
            Self::Win { winner, lines: _ } => Some(*winner),
            Self::Draw => None,
        }
    }
}
