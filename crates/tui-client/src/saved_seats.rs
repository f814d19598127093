//! Seats on disk, so that a killed program finds its way back, and one that ended in order its adjourned matches.
//!
//! Each seat has a file of its own, which its run of the program keeps locked. A file without a lock is an orphan: its run
//! has ended without giving up the seat.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use net::proto::{Name, RoomCode, Token};
use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::{
    cmd::SavedSeat,
    system::{BaseFolder, create_private, is_removed, make_private, open_own},
};

/// Files looked at when the program starts: far more than runs at once.
const MAX_FILES: usize = 64;

/// Entries of the folder looked at to find these: nothing but files of ours should be in it.
const MAX_ENTRIES: usize = 1024;

/// Bytes read of a file: several times what is written.
const MAX_BYTES: u64 = 4096;

/// The age at which a seat is of no more use. A server keeps it while the other player waits.
const MAX_AGE: Duration = Duration::from_hours(24);

/// Orphans that one run takes: as many as the menu lists. It leaves the oldest to the next run.
const MAX_HELD: usize = 8;

/// The seats in one folder.
#[derive(Debug)]
pub(crate) struct SavedSeats {
    folder: PathBuf,
    /// The files of this run, locked.
    held: Vec<Held>,
    /// The number of the last file of this run.
    made: u32,
}

/// A locked file.
#[derive(Debug)]
struct Held {
    seat: SavedSeat,
    path: PathBuf,
    file: File,
}

/// The content of a file.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    server: String,
    #[serde(default)]
    hosted: Option<u8>,
    code: RoomCode,
    token: Token,
    opponent: Option<Name>,
    is_adjourned: bool,
}

impl SavedSeats {
    /// Opens the seats in [`folder`]; `None` without a home folder.
    pub(crate) fn open() -> Option<Self> {
        folder().map(Self::in_folder)
    }

    const fn in_folder(folder: PathBuf) -> Self {
        Self { folder, held: Vec::new(), made: 0 }
    }

    /// Takes over the seats of runs that have ended, the newest first.
    pub(crate) fn take_orphans(&mut self) -> Vec<SavedSeat> {
        let Ok(folder) = fs::read_dir(&self.folder) else { return Vec::new() };
        let written =
            |entry: &fs::DirEntry| entry.metadata().ok().filter(fs::Metadata::is_file)?.modified().ok();
        let mut files: Vec<(SystemTime, PathBuf)> = folder
            .take(MAX_ENTRIES)
            .flatten()
            .filter_map(|entry| Some((written(&entry)?, entry.path())))
            .take(MAX_FILES)
            .collect();
        files.sort();
        let mut seats = Vec::new();
        for (written, path) in files.into_iter().rev() {
            if self.held.len() == MAX_HELD {
                break;
            }
            let Some(file) = open_own(&path) else { continue };
            if !lock(&file, &path).unwrap_or(false) {
                continue;
            }
            let is_old = written.elapsed().is_ok_and(|age| age > MAX_AGE);
            match read(&file).filter(|_| !is_old) {
                Some(seat) => {
                    seats.push(seat.clone());
                    self.held.push(Held { seat, path, file });
                }
                None => remove(&path),
            }
        }
        seats
    }

    /// Saves a seat of this run. A failure is logged: the game goes on, and only a killed run would not return.
    pub(crate) fn keep(&mut self, seat: &SavedSeat) {
        if let Err(error) = self.try_keep(seat) {
            warn!(%error, "the seat cannot be saved");
        }
    }

    /// Removes the seat of a session.
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
        let &SavedSeat { ref target, hosted, code, token, opponent, is_adjourned } = seat;
        let entry = Entry { server: target.to_string(), hosted, code, token, opponent, is_adjourned };
        let file = &mut self.held[index].file;
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(&serde_json::to_vec(&entry)?)
    }

    /// Makes a file for a seat and locks it. Returns its index among those held.
    fn make(&mut self, seat: &SavedSeat) -> io::Result<usize> {
        make_private(&self.folder)?;
        let (path, file) = loop {
            let (path, file) = self.create_file()?;
            // Until it is locked, a run that starts may take the empty file for rubbish and remove it.
            if lock(&file, &path)? {
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
            let path = self.folder.join(format!("{}-{}.json", std::process::id(), self.made));
            match create_private(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => return Ok((path, made?)),
            }
        }
    }
}

/// Locks a file. Returns whether it is now this run's: another one may hold it, or have removed it.
fn lock(file: &File, path: &Path) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(!is_removed(file, path)?),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The folder of the seats; `None` without a home folder.
pub(crate) fn folder() -> Option<PathBuf> {
    Some(BaseFolder::State.ours()?.join("seats"))
}

/// The file that says that somebody has played, beside the folder of the seats.
fn played() -> Option<PathBuf> {
    Some(folder()?.parent()?.join("played"))
}

/// Tells whether nobody has played here yet: no game is noted and no seat was ever kept.
pub(crate) fn is_newcomer() -> bool {
    played().is_some_and(|played| !played.exists()) && folder().is_some_and(|seats| !seats.exists())
}

