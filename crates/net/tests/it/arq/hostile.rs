//! Input that nobody should send; it has no effect.

use std::{
    net::{Ipv4Addr, SocketAddr, SocketAddrV6},
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use game_core::SplitMix64;
use net::{
    arq::{
        Accept, COOKIE_LIFETIME, Cid, CloseCode, Config, Data, Dialer, Endpoint, EndpointCounts, Event,
        Hello, MAX_DATAGRAM, MessageAcks, Messages, Packet, PacketAcks, Path, Routed, Seq, Session,
    },
    connect::Failure,
    proto::{PROTOCOL, ProtocolRange},
    sim::Clock,
};

use super::seeds;

const CLIENT: Cid = Cid(0xc11e_4700);
const SERVER: Cid = Cid(0x5e74_e700);

const fn seq(number: u32) -> Seq {
    Seq::new(number).unwrap()
}

pub(super) fn encode(packet: &Packet<'_>) -> BytesMut {
    let mut datagram = BytesMut::new();
    packet.encode(&mut datagram);
    datagram
}

/// An empty packet from the client.
fn data(number: u32) -> Data<'static> {
    Data {
        cid: SERVER,
        number: seq(number),
        acks: PacketAcks::default(),
        received: MessageAcks { next: Seq::FIRST, bits: 0 },
        wants_ack: true,
        messages: Messages::default(),
    }
}

/// The server's end of a session, and the clock. It has sent two messages that are not acknowledged.
fn server() -> (Session, Clock) {
    let clock = Clock::new();
    let mut session = Session::new(clock.now(), &Config::default(), SERVER, CLIENT, None);
    for word in [&b"one"[..], b"two"] {
        session.send(clock.now(), Bytes::from_static(word)).unwrap();
    }
    drain(&mut session, clock.now());
    (session, clock)
}

/// Returns the datagrams and the events that a session has now.
fn drain(session: &mut Session, now: Instant) -> (Vec<BytesMut>, Vec<Event>) {
    let mut datagrams = Vec::new();
    let mut datagram = BytesMut::new();
    session.handle_timeout(now);
    while session.poll_transmit(now, &mut datagram) {
        datagrams.push(datagram.split());
    }
    (datagrams, std::iter::from_fn(|| session.poll_event()).collect())
}

/// Checks that a datagram is counted as invalid and does not change the session.
#[track_caller]
fn check_ignored(datagram: &[u8]) {
    let (mut session, clock) = server();
    let before = (session.poll_timeout(), session.undelivered(), session.rtt(), session.untaken());
    let invalid = session.counts().invalid;
    session.handle_datagram(clock.now(), datagram);
    assert_eq!(session.counts().invalid, invalid + 1, "{datagram:?} was taken");
    assert_eq!((session.poll_timeout(), session.undelivered(), session.rtt(), session.untaken()), before);
    assert_eq!(drain(&mut session, clock.now()), (vec![], vec![]));
}

#[test]
fn acknowledgements_of_what_was_never_sent_change_nothing() {
    let acks = |largest, bits| PacketAcks { largest: Seq::new(largest), bits, delay: Duration::ZERO };
    let received = |next, bits| MessageAcks { next: seq(next), bits };
    // One packet and two messages were sent.
    for impossible in [
        Data { acks: acks(2, 0), ..data(1) },
        Data { acks: acks(1 << 31, u32::MAX), ..data(1) },
        Data { received: received(4, 0), ..data(1) },
        Data { received: received(3, 1), ..data(1) },
        Data { received: received(2, 1), ..data(1) },
        Data { received: received(1, 2), ..data(1) },
        Data { received: received(1 << 31, 0), ..data(1) },
    ] {
        check_ignored(&encode(&Packet::Data(impossible)));
    }
    let (mut session, clock) = server();
    let honest = Data { acks: acks(1, 0), received: received(3, 0), ..data(1) };
    session.handle_datagram(clock.now(), &encode(&Packet::Data(honest)));
    assert_eq!((session.counts().invalid, session.undelivered()), (0, 0));
}

