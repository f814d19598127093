//! A machine on which all is well, and what differs from it.

use std::time::Duration;

use super::*;
use crate::{doctor::terminal::Answers, env::TerminalEnv};

fn own(interface: &str, ip: &str, kind: InterfaceKind) -> LocalAddress {
    LocalAddress {
        interface: interface.into(),
        index: Some(1),
        ip: ip.parse().unwrap(),
        prefix_len: 24,
        broadcast: None,
        kind,
    }
}

fn ports(state: &PortState) -> Vec<Port> {
    let all = ["TCP IPv4", "TCP IPv6", "UDP IPv4", "UDP IPv6"];
    all.map(|name| Port { name: name.into(), state: state.clone() }).to_vec()
}

/// Multicast that came back, with answers of so many machines.
fn heard(others: u8) -> Multicast {
    let others = (0..others).map(|last| [192, 168, 1, last].into()).collect();
    let heard = Replies { own: Some(Duration::from_micros(210)), others, is_found: false };
    Multicast { place: "eth0, IPv4".into(), outcome: Ok(heard) }
}

/// A machine on which all is well.
fn laptop() -> Local {
    let folder = Folder { path: "/var/oxo/state".into(), exists: true, is_writable: true };
    Local {
        terminal: Terminal::new(&TerminalEnv::default(), None, Answers::default()),
        addresses: vec![
            own("lo", "127.0.0.1", InterfaceKind::Loopback),
            own("eth0", "192.168.1.9", InterfaceKind::Lan),
            own("docker0", "172.17.0.1", InterfaceKind::Virtual),
        ],
        no_addresses: None,
        ports: ports(&PortState::Free),
        multicast: vec![heard(2)],
        firewalls: Vec::new(),
        files: Files { state: Some(folder), seats: 1, config: None, config_problems: Vec::new(), log: None },
    }
}

#[track_caller]
fn check(here: &Local, can_play: bool, verdict: &str, lines: &[&str]) {
    here.report().check(can_play, verdict, lines);
}

#[test]
fn a_machine_on_which_all_is_well() {
    check(
        &laptop(),
        true,
        "you can join and host",
        &[
            "skip  lo 127.0.0.1/24  this machine itself",
            "ok    eth0 192.168.1.9/24  used",
            "skip  docker0 172.17.0.1/24  virtual: leads to containers on this machine",
            "ok    port 1952 is free: TCP IPv4, TCP IPv6, UDP IPv4, UDP IPv6",
            "ok    eth0, IPv4: own multicast came back in 0.2 ms, 2 other machines answered",
            "ok    no active firewall was found",
            "ok    state   /var/oxo/state  1 seat kept",
            "ok    log     none; --log FILE writes one",
        ],
    );
}

#[test]
fn without_a_network_no_match_can_be_played() {
    let addresses =
        vec![own("lo", "::1", InterfaceKind::Loopback), own("eth0", "10.0.0.1", InterfaceKind::Down)];
    check(
        &Local { addresses, ..laptop() },
        false,
        "you can play on this machine alone: it is on no network",
        &["skip  eth0 10.0.0.1/24  down", "FAIL  no address of this machine leads to another one"],
    );
}

#[test]
fn addresses_that_the_system_does_not_tell_are_no_missing_network() {
    let no_addresses = Some("Address family not supported by protocol".to_owned());
    check(
        &Local { addresses: Vec::new(), multicast: Vec::new(), no_addresses, ..laptop() },
        true,
        "you can join and host; games are found by their address alone",
        &["FAIL  the addresses of this machine are not told: Address family not supported by protocol"],
    );
}

#[test]
fn a_port_that_is_taken_leaves_a_free_one() {
    let owner = Some("named (process 12)".to_owned());
    check(
        &Local { ports: ports(&PortState::Busy(owner)), ..laptop() },
        true,
        "you can join and host: another program has port 1952, so your game takes a free one",
        &[
            "note  port 1952 is taken by named (process 12): TCP IPv4, TCP IPv6, UDP IPv4, UDP IPv6",
            "`oxo host` takes a free port then, and shows it; its code leads there all the same",
        ],
    );
    check(
        &Local { ports: ports(&PortState::Denied("forbidden".into())), ..laptop() },
        true,
        "you can join, but not host",
        &["FAIL  port 1952 cannot be taken, forbidden: TCP IPv4, TCP IPv6, UDP IPv4, UDP IPv6"],
    );
}

#[test]
fn our_own_game_may_have_the_port() {
    let owner = Some("oxo-server (process 12)".to_owned());
    let line =
        "ok    your own game has port 1952: oxo-server (process 12): TCP IPv4, TCP IPv6, UDP IPv4, UDP IPv6";
    let here = Local { ports: ports(&PortState::Busy(owner)), ..laptop() };
    check(&here, true, "you can join and host", &[line]);
}

#[test]
fn ports_that_differ_are_told_apart() {
    let mut ports = ports(&PortState::Free);
    ports[1].state = PortState::NoFamily;
    ports[3].state = PortState::NoFamily;
    let lines =
        ["ok    port 1952 is free: TCP IPv4, UDP IPv4", "skip  not on this machine: TCP IPv6, UDP IPv6"];
    check(&Local { ports, ..laptop() }, true, "you can join and host", &lines);
}

#[test]
fn multicast_that_does_not_come_back_leaves_addresses() {
    for (outcome, line) in [
        (Ok(Replies::default()), "FAIL  eth0, IPv4: own multicast did not come back"),
        (Err("no route".to_owned()), "FAIL  eth0, IPv4: no multicast, no route"),
    ] {
        check(
            &Local { multicast: vec![Multicast { place: "eth0, IPv4".into(), outcome }], ..laptop() },
            true,
            "you can join and host; without multicast a game is found by its address alone",
            &[line],
        );
    }
}

#[test]
fn silence_by_multicast_is_worth_a_note() {
    check(
        &Local { multicast: vec![heard(0)], ..laptop() },
        true,
        "you can join and host",
        &["note  no other machine was heard by multicast"],
    );
}

#[test]
fn an_active_firewall_comes_with_its_commands_and_the_way_to_measure() {
    let firewall = |name: &'static str, finding: &str| Firewall {
        name,
        finding: finding.into(),
        commands: vec![format!("open it in {name}")],
    };
    let behind = |firewalls| Local { firewalls, ..laptop() };
    let measure = "there, while `oxo host` runs here: oxo doctor 192.168.1.9";
    check(&behind(Vec::new()), true, "you can join and host", &[measure]);
    check(
        &behind(vec![firewall("ufw", "ufw is enabled")]),
        true,
        "you can join, and host if port 1952 is open in ufw",
        &[
            "note  ufw is enabled",
            "open it in ufw",
            "note  another machine can tell whether port 1952 is open",
            measure,
        ],
    );
    let both = behind(vec![firewall("nftables", "a chain"), firewall("iptables", "a table")]);
    let verdict = "you can join, and host if port 1952 is open in nftables and iptables";
    check(&both, true, verdict, &["note  a chain", "note  a table", measure]);
}
