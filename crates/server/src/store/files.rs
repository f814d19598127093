//! The folder of a store: its files, their permissions, and the lock that keeps a second server out.

#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::error::StoreError;

/// The name of the database.
const DATABASE: &str = "oxo.db";

/// The name of the file whose lock is held as long as the store is open.
const LOCK: &str = "oxo.lock";

/// A folder that this process alone uses as a store.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder if there is none, and locks it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] if another process has it, or the system's reason.
    pub fn lock(path: &Path) -> Result<Self, StoreError> {
        let refused = |path: &Path| {
            let path = path.to_owned();
            |source| StoreError::File { path, source }
        };
        make_private(path).map_err(refused(path))?;
        let name = path.join(LOCK);
        let file = private().create(true).truncate(false).open(&name).map_err(refused(&name))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(StoreError::File { path: name, source }),
        }
    }

    /// The database, which is made if there is none. Its name is on disk when this returns.
    pub(super) fn database(&self) -> Result<PathBuf, StoreError> {
        let path = database(&self.path);
        match private().create_new(true).open(&path) {
            Ok(_made) => sync(&self.path)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(StoreError::File { path, source }),
        }
        Ok(path)
    }
}

/// The database in a folder.
pub(super) fn database(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// Makes a folder, with those above it, for its owner alone. One that exists is left as it is.
///
/// # Errors
///
/// The system's.
pub fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    builder.create(folder)
}

/// Files for their owner alone.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    options.mode(0o600);
    options
}

/// Writes the names in a folder to disk.
#[cfg(unix)]
fn sync(folder: &Path) -> Result<(), StoreError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|source| StoreError::File { path: folder.to_owned(), source })
}

#[cfg(not(unix))]
fn sync(_folder: &Path) -> Result<(), StoreError> {
    Ok(())
}