/// The largest packet that has arrived may have wanted no acknowledgement; it still answers the packets before it.
#[test]
fn an_acknowledgement_answers_every_packet_that_it_names() {
    let (mut session, mut clock) = server();
    session.handle_datagram(clock.now(), &encode(&Packet::Data(data(1))));
    clock.advance(Duration::from_millis(1));
    assert_eq!(drain(&mut session, clock.now()).0.len(), 1, "a packet with nothing but an acknowledgement");
    let acks = PacketAcks { largest: Seq::new(2), bits: 1, delay: Duration::ZERO };
    let received = MessageAcks { next: seq(3), bits: 0 };
    let answer = Data { acks, received, wants_ack: false, ..data(2) };
    session.handle_datagram(clock.now(), &encode(&Packet::Data(answer)));
    let quiet = session.poll_timeout().unwrap() - clock.now();
    assert!(quiet > Duration::from_secs(1), "asked again after {quiet:?}, though it was answered");
}

#[test]
fn a_close_tells_whether_everything_was_delivered() {
    let close = |code| vec![encode(&Packet::Close { cid: CLIENT, code })];
    let (mut session, clock) = server();
    session.finish(clock.now());
    assert_eq!(
        drain(&mut session, clock.now()).0,
        Vec::<BytesMut>::new(),
        "two messages are not acknowledged"
    );
    let acks = PacketAcks { largest: Seq::new(1), bits: 0, delay: Duration::ZERO };
    let answer = Data { acks, received: MessageAcks { next: seq(3), bits: 0 }, wants_ack: false, ..data(1) };
    session.handle_datagram(clock.now(), &encode(&Packet::Data(answer)));
    assert_eq!(drain(&mut session, clock.now()).0, close(CloseCode::Done));

    let (mut session, clock) = server();
    session.close(clock.now(), CloseCode::Abandoned);
    assert_eq!(drain(&mut session, clock.now()).0, close(CloseCode::Abandoned));
}

#[test]
fn packets_of_another_session_change_nothing() {
    let other = Cid(SERVER.0 ^ 1);
    check_ignored(&encode(&Packet::Data(Data { cid: other, ..data(1) })));
    check_ignored(&encode(&Packet::Data(Data { cid: CLIENT, ..data(1) })));
    check_ignored(&encode(&Packet::Close { cid: other, code: CloseCode::Done }));
    check_ignored(&encode(&Packet::Close { cid: CLIENT, code: CloseCode::Done }));
    // A reset carries the cid of the packet that it answers, which is the client's.
    check_ignored(&encode(&Packet::Reset { cid: SERVER }));
    check_ignored(&encode(&Packet::Reset { cid: other }));
    check_ignored(&encode(&Packet::CloseAck { cid: CLIENT }));
}

/// A conversation in which every datagram is damaged in every way that is one change.
#[test]
fn damaged_datagrams_are_ignored_or_cost_nothing_but_what_they_say() {
    let clock = Clock::new();
    let mut client = Session::new(clock.now(), &Config::client(), CLIENT, SERVER, None);
    for length in [1, 40] {
        client.send(clock.now(), Bytes::from(vec![7; length])).unwrap();
    }
    let (datagrams, _) = drain(&mut client, clock.now());
    for datagram in datagrams {
        for length in 0..datagram.len() {
            check_harmless(&datagram[..length]);
        }
        for bit in 0..8 * datagram.len() {
            let mut flipped = datagram.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            check_harmless(&flipped);
        }
        check_harmless(&[&datagram[..], &[0]].concat());
        check_harmless(&[&datagram[..], &[7; MAX_DATAGRAM]].concat());
    }
}

