//! Open files: the limit of the system, and one that is kept for the moment in which there are no more.

use std::{fs::File, io};

use tracing::{info, warn};

use super::config::Config;

/// An open file without a use. It is closed to accept a connection when there is no other file left.
#[derive(Debug)]
pub(super) struct SpareFile(Option<File>);

impl SpareFile {
    pub(super) fn new() -> Self {
        let mut spare = Self(None);
        spare.restore();
        spare
    }

    /// Closes it; `false` if it was closed already.
    pub(super) fn give(&mut self) -> bool {
        self.0.take().is_some()
    }

    /// Opens it again, if there is room for it.
    pub(super) fn restore(&mut self) {
        if self.0.is_none() {
            self.0 = File::open(if cfg!(windows) { "NUL" } else { "/dev/null" }).ok();
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

    let wanted = u64::try_from(config.files()).unwrap_or(u64::MAX);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    let raised = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let limit = match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum }) {
        Ok(()) => raised,
        Err(error) => {
            warn!(%error, "cannot raise the limit of open files");
            current.unwrap_or(raised)
        }
    };
    info!(limit, "raised the limit of open files");
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

/// "Too many open files in system" and "Too many open files", the same on all of Unix.
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;
