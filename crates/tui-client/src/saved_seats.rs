//! The seats that runs of the program leave behind, so that one that was killed finds its way back, and one that
//! ended in order finds its adjourned matches.
//!
//! Each seat has a file of its own, which its run holds locked while it lives. A file whose lock is free belongs to a
//! run that has ended without giving up that seat.

use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write as _},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
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

/// Seats that one run holds at most: as many as the menu lists. The oldest files are left to the next run.
const MAX_HELD: usize = 8;

/// The seats kept in one folder.
#[derive(Debug)]
pub(crate) struct SavedSeats {
    folder: PathBuf,
    /// The files of this run, locked.
    held: Vec<Held>,
    /// Files that this run has made.
    made: u32,
}

/// A file of this run.
#[derive(Debug)]
struct Held {
    seat: SavedSeat,
    path: PathBuf,
    file: File,
}

/// A seat as it is written down.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    server: String,
    code: String,
    session: u64,
    secret: String,
    opponent: Option<String>,
    #[serde(default)]
    is_adjourned: bool,
}

impl SavedSeats {
    /// The seats in [`folder`]; `None` if there is no such place.
    pub(crate) fn open() -> Option<Self> {
        folder().map(Self::in_folder)
    }

    const fn in_folder(folder: PathBuf) -> Self {
        Self { folder, held: Vec::new(), made: 0 }
    }

    /// The seats that ended runs have left behind, the newest first, which now are this run's.
    pub(crate) fn take_orphans(&mut self) -> Vec<SavedSeat> {
        let Ok(folder) = fs::read_dir(&self.folder) else { return Vec::new() };
        let mut files: Vec<(SystemTime, PathBuf)> = folder
            .take(MAX_FILES)
            .flatten()
            .filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file.path())))
            .collect();
        files.sort();
        let mut seats = Vec::new();
        for (written, path) in files.into_iter().rev() {
            if self.held.len() == MAX_HELD {
                break;
            }
            let Ok(mut file) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
            if !lock(&file).unwrap_or(false) {
                continue;
            }
            let is_old = written.elapsed().is_ok_and(|age| age > MAX_AGE);
            match read(&mut file).filter(|_| !is_old) {
                Some(seat) => {
                    seats.push(seat.clone());
                    self.held.push(Held { seat, path, file });
                }
                None => remove(&path),
            }
        }
        seats
    }

    /// Writes down a seat of this run. Without it the game goes on; only a killed run would not return.
    pub(crate) fn keep(&mut self, seat: &SavedSeat) {
        if let Err(error) = self.try_keep(seat) {
            warn!(%error, "the seat cannot be written down");
        }
    }

    /// Forgets the seat of a session.
    pub(crate) fn forget(&mut self, token: &Token) {
        for held in self.held.extract_if(.., |held| held.seat.is_of(token)) {
            remove(&held.path);
        }
    }

    fn try_keep(&mut self, seat: &SavedSeat) -> io::Result<()> {
        let index = match self.held.iter().position(|held| held.seat.is_of(&seat.token)) {
            Some(index) => index,
            None => self.make(seat)?,
        };
        let file = &mut self.held[index].file;
        let entry = Entry {
            server: seat.target.to_string(),
            code: seat.code.to_string(),
            session: seat.token.session.0,
            secret: hex(&seat.token.secret),
            opponent: seat.opponent.map(|name| name.to_string()),
            is_adjourned: seat.is_adjourned,
        };
        let text = toml::to_string(&entry).map_err(io::Error::other)?;
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(text.as_bytes())
    }

    /// Makes a file for a seat and locks it. Returns its index among those held.
    fn make(&mut self, seat: &SavedSeat) -> io::Result<usize> {
        fs::create_dir_all(&self.folder)?;
        let (path, file) = loop {
            let (path, file) = self.create_file()?;
            // Until it is locked, a run that starts may take the empty file for rubbish and remove it.
            if lock(&file)? {
                break (path, file);
            }
        };
        self.held.push(Held { seat: seat.clone(), path, file });
        Ok(self.held.len() - 1)
    }

    /// Creates a file under the next free name: a run with the same process id may have left some long ago.
    fn create_file(&mut self) -> io::Result<(PathBuf, File)> {
        loop {
            self.made += 1;
            let path = self.folder.join(format!("{}-{}.toml", std::process::id(), self.made));
            match OpenOptions::new().create_new(true).read(true).write(true).mode(0o600).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                created => return Ok((path, created?)),
            }
        }
    }
}

/// Locks a file. Returns whether it is now this run's: another one may hold it, or have removed it.
fn lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(file.metadata()?.nlink() > 0),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Where seats are kept: `$XDG_STATE_HOME/oxo/seats` or `~/.local/state/oxo/seats`; `None` for who has no home.
pub(crate) fn folder() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(".local/state")))?;
    Some(state.join("oxo/seats"))
}

