//! The encoding of values, and the values that a decoder refuses.

use std::fmt::{Debug, Display};

use bincode::config::standard;
use game_core::{Cell, IllegalMove, MAX_CELLS, Mark, Record, Rules, RulesError};
use serde::{Serialize, de::DeserializeOwned};

use crate::{cells, longest_game, rules};

/// Checks that a value takes this many bytes, decodes from them, and from no fewer.
#[track_caller]
fn check_round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, size: usize) {
    let bytes = encode(value);
    assert_eq!(bytes.len(), size, "{value:?}");
    assert_eq!(decode::<T>(&bytes).as_ref(), Ok(value));
    for end in 0..size {
        assert!(decode::<T>(&bytes[..end]).is_err(), "{value:?} from its first {end} bytes");
    }
}

/// Checks that a pair of rules and moves does not become a record, and that the error tells why.
#[track_caller]
fn check_refused(notation: &str, moves: &[Cell], reason: impl Display) {
    let error = decode::<Record>(&encode(&(rules(notation), moves))).unwrap_err();
    assert!(error.contains(&reason.to_string()), "{error}");
}

fn encode(value: &impl Serialize) -> Vec<u8> {
    bincode::serde::encode_to_vec(value, standard()).unwrap()
}

/// Decodes a value that takes up all of the bytes.
fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let (value, read) =
        bincode::serde::decode_from_slice(bytes, standard()).map_err(|error| error.to_string())?;
    if read == bytes.len() { Ok(value) } else { Err(format!("{read} of {} bytes read", bytes.len())) }
}

fn record(rules: Rules, moves: &[Cell]) -> Record {
    let mut record = Record::new(rules);
    for cell in moves {
        record.play(*cell).unwrap();
    }
    record
}

#[test]
fn marks_come_back() {
    check_round_trip(&Mark::X, 1);
    check_round_trip(&Mark::O, 1);
    assert!(decode::<Mark>(&[2]).is_err());
}

#[test]
fn just_the_possible_cells_come_back() {
    for column in 0..=u8::MAX {
        for row in 0..=u8::MAX {
            assert_eq!(decode(&[column, row]).ok(), Cell::new(column, row), "({column}, {row})");
        }
    }
    Cell::all().for_each(|cell| check_round_trip(&cell, 2));
}

#[test]
fn just_the_possible_rules_come_back() {
    let numbers = || (0..=21).chain([u8::MAX]);
    for (columns, rows) in numbers().flat_map(|columns| numbers().map(move |rows| (columns, rows))) {
        for in_row in numbers() {
            for misere in [false, true] {
                let expected = Rules::new(columns, rows, in_row).map(|rules| rules.with_misere(misere));
                let bytes = [columns, rows, in_row, misere.into()];
                assert_eq!(decode(&bytes).ok(), expected.ok(), "{bytes:?}");
                if let Ok(rules) = expected {
                    assert_eq!(encode(&rules), bytes);
                }
            }
        }
    }
    let error = decode::<Rules>(&[3, 20, 3, 0]).unwrap_err();
    assert!(error.contains(&RulesError::Rows.to_string()), "{error}");
}

/// All games of up to four moves.
#[test]
fn every_short_classic_record_comes_back() {
    fn check_all_from(record: &Record, depth: u16) {
        check_round_trip(record, 4 + 1 + 2 * record.moves().len());
        if depth == 0 {
            return;
        }
        for cell in record.position().legal_moves() {
            let mut next = record.clone();
            next.play(cell).unwrap();
            check_all_from(&next, depth - 1);
        }
    }
    check_all_from(&Record::new(rules("3x3")), 4);
    check_all_from(&Record::new(rules("3x3").with_misere(true)), 4);
}

#[test]
fn a_classic_game_takes_23_bytes() {
    check_round_trip(&record(rules("3x3"), &cells("b2 a1 a2 c2 b1 b3 c1 a3 c3")), 23);
}

#[test]
fn the_longest_game_comes_back() {
    let (rules, moves) = longest_game();
    check_round_trip(&record(rules, &moves), 4 + 3 + 2 * MAX_CELLS);
}

#[test]
fn a_record_with_an_illegal_move_is_refused() {
    check_refused("3x3", &cells("b2 b2"), IllegalMove::Occupied);
    check_refused("3x3", &cells("b2 d1"), IllegalMove::Outside);
    check_refused("3x3", &cells("a1 a2 b1 b2 c1 c2"), IllegalMove::Finished);
    check_refused("3x3", &cells("b2 a1 a2 c2 b1 b3 c1 a3 c3 a1"), IllegalMove::Finished);
}

#[test]
fn a_record_with_more_moves_than_the_largest_board_has_cells_is_refused() {
    let (_, mut moves) = longest_game();
    moves.push(moves[0]);
    check_refused("19x19:19", &moves, "no more than 361");
}

#[test]
fn a_record_with_impossible_parts_is_refused() {
    for bytes in
        [[2, 3, 3, 0, 0, 0, 0], [3, 3, 3, 2, 0, 0, 0], [3, 3, 3, 0, 1, 19, 0], [3, 3, 3, 0, 1, 0, 255]]
    {
        assert!(decode::<Record>(&bytes).is_err(), "{bytes:?}");
    }
}

/// `253` announces a length of eight bytes. If the decoder believed it, the process would abort.
#[test]
fn a_record_that_claims_to_be_endless_is_refused_without_a_large_allocation() {
    let mut bytes = vec![3, 3, 3, 0, 253];
    bytes.extend([u8::MAX; 8]);
    bytes.extend([0, 0, 1, 1]);
    let allocated = allocation_counter::measure(|| assert!(decode::<Record>(&bytes).is_err()));
    assert!(allocated.bytes_max < 1024, "{allocated:?}");
}

#[test]
fn a_record_is_decoded_without_allocating() {
    let bytes = encode(&record(rules("3x3"), &cells("b2 a1 a2 c2 b1 b3 c1 a3 c3")));
    let allocated = allocation_counter::measure(|| assert!(decode::<Record>(&bytes).is_ok()));
    assert_eq!(allocated.count_total, 0, "{allocated:?}");
}
