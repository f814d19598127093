//! The match that the cases play, move by move.

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::player::{Player, SOON};
use super::server::Server;
use net::link::Transport;

/// Waits until both players read that this transport carries their match.
pub(super) fn are_on(players: &[Player; 2], transport: Transport) -> anyhow::Result<()> {
    players.iter().try_for_each(|player| player.is_on(transport, SOON))
}

/// Plays the half-moves of [`MATCH`] from `from` to before `to`, each as soon as its player sees the one before.
pub(super) fn play(players: &mut [Player; 2], from: usize, to: usize) -> anyhow::Result<()> {
    for ply in from..to {
        let player = &mut players[ply % 2];
        player.reads_silently(&turn(ply), SOON)?;
        player.press(MATCH[ply])?;
    }
    Ok(())
}

/// The words that ask a player for the half-move `ply`, with the move before.
pub(super) fn turn(ply: usize) -> Vec<&'static str> {
    let last = ply.checked_sub(1).map(|last| CELLS[last]);
    ["Your turn"].into_iter().chain(last).collect()
}

/// Plays the rest of [`MATCH`], checks that each player reads the result, and lets both quit.
pub(super) fn play_to_the_end(mut players: [Player; 2], from: usize) -> anyhow::Result<()> {
    play(&mut players, from, MATCH.len())?;
    see_the_end(&players)?;
    for player in players {
        player.leaves()?;
    }
    Ok(())
}

/// Waits until each player reads the result of [`MATCH`].
pub(super) fn see_the_end(players: &[Player; 2]) -> anyhow::Result<()> {
    for (player, headline) in players.iter().zip(["You won.", "You lost."]) {
        player.reads(&[headline, "X has the diagonal 7-5-3."], SOON)?;
    }
    Ok(())
}

/// Waits until Ana's half-move 2 is confirmed, and returns the time that it took.
pub(super) fn is_confirmed(ana: &Player, limit: Duration) -> anyhow::Result<Duration> {
    let start = Instant::now();
    ana.reads(&["Waiting for ben", "You played the center (5)"], limit)?;
    let time = start.elapsed();
    println!("  ana   : her move is confirmed after {:.1} s", time.as_secs_f64());
    Ok(time)
}

/// Plays like [`play_to_the_end`], and checks that each half-move reached the server exactly once.
pub(super) fn play_on(players: [Player; 2], from: usize, server: &Server) -> anyhow::Result<()> {
    play_to_the_end(players, from)?;
    arrived_once(server)
}

/// Checks that each half-move of a finished match reached the server exactly once.
pub(super) fn arrived_once(server: &Server) -> anyhow::Result<()> {
    for ply in 0..MATCH.len() {
        let arrivals = server.arrivals(ply)?;
        ensure!(arrivals == 1, "half-move {ply} reached the server {arrivals} times");
    }
    println!("  host  : each half-move reached the server once");
    Ok(())
}

/// Checks that every connection is still the first one.
pub(super) fn nobody_came_back(server: &Server) -> anyhow::Result<()> {
    let returns = server.returns()?;
    ensure!(returns == 0, "somebody came back to a seat {returns} times");
    println!("  host  : the connections have outlived it");
    Ok(())
}

/// The match, in numpad digits: the first player wins with the diagonal 7-5-3.
///
/// ```text
///  X │ O │ O
/// ───┼───┼───
///    │ X │
/// ───┼───┼───
///    │   │ X
/// ```
pub(super) const MATCH: [&str; 5] = ["7", "8", "5", "9", "3"];

/// The moves of [`MATCH`] in words.
pub(super) const CELLS: [&str; 5] = [
    "played top left (7)",
    "played top middle (8)",
    "played the center (5)",
    "played top right (9)",
    "played bottom right (3)",
];

/// The cells of [`MATCH`] by name.
pub(crate) const NAMES: [&str; 5] = ["a3", "b3", "b2", "c3", "c1"];
