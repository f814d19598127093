//! Floods from many addresses of one machine, while players of others come, play and return.

use std::ops::RangeInclusive;

use anyhow::{Context as _, ensure};

use crate::lan::desk::{Desk, script};
use crate::lan::lab::meet;
use crate::lan::matches::play_to_the_end;
use crate::lan::network::Lan;
use net::link::Transport;

/// Floods from a hundred IPv4 addresses of Ana's machine. Each connection is left in the state that `crowd.py` calls `kind`.
pub(super) fn ipv4(lan: &Lan, kind: &str) -> anyhow::Result<()> {
    check(lan, kind, "10.77.0.1", "10.77.0.{}", 100..=199)
}

/// Floods from a thousand link-local addresses of Ana's machine.
pub(super) fn link_local(lan: &Lan, kind: &str) -> anyhow::Result<()> {
    let host = format!("{}%eth0", lan.host.link_local()?);
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
    let (first, last) = (numbers.start(), numbers.end());
    let crowd = script(&format!("crowd.py {kind} {host} {address} {first} {last}"));
    let (address, length) = (address.replace("%eth0", ""), if address.contains(':') { 64 } else { 24 });
    let added = numbers.map(|number| format!("{}/{length}", address.replace("{}", &number.to_string())));
    let _addresses = lan.add_addresses(added)?;
    let flood = lan.ana.starts(&crowd)?;
    flood.hears("10000 connections")?;
    for transport in [Transport::Tcp, Transport::Udp] {
        let (code, printed, _) = lan.ben.runs(&format!("honest 10.77.0.1:1952 {transport} {ROUNDS}"))?;
        ensure!(code == 0, "honest players were not served");
        let first = printed.lines().next().context("it prints its figures")?;
        ensure!(first.starts_with("longest waits: "), "an honest player was refused");
    }
    // Ana sits at the server's machine, since her own is hostile.
    let ana = Desk { name: lan.ana.name, ..lan.host.clone() };
    play_to_the_end(meet([&ana, &lan.ben], "10.77.0.1", None)?, 0)
}

/// Times that two players come, play and return over each transport.
const ROUNDS: u32 = 5;
