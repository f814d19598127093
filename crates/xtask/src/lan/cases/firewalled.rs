//! A firewall that lets one transport in, which the players find.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::lan::firewall::{Verdict, block, other};
use crate::lan::lab::Lan;
use crate::lan::matches::{are_on, arrived_once, nobody_came_back, play, play_to_the_end, turn};
use crate::lan::network::Machine;
use crate::lan::player::SOON;
use net::link::Transport;

/// `blocked` never comes through, and no player waits for it.
pub(super) fn from_the_start(lan: &Lan, blocked: Transport) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let _firewall = block(&lan.network, Machine::Host, blocked, Verdict::Drop)?;
    let table = lan.table("10.77.0.1", None);
    let start = Instant::now();
    let first = table.join(0)?;
    first.sees("waiting for a friend", SOON)?;
    let time = start.elapsed();
    first.tell(&format!("waiting for a friend, after {:.2} s", time.as_secs_f64()));
    ensure!(time < START_LIMIT, "the transport that is left took {:.2} s", time.as_secs_f64());
    first.leaves()?;
    let players = table.join_both()?;
    are_on(&players, other(blocked))?;
    play_to_the_end(players, 0)
}

/// A match that `first` carries, until a firewall stops it. A move that is made meanwhile goes out over the other one.
pub(super) fn in_the_middle(lan: &Lan, first: Transport) -> anyhow::Result<()> {
    let server = lan.serve()?;
    let host = |transport| block(&lan.network, Machine::Host, transport, Verdict::Drop);
    // Udp is preferred, so that a match over tcp begins where there is no udp.
    let before = if first == Transport::Tcp { Some(host(Transport::Udp)?) } else { None };
    let mut players = lan.table("fd4d:77::1", None).join_both()?;
    are_on(&players, first)?;
    play(&mut players, 0, 2)?;
    players[0].reads(&turn(2), SOON)?;
    let _firewall = host(first)?;
    let start = Instant::now();
    drop(before);
    players[0].press("5")?;
    players[0].reads(&["Waiting for the server to confirm the center (5)"], SOON)?;
    for player in &mut players {
        player.is_on(other(first), RETURN_SHOWN)?;
    }
    println!("  {:<5} : both are back after {:.1} s", Machine::Host, start.elapsed().as_secs_f64());
    play_to_the_end(players, 3)?;
    arrived_once(&server)
}

/// For a while each datagram is refused by ICMP. As any machine can forge that, it ends nothing.
pub(super) fn refusing(lan: &Lan) -> anyhow::Result<()> {
    let server = lan.serve()?;
    let mut players = lan.table("10.77.0.1", Some(Transport::Udp)).join_both()?;
    play(&mut players, 0, 2)?;
    players[0].reads(&turn(2), SOON)?;
    let firewall = block(&lan.network, Machine::Host, Transport::Udp, Verdict::Reject)?;
    players[0].press("5")?;
    // What is tried is a storm of this length, so real time has to pass; nothing is waited for.
    thread::sleep(STORM);
    ensure!(server.arrivals(2)? == 0, "the firewall is not up: the move has arrived");
    drop(firewall);
    players[0].reads(&["Waiting for ben", "You played the center (5)"], SOON)?;
    play_to_the_end(players, 3)?;
    nobody_came_back(&server)?;
    arrived_once(&server)
}

/// The time limit of a join over the only transport left: tcp is tried 50 ms after udp, and the rest is for the start of a
/// program on a busy machine.
const START_LIMIT: Duration = Duration::from_millis(1500);

/// The time limit of the return over the other transport: 10 s of silence, and a second for the dialling.
const RETURN_SHOWN: Duration = Duration::from_secs(15);

/// The length of the storm: several keepalives, and shorter than the silence that is believed (3 s).
const STORM: Duration = Duration::from_secs(1);
