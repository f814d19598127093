//! Lines, on boards of every shape.

use game_core::{Mark, Outcome, Rules};

use crate::{brute_force, cells, position_after, rules};

/// Plays some moves and checks the winner and the winning lines, each as its cells from end to end. Without lines,
/// checks that the game goes on.
#[track_caller]
fn check(rules: Rules, moves: &str, expected: Option<(Mark, &[&str])>) {
    let position = position_after(rules, moves);
    brute_force::check(&position);
    let Some((winner, lines)) = expected else {
        assert_eq!(position.outcome(), None);
        return;
    };
    let Some(Outcome::Win { winner: found, lines: found_lines }) = position.outcome() else {
        panic!("nobody has won: {position:?}");
    };
    assert_eq!(found, winner);
    let mut found_lines: Vec<_> = found_lines.iter().collect();
    found_lines.sort();
    let found_cells: Vec<Vec<_>> = found_lines.iter().map(|line| line.cells().collect()).collect();
    assert_eq!(found_cells, lines.iter().map(|line| cells(line)).collect::<Vec<_>>());
    for (line, cells) in found_lines.iter().zip(found_cells) {
        assert_eq!((line.from(), line.to()), (cells[0], cells[cells.len() - 1]));
        assert_eq!(usize::from(line.length()), cells.len());
    }
}

#[test]
fn a_row_wins() {
    check(rules("3x3"), "a2 a1 c2 c1 b2", Some((Mark::X, &["a2 b2 c2"])));
}

#[test]
fn a_column_wins() {
    check(rules("3x3"), "a1 b3 a2 b1 c3 b2", Some((Mark::O, &["b1 b2 b3"])));
}

#[test]
fn a_rising_diagonal_wins() {
    check(rules("3x3"), "a1 a2 b2 a3 c3", Some((Mark::X, &["a1 b2 c3"])));
}

#[test]
fn a_falling_diagonal_wins() {
    check(rules("3x3"), "c1 a2 b2 a1 a3", Some((Mark::X, &["a3 b2 c1"])));
}

#[test]
fn one_move_can_make_two_lines() {
    let lines = ["a1 b2 c3", "a3 b2 c1"];
    check(rules("3x3"), "a1 a2 c3 b1 a3 c2 c1 b3 b2", Some((Mark::X, &lines)));
}

/// ```text
/// 5 │ X  ·  X  ·  X
/// 4 │ ·  X  X  X  ·
/// 3 │ X  X [X] X  X
/// 2 │ ·  X  X  X  ·
/// 1 │ X  ·  X  ·  X
///     a  b  c  d  e
/// ```
///
/// O plays far away and never two in a row.
#[test]
fn one_move_can_make_four_lines() {
    let x = "a1 b2 d4 e5 a5 b4 d2 e1 a3 b3 d3 e3 c1 c2 c4 c5";
    let o = "g1 i1 k1 m1 o1 q1 s1 g3 i3 k3 m3 o3 q3 s3 g5 i5";
    let mut moves: Vec<&str> = x.split(' ').zip(o.split(' ')).flat_map(|(x, o)| [x, o]).collect();
    moves.push("c3");
    let lines = ["a1 b2 c3 d4 e5", "a3 b3 c3 d3 e3", "a5 b4 c3 d2 e1", "c1 c2 c3 c4 c5"];
    check(rules("19x19:5"), &moves.join(" "), Some((Mark::X, &lines)));
}

#[test]
fn an_overline_wins_and_is_one_line() {
    let moves = "a1 a3 b1 b3 c1 c3 e1 e3 f1 f3 g1 g3 d1";
    check(rules("7x7:4"), moves, Some((Mark::X, &["a1 b1 c1 d1 e1 f1 g1"])));
}

#[test]
fn a_run_one_short_does_not_win() {
    check(rules("5x5:4"), "a1 a5 b2 b5 c3 c5", None);
}

#[test]
fn a_gap_breaks_a_line() {
    check(rules("5x5:4"), "a1 a5 b1 b5 d1 d5 e1", None);
}

#[test]
fn the_opponent_breaks_a_line() {
    check(rules("5x5:4"), "a1 c1 b1 b5 d1 d5 e1", None);
}

/// In no order of the cells does the end of one row lead to the start of the next.
#[test]
fn a_line_does_not_go_round_the_edge() {
    check(rules("19x19:3"), "s1 j5 a2 j9 b2", None);
    check(rules("19x19:3"), "a19 j5 b1 j9 b2", None);
    check(rules("4x4:3"), "d1 b4 a2 d4 b2", None);
    check(rules("4x4:3"), "a4 d2 b1 d4 b2", None);
}

#[test]
fn lines_reach_into_the_corners_of_the_largest_board() {
    let o = "j1 l1 n1 j3";
    for x in ["a1 b2 c3 d4 e5", "o15 p16 q17 r18 s19", "a19 b18 c17 d16 e15", "o5 p4 q3 r2 s1"] {
        let mut moves: Vec<&str> = x.split(' ').zip(o.split(' ')).flat_map(|(x, o)| [x, o]).collect();
        moves.extend(x.split(' ').next_back());
        check(rules("19x19:5"), &moves.join(" "), Some((Mark::X, &[x])));
    }
}

#[test]
fn a_board_of_unequal_sides_has_lines_along_the_longer_only() {
    check(rules("5x3:5"), "a1 a3 b1 b3 c1 c3 d1 d3 e1", Some((Mark::X, &["a1 b1 c1 d1 e1"])));
    check(rules("3x5:5"), "a1 c1 a2 c2 a3 c3 a4 c4 a5", Some((Mark::X, &["a1 a2 a3 a4 a5"])));
    check(rules("5x3:4"), "a1 b1 a2 b2 a3", None);
}

#[test]
fn in_the_misere_game_the_maker_of_a_line_loses() {
    let misere = rules("3x3").with_misere(true);
    check(misere, "a2 a1 c2 c1 b2", Some((Mark::O, &["a2 b2 c2"])));
    check(misere, "a1 b3 a2 b1 c3 b2", Some((Mark::X, &["b1 b2 b3"])));
}

#[test]
fn a_full_board_without_a_line_is_a_draw() {
    let moves = "b2 a1 a2 c2 b1 b3 c1 a3 c3";
    for misere in [false, true] {
        let position = position_after(rules("3x3").with_misere(misere), moves);
        brute_force::check(&position);
        assert_eq!(position.outcome(), Some(Outcome::Draw));
        assert_eq!(position.outcome().and_then(|outcome| outcome.winner()), None);
    }
}

#[test]
fn the_last_move_can_fill_the_board_and_win() {
    check(rules("3x3"), "a1 a2 c3 b1 a3 c2 c1 b3 b2", Some((Mark::X, &["a1 b2 c3", "a3 b2 c1"])));
}

#[test]
fn a_free_cell_has_no_lines() {
    let position = position_after(rules("3x3"), "a1");
    for name in ["b2", "s19"] {
        assert!(position.board().lines_through(cells(name)[0]).is_empty(), "{name}");
    }
}
