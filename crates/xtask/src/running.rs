//! Running programs, with lines in and lines out.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

use crate::shell;

/// A running command. It ends when this is dropped, with all that it has started.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) name: &'static str,
    child: Child,
    input: Option<ChildStdin>,
    pub(crate) printed: Lines,
    /// Its standard error.
    pub(crate) said: Lines,
    /// Its home, in which it runs.
    pub(crate) directory: TempDir,
}

impl Running {
    /// Starts a command of somebody with this name, in a home of its own. It finds the programs of this workspace.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be started.
    pub(crate) fn start(name: &'static str, command: &mut Command) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir().context("cannot make a directory")?;
        command.current_dir(directory.path()).env("HOME", directory.path()).env("PATH", shell::path()?);
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let input = child.stdin.take();
        let printed = Lines::of(child.stdout.take().context("its output is a pipe")?);
        let said = Lines::of(child.stderr.take().context("its errors are a pipe")?);
        Ok(Self { name, child, input, printed, said, directory })
    }

    /// Types a line to the command.
    ///
    /// # Errors
    ///
    /// Fails when nobody reads it.
    pub(crate) fn says(&mut self, line: &str) -> anyhow::Result<()> {
        println!("  {:<5} < {line}", self.name);
        let input = self.input.as_mut().context("its input is a pipe")?;
        writeln!(input, "{line}").with_context(|| format!("{} cannot say {line:?}", self.name))
    }

    /// Waits for a line that begins like this, and shows the lines until then.
    ///
    /// # Errors
    ///
    /// Fails when it does not come.
    pub(crate) fn hears(&self, start: &str) -> anyhow::Result<()> {
        let is_heard = |line: &str| {
            println!("  {:<5} : {line}", self.name);
            line.starts_with(start)
        };
        self.printed.such(start, PATIENCE, is_heard).map(drop)
    }

    /// Ends a conversation, and waits for the command's end.
    ///
    /// # Errors
    ///
    /// Fails when the command goes on or fails.
    pub(crate) fn hangs_up(mut self) -> anyhow::Result<()> {
        // netcat goes on until its own input has ended, too.
        drop(self.input.take());
        let name = self.name;
        let (code, printed, said) = self.ends()?;
        printed.lines().for_each(|line| println!("  {name:<5} : {line}"));
        ensure!(code == 0, "it failed ({code}): {said}");
        Ok(())
    }

    /// Waits for the end, and returns the exit code, the output and the standard error.
    ///
    /// # Errors
    ///
    /// Fails when the command goes on, or was killed.
    pub(crate) fn ends(mut self) -> anyhow::Result<(i32, String, String)> {
        let deadline = Instant::now() + PATIENCE;
        let printed = self.printed.rest(deadline)?;
        let said = self.said.rest(deadline)?;
        let status = self.child.wait().context("cannot wait for a command")?;
        Ok((status.code().context("a command was killed")?, printed, said))
    }

    /// Interrupts the command, as Ctrl-C does, and waits for its end.
    ///
    /// # Errors
    ///
    /// Fails when the command goes on or fails.
    pub(crate) fn interrupt(self) -> anyhow::Result<()> {
        kill_process_group(Pid::from_child(&self.child), Signal::INT)
            .context("cannot interrupt a command")?;
        self.hangs_up()
    }

    /// The most memory that the command has had so far, in KiB.
    pub(crate) fn peak_kib(&self) -> anyhow::Result<u64> {
        let file = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(&file).with_context(|| format!("cannot read {file}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        kib.with_context(|| format!("{file} has no peak"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has not been waited for, so that the number is still its own.
        let _is_dead = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _is_reaped = self.child.wait();
    }
}

/// The lines of a pipe.
#[derive(Debug)]
pub(crate) struct Lines(Receiver<String>);

impl Lines {
    fn of(pipe: impl Into<OwnedFd>) -> Self {
        let pipe = BufReader::new(File::from(pipe.into()));
        let (send, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in pipe.split(b'\n').map_while(Result::ok) {
                if send.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    break;
                }
            }
        });
        Self(lines)
    }

    /// Waits for a line that begins so, and returns it.
    ///
    /// # Errors
    ///
    /// Shows the lines that came instead.
    pub(crate) fn begins(&self, start: &str, timeout: Duration) -> anyhow::Result<String> {
        self.such(start, timeout, |line| line.starts_with(start))
    }

    /// Waits for a line for which `holds` is true, and returns it; `what` names it.
    ///
    /// # Errors
    ///
    /// Shows the lines that came instead.
    pub(crate) fn such(
        &self,
        what: &str,
        timeout: Duration,
        mut holds: impl FnMut(&str) -> bool,
    ) -> anyhow::Result<String> {
        let deadline = Instant::now() + timeout;
        let mut others = Vec::new();
        loop {
            match self.0.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) if holds(&line) => return Ok(line),
                Ok(line) => others.push(line),
                Err(why) => {
                    others.truncate(SHOWN);
                    bail!("no line {what:?} came ({why}), but {others:#?}")
                }
            }
        }
    }

    /// The lines until the pipe is closed.
    pub(crate) fn rest(&self, deadline: Instant) -> anyhow::Result<String> {
        let mut text = String::new();
        loop {
            match self.0.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => text += &(line + "\n"),
                Err(RecvTimeoutError::Disconnected) => return Ok(text),
                Err(RecvTimeoutError::Timeout) => bail!("a command goes on after {PATIENCE:?}:\n{text}"),
            }
        }
    }
}

/// Lines that are shown when another was expected.
const SHOWN: usize = 20;

/// The limit for any of it, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_ends_early_is_an_error() {
        let program = Running::start("echo", Command::new("echo").arg("one line")).unwrap();
        assert_eq!(program.printed.begins("one", PATIENCE).unwrap(), "one line");
        let error = program.printed.begins("two", PATIENCE).unwrap_err();
        let expected = "no line \"two\" came (channel is empty and sending half is closed), but []";
        assert_eq!(error.to_string(), expected);
    }
}
