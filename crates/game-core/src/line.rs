//! The lines that end a game.

use core::iter;

use crate::Cell;

/// A maximal run of one side's marks next to one another in a row, in a column or along a diagonal.
///
/// # Invariants
///
/// [`from`](Self::from) comes before [`to`](Self::to) in the order of cells, and some number of equal steps
/// to a neighbour leads from the one to the other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Line {
    from: Cell,
    to: Cell,
}

impl Line {
    /// Makes the line between two cells that satisfy the invariants.
    pub(crate) const fn new(from: Cell, to: Cell) -> Self {
        Self { from, to }
    }

    /// Returns the leftmost cell, or in a column the lowest.
    pub const fn from(self) -> Cell {
        self.from
    }

    /// Returns the rightmost cell, or in a column the highest.
    pub const fn to(self) -> Cell {
        self.to
    }

    /// Returns the number of cells.
    pub fn length(self) -> u8 {
        let columns = self.from.column().abs_diff(self.to.column());
        let rows = self.from.row().abs_diff(self.to.row());
        columns.max(rows) + 1
    }

    /// Iterates over the cells, both ends included.
    pub fn cells(self) -> impl Iterator<Item = Cell> {
        let columns = towards(self.from.column(), self.to.column());
        let rows = towards(self.from.row(), self.to.row());
        iter::successors(Some(self.from), move |cell| cell.step(columns, rows)).take(self.length().into())
    }
}

/// The lines made by one move: at most one in each of the four directions.
///
/// ```text
/// 3 │ X  O  X      Here b2 was played last, and made
/// 2 │ O [X] O      two lines at once.
/// 1 │ X  O  X
///     a  b  c
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Lines([Option<Line>; DIRECTIONS.len()]);

impl Lines {
    /// Makes the collection from the line in each of the [`DIRECTIONS`].
    pub(crate) const fn new(by_direction: [Option<Line>; DIRECTIONS.len()]) -> Self {
        Self(by_direction)
    }

    /// Returns the number of lines, at most 4.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Returns whether there are no lines.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Iterates over the lines.
    pub fn iter(&self) -> impl Iterator<Item = Line> {
        self.0.iter().copied().flatten()
    }

    /// Returns whether a cell lies on one of the lines.
    pub fn contains(&self, cell: Cell) -> bool {
        self.iter().any(|line| line.cells().any(|other| other == cell))
    }
}

/// The four directions of a line, as columns to the right and rows up: along a row, along a column, and
/// along the diagonals that rise and fall to the right. Each leads to a cell later in the order of cells.
pub(crate) const DIRECTIONS: [(i8, i8); 4] = [(1, 0), (0, 1), (1, 1), (1, -1)];

/// Returns the step, -1, 0 or 1, that leads from one column or row towards another.
const fn towards(from: u8, to: u8) -> i8 {
    (to.cast_signed() - from.cast_signed()).signum()
}
