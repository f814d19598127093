//! `oxo replay`: the matches that it names, and their records and recordings as text.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Instant,
};

use jiff::tz::TimeZone;
use tui_client::{
    cast,
    failure::Failure,
    history::{History, KeptMatch},
    history_file::HistoryFile,
    update::Start,
};

/// Matches to be printed.
#[derive(Debug, Clone)]
pub(crate) struct PrintedMatches {
    /// A number or a file; `None` for all matches of this player.
    pub(crate) which: Option<String>,
    /// The form.
    pub(crate) form: Form,
    /// The file to write to; `None` for standard output.
    pub(crate) output: Option<PathBuf>,
}

/// A form of a finished match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A line of JSON.
    Json,
    /// An asciicast.
    Cast,
}

/// Prints matches, or writes them to a file.
///
/// # Errors
///
/// There is no such match, or its file cannot be read, or the other one not written.
pub(crate) fn print(printed: &PrintedMatches) -> Result<(), Failure> {
    let matches = match printed.which.as_deref() {
        None => own()?.matches,
        Some(which) => match number(which) {
            Some(number) => vec![numbered(&own()?, number)?],
            None => of_file(which)?.matches,
        },
    };
    let text = match (printed.form, matches.as_slice()) {
        (Form::Json, _) => matches.iter().map(|kept| kept.to_line() + "\n").collect(),
        (Form::Cast, [kept]) => cast::of(Instant::now(), kept, &TimeZone::system()),
        (Form::Cast, _) => {
            let which = printed.which.as_deref().unwrap_or_default();
            let hint = Some(format!("make a file of one of its lines: `sed -n 1p {which}`"));
            let sentence = format!("{which} holds {} matches, and a recording is of one", matches.len());
            return Err(Failure { hint, ..Failure::new(sentence) });
        }
    };
    let Some(path) = &printed.output else {
        // Without standard output there is no place to report its loss.
        let _closed = io::stdout().lock().write_all(text.as_bytes());
        return Ok(());
    };
    fs::write(path, text).map_err(|error| caused(format!("Cannot write {}", path.display()), &error))
}

/// The start of the program with the matches on the screen: a number or a file, or `None` for the list.
///
/// # Errors
///
/// There is no such match, or its file cannot be read.
pub(crate) fn start(which: Option<&str>) -> Result<Start, Failure> {
    let Some(which) = which else { return Ok(Start::Replays { list: None, opened: None }) };
    if let Some(number) = number(which) {
        numbered(&own()?, number)?;
        return Ok(Start::Replays { list: None, opened: Some(number) });
    }
    let history = of_file(which)?;
    let opened = (history.matches.len() == 1).then_some(1);
    let name = Path::new(which).file_name().map(|name| name.to_string_lossy().into_owned());
    Ok(Start::Replays { list: Some((shown(&name.unwrap_or_default()), history)), opened })
}

/// The number of a match. A file whose name is a number is named with its folder: `./7`.
fn number(which: &str) -> Option<usize> {
    let is_number = !which.is_empty() && which.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| which.parse().unwrap_or(usize::MAX))
}

fn numbered(history: &History, number: usize) -> Result<KeptMatch, Failure> {
    history.numbered(number).filter(|_| number > 0).cloned().ok_or_else(|| {
        let (sentence, hint) = match history.matches.len() {
            0 => ("No finished match is kept yet".to_owned(), "`oxo bot` plays one"),
            1 => (format!("There is no match {number}: 1 is kept"), "`oxo replay` lists it"),
            kept => (format!("There is no match {number}: {kept} are kept"), "`oxo replay` lists them"),
        };
        Failure { hint: Some(hint.into()), ..Failure::new(sentence) }
    })
}

/// The finished matches of this player.
fn own() -> Result<History, Failure> {
    let file = HistoryFile::usual()
        .ok_or_else(|| Failure::new("There is no home folder, and so no finished match"))?;
    match file.read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(History::default()),
        Err(error) => Err(caused(format!("Cannot read {}", file.path.display()), &error)),
        Ok(history) => Ok(history),
    }
}

/// The matches of a file, at least one.
fn of_file(which: &str) -> Result<History, Failure> {
    let named = shown(which);
    let read = HistoryFile { path: which.into() }.read();
    let history = read.map_err(|error| caused(format!("Cannot read {named}"), &error))?;
    if history.matches.is_empty() {
        let remarks = history.remarks();
        let causes = if remarks.is_empty() { Vec::new() } else { vec![remarks] };
        let hint = Some("a file of matches has lines as `oxo replay 1 --json` prints".into());
        return Err(Failure { causes, hint, ..Failure::new(format!("{named} holds no match")) });
    }
    Ok(history)
}

fn caused(sentence: String, error: &io::Error) -> Failure {
    let is_missing = error.kind() == io::ErrorKind::NotFound;
    let hint = is_missing.then(|| "`oxo replay` lists the matches that are kept".into());
    Failure { causes: vec![error.to_string()], hint, ..Failure::new(sentence) }
}

/// A name from the command line that cannot move a cursor.
fn shown(name: &str) -> String {
    name.chars().flat_map(char::escape_debug).take(60).collect()
}
