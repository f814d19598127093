//! The finished matches of a store, for people who ask what was played. A server may write meanwhile.

use std::{path::Path, time::Duration};

use rusqlite::{OpenFlags, params};

use super::{
    error::StoreError,
    files::{database, private},
    sqlite::{connect, damaged, inspect},
};
use crate::lobby::FinishedMatch;

/// The matches that are asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only those that have ended within this time.
    pub since: Option<Duration>,
    /// Only those of this player, in either case of Latin letters.
    pub player: Option<String>,
}

/// A finished match of a store.
#[derive(Debug, Clone)]
pub struct KeptMatch {
    /// The time of its end in UTC: `2026-11-29T04:21:00.000Z`.
    pub ended: String,
    /// The match.
    pub finished: FinishedMatch,
}

/// Reads the finished matches in a folder, oldest first, and hands out one after another until `take` returns `false`.
///
/// # Errors
///
/// The reason why they cannot be read.
pub fn read_matches(
    folder: &Path,
    wanted: &Wanted,
    mut take: impl FnMut(KeptMatch) -> bool,
) -> Result<(), StoreError> {
    let path = database(folder);
    inspect(&path)?;
    let refused = |source| StoreError::Database { path: path.clone(), source };
    let connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let since = wanted.since.map(|since| format!("-{} seconds", since.as_secs()));
    let mut query = connection.prepare(QUERY).map_err(refused)?;
    let mut rows = query.query(params![since, wanted.player]).map_err(refused)?;
    while let Some(row) = rows.next().map_err(refused)? {
        let (id, ended, record): (i64, String, String) = row.try_into().map_err(refused)?;
        let finished = serde_json::from_str(&record);
        let finished = finished.map_err(|error| damaged(&path, format!("match {id}: {error}")))?;
        // It goes to a terminal.
        if !ended.bytes().all(|byte| byte.is_ascii_digit() || b"-T:.Z".contains(&byte)) {
            return Err(damaged(&path, format!("match {id}: it has no time")));
        }
        if !take(KeptMatch { ended, finished }) {
            break;
        }
    }
    Ok(())
}

/// Copies the database in a folder into a new file for its owner alone. A server may write meanwhile.
///
/// # Errors
///
/// The reason why there is no copy, such as a file of that name.
pub fn back_up(folder: &Path, to: &Path) -> Result<(), StoreError> {
    let path = database(folder);
    inspect(&path)?;
    let refused = |source| StoreError::File { path: to.to_owned(), source };
    let copy = private().create_new(true).open(to).map_err(refused)?;
    let connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let copied = connection.execute("VACUUM INTO ?", [to.to_string_lossy()]);
    copied.map_err(|source| StoreError::Database { path: to.to_owned(), source })?;
    copy.sync_all().map_err(refused)
}

const QUERY: &str = "
    SELECT id, ended, record FROM matches
    WHERE (?1 IS NULL OR ended >= strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ?1))
        AND (?2 IS NULL OR host = ?2 COLLATE NOCASE OR guest = ?2 COLLATE NOCASE)
    ORDER BY id";
