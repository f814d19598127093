//! The system, where Unix and Windows differ: files, folders, signals and the size of the terminal.
//!
//! Both halves have the same functions. A difference that is a word or a number stands where it is used, behind `cfg!`.

mod call;
#[cfg(unix)]
#[path = "system/unix.rs"]
mod half;
#[cfg(windows)]
#[path = "system/windows.rs"]
mod half;

use std::{
    io,
    path::{Path, PathBuf},
};

pub use self::half::options;
pub(crate) use self::{
    call::Call,
    half::{
        Signals, create_private, create_private_folder, is_removed, is_writable, open_folder, open_own,
        sync_folder, terminal_size,
    },
};

/// A folder for files of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BaseFolder {
    Config,
    /// For what a player would miss.
    Data,
    /// For what is of use to this machine alone.
    State,
}

impl BaseFolder {
    /// Our part of it: that of the XDG Base Directory Specification, or of Windows. `None` without a home folder.
    pub(crate) fn ours(self) -> Option<PathBuf> {
        let (variable, usual) = match self {
            Self::Config | Self::Data if cfg!(windows) => ("APPDATA", r"AppData\Roaming"),
            Self::State if cfg!(windows) => ("LOCALAPPDATA", r"AppData\Local"),
            Self::Config => ("XDG_CONFIG_HOME", ".config"),
            Self::Data => ("XDG_DATA_HOME", ".local/share"),
            Self::State => ("XDG_STATE_HOME", ".local/state"),
        };
        let named = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        let base = named.or_else(|| Some(std::env::home_dir()?.join(usual)));
        base.map(|base| base.join("oxo"))
    }
}

/// The name under which the player has logged in, if there is one.
pub(crate) fn login() -> Option<String> {
    let variables: &[&str] = if cfg!(windows) { &["USERNAME"] } else { &["USER", "LOGNAME"] };
    variables.iter().find_map(|name| Some(std::env::var_os(name)?.to_string_lossy().into_owned()))
}

/// Makes a folder that only its owner may enter, whatever the umask, and those above it that are missing likewise (XDG Base
/// Directory Specification). A folder that exists is left as it is.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    folder.parent().map_or(Ok(()), make_private)?;
    match create_private_folder(folder) {
        // Another run has made it meanwhile.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}
