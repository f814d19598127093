//! The classic board: every position and every game.

use std::collections::{BTreeSet, HashSet};

use game_core::{Cell, IllegalMove, Mark, Position};

use crate::{after, brute_force, rules};

/// Every position that occurs in a game, once, in the order of its first occurrence.
pub(crate) fn every_position(misere: bool) -> Vec<Position> {
    let start = Position::new(rules("3x3").with_misere(misere));
    let mut found = vec![start];
    let mut seen = HashSet::from([start]);
    let mut next = 0;
    while next < found.len() {
        let position = found[next];
        let successors = position.legal_moves().map(|cell| after(&position, cell));
        found.extend(successors.filter(|successor| seen.insert(*successor)));
        next += 1;
    }
    found
}

/// Returns the figure for a name from `counts.txt`.
#[track_caller]
fn known(name: &str) -> usize {
    let figures = include_str!("counts.txt").lines().filter_map(|line| line.strip_prefix(name));
    let mut figures = figures.filter_map(|figure| figure.trim().parse().ok());
    figures.next().unwrap_or_else(|| panic!("`counts.txt` has no `{name}`"))
}

/// Counts the games won by X, won by O and drawn that continue a position.
fn games(position: &Position) -> [usize; 3] {
    if let Some(outcome) = position.outcome() {
        return match outcome.winner() {
            Some(Mark::X) => [1, 0, 0],
            Some(Mark::O) => [0, 1, 0],
            None => [0, 0, 1],
        };
    }
    position
        .legal_moves()
        .map(|cell| games(&after(position, cell)))
        .fold([0; 3], |[x, o, drawn], more| [x + more[0], o + more[1], drawn + more[2]])
}

/// Returns the marks after the board is turned or mirrored in the one of the eight ways that makes them come first.
fn up_to_symmetry(position: &Position) -> Vec<Option<Mark>> {
    let turn = |(column, row): (u8, u8)| (row, 2 - column);
    let mirror = |(column, row): (u8, u8)| (2 - column, row);
    let looks = (0..8).map(|way| {
        let seen_at = |cell: Cell| {
            let turned = (0..way % 4).fold((cell.column(), cell.row()), |place, _| turn(place));
            let (column, row) = if way < 4 { turned } else { mirror(turned) };
            position.board().mark_at(Cell::new(column, row).unwrap())
        };
        position.rules().all_cells().map(seen_at).collect()
    });
    looks.min().unwrap()
}

#[test]
fn every_position_says_what_its_marks_say() {
    every_position(false).iter().for_each(brute_force::check);
}

#[test]
fn every_misere_position_says_what_its_marks_say() {
    every_position(true).iter().for_each(brute_force::check);
}

#[test]
fn positions_are_as_many_as_known() {
    let positions = every_position(false);
    let finished: Vec<&Position> = positions.iter().filter(|position| position.outcome().is_some()).collect();
    assert_eq!(positions.len(), known("positions "));
    assert_eq!(finished.len(), known("positions finished"));

    let distinct: BTreeSet<_> = positions.iter().map(up_to_symmetry).collect();
    let distinct_finished: BTreeSet<_> = finished.into_iter().map(up_to_symmetry).collect();
    assert_eq!(distinct.len(), known("positions up to symmetry"));
    assert_eq!(distinct_finished.len(), known("finished up to symmetry"));
}

#[test]
fn games_are_as_many_as_known() {
    let [x, o, drawn] = games(&Position::new(rules("3x3")));
    assert_eq!(x, known("games won by X"));
    assert_eq!(o, known("games won by O"));
    assert_eq!(drawn, known("games drawn"));
    assert_eq!(x + o + drawn, known("games "));
}

#[test]
fn misere_games_have_the_other_winner() {
    let [x, o, drawn] = games(&Position::new(rules("3x3").with_misere(true)));
    assert_eq!(x, known("games won by O"));
    assert_eq!(o, known("games won by X"));
    assert_eq!(drawn, known("games drawn"));
}

/// Every cell of the largest board is tried in every position.
#[test]
fn illegal_moves_are_refused_and_change_nothing() {
    for position in every_position(false) {
        for cell in Cell::all() {
            let expected = if position.outcome().is_some() {
                Err(IllegalMove::Finished)
            } else if cell.column() > 2 || cell.row() > 2 {
                Err(IllegalMove::Outside)
            } else if position.board().mark_at(cell).is_some() {
                Err(IllegalMove::Occupied)
            } else {
                Ok(())
            };
            let mut next = position;
            assert_eq!(next.play(cell), expected, "{cell} in {position:?}");
            if expected.is_ok() {
                assert_eq!(next.board().mark_at(cell), position.to_move(), "{cell} in {position:?}");
            } else {
                assert_eq!(next, position, "{cell} in {position:?}");
            }
        }
    }
}

#[test]
fn illegal_moves_say_why() {
    let said = |illegal: IllegalMove| illegal.to_string();
    assert_eq!(said(IllegalMove::Finished), "the game is over");
    assert_eq!(said(IllegalMove::Outside), "the cell is not on the board");
    assert_eq!(said(IllegalMove::Occupied), "the cell is taken");
}
