//! Computer opponents.

use thiserror::Error;

use crate::{Cell, Position, Rules, SplitMix64, best_moves, solver::MAX_SOLVED_CELLS};

/// The strength of a [`Bot`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Any legal move, each with the same chance.
    Easy,
    /// One of the [best moves](best_moves), each with the same chance. It is never beaten, but plays on the
    /// 3x3 board only.
    Perfect,
}

impl Level {
    /// Returns whether bots of this level play by the given rules.
    pub const fn supports(self, rules: &Rules) -> bool {
        match self {
            Self::Easy => true,
            Self::Perfect => rules.cells() <= MAX_SOLVED_CELLS,
        }
    }
}

/// A player that chooses by itself.
///
/// Bots with equal seeds that are shown equal positions in the same order choose equal moves.
#[derive(Clone, Debug)]
pub struct Bot {
    level: Level,
    rng: SplitMix64,
}

impl Bot {
    /// Makes a bot for games by the given rules.
    ///
    /// # Errors
    ///
    /// If the level does not [support](Level::supports) the rules.
    pub const fn new(level: Level, rules: &Rules, seed: u64) -> Result<Self, BotError> {
        if level.supports(rules) {
            Ok(Self { level, rng: SplitMix64::new(seed) })
        } else {
            Err(BotError::BoardTooLarge)
        }
    }

    /// Chooses a legal move for the side to move, or `None` if the game is finished.
    ///
    /// Also `None` if a perfect bot is shown a board too large for it, which is not the board that it was made for.
    pub fn choose(&mut self, position: &Position) -> Option<Cell> {
        match self.level {
            Level::Easy => self.pick(|| position.legal_moves()),
            Level::Perfect => {
                let best = best_moves(position)?;
                self.pick(|| best.cells())
            }
        }
    }

    /// Picks one of the cells, each with the same chance. They are iterated over twice, to count them first.
    fn pick<I: Iterator<Item = Cell>>(&mut self, cells: impl Fn() -> I) -> Option<Cell> {
        let count = u64::try_from(cells().count()).ok().filter(|&count| count > 0)?;
        let choice = self.rng.below(count);
        cells().zip(0..).find_map(|(cell, index)| (index == choice).then_some(cell))
    }
}

/// The reason why there is no such bot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum BotError {
    /// A perfect bot on a board of more than 9 cells.
    #[error("the perfect bot plays on the 3x3 board only")]
    BoardTooLarge,
}
