//! The X-ray of a link, and the conditions that a player may set for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::poll_fn,
    pin::pin,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use game_core::SplitMix64;
use net::{
    arq::{Cid, Config, Data, Event, MessageAcks, Messages, Packet, PacketAcks, Seq, Session, SessionCounts},
    link::Link,
    sim::{Chance, Clock, Link as SimLink, LinkConfig, Loss},
    xray::{Decoded, Fate, Kind, LinkPicture, MAX_ROUND_TRIPS, MAX_TRACED, Picture, Recorder, Traced, Way},
};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout},
};

use crate::{
    links::{PATIENCE, over_tcp, over_udp, script},
    unhex,
};

const MS: Duration = Duration::from_millis(1);

/// A path that loses a fifth of the packets, and doubles and damages some.
fn bad_path(reorders: bool) -> LinkConfig {
    LinkConfig {
        delay: 10 * MS,
        jitter: 5 * MS,
        reorders,
        loss: Loss::Independent(Chance::percent(20)),
        duplicates: Chance::percent(5),
        corruption: Chance::percent(2),
        ..LinkConfig::default()
    }
}

/// A client whose datagrams are recorded, a server that answers each message, and the paths between them.
struct Recorded {
    clock: Clock,
    client: Session,
    server: Session,
    up: SimLink,
    down: SimLink,
    recorder: Recorder,
    /// The client's packets that the server has taken in.
    arrived: BTreeSet<u32>,
    /// The last fate of each of the client's packets.
    fates: BTreeMap<u32, Fate>,
    /// Packets that were told as lost, and then as acknowledged.
    revised: u32,
    answers: usize,
}

impl Recorded {
    fn new(seed: u64, path: &LinkConfig) -> Self {
        let clock = Clock::new();
        let session = |config, own, other| Session::new(clock.now(), &config, Cid(own), Cid(other), None);
        let client = session(Config::client(), 1, 2);
        Self {
            recorder: Recorder::new(clock.now(), &client.vitals()),
            client,
            server: session(Config::default(), 2, 1),
            clock,
            up: SimLink::new(path.clone(), seed),
            down: SimLink::new(path.clone(), !seed),
            arrived: BTreeSet::new(),
            fates: BTreeMap::new(),
            revised: 0,
            answers: 0,
        }
    }

    /// Sends messages 20 ms apart, and goes on until all are answered and all is quiet.
    fn run(&mut self, messages: u32) {
        for message in 0..messages {
            self.client.send(self.clock.now(), Bytes::copy_from_slice(&message.to_be_bytes())).unwrap();
            self.run_until(self.clock.now() + 20 * MS);
        }
        self.run_until(self.clock.now() + 5_000 * MS);
        assert_eq!(self.answers, usize::try_from(messages).unwrap());
    }

    fn run_until(&mut self, end: std::time::Instant) {
        loop {
            self.step();
            let sessions = self.client.poll_timeout().into_iter().chain(self.server.poll_timeout());
            let paths = self.up.poll_timeout().into_iter().chain(self.down.poll_timeout());
            let next = sessions.chain(paths).min().expect("both sessions go on");
            if next > end {
                return self.clock.advance_to(end);
            }
            self.clock.advance_to(next);
        }
    }

    fn step(&mut self) {
        let now = self.clock.now();
        while let Some(arrival) = self.up.poll(now) {
            let Ok(Packet::Data(data)) = Packet::decode(&arrival.packet) else { continue };
            if !arrival.is_corrupt {
                self.arrived.insert(data.number.get());
                self.server.handle_datagram(now, &arrival.packet);
            }
        }
        while let Some(arrival) = self.down.poll(now) {
            let before = self.client.counts().received;
            if !arrival.is_corrupt {
                self.client.handle_datagram(now, &arrival.packet);
                self.recorder.received(now, &arrival.packet, self.client.counts().received > before);
            }
        }
        while let Some(Event::Message(payload)) = self.server.poll_event() {
            self.server.send(now, payload).unwrap();
        }
        self.answers += std::iter::from_fn(|| self.client.poll_event()).count();
        self.client.handle_timeout(now);
        self.server.handle_timeout(now);
        let mut datagram = BytesMut::new();
        loop {
            let early_copies = self.client.early_copies();
            if !self.client.poll_transmit(now, &mut datagram) {
                break;
            }
            self.recorder.sent(now, &datagram, self.client.early_copies() > early_copies);
            self.up.send(now, datagram.split().freeze());
        }
        while self.server.poll_transmit(now, &mut datagram) {
            self.down.send(now, datagram.split().freeze());
        }
        self.check();
    }

