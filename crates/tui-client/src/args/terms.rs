//! The terms of a game, as typed.

use clap::Args as ClapArgs;
use game_core::Rules;
use net::proto::{BestOf, Terms, TimeControl};

#[derive(Debug, Clone, Copy, ClapArgs)]
pub(crate) struct TermsArgs {
    /// Columns x rows : in a row, such as 3x3, 5x5:4 or 15x15:5 [default: 3x3]
    #[arg(long, value_name = "BOARD")]
    board: Option<Rules>,
    /// Completing a line loses
    #[arg(long)]
    misere: bool,
    /// Play a series, won by the majority of N games
    #[arg(long, value_name = "N")]
    best_of: Option<BestOf>,
    /// Time for a move, such as 30s, or for a game and each move, such as 5m+3s [default: off]
    #[arg(long, value_name = "TIME")]
    clock: Option<TimeControl>,
}

impl TermsArgs {
    /// The terms, with what is usual where nothing was typed.
    pub(super) fn terms(self) -> Terms {
        let rules = self.board.unwrap_or_default().with_misere(self.misere);
        Terms { rules, best_of: self.best_of, time: self.clock.unwrap_or_default() }
    }
}
