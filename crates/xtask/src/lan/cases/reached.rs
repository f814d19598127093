//! Every spelling of the host's place leads to a match that both play to its end.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::lan::lab::{hosts, wait};
use crate::lan::matches::{are_on, play_to_the_end};
use crate::lan::network::Lan;
use crate::lan::player::{Player, SOON};
use net::link::Transport;

/// Plays a match on `oxo-server`, reached by `place`. The header names the transport. Where neither is asked for, and both work,
/// udp is preferred.
pub(super) fn over(lan: &Lan, place: &str, only: Option<Transport>) -> anyhow::Result<()> {
    let (_server, players) = lan.begin(place, only, 0)?;
    are_on(&players, only.unwrap_or(Transport::Udp))?;
    play_to_the_end(players, 0)
}

pub(super) fn over_link_local(lan: &Lan) -> anyhow::Result<()> {
    over(lan, &format!("{}%eth0", lan.host.link_local()?), Some(lan.by))
}

pub(super) fn on_the_only_interface(lan: &Lan) -> anyhow::Result<()> {
    over(lan, &lan.host.link_local()?, None)
}

/// The address is that of the host's other network. Ben is on it, too; Ana's datagrams come in by the first one, and
/// what answers them must come from the address that she typed, and not from the one that leads to her.
pub(super) fn second_address(lan: &Lan, place: &str) -> anyhow::Result<()> {
    let _second = lan.add_second_network()?;
    over(lan, place, Some(Transport::Udp))
}

pub(super) fn by_name_with_a_dead_family(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    for desk in [&lan.ana, &lan.ben] {
        desk.knows("fd4d:77::dead oxo.test\n10.77.0.1 oxo.test\n")?;
    }
    let start = Instant::now();
    let first = wait(&lan.ana, "oxo.test", None)?;
    let time = start.elapsed();
    first.tell(&format!("waiting for a friend, after {:.2} s", time.as_secs_f64()));
    ensure!(time < FALLBACK_LIMIT, "the living address was reached only after {:.1} s", time.as_secs_f64());
    first.leaves()?;
    play_to_the_end(lan.meet("oxo.test", None)?, 0)
}

pub(super) fn by_code(lan: &Lan) -> anyhow::Result<()> {
    let (host, code) = hosts(&lan.host, "")?;
    for shown in [&format!("oxo join {code}@10.77.0.1"), "[fd4d:77::1]:1952"] {
        host.shows(shown)?;
    }
    let guest = lan.sits_down(&format!("{code}@10.77.0.1"))?;
    play_to_the_end([host, guest], 0)
}

/// The address for browsers on the host's screen leads another machine to the page.
pub(super) fn by_url(lan: &Lan) -> anyhow::Result<()> {
    let host = Player::start(&lan.host, "oxo host")?;
    host.sees("Scan it", SOON)?;
    let screen = host.screen();
    let url = screen.split_whitespace().find(|word| word.starts_with("http://10.77.0.1:1952/"));
    let url = url.with_context(|| format!("the screen shows no address for browsers:\n{screen}"))?;
    let (code, page, _) = lan.ana.runs(&format!("curl --silent --show-error --fail {url}"))?;
    ensure!(code == 0 && page.contains("<title>oxo</title>"), "{url} is not the page");
    host.kill()
}

/// The limit for a name with a dead address: the race starts the living one after 250 ms
/// (RFC 8305 section 5), and the rest is for the start of a program on a busy machine.
const FALLBACK_LIMIT: Duration = Duration::from_secs(2);