/// Handles a datagram that may be valid; either way the session stays within its bounds and goes on.
#[track_caller]
fn check_harmless(datagram: &[u8]) {
    let (mut session, clock) = server();
    session.handle_datagram(clock.now(), datagram);
    if Packet::decode(datagram).is_err() {
        assert_eq!((session.counts().invalid, session.untaken()), (1, 0));
    }
    drain(&mut session, clock.now());
    assert!(session.poll_timeout().is_none_or(|at| at > clock.now()));
}

#[test]
fn any_bytes_leave_a_session_within_its_bounds() {
    seeds::each("any bytes", |seed| {
        let mut rng = SplitMix64::new(seed);
        let (mut session, mut clock) = server();
        for _ in 0..200 {
            let length = usize::try_from(rng.below(80)).unwrap();
            let mut datagram: Vec<u8> = (0..length).map(|_| rng.next_u64().to_le_bytes()[0]).collect();
            // Most of them resemble data for the session; others would be refused at the first byte.
            if rng.below(8) > 0 && length > 31 {
                datagram[..9].copy_from_slice(&encode(&Packet::Data(data(1)))[..9]);
                for high in [9, 13, 23] {
                    datagram[high..high + 3].fill(0);
                }
                datagram[31] &= 1;
            }
            session.handle_datagram(clock.now(), &datagram);
            let (datagrams, _) = drain(&mut session, clock.now());
            assert!(datagrams.len() < 60 && session.untaken() <= 32);
            clock.advance(Duration::from_millis(rng.below(300)));
        }
    });
}

#[test]
fn numbers_at_the_end_of_their_space_do_no_harm() {
    let (mut session, mut clock) = server();
    for number in [1, (1 << 31) - 1, 1 << 31] {
        let mut datagram = encode(&Packet::Data(data(number)));
        // A message with the same number.
        datagram.extend_from_slice(&number.to_be_bytes());
        datagram.extend_from_slice(&[0, 1, b'x']);
        session.handle_datagram(clock.now(), &datagram);
        clock.advance(Duration::from_millis(5));
        drain(&mut session, clock.now());
    }
    assert_eq!(session.counts().received, 3);
    assert_eq!(session.untaken(), 0, "the first was taken, the others are out of reach");
    for bytes in [[0, 0, 0, 0], [0x80, 0, 0, 1], [0xff; 4]] {
        let mut datagram = encode(&Packet::Data(data(1)));
        datagram[9..13].copy_from_slice(&bytes);
        check_ignored(&datagram);
    }
}

#[test]
fn holes_in_the_numbers_take_bounded_memory() {
    let (mut session, clock) = server();
    for number in 2..3_000_u32 {
        let mut datagram = encode(&Packet::Data(data(number)));
        datagram.extend_from_slice(&number.to_be_bytes());
        datagram.extend_from_slice(&[4, 0]);
        datagram.extend_from_slice(&[7; 1024]);
        session.handle_datagram(clock.now(), &datagram);
    }
    assert!(session.untaken() <= 32, "{} messages are kept", session.untaken());
    assert_eq!(drain(&mut session, clock.now()).1, vec![]);
}

#[test]
fn a_flood_is_dropped_unread() {
    let (mut session, mut clock) = server();
    let datagram = encode(&Packet::Data(data(1)));
    let per_second = u64::from(Config::default().datagrams_per_second);
    let mut sent = 0;
    for _ in 0..1000 {
        for _ in 0..100 {
            session.handle_datagram(clock.now(), &datagram);
        }
        sent += drain(&mut session, clock.now()).0.len();
        clock.advance(Duration::from_millis(1));
    }
    let counts = session.counts();
    assert!(counts.received <= 5 * per_second, "{counts:?}");
    assert_eq!(counts.received + counts.flooded, 100_000);
    assert!(u64::try_from(sent).unwrap() <= 2 * per_second, "{sent} answers");
}

