//! Floods of an endpoint from some addresses, while another address asks for the first time.

use std::{net::Ipv4Addr, time::Duration};

use bytes::BytesMut;
use net::{
    arq::{Ask, Cid, Config, Endpoint, Hello, Packet, Path, Routed},
    sim::Clock,
};

use super::hostile::{admit, encode, hello, path};

/// A hostile address.
fn source(number: u32) -> Path {
    Path { peer: (Ipv4Addr::from_bits(0x0a00_0100 | number), 5000).into(), local: None }
}

fn endpoint() -> (Endpoint, Clock) {
    let clock = Clock::new();
    (Endpoint::new(clock.now(), Config::default(), [7; 16]), clock)
}

/// Sends a datagram from each of some hostile addresses again and again, and counts the answers.
fn flood(endpoint: &mut Endpoint, clock: &Clock, datagram: &[u8], count: u32) -> usize {
    (0..count)
        .map(|number| {
            assert!(endpoint.handle_datagram(clock.now(), source(number % 12), datagram).is_none());
            std::iter::from_fn(|| endpoint.poll_transmit()).count()
        })
        .sum()
}

#[test]
fn hellos_from_twelve_addresses_take_no_cookie_from_another_one() {
    let (mut endpoint, clock) = endpoint();
    let answers = flood(&mut endpoint, &clock, &encode(&Packet::Hello(hello(1))), 20_000);
    assert!((5_000..=5_200).contains(&answers), "{answers}");
    let (_, routed) = admit(&mut endpoint, clock.now(), path("10.0.0.1:1"), 7);
    assert!(routed.is_some());
}

/// A client learns in one round trip that its server was restarted, whatever others send.
#[test]
fn strays_from_twelve_addresses_take_no_reset_from_another_one() {
    let (mut endpoint, clock) = endpoint();
    let close = encode(&Packet::Close { cid: Cid(9), code: net::arq::CloseCode::Done });
    flood(&mut endpoint, &clock, &close, 20_000);
    assert!(endpoint.handle_datagram(clock.now(), path("10.0.0.1:1"), &close).is_none());
    assert!(endpoint.poll_transmit().is_some());
}

/// Sessions that begin and end at once, as fast as they may, for as long as their cookies are remembered.
#[test]
fn sessions_from_many_addresses_leave_room_for_the_first_of_another_one() {
    let (mut endpoint, mut clock) = endpoint();
    let mut begun = 0;
    for round in 0..90 {
        for number in 0..40 {
            for port in 0..5 {
                let mut path = source(number);
                path.peer.set_port(1 + port);
                if let Some(cid) = admit_quietly(&mut endpoint, &clock, path, round) {
                    begun += 1;
                    endpoint.forget(clock.now(), cid);
                }
            }
        }
        assert!(
            admit_quietly(&mut endpoint, &clock, path(&format!("10.0.0.{}:1", 1 + round)), 7).is_some(),
            "round {round}"
        );
        clock.advance(Duration::from_millis(100));
    }
    assert!(begun > 7_000, "{begun}");
    assert!(endpoint.remembered() < 3 * 16_000, "{}", endpoint.remembered());
}

/// Admits a client as [`admit`] does, and returns the cid of its session.
fn admit_quietly(endpoint: &mut Endpoint, clock: &Clock, path: Path, cid: u64) -> Option<Cid> {
    while endpoint.poll_transmit().is_some() {}
    let (_, routed) = admit(endpoint, clock.now(), path, cid);
    match routed {
        Some(Routed::Accepted(session)) => Some(session.local_cid()),
        Some(Routed::Session(_) | Routed::Asked { .. }) | None => None,
    }
}

/// The question of a client at an address, with the cookie for it or without.
fn question(cookie: Option<[u8; 20]>) -> BytesMut {
    encode(&Packet::Ask(Ask { hello: Hello { cookie, ..hello(7) }, message: b"?" }))
}

/// Asks for a cookie.
fn cookie(endpoint: &mut Endpoint, clock: &Clock, path: Path) -> [u8; 20] {
    assert!(endpoint.handle_datagram(clock.now(), path, &question(None)).is_none());
    let answer = endpoint.poll_transmit().expect("an answer").datagram;
    assert_eq!(answer.len(), 29, "what a forger can send to somebody else");
    let Ok(Packet::Retry { cookie, .. }) = Packet::decode(&answer) else { panic!("{answer:?}") };
    cookie
}

#[test]
fn a_question_is_passed_on_once_its_sender_is_proven_and_leaves_nothing_behind() {
    let (mut endpoint, clock) = endpoint();
    let [here, elsewhere] = ["10.0.0.1:1", "10.0.0.2:1"].map(path);
    let cookie = cookie(&mut endpoint, &clock, here);
    let routed = endpoint.handle_datagram(clock.now(), here, &question(Some(cookie)));
    assert!(matches!(routed, Some(Routed::Asked { client_cid: Cid(7), .. })), "{routed:?}");
    assert!(endpoint.handle_datagram(clock.now(), elsewhere, &question(Some(cookie))).is_none());
    assert_eq!((endpoint.session_count(), endpoint.remembered()), (0, 0));
}

#[test]
fn questions_of_twelve_addresses_take_no_answer_from_another_one() {
    let (mut endpoint, clock) = endpoint();
    let mut passed = 0;
    for number in 0..12 {
        let cookie = cookie(&mut endpoint, &clock, source(number));
        let asked = |endpoint: &mut Endpoint| {
            endpoint.handle_datagram(clock.now(), source(number), &question(Some(cookie))).is_some()
        };
        passed += (0..1_000).filter(|_| asked(&mut endpoint)).count();
    }
    assert!((500..=500 + 12 * 10).contains(&passed), "{passed}");
    let here = path("10.0.0.1:1");
    let cookie = cookie(&mut endpoint, &clock, here);
    assert!(endpoint.handle_datagram(clock.now(), here, &question(Some(cookie))).is_some());
}
