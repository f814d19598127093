//! Notations that people type and read: cells, digits, rules.

use std::collections::BTreeSet;

use game_core::{Bitboard, Cell, MAX_CELLS, Mark, Rules, RulesError};

#[track_caller]
fn check_not_a_cell(name: &str) {
    assert!(name.parse::<Cell>().is_err(), "{name:?} is a cell");
}

#[track_caller]
fn check_rules(notation: &str, expected: Result<[u8; 3], RulesError>) {
    let found = notation.parse::<Rules>();
    assert_eq!(found.map(|rules| [rules.columns(), rules.rows(), rules.in_row()]), expected, "{notation:?}");
}

/// Every triple that [`Rules::new`] must accept.
fn every_rules() -> impl Iterator<Item = Rules> {
    (3..=19).flat_map(|columns| {
        (3..=19).flat_map(move |rows| {
            (3..=columns.max(rows)).map(move |in_row| Rules::new(columns, rows, in_row).unwrap())
        })
    })
}

#[test]
fn every_cell_has_a_name_of_its_own_that_is_read_back() {
    let names: BTreeSet<String> = Cell::all().map(|cell| cell.to_string()).collect();
    assert_eq!(names.len(), MAX_CELLS);
    for cell in Cell::all() {
        assert_eq!(cell.to_string().parse(), Ok(cell));
        assert_eq!(cell.to_string().to_uppercase().parse(), Ok(cell));
    }
}

#[test]
fn names_are_a_column_letter_and_a_row_number() {
    for (name, column, row) in [("a1", 0, 0), ("c1", 2, 0), ("a3", 0, 2), ("i9", 8, 8), ("s19", 18, 18)] {
        assert_eq!(name.parse(), Ok(Cell::new(column, row).unwrap()));
        assert_eq!(Cell::new(column, row).unwrap().to_string(), name);
    }
}

/// A failed test prints `a1`, not two numbers.
#[test]
fn cells_and_sets_of_cells_print_names() {
    let cells: Bitboard = ["b2", "a1"].map(|name| name.parse::<Cell>().unwrap()).into_iter().collect();
    assert_eq!(format!("{cells:?}"), "{a1, b2}");
}

#[test]
fn the_error_for_a_cell_names_the_limits() {
    let error = "t20".parse::<Cell>().unwrap_err().to_string();
    assert!(error.contains("`a` to `s`") && error.contains("1 to 19"), "{error}");
}

#[test]
fn what_is_not_a_cell_is_not_read() {
    let names = "a 1 1a a0 a01 a20 a99 a100 t1 z1 `1 {1 A20 @1 [1 aa1 a1a a+1 a-1 a1. é1 a１";
    names.split(' ').for_each(check_not_a_cell);
    for name in ["", " ", " a1", "a1 ", "a 1", "a1\n", "a\0", "🦀"] {
        check_not_a_cell(name);
    }
}

/// Of all texts of one and two bytes, and of three ASCII ones, exactly the names are accepted.
#[test]
fn no_other_short_text_is_a_cell() {
    let names: BTreeSet<String> = Cell::all().map(|cell| cell.to_string()).collect();
    let ascii = || (0..128_u8).map(char::from);
    let two = ascii().flat_map(|first| ascii().map(move |second| format!("{first}{second}")));
    let three = ascii().flat_map(|last| two.clone().map(move |two| format!("{two}{last}")));
    for text in ascii().map(String::from).chain(two.clone()).chain(three) {
        let expected = names.contains(&text.to_ascii_lowercase());
        assert_eq!(text.parse::<Cell>().is_ok(), expected, "{text:?}");
    }
}

#[test]
fn a_cell_lies_on_the_largest_board() {
    for column in 0..=u8::MAX {
        for row in 0..=u8::MAX {
            let cell = Cell::new(column, row);
            assert_eq!(cell.is_some(), column < 19 && row < 19);
            assert_eq!(cell, Cell::try_from((column, row)).ok());
            assert!(cell.is_none_or(|cell| (cell.column(), cell.row()) == (column, row)));
            assert!(cell.is_none_or(|cell| (cell.column(), cell.row()) == (column, row)));
        }
    }
}

#[test]
fn digits_lie_as_on_the_keypad() {
    for (digit, name) in (1..).zip(["a1", "b1", "c1", "a2", "b2", "c2", "a3", "b3", "c3"]) {
        assert_eq!(Cell::from_numpad(digit), name.parse().ok());
    }
    for digit in 0..=u8::MAX {
        assert_eq!(Cell::from_numpad(digit).is_some(), (1..=9).contains(&digit), "{digit}");
    }
    for cell in Cell::all() {
        let digit = (1..=9).find(|digit| Cell::from_numpad(*digit) == Some(cell));
        assert_eq!(cell.numpad(), digit, "{cell}");
    }
}

