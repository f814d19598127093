//! The two marks.

use core::fmt;

/// One of the two marks, and so one of the two sides of a game.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Mark {
    /// The side that moves at even plies, and so first.
    X,
    /// The side that moves at odd plies.
    O,
}

impl Mark {
    /// The mark that moves first.
    pub const FIRST: Self = Self::X;

    /// Returns the mark that moves at a ply, counted from 0.
    pub const fn at_ply(ply: u16) -> Self {
        if ply.is_multiple_of(2) { Self::FIRST } else { Self::FIRST.other() }
    }

    /// Returns the opponent's mark.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::X => Self::O,
            Self::O => Self::X,
        }
    }
}

/// `X` or `O`, padded as the format asks.
impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::X => "X",
            Self::O => "O",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Mark;

    #[test]
    fn other_swaps_the_marks() {
        assert_eq!(Mark::X.other(), Mark::O);
        assert_eq!(Mark::O.other(), Mark::X);
    }
}
