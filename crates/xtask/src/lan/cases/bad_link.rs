//! Two machines with a bad network between them: the server and Ben on one, Ana on the other.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use anyhow::ensure;
use net::sim::{Chance, LinkConfig, Loss};

use crate::lan::desk::Desk;
use crate::lan::lab::meet;
use crate::lan::matches::{MATCH, are_on, arrived_once, is_confirmed, play, play_on, see_the_end, turn};
use crate::lan::player::SOON;
use crate::lan::server::Server;
use crate::link::{BadLink, Machine};
use net::link::Transport;

/// Matches over paths that lose `percent` of the packets in each direction.
pub(super) fn matches(percent: u8, transport: Transport) -> anyhow::Result<()> {
    SEEDS.into_iter().try_for_each(|seed| a_match(percent, transport, seed))
}

/// Plays such matches, which may fail.
pub(super) fn for_comparison(percent: u8, transport: Transport) {
    for seed in SEEDS {
        if let Err(error) = a_match(percent, transport, seed) {
            println!("  link  : {percent} % loss, {transport}: no match\n{error:#}");
        }
    }
}

/// Ana's machine gets another address in the middle of a match. That kills her connection, and nothing tells her program:
/// neither an error nor an answer comes.
pub(super) fn moved(ip: fn(&Machine) -> IpAddr, transport: Transport) -> anyhow::Result<()> {
    let mut link = start(0, SEEDS[0])?;
    let [server, ana, ben] = desks(&link);
    let server = Server::start(&server, "oxo-server")?;
    let mut players = meet([&ana, &ben], &ip(&link.a).to_string(), Some(transport))?;
    are_on(&players, transport)?;
    play(&mut players, 0, 2)?;
    let [mut ana, ben] = players;
    ana.reads(&turn(2), SOON)?;
    let before = ip(&link.b);
    link.b.change_address()?;
    println!("  link  : ana was {before} and is {}", ip(&link.b));
    ana.press("5")?;
    let time = is_confirmed(&ana, SOON)?;
    ensure!(time < RETURN_LIMIT, "she was back only after {:.1} s", time.as_secs_f64());
    ana.is_on(transport, SOON)?;
    play_on([ana, ben], 3, &server)
}

fn a_match(percent: u8, transport: Transport, seed: u64) -> anyhow::Result<()> {
    let link = start(percent, seed)?;
    let [server, ana, ben] = desks(&link);
    let server = Server::start(&server, "oxo-server")?;
    let mut players = meet([&ana, &ben], &link.a.ipv4().to_string(), Some(transport))?;
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

/// The desks of the server, of Ana, and of Ben, who sits at the server's machine.
pub(super) fn desks(link: &BadLink) -> [Desk; 3] {
    [(&link.a, "host"), (&link.b, "ana"), (&link.a, "ben")]
        .map(|(machine, name)| Desk { namespace: machine.name().to_owned(), name })
}

/// The delay of a packet: the round trip is 2 ms, that of a good Wi-Fi.
const DELAY: Duration = Duration::from_millis(1);

/// The seeds, one for each match. The packets of two runs differ, since programs take their time; the places of the lost
/// ones do not.
const SEEDS: [u64; 3] = [1, 2, 3];

/// The longest absence of a player whose address has changed.
const RETURN_LIMIT: Duration = Duration::from_secs(5);
