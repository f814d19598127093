//! `oxo doctor`: what keeps two people from a match, on this machine or on the way to another one.
//!
//! The module `probe` looks and changes nothing; what it finds is a value ([`local`], [`remote`]), of which the rest, which is pure,
//! makes lines, a sentence and an exit code.

pub mod firewall;
pub mod local;
mod probe;
pub mod remote;
pub mod report;
pub mod terminal;

use std::{
    env,
    io::{self, Write},
    path::PathBuf,
};

use net::{
    addr::HostPort,
    proto::{Name, PROTOCOL, ProtocolRange},
};
use serde::Serialize;

use self::report::{Report, as_text};

/// What to look at.
#[derive(Debug, Clone)]
pub struct Checkup {
    /// The other machine; without one, this one.
    pub target: Option<HostPort>,
    /// What to be called there.
    pub name: Name,
    /// The log that was asked for.
    pub log: Option<PathBuf>,
    /// Whether a program reads it.
    pub is_json: bool,
}

/// Looks, prints what was found on standard output, and says whether a match could be played.
///
/// # Errors
///
/// The system's, when it does not tell its interfaces or takes no output.
pub async fn run(checkup: &Checkup) -> io::Result<bool> {
    match &checkup.target {
        None => {
            let here = probe::examine_local(checkup.log.as_deref()).await?;
            print(&here, &here.report(), checkup.is_json)
        }
        Some(target) => {
            let there = probe::examine_remote(target, checkup.name).await?;
            print(&there, &there.report(), checkup.is_json)
        }
    }
}

/// What a program reads: what was found, and what it means.
#[derive(Serialize)]
struct Document<'a, F> {
    version: &'a str,
    #[serde(serialize_with = "as_text")]
    protocol: ProtocolRange,
    system: String,
    found: &'a F,
    #[serde(flatten)]
    report: &'a Report,
}

fn print<F: Serialize>(found: &F, report: &Report, is_json: bool) -> io::Result<bool> {
    let version = env!("CARGO_PKG_VERSION");
    let system = format!("{} {}", env::consts::OS, env::consts::ARCH);
    let text = if is_json {
        let document = Document { version, protocol: PROTOCOL, system, found, report };
        serde_json::to_string_pretty(&document)? + "\n"
    } else {
        format!("oxo {version}   protocol {PROTOCOL}   {system}\n\n{report}")
    };
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        // Who has read enough gets the exit code all the same.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        Ok(()) | Err(_) => Ok(report.can_play),
    }
}