#[test]
fn lying_acknowledgements_cannot_push_the_timer_out_of_its_bounds() {
    let longest = Config::default().timing.resend_cap;
    seeds::each("lying acknowledgements", |seed| {
        let mut rng = SplitMix64::new(seed);
        let (mut session, mut clock) = server();
        for number in 1..100 {
            let sent = session.counts().sent;
            let largest = u32::try_from(1 + rng.below(sent)).unwrap();
            let delay = Duration::from_micros(32 * rng.below(1 << 16));
            let acks = PacketAcks { largest: Seq::new(largest), bits: 0, delay };
            let lie = Data { acks, wants_ack: false, ..data(number) };
            session.handle_datagram(clock.now(), &encode(&Packet::Data(lie)));
            drain(&mut session, clock.now());
            let wait = session.poll_timeout().unwrap() - clock.now();
            assert!(wait <= longest, "{wait:?} with messages unacknowledged");
            let jump = [0, 1, 7, 100, 250].map(Duration::from_millis)[usize::try_from(rng.below(5)).unwrap()];
            clock.advance(jump);
        }
    });
}

// Input for an endpoint.

pub(super) const fn hello(cid: u64) -> Hello {
    Hello { protocols: PROTOCOL, client_cid: Cid(cid), cookie: None }
}

pub(super) fn path(peer: &str) -> Path {
    Path { peer: peer.parse().unwrap(), local: None }
}

fn endpoint() -> (Endpoint, Clock) {
    let clock = Clock::new();
    (Endpoint::new(clock.now(), Config::default(), [7; 16]), clock)
}

/// Sends a hello with the endpoint's cookie, and returns that hello and its result.
pub(super) fn admit(endpoint: &mut Endpoint, now: Instant, path: Path, cid: u64) -> (Hello, Option<Routed>) {
    assert!(endpoint.handle_datagram(now, path, &encode(&Packet::Hello(hello(cid)))).is_none());
    let retry = endpoint.poll_transmit().expect("an answer").datagram;
    let Ok(Packet::Retry { cookie, .. }) = Packet::decode(&retry) else { panic!("{retry:?}") };
    let hello = Hello { cookie: Some(cookie), ..hello(cid) };
    let routed = endpoint.handle_datagram(now, path, &encode(&Packet::Hello(hello)));
    (hello, routed)
}

#[track_caller]
fn accepted(routed: Option<Routed>) -> Box<Session> {
    let Some(Routed::Accepted(session)) = routed else { panic!("{routed:?}") };
    session
}

#[test]
fn nobody_is_admitted_for_whom_the_caller_has_no_room() {
    let (mut endpoint, clock) = endpoint();
    let home = path("192.168.1.9:5000");
    endpoint.set_room(0);
    let (hello, routed) = admit(&mut endpoint, clock.now(), home, 1);
    assert!(routed.is_none() && endpoint.poll_transmit().is_none(), "it is not told, either");
    assert_eq!((endpoint.counts().dropped, endpoint.remembered()), (1, 0));
    endpoint.set_room(1);
    let again = encode(&Packet::Hello(hello));
    accepted(endpoint.handle_datagram(clock.now(), home, &again));
    assert!(endpoint.poll_transmit().is_some(), "it is accepted");
    assert_eq!(endpoint.remembered(), 3, "the session, its client, and the client's address");
    let (_, routed) = admit(&mut endpoint, clock.now(), path("192.168.1.9:5001"), 2);
    assert!(routed.is_none(), "there was room for one");
}

/// Flow labels differ from packet to packet.
#[test]
fn flow_information_is_no_part_of_an_address() {
    let (mut endpoint, clock) = endpoint();
    let from = |flow| Path {
        peer: SocketAddrV6::new([0xfd4d, 0, 0, 0, 0, 0, 0, 9].into(), 5000, flow, 0).into(),
        local: None,
    };
    let (hello, routed) = admit(&mut endpoint, clock.now(), from(1), 1);
    let session = accepted(routed);
    let again = encode(&Packet::Hello(hello));
    assert!(endpoint.handle_datagram(clock.now(), from(2), &again).is_none());
    let close = encode(&Packet::Close { cid: session.local_cid(), code: CloseCode::Done });
    let routed = endpoint.handle_datagram(clock.now(), from(3), &close);
    assert!(matches!(routed, Some(Routed::Session(cid)) if cid == session.local_cid()));
    assert_eq!((endpoint.session_count(), endpoint.counts().foreign), (1, 0));
}

