//! Queries of friends and of attackers, on a virtual clock.

use super::*;
use crate::{addr::local::InterfaceKind, proto::PROTOCOL, sim::Clock};

const TAG: u32 = 0x1a2b_3c4d;

fn own(ip: &str, prefix_len: u8) -> LocalAddress {
    LocalAddress {
        interface: "eth0".into(),
        index: Some(2),
        ip: ip.parse().unwrap(),
        prefix_len,
        broadcast: None,
        kind: InterfaceKind::Lan,
    }
}

fn responder(clock: &Clock) -> Responder {
    let advert = Advert { name: "den".parse().unwrap(), protocol: PROTOCOL };
    Responder::new(clock.now(), advert, 1952, TAG, vec![own("10.77.0.1", 24), own("fe80::1", 64)])
}

/// A responder that has announced itself, and may answer again.
fn announced(clock: &mut Clock) -> Responder {
    let mut responder = responder(clock);
    while let Some(at) = responder.poll_timeout() {
        clock.advance(at.saturating_duration_since(clock.now()));
        assert!(responder.poll_multicast(clock.now()).is_some());
    }
    clock.advance(MULTICAST_INTERVAL);
    responder
}

fn query(questions: &[(&[u8], u16)]) -> Vec<u8> {
    let mut writer = Writer::response(7, None);
    (writer.bytes[2], writer.bytes[3]) = (0, 0);
    for (name, rtype) in questions {
        writer.name(name);
        writer.u16(*rtype);
        writer.u16(1);
    }
    let count = u16::try_from(questions.len()).unwrap();
    writer.bytes[4..6].copy_from_slice(&count.to_be_bytes());
    writer.bytes
}

fn service() -> Vec<u8> {
    dns::name(["_oxo", "_tcp", "local"])
}

const BROWSER: &str = "10.77.0.9:5353";
const RESOLVER: &str = "10.77.0.9:40000";

fn ask(responder: &mut Responder, clock: &Clock, from: &str, datagram: &[u8]) -> Option<Vec<u8>> {
    responder.handle_datagram(clock.now(), from.parse().unwrap(), Duration::from_millis(50), datagram)
}

#[test]
fn it_announces_itself_twice_a_second_apart_and_leaves_with_a_goodbye() {
    let mut clock = Clock::new();
    let mut responder = responder(&clock);
    let first = responder.poll_multicast(clock.now()).unwrap();
    assert_eq!(responder.poll_multicast(clock.now()), None);
    assert_eq!(responder.poll_timeout(), Some(clock.now() + MULTICAST_INTERVAL));
    clock.advance(MULTICAST_INTERVAL);
    assert_eq!(responder.poll_multicast(clock.now()), Some(first.clone()));
    assert_eq!(responder.poll_timeout(), None);
    let text = String::from_utf8_lossy(&first).into_owned();
    for part in ["den 1a2b3c4d", "_oxo", "oxo-1a2b3c4d", "txtvers=1", "protovers=3", "name=den"] {
        assert!(text.contains(part), "{part} is missing in {text:?}");
    }
    for address in [&[10, 77, 0, 1][..], &[0xfe, 0x80]] {
        assert!(first.windows(address.len()).any(|bytes| bytes == address), "{address:?}");
    }
    assert!(Message::parse(&responder.goodbye()).unwrap().answers.iter().all(|record| record.ttl == 0));
}

#[test]
fn a_change_of_addresses_is_announced_and_the_same_addresses_are_not() {
    let mut clock = Clock::new();
    let mut responder = announced(&mut clock);
    responder.set_addresses(clock.now(), vec![own("10.77.0.1", 24), own("fe80::1", 64)]);
    assert_eq!(responder.poll_timeout(), None);
    responder.set_addresses(clock.now(), vec![own("10.77.0.2", 24)]);
    let told = responder.poll_multicast(clock.now()).unwrap();
    assert!(told.windows(4).any(|bytes| bytes == [10, 77, 0, 2]));
    // An interface that flaps is announced once a second.
    for last in 3..200 {
        responder.set_addresses(clock.now(), vec![own(&format!("10.77.0.{last}"), 24)]);
        assert_eq!(responder.poll_multicast(clock.now()), None);
    }
}

#[test]
fn a_browser_is_answered_after_a_moment_and_many_browsers_by_one_datagram() {
    let mut clock = Clock::new();
    let mut responder = announced(&mut clock);
    let datagram = query(&[(&service(), qtype::PTR)]);
    for _ in 0..1000 {
        assert_eq!(ask(&mut responder, &clock, BROWSER, &datagram), None);
    }
    assert_eq!(responder.poll_multicast(clock.now()), None);
    clock.advance(Duration::from_millis(50));
    assert!(responder.poll_multicast(clock.now()).is_some());
    ask(&mut responder, &clock, BROWSER, &datagram);
    let next = responder.poll_timeout().unwrap();
    assert_eq!(next, clock.now() + MULTICAST_INTERVAL, "not twice within a second");
}

#[test]
fn what_a_browser_knows_is_not_told_again() {
    let mut clock = Clock::new();
    let mut responder = announced(&mut clock);
    let mut known = Writer::response(0, Some((&service(), qtype::PTR)));
    known.bytes[2] = 0;
    let instance = responder.names.instance.clone();
    known.record((&service(), qtype::PTR), Class::Shared, LONG_TTL, |data| data.name(&instance));
    ask(&mut responder, &clock, BROWSER, &known.bytes);
    assert_eq!(responder.poll_timeout(), None);
    // Half of its life is over: it wants to hear that we are still here.
    let ttl = known.bytes.len() - 2 - 2 - 4;
    known.bytes[ttl..ttl + 4].copy_from_slice(&(LONG_TTL / 2 - 1).to_be_bytes());
    ask(&mut responder, &clock, BROWSER, &known.bytes);
    assert!(responder.poll_timeout().is_some());
}

