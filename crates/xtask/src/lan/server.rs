//! A running `oxo-server` on one of the machines.

use std::fs;

use anyhow::Context as _;

use super::desk::Desk;
use super::player::SOON;
use crate::running::Running;

/// The server, with its log.
#[derive(Debug)]
pub(super) struct Server(Running);

impl Server {
    /// Starts it on `[::]:1952` by this command, and waits until it listens.
    ///
    /// # Errors
    ///
    /// Shows its log when it does not listen.
    pub(super) fn start(host: &Desk, command: &str) -> anyhow::Result<Self> {
        // `-v` logs every command of every session.
        let server = Self(host.starts(&format!("{command} --listen [::]:1952 --no-store -v 2>{LOG}"))?);
        for line in ["listening tcp [::]:1952", "listening udp [::]:1952"] {
            let is_listening = server.0.printed.begins(line, SOON);
            is_listening.with_context(|| server.log().unwrap_or_default())?;
        }
        Ok(server)
    }

    /// Kills it, without a chance to say goodbye.
    pub(super) fn kill(self) {
        println!("  {:<5} : oxo-server is killed", self.0.name);
    }

    /// The number of times that a move arrived as the half-move `ply`, counted from 0, whatever came of it.
    pub(super) fn arrivals(&self, ply: usize) -> anyhow::Result<usize> {
        let ply = format!("ply: {ply},");
        Ok(self.log()?.lines().filter(|line| line.contains("Play {") && line.contains(&ply)).count())
    }

    /// The number of times that somebody came back to a seat over a new connection.
    pub(super) fn returns(&self) -> anyhow::Result<usize> {
        let is_return = |line: &&str| line.contains("session opened") && line.contains("is_return=true");
        Ok(self.log()?.lines().filter(is_return).count())
    }

    fn log(&self) -> anyhow::Result<String> {
        fs::read_to_string(self.0.directory.path().join(LOG)).context("cannot read the server's log")
    }
}

/// The log, in the server's directory.
const LOG: &str = "log";
