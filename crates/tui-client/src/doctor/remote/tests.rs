//! Every outcome of the checks of another machine, and its report.

use std::{io, net::SocketAddr};

use net::{
    connect::ResolveError,
    proto::{PROTOCOL, ProtocolRange},
};

use super::*;

const MS: Duration = Duration::from_millis(1);

fn tried(addr: &str, transport: Transport, outcome: Result<Reached, Missed>) -> Try {
    let addr: SocketAddr = addr.parse().unwrap();
    Try {
        place: addr.to_string(),
        candidate: Candidate { addr, transport },
        beside: Some("eth0".into()),
        outcome,
    }
}

fn reached() -> Reached {
    Reached {
        handshake: MS,
        welcome: Ok("den".parse().unwrap()),
        asked: 4,
        round_trips: [3, 1, 2].map(|count| count * MS).to_vec(),
        counts: Some(SessionCounts { sent: 24, ..SessionCounts::default() }),
    }
}

const fn missed(failure: Failure) -> Missed {
    Missed { failure, after: Duration::from_secs(4), passed_bytes: None }
}

/// One address over both transports.
fn remote(udp: Result<Reached, Missed>, tcp: Result<Reached, Missed>) -> Remote {
    let addr = "10.77.0.1:1952";
    let tries = vec![tried(addr, Transport::Udp, udp), tried(addr, Transport::Tcp, tcp)];
    Remote { target: "10.77.0.1".parse().unwrap(), lookup: Ok(Vec::new()), tries, multicast: None }
}

#[track_caller]
fn check(found: &Remote, can_play: bool, verdict: &str, lines: &[&str]) {
    found.report().check(can_play, verdict, lines);
}

#[test]
fn what_answers_over_both_can_be_played_with() {
    check(
        &remote(Ok(reached()), Ok(reached())),
        true,
        "a match can be played with 10.77.0.1:1952",
        &[
            "ok    10.77.0.1:1952 is an address, nothing to look up",
            "ok    on this network, by eth0",
            "ok    UDP  handshake in 1.0 ms; the server is den",
            "ok    UDP  3 of 4 questions answered in 1.0 ms / 2.0 ms / 3.0 ms (least, median, most)",
            "ok    UDP  0 of 24 datagrams had to be sent again",
            "ok    UDP  datagrams of 1200 bytes, the largest, pass whole both ways",
        ],
    );
}

#[test]
fn a_firewall_that_drops_one_transport_is_seen_by_the_other() {
    check(
        &remote(Err(missed(Failure::TimedOut)), Ok(reached())),
        true,
        "a match can be played with 10.77.0.1:1952, over TCP alone; UDP 1952 does not come through",
        &[
            "FAIL  UDP  no answer in time (a firewall, or another network), known after 4.0 s",
            "that machine is on, so that a firewall drops UDP 1952",
            "`oxo doctor` there names the active firewall, and the command that opens the port",
        ],
    );
    check(
        &remote(Ok(reached()), Err(missed(Failure::TimedOut))),
        true,
        "a match can be played with 10.77.0.1:1952, over UDP alone; TCP 1952 does not come through",
        &["that machine is on, so that a firewall drops TCP 1952"],
    );
}

#[test]
fn without_a_match_the_verdict_is_advice() {
    check(
        &remote(Err(missed(Failure::Refused)), Err(missed(Failure::Refused))),
        false,
        "no match can be played with 10.77.0.1:1952: start `oxo host` on that machine, or check that its port is 1952",
        &["FAIL  TCP  refused (nobody listens on that port), known after 4.0 s"],
    );
    check(
        &remote(Err(missed(Failure::TimedOut)), Err(missed(Failure::TimedOut))),
        false,
        "no match can be played with 10.77.0.1:1952: open port 1952, TCP and UDP, in that machine's firewall, and check that both are on one network",
        &["FAIL  UDP  no answer in time (a firewall, or another network), known after 4.0 s"],
    );
    check(
        &remote(Err(missed(Failure::TimedOut)), Err(missed(Failure::HostUnreachable))),
        false,
        "no match can be played with 10.77.0.1:1952: check that the machine is on, and on the same network as this one",
        &["FAIL  TCP  no route to that machine (is it on?), known after 4.0 s"],
    );
    let theirs = ProtocolRange { oldest: 7, newest: 8 };
    let version = Failure::Version { ours: PROTOCOL, theirs };
    check(
        &remote(Err(missed(version)), Err(missed(version))),
        false,
        "no match can be played with 10.77.0.1:1952: this oxo is the older one: install the version that the host has",
        &["FAIL  UDP  speaks protocol 7 to 8, this oxo 3, known after 4.0 s"],
    );
}

