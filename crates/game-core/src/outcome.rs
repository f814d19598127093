//! How a game ends on the board.

use crate::{Lines, Mark};

/// The end of a game that was played out. Those that end otherwise, by resigning or by the clock, end at
/// the server.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Outcome {
    /// When the last move has made a line.
    Win {
        /// The side that made the line; in the misère game, the other.
        winner: Mark,
        /// The lines that the last move made, at least one.
        lines: Lines,
    },
    /// When every cell has a mark and there is no line.
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
