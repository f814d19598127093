//! The marks on a board.

use crate::{
    Bitboard, Cell, Mark, Rules,
    line::{DIRECTIONS, Line, Lines},
};

/// The marks on a board. [`Position`](crate::Position) adds the side to move and the outcome.
///
/// # Invariants
///
/// Every mark lies on the board of the rules, and no cell has two.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Board {
    rules: Rules,
    x: Bitboard,
    o: Bitboard,
}

impl Board {
    /// Makes an empty board.
    pub(crate) const fn new(rules: Rules) -> Self {
        Self { rules, x: Bitboard::EMPTY, o: Bitboard::EMPTY }
    }

    /// Puts a mark on a cell, which must be free.
    pub(crate) fn place(&mut self, mark: Mark, cell: Cell) {
        debug_assert!(self.is_free(cell), "{cell} is not free");
        match mark {
            Mark::X => self.x.insert(cell),
            Mark::O => self.o.insert(cell),
        }
    }

    /// Returns the rules of the board.
    pub const fn rules(&self) -> Rules {
        self.rules
    }

    /// Returns the mark on a cell, or `None` if it is free or not on the board.
    pub const fn mark_at(&self, cell: Cell) -> Option<Mark> {
        if self.x.contains(cell) {
            Some(Mark::X)
        } else if self.o.contains(cell) {
            Some(Mark::O)
        } else {
            None
        }
    }

    /// Returns whether a cell is on the board and without a mark.
    pub const fn is_free(&self, cell: Cell) -> bool {
        self.rules.contains(cell) && self.mark_at(cell).is_none()
    }

    /// Iterates over the cells without a mark, in order.
    pub fn free_cells(&self) -> impl Iterator<Item = Cell> {
        self.rules.all_cells().filter(|&cell| self.is_free(cell))
    }

    /// Returns the set of cells with a given mark.
    pub const fn marks(&self, mark: Mark) -> &Bitboard {
        match mark {
            Mark::X => &self.x,
            Mark::O => &self.o,
        }
    }

    /// Returns the number of cells with a given mark.
    pub fn count(&self, mark: Mark) -> usize {
        self.marks(mark).len()
    }

    /// Returns the lines that the mark on a cell is part of; none if the cell is free.
    ///
    /// ```text
    /// ·  ·  ·  ·  ·      With four in a row, the mark in brackets
    /// X  X [X] X  X      is part of one line, of five cells.
    /// ·  X  ·  ·  ·
    /// X  ·  ·  ·  ·      The diagonal is too short.
    /// ```
    pub fn lines_through(&self, cell: Cell) -> Lines {
        let Some(mark) = self.mark_at(cell) else { return Lines::default() };
        if self.count(mark) < self.rules.in_row().into() {
            // There are not enough for any line.
            return Lines::default();
        }
        Lines::new(DIRECTIONS.map(|(columns, rows)| {
            let from = self.end_of_run(mark, cell, (-columns, -rows));
            let to = self.end_of_run(mark, cell, (columns, rows));
            let line = Line::new(from, to);
            (line.length() >= self.rules.in_row()).then_some(line)
        }))
    }

    /// Returns whether a mark on a free cell would complete a line.
    pub fn completes(&self, mark: Mark, cell: Cell) -> bool {
        let mut after = *self;
        after.place(mark, cell);
        !after.lines_through(cell).is_empty()
    }

    /// Returns the last cell with a given mark on the way from a cell that has it.
    fn end_of_run(&self, mark: Mark, cell: Cell, (columns, rows): (i8, i8)) -> Cell {
        let mut end = cell;
        while let Some(next) = end.step(columns, rows)
            && self.marks(mark).contains(next)
        {
            end = next;
        }
        end
    }
}
