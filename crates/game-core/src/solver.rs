//! An exhaustive search of the classic board.

use arrayvec::ArrayVec;

use crate::{Bitboard, Cell, Mark, Position, Rules};

/// The value of a position for the side to move, if neither side errs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Value {
    /// Every move leads to a position that the opponent wins.
    Loss,
    /// No move wins, but one holds the draw.
    Draw,
    /// Some move leads to a position that the opponent loses.
    Win,
}

/// Returns the value of a position, misère or not, or `None` if its board has more than 9 cells.
///
/// For a finished game, it is the value for the side whose turn it would be.
pub fn solve(position: &Position) -> Option<Value> {
    Some(Value::of(Solver::new(position.rules())?.score(position)))
}

/// Returns the value of each legal move for the side that makes it, in the order of the cells, or `None` if the board has more
/// than 9 cells. One search serves them all.
pub fn move_values(position: &Position) -> Option<impl Iterator<Item = (Cell, Value)> + use<>> {
    let mut solver = Solver::new(position.rules())?;
    let value = |cell| (cell, Value::of(solver.score_of_move(position, cell)));
    let values: ArrayVec<_, { MAX_SOLVED_CELLS as usize }> = position.legal_moves().map(value).collect();
    Some(values.into_iter())
}

impl Value {
    /// The value of a [score](Solver::score).
    const fn of(score: i8) -> Self {
        match score {
            ..0 => Self::Loss,
            0 => Self::Draw,
            1.. => Self::Win,
        }
    }
}

/// Returns the best moves in a position, or `None` if its board has more than 9 cells. There are none when
/// the game is finished.
///
/// The best moves keep the [value](solve) of the position: of moves that win, those that win soonest, and of moves that
/// lose, those that lose latest.
pub fn best_moves(position: &Position) -> Option<Bitboard> {
    let mut solver = Solver::new(position.rules())?;
    let best = solver.score(position);
    Some(position.legal_moves().filter(|&cell| solver.score_of_move(position, cell) == best).collect())
}

/// A search through everything that can follow a position, which visits no position twice.
struct Solver {
    /// The score of each visited position, at its [`key`].
    scores: [Option<i8>; KEYS],
}

impl Solver {
    /// Makes a solver, or `None` if the board has too many cells.
    #[expect(clippy::large_stack_arrays, reason = "39 kB once, and no heap here to put them on")]
    fn new(rules: Rules) -> Option<Self> {
        (rules.cells() <= MAX_SOLVED_CELLS).then_some(Self { scores: [None; KEYS] })
    }

    /// Returns the score of a position for the side to move: positive if it wins, negative if it loses, and the farther
    /// from 0 the sooner.
    fn score(&mut self, position: &Position) -> i8 {
        if let Some(outcome) = position.outcome() {
            return match outcome.winner() {
                Some(winner) if winner == Mark::at_ply(position.ply()) => WON,
                Some(_) => -WON,
                None => 0,
            };
        }
        let key = key(position);
        if let Some(score) = self.scores[key] {
            return score;
        }
        let scores = position.legal_moves().map(|cell| self.score_of_move(position, cell));
        let best = scores.max().expect("an unfinished game has a move");
        self.scores[key] = Some(best);
        best
    }

    /// Returns the score of a legal move for the side that makes it: the opponent's score after it, with the sign
    /// changed and one ply farther off.
    fn score_of_move(&mut self, position: &Position, cell: Cell) -> i8 {
        let score = self.score(&position.after(cell));
        score.signum() - score
    }
}

/// Returns a number less than [`KEYS`] that no other position with the same rules has: its cells in order, as digits to
/// the base 3.
fn key(position: &Position) -> usize {
    position.rules().all_cells().fold(0, |key, cell| {
        let digit = match position.board().mark_at(cell) {
            None => 0,
            Some(Mark::X) => 1,
            Some(Mark::O) => 2,
        };
        key * 3 + digit
    })
}

/// The largest board that the solver takes: 9 cells, which is 3x3. A board of 12 cells would already need 27 times the
/// memory.
pub(crate) const MAX_SOLVED_CELLS: u16 = 9;

/// The number of ways to fill the largest solved board with free cells, X and O: 19,683, of which 5,478 come up in
/// play.
const KEYS: usize = 3_usize.pow(MAX_SOLVED_CELLS as u32);

/// The score of a game already won. One more than the longest game has moves, so that no win is worth 0.
const WON: i8 = 10;