    fn picture(&mut self) -> Picture {
        self.recorder.picture(self.clock.now(), self.client.vitals(), None)
    }

    /// Checks the picture against the session and against what became of the packets.
    fn check(&mut self) {
        let picture = self.picture();
        check_bounds(&picture);
        let (tally, counts) = (picture.tally, picture.vitals.counts);
        assert_eq!(
            (tally.sent, tally.copies, tally.received, tally.duplicates, tally.dropped),
            (counts.sent, counts.copies, counts.received, counts.duplicates, counts.invalid),
        );
        assert_eq!(tally.early_copies, self.client.early_copies());
        for Traced { number, fate, .. } in picture.packets.iter().filter(|traced| traced.way == Way::Out) {
            let number = number.expect("only DATA is sent here");
            let before = self.fates.insert(number, *fate);
            match fate {
                Fate::Acknowledged(_) => {
                    assert!(self.arrived.contains(&number), "{number} never arrived");
                    self.revised += u32::from(before == Some(Fate::Lost));
                }
                Fate::Unknown | Fate::Lost => {
                    assert!(!matches!(before, Some(Fate::Acknowledged(_))), "{number} was acknowledged");
                }
                Fate::Arrived => panic!("{number} was sent"),
            }
        }
        if picture.packets.len() < MAX_TRACED {
            let count = |is: fn(&Traced) -> bool| picture.packets.iter().filter(|traced| is(traced)).count();
            let acknowledged = count(|traced| matches!(traced.fate, Fate::Acknowledged(_)));
            let lost = count(|traced| traced.way == Way::Out && traced.fate == Fate::Lost);
            let missing = count(|traced| traced.kind == Kind::Missing);
            let told = [tally.acknowledged, tally.lost, tally.missing];
            assert_eq!(told, [acknowledged, lost, missing].map(|count| u64::try_from(count).unwrap()));
        }
        if picture.round_trips.len() < MAX_ROUND_TRIPS {
            // RFC 6298 section 2.
            let srtt = picture.round_trips.iter().copied().reduce(|srtt, rtt| (srtt * 7 + rtt) / 8);
            assert_eq!(srtt, picture.vitals.srtt, "{:?}", picture.round_trips);
        }
    }
}

#[track_caller]
fn check_bounds(picture: &Picture) {
    assert!(picture.packets.len() <= MAX_TRACED && picture.round_trips.len() <= MAX_ROUND_TRIPS);
    assert!(picture.packets.is_sorted_by_key(|traced| traced.at));
    let Some(Decoded { bytes, fields, .. }) = &picture.newest else { return };
    let mut end = 0;
    for field in fields {
        assert_eq!(field.range.start, end, "{field:?}");
        end = field.range.end;
    }
    assert!(fields.is_empty() || end == bytes.len(), "{fields:?} of {bytes:?}");
}

#[test]
fn the_counters_are_those_of_the_session_and_each_fate_is_true() {
    let (mut early_copies, mut told, mut lost) = (0, 0, 0);
    for seed in 0..10 {
        eprintln!("seed {seed}");
        let mut recorded = Recorded::new(seed, &bad_path(false));
        recorded.run(200);
        early_copies += recorded.picture().tally.early_copies;
        for (number, fate) in &recorded.fates {
            let has_arrived = recorded.arrived.contains(number);
            lost += u32::from(!has_arrived);
            // No packet overtakes another one here.
            assert!(*fate != Fate::Lost || !has_arrived, "{number} arrived");
            told += u32::from(*fate == Fate::Lost);
        }
    }
    assert!(early_copies > 100, "{early_copies}");
    assert!(told * 100 >= lost * 99, "{told} of {lost} lost packets are told");
}

