//! `oxo`: the game, for one terminal.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a shell: it reads the clock and asks the system"
)]

mod args;
mod list;

use std::{
    fmt::Write as _,
    fs::OpenOptions,
    io::{self, Write as _},
    process::ExitCode,
    sync::Mutex,
};

use anyhow::Context;
use clap::Parser;
use tracing::level_filters::LevelFilter;
use tui_client::{
    doctor::{self, Checkup},
    failure::Failure,
    runtime::{self, Exit},
};

use crate::args::{Args, Errand};

/// Exit code for a command line that makes no sense, the same that clap uses.
const WRONG_USAGE: u8 = 2;

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(code) => code,
        Err(Trouble::Usage(sentence)) => complain(&Failure::new(sentence), ExitCode::from(WRONG_USAGE)),
        Err(Trouble::Other(error)) => {
            let causes = error.chain().skip(1).map(ToString::to_string).collect();
            complain(&Failure { sentence: error.to_string(), causes, hint: None }, ExitCode::FAILURE)
        }
    }
}

enum Trouble {
    Usage(String),
    Other(anyhow::Error),
}

fn run(args: &Args) -> Result<ExitCode, Trouble> {
    let exit = match args.errand() {
        Some(Errand::Check(checkup)) => return check(&checkup, args),
        Some(Errand::List { is_json }) => {
            let listed = new_runtime()?.block_on(list::list(is_json));
            listed.map_or_else(Exit::Failed, |()| Exit::Fine)
        }
        None => play(args)?,
    };
    Ok(match exit {
        Exit::Failed(failure) => complain(&failure, ExitCode::FAILURE),
        Exit::Fine | Exit::Interrupted => exit.code(),
    })
}

fn play(args: &Args) -> Result<Exit, Trouble> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(|error| Trouble::Other(error.into()))?;
    let code = args.code_to_find();
    if code.is_none() {
        // What makes no sense is said before anything else.
        args.meaning(0, None).map_err(Trouble::Usage)?;
    }
    if !runtime::has_terminal() {
        let sentence = "oxo needs a terminal for its screen and keys, and this is none".to_owned();
        let hint =
            Some("run it in a terminal window, without a pipe; `oxo-server` runs without one".to_owned());
        return Ok(Exit::Failed(Failure { sentence, causes: Vec::new(), hint }));
    }
    start_logging(args).map_err(Trouble::Other)?;
    let tokio = new_runtime()?;
    let found = match code.map(|code| tokio.block_on(list::find(code))).transpose() {
        Ok(found) => found,
        Err(failure) => return Ok(Exit::Failed(failure)),
    };
    let (model, start, settings) = args.meaning(u64::from_le_bytes(seed), found).map_err(Trouble::Usage)?;
    let exit = tokio.block_on(runtime::run(model, start, settings));
    // A name that is still being looked up must not hold up the end.
    tokio.shutdown_background();
    exit.context("the terminal does not work").map_err(Trouble::Other)
}

/// Looks for what keeps people from a match. Without any the report is all there is to say, and its exit code.
fn check(checkup: &Checkup, args: &Args) -> Result<ExitCode, Trouble> {
    start_logging(args).map_err(Trouble::Other)?;
    let tokio = new_runtime()?;
    let can_play = tokio.block_on(doctor::run(checkup));
    tokio.shutdown_background();
    match can_play.context("the check cannot be made") {
        Ok(true) => Ok(ExitCode::SUCCESS),
        Ok(false) => Ok(ExitCode::FAILURE),
        Err(error) => Err(Trouble::Other(error)),
    }
}

fn new_runtime() -> Result<tokio::runtime::Runtime, Trouble> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Trouble::Other(error.into()))
}

/// Logs go to a file, if anywhere: a line on standard error would tear the screen.
fn start_logging(args: &Args) -> anyhow::Result<()> {
    let Some(path) = &args.log else { return Ok(()) };
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("cannot write the log {}", path.display()))?;
    let level = if args.verbose == 0 { LevelFilter::INFO } else { LevelFilter::DEBUG };
    tracing_subscriber::fmt().with_writer(Mutex::new(file)).with_ansi(false).with_max_level(level).init();
    Ok(())
}

/// One sentence, the causes, and a hint where there is one.
fn complain(failure: &Failure, code: ExitCode) -> ExitCode {
    let mut text = format!("oxo: {}\n", failure.sentence);
    for cause in &failure.causes {
        let _written = writeln!(text, "  {cause}");
    }
    if let Some(hint) = &failure.hint {
        let _written = writeln!(text, "hint: {hint}");
    }
    // Nobody is left to tell when standard error is gone.
    let _closed = io::stderr().lock().write_all(text.as_bytes());
    code
}
