//! Every end that the way to another machine can have, and what is told of it.

use std::net::SocketAddr;

use net::proto::{PROTOCOL, ProtocolRange};

use super::*;

const MS: Duration = Duration::from_millis(1);

fn tried(addr: &str, transport: Transport, outcome: Outcome) -> Try {
    let addr: SocketAddr = addr.parse().unwrap();
    Try {
        place: Plain::new(addr.to_string()),
        candidate: Candidate { addr, transport },
        transport,
        beside: Some(Plain::new("eth0")),
        outcome,
    }
}

fn reached() -> Outcome {
    let datagrams = Some(Datagrams { sent: 24, repeated: 0 });
    let round_trips = [3, 1, 2].map(|count| count * MS).to_vec();
    Outcome::Reached(Reached {
        handshake: MS,
        server: Some(Plain::new("den")),
        refusal: None,
        asked: 4,
        round_trips,
        datagrams,
    })
}

const fn missed(failure: Failure) -> Outcome {
    Outcome::Missed(Missed { failure, after: Duration::from_secs(4), passed_bytes: None })
}

/// One address over both transports.
fn there(udp: Outcome, tcp: Outcome) -> Remote {
    let addr = "10.77.0.1:1952";
    let tries = vec![tried(addr, Transport::Udp, udp), tried(addr, Transport::Tcp, tcp)];
    Remote { target: "10.77.0.1".parse().unwrap(), lookup: Lookup::Literal, tries, multicast: None }
}

#[track_caller]
fn check(there: &Remote, can_play: bool, verdict: &str, lines: &[&str]) {
    let report = there.report();
    let text = report.to_string();
    assert_eq!(report.can_play, can_play, "{text}");
    assert_eq!(report.verdict.as_str(), verdict, "{text}");
    for line in lines {
        assert!(text.lines().any(|said| said.trim() == *line), "no line is {line:?} in\n{text}");
    }
}

#[test]
fn what_answers_over_both_can_be_played_with() {
    check(
        &there(reached(), reached()),
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
        &there(missed(Failure::TimedOut), reached()),
        true,
        "a match can be played with 10.77.0.1:1952, over TCP alone; UDP 1952 does not come through",
        &[
            "FAIL  UDP  no answer in time (a firewall, or another network), known after 4.0 s",
            "that machine is on, so that a firewall drops UDP 1952",
            "there, with ufw: sudo ufw allow 1952/udp",
        ],
    );
    check(
        &there(reached(), missed(Failure::TimedOut)),
        true,
        "a match can be played with 10.77.0.1:1952, over UDP alone; TCP 1952 does not come through",
        &["that machine is on, so that a firewall drops TCP 1952"],
    );
}

#[test]
fn without_a_match_the_verdict_says_what_to_do() {
    check(
        &there(missed(Failure::Refused), missed(Failure::Refused)),
        false,
        "no match can be played with 10.77.0.1:1952: start `oxo host` on that machine, or check that its port is 1952",
        &["FAIL  TCP  refused (nobody listens on that port), known after 4.0 s"],
    );
    check(
        &there(missed(Failure::TimedOut), missed(Failure::TimedOut)),
        false,
        "no match can be played with 10.77.0.1:1952: open port 1952, TCP and UDP, in that machine's firewall, and check that both are on one network",
        &["the machine is off, or its firewall drops UDP 1952"],
    );
    check(
        &there(missed(Failure::TimedOut), missed(Failure::HostUnreachable)),
        false,
        "no match can be played with 10.77.0.1:1952: check that the machine is on, and on the same network as this one",
        &["nobody on that network has this address: the machine is off, or has another address now"],
    );
    let theirs = ProtocolRange { oldest: 7, newest: 8 };
    let version = Failure::Version { ours: PROTOCOL, theirs };
    check(
        &there(missed(version), missed(version)),
        false,
        "no match can be played with 10.77.0.1:1952: this oxo is the older one: install the version that the host has",
        &["FAIL  UDP  speaks protocol 7 to 8, this oxo 2, known after 4.0 s"],
    );
}

