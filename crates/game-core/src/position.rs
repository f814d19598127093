//! A board and the side to move, which accepts and refuses moves.

use thiserror::Error;

use crate::{Board, Cell, Mark, Outcome, Rules};

/// A position that legal moves lead to from the empty board.
///
/// # Invariants
///
/// The sides have moved in turn, [`Mark::FIRST`] first, and no move was made after the end of the game.
/// The outcome follows from the board.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Position {
    board: Board,
    /// The number of moves made. The board would have to count them.
    ply: u16,
    /// The outcome, kept because it depends on the last move.
    outcome: Option<Outcome>,
}

impl Position {
    /// Makes the position before the first move.
    pub const fn new(rules: Rules) -> Self {
        Self { board: Board::new(rules), ply: 0, outcome: None }
    }

    /// Puts the mark of the side to move on a cell.
    ///
    /// # Errors
    ///
    /// Returns the reason why the move is illegal. The position is then unchanged.
    pub fn play(&mut self, cell: Cell) -> Result<(), IllegalMove> {
        let Some(mover) = self.to_move() else { return Err(IllegalMove::Finished) };
        if !self.rules().contains(cell) {
            return Err(IllegalMove::Outside);
        }
        if !self.board.is_free(cell) {
            return Err(IllegalMove::Occupied);
        }
        self.board.place(mover, cell);
        self.ply += 1;
        self.outcome = self.outcome_after(mover, cell);
        Ok(())
    }

    /// Returns the rules of the game.
    pub const fn rules(&self) -> Rules {
        self.board.rules()
    }

    /// Returns the board.
    pub const fn board(&self) -> &Board {
        &self.board
    }

    /// Returns the side to move, or `None` when the game is finished.
    pub const fn to_move(&self) -> Option<Mark> {
        if self.outcome.is_none() { Some(Mark::at_ply(self.ply)) } else { None }
    }

    /// Returns the number of moves made, which is the index of the next one.
    pub const fn ply(&self) -> u16 {
        self.ply
    }

    /// Returns how the game has ended, or `None` while it goes on.
    ///
    /// A game is drawn when the board is full, not before, even if no line is possible any more.
    pub const fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    /// Iterates in order over the cells that [`play`](Self::play) would accept; none when the game is
    /// finished.
    pub fn legal_moves(&self) -> impl Iterator<Item = Cell> {
        let ongoing = self.outcome.is_none();
        self.board.free_cells().take_while(move |_| ongoing)
    }

    /// Returns the position after a move that is known to be legal.
    pub(crate) fn after(&self, cell: Cell) -> Self {
        let mut next = *self;
        next.play(cell).expect("the caller has the cell from `legal_moves`");
        next
    }

    /// Works out the outcome, given the move just made. Every new line passes through its cell.
    fn outcome_after(&self, mover: Mark, cell: Cell) -> Option<Outcome> {
        let lines = self.board.lines_through(cell);
        if !lines.is_empty() {
            let winner = if self.rules().is_misere() { mover.other() } else { mover };
            Some(Outcome::Win { winner, lines })
        } else if self.ply == self.rules().cells() {
            Some(Outcome::Draw)
        } else {
            None
        }
    }
}

/// The reason why a move was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum IllegalMove {
    /// The game is over, whatever the cell.
    #[error("the game is over")]
    Finished,
    /// The cell is not on the board.
    #[error("the cell is not on the board")]
    Outside,
    /// The cell has a mark.
    #[error("the cell is taken")]
    Occupied,
}