#[test]
fn a_path_that_is_too_narrow_is_told_from_one_that_is_closed() {
    let narrow = Missed { failure: Failure::TimedOut, after: MS, passed_bytes: Some(1000) };
    check(
        &remote(Err(narrow.clone()), Ok(reached())),
        true,
        "a match can be played with 10.77.0.1:1952, over TCP alone; UDP 1952 does not come through",
        &[
            "datagrams of 1000 bytes arrive, and those of 1200 do not",
            "something on the way has an MTU of less than 1228, most likely a tunnel",
        ],
    );
    let report = remote(Err(narrow), Err(missed(Failure::TimedOut))).report();
    assert!(report.verdict.as_str().contains("datagrams of 1000 bytes arrive there"), "{report}");
}

#[test]
fn a_full_server_is_no_match() {
    let full = || Ok(Reached { welcome: Err("the server is full".into()), ..reached() });
    check(
        &remote(full(), full()),
        false,
        "no match can be played with 10.77.0.1:1952: the server is full",
        &["FAIL  UDP  handshake in 1.0 ms, and then: the server is full"],
    );
}

#[test]
fn a_name_is_told_with_its_addresses() {
    let mut found = remote(Ok(reached()), Ok(reached()));
    found.target = "oxo.test".parse().unwrap();
    let at = |place: &str, is_in_hosts_file| Found { place: place.into(), is_in_hosts_file };
    found.lookup = Ok(vec![at("fd4d::7", false), at("10.77.0.1", true)]);
    let lines = ["ok    oxo.test is fd4d::7, 10.77.0.1", &format!("in {HOSTS_FILE}: 10.77.0.1")];
    check(&found, true, "a match can be played with oxo.test:1952", &lines);
}

#[test]
fn an_unknown_name_is_the_end_of_it() {
    let (name, source) = ("a".parse().unwrap(), io::Error::other("no such host"));
    let cause = ConnectCause::Resolve(ResolveError::NoSuchName { name, source });
    let target: HostPort = "a".parse().unwrap();
    let lookup = Err(ConnectError { target: target.clone(), cause });
    let unknown = Remote { target, lookup, tries: Vec::new(), multicast: None };
    let hint = "type the address that `oxo host` shows on that machine, as in `oxo join 192.168.1.7`";
    let lines = ["FAIL  no machine called `a` is known here", "no such host", hint];
    check(&unknown, false, &format!("no match can be played with a:1952: {hint}"), &lines);
}

#[test]
fn silence_by_multicast_beside_a_match_is_the_networks() {
    let by_multicast = |is_heard, answers| {
        let multicast = ByMulticast { interface: "eth0".into(), is_heard, answers };
        Remote { multicast: Some(multicast), ..remote(Ok(reached()), Ok(reached())) }
    };
    check(
        &by_multicast(false, 0),
        true,
        "a match can be played with 10.77.0.1:1952; join by its address, since no machine is heard by multicast",
        &[
            "note  no machine is heard by multicast on eth0",
            "the network drops multicast, as some guest Wi-Fi does, or no machine on it announces anything",
        ],
    );
    let plain = "a match can be played with 10.77.0.1:1952";
    check(&by_multicast(true, 1), true, plain, &["ok    that machine is heard by multicast on eth0"]);
    let others = "note  that machine is not heard by multicast on eth0, and 2 others are";
    check(&by_multicast(false, 2), true, plain, &[others]);
}

#[test]
fn another_network_is_told_from_this_one() {
    let mut far = remote(Err(missed(Failure::TimedOut)), Err(missed(Failure::NetworkUnreachable)));
    for tried in &mut far.tries {
        tried.beside = None;
    }
    let text = far.report().to_string();
    for line in [
        "note  on no network of this machine: reached through routers, if at all",
        "no route to that network from here",
    ] {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
}
