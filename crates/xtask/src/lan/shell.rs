//! What somebody types at the shell of one of the machines: plain programs, with lines in and lines out.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
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
    /// The lines that it prints, and those that it says on its standard error, as they come.
    printed: Lines,
    said: Lines,
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
        let running = Running { child, printed: Lines::none(), said: Lines::none(), _directory: directory };
        Ok(Conversation { running, name: self.name.to_owned(), input, printed })
    }

    /// Starts what listens on [`PORT`], and waits until it does.
    ///
    /// # Errors
    ///
    /// Says that it does not.
    pub(super) fn listens(&self, transport: Transport, line: &str) -> anyhow::Result<Running> {
        self.listens_on(transport, line, PORT)
    }

    /// The same on another port.
    pub(super) fn listens_on(&self, transport: Transport, line: &str, port: u16) -> anyhow::Result<Running> {
        println!("  {:<5} $ {}", self.name, shown(line));
        let directory = tempfile::tempdir().context("cannot make a directory")?;
        let mut command = self.command(line);
        command.current_dir(directory.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
        let running = Running { child, printed: Lines::none(), said: Lines::none(), _directory: directory };
        let deadline = Instant::now() + PATIENCE;
        let kind = if transport == Transport::Udp { "-Hlnu" } else { "-Hlnt" };
        let filter = format!("sport = :{port}");
        // No sign of a netcat says so.
        while ip(&["netns", "exec", self.namespace, "ss", kind, &filter])?.is_empty() {
            ensure!(Instant::now() < deadline, "nobody listens on port {port} after {PATIENCE:?}");
        }
        Ok(running)
    }

    /// Starts a command whose lines are read.
    ///
    /// # Errors
    ///
    /// Says that it cannot be started.
    pub(super) fn starts(&self, line: &str) -> anyhow::Result<Running> {
        println!("  {:<5} $ {}", self.name, shown(line.trim_start_matches("exec ")));
        let directory = tempfile::tempdir().context("cannot make a directory")?;
        let mut command = self.command(line);
        command.current_dir(directory.path()).env("HOME", directory.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
        let printed = Lines::of(child.stdout.take().context("its output is a pipe")?);
        let said = Lines::of(child.stderr.take().context("its complaints are a pipe")?);
        Ok(Running { child, printed, said, _directory: directory })
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

    /// Runs a command to its end, prints what it prints, and returns its exit code and that.
    ///
    /// # Errors
    ///
    /// Says that it cannot be started.
    pub(super) fn tells(&self, line: &str) -> anyhow::Result<(Option<i32>, String)> {
        println!("  {:<5} $ {}", self.name, shown(line));
        let start = Instant::now();
        let mut command = self.command(&format!("exec timeout {} {line}", PATIENCE.as_secs()));
        let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run `{line}`"))?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        for line in printed.lines().chain(said.lines()).filter(|line| !line.is_empty()) {
            println!("  {:<5} | {line}", self.name);
        }
        let (code, time) = (output.status.code(), start.elapsed().as_secs_f64());
        println!("  {:<5} : exit code {code:?} after {time:.2} s", self.name);
        Ok((code, printed))
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

impl Running {
    /// Waits for a line that begins so, and returns it.
    ///
    /// # Errors
    ///
    /// Says which lines came instead.
    pub(super) fn prints_line(&mut self, start: &str, timeout: Duration) -> anyhow::Result<String> {
        self.printed.wait_for(start, timeout, |line| line.starts_with(start))
    }

    /// Waits for a line that is such, and returns it; `what` says what is waited for.
    ///
    /// # Errors
    ///
    /// Says which lines came instead.
    pub(super) fn prints_such(
        &mut self,
        what: &str,
        timeout: Duration,
        is_such: impl Fn(&str) -> bool,
    ) -> anyhow::Result<String> {
        self.printed.wait_for(what, timeout, is_such)
    }

    /// The same, on its standard error.
    pub(super) fn says_line(&mut self, start: &str, timeout: Duration) -> anyhow::Result<String> {
        self.said.wait_for(start, timeout, |line| line.starts_with(start))
    }

    /// Waits for its end. Returns its exit code, what it printed and what it said.
    ///
    /// # Errors
    ///
    /// Says that it goes on, or was killed.
    pub(super) fn ends(mut self) -> anyhow::Result<(i32, String, String)> {
        let deadline = Instant::now() + PATIENCE;
        let printed = self.printed.rest(deadline)?;
        let said = self.said.rest(deadline)?;
        let status = self.child.wait().context("cannot wait for a command")?;
        Ok((status.code().context("a command was killed")?, printed, said))
    }

    /// The most memory that it has had so far, in KiB. It must be what the shell became by `exec`.
    pub(super) fn peak_kib(&self) -> anyhow::Result<u64> {
        let file = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(&file).with_context(|| format!("cannot read {file}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        kib.with_context(|| format!("{file} has no peak"))
    }
}

/// The lines of a pipe.
#[derive(Debug)]
struct Lines(Receiver<String>);

impl Lines {
    fn of(pipe: impl Into<std::os::fd::OwnedFd>) -> Self {
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

    fn none() -> Self {
        Self(mpsc::channel().1)
    }

    fn wait_for(
        &self,
        what: &str,
        timeout: Duration,
        is_such: impl Fn(&str) -> bool,
    ) -> anyhow::Result<String> {
        let deadline = Instant::now() + timeout;
        let mut others = Vec::new();
        loop {
            match self.0.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) if is_such(&line) => return Ok(line),
                Ok(line) => others.push(line),
                Err(_) => {
                    others.truncate(SHOWN);
                    bail!("no line {what:?} came within {timeout:?}, but {others:#?}")
                }
            }
        }
    }

    /// The lines until the pipe is closed.
    fn rest(&self, deadline: Instant) -> anyhow::Result<String> {
        let mut text = String::new();
        loop {
            match self.0.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    text.push_str(&line);
                    text.push('\n');
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(text),
                Err(RecvTimeoutError::Timeout) => bail!("a command goes on after {PATIENCE:?}:\n{text}"),
            }
        }
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

/// Lines that are shown when another was expected.
const SHOWN: usize = 20;

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
