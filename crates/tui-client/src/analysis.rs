//! The worth of each move of a finished match, as far as it is certain.
//!
//! On boards of nine cells everything is: the solver searches them to their end. On larger ones it is certain only where a win
//! is one move away; everything else is left open, never guessed.

use game_core::{Bitboard, Cell, Mark, Position, Record, Value, best_moves, move_values};

/// The worth of a position with the best play of both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// This side wins.
    Wins(Mark),
    /// Neither side wins.
    Draw,
}

/// A remark about a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// It has given away a win or a draw.
    Mistake,
    /// Every other move would have.
    Only,
    /// It has won.
    Winning,
}

/// A position of a match, and the moves that are best there.
#[derive(Debug, Clone, Copy)]
pub struct Assessed {
    /// Its worth; `None` where that is not certain.
    pub worth: Option<Worth>,
    /// The moves that keep it; none where it is not certain, or the match is over.
    pub keeping: Bitboard,
    /// Of these, the ones that win soonest, or lose latest.
    pub best: Bitboard,
    /// The number of legal moves.
    pub choices: usize,
}

/// The worth of all positions and moves of a match.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// True if the worth of every position is certain.
    pub is_exact: bool,
    /// The positions, from the empty board to the last move.
    pub positions: Vec<Assessed>,
    /// The remark about each move.
    pub remarks: Vec<Option<Remark>>,
}

impl Analysis {
    /// Assesses a match.
    ///
    /// It takes less than a frame: of the matches tried, the slowest of 3x3 took 10 ms of the processor in a release build and
    /// the slowest of 19x19, one of 357 moves, 12 ms. Boards between are cheaper: nothing is searched on them, and they are
    /// smaller. A debug build took half a second at most.
    pub fn of(record: &Record) -> Self {
        let mut position = Position::new(record.rules());
        let mut positions = vec![Assessed::of(&position)];
        let mut remarks = Vec::with_capacity(record.moves().len());
        for cell in record.moves() {
            let Some(mover) = position.to_move() else { break };
            if position.play(*cell).is_err() {
                break;
            }
            let after = Assessed::of(&position);
            let before = positions.last().copied().unwrap_or(after);
            let has_won = position.outcome().is_some_and(|end| end.winner() == Some(mover));
            remarks.push(if has_won { Some(Remark::Winning) } else { remark(mover, *cell, &before, &after) });
            positions.push(after);
        }
        let is_exact = positions.iter().all(|position| position.worth.is_some());
        Self { is_exact, positions, remarks }
    }

    /// The move that lost the match for good, counted from 0: the last mistake of the side that a best play from then on loses.
    pub fn turning_point(&self) -> Option<usize> {
        let Some(Worth::Wins(_)) = self.positions.last()?.worth else { return None };
        let end = self.positions.last()?.worth;
        let ply = self.positions.iter().rposition(|position| position.worth != end)?;
        (self.remarks.get(ply) == Some(&Some(Remark::Mistake))).then_some(ply)
    }

    /// The next mistake after so many moves, counted in moves; after the last one the first.
    pub fn next_mistake(&self, plies: usize) -> Option<usize> {
        let mistakes = || {
            let marked = self.remarks.iter().zip(1..);
            marked.filter(|(remark, _)| **remark == Some(Remark::Mistake)).map(|(_, ply)| ply)
        };
        mistakes().find(|ply| *ply > plies).or_else(|| mistakes().next())
    }
}

impl Assessed {
    fn of(position: &Position) -> Self {
        let choices = position.legal_moves().count();
        let none = Self { worth: None, keeping: Bitboard::default(), best: Bitboard::default(), choices };
        if let Some(outcome) = position.outcome() {
            return Self { worth: Some(outcome.winner().map_or(Worth::Draw, Worth::Wins)), ..none };
        }
        let values: Vec<(Cell, Value)> = move_values(position).into_iter().flatten().collect();
        let value = values.iter().map(|(_, value)| *value).max();
        let (Some(side), Some(value)) = (position.to_move(), value) else {
            return Self { choices, ..in_reach(position) };
        };
        let worth = match value {
            Value::Win => Worth::Wins(side),
            Value::Draw => Worth::Draw,
            Value::Loss => Worth::Wins(side.other()),
        };
        let kept = values.into_iter().filter(|(_, of_move)| *of_move == value);
        let keeping = kept.map(|(cell, _)| cell).collect();
        Self { worth: Some(worth), keeping, best: best_moves(position).unwrap_or_default(), choices }
    }
}

