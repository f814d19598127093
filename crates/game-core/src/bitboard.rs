//! Sets of cells, with one bit for each cell.

use core::fmt;

use crate::{Cell, MAX_CELLS};

/// A set of cells.
///
/// Each cell of the largest board has its bit, whatever board is played on, so a set can be read without the rules: 361
/// bits, in six words.
///
/// # Invariants
///
/// The bits past the last cell are 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Bitboard([u64; WORDS]);

impl Bitboard {
    /// The set without cells.
    pub const EMPTY: Self = Self([0; WORDS]);

    /// Adds a cell.
    pub const fn insert(&mut self, cell: Cell) {
        let (word, bit) = place(cell);
        self.0[word] |= bit;
    }

    /// Returns whether a cell is in the set.
    pub const fn contains(&self, cell: Cell) -> bool {
        let (word, bit) = place(cell);
        self.0[word] & bit != 0
    }

    /// Returns the number of cells in the set.
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Returns whether the set has no cells.
    pub fn is_empty(&self) -> bool {
        *self == Self::EMPTY
    }

    /// Iterates over the cells of the set, in order.
    pub fn cells(self) -> impl Iterator<Item = Cell> {
        Cell::all().filter(move |&cell| self.contains(cell))
    }
}

impl FromIterator<Cell> for Bitboard {
    fn from_iter<I: IntoIterator<Item = Cell>>(cells: I) -> Self {
        let mut set = Self::EMPTY;
        cells.into_iter().for_each(|cell| set.insert(cell));
        set
    }
}

/// The names of the cells, as in `{a1, b2}`.
impl fmt::Debug for Bitboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.cells()).finish()
    }
}

/// Words in a set: enough to give every cell a bit.
const WORDS: usize = MAX_CELLS.div_ceil(u64::BITS as usize);

/// Returns the word that holds a cell, and its bit within that word.
const fn place(cell: Cell) -> (usize, u64) {
    let index = cell.index();
    (index / u64::BITS as usize, 1 << (index % u64::BITS as usize))
}

#[cfg(test)]
mod tests {
    use super::{Bitboard, Cell};
    use crate::MAX_CELLS;

    #[test]
    fn every_cell_has_its_own_bit() {
        let mut set = Bitboard::EMPTY;
        for (count, cell) in Cell::all().enumerate() {
            assert!(!set.contains(cell), "{cell} before it was inserted");
            assert_eq!(set.len(), count);
            set.insert(cell);
            set.insert(cell);
            assert!(set.contains(cell), "{cell} after it was inserted");
        }
        assert_eq!(set.len(), MAX_CELLS);
    }

    #[test]
    fn cells_come_back_in_order() {
        let diagonal: Bitboard = Cell::all().filter(|cell| cell.column() == cell.row()).collect();
        assert_eq!(diagonal.len(), 19);
        assert!(diagonal.cells().eq((0..19).filter_map(|side| Cell::new(side, side))));
        assert_eq!(diagonal.cells().collect::<Bitboard>(), diagonal);
    }

    #[test]
    fn only_the_empty_set_is_empty() {
        assert!(Bitboard::EMPTY.is_empty());
        assert!(Cell::all().all(|cell| !Bitboard::from_iter([cell]).is_empty()));
    }
}