#[test]
fn a_late_packet_is_no_longer_told_as_lost() {
    let mut revised = 0;
    for seed in 0..10 {
        eprintln!("seed {seed}");
        let mut recorded = Recorded::new(seed, &bad_path(true));
        recorded.run(100);
        revised += recorded.revised;
    }
    assert!(revised > 10, "{revised}");
}

/// The server's packets 1 and 5, and then 3, which was late.
#[test]
fn packets_that_have_not_come_are_missing_until_they_do() {
    let mut recorded = Recorded::new(0, &LinkConfig::default());
    let now = recorded.clock.now();
    for number in [1, 5, 3] {
        recorded.recorder.received(now, &data(number, PacketAcks::default(), &[]), true);
    }
    let picture = recorded.picture();
    let trace: Vec<_> = picture.packets.iter().map(|traced| (traced.number, traced.fate)).collect();
    let expected =
        [(1, Fate::Arrived), (2, Fate::Lost), (4, Fate::Lost), (5, Fate::Arrived), (3, Fate::Arrived)];
    assert_eq!(trace, expected.map(|(number, fate)| (Some(number), fate)));
    assert_eq!((picture.tally.received, picture.tally.missing), (3, 2));
}

/// A packet of the server, with messages of one byte.
fn data(number: u32, acks: PacketAcks, messages: &[u32]) -> BytesMut {
    let mut datagram = BytesMut::new();
    let data = Data {
        cid: Cid(1),
        number: Seq::new(number).unwrap(),
        acks,
        received: MessageAcks { next: Seq::new(number).unwrap(), bits: u32::MAX },
        wants_ack: true,
        messages: Messages::default(),
    };
    Packet::Data(data).encode(&mut datagram);
    for message in messages {
        datagram.extend_from_slice(&message.to_be_bytes());
        datagram.extend_from_slice(&[0, 1, 7]);
    }
    datagram
}

#[test]
fn nothing_that_arrives_exceeds_the_bounds() {
    const EDGES: [u32; 8] = [1, 2, 33, 34, 1 << 30, (1 << 31) - 33, (1 << 31) - 1, 1 << 31];
    let mut rng = SplitMix64::new(7);
    let mut recorded = Recorded::new(7, &LinkConfig::default());
    recorded.client.send(recorded.clock.now(), Bytes::from_static(b"x")).unwrap();
    recorded.step();
    let edge = |rng: &mut SplitMix64| EDGES[usize::try_from(rng.below(8)).unwrap()];
    let used = allocation_counter::measure(|| {
        for _ in 0..20_000 {
            recorded.clock.advance(MS);
            let now = recorded.clock.now();
            let [number, largest, message] = [edge(&mut rng), edge(&mut rng), edge(&mut rng)];
            let acks = PacketAcks { largest: Seq::new(largest), bits: 0, delay: Duration::ZERO };
            let mut datagram = data(number, acks, &[message]);
            if rng.below(2) == 0 {
                // A length and bytes that mean nothing.
                datagram.resize(usize::try_from(rng.below(1300)).unwrap(), 0x54);
                let place = usize::try_from(rng.below(1300)).unwrap() % datagram.len().max(1);
                if let Some(byte) = datagram.get_mut(place) {
                    *byte ^= 1 << (number % 8);
                }
            }
            // Whatever a session may have made of it.
            match rng.below(3) {
                0 => recorded.recorder.sent(now, &datagram, largest == 1),
                is_taken => recorded.recorder.received(now, &datagram, is_taken == 1),
            }
            check_bounds(&recorded.picture());
        }
    });
    assert!(used.bytes_max < 64 * 1024, "{used:?}");
}

