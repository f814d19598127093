//! The record of a game.

use game_core::{IllegalMove, MAX_CELLS, Outcome, Position, Record};

use crate::{cells, longest_game, position_after, rules};

#[test]
fn a_new_record_has_no_moves() {
    let record = Record::new(rules("5x5:4"));
    assert_eq!(record.rules(), rules("5x5:4"));
    assert_eq!(record.moves(), []);
    assert_eq!(record.last(), None);
    assert_eq!(record.position(), &Position::new(rules("5x5:4")));
}

#[test]
fn moves_are_kept_in_order() {
    let mut record = Record::new(rules("3x3"));
    let moves = "c3 a1 b2 a2 a3";
    for (index, cell) in cells(moves).into_iter().enumerate() {
        record.play(cell).unwrap();
        assert_eq!(record.moves(), &cells(moves)[..=index]);
        assert_eq!(record.last(), Some(cell));
    }
    assert_eq!(record.position(), &position_after(rules("3x3"), moves));
}

#[test]
fn an_illegal_move_is_not_kept() {
    let mut record = Record::new(rules("3x3"));
    record.play(cells("b2")[0]).unwrap();
    let before = record.clone();
    for (name, illegal) in [("b2", IllegalMove::Occupied), ("d4", IllegalMove::Outside)] {
        assert_eq!(record.play(cells(name)[0]), Err(illegal), "{name}");
        assert_eq!(record, before, "{name}");
    }
}

#[test]
fn a_truncated_record_is_that_of_the_moves_before() {
    let moves = "a3 a1 b2 a2 c1";
    let played = |count| {
        let mut record = Record::new(rules("3x3"));
        cells(moves).into_iter().take(count).for_each(|cell| record.play(cell).unwrap());
        record
    };
    for (ply, left) in [(0, 0), (1, 1), (4, 4), (5, 5), (9, 5)] {
        let mut record = played(5);
        assert!(record.position().outcome().is_some(), "X has won");
        record.truncate(ply);
        assert_eq!(record, played(left), "to ply {ply}");
    }
}

#[test]
fn a_record_prints_its_rules_and_moves() {
    let mut record = Record::new(rules("3x3"));
    record.play(cells("b2")[0]).unwrap();
    let printed = format!("{record:?}");
    assert!(printed.starts_with("Record {") && printed.contains("moves: [b2]"), "{printed}");
}

#[test]
fn the_longest_game_fits() {
    let (rules, moves) = longest_game();
    let mut record = Record::new(rules);
    for cell in &moves {
        record.play(*cell).unwrap();
    }
    assert_eq!(moves.len(), MAX_CELLS);
    assert_eq!(record.moves(), moves);
    assert_eq!(record.position().outcome(), Some(Outcome::Draw));
    assert_eq!(record.play(moves[0]), Err(IllegalMove::Finished));
    assert_eq!(record.moves(), moves);
}

#[test]
fn a_record_is_as_small_as_promised() {
    assert!(size_of::<Record>() < 1024, "{} bytes", size_of::<Record>());
}
