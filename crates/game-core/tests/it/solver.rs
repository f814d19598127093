//! The solver, checked against a second one, which works backwards, in every position of the classic board.

use std::collections::{HashMap, HashSet};

use game_core::{Cell, Mark, Position, Rules, Value, best_moves, move_values, solve};

use crate::{after, brute_force::opponent, cells, classic::every_position, position_after, rules};

/// The value of a position for X, as 1, 0 or -1, and if that is not 0, the number of moves still to be made when the
/// winner hurries and the loser delays.
type Verdict = (i8, u16);

/// The values of all positions, from the last to the first.
fn verdicts(positions: &[Position]) -> HashMap<Position, Verdict> {
    let mut verdicts = HashMap::new();
    for position in positions.iter().rev() {
        let verdict = match (position.outcome(), position.to_move()) {
            (Some(outcome), _) => {
                let sign = match outcome.winner() {
                    Some(Mark::X) => 1,
                    Some(Mark::O) => -1,
                    None => 0,
                };
                (sign, 0)
            }
            (None, Some(mover)) => {
                let wanted = if mover == Mark::X { 1 } else { -1 };
                let next = position.legal_moves().map(|cell| verdicts[&after(position, cell)]);
                let best = next.max_by_key(|(sign, moves)| {
                    let hurry = if *sign == wanted { -i32::from(*moves) } else { i32::from(*moves) };
                    (sign * wanted, if *sign == 0 { 0 } else { hurry })
                });
                let (sign, moves) = best.unwrap();
                (sign, if sign == 0 { 0 } else { moves + 1 })
            }
            (None, None) => panic!("neither finished nor anyone's turn: {position:?}"),
        };
        verdicts.insert(*position, verdict);
    }
    verdicts
}

/// Checks the value and the best moves of every position.
#[track_caller]
fn check(misere: bool) {
    let positions = every_position(misere);
    let verdicts = verdicts(&positions);
    for position in &positions {
        let mover = Mark::at_ply(position.ply());
        let (sign, moves) = verdicts[position];
        let value = match (sign, mover) {
            (0, _) => Value::Draw,
            (1, Mark::X) | (-1, Mark::O) => Value::Win,
            _ => Value::Loss,
        };
        assert_eq!(solve(position), Some(value), "{position:?}");
        for (cell, value) in move_values(position).unwrap() {
            let (sign, _) = verdicts[&after(position, cell)];
            let expected = [Value::Loss, Value::Draw, Value::Win];
            let for_mover = if mover == Mark::X { sign } else { -sign };
            assert_eq!(value, expected[usize::try_from(for_mover + 1).unwrap()], "{cell} in {position:?}");
        }

        let is_best = |cell: &Cell| {
            let (next_sign, next_moves) = verdicts[&after(position, *cell)];
            next_sign == sign && (sign == 0 || next_moves + 1 == moves)
        };
        let best: Vec<Cell> = position.legal_moves().filter(is_best).collect();
        let found: Vec<Cell> = best_moves(position).unwrap().cells().collect();
        assert_eq!(found, best, "{position:?}");
    }
}

/// Follows every game in which one side makes any of its best moves and the other any legal move, and
/// checks that the former is never beaten.
#[track_caller]
fn check_never_beaten(misere: bool, perfect: Mark) {
    let mut open = vec![Position::new(Rules::default().with_misere(misere))];
    let mut followed = HashSet::new();
    let mut finished = 0;
    while let Some(position) = open.pop() {
        if !followed.insert(position) {
            continue;
        }
        match position.to_move() {
            Some(mover) if mover == perfect => {
                let best = best_moves(&position).unwrap();
                assert!(!best.is_empty(), "{position:?}");
                open.extend(best.cells().map(|cell| after(&position, cell)));
            }
            Some(_) => open.extend(position.legal_moves().map(|cell| after(&position, cell))),
            None => {
                finished += 1;
                let winner = position.outcome().and_then(|outcome| outcome.winner());
                assert_ne!(winner, Some(opponent(perfect)), "{position:?}");
            }
        }
    }
    assert!(finished > 0);
}

#[test]
fn the_classic_game_is_a_draw() {
    assert_eq!(solve(&Position::new(rules("3x3"))), Some(Value::Draw));
}

#[test]
fn the_misere_game_is_a_draw() {
    assert_eq!(solve(&Position::new(rules("3x3").with_misere(true))), Some(Value::Draw));
}

#[test]
fn every_classic_position_has_its_value_and_its_best_moves() {
    check(false);
}

#[test]
fn every_misere_position_has_its_value_and_its_best_moves() {
    check(true);
}

#[test]
fn the_perfect_player_is_never_beaten() {
    check_never_beaten(false, Mark::X);
    check_never_beaten(false, Mark::O);
}

#[test]
fn the_perfect_misere_player_is_never_beaten() {
    check_never_beaten(true, Mark::X);
    check_never_beaten(true, Mark::O);
}

/// In the misère game X holds the draw from the centre alone, and then answers each move opposite to it.
#[test]
fn the_best_first_moves_are_the_known_ones() {
    let best = |rules: Rules| best_moves(&Position::new(rules)).unwrap();
    assert_eq!(best(rules("3x3")).len(), 9);
    assert!(best(rules("3x3").with_misere(true)).cells().eq(cells("b2")));
}

#[test]
fn the_soonest_win_is_preferred() {
    let position = position_after(rules("3x3"), "a1 a2 b1 b2");
    assert!(best_moves(&position).unwrap().cells().eq(cells("c1")));
}

#[test]
fn values_are_ordered_from_worst_to_best() {
    assert!(Value::Loss < Value::Draw && Value::Draw < Value::Win);
}

#[test]
fn boards_of_more_than_nine_cells_are_not_solved() {
    for notation in ["4x3", "3x4", "19x19"] {
        let position = Position::new(rules(notation));
        assert_eq!(solve(&position), None, "{notation}");
        assert_eq!(best_moves(&position), None, "{notation}");
    }
}
