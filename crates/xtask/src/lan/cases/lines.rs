//! The line protocol: who has no client plays against who has one, and both see the same match.

use super::super::network::Machine;
use super::super::player::{Player, SOON};
use super::super::shell::Shell;
use super::{CELLS, Lan, MATCH};

/// Ben types at netcat, and is told Ana's moves without asking.
pub(super) fn by_netcat(lan: &Lan, address: &str) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let mut ana = waiting(lan)?;
    let namespace = lan.network.namespace(Machine::Ben);
    let ben = Shell { namespace: &namespace, name: Machine::Ben.name() };
    let mut ben = ben.converses(&format!("nc {address} 1952"))?;
    for (line, answer) in [("name ben", "- you are ben"), ("list", "= no room"), ("push on", "push is on")] {
        ben.says(line)?;
        ben.hears(answer)?;
    }
    ben.says("quick")?;
    ben.hears("= turn of ana: you are O")?;
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
    ben.ends()
}

/// A script that sends a line and reads once plays by itself.
pub(super) fn by_python(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let mut ana = waiting(lan)?;
    let namespace = lan.network.namespace(Machine::Ben);
    let robot = Shell { namespace: &namespace, name: Machine::Ben.name() };
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../server/examples/plain_player.py");
    let robot = robot.converses(&format!("python3 {file} 10.77.0.1 {} {}", MATCH[1], MATCH[3]))?;
    for ply in (0..MATCH.len()).step_by(2) {
        moves(&mut ana, ply)?;
        robot.hears(&format!("- ana played {}", NAMES[ply]))?;
    }
    robot.hears("= over: ana won")?;
    won(ana)?;
    robot.ends()
}

/// Ana, who waits for somebody.
fn waiting(lan: &Lan) -> anyhow::Result<Player> {
    let mut ana = lan.table("10.77.0.1", None).join(0)?;
    ana.sees("WAITING FOR A FRIEND", SOON)?;
    Ok(ana)
}

/// Ana plays the half-move `ply` as soon as she sees the one before.
fn moves(ana: &mut Player, ply: usize) -> anyhow::Result<()> {
    let last = ply.checked_sub(1).map(|last| CELLS[last]);
    let words: Vec<&str> = ["Your turn"].into_iter().chain(last).collect();
    ana.reads(&words, SOON)?;
    ana.press(MATCH[ply])
}

fn won(mut ana: Player) -> anyhow::Result<()> {
    ana.reads(&["You won.", "X has the diagonal 7-5-3."], SOON)?;
    ana.leaves()
}

/// The cells of [`MATCH`] by name.
const NAMES: [&str; 5] = ["a3", "b3", "b2", "c3", "c1"];