/// Notes that somebody has played. Where that cannot be written, it is said again.
pub(crate) fn note_played() {
    let Some(played) = played() else { return };
    let _made = played.parent().map(make_private);
    let _made = create_private(&played);
}

fn read(file: &File) -> Option<SavedSeat> {
    let text = io::read_to_string(file.take(MAX_BYTES)).ok()?;
    let Entry { server, hosted, code, token, opponent, is_adjourned } = serde_json::from_str(&text).ok()?;
    Some(SavedSeat { target: server.parse().ok()?, hosted, code, token, opponent, is_adjourned })
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        warn!(%error, "a saved seat cannot be removed");
    }
}

#[cfg(test)]
mod tests {
    use net::proto::SessionId;
    #[cfg(target_os = "linux")]
    use rustix::fs::{FileType, Mode};
    use std::{
        sync::mpsc::{self, TryRecvError},
        thread,
    };

    use super::*;

    fn seat(secret: u8) -> SavedSeat {
        SavedSeat {
            target: "[fe80::1%eth0]:1952".parse().unwrap(),
            hosted: (secret == 0xab).then_some(3),
            code: "KITE-42".parse().unwrap(),
            token: Token { session: SessionId(7), secret: [secret; 16] },
            opponent: Some("ben".parse().unwrap()),
            is_adjourned: secret == 0xcd,
        }
    }

    /// The first byte of each secret, and whether the match is adjourned.
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
        assert_eq!(orphans[0].hosted, Some(3));
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
        assert!(!lock(&file, &path).unwrap());
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

    #[cfg(target_os = "linux")]
    #[test]
    fn pipes_links_and_folders_are_neither_read_nor_written() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("seats");
        let mut run = SavedSeats::in_folder(folder.clone());
        run.keep(&seat(0xab));
        let elsewhere = home.path().join("elsewhere.json");
        fs::rename(&run.held[0].path, &elsewhere).unwrap();
        drop(run);
        let written = fs::read(&elsewhere).unwrap();
        let pipe = folder.join("pipe.json");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
        std::os::unix::fs::symlink(&elsewhere, folder.join("link.json")).unwrap();
        std::os::unix::fs::symlink(&pipe, folder.join("link to a pipe.json")).unwrap();
        fs::hard_link(&elsewhere, folder.join("second name.json")).unwrap();
        fs::create_dir(folder.join("folder.json")).unwrap();
        std::os::unix::net::UnixListener::bind(folder.join("socket.json")).unwrap();
        let mut run = SavedSeats::in_folder(folder.clone());
        assert_eq!(run.take_orphans().len(), 0);
        assert_eq!(fs::read(&elsewhere).unwrap(), written);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 6, "what is not ours is left");
        run.keep(&seat(0xcd));
        drop(run);
        assert_eq!(found(&SavedSeats::in_folder(folder).take_orphans()), [(0xcd, true)]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn many_pipes_hide_no_seat() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..2 * MAX_FILES {
            let pipe = folder.path().join(format!("{number}"));
            rustix::fs::mknodat(rustix::fs::CWD, pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
        }
        let open = || SavedSeats::in_folder(folder.path().to_owned());
        open().keep(&seat(0xab));
        assert_eq!(found(&open().take_orphans()), [(0xab, false)]);
    }

    /// A umask belongs to the whole process, so this test runs itself again in others.
    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_a_seat_whatever_the_umask() {
        use std::os::unix::fs::MetadataExt as _;
        use std::process::{Command, Stdio};

        const FOLDER: &str = "OXO_TEST_FOLDER";
        const TEST: &str = "saved_seats::tests::only_the_owner_may_read_a_seat_whatever_the_umask";
        if let Some(folder) = std::env::var_os(FOLDER) {
            let mut run = SavedSeats::in_folder(folder.into());
            run.keep(&seat(0xab));
            run.keep(&seat(0xab));
            return;
        }
        for umask in ["0", "022", "0277", "0777"] {
            let home = tempfile::tempdir().unwrap();
            let folder = home.path().join("state/oxo/seats");
            let status = Command::new("sh")
                .args(["-c", "umask $0; exec \"$@\"", umask])
                .arg(std::env::current_exe().unwrap())
                .args(["--exact", TEST])
                .env(FOLDER, &folder)
                .stdout(Stdio::null())
                .status()
                .unwrap();
            assert!(status.success(), "with umask {umask}");
            let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
            for folder in folder.ancestors().take(3) {
                assert_eq!(mode(folder), 0o700, "{} with umask {umask}", folder.display());
            }
            let files: Vec<PathBuf> =
                fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
            assert_eq!(
                files.iter().map(|file| mode(file)).collect::<Vec<_>>(),
                [0o600],
                "with umask {umask}"
            );
            assert_eq!(SavedSeats::in_folder(folder).take_orphans().len(), 1);
        }
    }

    #[test]
    fn rubbish_is_no_seat() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("1.json"), "{\"server\":5}").unwrap();
        let mut seats = SavedSeats::in_folder(folder.path().to_owned());
        assert_eq!(seats.take_orphans().len(), 0);
    }
}