/// The remark about a move that has not won.
fn remark(mover: Mark, cell: Cell, before: &Assessed, after: &Assessed) -> Option<Remark> {
    let rank = |worth: Worth| match worth {
        Worth::Wins(winner) if winner == mover => 2,
        Worth::Draw => 1,
        Worth::Wins(_) => 0,
    };
    match (before.worth?, after.worth) {
        (before, Some(after)) if rank(after) < rank(before) => return Some(Remark::Mistake),
        (_, Some(_)) => {}
        // It did not take a win that was there, whatever may come of it.
        (Worth::Wins(winner), None) if winner == mover => return Some(Remark::Mistake),
        (_, None) => return None,
    }
    let is_only = before.choices > 1 && before.keeping.len() == 1 && before.keeping.contains(cell);
    // Where all is lost, no move keeps anything.
    (is_only && before.worth != Some(Worth::Wins(mover.other()))).then_some(Remark::Only)
}

/// A position of a large board in which a win is one move away: for the side to move, or for the other one in two places, of
/// which one move blocks one. Of the other positions nothing is certain.
fn in_reach(position: &Position) -> Assessed {
    let open = Assessed { worth: None, keeping: Bitboard::default(), best: Bitboard::default(), choices: 0 };
    let (board, rules) = (position.board(), position.rules());
    let Some(side) = position.to_move().filter(|_| !rules.is_misere()) else { return open };
    let wins =
        |mark| -> Bitboard { board.free_cells().filter(|cell| board.completes(mark, *cell)).collect() };
    let own = wins(side);
    if !own.is_empty() {
        return Assessed { worth: Some(Worth::Wins(side)), keeping: own, best: own, ..open };
    }
    let others = wins(side.other());
    match others.len() {
        0 => open,
        // The one move that does not lose at once; what comes of it is not certain.
        1 => Assessed { best: others, ..open },
        _ => Assessed { worth: Some(Worth::Wins(side.other())), ..open },
    }
}

#[cfg(test)]
mod tests {
    use game_core::{Rules, SplitMix64};

    use super::*;

    fn record(rules: &str, moves: &str) -> Record {
        let mut record = Record::new(rules.parse().unwrap());
        for cell in moves.split_whitespace() {
            record.play(cell.parse().unwrap()).unwrap();
        }
        record
    }

    fn signs(analysis: &Analysis) -> String {
        let sign = |remark: &Option<Remark>| match remark {
            Some(Remark::Mistake) => '?',
            Some(Remark::Only) => '!',
            Some(Remark::Winning) => '#',
            None => '.',
        };
        analysis.remarks.iter().map(sign).collect()
    }

    #[test]
    fn each_move_of_the_classic_board_has_its_exact_worth() {
        use Worth::{Draw, Wins};
        // X 7, O 8, X 6, O 4, X 3, O 9, X 5.
        let analysis = Analysis::of(&record("3x3", "a3 b3 c2 a2 c1 c3 b2"));
        let worths: Vec<Worth> = analysis.positions.iter().map(|position| position.worth.unwrap()).collect();
        let x = Wins(Mark::X);
        assert_eq!(worths, [Draw, Draw, x, Draw, x, x, x, x]);
        assert_eq!(signs(&analysis), ".???!.#");
        assert_eq!((analysis.is_exact, analysis.turning_point()), (true, Some(3)));
        let best: Vec<Cell> = analysis.positions[3].keeping.cells().collect();
        assert_eq!(best, ["b2".parse().unwrap()], "only the centre held the draw");
        assert_eq!([0, 1, 2, 3, 4, 7].map(|ply| analysis.next_mistake(ply)), [2, 2, 3, 4, 2, 2].map(Some));
    }

    #[test]
    fn on_a_large_board_only_what_is_one_move_away_is_told() {
        let analysis = Analysis::of(&record("5x5:4", "b3 a1 c3 e1 d3 a5"));
        let worths: Vec<Option<Worth>> = analysis.positions.iter().map(|position| position.worth).collect();
        assert_eq!(worths[..5], [None; 5]);
        assert_eq!(worths[5..], [Some(Worth::Wins(Mark::X)); 2], "three in a row with two open ends");
        assert!(!analysis.is_exact);
        let missed = Analysis::of(&record("5x5:4", "b3 a3 c3 e1 d3 a5 e5"));
        assert_eq!(signs(&missed), "......?", "X could win at e3");
    }

    #[test]
    fn a_win_is_seen_where_the_rules_see_it() {
        for seed in 0..40 {
            let mut random = SplitMix64::new(seed);
            for rules in ["3x3", "5x4:4", "7x7:5"] {
                let rules: Rules = rules.parse().unwrap();
                let mut position = Position::new(rules);
                while let Some(side) = position.to_move() {
                    for cell in position.legal_moves() {
                        let mut next = position;
                        next.play(cell).unwrap();
                        let wins = next.outcome().is_some_and(|end| end.winner() == Some(side));
                        assert_eq!(position.board().completes(side, cell), wins, "seed {seed}, {cell}");
                    }
                    let moves: Vec<Cell> = position.legal_moves().collect();
                    let choice = random.below(moves.len().try_into().unwrap());
                    position.play(moves[usize::try_from(choice).unwrap()]).unwrap();
                }
            }
        }
    }
}
