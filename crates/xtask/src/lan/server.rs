//! A running `oxo-server` on one of the machines.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use super::network::Machine;

/// The server, with the log that it writes.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    directory: TempDir,
}

impl Server {
    /// Starts it on `[::]:1952` and waits until it listens.
    ///
    /// # Errors
    ///
    /// Says what it said instead of where it listens.
    pub(super) fn start(programs: &Path, namespace: &str) -> anyhow::Result<Self> {
        println!("  {:<5} $ oxo-server --listen [::]:1952", Machine::Host);
        let directory = tempfile::tempdir().context("cannot make a directory for a log")?;
        let log = File::create(directory.path().join(LOG)).context("cannot make a log")?;
        let mut command = Command::new("ip");
        command.args(["netns", "exec", namespace]);
        // `-v` logs every command of every session.
        command.arg(programs.join("oxo-server")).args(["--listen", "[::]:1952", "-v"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let child = command.spawn().context("cannot start `oxo-server`")?;
        let mut server = Self { child, directory };
        let stdout = server.child.stdout.take().context("the server's output is a pipe")?;
        let mut stdout = BufReader::new(stdout);
        let mut lines = String::new();
        for _ in LISTENING.lines() {
            stdout.read_line(&mut lines).context("cannot read what the server prints")?;
        }
        let log = server.log().unwrap_or_default();
        ensure!(lines == LISTENING, "the server said {lines:?} and logged\n{log}");
        Ok(server)
    }

    /// Kills it, without a chance to say goodbye.
    pub(super) fn kill(&mut self) -> anyhow::Result<()> {
        println!("  {:<5} $ kill -KILL {}", Machine::Host, self.child.id());
        self.child.kill().context("cannot kill the server")?;
        self.child.wait().context("the server does not die").map(drop)
    }

    /// How often a move arrived as the half-move `ply`, counted from 0, whatever came of it.
    pub(super) fn arrivals(&self, ply: usize) -> anyhow::Result<usize> {
        let log = self.log()?;
        let ply = format!("ply: {ply},");
        Ok(log.lines().filter(|line| line.contains("Play {") && line.contains(&ply)).count())
    }

    /// How often somebody came back to a seat over a new connection.
    pub(super) fn returns(&self) -> anyhow::Result<usize> {
        let log = self.log()?;
        Ok(log
            .lines()
            .filter(|line| line.contains("session opened") && line.contains("is_return=true"))
            .count())
    }

    fn log(&self) -> anyhow::Result<String> {
        fs::read_to_string(self.directory.path().join(LOG)).context("cannot read the server's log")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that was killed before is no longer there to kill.
        let _is_dead = self.child.kill();
        let _is_reaped = self.child.wait();
    }
}

/// What it prints once players can come.
const LISTENING: &str = "listening tcp [::]:1952\nlistening udp [::]:1952\n";

/// The file, in the server's directory.
const LOG: &str = "log";
