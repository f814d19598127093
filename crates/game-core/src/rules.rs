//! The rules of a game: the board, the number in a row, and whether a line wins or loses.

use core::{fmt, str::FromStr};

use thiserror::Error;

#[cfg(feature = "serde")]
use crate::notation;
use crate::{Cell, MAX_SIDE};

/// Smallest number of columns and of rows of a board: 3, for a shorter side has no room for a line across.
pub const MIN_SIDE: u8 = 3;

/// Smallest number of marks that makes a line: 3, for with two in a row the first side wins at once.
pub const MIN_IN_ROW: u8 = 3;

/// The rules of one m,n,k-game: `m` columns, `n` rows, `k` in a row.
///
/// A side that has at least [`in_row`](Self::in_row) of its marks next to one another in a row, in a column
/// or along a diagonal has a line, and has won. A longer run, an *overline*, is a line too. In the *misère*
/// game the side that makes a line has lost.
///
/// # Notation
///
/// `15x15:5` is columns, `x`, rows, `:`, the number in a row. The last part may be left out: it is then 3 if the
/// shorter side is 3, 4 if the shorter side is 4 to 7, and 5 on larger boards. `Display` leaves it out of `3x3` alone.
/// Misère is not part of the notation.
///
/// # Invariants
///
/// Both sides are from [`MIN_SIDE`] to [`MAX_SIDE`]; the number in a row is from [`MIN_IN_ROW`] to the longer
/// side.
///
/// # Examples
///
/// ```
/// use game_core::Rules;
///
/// let gomoku: Rules = "15x15".parse()?;
/// assert_eq!(gomoku.in_row(), 5);
/// assert_eq!(gomoku.to_string(), "15x15:5");
/// assert_eq!(Rules::default().to_string(), "3x3");
/// # Ok::<_, game_core::RulesError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Rules {
    columns: u8,
    rows: u8,
    in_row: u8,
    misere: bool,
}

impl Rules {
    /// The classic game, [`Rules::default`].
    const CLASSIC: Self = Self { columns: 3, rows: 3, in_row: 3, misere: false };

    /// Makes the rules for a board with this many columns and rows, on which this many in a row win.
    ///
    /// # Errors
    ///
    /// Tells which of the three numbers is out of its range; if several are, the first.
    pub const fn new(columns: u8, rows: u8, in_row: u8) -> Result<Self, RulesError> {
        let longer_side = if columns > rows { columns } else { rows };
        if columns < MIN_SIDE || columns > MAX_SIDE {
            Err(RulesError::Columns)
        } else if rows < MIN_SIDE || rows > MAX_SIDE {
            Err(RulesError::Rows)
        } else if in_row < MIN_IN_ROW || in_row > longer_side {
            Err(RulesError::InRow { longer_side })
        } else {
            Ok(Self { columns, rows, in_row, misere: false })
        }
    }

    /// Returns these rules with a line losing (`true`) or winning (`false`) the game.
    #[must_use]
    pub const fn with_misere(self, misere: bool) -> Self {
        Self { misere, ..self }
    }

    /// Returns the number of columns.
    pub const fn columns(self) -> u8 {
        self.columns
    }

    /// Returns the number of rows.
    pub const fn rows(self) -> u8 {
        self.rows
    }

    /// Returns the least number of marks next to one another that makes a line.
    pub const fn in_row(self) -> u8 {
        self.in_row
    }

    /// Returns whether the side that makes a line loses.
    pub const fn is_misere(self) -> bool {
        self.misere
    }

    /// Returns the number of cells of the board, and so of moves in the longest game: 9 to 361.
    pub const fn cells(self) -> u16 {
        self.columns as u16 * self.rows as u16
    }

    /// Returns whether a cell lies on the board.
    pub const fn contains(self, cell: Cell) -> bool {
        cell.column() < self.columns && cell.row() < self.rows
    }

    /// Iterates over the cells of the board, in order.
    pub fn all_cells(self) -> impl Iterator<Item = Cell> {
        Cell::rectangle(self.columns, self.rows)
    }
}

/// The classic game: three in a row on a 3x3 board win.
impl Default for Rules {
    fn default() -> Self {
        Self::CLASSIC
    }
}