#[test]
fn a_cookie_works_for_its_owner_in_its_time_and_once() {
    let (mut endpoint, mut clock) = endpoint();
    let home = path("192.168.1.9:5000");
    let (hello, routed) = admit(&mut endpoint, clock.now(), home, 1);
    let session = accepted(routed);
    let answer = endpoint.poll_transmit();
    let again = encode(&Packet::Hello(hello));
    let count = |endpoint: &Endpoint| endpoint.session_count();

    // From another address, another port, another family: a new cookie, no session.
    for stranger in ["192.168.1.8:5000", "192.168.1.9:5001", "[::ffff:192.168.1.9]:5001", "[fd4d::9]:5000"] {
        assert!(endpoint.handle_datagram(clock.now(), path(stranger), &again).is_none());
        assert_eq!(count(&endpoint), 1, "{stranger}");
    }
    // Repeated while the session lives: the same answer, no second session.
    while endpoint.poll_transmit().is_some() {}
    assert!(endpoint.handle_datagram(clock.now(), home, &again).is_none());
    assert_eq!(endpoint.poll_transmit(), answer);
    assert_eq!(count(&endpoint), 1);

    // Replayed after the close, while the cookie is good and later.
    endpoint.forget(clock.now(), session.local_cid());
    for _ in 0..100 {
        assert!(endpoint.handle_datagram(clock.now(), home, &again).is_none());
        assert_eq!(count(&endpoint), 0);
        clock.advance(COOKIE_LIFETIME / 20);
    }
    assert!(endpoint.counts().dropped > 0, "while the cookie was good");
    clock.advance(Duration::from_hours(1));
    assert!(endpoint.handle_datagram(clock.now(), home, &again).is_none(), "an hour old");
    assert_eq!((count(&endpoint), endpoint.remembered()), (0, 0), "and nobody is remembered");
}

/// Not even by a refusal: that is for ranges that have nothing in common with ours.
#[test]
fn a_hello_of_an_empty_range_is_not_answered() {
    let (mut endpoint, clock) = endpoint();
    let said = |oldest, newest| {
        encode(&Packet::Hello(Hello { protocols: ProtocolRange { oldest, newest }, ..hello(1) }))
    };
    assert!(endpoint.handle_datagram(clock.now(), path("192.168.1.9:5000"), &said(2, 1)).is_none());
    assert_eq!((endpoint.poll_transmit(), endpoint.counts().invalid), (None, 1));
    assert!(endpoint.handle_datagram(clock.now(), path("192.168.1.9:5000"), &said(700, 701)).is_none());
    assert!(endpoint.poll_transmit().is_some(), "a refusal");
    assert_eq!((endpoint.counts().refused, endpoint.remembered()), (1, 0));
}

#[test]
fn a_million_forged_hellos_leave_nothing_behind_and_are_answered_with_less() {
    let (mut endpoint, mut clock) = endpoint();
    // A million in `cargo xtask sim`; here enough to see whether any is kept.
    let count: u32 = if seeds::is_thorough() { 1_000_000 } else { 50_000 };
    let mut datagram = encode(&Packet::Hello(hello(0)));
    let (mut sent, mut answered) = (0, 0);
    for number in 0..count {
        let peer = SocketAddr::from((Ipv4Addr::from_bits(0x0a00_0000 | number), 5000));
        datagram[9..17].copy_from_slice(&u64::from(number).to_be_bytes());
        sent += datagram.len();
        assert!(endpoint.handle_datagram(clock.now(), Path { peer, local: None }, &datagram).is_none());
        while let Some(answer) = endpoint.poll_transmit() {
            assert!(answer.datagram.len() < datagram.len());
            answered += answer.datagram.len();
        }
        clock.advance(Duration::from_micros(10));
    }
    assert_eq!((endpoint.session_count(), endpoint.remembered()), (0, 0));
    assert!(40 * answered < sent, "{answered} bytes for {sent}");
    let EndpointCounts { retries, dropped, .. } = endpoint.counts();
    assert_eq!(retries + dropped, u64::from(count));
}

