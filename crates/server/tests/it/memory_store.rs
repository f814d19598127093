//! A store in memory: a new server loads from it what the last one had committed.

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use net::proto::RoomCode;
use server::{
    lobby::{FinishedMatch, KeptRoom},
    store::{Batch, Store, StoreError},
};

/// A store in memory. Its clones have one content.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Content>>);

#[derive(Debug, Default)]
struct Content {
    rooms: BTreeMap<RoomCode, Arc<KeptRoom>>,
    finished: Vec<FinishedMatch>,
    is_failing: bool,
}

impl Memory {
    /// Makes all commits fail from now on, or no longer.
    pub(crate) fn fail(&self, is_failing: bool) {
        self.with(|content| content.is_failing = is_failing);
    }

    /// The matches that have ended.
    pub(crate) fn finished(&self) -> Vec<FinishedMatch> {
        self.with(|content| content.finished.clone())
    }

    fn with<R>(&self, look: impl FnOnce(&mut Content) -> R) -> R {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for Memory {
    fn load(&mut self) -> Result<Vec<KeptRoom>, StoreError> {
        Ok(self.with(|content| content.rooms.values().map(|room| KeptRoom::clone(room)).collect()))
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), StoreError> {
        self.with(|content| {
            if content.is_failing {
                let path = PathBuf::from("memory");
                return Err(StoreError::File { path, source: io::ErrorKind::StorageFull.into() });
            }
            for (code, room) in &batch.rooms {
                match room {
                    Some(room) => drop(content.rooms.insert(*code, Arc::clone(room))),
                    None => drop(content.rooms.remove(code)),
                }
            }
            content.finished.extend_from_slice(&batch.finished);
            Ok(())
        })
    }
}
