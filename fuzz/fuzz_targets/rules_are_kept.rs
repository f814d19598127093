//! In any order of moves, and after the end, only legal moves are accepted, and every position is one that legal moves lead
//! to. Every displayed value parses to itself.

#![no_main]

use std::fmt::{Debug, Display};
use std::str::{self, FromStr};

use game_core::{Cell, Mark, Outcome, Position, Rules};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Ok(text) = str::from_utf8(input) {
        text.parse().map(assert_notation_round_trips::<Rules>).ok();
        text.parse().map(assert_notation_round_trips::<Cell>).ok();
    }
    // The same bytes again, as rules and then two to a move.
    let [columns, rows, in_row, misere, moves @ ..] = input else { return };
    let Ok(rules) = Rules::new(side(*columns), side(*rows), in_row % 8) else { return };
    assert_notation_round_trips(rules);
    let mut position = Position::new(rules.with_misere(misere % 2 == 1));
    assert_consistent(&position);
    for [column, row] in moves.as_chunks().0 {
        // One column and one row more than the board has.
        let (column, row) = (column % (rules.columns() + 1), row % (rules.rows() + 1));
        let Some(cell) = Cell::new(column, row) else { continue };
        assert_notation_round_trips(cell);
        position = assert_kept(&position, cell);
    }
});

/// A side of a board: within the bounds or just beyond them, and mostly small enough for a short game to fill the board.
fn side(byte: u8) -> u8 {
    const SIDES: [u8; 8] = [2, 3, 3, 4, 5, 15, 19, 20];
    SIDES[usize::from(byte) % SIDES.len()]
}

/// Checks that the displayed `value` parses to itself.
fn assert_notation_round_trips<T: Debug + Display + FromStr<Err: Debug> + PartialEq>(value: T) {
    let text = value.to_string();
    assert_eq!(text.parse::<T>().expect("what is displayed parses"), value, "{text:?}");
}

/// Plays `cell`, which may be illegal, and returns the position after it.
fn assert_kept(before: &Position, cell: Cell) -> Position {
    let mut after = *before;
    let is_legal = before.legal_moves().any(|legal| legal == cell);
    let answer = after.play(cell);
    assert_eq!(answer.is_ok(), is_legal, "{cell}: {answer:?}");
    if is_legal {
        assert_eq!(after.ply(), before.ply() + 1);
        assert_eq!(after.board().mark_at(cell), before.to_move());
        assert_consistent(&after);
    } else {
        assert_eq!(after, *before, "{cell} was refused, and changed the position");
    }
    after
}

/// Holds for any position that legal moves lead to.
fn assert_consistent(position: &Position) {
    let [x, o] = [Mark::X, Mark::O].map(|mark| position.board().count(mark));
    assert!(x == o || x == o + 1, "{x} X and {o} O");
    assert_eq!(x + o, usize::from(position.ply()));

    let free = usize::from(position.rules().cells() - position.ply());
    let legal = position.legal_moves().count();
    match position.outcome() {
        None => assert_eq!((position.to_move().is_some(), legal), (free > 0, free)),
        Some(outcome) => {
            assert_eq!((position.to_move(), legal), (None, 0));
            assert!(outcome != Outcome::Draw || free == 0, "a draw with {free} cells free");
        }
    }
}