#[test]
fn every_name_of_ours_is_answered_in_any_case_and_no_other() {
    let instance = dns::name(["DEN 1A2B3C4D", "_oxo", "_TCP", "local"]);
    let host = dns::name(["oxo-1a2b3c4d", "local"]);
    let types = dns::name(["_services", "_dns-sd", "_udp", "local"]);
    for (name, rtype, is_ours) in [
        (service(), qtype::PTR, true),
        (types.clone(), qtype::PTR, true),
        (instance.clone(), qtype::SRV, true),
        (instance.clone(), qtype::ANY, true),
        (host.clone(), qtype::AAAA, true),
        (host, qtype::PTR, false),
        (instance, qtype::A, false),
        (dns::name(["_http", "_tcp", "local"]), qtype::PTR, false),
        (dns::name(["local"]), qtype::ANY, false),
        (dns::name([]), qtype::ANY, false),
    ] {
        let mut clock = Clock::new();
        let mut responder = announced(&mut clock);
        ask(&mut responder, &clock, BROWSER, &query(&[(&name, rtype)]));
        assert_eq!(responder.poll_timeout().is_some(), is_ours, "{name:?} {rtype}");
        clock.advance(Duration::from_millis(50));
        let told = responder.poll_multicast(clock.now()).unwrap_or_default();
        let names_type = told.windows(9).any(|bytes| bytes == b"_services");
        assert_eq!(names_type, name == types, "{name:?} {rtype}");
    }
}

#[test]
fn a_query_for_several_names_is_answered_for_each() {
    let mut clock = Clock::new();
    let mut responder = announced(&mut clock);
    let types = dns::name(["_services", "_dns-sd", "_udp", "local"]);
    ask(&mut responder, &clock, BROWSER, &query(&[(&service(), qtype::PTR), (&types, qtype::PTR)]));
    clock.advance(Duration::from_millis(50));
    let told = responder.poll_multicast(clock.now()).unwrap();
    assert!(told.windows(9).any(|bytes| bytes == b"_services"));
}

/// Inputs that made other responders send many times what they received.
#[test]
fn no_query_is_answered_by_more_than_a_few_hundred_bytes() {
    let mut clock = Clock::new();
    let instance = dns::name(["den 1a2b3c4d", "_oxo", "_tcp", "local"]);
    let service = service();
    let many: Vec<(&[u8], u16)> = vec![(&service, qtype::PTR); 220];
    let all: Vec<(&[u8], u16)> =
        vec![(&instance, qtype::ANY), (&service, qtype::ANY), (&instance, qtype::TXT)];
    for questions in [&many[..1], &many, &all] {
        let mut responder = announced(&mut clock);
        responder
            .set_addresses(clock.now(), (1..=60).map(|last| own(&format!("10.77.0.{last}"), 24)).collect());
        let sent: usize = (0..1000)
            .filter_map(|_| ask(&mut responder, &clock, RESOLVER, &query(questions)))
            .map(|answer| {
                assert!(answer.len() <= 450, "{} bytes for {} questions", answer.len(), questions.len());
                answer.len()
            })
            .sum();
        assert!(sent <= 10 * 450, "{sent} bytes in a moment");
    }
}

#[test]
fn a_sender_from_elsewhere_is_not_answered() {
    let mut clock = Clock::new();
    let mut responder = announced(&mut clock);
    let datagram = query(&[(&service(), qtype::PTR)]);
    for from in ["10.78.0.1:40000", "10.78.0.1:5353", "8.8.8.8:53", "127.0.0.1:7", "[2001:db8::1]:40000"] {
        assert_eq!(ask(&mut responder, &clock, from, &datagram), None, "{from}");
        assert_eq!(responder.poll_timeout(), None, "{from}");
    }
    assert!(ask(&mut responder, &clock, "[fe80::9%2]:40000", &datagram).is_some());
}

#[test]
fn a_resolver_gets_its_question_back_and_short_lives() {
    let mut clock = Clock::new();
    let mut responder = announced(&mut clock);
    let answer = ask(&mut responder, &clock, RESOLVER, &query(&[(&service(), qtype::PTR)])).unwrap();
    let answer = Message::parse(&answer).unwrap();
    assert_eq!((answer.id, answer.is_response), (7, true));
    assert_eq!(answer.questions, [(service(), qtype::PTR)]);
    assert_eq!(answer.answers.len(), 5);
    assert!(answer.answers.iter().all(|record| record.ttl == RESOLVER_TTL));
}

#[test]
fn names_that_lead_nowhere_are_refused() {
    let header = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for name in [
        &[0xc0, 12][..],        // to itself
        &[0xc0, 14, 0xc0, 12],  // there and back
        &[1, b'a', 0xc0, 12],   // in a circle
        &[0x40, 0],             // a label of a kind that there is not
        &[63, b'a'],            // cut
        &[0xc0],                // cut
        &[1, b'a'].repeat(200), // too long
    ] {
        assert_eq!(Message::parse(&[&header, name, &[0, 12, 0, 1]].concat()), None, "{name:?}");
    }
    assert_eq!(Message::parse(&header[..11]), None);
    let response = [0, 0, 0x84, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    assert!(Message::parse(&response).unwrap().is_response);
}

proptest::proptest! {
    #[test]
    fn any_datagram_is_survived(datagram in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let mut clock = Clock::new();
        let mut responder = announced(&mut clock);
        ask(&mut responder, &clock, RESOLVER, &datagram);
        let half_a_query = [&query(&[(&service(), qtype::PTR)])[..], &datagram].concat();
        ask(&mut responder, &clock, RESOLVER, &half_a_query);
    }
}
