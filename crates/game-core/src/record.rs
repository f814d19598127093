//! The record of a game, as it is stored and sent.

use core::fmt;

use arrayvec::ArrayVec;
#[cfg(feature = "serde")]
use serde::ser::SerializeStruct as _;

use crate::{Cell, IllegalMove, MAX_CELLS, Position, Rules};

/// The rules of a game and its moves, with the position they have led to.
///
/// It holds the longest game inline, in less than a kibibyte, so it is cloned only explicitly.
///
/// # Invariants
///
/// The moves lead to the position, and its ply is their number.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Unplayed"))]
pub struct Record {
    position: Position,
    moves: ArrayVec<Cell, MAX_CELLS>,
}

impl Record {
    /// Makes the record of a game without moves.
    pub const fn new(rules: Rules) -> Self {
        Self { position: Position::new(rules), moves: ArrayVec::new_const() }
    }

    /// Plays a move and records it.
    ///
    /// # Errors
    ///
    /// Returns the reason why the move is illegal. The record is then unchanged.
    pub fn play(&mut self, cell: Cell) -> Result<(), IllegalMove> {
        self.position.play(cell)?;
        self.moves.push(cell);
        Ok(())
    }

    /// Takes back every move from this ply on. Nothing changes if there is none.
    ///
    /// # Panics
    ///
    /// Never: moves that were legal once are legal again.
    pub fn truncate(&mut self, ply: u16) {
        let mut kept = Self::new(self.rules());
        for cell in self.moves().iter().take(usize::from(ply)) {
            kept.play(*cell).expect("the beginning of a legal game is legal");
        }
        *self = kept;
    }

    /// Returns the rules of the game.
    pub const fn rules(&self) -> Rules {
        self.position.rules()
    }

    /// Returns the position after the last move.
    pub const fn position(&self) -> &Position {
        &self.position
    }

    /// Returns the cells played, first move first.
    pub fn moves(&self) -> &[Cell] {
        &self.moves
    }

    /// Returns the cell of the last move, or `None` before the first.
    pub fn last(&self) -> Option<Cell> {
        self.moves().last().copied()
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("rules", &self.rules())
            .field("moves", &self.moves())
            .field("outcome", &self.position.outcome())
            .finish()
    }
}

/// The rules and the moves, as they are sent.
#[cfg(feature = "serde")]
impl serde::Serialize for Record {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Record", 2)?;
        fields.serialize_field("rules", &self.rules())?;
        fields.serialize_field("moves", self.moves())?;
        fields.end()
    }
}

/// A record whose moves have not been checked. Nothing is reserved for the length that the input announces.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Unplayed {
    rules: Rules,
    moves: ArrayVec<Cell, MAX_CELLS>,
}

#[cfg(feature = "serde")]
impl TryFrom<Unplayed> for Record {
    type Error = IllegalMove;

    fn try_from(Unplayed { rules, moves }: Unplayed) -> Result<Self, IllegalMove> {
        let mut record = Self::new(rules);
        moves.into_iter().try_for_each(|cell| record.play(cell))?;
        Ok(record)
    }
}
