//! A server, its clients and the paths between them, under one virtual clock.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use game_core::SplitMix64;
use net::{
    arq::{
        self, Cid, Closed, Config, Dialer, Endpoint, Event, MAX_DATAGRAM, Packet, Routed, SendError, Session,
        Timing,
    },
    sim::{Clock, Delivery, Link, LinkConfig},
};

use super::paths::Path;

/// The whole simulated world.
pub(super) struct World {
    pub(super) clock: Clock,
    pub(super) start: Instant,
    pub(super) config: Config,
    pub(super) endpoint: Endpoint,
    /// The server's sessions, by its cid.
    pub(super) sessions: BTreeMap<Cid, Side>,
    pub(super) clients: Vec<Client>,
    /// Makes the server answer each message with one, as a move is answered by a snapshot.
    pub(super) is_echoing: bool,
    /// The granularity of timers, like that of tokio's.
    pub(super) tick: Duration,
    pub(super) rng: SplitMix64,
    /// Bytes from and to unproven addresses.
    pub(super) unproven: (u64, u64),
    /// One-way latencies, in both directions.
    pub(super) latencies: Vec<Duration>,
}

/// A client and its path.
pub(super) struct Client {
    pub(super) addr: SocketAddr,
    pub(super) up: Link,
    pub(super) down: Link,
    pub(super) phase: Phase,
}

pub(super) enum Phase {
    Dialing(Box<Dialer>),
    Open(Box<Side>),
    Failed,
}

/// One end of a session, with the messages that it has sent and received.
///
/// Every message carries its session and its number, so that the receiver can tell that it has a prefix of what was
/// sent.
pub(super) struct Side {
    pub(super) session: Session,
    /// The client's cid, which no two sessions share.
    incarnation: Cid,
    pub(super) sent_at: Vec<Instant>,
    pub(super) received: usize,
    pub(super) closed: Option<Closed>,
    born_at: Instant,
}

/// Steps at one instant before they count as an endless loop.
const MAX_STEPS: usize = 10_000;

impl World {
    pub(super) fn new(seed: u64, config: Config) -> Self {
        let clock = Clock::new();
        Self {
            start: clock.now(),
            endpoint: Endpoint::new(clock.now(), config.clone(), [seed.to_le_bytes()[0]; 16]),
            clock,
            config,
            sessions: BTreeMap::new(),
            clients: Vec::new(),
            is_echoing: false,
            tick: Duration::ZERO,
            rng: SplitMix64::new(seed),
            unproven: (0, 0),
            latencies: Vec::new(),
        }
    }

    /// A world with one client over a path, whose session is open at both ends.
    #[track_caller]
    pub(super) fn connected(seed: u64, config: Config, path: &Path) -> Self {
        let mut world = Self::new(seed, config);
        let index = world.dial(&path.up, &path.down);
        // Over the worst paths one attempt in a hundred fails. A burst of losses is counted in packets, and so lasts
        // long for a client that sends few.
        for _ in 0..20 {
            if world.run_until(5 * SECOND, |world| matches!(world.clients[index].phase, Phase::Open(_))) {
                return world;
            }
            world.redial(index);
        }
        panic!("no session over `{}`", path.name);
    }

    /// Adds a client that dials from an address of its own.
    pub(super) fn dial(&mut self, up: &LinkConfig, down: &LinkConfig) -> usize {
        let index = self.clients.len();
        let addr = SocketAddr::from(([10, 0, 0, 1], 2000 + u16::try_from(index).unwrap()));
        let link = |rng: &mut SplitMix64, config: &LinkConfig| Link::new(config.clone(), rng.next_u64());
        let (up, down) = (link(&mut self.rng, up), link(&mut self.rng, down));
        let phase = self.dialing();
        self.clients.push(Client { addr, up, down, phase });
        index
    }

    /// Makes a client dial again, from the same address.
    pub(super) fn redial(&mut self, index: usize) {
        self.clients[index].phase = self.dialing();
    }

    fn dialing(&mut self) -> Phase {
        let cid = Cid(self.rng.next_u64());
        let now = self.now();
        let timing = Timing { ack_delay: Config::client().timing.ack_delay, ..self.config.timing.clone() };
        let config = Config { timing, ..self.config.clone() };
        Phase::Dialing(Box::new(Dialer::new(now, now + 5 * SECOND, config, cid)))
    }

    pub(super) const fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Returns the client's end of its session.
    #[track_caller]
    pub(super) fn client(&mut self, index: usize) -> &mut Side {
        match &mut self.clients[index].phase {
            Phase::Open(side) => side,
            Phase::Dialing(_) | Phase::Failed => panic!("client {index} has no session"),
        }
    }

    /// Returns the server's end of the client's session.
    #[track_caller]
    pub(super) fn server(&mut self, index: usize) -> &mut Side {
        let incarnation = self.client(index).incarnation;
        self.sessions.values_mut().find(|side| side.incarnation == incarnation).expect("the server has it")
    }

    /// Returns both ends of a client's session, as far as they exist.
    pub(super) fn ends(&self, index: usize) -> (Option<&Side>, Option<&Side>) {
        let Phase::Open(client) = &self.clients[index].phase else { return (None, None) };
        (Some(client), self.sessions.values().find(|side| side.incarnation == client.incarnation))
    }