#[test]
fn a_path_that_is_too_narrow_is_told_from_one_that_is_closed() {
    let narrow = Missed { failure: Failure::TimedOut, after: MS, passed_bytes: Some(1000) };
    check(
        &there(Outcome::Missed(narrow.clone()), reached()),
        true,
        "a match can be played with 10.77.0.1:1952, over TCP alone; UDP 1952 does not come through",
        &[
            "datagrams of 1000 bytes arrive, and those of 1200 do not",
            "something on the way has an MTU of less than 1228: a tunnel, most likely",
        ],
    );
    let report = there(Outcome::Missed(narrow), missed(Failure::TimedOut)).report();
    assert!(report.verdict.as_str().contains("datagrams of 1000 bytes arrive there"), "{report}");
}

#[test]
fn a_server_that_lets_nobody_in_is_no_match() {
    let full = Reached { refusal: Some(Plain::new("the server is full")), ..Reached::default() };
    check(
        &there(Outcome::Reached(full.clone()), Outcome::Reached(full)),
        false,
        "no match can be played with 10.77.0.1:1952 now: the server is full",
        &["FAIL  UDP  handshake in 0.0 ms, and then: the server is full"],
    );
}

#[test]
fn each_record_is_told_with_its_source() {
    let named = |address: &str, is_ipv6| Named {
        address: Plain::new(address),
        is_ipv6,
        source: Plain::new("/etc/hosts"),
    };
    let mut found = there(reached(), reached());
    found.lookup = Lookup::Found { addresses: vec![named("10.77.0.1", false)] };
    let lines = ["skip  AAAA  no such record", "ok    A     10.77.0.1  from /etc/hosts"];
    check(&found, true, "a match can be played with 10.77.0.1:1952", &lines);
}

#[test]
fn a_name_that_nobody_knows_is_the_end_of_it() {
    let lookup = Lookup::Failed {
        why: vec![Plain::new("no machine called `a` is known here"), Plain::new("no such host")],
        asked: Plain::new("files dns"),
        hint: Plain::new("type its address"),
    };
    let unknown = Remote { target: "a".parse().unwrap(), lookup, tries: Vec::new(), multicast: None };
    let lines =
        ["FAIL  no machine called `a` is known here", "no such host", "asked: files dns", "type its address"];
    check(&unknown, false, "no match can be played with a:1952: type its address", &lines);
}

#[test]
fn silence_by_multicast_beside_a_match_is_the_networks() {
    let by_multicast = |is_heard, answers| {
        let multicast = ByMulticast { interface: Plain::new("eth0"), is_heard, answers };
        Remote { multicast: Some(multicast), ..there(reached(), reached()) }
    };
    check(
        &by_multicast(false, 0),
        true,
        "a match can be played with 10.77.0.1:1952; join by its address, since nobody is heard by multicast",
        &[
            "note  nobody is heard by multicast on eth0",
            "the network drops multicast, as some guest Wi-Fi does, or nobody on it announces anything",
        ],
    );
    let plain = "a match can be played with 10.77.0.1:1952";
    check(&by_multicast(true, 1), true, plain, &["ok    that machine is heard by multicast on eth0"]);
    let others = "note  that machine is not heard by multicast on eth0, and 2 others are";
    check(&by_multicast(false, 2), true, plain, &[others]);
}

#[test]
fn another_network_is_told_from_this_one() {
    let mut far = there(missed(Failure::TimedOut), missed(Failure::NetworkUnreachable));
    for tried in &mut far.tries {
        tried.beside = None;
    }
    let text = far.report().to_string();
    for line in [
        "note  on no network of this machine: routers lead there, or nothing does",
        "a firewall on the way or there, or no way back",
        "this machine is not on the network of that one",
    ] {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
}

#[test]
fn what_is_found_is_json() {
    let json = serde_json::to_value(there(reached(), missed(Failure::Refused))).unwrap();
    assert_eq!(json["target"], "10.77.0.1:1952");
    assert_eq!(json["tries"][0]["outcome"], "reached");
    assert_eq!(json["tries"][0]["round_trip_millis"][0], 3.0);
    assert_eq!(json["tries"][1]["transport"], "tcp");
    assert_eq!(json["tries"][1]["failure"], "refused");
}
