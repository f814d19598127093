//! A link or a server that breaks in a match: both are told, and the match goes on where it can.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;
use rustix::process::Signal;

use crate::lan::lab::hosts;
use crate::lan::matches::{are_on, is_confirmed, nobody_came_back, play, play_on, play_to_the_end, turn};
use crate::lan::network::{Lan, set_interface};
use crate::lan::player::{Player, SOON};
use net::link::Transport;

/// Ana's cable is pulled while she is to move, and the connection outlives it.
pub(super) fn for_a_moment(lan: &Lan) -> anyhow::Result<()> {
    let (server, [mut ana, ben]) = lan.begin("fd4d:77::1", Some(lan.by), 2)?;
    lan.set_cable(&lan.ana, false)?;
    let start = Instant::now();
    ana.reads(&["Waiting for the server: no answer for"], SILENCE_SHOWN)?;
    ben.reads(&["Waiting for ana: no answer for"], SILENCE_SHOWN)?;
    ana.press("5")?;
    ana.sees("sent?", SOON)?;
    // What is tried is an outage of this length, so real time has to pass; nothing is waited for.
    thread::sleep(OUTAGE.saturating_sub(start.elapsed()));
    ensure!(server.arrivals(2)? == 0, "the cable is not out: the move has arrived");
    lan.set_cable(&lan.ana, true)?;
    is_confirmed(&ana, RETURN_SHOWN)?;
    play_on([ana, ben], 3, &server)?;
    nobody_came_back(&server)
}

/// Ana's interface is off until both sides have given up the connection. Her move goes out on the next one.
pub(super) fn for_long(lan: &Lan) -> anyhow::Result<()> {
    let (server, [mut ana, ben]) = lan.begin("10.77.0.1", Some(lan.by), 2)?;
    set_interface(&lan.ana, false)?;
    ana.reads(&["Waiting for the server: no answer for"], SILENCE_SHOWN)?;
    ana.press("5")?;
    ana.reads(&["RECONNECTING"], LOSS_SHOWN)?;
    ben.reads(&["ana lost the connection"], LOSS_SHOWN)?;
    // At least one try to return has failed by then.
    ana.reads(&["RECONNECTING, try 2"], LOSS_SHOWN)?;
    ensure!(server.arrivals(2)? == 0, "the interface is not off: the move has arrived");
    set_interface(&lan.ana, true)?;
    is_confirmed(&ana, RETURN_SHOWN)?;
    play_on([ana, ben], 3, &server)
}

/// Ana's interface is off for longer than her seat is kept for her alone. Ben waits, and she comes back without a key.
pub(super) fn beyond_the_grace(lan: &Lan) -> anyhow::Result<()> {
    let (server, [ana, ben]) = lan.begin("10.77.0.1", None, 2)?;
    set_interface(&lan.ana, false)?;
    ana.reads(&["Your seat is kept 0:", "if the server still runs"], LOSS_SHOWN)?;
    ben.reads(&["W claims the win"], GRACE + LOSS_SHOWN)?;
    ana.reads(&["RECONNECTING", "ben may have claimed the match by now."], LOSS_SHOWN)?;
    set_interface(&lan.ana, true)?;
    let start = Instant::now();
    ana.reads(&turn(2), RETURN_SHOWN)?;
    println!("  ana   : back after {:.1} s", start.elapsed().as_secs_f64());
    ben.reads(&["ana is back"], SOON)?;
    play_on([ana, ben], 2, &server)
}

/// Ana's cable is out while Ben is to move. The match is paused, and goes on with his move when she is back.
pub(super) fn while_the_other_is_to_move(lan: &Lan) -> anyhow::Result<()> {
    let (server, [ana, mut ben]) = lan.begin("fd4d:77::1", Some(lan.by), 1)?;
    lan.set_cable(&lan.ana, false)?;
    ana.reads(&["RECONNECTING"], LOSS_SHOWN)?;
    ben.reads(&["ana lost the connection"], LOSS_SHOWN)?;
    ben.press("8")?;
    ben.reads(&["That has to wait. ana lost the connection. The match is paused."], SOON)?;
    lan.set_cable(&lan.ana, true)?;
    ben.reads(&["ana is back", "Your turn"], RETURN_SHOWN)?;
    ensure!(server.arrivals(1)? == 0, "a move was played in a match that is paused");
    ben.press("8")?;
    play_on([ana, ben], 2, &server)
}