    /// Sends a message of this length from the client.
    pub(super) fn client_says(&mut self, index: usize, length: usize) -> Result<(), SendError> {
        let now = self.now();
        self.client(index).say(now, length)
    }

    /// Sends a message of this length from the server to the client.
    pub(super) fn server_says(&mut self, index: usize, length: usize) -> Result<(), SendError> {
        let now = self.now();
        self.server(index).say(now, length)
    }

    /// Lets time pass.
    pub(super) fn run_for(&mut self, length: Duration) {
        self.run_until(length, |_| false);
    }

    /// Lets time pass until a condition holds; `false` if it does not within `patience`.
    pub(super) fn run_until(&mut self, patience: Duration, mut is_so: impl FnMut(&Self) -> bool) -> bool {
        let end = self.now() + patience;
        let mut steps = 0;
        loop {
            self.settle();
            if is_so(self) {
                return true;
            }
            let Some(next) = self.next_instant().filter(|next| *next <= end) else {
                self.clock.advance_to(end);
                return false;
            };
            steps = if next > self.now() { 0 } else { steps + 1 };
            assert!(steps < MAX_STEPS, "time stands still: a deadline does not move on");
            self.clock.advance_to(next);
        }
    }

    /// Returns the time of the next event.
    fn next_instant(&self) -> Option<Instant> {
        let round = |deadline: Instant| {
            let since = deadline.saturating_duration_since(self.start);
            let tick = self.tick.as_nanos().max(1);
            self.start + Duration::from_nanos(u64::try_from(since.as_nanos().div_ceil(tick) * tick).unwrap())
        };
        let clients = self.clients.iter().flat_map(|client| {
            let timeout = match &client.phase {
                Phase::Dialing(dialer) => Some(dialer.poll_timeout()),
                Phase::Open(side) => side.session.poll_timeout(),
                Phase::Failed => None,
            };
            timeout.map(round).into_iter().chain(client.up.poll_timeout()).chain(client.down.poll_timeout())
        });
        let sessions = self.sessions.values().filter_map(|side| side.session.poll_timeout()).map(round);
        clients.chain(sessions).min()
    }

    /// Does everything that is due at this instant.
    fn settle(&mut self) {
        let now = self.now();
        for index in 0..self.clients.len() {
            self.drive_client(now, index);
        }
        self.drive_server(now);
        // Over a path without delay, the server's packets may have arrived already.
        for _ in 0..MAX_STEPS {
            let is_ready = |link: &Link| link.poll_timeout().is_some_and(|at| at <= now);
            if !self.clients.iter().any(|client| is_ready(&client.up) || is_ready(&client.down)) {
                let (from, to) = self.unproven;
                assert!(to <= from, "{to} bytes to addresses that are not proven, {from} from them");
                return;
            }
            for index in 0..self.clients.len() {
                self.drive_client(now, index);
            }
            self.drive_server(now);
        }
        panic!("two ends answer each other without end");
    }

    fn drive_client(&mut self, now: Instant, index: usize) {
        let client = &mut self.clients[index];
        while let Some(Delivery { packet, is_corrupt }) = client.down.poll(now) {
            if is_corrupt {
                // UDP's checksum would drop it; still, it must not make the parser panic.
                Packet::decode(&packet).ok();
                continue;
            }
            match &mut client.phase {
                Phase::Dialing(dialer) => match dialer.handle_datagram(now, &packet) {
                    Some(Ok(session)) => {
                        let incarnation = session.local_cid();
                        client.phase = Phase::Open(Box::new(Side::new(now, session, incarnation)));
                    }
                    Some(Err(_)) => client.phase = Phase::Failed,
                    None => {}
                },
                Phase::Open(side) => side.session.handle_datagram(now, &packet),
                Phase::Failed => {}
            }
        }
        let mut datagram = BytesMut::new();
        match &mut client.phase {
            Phase::Dialing(dialer) => {
                if dialer.handle_timeout(now).is_some() {
                    client.phase = Phase::Failed;
                    return;
                }
                while dialer.poll_transmit(now, &mut datagram) {
                    self.unproven.0 += u64::try_from(datagram.len()).unwrap();
                    client.up.send(now, datagram.split().freeze());
                }
            }
            Phase::Open(side) => {
                let heard =
                    side.drive(now, &self.config, &mut datagram, |datagram| client.up.send(now, datagram));
                let said = self.sessions.values().find(|other| other.incarnation == side.incarnation);
                let sent_at = said.map(|said| &said.sent_at[..]).unwrap_or_default();
                self.latencies
                    .extend(heard.filter_map(|number| sent_at.get(number)).map(|sent_at| now - *sent_at));
            }
            Phase::Failed => {}
        }
    }

