//! The file of the finished matches: one line of JSON for each, appended and on disk when the result is on the screen.
//!
//! It is the player's own, and nothing is ever removed from it: a match of 3x3 takes some 320 bytes, so that ten thousand take
//! about three megabytes. Reading is bounded instead.
//!
//! Reading and appending block, for some 250 ms at most where another program holds the file.

#![allow(
    clippy::disallowed_methods,
    reason = "a shell, on a thread that may wait for another program that holds the file"
)]

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use crate::{
    history::{History, KeptMatch, MAX_LINE_BYTES, Played},
    system::{BaseFolder, make_private, options, sync_folder},
};

/// A file of finished matches.
#[derive(Debug, Clone)]
pub struct HistoryFile {
    /// Its path.
    pub path: PathBuf,
}

/// Bytes read of a file at most, the newest: some 25,000 matches of 3x3.
const MAX_BYTES: u64 = 8 << 20;

/// Bytes at the end of the file in which a match is looked for that is there already: those of several hundred matches, more
/// than anybody plays until they return to a seat.
const RECENT_BYTES: u64 = 256 << 10;

/// The pause between two tries to lock the file, and their number: another program holds it for as long as a write takes.
const LOCK_TRIES: (Duration, u32) = (Duration::from_millis(10), 25);

impl HistoryFile {
    /// The file `oxo/matches.jsonl` in the player's folder of data; `None` without a home folder.
    pub fn usual() -> Option<Self> {
        Some(Self { path: BaseFolder::Data.ours()?.join("matches.jsonl") })
    }

    /// Reads the newest matches. A file that is not there yet has none.
    pub fn read_or_tell(&self) -> History {
        match self.read() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => History::default(),
            Err(error) => {
                let problem = Some(format!("{} could not be read: {error}.", self.path.display()));
                History { problem, ..History::default() }
            }
            Ok(history) => history,
        }
    }

    /// Reads the newest matches.
    ///
    /// # Errors
    ///
    /// It is no file, or cannot be read.
    pub fn read(&self) -> io::Result<History> {
        let mut file = options().read(true).open(&self.path)?;
        let length = file_length(&file)?;
        let text = tail(&mut file, length, MAX_BYTES)?;
        Ok(History { is_cut: length > MAX_BYTES, ..parse(&text) })
    }

    /// Appends a match and waits until it is on disk. Returns whether it was new: a match on a server is kept once.
    ///
    /// # Errors
    ///
    /// The disk is full, the folder is read-only, and whatever else a system has. The file is then as before.
    pub fn append(&self, kept: &KeptMatch) -> io::Result<bool> {
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        make_private(folder)?;
        let is_new = !self.path.exists();
        let mut file = options().read(true).append(true).create(true).open(&self.path)?;
        // Without the lock, which somebody holds who was stopped, a line is still appended whole.
        let is_locked = lock(&file)?;
        let length = file_length(&file)?;
        let end = tail(&mut file, length, RECENT_BYTES)?;
        if kept.place == Played::Server && parse(&end).matches.iter().any(|other| other.is_same(kept)) {
            return Ok(false);
        }
        // A program that was killed while it wrote has left a line without an end.
        let is_torn = end.last().is_some_and(|last| *last != b'\n');
        let line = format!("{}{}\n", if is_torn { "\n" } else { "" }, kept.to_line());
        let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_data());
        if let (Err(_), true) = (&written, is_locked) {
            let _left_as_a_damaged_line = file.set_len(length);
        }
        written?;
        if is_new {
            sync_folder(folder)?;
        }
        Ok(true)
    }
}

