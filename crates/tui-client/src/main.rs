//! `oxo`: the game, for one terminal.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a shell: it reads the clock and asks the system"
)]

mod args;
mod list;
mod manual;
mod printed;

#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt as _;
use std::{
    fmt::Write as _,
    fs::OpenOptions,
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::Context;
use clap::CommandFactory as _;
use server::logging::LogQueue;
use tracing::level_filters::LevelFilter;
use tui_client::{
    config::Config,
    config_file::Loaded,
    doctor::{self, Checkup},
    failure::Failure,
    runtime::{self, Exit},
};

use crate::{
    args::{Args, Errand},
    list::FoundPlace,
};

/// The exit code for a command line that makes no sense, as clap has it.
const WRONG_USAGE: u8 = 2;

fn main() -> ExitCode {
    let args = Args::from_command_line();
    match run(&args) {
        Ok(code) => code,
        Err(Trouble::Usage(sentence)) => complain(&Failure::new(sentence), ExitCode::from(WRONG_USAGE)),
        Err(Trouble::Failed(failure)) => complain(&failure, ExitCode::FAILURE),
    }
}

enum Trouble {
    Usage(String),
    Failed(Failure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<anyhow::Error> for Trouble {
    fn from(error: anyhow::Error) -> Self {
        let causes = error.chain().skip(1).map(ToString::to_string).collect();
        Self::Failed(Failure { causes, ..Failure::new(error.to_string()) })
    }
}

fn run(args: &Args) -> Result<ExitCode, Trouble> {
    let loaded = Loaded::from(args.config.clone());
    match args.errand(&loaded) {
        Some(Errand::Config { prints: true }) => Ok(print(&Config::default_file())),
        Some(Errand::Config { prints: false }) => {
            print(&loaded.to_string());
            Ok(if loaded.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Some(Errand::Print(printed)) => Ok(print(&printed.text(Args::command(), "6", &manual::chapters()))),
        Some(Errand::PrintMatches(printed)) => {
            printed::print(&printed)?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Errand::Check(checkup)) => check(&checkup, args, &loaded),
        Some(Errand::List { is_json }) => {
            new_runtime()?.block_on(list::list(is_json))?;
            Ok(ExitCode::SUCCESS)
        }
        None => play(args, loaded),
    }
}

fn play(args: &Args, loaded: Loaded) -> Result<ExitCode, Trouble> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).context("the system has no random numbers")?;
    let code = args.code_to_find();
    if code.is_none() {
        // A wrong place is reported before anything else.
        args.meaning(0, None, &loaded).map_err(Trouble::Usage)?;
    }
    let _log = start_logging(args)?;
    let tokio = new_runtime()?;
    let found = code.map(|(code, machine)| tokio.block_on(list::find(code, machine))).transpose()?;
    let dialled = match &found {
        Some(FoundPlace::Game { target, addresses }) => Some((target.clone(), addresses.clone())),
        Some(FoundPlace::Machine { .. }) | None => None,
    };
    for problem in &loaded.problems {
        // It is read after the end of the program, unless the menu is there to show it.
        complain(&Failure::new(problem.clone()), ExitCode::SUCCESS);
    }
    let (mut model, mut start) =
        args.meaning(u64::from_le_bytes(seed), found, &loaded).map_err(Trouble::Usage)?;
    model.dialled = dialled;
    if let Some(replays) = args.to_replay() {
        start = replays?;
    }
    let exit = tokio.block_on(runtime::run(model, start, loaded.file));
    // A lookup that is still under way must not delay the exit.
    tokio.shutdown_background();
    match exit.context("the terminal does not work")? {
        Exit::Fine => Ok(ExitCode::SUCCESS),
        Exit::Interrupted => Ok(ExitCode::from(runtime::INTERRUPTED)),
        Exit::Failed(failure) => Err(failure.into()),
    }
}

/// Prints the report of the checks. The exit code tells whether a match could be played.
fn check(checkup: &Checkup, args: &Args, loaded: &Loaded) -> Result<ExitCode, Trouble> {
    let _log = start_logging(args)?;
    let tokio = new_runtime()?;
    let can_play = tokio.block_on(doctor::run(checkup, loaded));
    tokio.shutdown_background();
    Ok(if can_play.context("the check cannot be made")? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn new_runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Sends logs to a file, or nowhere: a line on standard error would tear the screen. The last lines are written when the
/// returned queue is dropped.
fn start_logging(args: &Args) -> anyhow::Result<Option<LogQueue>> {
    let Some(path) = &args.log else { return Ok(None) };
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    // The log holds the chat of a game, which is nobody else's. A pipe without a reader is an error, and not waited for.
    #[cfg(unix)]
    options.mode(0o600).custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    let file = options.open(path).with_context(|| format!("cannot write the log {}", path.display()))?;
    let level = if args.verbose == 0 { LevelFilter::INFO } else { LevelFilter::DEBUG };
    let log = LogQueue::start(file).context("cannot start the thread of the log")?;
    tracing_subscriber::fmt().with_writer(log.writer()).with_ansi(false).with_max_level(level).init();
    Ok(Some(log))
}

/// Prints a text.
fn print(text: &str) -> ExitCode {
    // Without standard output there is no place to report its loss.
    let _closed = io::stdout().lock().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

/// Prints a failure: a sentence, its causes, and a hint if there is one.
fn complain(failure: &Failure, code: ExitCode) -> ExitCode {
    let mut text = format!("oxo: {}\n", failure.sentence);
    for cause in &failure.causes {
        let _written = writeln!(text, "  {cause}");
    }
    if let Some(hint) = &failure.hint {
        let _written = writeln!(text, "hint: {hint}");
    }
    // Without standard error there is no place to report its loss.
    let _closed = io::stderr().lock().write_all(text.as_bytes());
    code
}
