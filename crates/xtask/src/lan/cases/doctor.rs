//! The reports of `oxo doctor` on a network on which something is wrong.

use anyhow::ensure;

use crate::lan::desk::{Desk, has_all};
use crate::lan::firewall::{block, drop_multicast, other};
use crate::lan::lab::hosts;
use crate::lan::network::{Lan, Temporary};
use crate::netns::ip;
use net::link::Transport::{self, Tcp, Udp};

/// All is well.
pub(super) fn reached(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let told = [
        "ok    on this network, by eth0",
        "ok    UDP  10 of 10 questions answered in",
        "ok    UDP  datagrams of 1200 bytes, the largest, pass whole both ways",
        "ok    TCP  10 of 10 questions answered in",
        "Result: a match can be played with [fd4d:77::1]:1952",
    ];
    check(&lan.ana, "fd4d:77::1", 0, &told).map(drop)
}

/// The host's firewall drops one transport.
pub(super) fn firewalled(lan: &Lan) -> anyhow::Result<()> {
    let name = lan.by.to_string().to_uppercase();
    let left = other(lan.by).to_string().to_uppercase();
    let told = [
        &format!("FAIL  {name}  no answer in time"),
        &format!("that machine is on, so that a firewall drops {name} 1952"),
        &format!(
            "Result: a match can be played with 10.77.0.1:1952, over {left} alone; {name} 1952 does not come through"
        ),
    ];
    is_opened(lan, &[lan.by], 0, &told.map(String::as_str))
}

/// It drops both.
pub(super) fn firewalled_off(lan: &Lan) -> anyhow::Result<()> {
    let told = [
        "FAIL  UDP  no answer in time",
        "FAIL  TCP  no answer in time",
        "Result: no match can be played with 10.77.0.1:1952: open port 1952, TCP and UDP",
    ];
    is_opened(lan, &[Udp, Tcp], 1, &told)
}

/// Checks the host from Ana's machine and at its own while a firewall drops these, and types the commands that `oxo doctor` prints
/// there, which open the port.
fn is_opened(lan: &Lan, dropped: &[Transport], code: i32, told: &[&str]) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let firewalls = dropped.iter().map(|transport| block(lan, *transport));
    let _firewalls = firewalls.collect::<anyhow::Result<Vec<_>>>()?;
    check(&lan.ana, "10.77.0.1", code, told)?;
    let chains = dropped.iter().map(|transport| format!("inet no_{transport} input")).collect::<Vec<_>>();
    let told = [
        "ok    your own game has port 1952: oxo-server (process ",
        &format!("note  nftables filters what comes in, in {}\n", chains.join(", ")),
        "note  another machine can tell whether port 1952 is open",
        "there, while `oxo host` runs here: oxo doctor 10.77.0.1",
        "Result: you can join, and host if port 1952 is open in nftables\n",
    ];
    let printed = check(&lan.host, "", 0, &told)?;
    let commands: Vec<_> = printed.lines().filter_map(|line| line.trim().strip_prefix("sudo ")).collect();
    ensure!(commands.len() == dropped.len(), "{} commands for {} chains", commands.len(), dropped.len());
    for command in commands {
        let (code, ..) = lan.host.runs(command)?;
        ensure!(code == 0, "`{command}` ended with {code}");
    }
    check(&lan.ana, "10.77.0.1", 0, &["Result: a match can be played with 10.77.0.1:1952\n"]).map(drop)
}

pub(super) fn nobody_listens(lan: &Lan) -> anyhow::Result<()> {
    let told = [
        "FAIL  UDP  refused (nobody listens on that port)",
        "FAIL  TCP  refused (nobody listens on that port)",
        "Result: no match can be played with 10.77.0.1:1952: start `oxo host` on that machine",
    ];
    check(&lan.ana, "10.77.0.1", 1, &told).map(drop)
}