fn read(file: &mut File) -> Option<SavedSeat> {
    let mut text = String::new();
    file.take(4096).read_to_string(&mut text).ok()?;
    let entry: Entry = toml::from_str(&text).ok()?;
    let token = Token { session: SessionId(entry.session), secret: unhex(&entry.secret)? };
    Some(SavedSeat {
        target: entry.server.parse().ok()?,
        code: entry.code.parse().ok()?,
        token,
        opponent: entry.opponent.and_then(|name| name.parse().ok()),
        is_adjourned: entry.is_adjourned,
    })
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
    use std::{
        sync::mpsc::{self, TryRecvError},
        thread,
    };

    use super::*;

    fn seat(secret: u8) -> SavedSeat {
        SavedSeat {
            target: "[fe80::1%eth0]:1952".parse().unwrap(),
            code: "KITE-42".parse().unwrap(),
            token: Token { session: SessionId(7), secret: [secret; 16] },
            opponent: Some("ben".parse().unwrap()),
            is_adjourned: secret == 0xcd,
        }
    }

    /// The secrets and what else is read of them.
    fn found(seats: &[SavedSeat]) -> Vec<(u8, bool)> {
        let mut found: Vec<(u8, bool)> =
            seats.iter().map(|seat| (seat.token.secret[0], seat.is_adjourned)).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn a_seat_is_found_only_once_its_run_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let open = || SavedSeats::in_folder(folder.path().to_owned());
        let mut first = open();
        first.keep(&seat(0xab));
        assert_eq!(open().take_orphans().len(), 0, "its run lives");
        drop(first);
        let mut second = open();
        let orphans = second.take_orphans();
        assert_eq!(found(&orphans), [(0xab, false)]);
        assert_eq!(orphans[0].target, seat(0).target);
        assert_eq!(orphans[0].opponent, seat(0).opponent);
        assert_eq!(open().take_orphans().len(), 0, "it has a new owner");
        second.forget(&seat(0xab).token);
        drop(second);
        assert_eq!(open().take_orphans().len(), 0, "it was forgotten");
    }

    #[test]
    fn each_seat_of_a_run_has_a_file_of_its_own_and_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let open = || SavedSeats::in_folder(folder.path().to_owned());
        let mut run = open();
        run.keep(&SavedSeat { is_adjourned: false, opponent: None, ..seat(0xcd) });
        run.keep(&seat(0xab));
        run.keep(&seat(0xcd));
        drop(run);
        let mut run = open();
        assert_eq!(found(&run.take_orphans()), [(0xab, false), (0xcd, true)]);
        run.forget(&seat(0xab).token);
        drop(run);
        assert_eq!(found(&open().take_orphans()), [(0xcd, true)]);
    }

    #[test]
    fn a_file_that_is_removed_before_it_is_locked_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = SavedSeats::in_folder(folder.path().to_owned());
        let (path, file) = run.create_file().unwrap();
        assert_eq!(SavedSeats::in_folder(folder.path().to_owned()).take_orphans().len(), 0);
        assert!(!path.exists(), "the other run took it for rubbish");
        assert!(!lock(&file).unwrap());
        run.keep(&seat(0xab));
        assert!(run.held[0].path.exists());
    }

    #[test]
    fn runs_that_start_meanwhile_take_no_seat() {
        let folder = tempfile::tempdir().unwrap();
        let open = || SavedSeats::in_folder(folder.path().to_owned());
        let mut run = open();
        thread::scope(|scope| {
            let (done, is_done) = mpsc::channel::<()>();
            scope.spawn(move || {
                while is_done.try_recv() == Err(TryRecvError::Empty) {
                    assert_eq!(open().take_orphans().len(), 0, "its run lives");
                }
            });
            for round in 0..200 {
                run.keep(&seat(0xab));
                let kept = run.held.iter().filter(|held| held.path.exists()).count();
                assert_eq!(kept, 1, "in round {round}");
                run.forget(&seat(0xab).token);
            }
            drop(done);
        });
    }

    #[test]
    fn a_run_takes_no_more_seats_than_it_can_list() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = SavedSeats::in_folder(folder.path().to_owned());
        for secret in 0..20 {
            run.keep(&seat(secret));
        }
        drop(run);
        assert_eq!(SavedSeats::in_folder(folder.path().to_owned()).take_orphans().len(), MAX_HELD);
    }

    #[test]
    fn rubbish_is_no_seat() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("1.toml"), "server = 5").unwrap();
        let mut seats = SavedSeats::in_folder(folder.path().to_owned());
        assert_eq!(seats.take_orphans().len(), 0);
    }
}
