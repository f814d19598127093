//! A person at a terminal on one of the machines: types, and reads the screen.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use pty_driver::{Output, Program};
use rustix::process::Signal;

use super::desk::{Desk, shown};
use crate::terminal;
use net::link::Transport;

/// A running `oxo`, its terminal, and a home that nobody else uses.
#[derive(Debug)]
pub(super) struct Player {
    name: &'static str,
    program: Program,
}

impl Player {
    /// Starts `oxo` by this command line in a terminal, and prints it as the player typed it.
    ///
    /// # Errors
    ///
    /// Fails when there is no terminal or no program.
    pub(super) fn start(desk: &Desk, line: &str) -> anyhow::Result<Self> {
        let Desk { namespace, name } = desk;
        println!("  {name:<5} $ {}", shown(line));
        let launch = terminal::launch(Some(namespace), &line.split(' ').collect::<Vec<_>>())?;
        Ok(Self { name, program: launch.size(COLUMNS, ROWS).env("USER", name).start()? })
    }

    /// Presses keys, one after the other.
    pub(super) fn press(&mut self, keys: &str) -> anyhow::Result<()> {
        self.program.keys(keys).with_context(|| format!("{} cannot press {keys:?}", self.name))
    }

    /// Waits until `text` stands somewhere on the screen.
    ///
    /// # Errors
    ///
    /// Shows the screen that stood there instead.
    pub(super) fn sees(&self, text: &str, timeout: Duration) -> anyhow::Result<()> {
        self.wait(text, timeout, |output| output.says(text))
    }

    /// Checks that a line of the screen has these words, and prints it.
    ///
    /// # Errors
    ///
    /// Shows the screen that stands there instead.
    pub(super) fn shows(&self, words: &str) -> anyhow::Result<()> {
        let screen = self.screen();
        let line = screen.lines().find(|line| line.contains(words));
        self.tell(line.with_context(|| format!("the screen does not show {words:?}:\n{screen}"))?.trim());
        Ok(())
    }

    /// Waits until the status line contains all of these words, and prints it.
    ///
    /// # Errors
    ///
    /// Shows the screen that stood there instead.
    pub(super) fn reads(&self, words: &[&str], timeout: Duration) -> anyhow::Result<()> {
        self.reads_silently(words, timeout)?;
        self.tell(status_line(&self.screen()));
        Ok(())
    }

    /// Waits like [`reads`](Self::reads), without printing.
    pub(super) fn reads_silently(&self, words: &[&str], timeout: Duration) -> anyhow::Result<()> {
        let is_read = |line: &str| words.iter().all(|words| line.contains(words));
        self.wait(&words.join(" … "), timeout, |output| is_read(status_line(&rows(output))))
    }

    /// Waits until the header says that the link is up over this transport, and prints that.
    ///
    /// # Errors
    ///
    /// Shows the screen that stood there instead.
    pub(super) fn is_on(&self, transport: Transport, timeout: Duration) -> anyhow::Result<()> {
        let words = format!("* {transport}");
        self.wait(&words, timeout, |output| link_words(&rows(output)).starts_with(&words))?;
        self.tell(link_words(&self.screen()));
        Ok(())
    }

    /// Prints something that the player saw.
    pub(super) fn tell(&self, what: &str) {
        for line in what.lines() {
            println!("  {:<5} | {line}", self.name);
        }
    }

    /// The text of the screen, a line for each row.
    pub(super) fn screen(&self) -> String {
        self.program.look(rows)
    }

    /// Waits for the program's end, prints what it left on the terminal, and returns its exit code and that.
    ///
    /// # Errors
    ///
    /// Shows the screen when the program goes on.
    pub(super) fn ends(mut self, timeout: Duration) -> anyhow::Result<(i32, String)> {
        self.wait("the end of `oxo`", timeout, Output::is_closed)?;
        let code = self.program.wait_for_end(timeout)?.code.context("a signal ended `oxo`")?;
        let left = self.program.look(|output| output.screen().contents().trim().to_owned());
        self.tell(&left);
        Ok((code, left))
    }

