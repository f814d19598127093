//! Two machines with a bad network between them: the server and Ben on one, Ana on the other.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use anyhow::ensure;
use net::sim::{Chance, LinkConfig, Loss};

use crate::lan::desk::Desk;
use crate::lan::lab::{Lan, Table};
use crate::lan::matches::{MATCH, are_on, arrived_once, play, play_to_the_end, see_the_end, turn};
use crate::lan::network::Machine;
use crate::lan::player::SOON;
use crate::link::{BadLink, Side};
use net::link::Transport;

/// Matches over paths that lose `percent` of the packets in each direction.
pub(super) fn matches(lan: &Lan, percent: u8, transport: Transport) -> anyhow::Result<()> {
    SEEDS.into_iter().try_for_each(|seed| a_match(lan, percent, transport, seed))
}

/// Plays such matches, which may fail.
pub(super) fn for_comparison(lan: &Lan, percent: u8, transport: Transport) {
    for seed in SEEDS {
        if let Err(error) = a_match(lan, percent, transport, seed) {
            println!("  link  : {percent} % loss, {transport}: no match\n{error:#}");
        }
    }
}

pub(super) fn moved_ipv4(lan: &Lan, transport: Transport) -> anyhow::Result<()> {
    moved(lan, |link, side| link.ipv4(side).into(), transport)
}

pub(super) fn moved_ipv6(lan: &Lan, transport: Transport) -> anyhow::Result<()> {
    moved(lan, |link, side| link.ipv6(side).into(), transport)
}

/// Ana's machine gets another address in the middle of a match. That kills her connection, and nothing tells her program:
/// neither an error nor an answer comes.
fn moved(lan: &Lan, ip: fn(&BadLink, Side) -> IpAddr, transport: Transport) -> anyhow::Result<()> {
    let mut link = start(0, SEEDS[0])?;
    let server = lan.serve_on(&desk(&link, Side::A, Machine::Host))?;
    let place = ip(&link, Side::A).to_string();
    let mut players = table(lan, &link, &place, transport).join_both()?;
    are_on(&players, transport)?;
    play(&mut players, 0, 2)?;
    let [mut ana, ben] = players;
    ana.reads(&turn(2), SOON)?;
    let before = ip(&link, Side::B);
    link.change_address(Side::B)?;
    let start = Instant::now();
    println!("  link  : ana was {before} and is {}", ip(&link, Side::B));
    ana.press("5")?;
    ana.reads(&["Waiting for ben", "You played the center (5)"], SOON)?;
    let time = start.elapsed();
    println!("  {:<5} : her move is confirmed after {:.1} s", Machine::Ana, time.as_secs_f64());
    ensure!(time < RETURN_LIMIT, "she was back only after {:.1} s", time.as_secs_f64());
    ana.is_on(transport, SOON)?;
    ben.reads(&turn(3), SOON)?;
    play_to_the_end([ana, ben], 3)?;
    arrived_once(&server)
}

fn a_match(lan: &Lan, percent: u8, transport: Transport, seed: u64) -> anyhow::Result<()> {
    let link = start(percent, seed)?;
    let server = lan.serve_on(&desk(&link, Side::A, Machine::Host))?;
    let place = link.ipv4(Side::A).to_string();
    let mut players = table(lan, &link, &place, transport).join_both()?;
    are_on(&players, transport)?;
    let start = Instant::now();
    play(&mut players, 0, MATCH.len())?;
    see_the_end(&players)?;
    let millis = start.elapsed().as_millis();
    println!("  link  : {percent} % loss, {transport}: the match took {millis} ms");
    println!("{}", link.counts());
    for player in players {
        player.leaves()?;
    }
    arrived_once(&server)
}

pub(super) fn start(percent: u8, seed: u64) -> anyhow::Result<BadLink> {
    let loss = if percent == 0 { Loss::Never } else { Loss::Independent(Chance::percent(percent)) };
    let config = LinkConfig { delay: DELAY, loss, ..LinkConfig::default() };
    println!("  link  $ cargo xtask link --delay {DELAY:?} --loss {percent}% --seed {seed}");
    BadLink::start(config.clone(), config, seed)
}

fn table<'a>(lan: &'a Lan, link: &BadLink, place: &'a str, transport: Transport) -> Table<'a> {
    Table {
        programs: &lan.programs,
        desks: [desk(link, Side::B, Machine::Ana), desk(link, Side::A, Machine::Ben)],
        place,
        only: Some(transport),
    }
}

pub(super) fn desk(link: &BadLink, side: Side, machine: Machine) -> Desk {
    Desk { namespace: link.namespace(side).to_owned(), name: machine.name() }
}

/// The delay of a packet: the round trip is 2 ms, that of a good Wi-Fi.
const DELAY: Duration = Duration::from_millis(1);

/// The seeds, one for each match. The packets of two runs differ, since programs take their time; the places of the lost
/// ones do not.
const SEEDS: [u64; 3] = [1, 2, 3];

/// The longest absence of a player whose address has changed.
const RETURN_LIMIT: Duration = Duration::from_secs(5);
