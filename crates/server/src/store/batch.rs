//! The contract of a store: what it is given, and what it gives back.

use std::{collections::BTreeMap, sync::Arc};

use net::proto::RoomCode;

use super::error::StoreError;
use crate::lobby::{FinishedMatch, Keep, KeptRoom};

/// A place that keeps rooms and finished matches.
pub trait Store: Send + 'static {
    /// Everything that a start has to know: the rooms that are kept.
    ///
    /// # Errors
    ///
    /// The reason why it cannot be read.
    fn load(&mut self) -> Result<Vec<KeptRoom>, StoreError>;

    /// Keeps all changes of a batch, or none. When it returns, they outlive the machine.
    ///
    /// After an error the same batch may come again.
    ///
    /// # Errors
    ///
    /// The reason why nothing was kept.
    fn commit(&mut self, batch: &Batch) -> Result<(), StoreError>;
}

/// The changes of one transaction. Of several changes of one room, the last counts.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The rooms as they are now; `None` for one that is not kept any longer.
    pub rooms: BTreeMap<RoomCode, Option<Arc<KeptRoom>>>,
    /// The matches that have ended.
    pub finished: Vec<FinishedMatch>,
}

impl Batch {
    /// Adds a change, in place of an earlier one of the same room.
    pub fn add(&mut self, keep: Keep) {
        match keep {
            Keep::Room(room) => drop(self.rooms.insert(room.code, Some(room))),
            Keep::Gone(code) => drop(self.rooms.insert(code, None)),
            Keep::Finished(finished) => self.finished.push(*finished),
        }
    }

    /// Tests for a batch that changes nothing.
    pub fn is_empty(&self) -> bool {
        self.rooms.is_empty() && self.finished.is_empty()
    }
}