/// The server is gone from one moment to the next, and another takes its place that knows nobody. Over udp no stream
/// breaks; the machine says that nobody listens there any more.
pub(super) fn server_killed(lan: &Lan) -> anyhow::Result<()> {
    let (server, players) = lan.begin("10.77.0.1", Some(lan.by), 2)?;
    server.kill();
    let start = Instant::now();
    for player in &players {
        player.reads(&["RECONNECTING"], DEATH_SHOWN)?;
        player.reads(&["Nothing listens at 10.77.0.1:1952: the server may have stopped."], SOON)?;
    }
    println!("  host  : known after {:.1} s", start.elapsed().as_secs_f64());
    let _successor = lan.serve()?;
    seats_are_gone(&players)
}

/// The successor is there before the silence is long enough to mean anything, and says itself that it knows nobody.
pub(super) fn server_replaced(lan: &Lan) -> anyhow::Result<()> {
    let (server, players) = lan.begin("fd4d:77::1", Some(Transport::Udp), 2)?;
    are_on(&players, Transport::Udp)?;
    server.kill();
    let start = Instant::now();
    let _successor = lan.serve()?;
    seats_are_gone(&players)?;
    let time = start.elapsed();
    println!("  host  : known after {:.1} s", time.as_secs_f64());
    ensure!(time < SILENCE_SHOWN, "the successor was not heard before the silence was");
    Ok(())
}

fn seats_are_gone(players: &[Player; 2]) -> anyhow::Result<()> {
    for player in players {
        player.sees("Your seat is gone", SOON)?;
        player.reads(&["Hint: the server was restarted"], SOON)?;
    }
    Ok(())
}

/// Ana's program is gone from one moment to the next. Over udp there is no stream that breaks.
pub(super) fn player_killed(lan: &Lan) -> anyhow::Result<()> {
    let (_server, [ana, ben]) = lan.begin("10.77.0.1", Some(lan.by), 2)?;
    ana.kill()?;
    let start = Instant::now();
    if lan.by == Transport::Udp {
        ben.reads(&["Waiting for ana: no answer for"], DEATH_SHOWN)?;
        println!("  ben   : told after {:.1} s", start.elapsed().as_secs_f64());
    }
    ben.reads(&["ana lost the connection"], LOSS_SHOWN)?;
    println!("  ben   : told after {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// The host's laptop sleeps for longer than a seat is kept, and wakes. Nobody's absence counts, and the guest, who went on
/// trying, comes back without a key.
pub(super) fn host_asleep(lan: &Lan) -> anyhow::Result<()> {
    let (host, code) = hosts(&lan.host, "")?;
    let mut players = [host, Player::start(&lan.ben, &format!("oxo join {code}"))?];
    play(&mut players, 0, 2)?;
    let [host, guest] = players;
    host.reads(&turn(2), SOON)?;
    host.signal(Signal::STOP)?;
    guest.reads(&["RECONNECTING"], LOSS_SHOWN)?;
    // The sleep itself is tried, so real time has to pass; nothing is waited for.
    thread::sleep(SLEEP);
    host.signal(Signal::CONT)?;
    let start = Instant::now();
    guest.reads(&["Waiting for host to play X."], SLOW_RETURN_SHOWN)?;
    println!("  ben   : back after {:.1} s", start.elapsed().as_secs_f64());
    host.reads(&turn(2), SOON)?;
    let screen = host.screen();
    ensure!(!screen.contains("W  claim"), "the host may claim for a time in which it slept:\n{screen}");
    play_to_the_end([host, guest], 2)
}

/// The sleep of a host: half as long again as a seat is kept.
const SLEEP: Duration = Duration::from_secs(45);

/// The limit for a return after a sleep: a try each ten seconds, which may take 3 s; the rest is for a busy machine.
const SLOW_RETURN_SHOWN: Duration = Duration::from_secs(20);

/// The time until a player who stayed may claim.
const GRACE: Duration = Duration::from_secs(30);

/// The short outage: long enough to be shown (3 s), short enough for the connection (10 s).
const OUTAGE: Duration = Duration::from_secs(5);

/// The limit for showing a silence: 3 s without a ping, which comes every second; the rest is for a busy machine.
const SILENCE_SHOWN: Duration = Duration::from_secs(8);

/// The limit for missing a dead program: 3 s of silence; the rest is for a busy machine.
const DEATH_SHOWN: Duration = Duration::from_secs(5);

/// The limit for showing a lost connection: 10 s of silence, and a try to return may take 3 s.
const LOSS_SHOWN: Duration = Duration::from_secs(20);

/// The limit for a return: after 5 s TCP may wait 3.2 s before it retransmits, and a try to return may take as long; then
/// the back-off of 2 s.
const RETURN_SHOWN: Duration = Duration::from_secs(12);
