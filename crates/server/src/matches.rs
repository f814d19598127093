//! `oxo-server matches` and `oxo-server backup`: what the store holds, for people and for programs.

use std::{
    io::{self, BufWriter, Write},
    path::Path,
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use humantime_serde::re::humantime;
use net::proto::{Name, Seat};
use serde::Serialize;
use server::{
    lobby::FinishedMatch,
    phrases,
    store::{KeptMatch, Wanted, read_matches, reason},
};

/// The finished matches to print, and how.
#[derive(Debug, Args)]
pub(crate) struct Matches {
    /// Only matches that have ended within this time, such as 7d or 12h
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    since: Option<Duration>,

    /// Only matches of this player
    #[arg(long, value_name = "NAME", value_parser = Name::parse_typed)]
    player: Option<Name>,

    /// Print each match as a line of JSON
    #[arg(long, conflicts_with = "csv")]
    json: bool,

    /// Print a table in CSV
    #[arg(long)]
    csv: bool,
}

/// A match as a line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    ended: &'a str,
    winner: Option<Name>,
    reason: &'static str,
    #[serde(flatten)]
    finished: &'a FinishedMatch,
}

impl Matches {
    /// Prints the matches of the store in a folder, oldest first. A server may write to it meanwhile.
    pub(crate) fn print(&self, folder: &Path) -> anyhow::Result<()> {
        let wanted = Wanted { since: self.since, player: self.player.map(|name| name.to_string()) };
        let mut output = BufWriter::new(io::stdout().lock());
        let mut printed = if self.csv { writeln!(output, "{HEADER}") } else { Ok(()) };
        read_matches(folder, &wanted, |kept| {
            if printed.is_ok() {
                printed = self.write(&mut output, &kept);
            }
            printed.is_ok()
        })?;
        match printed.and_then(|()| output.flush()) {
            // A pager that was closed.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            printed => printed.context("cannot print the matches"),
        }
    }

    fn write(&self, output: &mut impl Write, kept: &KeptMatch) -> io::Result<()> {
        let KeptMatch { ended, finished } = kept;
        let winner = finished.winner().map(|seat| finished.names[seat]);
        let reason = reason(finished.ending);
        if self.json {
            let line = Line { ended, winner, reason, finished };
            writeln!(output, "{}", serde_json::to_string(&line)?)
        } else if self.csv {
            writeln!(output, "{}", csv(kept, winner, reason))
        } else {
            let [date, time] = [ended.get(..10), ended.get(11..16)].map(Option::unwrap_or_default);
            let result = match finished.winner() {
                Some(seat) => format!("{} won as {}", finished.names[seat], mark(finished, seat)),
                None => "a draw".to_owned(),
            };
            let FinishedMatch { code, names, terms, record, .. } = finished;
            let (moves, terms) = (record.moves().len(), phrases::terms(terms));
            writeln!(
                output,
                "{date} {time}  {code:<8}  {} v. {}: {result}, {reason}, {moves} moves ({terms})",
                names.host, names.guest
            )
        }
    }
}

/// The columns of the table.
const HEADER: &str = "ended,code,match,host,guest,x,winner,reason,terms,moves,took_millis";

fn csv(KeptMatch { ended, finished }: &KeptMatch, winner: Option<Name>, reason: &str) -> String {
    let FinishedMatch { code, match_number, names, x, terms, record, took_millis, .. } = finished;
    let words = |words: Vec<String>| words.join(" ");
    [
        ended.clone(),
        code.to_string(),
        match_number.to_string(),
        names.host.to_string(),
        names.guest.to_string(),
        names[*x].to_string(),
        winner.map(|name| name.to_string()).unwrap_or_default(),
        reason.to_owned(),
        phrases::terms(terms),
        words(record.moves().iter().map(ToString::to_string).collect()),
        words(took_millis.iter().map(ToString::to_string).collect()),
    ]
    .map(|field| quoted(&field))
    .join(",")
}

/// A field of CSV (RFC 4180), in quotes whatever it holds.
fn quoted(field: &str) -> String {
    format!("\"{}\"", field.replace('"', "\"\""))
}

fn mark(finished: &FinishedMatch, seat: Seat) -> &'static str {
    if seat == finished.x { "X" } else { "O" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_with_quotes_commas_and_lines_stays_one_field() {
        assert_eq!(quoted("a\"b,c"), "\"a\"\"b,c\"");
    }
}
