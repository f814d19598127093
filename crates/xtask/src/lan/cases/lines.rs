//! The line protocol: a player without a client plays against one with `oxo`, and both see the same match.

use crate::lan::desk::has_all;
use crate::lan::lab::wait;
use crate::lan::matches::{MATCH, NAMES, turn};
use crate::lan::network::Lan;
use crate::lan::player::{Player, SOON};

/// Ben types at netcat, and is told Ana's moves without asking.
pub(super) fn by_netcat(lan: &Lan, address: &str) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let mut ana = wait(&lan.ana, "10.77.0.1", None)?;
    let mut ben = lan.ben.starts(&format!("nc {address} 1952"))?;
    for (line, answer) in [
        ("name ben", "- you are ben"),
        ("list", "= no room"),
        ("push on", "push is on"),
        ("quick", "= turn of ana: you are O"),
    ] {
        ben.says(line)?;
        ben.hears(answer)?;
    }
    for (ply, key) in MATCH.into_iter().enumerate() {
        if ply % 2 == 0 {
            moves(&mut ana, ply)?;
            ben.hears(&format!("- ana played {}", NAMES[ply]))?;
            ben.hears("= ")?;
        } else {
            ben.says(key)?;
            ben.hears(&format!("- you played {}", NAMES[ply]))?;
            ben.hears("= turn of ana")?;
        }
    }
    won(ana)?;
    ben.says("quit")?;
    ben.hears("bye")?;
    ben.hangs_up()
}

/// A script that sends a line and reads once plays by itself.
pub(super) fn by_python(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let mut ana = wait(&lan.ana, "10.77.0.1", None)?;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../server/examples/plain_player.py");
    let robot = lan.ben.starts(&format!("python3 {file} 10.77.0.1 {} {}", MATCH[1], MATCH[3]))?;
    for ply in (0..MATCH.len()).step_by(2) {
        moves(&mut ana, ply)?;
        robot.hears(&format!("- ana played {}", NAMES[ply]))?;
    }
    robot.hears("= over: ana won")?;
    won(ana)?;
    robot.hangs_up()
}

/// Programs that speak another protocol, or lines without an end.
pub(super) fn by_other_programs(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let script = "import socket; s = socket.create_connection((\"10.77.0.1\", 1952)); s.sendall(b\"hello\"); \
                  print(s.recv(1024).decode())";
    for (program, expected) in [
        ("curl -sS http://10.77.0.1:1952/KITE-42", "<title>oxo</title>"),
        ("curl -sS -H Host:evil.example http://10.77.0.1:1952/", "This server has another name"),
        ("curl -sS --http2-prior-knowledge http://10.77.0.1:1952/", "To play, run `oxo join`"),
        ("sh -c 'curl -sS https://10.77.0.1:1952/ 2>&1'", "handshake failure"),
        ("sh -c 'ssh -o BatchMode=yes -p 1952 10.77.0.1 2>&1'", "To play, run `oxo join`"),
        (&format!("python3 -c '{script}'"), "`help` lists them"),
    ] {
        has_all(&lan.ana.runs(program)?.1, &[expected])?;
    }
    Ok(())
}

/// Ana plays the half-move `ply` as soon as she sees the one before.
fn moves(ana: &mut Player, ply: usize) -> anyhow::Result<()> {
    ana.reads(&turn(ply), SOON)?;
    ana.press(MATCH[ply])
}

fn won(ana: Player) -> anyhow::Result<()> {
    ana.reads(&["You won.", "X has the diagonal 7-5-3."], SOON)?;
    ana.leaves()
}
