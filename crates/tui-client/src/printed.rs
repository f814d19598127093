//! `oxo replay`: the matches that it names, and their records and recordings as text.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Instant,
};

use clap::Args;
use jiff::tz::TimeZone;
use tui_client::{
    cast,
    failure::Failure,
    history::{History, KeptMatch},
    history_file::HistoryFile,
    update::Start,
};

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The number of a match, 1 for the newest, or a file of matches
    #[arg(value_name = "NUMBER | FILE")]
    which: Option<String>,
    /// Print the record of the match, or of all, as lines of JSON
    #[arg(long, conflicts_with = "cast")]
    json: bool,
    /// Print a recording of the match for `asciinema play` (asciicast v3)
    #[arg(long, requires = "which")]
    cast: bool,
    /// Write it to this file instead
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl ReplayArgs {
    /// Tells whether matches are asked for as a text, and not on the screen.
    pub(crate) const fn are_printed(&self) -> bool {
        self.json || self.cast || self.output.is_some()
    }

    /// Prints matches, or writes them to a file.
    ///
    /// # Errors
    ///
    /// There is no such match, or its file cannot be read, or the other one not written.
    pub(crate) fn print(&self) -> Result<(), Failure> {
        let which = self.which.as_deref().unwrap_or_default();
        let matches = match number(which) {
            Some(number) => vec![numbered(&own()?, number)?],
            None if self.which.is_none() => own()?.matches,
            None => of_file(which)?.matches,
        };
        let text = match matches.as_slice() {
            _ if !self.cast => matches.iter().map(|kept| kept.to_line() + "\n").collect(),
            [kept] => cast::of(Instant::now(), kept, &TimeZone::system()),
            several => {
                let hint = Some(format!("make a file of one of its lines: `sed -n 1p {which}`"));
                let sentence = format!("{which} holds {} matches, and a recording is of one", several.len());
                return Err(Failure { hint, ..Failure::new(sentence) });
            }
        };
        match &self.output {
            None => print(&text),
            Some(path) => fs::write(path, text)
                .map_err(|error| caused(format!("Cannot write {}", path.display()), &error))?,
        }
        Ok(())
    }

    /// The start of the program with the matches on the screen: the list, that of a file, or one match.
    ///
    /// # Errors
    ///
    /// There is no such match, or its file cannot be read.
    pub(crate) fn start(&self) -> Result<Start, Failure> {
        let Some(which) = &self.which else { return Ok(Start::Replays { list: None, opened: None }) };
        if let Some(number) = number(which) {
            numbered(&own()?, number)?;
            return Ok(Start::Replays { list: None, opened: Some(number) });
        }
        let history = of_file(which)?;
        let opened = (history.matches.len() == 1).then_some(1);
        let name = Path::new(which).file_name().unwrap_or_default().to_string_lossy();
        Ok(Start::Replays { list: Some((shown(&name), history)), opened })
    }
}

/// Prints a text on standard output.
pub(crate) fn print(text: &str) {
    // Without standard output there is no place to report its loss.
    let _closed = io::stdout().lock().write_all(text.as_bytes());
}

/// Prints a text on standard error.
pub(crate) fn say(text: &str) {
    // Without it there is no place to report its loss.
    let _closed = io::stderr().lock().write_all(text.as_bytes());
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
