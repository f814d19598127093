//! No host answers, and the player reads so in one sentence, in time.

use std::time::Duration;

use anyhow::ensure;

use crate::lan::firewall::block;
use crate::lan::lab::join;
use crate::lan::network::{Lan, Temporary};
use net::link::Transport::{Tcp, Udp};

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

/// The address of a machine that is on and silent: its hardware address is known, and nobody has it.
pub(super) fn silent(lan: &Lan) -> anyhow::Result<()> {
    let mut silent = Temporary::new([]);
    silent.ip(&lan.ana, "neigh add 10.77.0.98 lladdr 02:00:00:00:00:98 dev eth0 nud permanent")?;
    let cause = "10.77.0.98:1952: no answer in time (a firewall, or another network)";
    check(lan, "10.77.0.98", &[cause], "open port 1952, TCP and UDP")
}

/// The firewall of a running server lets neither transport in.
pub(super) fn firewalled(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let _nothing = (block(lan, Udp)?, block(lan, Tcp)?);
    let cause = "10.77.0.1:1952: no answer in time (a firewall, or another network)";
    check(lan, "10.77.0.1", &[cause], "open port 1952, TCP and UDP")
}

pub(super) fn without_scope(lan: &Lan) -> anyhow::Result<()> {
    let address = lan.host.link_local()?;
    let _second = lan.add_second_interface()?;
    let cause = format!("{address} is a link-local address and does not say on which interface");
    check(lan, &address, &[&cause], "write the interface after the address")
}

pub(super) fn unknown_name(lan: &Lan) -> anyhow::Result<()> {
    check(lan, "nobody.test", &["no machine called `nobody.test` is known here"], "type the address")
}

/// Tries to join from Ana's machine: it fails in time, with exit code 1, one sentence, the causes and a hint.
fn check(lan: &Lan, place: &str, causes: &[&str], hint: &str) -> anyhow::Result<()> {
    let told = [&["oxo: cannot reach …"], causes].concat();
    let last = join(&lan.ana, place, None)?.fails(PATIENCE, &told)?;
    ensure!(
        last.starts_with(&format!("hint: {hint}")),
        "the last line does not begin with that hint: {last:?}"
    );
    Ok(())
}

/// The limit for a failure: the connection's 5 s, and two for the start and end of a program.
const PATIENCE: Duration = Duration::from_secs(7);
