//! Open files: the limit of the system, and a few that are kept for the moment in which there are no more.

use std::{fs::File, io};

use super::config::Config;

/// Open files without a use. They are closed to accept connections when there are no others left.
///
/// Several, so that a player who returns has the time to say hello while others come behind.
#[derive(Debug)]
pub(super) struct SpareFiles(Vec<File>);

impl SpareFiles {
    pub(super) fn new() -> Self {
        let mut spare = Self(Vec::new());
        spare.restore();
        spare
    }

    /// Closes one of them; `false` if all are closed.
    pub(super) fn give(&mut self) -> bool {
        self.0.pop().is_some()
    }

    /// Opens them again, as far as there is room.
    pub(super) fn restore(&mut self) {
        while self.0.len() < KEPT
            && let Ok(file) = File::open(if cfg!(windows) { "NUL" } else { "/dev/null" })
        {
            self.0.push(file);
        }
    }
}

/// Tests for an error that means that this process, or the whole system, has as many open files as it may.
pub(super) fn is_out_of_files(error: &io::Error) -> bool {
    // `io::ErrorKind` has no name for them.
    matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
}

/// Raises the limit of open files to what the links need, as far as the system allows it, and lowers the links to the rest.
#[cfg(unix)]
pub(super) fn make_room(config: &mut Config) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use tracing::{debug, warn};

    let wanted = u64::try_from(config.files()).unwrap_or(u64::MAX);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    let most = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let limit = match setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum }) {
        Ok(()) => most,
        Err(error) => {
            warn!(%error, "cannot raise the limit of open files");
            current.unwrap_or(most)
        }
    };
    debug!(?current, limit, "the limit of open files");
    config.fit(usize::try_from(limit).unwrap_or(usize::MAX));
    if limit < wanted {
        warn!(
            open_files = limit,
            sessions = config.limits.sessions,
            handshakes = config.unproven_links,
            "this system allows fewer open files than the links need (`ulimit -n {wanted}`), so there are fewer links"
        );
    }
}

#[cfg(not(unix))]
pub(super) fn make_room(_config: &mut Config) {}

/// Files that are kept.
const KEPT: usize = 4;

/// "Too many open files in system" and "Too many open files", the same on all of Unix; `WSAENOBUFS` and `WSAEMFILE`.
const ENFILE: i32 = if cfg!(windows) { 10_055 } else { 23 };
const EMFILE: i32 = if cfg!(windows) { 10_024 } else { 24 };