    fn drive_server(&mut self, now: Instant) {
        for index in 0..self.clients.len() {
            let client = &mut self.clients[index];
            while let Some(Delivery { packet, is_corrupt }) = client.up.poll(now) {
                if is_corrupt {
                    Packet::decode(&packet).ok();
                    continue;
                }
                let path = arq::Path { peer: client.addr, local: None };
                match self.endpoint.handle_datagram(now, path, &packet) {
                    Some(Routed::Session(cid)) => {
                        let side = self.sessions.get_mut(&cid).expect("the endpoint knows whom we have");
                        side.session.handle_datagram(now, &packet);
                    }
                    Some(Routed::Accepted(session)) => {
                        let Ok(Packet::Hello(hello)) = Packet::decode(&packet) else { panic!("no hello") };
                        let cid = session.local_cid();
                        self.sessions.insert(cid, Side::new(now, *session, hello.client_cid));
                    }
                    Some(Routed::Asked { .. }) | None => {}
                }
            }
        }
        while let Some(transmit) = self.endpoint.poll_transmit() {
            if !matches!(Packet::decode(&transmit.datagram), Ok(Packet::Accept(_))) {
                self.unproven.1 += u64::try_from(transmit.datagram.len()).unwrap();
            }
            let client = self.clients.iter_mut().find(|client| client.addr == transmit.path.peer).unwrap();
            client.down.send(now, transmit.datagram.freeze());
        }
        let mut over = Vec::new();
        let mut datagram = BytesMut::new();
        for (cid, side) in &mut self.sessions {
            let client = self.clients.iter_mut().find(|client| match &client.phase {
                Phase::Open(open) => open.incarnation == side.incarnation,
                Phase::Dialing(_) | Phase::Failed => false,
            });
            let mut sink = Link::new(LinkConfig::default(), 0);
            let (down, said) = match client {
                Some(Client { down, phase: Phase::Open(open), .. }) => (down, &open.sent_at[..]),
                Some(_) | None => (&mut sink, &[][..]),
            };
            let heard = side.drive(now, &self.config, &mut datagram, |datagram| down.send(now, datagram));
            self.latencies
                .extend(heard.clone().filter_map(|number| said.get(number)).map(|sent_at| now - *sent_at));
            if self.is_echoing && !heard.is_empty() {
                for _ in heard {
                    side.say(now, MESSAGE).unwrap();
                }
                let none = side.drive(now, &self.config, &mut datagram, |datagram| down.send(now, datagram));
                assert_eq!(none.len(), 0);
            }
            if side.session.is_over() && side.closed.is_some() {
                over.push(*cid);
            }
        }
        for cid in over {
            self.sessions.remove(&cid);
            self.endpoint.forget(now, cid);
        }
    }
}

impl Side {
    const fn new(now: Instant, session: Session, incarnation: Cid) -> Self {
        Self { session, incarnation, sent_at: Vec::new(), received: 0, closed: None, born_at: now }
    }

    /// Sends the next message, `length` bytes long, at least [`MESSAGE_HEAD`].
    pub(super) fn say(&mut self, now: Instant, length: usize) -> Result<(), SendError> {
        let mut payload = BytesMut::new();
        payload.extend_from_slice(&self.incarnation.0.to_be_bytes());
        payload.extend_from_slice(&u64::try_from(self.sent_at.len()).unwrap().to_be_bytes());
        payload.resize(length.max(MESSAGE_HEAD), 7);
        self.session.send(now, payload.freeze())?;
        self.sent_at.push(now);
        Ok(())
    }

    /// Drains the session and checks each message that it gives out. Returns their numbers.
    fn drive(
        &mut self,
        now: Instant,
        config: &Config,
        datagram: &mut BytesMut,
        mut send: impl FnMut(Bytes),
    ) -> std::ops::Range<usize> {
        let first = self.received;
        self.session.handle_timeout(now);
        while self.session.poll_transmit(now, datagram) {
            assert!(datagram.len() <= MAX_DATAGRAM);
            send(datagram.split().freeze());
        }
        while let Some(event) = self.session.poll_event() {
            match event {
                Event::Message(payload) => {
                    self.check(&payload);
                    self.received += 1;
                }
                Event::Closed(closed) => {
                    assert_eq!(self.closed, None, "it closes once");
                    self.closed = Some(closed);
                }
            }
        }
        let lifetime = now - self.born_at;
        let rate = u128::from(config.datagrams_per_second);
        let allowed = rate * lifetime.as_micros() / 1_000_000 + u128::from(config.datagram_burst) + 4;
        let counts = self.session.counts();
        assert!(u128::from(counts.sent) <= allowed, "{counts:?} in {lifetime:?}");
        if let Some(timeout) = self.session.poll_timeout() {
            assert!(timeout > now, "a drained session has nothing to do now");
        }
        first..self.received
    }

    fn check(&self, payload: &[u8]) {
        let number = |at: usize| u64::from_be_bytes(payload[at..at + 8].try_into().unwrap());
        assert_eq!(Cid(number(0)), self.incarnation, "a message of another session");
        assert_eq!(usize::try_from(number(8)).unwrap(), self.received, "a message out of its order");
    }
}

/// Bytes of a message's session and number.
pub(super) const MESSAGE_HEAD: usize = 16;

/// Bytes of a message as long as a move.
pub(super) const MESSAGE: usize = 32;

pub(super) const SECOND: Duration = Duration::from_secs(1);
