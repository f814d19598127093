//! The reports of `oxo doctor` on a network on which something is wrong.

use anyhow::ensure;

use crate::lan::firewall::{Verdict, block, drop_multicast, other};
use crate::lan::lab::Lan;
use crate::lan::network::Machine;
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
    check(lan, Machine::Ana, "fd4d:77::1", 0, &told).map(drop)
}

/// The host's firewall drops one transport. What `oxo doctor` prints there opens the port.
pub(super) fn firewalled(lan: &Lan, dropped: Transport) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let _firewall = block(&lan.network, Machine::Host, dropped, Verdict::Drop)?;
    let name = dropped.to_string().to_uppercase();
    let left = other(dropped).to_string().to_uppercase();
    let told = [
        &format!("FAIL  {name}  no answer in time"),
        &format!("that machine is on, so that a firewall drops {name} 1952"),
        &format!(
            "Result: a match can be played with 10.77.0.1:1952, over {left} alone; {name} 1952 does not come through"
        ),
    ];
    check(lan, Machine::Ana, "10.77.0.1", 0, &told.map(String::as_str))?;
    opens(lan, &[dropped])?;
    check(lan, Machine::Ana, "10.77.0.1", 0, &["Result: a match can be played with 10.77.0.1:1952\n"])
        .map(drop)
}

/// It drops both.
pub(super) fn firewalled_off(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let _no_udp = block(&lan.network, Machine::Host, Udp, Verdict::Drop)?;
    let _no_tcp = block(&lan.network, Machine::Host, Tcp, Verdict::Drop)?;
    let told = [
        "FAIL  UDP  no answer in time",
        "FAIL  TCP  no answer in time",
        "Result: no match can be played with 10.77.0.1:1952: open port 1952, TCP and UDP",
    ];
    check(lan, Machine::Ana, "10.77.0.1", 1, &told)?;
    opens(lan, &[Udp, Tcp])?;
    check(lan, Machine::Ana, "10.77.0.1", 0, &["Result: a match can be played with 10.77.0.1:1952\n"])
        .map(drop)
}

/// Checks the host, whose firewall drops these, and types the commands that it prints.
fn opens(lan: &Lan, dropped: &[Transport]) -> anyhow::Result<()> {
    let chains = dropped.iter().map(|transport| format!("inet no_{transport} input")).collect::<Vec<_>>();
    let told = [
        "ok    your own game has port 1952: oxo-server (process ",
        &format!("note  nftables filters what comes in, in {}\n", chains.join(", ")),
        "note  another machine can tell whether port 1952 is open",
        "there, while `oxo host` runs here: oxo doctor 10.77.0.1",
        "Result: you can join, and host if port 1952 is open in nftables\n",
    ];
    let printed = check(lan, Machine::Host, "", 0, &told)?;
    let commands: Vec<_> = printed.lines().filter_map(|line| line.trim().strip_prefix("sudo ")).collect();
    ensure!(commands.len() == dropped.len(), "{} commands for {} chains", commands.len(), dropped.len());
    for command in commands {
        let (code, _) = lan.desk(Machine::Host).runs(command)?;
        ensure!(code == 0, "`{command}` ended with {code}");
    }
    Ok(())
}

pub(super) fn nobody_listens(lan: &Lan) -> anyhow::Result<()> {
    let told = [
        "FAIL  UDP  refused (nobody listens on that port)",
        "FAIL  TCP  refused (nobody listens on that port)",
        "Result: no match can be played with 10.77.0.1:1952: start `oxo host` on that machine",
    ];
    check(lan, Machine::Ana, "10.77.0.1", 1, &told).map(drop)
}

pub(super) fn nobody_there(lan: &Lan) -> anyhow::Result<()> {
    let told = [
        "FAIL  TCP  no route to that machine",
        "Result: no match can be played with 10.77.0.99:1952: check that the machine is on",
    ];
    check(lan, Machine::Ana, "10.77.0.99", 1, &told).map(drop)
}

