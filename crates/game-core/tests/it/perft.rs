//! The number of ways to play, checked against the figures in `perft.txt`.

use game_core::{Position, perft};

use crate::{position_after, rules};

#[track_caller]
fn check(misere: bool) {
    for line in include_str!("perft.txt").lines().filter(|line| !line.starts_with('#')) {
        let (notation, figures) = line.split_once(' ').unwrap();
        let start = Position::new(rules(notation).with_misere(misere));
        for (depth, paths) in (0..).zip(figures.split_whitespace()) {
            let paths: u64 = paths.parse().unwrap();
            assert_eq!(perft(&start, depth), paths, "{notation}, {depth} moves, misère: {misere}");
        }
    }
}

#[test]
fn counts_are_the_known_ones() {
    check(false);
}

/// A line ends the game, whoever wins by it.
#[test]
fn misere_counts_are_the_same() {
    check(true);
}

#[test]
fn no_path_is_longer_than_the_board() {
    let one_cell_left = position_after(rules("3x3"), "b2 a1 a2 c2 b1 b3 c1 a3");
    assert_eq!(perft(&one_cell_left, 1), 1);
    assert_eq!(perft(&one_cell_left, 2), 0);
}

#[test]
fn a_finished_game_has_only_the_empty_path() {
    let finished = position_after(rules("3x3"), "a1 a2 b1 b2 c1");
    assert_eq!(perft(&finished, 0), 1);
    assert_eq!(perft(&finished, 1), 0);
}
