//! Matches whose packets are captured, for `cargo xtask wireshark`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::ensure;

use super::matches::{are_on, play_to_the_end};
use super::network::Lan;
use super::player::SOON;
use net::link::Transport::{Tcp, Udp};

/// Plays a match over TCP and one over UDP, and captures what the server's machine sends and receives.
///
/// # Errors
///
/// Fails when a player does not see the other's move, or the capture does not end with the last one.
pub(crate) fn capture_matches(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let lan = Lan::new()?;
    let mut files = Vec::new();
    for transport in [Tcp, Udp] {
        println!("\na match over {transport} alone, captured");
        let file = directory.join(format!("{transport}.pcapng"));
        let dumpcap = lan.host.starts(&format!("dumpcap -q -i eth0 -w {}", file.display()))?;
        dumpcap.said.begins("File: ", SOON)?;
        let _server = lan.serve()?;
        let players = lan.meet("10.77.0.1", Some(transport))?;
        are_on(&players, transport)?;
        play_to_the_end(players, 0)?;
        let deadline = Instant::now() + SOON;
        // The file lags behind the network, and nothing tells when it grows, so it is read until it has.
        while !fs::read(&file)?.windows(LAST_MOVE.len()).any(|window| window == LAST_MOVE) {
            ensure!(Instant::now() < deadline, "the last move is not in {}", file.display());
        }
        dumpcap.interrupt()?;
        files.push(file);
    }
    Ok(files)
}

/// The command that ends the match, as it travels: `Play`, match 1, branch 0, ply 4, `c1`.
const LAST_MOVE: &[u8] = &[1, 5, 1, 0, 4, 2, 0];