#[test]
fn a_full_endpoint_and_a_full_address_refuse() {
    let config = Config { sessions: 3, sessions_per_address: 2, ..Config::default() };
    let clock = Clock::new();
    let mut endpoint = Endpoint::new(clock.now(), config, [7; 16]);
    let mut admit_from = |peer: &str, cid| {
        let (_, routed) = admit(&mut endpoint, clock.now(), path(peer), cid);
        let answer = std::iter::from_fn(|| endpoint.poll_transmit()).last().unwrap().datagram;
        (routed.is_some(), matches!(Packet::decode(&answer), Ok(Packet::Refuse(_))))
    };
    assert_eq!(admit_from("10.0.0.1:1", 1), (true, false));
    assert_eq!(admit_from("10.0.0.1:2", 2), (true, false));
    assert_eq!(admit_from("10.0.0.1:3", 3), (false, true), "the address is full");
    assert_eq!(admit_from("10.0.0.2:1", 4), (true, false));
    assert_eq!(admit_from("10.0.0.3:1", 5), (false, true), "the endpoint is full");
}

#[test]
fn each_ipv4_client_of_a_dual_stack_socket_counts_for_itself() {
    let config = Config { sessions_per_address: 1, ..Config::default() };
    let clock = Clock::new();
    let mut endpoint = Endpoint::new(clock.now(), config, [7; 16]);
    for (peer, is_let_in) in
        [("[::ffff:10.0.0.1]:1", true), ("[::ffff:10.0.0.2]:1", true), ("[::ffff:10.0.0.2]:2", false)]
    {
        assert_eq!(admit(&mut endpoint, clock.now(), path(peer), 1).1.is_some(), is_let_in, "{peer}");
        while endpoint.poll_transmit().is_some() {}
    }
}

#[test]
fn a_server_that_chooses_a_protocol_of_its_own_is_not_believed() {
    let clock = Clock::new();
    let mut dialer = Dialer::new(clock.now(), clock.now() + Duration::from_secs(5), Config::client(), CLIENT);
    let mut said = BytesMut::new();
    assert!(dialer.poll_transmit(clock.now(), &mut said));
    let accept =
        |protocol| encode(&Packet::Accept(Accept { client_cid: CLIENT, server_cid: SERVER, protocol }));
    assert!(dialer.handle_datagram(clock.now(), &accept(1)).is_none(), "nobody has asked for a cookie yet");
    let retry = encode(&Packet::Retry { client_cid: CLIENT, cookie: [1; 20] });
    assert!(dialer.handle_datagram(clock.now(), &retry).is_none());
    let Some(Err(Failure::Version { theirs, .. })) = dialer.handle_datagram(clock.now(), &accept(77)) else {
        panic!("it is believed")
    };
    assert_eq!((theirs.oldest, theirs.newest), (77, 77));
}

#[test]
fn a_64_of_ipv6_counts_as_one_address() {
    let config = Config { sessions_per_address: 1, ..Config::default() };
    let clock = Clock::new();
    let mut endpoint = Endpoint::new(clock.now(), config, [7; 16]);
    assert!(admit(&mut endpoint, clock.now(), path("[fd4d::1]:1"), 1).1.is_some());
    while endpoint.poll_transmit().is_some() {}
    assert!(admit(&mut endpoint, clock.now(), path("[fd4d::ffff]:1"), 2).1.is_none());
    while endpoint.poll_transmit().is_some() {}
    assert!(admit(&mut endpoint, clock.now(), path("[fd4d:0:0:1::1]:1"), 3).1.is_some());
}

