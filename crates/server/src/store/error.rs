//! The reasons why a store cannot be used.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::lobby::RestoreError;

/// The reason why a store cannot be opened, read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The system refuses a file or a folder.
    #[error("cannot keep games in {}", .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// Another server has it open.
    #[error("another server keeps its games in {}", .0.display())]
    Busy(PathBuf),
    /// It was written by a later version of this program.
    #[error("{} is from a newer version of oxo: its format is {found}, and this version knows {known}", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i32,
        /// The newest format that is known.
        known: i32,
    },
    /// It belongs to another program.
    #[error("{} is a database of another program", .0.display())]
    Foreign(PathBuf),
    /// It is no database, or what is in it makes no sense.
    #[error("{} is damaged: {detail}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The flaw that was found first.
        detail: String,
    },
    /// Its contents contradict each other.
    #[error("the games that were kept cannot be gone on with")]
    Unfit(#[from] RestoreError),
    /// The database refuses: the disk is full, may not be written, or has failed.
    #[error("cannot use the database {}", .path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// A sentence that helps, if there is one.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Busy(_) => {
                Some("`--data-dir` names another folder, and with `--no-store` a server keeps nothing")
            }
            Self::File { .. } => {
                Some("`--data-dir` names the folder; with `--no-store` a stop of the server ends its games")
            }
            Self::Newer { .. } | Self::Damaged { .. } | Self::Foreign(_) | Self::Unfit(_) => {
                Some("the file is left as it is; move it away to begin anew, or put a backup in its place")
            }
            Self::Database { .. } => None,
        }
    }
}
