//! The record of a game, as it is stored and sent.

use core::fmt;

use crate::{Cell, IllegalMove, MAX_CELLS, Position, Rules};

/// The rules of a game and its moves, with the position they have led to.
///
/// It holds the longest game inline, in less than a kibibyte, so it is cloned only explicitly.
///
/// # Invariants
///
/// The moves lead to the position, and its ply is their number. The rest of the array is never written, so equal games
/// are equal values.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    position: Position,
    moves: [Cell; MAX_CELLS],
}

impl Record {
    /// Makes the record of a game without moves.
    pub const fn new(rules: Rules) -> Self {
        Self { position: Position::new(rules), moves: [UNUSED; MAX_CELLS] }
    }

    /// Plays a move and records it.
    ///
    /// # Errors
    ///
    /// Returns the reason why the move is illegal. The record is then unchanged.
    pub fn play(&mut self, cell: Cell) -> Result<(), IllegalMove> {
        let ply = usize::from(self.position.ply());
        self.position.play(cell)?;
        self.moves[ply] = cell;
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
        &self.moves[..usize::from(self.position.ply())]
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

/// The filler for moves that have not been played.
const UNUSED: Cell = Cell::new(0, 0).expect("the largest board has a first cell");

/// A pair of rules and a sequence of cells. The reader plays the game again.
#[cfg(feature = "serde")]
mod wire {
    use core::fmt;

    use serde::{
        Deserialize, Deserializer, Serialize, Serializer,
        de::{DeserializeSeed, Error, SeqAccess, Visitor},
    };

    use super::Record;

    impl Serialize for Record {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            (self.rules(), self.moves()).serialize(serializer)
        }
    }

    impl<'de> Deserialize<'de> for Record {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_tuple(2, Pair)
        }
    }

    /// Reads the rules, then hands the empty record to [`Replay`].
    struct Pair;

    impl<'de> Visitor<'de> for Pair {
        type Value = Record;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a pair of rules and moves")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut pair: A) -> Result<Record, A::Error> {
            let rules = pair.next_element()?.ok_or_else(|| Error::invalid_length(0, &self))?;
            let replay = Replay(Record::new(rules));
            pair.next_element_seed(replay)?.ok_or_else(|| Error::invalid_length(1, &self))
        }
    }

    /// Plays the moves it reads.
    ///
    /// Nothing is reserved for the length that the input announces. A finished game accepts no move, and a full board
    /// is finished, so at most one cell is read beyond the cells of the board.
    struct Replay(Record);

    impl<'de> DeserializeSeed<'de> for Replay {
        type Value = Record;

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Record, D::Error> {
            deserializer.deserialize_seq(self)
        }
    }

    impl<'de> Visitor<'de> for Replay {
        type Value = Record;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "at most {} moves", self.0.rules().cells())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut cells: A) -> Result<Record, A::Error> {
            let Self(mut record) = self;
            while let Some(cell) = cells.next_element()? {
                record.play(cell).map_err(Error::custom)?;
            }
            Ok(record)
        }
    }
}
