//! Matches whose packets are written down, for `cargo xtask wireshark`.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::lab::Lan;
use super::matches::{NAMES, are_on, play_to_the_end};
use super::network::Machine;
use super::player::SOON;
use super::transport::Transport;

/// The cells of a captured match, in the order in which they are played.
pub(crate) const CAPTURED_CELLS: [&str; 5] = NAMES;

/// Plays a match over TCP and one over UDP, and writes down what the server's machine sends and receives.
///
/// # Errors
///
/// Says what a player did not see, or what the capture lacked.
pub(crate) fn capture_matches(directory: &Path) -> anyhow::Result<[PathBuf; 2]> {
    let lan = Lan::new()?;
    let files = [Transport::Tcp, Transport::Udp]
        .map(|transport| (transport, directory.join(format!("{transport}.pcapng"))));
    for (transport, file) in &files {
        println!("\na match over {transport} alone, captured");
        let capture = Capture::start(&lan.network.namespace(Machine::Host), file)?;
        let _server = lan.serve()?;
        let players = lan.table("10.77.0.1", Some(*transport)).join_both()?;
        are_on(&players, *transport)?;
        play_to_the_end(players, 0)?;
        capture.stop_after(LAST_MOVE)?;
    }
    Ok(files.map(|(_, file)| file))
}

/// A running `dumpcap`.
#[derive(Debug)]
struct Capture {
    child: Child,
    file: PathBuf,
}

impl Capture {
    /// Starts it and waits until it captures.
    fn start(namespace: &str, file: &Path) -> anyhow::Result<Self> {
        println!("  {:<5} $ dumpcap -q -i eth0 -w {}", Machine::Host, file.display());
        let mut command = Command::new("ip");
        command.args(["netns", "exec", namespace, "dumpcap", "-q", "-i", "eth0", "-w"]).arg(file);
        let child =
            command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().context("cannot start dumpcap")?;
        let mut capture = Self { child, file: file.to_owned() };
        let complaints = capture.child.stderr.take().context("what dumpcap says goes into a pipe")?;
        let mut said = String::new();
        for line in BufReader::new(complaints).lines() {
            let line = line.context("cannot read what dumpcap says")?;
            if line.starts_with("File: ") {
                return Ok(capture);
            }
            said += &line;
        }
        anyhow::bail!("dumpcap does not capture: {said}")
    }

    /// Waits until these bytes are in the file, which lags behind the network, and ends the capture.
    fn stop_after(mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let deadline = Instant::now() + SOON;
        // Nobody says when a file grows, so it is read until it has.
        while !fs::read(&self.file)?.windows(bytes.len()).any(|window| window == bytes) {
            ensure!(Instant::now() < deadline, "the last move is not in {}", self.file.display());
        }
        let process =
            self.child.id().try_into().ok().and_then(Pid::from_raw).context("no process has number 0")?;
        kill_process(process, Signal::INT).context("cannot end dumpcap")?;
        let status = self.child.wait().context("dumpcap does not end")?;
        ensure!(status.success(), "dumpcap failed ({status})");
        Ok(())
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        // One that was stopped is no longer there to kill.
        let _is_dead = self.child.kill();
        let _is_reaped = self.child.wait();
    }
}

/// The command that ends the match, as it travels: `Play`, match 1, branch 0, ply 4, `c1`.
const LAST_MOVE: &[u8] = &[1, 5, 1, 0, 4, 2, 0];
