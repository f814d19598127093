//! A firewall that lets one transport in, which the players find.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::lan::firewall::{block, filter, other};
use crate::lan::lab;
use crate::lan::matches::{are_on, is_confirmed, nobody_came_back, play_on, play_to_the_end};
use crate::lan::network::Lan;
use crate::lan::player::SOON;
use net::link::Transport;

/// The blocked transport never comes through, and no player waits for it.
pub(super) fn from_the_start(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let _firewall = block(lan, lan.by)?;
    let start = Instant::now();
    let first = lab::wait(&lan.ana, "10.77.0.1", None)?;
    let time = start.elapsed();
    first.tell(&format!("waiting for a friend, after {:.2} s", time.as_secs_f64()));
    ensure!(time < START_LIMIT, "the transport that is left took {:.2} s", time.as_secs_f64());
    first.leaves()?;
    let players = lan.meet("10.77.0.1", None)?;
    are_on(&players, other(lan.by))?;
    play_to_the_end(players, 0)
}

/// A match that one transport carries, until a firewall stops it. A move that is made meanwhile goes out over the other one.
pub(super) fn in_the_middle(lan: &Lan) -> anyhow::Result<()> {
    // Udp is preferred, so that a match over tcp begins where there is no udp.
    let before = if lan.by == Transport::Tcp { Some(block(lan, Transport::Udp)?) } else { None };
    let (server, mut players) = lan.begin("fd4d:77::1", None, 2)?;
    are_on(&players, lan.by)?;
    let _firewall = block(lan, lan.by)?;
    let start = Instant::now();
    drop(before);
    players[0].press("5")?;
    players[0].reads(&["Waiting for the server to confirm the center (5)"], SOON)?;
    for player in &players {
        player.is_on(other(lan.by), RETURN_SHOWN)?;
    }
    println!("  host  : both are back after {:.1} s", start.elapsed().as_secs_f64());
    play_on(players, 3, &server)
}

/// For a while each datagram is refused by ICMP. As any machine can forge that, it ends nothing.
pub(super) fn refusing(lan: &Lan) -> anyhow::Result<()> {
    let (server, [mut ana, ben]) = lan.begin("10.77.0.1", Some(Transport::Udp), 2)?;
    let rule = "udp dport 1952 reject with icmpx port-unreachable";
    let firewall = filter(&lan.host, "inet no_udp", "input", &[rule])?;
    ana.press("5")?;
    // What is tried is a storm of this length, so real time has to pass; nothing is waited for.
    thread::sleep(STORM);
    ensure!(server.arrivals(2)? == 0, "the firewall is not up: the move has arrived");
    drop(firewall);
    is_confirmed(&ana, SOON)?;
    play_on([ana, ben], 3, &server)?;
    nobody_came_back(&server)
}

/// The time limit of a join over the only transport left: tcp is tried 50 ms after udp, and the rest is for the start of a
/// program on a busy machine.
const START_LIMIT: Duration = Duration::from_millis(1500);

/// The time limit of the return over the other transport: 10 s of silence, and a second for the dialling.
const RETURN_SHOWN: Duration = Duration::from_secs(15);

/// The length of the storm: several keepalives, and shorter than the silence that is believed (3 s).
const STORM: Duration = Duration::from_secs(1);