#[test]
fn one_address_gets_in_only_so_often() {
    let config = Config::default();
    let (mut endpoint, clock) = endpoint();
    let let_in = (0..200)
        .filter(|cid| {
            let let_in = admit(&mut endpoint, clock.now(), path("10.0.0.1:1"), *cid).1.is_some();
            while endpoint.poll_transmit().is_some() {}
            let_in
        })
        .count();
    assert_eq!(let_in, usize::try_from(config.hellos_per_address).unwrap());
    assert_eq!(endpoint.counts().dropped, 200 - u64::from(config.hellos_per_address));
}

#[test]
fn another_version_is_told_which_ours_are() {
    let (mut endpoint, clock) = endpoint();
    let newer = Hello { protocols: ProtocolRange { oldest: 7, newest: 9 }, ..hello(1) };
    let datagram = encode(&Packet::Hello(newer));
    assert!(endpoint.handle_datagram(clock.now(), path("10.0.0.1:1"), &datagram).is_none());
    let answer = endpoint.poll_transmit().unwrap().datagram;
    let Ok(Packet::Refuse(refuse)) = Packet::decode(&answer) else { panic!("{answer:?}") };
    assert_eq!(refuse.protocols, PROTOCOL);
    assert!(answer.len() < datagram.len());
}

#[test]
fn a_stranger_with_a_sessions_cid_reaches_nobody() {
    let (mut endpoint, clock) = endpoint();
    let home = path("[fe80::9%2]:5000");
    let session = accepted(admit(&mut endpoint, clock.now(), home, 1).1);
    while endpoint.poll_transmit().is_some() {}
    let cid = session.local_cid();
    let attacks = [
        encode(&Packet::Data(Data { cid, ..data(1) })),
        encode(&Packet::Close { cid, code: CloseCode::Done }),
        encode(&Packet::Reset { cid: Cid(1) }),
        encode(&Packet::CloseAck { cid: Cid(1) }),
    ];
    for attack in &attacks {
        // The same address on another interface is another host.
        for stranger in ["[fe80::9%3]:5000", "[fe80::8%2]:5000", "[fe80::9%2]:5001", "10.0.0.1:5000"] {
            assert!(endpoint.handle_datagram(clock.now(), path(stranger), attack).is_none(), "{stranger}");
        }
        assert_eq!(endpoint.poll_transmit(), None, "nor is anything answered");
        // Its peer reaches it, but a reset from a client means nothing.
        let is_reset = matches!(Packet::decode(attack), Ok(Packet::Reset { .. }));
        assert_eq!(endpoint.handle_datagram(clock.now(), home, attack).is_some(), !is_reset);
    }
    assert_eq!(endpoint.counts().foreign, 12);
}

#[test]
fn two_hosts_that_are_tricked_into_answering_each_other_stop_at_once() {
    let clock = Clock::new();
    let mut hosts = [1, 2].map(|key| Endpoint::new(clock.now(), Config::default(), [key; 16]));
    let addrs = [path("10.0.0.1:1952"), path("10.0.0.2:1952")];
    let forged = [
        encode(&Packet::Data(data(1))),
        encode(&Packet::Close { cid: SERVER, code: CloseCode::Done }),
        encode(&Packet::CloseAck { cid: SERVER }),
        encode(&Packet::Reset { cid: SERVER }),
        encode(&Packet::Hello(hello(1))),
        encode(&Packet::Retry { client_cid: CLIENT, cookie: [0; 20] }),
    ];
    for datagram in forged {
        let mut datagrams = vec![(1, datagram)];
        let mut answers = 0;
        while let Some((to, datagram)) = datagrams.pop() {
            let from = addrs[1 - to];
            assert!(hosts[to].handle_datagram(clock.now(), from, &datagram).is_none());
            while let Some(answer) = hosts[to].poll_transmit() {
                assert_eq!(answer.path, from);
                datagrams.push((1 - to, answer.datagram));
                answers += 1;
            }
            assert!(answers <= 1, "an answer was answered");
        }
    }
}
