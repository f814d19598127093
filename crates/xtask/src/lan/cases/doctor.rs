//! What `oxo doctor` says of a network on which something is wrong.

use anyhow::ensure;

use super::discovery;
use crate::lan::firewall::{Verdict, block};
use crate::lan::lab::Lan;
use crate::lan::network::Machine;
use crate::lan::transport::Transport::{self, Tcp, Udp};

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
    check(lan, Machine::Ana, "fd4d:77::1", 0, &told)
}

/// The host's firewall drops one transport. Its own check finds the rule.
pub(super) fn firewalled(lan: &Lan, dropped: Transport) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let _firewall = block(&lan.network, Machine::Host, dropped, Verdict::Drop)?;
    let name = dropped.to_string().to_uppercase();
    let left = dropped.other().to_string().to_uppercase();
    let told = [
        &format!("FAIL  {name}  no answer in time"),
        &format!("that machine is on, so that a firewall drops {name} 1952"),
        &format!(
            "Result: a match can be played with 10.77.0.1:1952, over {left} alone; {name} 1952 does not come through"
        ),
    ];
    check(lan, Machine::Ana, "10.77.0.1", 0, &told.map(String::as_str))?;
    let rule = format!("note  nftables does not let in {name} 1952: `{dropped} dport 1952 drop`");
    check(lan, Machine::Host, "", 0, &[&rule])
}

/// It drops both.
pub(super) fn firewalled_off(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let _no_udp = block(&lan.network, Machine::Host, Udp, Verdict::Drop)?;
    let _no_tcp = block(&lan.network, Machine::Host, Tcp, Verdict::Drop)?;
    let told = [
        "FAIL  UDP  no answer in time",
        "FAIL  TCP  no answer in time",
        "the machine is off, or its firewall drops TCP 1952",
        "Result: no match can be played with 10.77.0.1:1952: open port 1952, TCP and UDP",
    ];
    check(lan, Machine::Ana, "10.77.0.1", 1, &told)?;
    let told = [
        "ok    your own game has port 1952: oxo-server (process ",
        "note  nftables does not let in TCP 1952",
        "note  nftables does not let in UDP 1952",
        "Result: you can join; friends cannot come in until the firewall lets them",
    ];
    check(lan, Machine::Host, "", 0, &told)
}

pub(super) fn nobody_listens(lan: &Lan) -> anyhow::Result<()> {
    let told = [
        "FAIL  UDP  refused (nobody listens on that port)",
        "FAIL  TCP  refused (nobody listens on that port)",
        "Result: no match can be played with 10.77.0.1:1952: start `oxo host` on that machine",
    ];
    check(lan, Machine::Ana, "10.77.0.1", 1, &told)
}

pub(super) fn nobody_there(lan: &Lan) -> anyhow::Result<()> {
    let told = [
        "FAIL  TCP  no route to that machine",
        "nobody on that network has this address",
        "Result: no match can be played with 10.77.0.99:1952: check that the machine is on",
    ];
    check(lan, Machine::Ana, "10.77.0.99", 1, &told)
}

pub(super) fn another_network(lan: &Lan) -> anyhow::Result<()> {
    let told = [
        "note  on no network of this machine",
        "FAIL  TCP  no route to that network from here",
        "Result: no match can be played with 10.99.0.1:1952: check that this machine is on the network",
    ];
    check(lan, Machine::Ana, "10.99.0.1", 1, &told)
}

pub(super) fn dead_family(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    println!("  {:<5} $ cat /etc/hosts: fd4d:77::dead oxo.test, 10.77.0.1 oxo.test", Machine::Ana);
    lan.network.write_hosts(Machine::Ana, "fd4d:77::dead oxo.test\n10.77.0.1 oxo.test\n")?;
    let told = [
        "ok    AAAA  fd4d:77::dead  from /etc/hosts",
        "ok    A     10.77.0.1  from /etc/hosts",
        "FAIL  TCP  no route to that machine",
        "ok    UDP  handshake in",
        "Result: a match can be played with oxo.test:1952",
    ];
    check(lan, Machine::Ana, "oxo.test", 0, &told)
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
    check(lan, Machine::Ana, &place, 0, &told)
}

/// The host announces its game, until the switch drops that.
pub(super) fn no_multicast(lan: &Lan) -> anyhow::Result<()> {
    let (host, _code) = discovery::hosts(lan, Machine::Host, &[])?;
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

    let _drop = discovery::drop_multicast(lan)?;
    let told = [
        "note  nobody is heard by multicast on eth0",
        "the network drops multicast, as some guest Wi-Fi does, or nobody on it announces anything",
        "Result: a match can be played with 10.77.0.1:1952; join by its address, since nobody is heard by multicast",
    ];
    check(lan, Machine::Ana, "10.77.0.1", 0, &told)?;
    check(lan, Machine::Ana, "", 0, &["note  no other machine was heard by multicast"])?;
    host.leaves()
}

/// Something on the way drops what is longer than it likes, without a word.
pub(super) fn narrow(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let _narrow = lan.network.narrow(Machine::Host, 1000)?;
    let told = [
        "FAIL  UDP  no answer in time",
        "datagrams of 548 bytes arrive, and those of 1200 do not",
        "something on the way has an MTU of less than 1228: a tunnel, most likely",
        "Result: a match can be played with 10.77.0.1:1952, over TCP alone",
    ];
    check(lan, Machine::Ana, "10.77.0.1", 0, &told)
}

/// Runs `oxo doctor` and checks its exit code and that some line of what it prints begins or ends so.
fn check(lan: &Lan, machine: Machine, place: &str, code: i32, told: &[&str]) -> anyhow::Result<()> {
    let (ended, printed) = lan.desk(machine).runs(lan.oxo(&format!("doctor {place}")).trim_end())?;
    ensure!(ended == code, "it ended with {ended} instead of {code}");
    for words in told {
        ensure!(printed.contains(words), "no line says {words:?}");
    }
    Ok(())
}
