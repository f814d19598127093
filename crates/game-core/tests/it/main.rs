//! The rules, checked against an independent implementation and, on the classic board, against every position.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests stand outside of what they test"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod brute_force;

mod bot;
mod classic;
mod lines;
mod names;
mod perft;
mod random_games;
mod record;
mod solver;
mod wire;

use game_core::{Cell, Position, Rules};

/// Parses rules.
#[track_caller]
fn rules(notation: &str) -> Rules {
    notation.parse().unwrap_or_else(|error| panic!("{notation}: {error}"))
}

/// Parses a list of names of cells.
#[track_caller]
fn cells(names: &str) -> Vec<Cell> {
    names.split_whitespace().map(|name| name.parse().unwrap()).collect()
}

/// Returns the position after some moves.
#[track_caller]
fn position_after(rules: Rules, moves: &str) -> Position {
    let mut position = Position::new(rules);
    for cell in cells(moves) {
        position.play(cell).unwrap_or_else(|error| panic!("{cell} in {moves}: {error}"));
    }
    position
}

/// Returns the position after one more move.
#[track_caller]
fn after(position: &Position, cell: Cell) -> Position {
    let mut next = *position;
    next.play(cell).unwrap_or_else(|error| panic!("{cell} in {position:?}: {error}"));
    next
}

/// A game that fills the largest board: column after column, so that the marks alternate like the colours of
/// a chessboard, but for the centre, which would complete two diagonals.
///
/// ```text
/// 11 │ X  O  X
/// 10 │ O [O] O
///  9 │ X [X] X
///      i  j  k
/// ```
fn longest_game() -> (Rules, Vec<Cell>) {
    let rules = rules("19x19:19");
    let mut moves: Vec<Cell> = rules.all_cells().collect();
    moves.swap(179, 180);
    (rules, moves)
}
