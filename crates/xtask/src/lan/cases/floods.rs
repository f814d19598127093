//! Floods from many addresses of one machine, while players of others come, play and return.

use std::ops::RangeInclusive;

use anyhow::{Context as _, ensure};

use crate::lan::desk::script;
use crate::lan::lab::Lan;
use crate::lan::matches::play_to_the_end;
use crate::lan::network::Machine;
use net::link::Transport;

/// Floods from a hundred IPv4 addresses of Ana's machine. Each connection is left in the state that `crowd.py` calls `kind`.
pub(super) fn from_ipv4(lan: &Lan, kind: &str) -> anyhow::Result<()> {
    check(lan, kind, "10.77.0.1", "10.77.0.{}", 100..=199)
}

/// Floods from a thousand link-local addresses of Ana's machine.
pub(super) fn from_link_local(lan: &Lan, kind: &str) -> anyhow::Result<()> {
    let host = format!("{}%eth0", lan.network.link_local(Machine::Host)?);
    check(lan, kind, &host, "fe80::bad:{}%eth0", 1000..=1999)
}

fn check(
    lan: &Lan,
    kind: &str,
    host: &str,
    address: &str,
    numbers: RangeInclusive<u16>,
) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let number = |number: u16| address.replace("{}", &number.to_string()).replace("%eth0", "");
    let _addresses = lan.network.add_addresses(Machine::Ana, numbers.clone().map(number))?;
    let (first, last) = (numbers.start(), numbers.end());
    let crowd = script(&format!("crowd.py {kind} {host} {address} {first} {last}"));
    let flood = lan.desk(Machine::Ana).starts(&crowd)?;
    flood.hears("10000 connections")?;
    for transport in [Transport::Tcp, Transport::Udp] {
        let honest = lan.programs.join("examples/honest").display().to_string();
        let (code, printed) =
            lan.desk(Machine::Ben).runs(&format!("{honest} 10.77.0.1:1952 {transport} {ROUNDS}"))?;
        ensure!(code == 0, "honest players were not served");
        let first = printed.lines().next().context("it prints its figures")?;
        ensure!(first.starts_with("longest waits: "), "an honest player was refused");
    }
    // Ana sits at the server's machine, since her own is hostile.
    let mut table = lan.table("10.77.0.1", None);
    table.desks[0].namespace = lan.network.namespace(Machine::Host);
    play_to_the_end(table.join_both()?, 0)
}

/// Times that two players come, play and return over each transport.
const ROUNDS: u32 = 5;
