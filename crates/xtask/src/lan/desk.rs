//! A machine and the person who sits there: programs typed at a shell, with lines in and lines out.

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

use crate::netns::ip;
use net::link::Transport;

/// A machine and the person who sits there.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    /// The network namespace that is the machine.
    pub(super) namespace: String,
    /// The person's login.
    pub(super) name: &'static str,
}

/// A running command. It ends when this is dropped, with all that it has started.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) name: &'static str,
    child: Child,
    input: Option<ChildStdin>,
    pub(super) printed: Lines,
    /// Its standard error.
    pub(super) said: Lines,
    /// Its home, in which it runs.
    pub(super) directory: TempDir,
}

impl Desk {
    /// Starts a command.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be started.
    pub(super) fn starts(&self, line: &str) -> anyhow::Result<Running> {
        println!("  {:<5} $ {}", self.name, shown(line));
        self.spawn(&format!("exec {line}"))
    }

    /// Starts a script that listens on [`PORT`], and waits until it does.
    ///
    /// # Errors
    ///
    /// Fails when it does not listen in time.
    pub(super) fn listens(&self, transport: Transport, script: &str) -> anyhow::Result<Running> {
        println!("  {:<5} $ {}", self.name, shown(script));
        let deadline = Instant::now() + PATIENCE;
        let kind = if transport == Transport::Udp { "-Hlnu" } else { "-Hlnt" };
        let filter = format!("sport = :{PORT}");
        let is_free =
            || anyhow::Ok(ip(&format!("netns exec {} ss {kind} {filter}", self.namespace))?.is_empty());
        // The last process that listened here was killed and may still be ending.
        while !is_free()? {
            ensure!(Instant::now() < deadline, "somebody else listens on port {PORT} after {PATIENCE:?}");
        }
        let running = self.spawn(script)?;
        // A netcat gives no sign when it listens.
        while is_free()? {
            ensure!(Instant::now() < deadline, "nobody listens on port {PORT} after {PATIENCE:?}");
        }
        Ok(running)
    }

    /// Runs a command to its end, with these lines as its input, and checks its output.
    ///
    /// # Errors
    ///
    /// Shows other output, or a failure.
    pub(super) fn prints(&self, line: &str, input: &str, expected: &str) -> anyhow::Result<()> {
        println!("  {:<5} $ printf '{}' | {}", self.name, input.escape_default(), shown(line));
        let mut running = self.spawn(&format!("exec {line}"))?;
        let mut stdin = running.input.take().context("its input is a pipe")?;
        stdin.write_all(input.as_bytes()).with_context(|| format!("`{line}` does not read"))?;
        drop(stdin);
        let (code, printed, said) = running.ends()?;
        ensure!(code == 0, "`{line}` failed ({code}): {said}");
        ensure!(printed == expected, "`{line}` printed {printed:?} and said {said:?}");
        printed.lines().chain(said.lines()).for_each(|line| println!("  {:<5} : {line}", self.name));
        Ok(())
    }

    /// Runs a command to its end, shows its output, and returns its exit code and that output.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be started or goes on.
    pub(super) fn runs(&self, line: &str) -> anyhow::Result<(i32, String)> {
        let start = Instant::now();
        let (code, printed, said) = self.starts(line)?.ends()?;
        for line in printed.lines().chain(said.lines()).filter(|line| !line.is_empty()) {
            println!("  {:<5} | {line}", self.name);
        }
        println!("  {:<5} : exit code {code} after {:.2} s", self.name, start.elapsed().as_secs_f64());
        Ok((code, printed))
    }

    fn spawn(&self, script: &str) -> anyhow::Result<Running> {
        let directory = tempfile::tempdir().context("cannot make a directory")?;
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace, "sh", "-ec", script]).process_group(0);
        command.current_dir(directory.path()).env("HOME", directory.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start `{script}`"))?;
        let input = child.stdin.take();
        let printed = Lines::of(child.stdout.take().context("its output is a pipe")?);
        let said = Lines::of(child.stderr.take().context("its errors are a pipe")?);
        Ok(Running { name: self.name, child, input, printed, said, directory })
    }
}

impl Running {
    /// Types a line to the command.
    ///
    /// # Errors
    ///
    /// Fails when nobody reads it.
    pub(super) fn says(&mut self, line: &str) -> anyhow::Result<()> {
        println!("  {:<5} < {line}", self.name);
        let input = self.input.as_mut().context("its input is a pipe")?;
        writeln!(input, "{line}").with_context(|| format!("{} cannot say {line:?}", self.name))
    }

    /// Waits for a line that begins like this, and shows the lines until then.
    ///
    /// # Errors
    ///
    /// Fails when it does not come.
    pub(super) fn hears(&self, start: &str) -> anyhow::Result<()> {
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
    pub(super) fn hangs_up(mut self) -> anyhow::Result<()> {
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
    pub(super) fn ends(mut self) -> anyhow::Result<(i32, String, String)> {
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
    pub(super) fn interrupt(self) -> anyhow::Result<()> {
        kill_process_group(Pid::from_child(&self.child), Signal::INT)
            .context("cannot interrupt a command")?;
        self.hangs_up()
    }

    /// The most memory that the command has had so far, in KiB.
    pub(super) fn peak_kib(&self) -> anyhow::Result<u64> {
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
pub(super) struct Lines(Receiver<String>);

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
    pub(super) fn begins(&self, start: &str, timeout: Duration) -> anyhow::Result<String> {
        self.such(start, timeout, |line| line.starts_with(start))
    }

    /// Waits for a line for which `holds` is true, and returns it; `what` names it.
    ///
    /// # Errors
    ///
    /// Shows the lines that came instead.
    pub(super) fn such(
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
                Ok(line) => text += &(line + "\n"),
                Err(RecvTimeoutError::Disconnected) => return Ok(text),
                Err(RecvTimeoutError::Timeout) => bail!("a command goes on after {PATIENCE:?}:\n{text}"),
            }
        }
    }
}

/// A command as one would type it who has its programs at hand: of a path, the last part.
fn shown(line: &str) -> String {
    line.split(' ').map(|word| word.rsplit('/').next().unwrap_or(word)).collect::<Vec<_>>().join(" ")
}

/// The command line of one of the scripts in python beside this file.
pub(super) fn script(line: &str) -> String {
    format!("python3 {}/src/lan/{line}", env!("CARGO_MANIFEST_DIR"))
}

/// The port of the lab's programs, which is not that of the game.
pub(super) const PORT: u16 = 4000;

/// Lines that are shown when another was expected.
const SHOWN: usize = 20;

/// The limit for any of it, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_without_the_places_of_its_programs() {
        assert_eq!(shown("/a/b/upper_echo serve --listen :4000"), "upper_echo serve --listen :4000");
    }
}