/// Writes a text to a new file under the first free name. Returns its path.
///
/// # Errors
///
/// The folder is read-only, the disk full, or there are too many files of the name.
pub(crate) fn write_new(folder: &Path, name: &str, extension: &str, text: &str) -> io::Result<PathBuf> {
    /// Files of one name at most: more exports of one match than anybody wants.
    const MOST: u32 = 100;
    for nth in 1..=MOST {
        let number = if nth == 1 { String::new() } else { format!("-{nth}") };
        let path = folder.join(format!("{name}{number}.{extension}"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(mut file) => {
                let written = file.write_all(text.as_bytes());
                if written.is_err() {
                    let _no_half_of_it_stays = fs::remove_file(&path);
                }
                return written.map(|()| path);
            }
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn file_length(file: &File) -> io::Result<u64> {
    let metadata = file.metadata()?;
    if metadata.is_file() { Ok(metadata.len()) } else { Err(io::Error::other("it is no file")) }
}

/// The last bytes of a file, and the line that they begin in from its own beginning only if all is read.
fn tail(file: &mut File, length: u64, most: u64) -> io::Result<Vec<u8>> {
    let skipped = length.saturating_sub(most);
    file.seek(SeekFrom::Start(skipped))?;
    let mut text = Vec::new();
    file.take(most).read_to_end(&mut text)?;
    if skipped > 0 {
        let rest_of_line = text.iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| end + 1);
        text.drain(..rest_of_line);
    }
    Ok(text)
}

/// The matches of a text: one a line, or one on several lines, as a formatter writes it.
fn parse(text: &[u8]) -> History {
    let whole = || {
        let text = str::from_utf8(text).ok().filter(|text| text.len() <= 4 * MAX_LINE_BYTES)?;
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        KeptMatch::parse(&value.to_string()).ok()
    };
    let history = History::parse(text);
    match whole().filter(|_| history.matches.is_empty()) {
        Some(kept) => History { matches: vec![kept], ..History::default() },
        None => history,
    }
}

/// Locks a file against other programs. Returns whether it is locked.
fn lock(file: &File) -> io::Result<bool> {
    let (pause, tries) = LOCK_TRIES;
    for _ in 0..tries {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => thread::sleep(pause),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                return Ok(false);
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::tests::random_match;

    fn file() -> (tempfile::TempDir, HistoryFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = HistoryFile { path: folder.path().join("share/oxo/matches.jsonl") };
        (folder, file)
    }

    /// A match of a place.
    fn kept(place: Played, seed: u64) -> KeptMatch {
        let mut kept = random_match(seed);
        kept.place = place;
        kept
    }

    #[test]
    fn what_is_appended_is_read_and_nobody_else_may_read_it() {
        let (_folder, file) = file();
        assert_eq!(file.read_or_tell(), History::default(), "nothing is there yet");
        let matches: Vec<KeptMatch> = (0..50).map(random_match).collect();
        for kept in &matches {
            assert!(file.append(kept).unwrap());
        }
        assert_eq!(file.read().unwrap().matches, matches);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!([mode(&file.path), mode(file.path.parent().unwrap())], [0o600, 0o700]);
        }
    }

    #[test]
    fn a_match_on_a_server_is_kept_once_and_equal_ones_at_this_machine_each() {
        let (_folder, file) = file();
        let played = kept(Played::Server, 3);
        assert!(file.append(&played).unwrap());
        // Whoever returns to its end has not seen the times.
        let mut seen_again = played.clone();
        seen_again.ended += 90;
        seen_again.took_millis.fill(None);
        assert!(!file.append(&seen_again).unwrap());
        let mut next = played;
        next.match_number += 1;
        assert!(file.append(&next).unwrap());
        let local = kept(Played::Keyboard, 3);
        assert!(file.append(&local).unwrap() && file.append(&local).unwrap());
        assert_eq!(file.read().unwrap().matches.len(), 4);
    }

    #[test]
    fn a_line_without_an_end_costs_no_other_match() {
        let (_folder, file) = file();
        file.append(&random_match(1)).unwrap();
        let whole = fs::read(&file.path).unwrap();
        fs::write(&file.path, [&whole[..], &whole[..whole.len() / 2]].concat()).unwrap();
        file.append(&random_match(2)).unwrap();
        let history = file.read().unwrap();
        assert_eq!((history.matches, history.damaged), (vec![random_match(1), random_match(2)], 1));
    }

    #[test]
    fn two_programs_append_at_once_and_each_line_is_whole() {
        let (_folder, file) = file();
        thread::scope(|scope| {
            for writer in 0..4 {
                let file = file.clone();
                scope.spawn(move || {
                    for nth in 0..25 {
                        file.append(&kept(Played::Bot, writer * 1_000 + nth)).unwrap();
                    }
                });
            }
        });
        let history = file.read().unwrap();
        assert_eq!((history.matches.len(), history.damaged), (100, 0));
    }

    #[test]
    fn of_a_file_without_end_the_newest_matches_are_read() {
        let (_folder, file) = file();
        file.append(&random_match(1)).unwrap();
        let line = fs::read(&file.path).unwrap();
        let most = usize::try_from(MAX_BYTES).unwrap();
        fs::write(&file.path, line.repeat(most / line.len() + 2)).unwrap();
        file.append(&random_match(2)).unwrap();
        let history = file.read().unwrap();
        assert!(history.is_cut && history.damaged == 0);
        assert_eq!(history.matches.last(), Some(&random_match(2)));
        assert!(history.remarks().contains("oldest"), "{}", history.remarks());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_no_file_is_an_error_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        for path in [pipe, folder.path().to_owned()] {
            let file = HistoryFile { path };
            assert!(file.read().is_err() && file.append(&random_match(1)).is_err());
            assert!(file.read_or_tell().problem.is_some());
        }
    }

    #[test]
    fn a_record_on_several_lines_is_one_match() {
        let (folder, _) = file();
        let kept = random_match(5);
        let value: serde_json::Value = serde_json::from_str(&kept.to_line()).unwrap();
        let path = folder.path().join("one.json");
        fs::write(&path, serde_json::to_string_pretty(&value).unwrap()).unwrap();
        assert_eq!(HistoryFile { path }.read().unwrap().matches, [kept]);
    }

    #[test]
    fn a_new_file_never_takes_the_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let write = || write_new(folder.path(), "oxo", "cast", "text").unwrap();
        let names: Vec<PathBuf> = (0..3).map(|_| write()).collect();
        assert_eq!(names, ["oxo.cast", "oxo-2.cast", "oxo-3.cast"].map(|name| folder.path().join(name)));
    }
}
