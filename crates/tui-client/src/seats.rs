//! The seats that runs of the program leave behind, so that one that was killed finds its way back.
//!
//! Each run keeps its token in a file of its own and holds a lock on it while it lives. A file whose lock is
//! free belongs to a run that has ended without leaving its seat.

use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use net::proto::{SECRET_BYTES, SessionId, Token};
use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::cmd::SavedSeat;

/// Files looked at when the program starts: far more than there are runs at once.
const MAX_FILES: usize = 64;

/// How long a seat can be of use: while the other player waits, a server keeps it as long as they do.
const MAX_AGE: Duration = Duration::from_hours(24);

/// The seats kept in one folder.
#[derive(Debug)]
pub(crate) struct Seats {
    folder: PathBuf,
    /// The file of this run, locked.
    mine: Option<(PathBuf, File)>,
}

/// A seat as it is written down.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    server: String,
    code: String,
    session: u64,
    secret: String,
}

impl Seats {
    /// The seats in the state folder, `$XDG_STATE_HOME/oxo/seats` or `~/.local/state/oxo/seats`; `None` if
    /// there is no such place.
    pub(crate) fn open() -> Option<Self> {
        let state = std::env::var_os("XDG_STATE_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| std::env::home_dir().map(|home| home.join(".local/state")))?;
        Some(Self { folder: state.join("oxo/seats"), mine: None })
    }

    /// The newest seat that an ended run has left behind, which now is this run's.
    pub(crate) fn take_orphan(&mut self) -> Option<SavedSeat> {
        let mut files: Vec<(SystemTime, PathBuf)> = fs::read_dir(&self.folder)
            .ok()?
            .take(MAX_FILES)
            .flatten()
            .filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file.path())))
            .collect();
        files.sort();
        for (written, path) in files.into_iter().rev() {
            let Ok(mut file) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
            if file.try_lock().is_err() {
                continue;
            }
            let is_old = written.elapsed().is_ok_and(|age| age > MAX_AGE);
            match read(&mut file).filter(|_| !is_old) {
                Some(seat) => {
                    self.mine = Some((path, file));
                    return Some(seat);
                }
                None => remove(&path),
            }
        }
        None
    }

    /// Writes down the seat of this run. Without it the game goes on; only a killed run would not return.
    pub(crate) fn keep(&mut self, seat: &SavedSeat) {
        if let Err(error) = self.try_keep(seat) {
            warn!(%error, "the seat cannot be written down");
        }
    }

    /// Forgets the seat of this run.
    pub(crate) fn forget(&mut self) {
        if let Some((path, _)) = self.mine.take() {
            remove(&path);
        }
    }

    fn try_keep(&mut self, seat: &SavedSeat) -> io::Result<()> {
        if self.mine.is_none() {
            fs::create_dir_all(&self.folder)?;
            let path = self.folder.join(format!("{}.toml", std::process::id()));
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .read(true)
                .write(true)
                .mode(0o600)
                .open(&path)?;
            file.try_lock().map_err(io::Error::from)?;
            self.mine = Some((path, file));
        }
        let Some((_, file)) = &mut self.mine else { return Ok(()) };
        let entry = Entry {
            server: seat.target.to_string(),
            code: seat.code.to_string(),
            session: seat.token.session.0,
            secret: hex(&seat.token.secret),
        };
        let text = toml::to_string(&entry).map_err(io::Error::other)?;
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(text.as_bytes())
    }
}

fn read(file: &mut File) -> Option<SavedSeat> {
    let mut text = String::new();
    file.take(4096).read_to_string(&mut text).ok()?;
    let entry: Entry = toml::from_str(&text).ok()?;
    let token = Token { session: SessionId(entry.session), secret: unhex(&entry.secret)? };
    Some(SavedSeat { target: entry.server.parse().ok()?, code: entry.code.parse().ok()?, token })
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        warn!(%error, "a seat cannot be forgotten");
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string does not fail.
        let _written = write!(text, "{byte:02x}");
    }
    text
}

fn unhex(text: &str) -> Option<[u8; SECRET_BYTES]> {
    let mut bytes = [0; SECRET_BYTES];
    if text.len() != 2 * SECRET_BYTES || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seat(secret: u8) -> SavedSeat {
        SavedSeat {
            target: "[fe80::1%eth0]:1952".parse().unwrap(),
            code: "KITE-42".parse().unwrap(),
            token: Token { session: SessionId(7), secret: [secret; 16] },
        }
    }

    #[test]
    fn a_seat_is_found_only_once_its_run_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Seats { folder: folder.path().to_owned(), mine: None };
        let mut first = open();
        first.keep(&seat(0xab));
        assert!(open().take_orphan().is_none(), "its run lives");
        drop(first);
        let mut second = open();
        let found = second.take_orphan().unwrap();
        assert_eq!(found.token.secret, [0xab; 16]);
        assert_eq!(found.target, seat(0).target);
        assert!(open().take_orphan().is_none(), "it has a new owner");
        second.forget();
        drop(second);
        assert!(open().take_orphan().is_none(), "it was forgotten");
    }

    #[test]
    fn rubbish_is_no_seat() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("1.toml"), "server = 5").unwrap();
        let mut seats = Seats { folder: folder.path().to_owned(), mine: None };
        assert!(seats.take_orphan().is_none());
    }
}
