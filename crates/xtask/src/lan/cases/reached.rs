//! Every spelling of the host's place leads to a match that both play to its end.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::lan::lab::Lan;
use crate::lan::matches::{are_on, play_to_the_end};
use crate::lan::network::Machine;
use crate::lan::player::{Player, SOON};
use net::link::Transport;

/// Neither transport is asked for, and both work: udp is preferred.
pub(super) fn over_ipv4(lan: &Lan) -> anyhow::Result<()> {
    whole_match(lan, "10.77.0.1", None)
}

pub(super) fn over(lan: &Lan, place: &str, transport: Transport) -> anyhow::Result<()> {
    whole_match(lan, place, Some(transport))
}

pub(super) fn over_link_local(lan: &Lan, transport: Transport) -> anyhow::Result<()> {
    let address = lan.network.link_local(Machine::Host)?;
    whole_match(lan, &format!("{address}%eth0"), Some(transport))
}

pub(super) fn on_the_only_interface(lan: &Lan) -> anyhow::Result<()> {
    let address = lan.network.link_local(Machine::Host)?;
    whole_match(lan, &address, None)
}

/// The address is that of the host's other network. Ben is on it, too; Ana's datagrams come in by the first one, and
/// what answers them must come from the address that she typed, and not from the one that leads to her.
pub(super) fn second_address(lan: &Lan, place: &str) -> anyhow::Result<()> {
    let _second = lan.network.add_second_network()?;
    whole_match(lan, place, Some(Transport::Udp))
}

pub(super) fn by_name_with_a_dead_family(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    for machine in [Machine::Ana, Machine::Ben] {
        println!("  {machine:<5} $ cat /etc/hosts: fd4d:77::dead oxo.test, 10.77.0.1 oxo.test");
        lan.network.write_hosts(machine, "fd4d:77::dead oxo.test\n10.77.0.1 oxo.test\n")?;
    }
    let start = Instant::now();
    let table = lan.table("oxo.test", None);
    let first = table.join(0)?;
    first.sees("waiting for a friend", SOON)?;
    let time = start.elapsed();
    first.tell(&format!("waiting for a friend, after {:.2} s", time.as_secs_f64()));
    ensure!(time < FALLBACK_LIMIT, "the living address was reached only after {:.1} s", time.as_secs_f64());
    first.leaves()?;
    play_to_the_end(table.join_both()?, 0)
}

pub(super) fn by_code(lan: &Lan) -> anyhow::Result<()> {
    let (host, code) = lan.hosts(Machine::Host, &[])?;
    let screen = host.screen();
    for shown in [format!("oxo join {code}@10.77.0.1"), "[fd4d:77::1]:1952".to_owned()] {
        let line = screen.lines().map(str::trim).find(|line| line.contains(&shown));
        host.tell(line.with_context(|| format!("the host's screen does not show {shown}:\n{screen}"))?);
    }
    let guest = lan.sits_down(&format!("{code}@10.77.0.1"))?;
    play_to_the_end([host, guest], 0)
}

/// The address for browsers on the host's screen leads another machine to the page.
pub(super) fn by_url(lan: &Lan) -> anyhow::Result<()> {
    let host = Player::start(&lan.programs, &lan.desk(Machine::Host), &["host"])?;
    host.sees("Scan it", SOON)?;
    let screen = host.screen();
    let url = screen.split_whitespace().find(|word| word.starts_with("http://10.77.0.1:1952/"));
    let url = url.with_context(|| format!("the screen shows no address for browsers:\n{screen}"))?;
    host.tell(url);
    let (code, page) = lan.desk(Machine::Ana).runs(&format!("curl --silent --show-error --fail {url}"))?;
    ensure!(code == 0 && page.contains("<title>oxo</title>"), "{url} is not the page");
    host.kill()
}

/// Plays a match on `oxo-server`, reached by `place`. The header names the transport.
fn whole_match(lan: &Lan, place: &str, only: Option<Transport>) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let players = lan.table(place, only).join_both()?;
    are_on(&players, only.unwrap_or(Transport::Udp))?;
    play_to_the_end(players, 0)
}

/// The limit for a name with a dead address: the race starts the living one after 250 ms
/// (RFC 8305 section 5), and the rest is for the start of a program on a busy machine.
const FALLBACK_LIMIT: Duration = Duration::from_secs(2);
