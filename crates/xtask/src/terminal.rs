//! Programs in terminals: those of this workspace and others, on this machine or in a network namespace.

use std::time::Duration;

use anyhow::Context as _;
use pty_driver::{Launch, Program};

use crate::shell;

/// A program with its arguments that has yet to start, in a terminal of 120x40 and all colours.
///
/// # Errors
///
/// Fails when nothing tells where the programs of this workspace are.
pub(crate) fn launch(namespace: Option<&str>, words: &[&str]) -> anyhow::Result<Launch> {
    let enter = namespace.map(|namespace| ["ip", "netns", "exec", namespace]);
    let words = [enter.as_ref().map_or(&[][..], |enter| enter), words].concat();
    let (program, arguments) = words.split_first().context("a command has a program")?;
    let launch = Launch::new(program, arguments).size(120, 40);
    Ok(launch.env("COLORTERM", "truecolor").env("PATH", &shell::path()?))
}

/// Waits until a program shows a text.
///
/// # Errors
///
/// Shows the screen that stood there instead.
pub(crate) fn wait_for(program: &Program, text: &str) -> anyhow::Result<()> {
    program.wait(PATIENCE, |output| output.says(text)).with_context(|| format!("no {text:?}"))
}

/// Waits until a program shows a text, and returns the word behind it.
///
/// # Errors
///
/// Shows the screen that stood there instead.
pub(crate) fn word_after(program: &Program, text: &str) -> anyhow::Result<String> {
    wait_for(program, text)?;
    let screen = program.look(|output| output.screen().contents());
    let word = screen.split(text).nth(1).and_then(|rest| rest.split_whitespace().next());
    Ok(word.with_context(|| format!("nothing stands behind {text:?}"))?.to_owned())
}

/// The limit for a text to appear.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
