//! What somebody types at the shell of one of the machines: plain programs, with lines in and lines out.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

use super::transport::Transport;
use crate::netns::ip;

/// The shell of a machine.
#[derive(Debug)]
pub(super) struct Shell<'a> {
    /// The network namespace that is the machine.
    pub(super) namespace: &'a str,
    /// What it is called.
    pub(super) name: &'a str,
}

/// A command that goes on until this is dropped, with all that it has started.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    /// Held because the command may write there.
    _directory: TempDir,
}

/// A program that somebody talks with, line by line, until this is dropped.
#[derive(Debug)]
pub(super) struct Conversation {
    running: Running,
    name: String,
    input: ChildStdin,
    /// What it prints; it ends when the program closes its output.
    printed: Receiver<String>,
}

impl Shell<'_> {
    /// Starts a program to talk with.
    ///
    /// # Errors
    ///
    /// Says that it does not start.
    pub(super) fn converses(&self, line: &str) -> anyhow::Result<Conversation> {
        println!("  {:<5} $ {}", self.name, shown(line));
        let directory = tempfile::tempdir().context("cannot make a directory")?;
        let mut command = self.command(&format!("exec {line}"));
        command.current_dir(directory.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
        let input = child.stdin.take().context("its input is a pipe")?;
        let output = child.stdout.take().context("its output is a pipe")?;
        let (print, printed) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if print.send(line).is_err() {
                    break;
                }
            }
        });
        let running = Running { child, _directory: directory };
        Ok(Conversation { running, name: self.name.to_owned(), input, printed })
    }

    /// Starts what listens on [`PORT`], and waits until it does.
    ///
    /// # Errors
    ///
    /// Says that it does not.
    pub(super) fn listens(&self, transport: Transport, line: &str) -> anyhow::Result<Running> {
        println!("  {:<5} $ {}", self.name, shown(line));
        let directory = tempfile::tempdir().context("cannot make a directory")?;
        let mut command = self.command(line);
        command.current_dir(directory.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
        let running = Running { child, _directory: directory };
        let deadline = Instant::now() + PATIENCE;
        let kind = if transport == Transport::Udp { "-Hlnu" } else { "-Hlnt" };
        let port = format!("sport = :{PORT}");
        // No sign of a netcat says so.
        while ip(&["netns", "exec", self.namespace, "ss", kind, &port])?.is_empty() {
            ensure!(Instant::now() < deadline, "nobody listens on port {PORT} after {PATIENCE:?}");
        }
        Ok(running)
    }

    /// Runs a command to its end, with these lines as its input, and checks what it prints.
    ///
    /// # Errors
    ///
    /// Says what it printed instead, or that it failed.
    pub(super) fn prints(&self, line: &str, input: &str, expected: &str) -> anyhow::Result<()> {
        println!("  {:<5} $ printf '{}' | {}", self.name, input.escape_default(), shown(line));
        // A limit of its own, so that a program which waits for ever fails like one that says something wrong.
        let mut command = self.command(&format!("exec timeout {} {line}", PATIENCE.as_secs()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
        let mut stdin = child.stdin.take().context("its input is a pipe")?;
        stdin.write_all(input.as_bytes()).with_context(|| format!("`{line}` does not read"))?;
        drop(stdin);
        let output = child.wait_with_output().with_context(|| format!("cannot wait for `{line}`"))?;
        let (printed, said) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "`{line}` failed ({}): {said}", output.status);
        ensure!(printed == expected, "`{line}` printed {printed:?} and said {said:?}");
        printed.lines().chain(said.lines()).for_each(|line| println!("  {:<5} : {line}", self.name));
        Ok(())
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", self.namespace, "sh", "-ec", line]);
        command.process_group(0);
        command
    }
}

impl Conversation {
    /// Types a line.
    ///
    /// # Errors
    ///
    /// Says that nobody reads it.
    pub(super) fn says(&mut self, line: &str) -> anyhow::Result<()> {
        println!("  {:<5} < {line}", self.name);
        writeln!(self.input, "{line}").with_context(|| format!("{} cannot say {line:?}", self.name))
    }

    /// Waits for a line that begins like this, and prints what comes until then.
    ///
    /// # Errors
    ///
    /// Says that it does not come.
    pub(super) fn hears(&self, words: &str) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.printed.recv_timeout(left);
            let line = line.with_context(|| format!("{} did not hear {words:?}", self.name))?;
            println!("  {:<5} : {line}", self.name);
            if line.starts_with(words) {
                return Ok(());
            }
        }
    }

    /// Waits for the end of the program.
    ///
    /// # Errors
    ///
    /// Says that it went on or failed.
    pub(super) fn ends(mut self) -> anyhow::Result<()> {
        // netcat goes on until its own input has ended, too.
        drop(self.input);
        while let Ok(line) = self.printed.recv_timeout(PATIENCE) {
            println!("  {:<5} : {line}", self.name);
        }
        // It has closed its output, so its end is a matter of a moment.
        let status = self.running.child.wait().context("cannot learn how it ended")?;
        ensure!(status.success(), "it failed: {status}");
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has not been waited for, so that the number is still its own.
        let _is_dead = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _is_reaped = self.child.wait();
    }
}

/// A command as one would type it who has its programs at hand: of a path, the last part.
fn shown(line: &str) -> String {
    line.split(' ').map(|word| word.rsplit('/').next().unwrap_or(word)).collect::<Vec<_>>().join(" ")
}

/// The port of the lab's programs here, which is not that of the game.
pub(super) const PORT: u16 = 4000;

/// How long any of it may take, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_without_the_places_of_its_programs() {
        assert_eq!(shown("/a/b/upper_echo serve --listen :4000"), "upper_echo serve --listen :4000");
    }
}
