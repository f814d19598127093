//! A second implementation of the rules, as plain as possible: it looks at the whole board, from every cell in every
//! direction. It shares no code with the crate but the names of its types.

use std::collections::BTreeSet;

use game_core::{Cell, Mark, Outcome, Position};

/// Checks everything that a position reports against its marks.
#[track_caller]
pub(crate) fn check(position: &Position) {
    let rules = position.rules();
    let board = position.board();

    let marks: Vec<(Cell, Mark)> =
        Cell::all().filter_map(|cell| board.mark_at(cell).map(|mark| (cell, mark))).collect();
    let crosses = marks.iter().filter(|(_, mark)| *mark == Mark::X).count();
    let noughts = marks.len() - crosses;
    assert!(marks.iter().all(|(cell, _)| rules.contains(*cell)), "a mark beyond the board: {position:?}");
    assert!(crosses == noughts || crosses == noughts + 1, "out of turn: {position:?}");
    assert_eq!((board.count(Mark::X), board.count(Mark::O)), (crosses, noughts), "{position:?}");
    assert_eq!(usize::from(position.ply()), marks.len(), "{position:?}");

    let lines = lines(position);
    let owners: BTreeSet<Mark> = lines.iter().map(|line| line.owner).collect();
    assert!(owners.len() <= 1, "both sides have a line: {position:?}");
    let winner = owners.first().map(|owner| if rules.is_misere() { opponent(*owner) } else { *owner });
    let is_full = marks.len() == usize::from(rules.cells());

    match position.outcome() {
        Some(Outcome::Win { winner: claimed, lines: claimed_lines }) => {
            assert_eq!(Some(claimed), winner, "{position:?}");
            let ends: BTreeSet<_> = claimed_lines.iter().map(|line| (line.from(), line.to())).collect();
            assert_eq!(ends, lines.iter().map(|line| line.ends).collect(), "{position:?}");
            assert_eq!(claimed_lines.len(), lines.len(), "{position:?}");
            for cell in Cell::all() {
                let expected = lines.iter().any(|line| line.cells.contains(&cell));
                assert_eq!(claimed_lines.contains(cell), expected, "{cell} in {position:?}");
            }
        }
        Some(Outcome::Draw) => assert!(winner.is_none() && is_full, "{position:?}"),
        None => assert!(winner.is_none() && !is_full, "{position:?}"),
    }

    let is_over = winner.is_some() || is_full;
    let mover = if crosses == noughts { Mark::X } else { Mark::O };
    assert_eq!(position.to_move(), (!is_over).then_some(mover), "{position:?}");
    let free = |cell: &Cell| rules.contains(*cell) && board.mark_at(*cell).is_none();
    let legal_moves: Vec<Cell> = Cell::all().filter(free).filter(|_| !is_over).collect();
    assert_eq!(position.legal_moves().collect::<Vec<_>>(), legal_moves, "{position:?}");
}

/// A maximal run of one side's marks that is at least as long as the rules ask.
struct Run {
    owner: Mark,
    ends: (Cell, Cell),
    cells: Vec<Cell>,
}

/// Every line on the board, found from its first cell.
fn lines(position: &Position) -> Vec<Run> {
    let mark_at = |column: i32, row: i32| {
        let cell = Cell::new(u8::try_from(column).ok()?, u8::try_from(row).ok()?)?;
        position.board().mark_at(cell).map(|mark| (cell, mark))
    };
    let mut lines = Vec::new();
    for cell in Cell::all() {
        let Some(owner) = position.board().mark_at(cell) else { continue };
        let (column, row) = (i32::from(cell.column()), i32::from(cell.row()));
        for (right, up) in [(1, 0), (0, 1), (1, 1), (1, -1)] {
            let owned = |step: i32| {
                mark_at(column + step * right, row + step * up).filter(|(_, mark)| *mark == owner)
            };
            if owned(-1).is_some() {
                continue;
            }
            let cells: Vec<Cell> = (0..).map_while(owned).map(|(cell, _)| cell).collect();
            if cells.len() >= usize::from(position.rules().in_row()) {
                lines.push(Run { owner, ends: (cells[0], cells[cells.len() - 1]), cells });
            }
        }
    }
    lines
}

pub(crate) const fn opponent(mark: Mark) -> Mark {
    match mark {
        Mark::X => Mark::O,
        Mark::O => Mark::X,
    }
}
