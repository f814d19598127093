//! A machine on which all is well, and what differs from it.

use super::{super::terminal::Ability, *};
use crate::env::TerminalEnv;

fn own(interface: &str, ip: &str, standing: Standing) -> OwnAddress {
    let ip = ip.parse().unwrap();
    let address = LocalAddress {
        interface: interface.into(),
        index: Some(1),
        ip,
        prefix_len: 24,
        broadcast: None,
        standing,
    };
    OwnAddress::from(&address)
}

fn ports(state: &PortState) -> Vec<Port> {
    let all =
        [(Transport::Tcp, false), (Transport::Tcp, true), (Transport::Udp, false), (Transport::Udp, true)];
    all.map(|(transport, is_ipv6)| Port { transport, is_ipv6, state: state.clone() }).to_vec()
}

fn multicast(outcome: MulticastOutcome) -> Multicast {
    Multicast { interface: Plain::new("eth0"), is_ipv6: false, outcome }
}

/// A machine on which all is well.
fn laptop() -> Local {
    let folder = Folder { path: Plain::new("/var/oxo/state"), is_there: true, is_writable: true };
    Local {
        terminal: Terminal::new(&TerminalEnv::default(), None, [Ability::Unknown; 2]),
        addresses: vec![
            own("lo", "127.0.0.1", Standing::Loopback),
            own("eth0", "192.168.1.9", Standing::Usable),
            own("docker0", "172.17.0.1", Standing::Virtual),
        ],
        without_address: Vec::new(),
        ports: ports(&PortState::Free),
        multicast: vec![multicast(MulticastOutcome::CameBack { millis: 0.21, others: 2 })],
        firewalls: Vec::new(),
        files: Files { state: Some(folder), seats: 1, log: None },
    }
}

#[track_caller]
fn check(here: &Local, can_play: bool, verdict: &str, lines: &[&str]) {
    let report = here.report();
    let text = report.to_string();
    assert_eq!(report.can_play, can_play, "{text}");
    assert_eq!(report.verdict.as_str(), verdict, "{text}");
    for line in lines {
        assert!(text.lines().any(|said| said.trim() == *line), "no line is {line:?} in\n{text}");
    }
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
            "skip  docker0 172.17.0.1/24  virtual, it leads to containers of this machine",
            "ok    port 1952 is free: TCP IPv4, TCP IPv6, UDP IPv4, UDP IPv6",
            "ok    eth0, IPv4: own multicast came back in 0.2 ms, 2 other machines answered",
            "ok    no firewall of this machine was found",
            "ok    state  /var/oxo/state  1 seat kept",
            "ok    log    none; --log FILE writes one",
        ],
    );
}

#[test]
fn without_a_network_no_match_can_be_played() {
    let addresses = vec![own("lo", "::1", Standing::Loopback), own("eth0", "10.0.0.1", Standing::Down)];
    check(
        &Local { addresses, ..laptop() },
        false,
        "you can play at this machine alone, since it is on no network",
        &["skip  eth0 10.0.0.1/24  down", "FAIL  no address of this machine leads to another one"],
    );
}

#[test]
fn a_port_that_is_taken_leaves_joining() {
    let owner = Some(Plain::new("named (process 12)"));
    check(
        &Local { ports: ports(&PortState::Busy { owner }), ..laptop() },
        true,
        "you can join; to host, end what has port 1952 or take another port",
        &[
            "note  port 1952 is taken by named (process 12): TCP IPv4, TCP IPv6, UDP IPv4, UDP IPv6",
            "`oxo host --listen '[::]:0'` takes a port that is free",
        ],
    );
    check(
        &Local { ports: ports(&PortState::Denied { why: Plain::new("forbidden") }), ..laptop() },
        true,
        "you can join, but not host",
        &["FAIL  port 1952 cannot be taken, forbidden: TCP IPv4, TCP IPv6, UDP IPv4, UDP IPv6"],
    );
}

#[test]
fn our_own_game_may_have_the_port() {
    let owner = Some(Plain::new("oxo-server (process 12)"));
    let line =
        "ok    your own game has port 1952: oxo-server (process 12): TCP IPv4, TCP IPv6, UDP IPv4, UDP IPv6";
    let here = Local { ports: ports(&PortState::Busy { owner }), ..laptop() };
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
        (MulticastOutcome::Lost, "FAIL  eth0, IPv4: own multicast did not come back"),
        (
            MulticastOutcome::Failed { why: Plain::new("no route") },
            "FAIL  eth0, IPv4: no multicast, no route",
        ),
    ] {
        check(
            &Local { multicast: vec![multicast(outcome)], ..laptop() },
            true,
            "you can join and host; without multicast a game is found by its address alone",
            &[line],
        );
    }
}

#[test]
fn nobody_heard_is_worth_a_note() {
    let alone = multicast(MulticastOutcome::CameBack { millis: 0.2, others: 0 });
    check(
        &Local { multicast: vec![alone], ..laptop() },
        true,
        "you can join and host",
        &["note  no other machine was heard by multicast"],
    );
}

#[test]
fn a_firewall_is_in_the_verdict_with_its_cure() {
    let reason = |transport: &str| {
        Some(firewall::Reason {
            says: Plain::new("policy drop"),
            cure: Plain::new(format!("allow {transport}")),
        })
    };
    let behind = |stance| Local { firewalls: vec![Firewall { name: "nftables", stance }], ..laptop() };
    check(
        &behind(Stance::Closed { tcp: reason("tcp"), udp: reason("udp") }),
        true,
        "you can join; friends cannot come in until the firewall lets them",
        &["note  nftables does not let in TCP 1952: policy drop", "allow udp"],
    );
    check(
        &behind(Stance::Closed { tcp: None, udp: reason("udp") }),
        true,
        "you can join and host, over TCP alone until the firewall lets UDP in",
        &["note  nftables does not let in UDP 1952: policy drop"],
    );
    check(
        &behind(Stance::Unknown {
            why: Plain::new("only for root"),
            ask: Plain::new("sudo nft list ruleset"),
        }),
        true,
        "you can join, and host if the firewall lets friends in, which is not known",
        &[
            "note  nftables may keep port 1952 closed: only for root",
            "look by yourself: sudo nft list ruleset",
        ],
    );
}

#[test]
fn what_is_found_is_json() {
    let json = serde_json::to_value(laptop()).unwrap();
    assert_eq!(json["addresses"][1]["ip"], "192.168.1.9");
    assert_eq!(json["ports"][0]["state"], "free");
    assert_eq!(json["ports"][3]["transport"], "udp");
    assert_eq!(json["multicast"][0]["outcome"], "came_back");
}
