//! Cells and their names.
//!
//! A cell knows the largest board only. [`Rules::contains`](crate::Rules::contains) tells whether it lies on the board
//! of a given game.

use core::{fmt, str::FromStr};

use thiserror::Error;

#[cfg(feature = "serde")]
use crate::notation;

/// Largest number of columns and of rows of a board: 19, the side of the board that go and gomoku share.
pub const MAX_SIDE: u8 = 19;

/// Number of cells of the largest board, and so of moves in the longest game: 361.
pub const MAX_CELLS: usize = MAX_SIDE as usize * MAX_SIDE as usize;

/// A place for one mark, by its column and its row.
///
/// Columns count from the left and rows from the bottom, both from 0. The name of a cell is the letter of
/// its column and the number of its row, counted from 1, as in chess. Cells are ordered by column, then by
/// row: `a1`, `a2`, …, `s19`.
///
/// # Invariants
///
/// Both numbers are less than [`MAX_SIDE`].
///
/// # Examples
///
/// ```
/// use game_core::Cell;
///
/// let cell: Cell = "c1".parse()?;
/// assert_eq!((cell.column(), cell.row()), (2, 0));
/// assert_eq!(cell.to_string(), "c1");
/// # Ok::<_, game_core::ParseCellError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    column: u8,
    row: u8,
}

impl Cell {
    /// Makes the cell at a column and a row, or `None` if either is not below [`MAX_SIDE`].
    pub const fn new(column: u8, row: u8) -> Option<Self> {
        if column < MAX_SIDE && row < MAX_SIDE { Some(Self { column, row }) } else { None }
    }

    /// Returns the cell of a 3x3 board for a digit of the numeric keypad, as the keys lie:
    ///
    /// ```text
    /// 7 8 9     a3 b3 c3
    /// 4 5 6     a2 b2 c2
    /// 1 2 3     a1 b1 c1
    /// ```
    ///
    /// `None` if the digit is not one of 1 to 9.
    pub const fn from_numpad(digit: u8) -> Option<Self> {
        match digit {
            1..=9 => Some(Self { column: (digit - 1) % 3, row: (digit - 1) / 3 }),
            _ => None,
        }
    }

    /// Iterates over every cell of the largest board, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::rectangle(MAX_SIDE, MAX_SIDE)
    }

    /// Iterates in order over the cells of a board with this many columns and rows, each at most [`MAX_SIDE`].
    pub(crate) fn rectangle(columns: u8, rows: u8) -> impl Iterator<Item = Self> {
        debug_assert!(columns <= MAX_SIDE && rows <= MAX_SIDE, "a board of {columns}x{rows}");
        (0..columns).flat_map(move |column| (0..rows).map(move |row| Self { column, row }))
    }

    /// Returns the column, counted from 0 at the left.
    pub const fn column(self) -> u8 {
        self.column
    }

    /// Returns the row, counted from 0 at the bottom.
    pub const fn row(self) -> u8 {
        self.row
    }

    /// Returns the digit of the numeric keypad for this cell of a 3x3 board, the inverse of
    /// [`from_numpad`](Self::from_numpad), or `None` if the cell is not on such a board.
    pub const fn numpad(self) -> Option<u8> {
        if self.column < 3 && self.row < 3 { Some(self.row * 3 + self.column + 1) } else { None }
    }

    /// Returns the place of this cell in the order of all cells, less than [`MAX_CELLS`].
    pub(crate) const fn index(self) -> usize {
        self.column as usize * MAX_SIDE as usize + self.row as usize
    }

    /// Returns the cell this many columns to the right and rows up, or `None` beyond the largest board.
    pub(crate) fn step(self, columns: i8, rows: i8) -> Option<Self> {
        Self::new(self.column.checked_add_signed(columns)?, self.row.checked_add_signed(rows)?)
    }
}

/// The name, such as `a1`.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", char::from(b'a' + self.column), self.row + 1)
    }
}

/// Also the name: a failed test should print `a1`, not `Cell { column: 0, row: 0 }`.
impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads a name, the letter in either case. A row has no leading zero and no sign.
impl FromStr for Cell {
    type Err = ParseCellError;

    fn from_str(name: &str) -> Result<Self, ParseCellError> {
        let (letter, number) = match *name.as_bytes() {
            [letter, ones @ b'1'..=b'9'] => (letter, ones - b'0'),
            [letter, tens @ b'1'..=b'9', ones @ b'0'..=b'9'] => (letter, (tens - b'0') * 10 + (ones - b'0')),
            _ => return Err(ParseCellError),
        };
        let column = letter.to_ascii_lowercase().checked_sub(b'a').ok_or(ParseCellError)?;
        Self::new(column, number - 1).ok_or(ParseCellError)
    }
}

/// The name for people, else the column and the row.
#[cfg(feature = "serde")]
impl serde::Serialize for Cell {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { column, row } = *self;
        notation::serialize(&(column, row), self, serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Cell {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        notation::deserialize::<(u8, u8), _, _, _>(str::parse, deserializer)
    }
}

/// Takes a column and a row.
impl TryFrom<(u8, u8)> for Cell {
    type Error = ParseCellError;

    fn try_from((column, row): (u8, u8)) -> Result<Self, ParseCellError> {
        Self::new(column, row).ok_or(ParseCellError)
    }
}

/// The error for a name or numbers of no cell, not even on the largest board.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("not a cell: columns go from `a` to `s` and rows from 1 to 19, as in `b2`")]
pub struct ParseCellError;

#[cfg(test)]
mod tests {
    use super::{Cell, MAX_CELLS};

    #[test]
    fn index_counts_the_cells_in_order() {
        assert!(Cell::all().map(Cell::index).eq(0..MAX_CELLS));
        assert!(Cell::all().is_sorted());
    }

    #[test]
    fn a_step_stays_on_the_largest_board() {
        for cell in Cell::all() {
            for (columns, rows) in [(1, 0), (0, 1), (1, 1), (1, -1), (-1, 0), (0, -1), (-1, -1), (-1, 1)] {
                let (column, row) = (i16::from(cell.column()) + columns, i16::from(cell.row()) + rows);
                let expected =
                    Cell::all().find(|cell| (cell.column().into(), cell.row().into()) == (column, row));
                let step = cell.step(columns.try_into().unwrap(), rows.try_into().unwrap());
                assert_eq!(step, expected, "from {cell} by ({columns}, {rows})");
            }
        }
    }
}