/// The canonical notation.
impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { columns, rows, in_row, misere: _ } = *self;
        if self.with_misere(false) == Self::CLASSIC {
            write!(f, "{columns}x{rows}")
        } else {
            write!(f, "{columns}x{rows}:{in_row}")
        }
    }
}

/// Parses the notation. The rules are not misère.
impl FromStr for Rules {
    type Err = RulesError;

    fn from_str(notation: &str) -> Result<Self, RulesError> {
        let (columns, rest) = notation.split_once('x').ok_or(RulesError::Notation)?;
        let columns = parse_number(columns)?;
        let Some((rows, in_row)) = rest.split_once(':') else {
            let rows = parse_number(rest)?;
            return Self::new(columns, rows, usual_in_row(columns, rows));
        };
        Self::new(columns, parse_number(rows)?, parse_number(in_row)?)
    }
}

/// The reason why there are no such rules. The messages are meant for the person who asked for them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum RulesError {
    /// The text is not of the form `15x15` or `15x15:5`.
    #[error("write rules as columns, rows and how many in a row, as in `15x15:5`")]
    Notation,
    /// The number of columns is not from [`MIN_SIDE`] to [`MAX_SIDE`].
    #[error("a board has from {MIN_SIDE} to {MAX_SIDE} columns")]
    Columns,
    /// The number of rows is not from [`MIN_SIDE`] to [`MAX_SIDE`].
    #[error("a board has from {MIN_SIDE} to {MAX_SIDE} rows")]
    Rows,
    /// The number in a row is not from [`MIN_IN_ROW`] to the longer side of the board.
    #[error("in a row must be from {MIN_IN_ROW} to {longer_side}, the longer side of the board")]
    InRow {
        /// The longer side of that board.
        longer_side: u8,
    },
}

/// The notation for people, with ` misere` behind it where a line loses; else the fields in their order.
#[cfg(feature = "serde")]
impl serde::Serialize for Rules {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { columns, rows, in_row, misere } = *self;
        let suffix = if misere { MISERE } else { "" };
        notation::serialize(&(columns, rows, in_row, misere), format_args!("{self}{suffix}"), serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Rules {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parse = |text: &str| match text.strip_suffix(MISERE) {
            Some(notation) => notation.parse().map(|rules: Self| rules.with_misere(true)),
            None => text.parse(),
        };
        notation::deserialize::<(u8, u8, u8, bool), _, _, _>(parse, deserializer)
    }
}

/// Stands behind the notation of rules by which a line loses, where they are serialized for people.
#[cfg(feature = "serde")]
const MISERE: &str = " misere";

/// Takes the fields in their order on the wire.
impl TryFrom<(u8, u8, u8, bool)> for Rules {
    type Error = RulesError;

    fn try_from((columns, rows, in_row, misere): (u8, u8, u8, bool)) -> Result<Self, RulesError> {
        Ok(Self::new(columns, rows, in_row)?.with_misere(misere))
    }
}

/// Returns the number in a row that wins if the notation leaves it out.
fn usual_in_row(columns: u8, rows: u8) -> u8 {
    match columns.min(rows) {
        0..=3 => 3,
        4..=7 => 4,
        8.. => 5,
    }
}

/// Parses decimal digits and nothing else. A number that is too large becomes 255, which no rule allows either, so that
/// the error is about its size and not about its form.
fn parse_number(digits: &str) -> Result<u8, RulesError> {
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(RulesError::Notation);
    }
    Ok(digits.parse().unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::{RulesError, parse_number};

    #[test]
    fn numbers_saturate() {
        for (digits, number) in
            [("0", 0), ("007", 7), ("19", 19), ("255", 255), ("256", 255), ("99999999999", 255)]
        {
            assert_eq!(parse_number(digits), Ok(number), "{digits}");
        }
    }

    #[test]
    fn only_digits_are_numbers() {
        for text in ["", " ", "+3", "-3", "3 ", "٣", "1e1", "0x3"] {
            assert_eq!(parse_number(text), Err(RulesError::Notation), "{text:?}");
        }
    }
}