#[test]
fn marks_are_displayed_as_letters() {
    assert_eq!(format!("{}{:>3}", Mark::X, Mark::O), "X  O");
}

#[test]
fn marks_move_in_turn() {
    assert_eq!(Mark::at_ply(0), Mark::FIRST);
    assert!((0..u16::MAX).all(|ply| Mark::at_ply(ply + 1) == Mark::at_ply(ply).other()));
}

#[test]
fn all_rules_have_a_notation_of_their_own_that_is_read_back() {
    let mut notations = BTreeSet::new();
    for rules in every_rules() {
        let notation = rules.to_string();
        assert_eq!(notation.parse(), Ok(rules), "{notation}");
        assert_eq!(rules.with_misere(true).to_string(), notation);
        assert!(notations.insert(notation), "{rules} twice");
    }
}

#[test]
fn only_the_classic_notation_is_short() {
    assert_eq!(Rules::default().to_string(), "3x3");
    assert_eq!(every_rules().filter(|rules| !rules.to_string().contains(':')).count(), 1);
}

#[test]
fn misere_is_kept_apart_from_the_notation() {
    let misere = Rules::default().with_misere(true);
    assert!(misere.is_misere());
    assert_ne!(misere, Rules::default());
    assert_eq!(misere.with_misere(false), Rules::default());
    assert!(!misere.to_string().parse::<Rules>().unwrap().is_misere());
}

#[test]
fn how_many_in_a_row_follows_from_the_shorter_side() {
    for columns in 3..=19 {
        for rows in 3..=19 {
            let in_row =
                [(3, 3), (4, 4), (8, 5)].iter().rfind(|(side, _)| columns.min(rows) >= *side).unwrap().1;
            check_rules(&format!("{columns}x{rows}"), Ok([columns, rows, in_row]));
        }
    }
}

/// Every triple of bytes is tried: the error is about the first number out of its range.
#[test]
fn rules_out_of_range_are_refused_for_the_right_reason() {
    let in_range = |side: u8| (3..=19).contains(&side);
    for columns in 0..=u8::MAX {
        for rows in 0..=u8::MAX {
            let longer_side = columns.max(rows);
            for in_row in 0..=u8::MAX {
                let expected = match (in_range(columns), in_range(rows), in_row) {
                    (false, _, _) => Err(RulesError::Columns),
                    (true, false, _) => Err(RulesError::Rows),
                    (true, true, 3..) if in_row <= longer_side => Ok([columns, rows, in_row]),
                    (true, true, _) => Err(RulesError::InRow { longer_side }),
                };
                let found = Rules::new(columns, rows, in_row);
                let found = found.map(|rules| [rules.columns(), rules.rows(), rules.in_row()]);
                assert!(found == expected, "{columns}x{rows}:{in_row}: {found:?}");
            }
        }
    }
}

#[test]
fn notation_out_of_range_is_refused_for_the_right_reason() {
    check_rules("2x3", Err(RulesError::Columns));
    check_rules("20x3", Err(RulesError::Columns));
    check_rules("3x2", Err(RulesError::Rows));
    check_rules("3x300:3", Err(RulesError::Rows));
    check_rules("99999999999999999999x3", Err(RulesError::Columns));
    check_rules("5x4:2", Err(RulesError::InRow { longer_side: 5 }));
    check_rules("4x5:6", Err(RulesError::InRow { longer_side: 5 }));
}

#[test]
fn what_is_not_a_notation_is_not_read() {
    let texts = "x 3 3x x3 3x3: :3 3x3:3:3 3x3x3 3X3 3*3 -3x3 +3x3 3:3x3 3x3:k 0x3x3 three";
    for text in texts.split(' ').chain(["", " ", " 3x3", "3x3 ", "3 x 3", "3x3\n"]) {
        check_rules(text, Err(RulesError::Notation));
    }
}

#[test]
fn rules_errors_name_the_limits() {
    for (error, message) in [
        (RulesError::Notation, "write rules as columns, rows and how many in a row, as in `15x15:5`"),
        (RulesError::Columns, "a board has from 3 to 19 columns"),
        (RulesError::Rows, "a board has from 3 to 19 rows"),
        (RulesError::InRow { longer_side: 5 }, "in a row must be from 3 to 5, the longer side of the board"),
    ] {
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn the_cells_of_a_board_are_those_it_contains() {
    for rules in every_rules().filter(|rules| rules.in_row() == 3) {
        let cells: Vec<Cell> = rules.all_cells().collect();
        assert_eq!(cells.len(), usize::from(rules.cells()), "{rules}");
        assert!(Cell::all().filter(|cell| rules.contains(*cell)).eq(cells), "{rules}");
    }
}
