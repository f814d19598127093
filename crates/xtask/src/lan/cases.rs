//! What is tried on the LAN, one function each.

mod broken;
mod reached;
mod unreached;

use super::Lan;
use super::network::Machine;
use super::player::{Player, SOON};

/// One thing that is tried.
#[derive(Debug)]
pub(super) struct Case {
    /// What is shown if it passes.
    pub(super) name: &'static str,
    /// Tries it.
    pub(super) run: fn(&Lan) -> anyhow::Result<()>,
}

/// Every case, what works first.
pub(super) const CASES: &[Case] = &[
    Case { name: "a match over IPv4", run: reached::over_ipv4 },
    Case { name: "a match over IPv6, by a unique local address", run: reached::over_unique_local },
    Case {
        name: "a match over IPv6, by a link-local address and its interface",
        run: reached::over_link_local,
    },
    Case { name: "a link-local address is meant on the only interface", run: reached::on_the_only_interface },
    Case { name: "a match by a name whose IPv6 address is dead", run: reached::by_name_with_a_dead_family },
    Case { name: "a match by the code and address on the host's screen", run: reached::by_code },
    Case { name: "a port on which nobody listens", run: unreached::refused },
    Case { name: "an address that nobody has", run: unreached::nobody },
    Case { name: "a machine that says nothing", run: unreached::silent },
    Case { name: "a link-local address without its interface", run: unreached::without_scope },
    Case { name: "a name that nobody knows", run: unreached::unknown_name },
    Case { name: "a link down for 5 s: a move made meanwhile arrives once", run: broken::for_a_moment },
    Case {
        name: "a link down for 10 s: back in the seat, and the move is sent again",
        run: broken::for_long,
    },
    Case {
        name: "a link down for 10 s: the other player goes on meanwhile",
        run: broken::while_the_other_plays,
    },
    Case { name: "a server that is killed: both are told", run: broken::server_killed },
];

/// Starts `oxo join PLACE` on Ana's machine and then on Ben's, and waits until they see the board. Ana begins.
fn join_both(lan: &Lan, place: &str) -> anyhow::Result<[Player; 2]> {
    let mut ana = join(lan, Machine::Ana, place)?;
    ana.sees("WAITING FOR A FRIEND", SOON)?;
    let mut ben = join(lan, Machine::Ben, place)?;
    ben.reads(&["Waiting for ana to play X"], SOON)?;
    ana.reads(&["Your turn"], SOON)?;
    Ok([ana, ben])
}

/// Starts `oxo join PLACE`.
fn join(lan: &Lan, machine: Machine, place: &str) -> anyhow::Result<Player> {
    Player::start(&lan.network, &lan.programs, machine, &["join", place])
}

/// Plays the half-moves of [`MATCH`] from `from` to before `to`, each as soon as its player sees the one before.
fn play(players: &mut [Player; 2], from: usize, to: usize) -> anyhow::Result<()> {
    for ply in from..to {
        let player = &mut players[ply % 2];
        player.reads_silently(&turn(ply), SOON)?;
        player.press(MATCH[ply])?;
    }
    Ok(())
}

/// What a player reads who is asked for the half-move `ply`: so, and what was played before.
fn turn(ply: usize) -> Vec<&'static str> {
    let last = ply.checked_sub(1).map(|last| CELLS[last]);
    ["Your turn"].into_iter().chain(last).collect()
}

/// Plays the rest of [`MATCH`], checks that each player is told how it ended, and lets both quit.
fn play_to_the_end(mut players: [Player; 2], from: usize) -> anyhow::Result<()> {
    play(&mut players, from, MATCH.len())?;
    for (player, headline) in players.iter_mut().zip(["You won.", "You lost."]) {
        player.reads(&[headline, "X has the diagonal 7-5-3."], SOON)?;
    }
    for player in players {
        player.leaves()?;
    }
    Ok(())
}

/// The match that is played, in numpad order: who begins wins with the diagonal 7-5-3.
///
/// ```text
///  X │ O │ O
/// ───┼───┼───
///    │ X │
/// ───┼───┼───
///    │   │ X
/// ```
const MATCH: [&str; 5] = ["7", "8", "5", "9", "3"];

/// The same, in words.
const CELLS: [&str; 5] = [
    "played top left (7)",
    "played top middle (8)",
    "played the center (5)",
    "played top right (9)",
    "played bottom right (3)",
];
