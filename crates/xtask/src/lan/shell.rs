//! What somebody types at the shell of one of the machines: plain programs, with lines in and lines out.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
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

impl Shell<'_> {
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
        let running = Running { child, _directory: directory };
        let deadline = Instant::now() + PATIENCE;
        let kind = if transport == Transport::Udp { "-Hlnu" } else { "-Hlnt" };
        let filter = format!("sport = :{port}");
        // No sign of a netcat says so.
        while ip(&["netns", "exec", self.namespace, "ss", kind, &filter])?.is_empty() {
            ensure!(Instant::now() < deadline, "nobody listens on port {port} after {PATIENCE:?}");
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
