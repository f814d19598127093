//! The programs of this workspace, in terminals.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use pty_driver::{Launch, Program};

/// The limit for a text of a program to appear.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Starts a program.
pub(super) fn start(program: &str, args: &[&str]) -> anyhow::Result<Program> {
    Launch::new(built(program)?, args).size(120, 40).start()
}

/// Starts a program in a network namespace, and a terminal of all colours.
pub(super) fn start_in(namespace: &str, program: &str, args: &[&str]) -> anyhow::Result<Program> {
    let program = built(program)?;
    let program = program.to_str().context("a path is UTF-8")?;
    let words = ["netns", "exec", namespace, program].into_iter().chain(args.iter().copied());
    // `ip` is in one of the last two of these directories.
    let launch = Launch::new("ip", words).env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    launch.env("COLORTERM", "truecolor").size(120, 40).start()
}

/// Waits until a program shows a text.
pub(super) fn wait_for(program: &Program, text: &str) -> anyhow::Result<()> {
    program.wait(PATIENCE, |output| output.says(text)).with_context(|| format!("no {text:?}"))
}

/// The path of a program.
fn built(program: &str) -> anyhow::Result<PathBuf> {
    Ok(std::env::current_dir()?.join("target/debug").join(program))
}
