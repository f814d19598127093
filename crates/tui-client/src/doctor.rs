//! `oxo doctor`: checks what keeps two people from a match, on this machine or on the way to another one.
//!
//! The probes in `probe` change nothing and have time limits. Their results are values (`local`, `remote`), of which
//! the pure rest makes lines, a sentence and an exit code.

mod firewall;
mod local;
mod probe;
mod remote;
mod report;
mod terminal;
mod values;

use std::{
    env,
    io::{self, Write},
    path::Path,
};

use net::{
    addr::HostPort,
    proto::{Name, PROTOCOL},
};
use serde::Serialize;

use self::report::Report;
use crate::config_file::Loaded;

/// Checks this machine, its settings and its log file, if there is one, and prints a report on standard output. Returns whether
/// a match could be played.
///
/// # Errors
///
/// The system's, when it takes no output.
pub async fn check_here(config: &Loaded, log: Option<&Path>, is_json: bool) -> io::Result<bool> {
    let local = probe::examine_local(log, config).await;
    print(&local, &local.report(), is_json)
}

/// Checks the way to another machine as [`check_here`] does this one, under a name for its server.
///
/// # Errors
///
/// The system's, when it takes no output.
pub async fn check_there(target: &HostPort, name: Name, is_json: bool) -> io::Result<bool> {
    let remote = probe::examine_remote(target, name).await;
    print(&remote, &remote.report(), is_json)
}

/// Checks this machine's network, and reports in some lines. The terminal is not asked: it may be in use.
pub async fn check_network() -> String {
    probe::examine_network().await.network_report().to_string()
}

fn print(found: &impl Serialize, report: &Report, is_json: bool) -> io::Result<bool> {
    let version = env!("CARGO_PKG_VERSION");
    let protocol = PROTOCOL.to_string();
    let system = format!("{} {}", env::consts::OS, env::consts::ARCH);
    let text = if is_json {
        let document = Document { version, protocol, system, found, report };
        values::escape(&serde_json::to_string_pretty(&document)?) + "\n"
    } else {
        format!("oxo {version}   protocol {protocol}   {system}\n\n{report}")
    };
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        // A reader that has seen enough still gets the exit code.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        Ok(()) | Err(_) => Ok(report.can_play),
    }
}

/// The output of `--json`.
#[derive(Serialize)]
struct Document<'a, F> {
    version: &'a str,
    protocol: String,
    system: String,
    found: &'a F,
    #[serde(flatten)]
    report: &'a Report,
}
