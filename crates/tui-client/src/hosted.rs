//! The stores of our own servers: one for each run of the program that hosts, so that several may at once. What a killed run
//! has left in its store can be hosted again.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use server::store::{Folder, Sqlite, Store as _, StoreError};
use tracing::warn;

use crate::system::BaseFolder;

/// Stores on one account: more than windows that host.
const MOST: u8 = 16;

/// The age at which a room that nobody has hosted again makes room for another one: that of a saved seat.
const MAX_AGE: Duration = Duration::from_hours(24);

/// Opens the store with this number, to host again what is in it.
///
/// # Errors
///
/// The reason why it cannot be used.
pub(crate) fn again(number: u8) -> anyhow::Result<Sqlite> {
    let folder = folder(number).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    Ok(Sqlite::open(Folder::lock(&folder)?)?)
}

/// Opens a store in which no room waits to be hosted again, and returns its number. `None`, which the log explains, if there
/// is none: the game goes on, and only a killed run would not return.
pub(crate) fn free() -> Option<(u8, Sqlite)> {
    for number in 1..=MOST {
        match empty(&folder(number)?) {
            Ok(Some(store)) => return Some((number, store)),
            Ok(None) => {}
            Err(error) => {
                warn!(%error, "the game cannot be kept");
                return None;
            }
        }
    }
    warn!("the game cannot be kept: there are too many stores");
    None
}

/// Opens the store in a folder, unless another run has it or a room in it waits to be hosted again.
fn empty(folder: &Path) -> Result<Option<Sqlite>, StoreError> {
    let locked = match Folder::lock(folder) {
        Err(StoreError::Busy(_)) => return Ok(None),
        locked => locked?,
    };
    let database = folder.join("oxo.db");
    let changed = fs::metadata(&database).and_then(|database| database.modified());
    let is_old = changed.is_ok_and(|changed| changed.elapsed().is_ok_and(|age| age > MAX_AGE));
    if is_old {
        for file in ["oxo.db-wal", "oxo.db-shm", "oxo.db"] {
            let _absent = fs::remove_file(folder.join(file));
        }
    }
    let mut store = match Sqlite::open(locked) {
        // Somebody may still want to look at it.
        Err(StoreError::Damaged { .. } | StoreError::Newer { .. } | StoreError::Foreign(_)) => {
            return Ok(None);
        }
        opened => opened?,
    };
    Ok(store.load()?.is_empty().then_some(store))
}

fn folder(number: u8) -> Option<PathBuf> {
    Some(BaseFolder::State.ours()?.join("hosted").join(number.to_string()))
}