pub(super) fn nobody_there(lan: &Lan) -> anyhow::Result<()> {
    let told = [
        "FAIL  TCP  no route to that machine",
        "Result: no match can be played with 10.77.0.99:1952: check that the machine is on",
    ];
    check(&lan.ana, "10.77.0.99", 1, &told).map(drop)
}

pub(super) fn another_network(lan: &Lan) -> anyhow::Result<()> {
    let told = [
        "note  on no network of this machine",
        "FAIL  TCP  no route to that network from here",
        "Result: no match can be played with 10.99.0.1:1952: check that this machine is on the network",
    ];
    check(&lan.ana, "10.99.0.1", 1, &told).map(drop)
}

pub(super) fn dead_family(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    lan.ana.knows("fd4d:77::dead oxo.test\n10.77.0.1 oxo.test\n")?;
    let told = [
        "ok    oxo.test is [fd4d:77::dead]:1952, 10.77.0.1:1952",
        "FAIL  TCP  no route to that machine",
        "ok    UDP  handshake in",
        "Result: a match can be played with oxo.test:1952",
    ];
    check(&lan.ana, "oxo.test", 0, &told).map(drop)
}

pub(super) fn link_local(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let address = lan.host.link_local()?;
    let _second = lan.add_second_interface()?;
    let told = [
        "is a link-local address and does not say on which interface",
        &format!(
            "Result: no match can be played with [{address}]:1952: write the interface after the address"
        ),
    ];
    check(&lan.ana, &address, 1, &told)?;
    let place = format!("{address}%eth0");
    let told =
        ["ok    on this network, by eth0", &format!("Result: a match can be played with [{place}]:1952")];
    check(&lan.ana, &place, 0, &told).map(drop)
}

/// The host announces its game, until the switch drops that.
pub(super) fn no_multicast(lan: &Lan) -> anyhow::Result<()> {
    let (host, _code) = hosts(&lan.host, "")?;
    for place in ["10.77.0.1", "fd4d:77::1"] {
        let heard =
            ["ok    that machine is heard by multicast on eth0", "Result: a match can be played with"];
        check(&lan.ana, place, 0, &heard)?;
    }
    let answered = [
        "eth0, IPv4: own multicast came back in",
        "1 other machine answered",
        "Result: you can join and host",
    ];
    check(&lan.ana, "", 0, &answered)?;

    let _drop = drop_multicast(lan)?;
    let told = [
        "note  no machine is heard by multicast on eth0",
        "the network drops multicast, as some guest Wi-Fi does, or no machine on it announces anything",
        "Result: a match can be played with 10.77.0.1:1952; join by its address, since no machine is heard by multicast",
    ];
    check(&lan.ana, "10.77.0.1", 0, &told)?;
    check(&lan.ana, "", 0, &["note  no other machine was heard by multicast"])?;
    host.leaves()
}

/// Something on the way drops what is longer than it likes, without a word.
pub(super) fn narrow(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let link = format!("-n {} link set dev host mtu", lan.switch.namespace);
    ip(&format!("{link} 1000"))?;
    let _narrow = Temporary::new([format!("{link} 1500")]);
    let told = [
        "FAIL  UDP  no answer in time",
        "datagrams of 548 bytes arrive, and those of 1200 do not",
        "something on the way has an MTU of less than 1228, most likely a tunnel",
        "Result: a match can be played with 10.77.0.1:1952, over TCP alone",
    ];
    check(&lan.ana, "10.77.0.1", 0, &told).map(drop)
}

/// Runs `oxo doctor`, checks its exit code and that it prints each of these texts, and returns its output.
fn check(desk: &Desk, place: &str, code: i32, told: &[&str]) -> anyhow::Result<String> {
    let (ended, printed, _) = desk.runs(format!("oxo doctor {place}").trim_end())?;
    ensure!(ended == code, "it ended with {ended} instead of {code}");
    has_all(&printed, told)?;
    Ok(printed)
}