    /// Kills the program, without a chance to say goodbye.
    ///
    /// # Errors
    ///
    /// Fails when the program has ended.
    pub(super) fn kill(mut self) -> anyhow::Result<()> {
        self.signal(Signal::KILL)?;
        self.program.wait_for_end(SOON).map(drop)
    }

    /// Sends the program a signal, such as that by which a machine that falls asleep stops it.
    ///
    /// # Errors
    ///
    /// Fails when the program has ended.
    pub(super) fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        println!("  {:<5} : oxo gets signal {}", self.name, signal.as_raw());
        self.program.signal(signal).context("cannot send `oxo` a signal")
    }

    /// Waits until the program fails in time with all of these lines, the first of which is its first; `…` at the end stands for
    /// anything. Returns the last line.
    ///
    /// # Errors
    ///
    /// Names the line that is missing.
    pub(super) fn fails(self, timeout: Duration, told: &[&str]) -> anyhow::Result<String> {
        let (code, left) = self.ends(timeout)?;
        ensure!(code == 1, "a failure ends with exit code 1, not {code}");
        let lines: Vec<_> = left.lines().map(str::trim).collect();
        let is_told = |line: &str, told: &str| match told.strip_suffix('…') {
            Some(start) => line.starts_with(start),
            None => line == told,
        };
        let missing = told.iter().find(|told| !lines.iter().any(|line| is_told(line, told)));
        ensure!(missing.is_none(), "no line says {missing:?}");
        let first = lines.first().zip(told.first()).is_some_and(|(line, told)| is_told(line, told));
        ensure!(first, "the first line does not tell what failed");
        Ok(lines.last().copied().unwrap_or_default().to_owned())
    }

    /// Leaves the seat of a finished match, or a room that waits, and quits.
    ///
    /// # Errors
    ///
    /// Fails when `oxo` goes on, or its exit code is not 0.
    pub(super) fn leaves(mut self) -> anyhow::Result<()> {
        self.press("\x1b")?;
        let asks = |output: &Output| rows(output).contains("y yes");
        self.wait("a menu or a question", SOON, |output| {
            asks(output) || rows(output).contains("Quick match")
        })?;
        if self.program.look(asks) {
            self.press("y")?;
        }
        self.sees("Quick match", SOON)?;
        self.press("\x03")?;
        let name = self.name;
        let (code, _) = self.ends(SOON)?;
        ensure!(code == 0, "`oxo` of {name} ended with exit code {code}");
        Ok(())
    }

    /// Waits until the output is as `holds` wants it; `what` names that.
    fn wait(&self, what: &str, timeout: Duration, holds: impl Fn(&Output) -> bool) -> anyhow::Result<()> {
        let Self { name, program } = self;
        program
            .wait(timeout, holds)
            .with_context(|| format!("{name} did not see {what:?} within {timeout:?}"))
    }
}

/// The screen, a line for each row.
fn rows(output: &Output) -> String {
    output.screen().rows(0, COLUMNS).collect::<Vec<_>>().join("\n")
}

/// The line of a screen that tells the last event. Under a board of 3x3 it is the third from below, on a screen of this size.
fn status_line(screen: &str) -> &str {
    screen.lines().nth(usize::from(ROWS) - 3).unwrap_or_default().trim()
}

/// The state of the link, which ends the first line of a screen.
fn link_words(screen: &str) -> &str {
    let header = screen.lines().next().unwrap_or_default().trim();
    header.rsplit("  ").next().unwrap_or_default().trim()
}

/// The limit for anything that needs no more than a round trip: a second would do on an idle machine.
pub(super) const SOON: Duration = Duration::from_secs(10);

/// The size of a terminal, wide enough for every sentence to stand on one line.
const COLUMNS: u16 = 120;
const ROWS: u16 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_ends_with_the_link() {
        assert_eq!(link_words("   oxo  BERRY-20      3x3, game 1       * udp <1 ms \n"), "* udp <1 ms");
        assert_eq!(link_words(""), "");
    }

    #[test]
    fn the_status_line_is_the_third_from_below() {
        let mut lines = vec![""; ROWS.into()];
        lines[27] = "  Your turn. You are X.  ";
        assert_eq!(status_line(&lines.join("\n")), "Your turn. You are X.");
        assert_eq!(status_line("oxo: no\n"), "");
    }
}