pub(super) fn another_network(lan: &Lan) -> anyhow::Result<()> {
    let told = [
        "note  on no network of this machine",
        "FAIL  TCP  no route to that network from here",
        "Result: no match can be played with 10.99.0.1:1952: check that this machine is on the network",
    ];
    check(lan, Machine::Ana, "10.99.0.1", 1, &told).map(drop)
}

pub(super) fn dead_family(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    println!("  {:<5} $ cat /etc/hosts: fd4d:77::dead oxo.test, 10.77.0.1 oxo.test", Machine::Ana);
    lan.network.write_hosts(Machine::Ana, "fd4d:77::dead oxo.test\n10.77.0.1 oxo.test\n")?;
    let told = [
        "ok    oxo.test is [fd4d:77::dead]:1952, 10.77.0.1:1952",
        "FAIL  TCP  no route to that machine",
        "ok    UDP  handshake in",
        "Result: a match can be played with oxo.test:1952",
    ];
    check(lan, Machine::Ana, "oxo.test", 0, &told).map(drop)
}

pub(super) fn link_local(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let address = lan.network.link_local(Machine::Host)?;
    let _second = lan.network.add_second_interface(Machine::Ana)?;
    let told = [
        "is a link-local address and does not say on which interface",
        &format!(
            "Result: no match can be played with [{address}]:1952: write the interface after the address"
        ),
    ];
    check(lan, Machine::Ana, &address, 1, &told)?;
    let place = format!("{address}%eth0");
    let told =
        ["ok    on this network, by eth0", &format!("Result: a match can be played with [{place}]:1952")];
    check(lan, Machine::Ana, &place, 0, &told).map(drop)
}

/// The host announces its game, until the switch drops that.
pub(super) fn no_multicast(lan: &Lan) -> anyhow::Result<()> {
    let (host, _code) = lan.hosts(Machine::Host, &[])?;
    for place in ["10.77.0.1", "fd4d:77::1"] {
        let heard =
            ["ok    that machine is heard by multicast on eth0", "Result: a match can be played with"];
        check(lan, Machine::Ana, place, 0, &heard)?;
    }
    let answered = [
        "eth0, IPv4: own multicast came back in",
        "1 other machine answered",
        "Result: you can join and host",
    ];
    check(lan, Machine::Ana, "", 0, &answered)?;

    let _drop = drop_multicast(&lan.network)?;
    let told = [
        "note  no machine is heard by multicast on eth0",
        "the network drops multicast, as some guest Wi-Fi does, or no machine on it announces anything",
        "Result: a match can be played with 10.77.0.1:1952; join by its address, since no machine is heard by multicast",
    ];
    check(lan, Machine::Ana, "10.77.0.1", 0, &told)?;
    check(lan, Machine::Ana, "", 0, &["note  no other machine was heard by multicast"])?;
    host.leaves().map(drop)
}

/// Something on the way drops what is longer than it likes, without a word.
pub(super) fn narrow(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let _narrow = lan.network.narrow(Machine::Host, 1000)?;
    let told = [
        "FAIL  UDP  no answer in time",
        "datagrams of 548 bytes arrive, and those of 1200 do not",
        "something on the way has an MTU of less than 1228, most likely a tunnel",
        "Result: a match can be played with 10.77.0.1:1952, over TCP alone",
    ];
    check(lan, Machine::Ana, "10.77.0.1", 0, &told).map(drop)
}

/// Runs `oxo doctor`, checks its exit code and that it prints each of these texts, and returns its output.
fn check(lan: &Lan, machine: Machine, place: &str, code: i32, told: &[&str]) -> anyhow::Result<String> {
    let (ended, printed) = lan.desk(machine).runs(lan.oxo(&format!("doctor {place}")).trim_end())?;
    ensure!(ended == code, "it ended with {ended} instead of {code}");
    for words in told {
        ensure!(printed.contains(words), "no line says {words:?}");
    }
    Ok(printed)
}