/// The vectors of the protocol's document, in its words.
#[test]
fn a_packet_is_told_in_the_words_of_the_protocol() {
    let document = include_str!("../../../../docs/PROTOCOL.md");
    let fields = |hex: &str| {
        let mut recorded = Recorded::new(0, &LinkConfig::default());
        recorded.recorder.sent(recorded.clock.now(), &unhex(hex), false);
        let Decoded { fields, bytes, .. } = recorded.picture().newest.unwrap();
        assert_eq!(fields.last().unwrap().range.end, bytes.len());
        for field in &fields {
            assert!(document.contains(field.name), "{field:?}");
        }
        fields.into_iter().map(|field| field.value).collect::<Vec<_>>()
    };
    assert_eq!(
        fields(
            "54 5152535455565758 00000001 00000000 0000 00000000 00000001 00000000 01 00000001 0006 0003616e6100 00000002 0002 0207"
        ),
        [
            "DATA",
            "5152535455565758",
            "1",
            "0",
            "0 µs",
            "none",
            "1",
            "none",
            "yes",
            "1",
            "6",
            "Hello",
            "2",
            "2",
            "Pong"
        ]
    );
    assert_eq!(
        fields("54 5152535455565758 00000007 00000009 0003 0000007d 00000004 00000002 00")[3..9],
        ["9", "96 µs", "8, 6-2", "4", "6", "no"]
    );
    assert_eq!(fields("55 5152535455565758 01"), ["CLOSE", "5152535455565758", "Done"]);
    assert_eq!(fields("57 5152535455565758"), ["RESET", "5152535455565758"]);
}

fn udp_picture(link: &Link) -> Picture {
    match link.picture() {
        Some(LinkPicture::Udp(picture)) => *picture,
        other => panic!("no picture of a session but {other:?}"),
    }
}

/// Sends every message back, until the other end closes. Returns the counters.
fn echo(mut link: Link) -> JoinHandle<SessionCounts> {
    tokio::spawn(async move {
        while let Some(payload) = link.recv().await.unwrap() {
            link.send(&payload).unwrap();
        }
        link.session_counts().unwrap()
    })
}

#[tokio::test]
async fn all_is_delivered_in_order_while_a_fifth_is_lost() {
    let [mut client, server] = over_udp().await;
    let echo = echo(server);
    client.observe(true);
    let path = LinkConfig { delay: MS, jitter: 2 * MS, ..bad_path(true) };
    client.set_conditions(Some(path), 7);
    let (mut heard, script) = (Vec::new(), script());
    // No more are under way than the echo may have waiting.
    for batch in script.chunks(10) {
        for payload in batch {
            client.send(payload).unwrap();
        }
        for _ in batch {
            heard.push(timeout(PATIENCE, client.recv()).await.unwrap().unwrap().unwrap().to_vec());
        }
    }
    assert_eq!(heard, script);
    let picture = udp_picture(&client);
    let conditions = picture.conditions.unwrap();
    for counts in [conditions.outbound, conditions.inbound] {
        assert!(counts.lost * 8 > counts.sent && counts.corrupted > 0, "{counts:?}");
    }
    assert!(picture.tally.copies > 0 && picture.tally.lost > 0, "{:?}", picture.tally);
    assert_eq!(picture.vitals.counts, client.session_counts().unwrap());
    assert_eq!(picture.tally.sent, conditions.outbound.sent);
    client.set_conditions(None, 0);
    client.close().await;
    // Damage is dropped before the sessions, as UDP's checksum would.
    assert_eq!(
        [picture.vitals.counts.invalid, timeout(PATIENCE, echo).await.unwrap().unwrap().invalid],
        [0, 0]
    );
}

#[tokio::test]
async fn conditions_can_be_set_and_taken_away_while_a_link_is_used() {
    let [mut client, server] = over_udp().await;
    client.observe(true);
    let echo = echo(server);
    let mut times = Vec::new();
    for delay in [None, Some(60 * MS), Some(30 * MS), None] {
        client.set_conditions(delay.map(|delay| LinkConfig { delay, ..LinkConfig::default() }), 1);
        let start = Instant::now();
        client.send(b"word").unwrap();
        assert_eq!(timeout(PATIENCE, client.recv()).await.unwrap().unwrap().unwrap(), "word");
        times.push(start.elapsed());
        assert_eq!(udp_picture(&client).conditions.is_some(), delay.is_some());
    }
    // That of the loopback alone depends on the load.
    assert!(times[1] >= 120 * MS && times[2] >= 60 * MS, "{times:?}");
    client.observe(false);
    assert_eq!(client.picture(), None);
    client.close().await;
    timeout(PATIENCE, echo).await.unwrap().unwrap();
}

