//! No host answers, and the player reads so in one sentence, in time.

use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::lan::firewall::{Verdict, block};
use crate::lan::lab::Lan;
use crate::lan::network::Machine;
use net::link::Transport;

pub(super) fn refused(lan: &Lan) -> anyhow::Result<()> {
    check(lan, "10.77.0.1", &["10.77.0.1:1952: refused (nobody listens on that port)"], "start `oxo host`")
}

/// The kernel tells TCP that nobody has the address, and a UDP socket nothing: there the address is only silent.
pub(super) fn nobody(lan: &Lan) -> anyhow::Result<()> {
    let causes = [
        "10.77.0.99:1952 over UDP: no answer in time (a firewall, or another network)",
        "10.77.0.99:1952 over TCP: no route to that machine (is it on?)",
    ];
    check(lan, "10.77.0.99", &causes, "check that the machine is on")
}

pub(super) fn silent(lan: &Lan) -> anyhow::Result<()> {
    lan.network.add_silent_neighbour(Machine::Ana, "10.77.0.98")?;
    let cause = "10.77.0.98:1952: no answer in time (a firewall, or another network)";
    check(lan, "10.77.0.98", &[cause], "open port 1952, TCP and UDP")
}

/// The firewall of a running server lets neither transport in.
pub(super) fn firewalled(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let _no_udp = block(&lan.network, Machine::Host, Transport::Udp, Verdict::Drop)?;
    let _no_tcp = block(&lan.network, Machine::Host, Transport::Tcp, Verdict::Drop)?;
    let cause = "10.77.0.1:1952: no answer in time (a firewall, or another network)";
    check(lan, "10.77.0.1", &[cause], "open port 1952, TCP and UDP")
}

pub(super) fn without_scope(lan: &Lan) -> anyhow::Result<()> {
    let address = lan.network.link_local(Machine::Host)?;
    let _second = lan.network.add_second_interface(Machine::Ana)?;
    let cause = format!("{address} is a link-local address and does not say on which interface");
    check(lan, &address, &[&cause], "write the interface after the address")
}

pub(super) fn unknown_name(lan: &Lan) -> anyhow::Result<()> {
    check(lan, "nobody.test", &["no machine called `nobody.test` is known here"], "type the address")
}

/// Tries to join from Ana's machine: it fails in time, with exit code 1, one sentence, the causes and a hint.
#[track_caller]
fn check(lan: &Lan, place: &str, causes: &[&str], hint: &str) -> anyhow::Result<()> {
    let start = Instant::now();
    let player = lan.table(place, None).join(0)?;
    let (code, left) = player.ends(PATIENCE)?;
    println!("  {:<5} : exit code {code} after {:.2} s", Machine::Ana, start.elapsed().as_secs_f64());
    ensure!(code == 1, "a failure ends with exit code 1, not {code}");
    let lines: Vec<_> = left.lines().map(str::trim_end).collect();
    let (first, last) =
        (lines.first().copied().unwrap_or_default(), lines.last().copied().unwrap_or_default());
    ensure!(first.starts_with("oxo: cannot reach "), "the first line is no sentence about it: {first:?}");
    for cause in causes {
        ensure!(lines.iter().any(|line| line.trim() == *cause), "no line says {cause:?}");
    }
    ensure!(
        last.starts_with(&format!("hint: {hint}")),
        "the last line does not begin with that hint: {last:?}"
    );
    Ok(())
}

/// The limit for a failure: the connection's 5 s, and two for the start and end of a program.
const PATIENCE: Duration = Duration::from_secs(7);
