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

use std::{fmt::Write as _, process::ExitCode};

use anyhow::Context;
use clap::CommandFactory as _;
use net::addr::HostPort;
use server::logging::LogQueue;
use tracing::level_filters::LevelFilter;
use tui_client::{
    config::Config,
    config_file::Loaded,
    doctor,
    failure::Failure,
    runtime::{self, Exit},
    system,
};

use crate::{
    args::{Args, Command},
    printed::{print, say},
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
    match &args.command {
        Some(Command::Config { print: true }) => print(&Config::default_file()),
        Some(Command::Config { print: false }) => {
            print(&loaded.to_string());
            return Ok(success_if(loaded.problems.is_empty()));
        }
        Some(Command::Printed(printed)) => print(&printed.text(Args::command(), "6", &manual::chapters())),
        Some(Command::Replay(replay)) if replay.are_printed() => replay.print()?,
        Some(Command::Doctor { target, json }) => return check(target.as_ref(), *json, args, &loaded),
        Some(Command::List { json }) => new_runtime()?.block_on(list::list(*json))?,
        _ => return play(args, loaded),
    }
    Ok(ExitCode::SUCCESS)
}

const fn success_if(is_well: bool) -> ExitCode {
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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
    for problem in &loaded.problems {
        // It is read after the end of the program, unless the menu is there to show it.
        complain(&Failure::new(problem.clone()), ExitCode::SUCCESS);
    }
    let (model, mut start) =
        args.meaning(u64::from_le_bytes(seed), found, &loaded).map_err(Trouble::Usage)?;
    if let Some(Command::Replay(replay)) = &args.command {
        start = replay.start()?;
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
fn check(
    target: Option<&HostPort>,
    is_json: bool,
    args: &Args,
    loaded: &Loaded,
) -> Result<ExitCode, Trouble> {
    let _log = start_logging(args)?;
    let tokio = new_runtime()?;
    let can_play = match target {
        None => tokio.block_on(doctor::check_here(loaded, args.log.as_deref(), is_json)),
        Some(target) => tokio.block_on(doctor::check_there(target, args.player(loaded), is_json)),
    };
    tokio.shutdown_background();
    Ok(success_if(can_play.context("the check cannot be made")?))
}

fn new_runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Sends logs to a file, or nowhere: a line on standard error would tear the screen. The last lines are written when the
/// returned queue is dropped.
fn start_logging(args: &Args) -> anyhow::Result<Option<LogQueue>> {
    let Some(path) = &args.log else { return Ok(None) };
    // The log holds the chat of a game, which is nobody else's.
    let file = system::options().create(true).append(true).open(path);
    let file = file.with_context(|| format!("cannot write the log {}", path.display()))?;
    let level = if args.verbose == 0 { LevelFilter::INFO } else { LevelFilter::DEBUG };
    let log = LogQueue::start(file).context("cannot start the thread of the log")?;
    tracing_subscriber::fmt().with_writer(log.writer()).with_ansi(false).with_max_level(level).init();
    Ok(Some(log))
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
    say(&text);
    code
}
