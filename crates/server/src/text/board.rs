//! A board as text.

use std::fmt::Write as _;

use game_core::{Board, Cell, Mark};

/// Draws a board: rows from the top, their numbers before them and the letters of the columns below.
///
/// ```text
/// 3  O . X
/// 2  . X .
/// 1  . . .
///    a b c
/// ```
pub(super) fn draw(board: &Board) -> String {
    let (columns, rows) = (board.rules().columns(), board.rules().rows());
    let width = if rows < 10 { 1 } else { 2 };
    let mut text = String::new();
    for row in (0..rows).rev() {
        write!(text, "{:>width$} ", row + 1).expect("a string takes everything");
        for column in 0..columns {
            let mark = Cell::new(column, row).and_then(|cell| board.mark_at(cell));
            text.push_str(match mark {
                Some(Mark::X) => " X",
                Some(Mark::O) => " O",
                None => " .",
            });
        }
        text.push('\n');
    }
    write!(text, "{:width$} ", "").expect("a string takes everything");
    for letter in (b'a'..).take(columns.into()) {
        text.push(' ');
        text.push(letter.into());
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use game_core::{Position, Rules};

    use super::*;

    #[test]
    fn a_board_has_its_first_row_below() {
        let mut position = Position::new(Rules::default());
        for cell in ["b2", "a3", "c3"] {
            position.play(cell.parse().unwrap()).unwrap();
        }
        assert_eq!(draw(position.board()), "3  O . X\n2  . X .\n1  . . .\n   a b c\n");
    }

    #[test]
    fn the_largest_board_leaves_room_for_words() {
        let drawn = draw(Position::new("19x19".parse().unwrap()).board());
        assert!(drawn.starts_with("19  . . ") && drawn.ends_with(" r s\n"), "{drawn}");
        assert_eq!(drawn.len(), 840);
    }
}