/// The end that a listener has accepted can have no X-ray, so what it allocates is what a link needs.
#[tokio::test]
async fn a_closed_x_ray_allocates_nothing() {
    let [mut client, mut server] = over_udp().await;
    let mut costs = Vec::new();
    for is_open in [false, true, false] {
        client.observe(is_open);
        let cost = |link: &mut Link| allocation_counter::measure(|| link.send(b"word").unwrap()).count_total;
        costs.push((cost(&mut client), cost(&mut server)));
        let heard = async { tokio::join!(client.recv(), server.recv()) };
        let (client_heard, server_heard) = timeout(PATIENCE, heard).await.unwrap();
        assert_eq!(
            (client_heard.unwrap().unwrap(), server_heard.unwrap().unwrap()),
            ("word".into(), "word".into())
        );
    }
    let [closed, open, closed_again] = costs[..] else { panic!("{costs:?}") };
    assert_eq!(closed.0, closed.1, "{costs:?}");
    assert!(open.0 > open.1, "{costs:?}");
    assert_eq!(closed_again.0, closed_again.1, "{costs:?}");
}

/// Whatever somebody looks at, an idle link sleeps until the session's next question.
#[tokio::test]
async fn an_x_ray_wakes_nobody() {
    let [mut client, _server] = over_udp().await;
    // For what the handshake has left.
    timeout(50 * MS, client.recv()).await.unwrap_err();
    let mut counts = Vec::new();
    for is_open in [false, true] {
        client.observe(is_open);
        client.set_conditions(is_open.then(|| bad_path(true)), 1);
        let mut polls = 0;
        let mut recv = pin!(client.recv());
        let idle = poll_fn(|context| {
            polls += 1;
            recv.as_mut().poll(context)
        });
        assert!(timeout(300 * MS, idle).await.is_err());
        counts.push(polls);
    }
    // The first, and that of the deadline.
    assert_eq!(counts, [2, 2]);
}

#[tokio::test]
async fn a_link_over_tcp_has_the_picture_that_the_system_has() {
    let [mut client, mut server] = over_tcp().await;
    client.send(b"word").unwrap();
    assert_eq!(timeout(PATIENCE, server.recv()).await.unwrap().unwrap().unwrap(), "word");
    match client.picture() {
        Some(LinkPicture::Tcp(picture)) => assert!(picture.rtt > Duration::ZERO, "{picture:?}"),
        Some(LinkPicture::Udp(picture)) => panic!("{picture:?}"),
        None => assert_ne!(std::env::consts::OS, "linux"),
    }
}

/// A recording may begin at any time.
#[test]
fn a_recording_that_begins_late_knows_what_was_sent_before() {
    let mut recorded = Recorded::new(3, &bad_path(false));
    recorded.run(20);
    recorded.recorder = Recorder::new(recorded.clock.now(), &recorded.client.vitals());
    let now = recorded.clock.now();
    recorded.recorder.sent(now, &data(1_000, PacketAcks::default(), &[20]), false);
    recorded.recorder.sent(now, &data(1_001, PacketAcks::default(), &[20, 21]), false);
    recorded.recorder.received(now, &data(1_000, PacketAcks::default(), &[20]), true);
    recorded.recorder.received(now, &data(1_001, PacketAcks::default(), &[21]), true);
    let kinds: Vec<_> = recorded.picture().packets.iter().map(|traced| traced.kind).collect();
    assert_eq!(kinds, [Kind::SentAgain, Kind::Messages, Kind::SentAgain, Kind::Messages]);
}
