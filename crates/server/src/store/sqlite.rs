//! The store as a database of `SQLite`, in a folder of its own.
//!
//! Rows are JSON beside the columns that people ask for, so that `sqlite3` in a shell shows something one can read. A
//! commit returns when the write-ahead log is on disk (`synchronous = FULL`).

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use net::proto::Ending;
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement, Transaction, TransactionBehavior, params};

use super::{
    batch::{Batch, Store},
    error::StoreError,
    files::Folder,
};
use crate::lobby::{FinishedMatch, KeptRoom};

/// The statements that bring a database from each version to the next. They are only ever appended to.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE rooms (
        code TEXT PRIMARY KEY,
        changed TEXT NOT NULL,
        phase TEXT NOT NULL,
        host TEXT NOT NULL,
        guest TEXT NOT NULL,
        state TEXT NOT NULL
    ) STRICT;
    CREATE TABLE matches (
        id INTEGER PRIMARY KEY,
        ended TEXT NOT NULL,
        code TEXT NOT NULL,
        host TEXT NOT NULL,
        guest TEXT NOT NULL,
        winner TEXT,
        reason TEXT NOT NULL,
        moves INTEGER NOT NULL,
        record TEXT NOT NULL
    ) STRICT;
    CREATE INDEX matches_by_time ON matches (ended);
"];

/// The mark of this program's databases in the header of the file: `oxo` and a zero.
const APPLICATION_ID: i32 = 0x6f78_6f00;

/// The time for which a transaction waits for another program, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);

/// Now, as text that sorts and that people read: UTC, with milliseconds.
const NOW: &str = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

/// A database of `SQLite` that this process alone writes.
#[derive(Debug)]
pub struct Sqlite {
    // Closed before the lock is given back.
    connection: Connection,
    path: PathBuf,
    _folder: Folder,
}

impl Sqlite {
    /// Opens the database in a folder, both of which are made if they do not exist, and brings it to the newest format.
    ///
    /// # Errors
    ///
    /// The reason why it cannot be used. A file that is damaged, newer or not ours is left as it is.
    pub fn open(folder: Folder) -> Result<Self, StoreError> {
        let path = folder.database()?;
        let version = inspect(&path)?;
        let refused = |source| StoreError::Database { path: path.clone(), source };
        let mut connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.pragma_update(None, "journal_mode", "wal").map_err(refused)?;
        connection.pragma_update(None, "synchronous", "full").map_err(refused)?;
        migrate(&mut connection, version).map_err(refused)?;
        Ok(Self { connection, path, _folder: folder })
    }

    fn try_commit(&mut self, batch: &Batch) -> rusqlite::Result<()> {
        // Dropped without a commit, it is rolled back.
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        write(&transaction, batch)?;
        transaction.commit()
    }
}

impl Store for Sqlite {
    fn load(&mut self) -> Result<Vec<KeptRoom>, StoreError> {
        let refused = |source| StoreError::Database { path: self.path.clone(), source };
        let mut rows =
            self.connection.prepare("SELECT code, state FROM rooms ORDER BY code").map_err(refused)?;
        let rows = rows.query_map([], |row| row.try_into()).map_err(refused)?;
        let parse = |row: rusqlite::Result<(String, String)>| {
            let (code, state) = row.map_err(refused)?;
            serde_json::from_str(&state)
                .map_err(|error| damaged(&self.path, format!("room {code:?}: {error}")))
        };
        rows.map(parse).collect()
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let committed = self.try_commit(batch);
        committed.map_err(|source| StoreError::Database { path: self.path.clone(), source })
    }
}

/// Opens a connection that waits for others for a bounded time.
pub(super) fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        Ok(connection)
    });
    opened.map_err(|source| StoreError::Database { path: path.to_owned(), source })
}

/// Checks that a file is a whole database of a format that is known, without a change to it, and returns its version.
pub(super) fn inspect(path: &Path) -> Result<usize, StoreError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let flawed = |source: rusqlite::Error| match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => damaged(path, source.to_string()),
        _ => StoreError::Database { path: path.to_owned(), source },
    };
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get(0)).map_err(flawed);
    let pages: i32 = number("page_count")?;
    let version: i32 = number("user_version")?;
    let is_new = pages == 0;
    if !is_new && number("application_id")? != APPLICATION_ID {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    if version > newest() {
        return Err(StoreError::Newer { path: path.to_owned(), found: version, known: newest() });
    }
    let checked = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    let flaw: String = checked.map_err(flawed)?;
    if flaw != "ok" {
        return Err(damaged(path, flaw));
    }
    usize::try_from(version).map_err(|_negative| damaged(path, format!("its format is {version}")))
}

/// Applies the migrations from a version on, each with its number, in one transaction.
fn migrate(connection: &mut Connection, version: usize) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for migration in &MIGRATIONS[version..] {
        transaction.execute_batch(migration)?;
    }
    if version < MIGRATIONS.len() {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", newest())?;
    }
    transaction.commit()
}

/// The newest version of the format.
fn newest() -> i32 {
    i32::try_from(MIGRATIONS.len()).expect("there are a few migrations")
}

fn write(transaction: &Transaction<'_>, batch: &Batch) -> rusqlite::Result<()> {
    let mut keep = transaction.prepare_cached(&format!(
        "INSERT OR REPLACE INTO rooms (code, changed, phase, host, guest, state) VALUES (?, {NOW}, ?, ?, ?, ?)"
    ))?;
    let mut forget = transaction.prepare_cached("DELETE FROM rooms WHERE code = ?")?;
    for (code, room) in &batch.rooms {
        match room {
            Some(room) => write_room(&mut keep, room)?,
            None => drop(forget.execute([code.to_string()])?),
        }
    }
    let mut finish = transaction.prepare_cached(&format!(
        "INSERT INTO matches (ended, code, host, guest, winner, reason, moves, record)
        VALUES ({NOW}, ?, ?, ?, ?, ?, ?, ?)"
    ))?;
    batch.finished.iter().try_for_each(|finished| write_match(&mut finish, finished))
}

fn write_room(statement: &mut Statement<'_>, room: &KeptRoom) -> rusqlite::Result<()> {
    let names = [&room.seats.host, &room.seats.guest].map(|seat| seat.name.to_string());
    let phase: &str = room.phase.into();
    statement.execute(params![room.code.to_string(), phase, names[0], names[1], json(room)]).map(drop)
}

fn write_match(statement: &mut Statement<'_>, finished: &FinishedMatch) -> rusqlite::Result<()> {
    let [host, guest] = [finished.names.host, finished.names.guest].map(|name| name.to_string());
    let winner = finished.winner().map(|seat| finished.names[seat].to_string());
    let (code, moves) = (finished.code.to_string(), finished.record.position().ply());
    let reason = reason(finished.ending);
    statement.execute(params![code, host, guest, winner, reason, moves, json(finished)]).map(drop)
}

/// The end of a match in a word or two.
pub const fn reason(ending: Ending) -> &'static str {
    match ending {
        Ending::OnBoard => "on the board",
        Ending::Resigned(_) => "resigned",
        Ending::OutOfTime(_) => "out of time",
        Ending::Abandoned(_) | Ending::DrawCalled(_) => "stayed away",
        Ending::DrawAgreed => "agreed",
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value)
        .expect("what is kept has neither maps with other keys than text nor failing fields")
}

pub(super) fn damaged(path: &Path, detail: String) -> StoreError {
    StoreError::Damaged { path: path.to_owned(), detail }
}
