//! The server's side of one socket: admits clients and routes datagrams.

use std::{
    collections::{BTreeMap, VecDeque},
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use bytes::{Bytes, BytesMut};

use super::{
    allowance::Allowance,
    config::Config,
    cookie::{COOKIE_LIFETIME, CookieKey},
    packet::{Accept, Ask, Cid, Hello, Packet, Refuse, RefuseCode},
    session::Session,
};
use crate::{
    addr::Source,
    proto::{PROTOCOL, ProtocolRange},
    token_bucket::TokenBucket,
};

/// Admits clients, and routes datagrams to their sessions, which the caller owns.
///
/// Datagrams from strangers are answered without keeping state, with no more bytes than they have, and at a bounded
/// rate. Follows the drain rule of [the module](super); it has no deadlines of its own.
#[derive(Debug)]
pub struct Endpoint {
    config: Config,
    protocols: ProtocolRange,
    cookies: CookieKey,
    /// The number of sessions so far, from which the next cid is made.
    serial: u64,
    /// The origins of live sessions, by our cid.
    origins_by_cid: BTreeMap<Cid, Origin>,
    /// Clients by address and the cid that they chose: live sessions, and ended ones until no cookie for them is good
    /// any more.
    origins: BTreeMap<Origin, SessionState>,
    ended: VecDeque<(Instant, Origin)>,
    clients_by_source: BTreeMap<Source, Clients>,
    hellos: TokenBucket,
    retries: Allowance,
    refusals: Allowance,
    resets: Allowance,
    asks: Allowance,
    /// New sessions that the caller can still take.
    room: usize,
    transmits: VecDeque<Transmit>,
    counts: EndpointCounts,
}

/// The two addresses of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    /// The peer's address as the socket reports it, with its scope id.
    pub peer: SocketAddr,
    /// Our address that the datagram was sent to; the answer has to come from it.
    pub local: Option<IpAddr>,
}

/// The recipient of a datagram.
#[derive(Debug)]
pub enum Routed {
    /// The session under this cid.
    Session(Cid),
    /// A new session, which belongs to the caller until [`Endpoint::forget`].
    Accepted(Box<Session>),
    /// Somebody whose address is proven asks a question, which the caller answers by [`Packet::Answer`].
    Asked {
        /// The asker's cid.
        client_cid: Cid,
        /// The question.
        message: Bytes,
    },
}

/// A datagram to send outside of any session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// The addresses.
    pub path: Path,
    /// The bytes.
    pub datagram: BytesMut,
}

/// Counters of an endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EndpointCounts {
    /// Datagrams that are no packets, or packets that no server receives.
    pub invalid: u64,
    /// Hellos answered with a cookie.
    pub retries: u64,
    /// Clients admitted.
    pub accepted: u64,
    /// Clients refused.
    pub refused: u64,
    /// Questions passed on.
    pub asked: u64,
    /// Hellos, questions and strays dropped because there were too many, or because they were replayed.
    pub dropped: u64,
    /// Resets sent, and closes of unknown sessions answered.
    pub resets: u64,
    /// Packets for a session from another address than its peer's.
    pub foreign: u64,
}

/// A client's address, and the cid that it chose.
type Origin = (SocketAddr, Cid);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SessionState {
    /// The session runs under this cid of ours.
    Live(Cid),
    /// The session has ended. A replayed hello revives nothing.
    Ended,
}

/// Clients of one address.
#[derive(Debug)]
struct Clients {
    /// Origins that are live or ended.
    origins: usize,
    live: usize,
    hellos: TokenBucket,
}

impl Endpoint {
    /// An endpoint without sessions. `key` is secret and random, and new at each start.
    pub fn new(now: Instant, config: Config, key: [u8; 16]) -> Self {
        let answers = || Allowance::new(now, config.stateless_answers, key);
        Self {
            protocols: PROTOCOL,
            cookies: CookieKey::new(now, key),
            serial: 0,
            origins_by_cid: BTreeMap::new(),
            origins: BTreeMap::new(),
            ended: VecDeque::new(),
            clients_by_source: BTreeMap::new(),
            hellos: TokenBucket::new(now, config.hellos, config.hellos),
            retries: answers(),
            refusals: answers(),
            resets: answers(),
            asks: Allowance::new(now, config.asks, key),
            room: usize::MAX,
            transmits: VecDeque::new(),
            counts: EndpointCounts::default(),
            config,
        }
    }

    /// Handles a datagram, and returns its recipient if there is one.
    pub fn handle_datagram(&mut self, now: Instant, path: Path, datagram: &[u8]) -> Option<Routed> {
        self.expire(now);
        let path = Path { peer: without_flow(path.peer), ..path };
        match Packet::decode(datagram) {
            Ok(Packet::Hello(hello)) => return self.handle_hello(now, path, &hello),
            Ok(Packet::Data(data)) => {
                if self.origins_by_cid.contains_key(&data.cid) {
                    return self.route(path, data.cid);
                }
                self.reset(now, path, &Packet::Reset { cid: data.cid });
            }
            Ok(Packet::Close { cid, .. }) => {
                if self.origins_by_cid.contains_key(&cid) {
                    return self.route(path, cid);
                }
                self.reset(now, path, &Packet::CloseAck { cid });
            }
            // It carries the cid of the packet that it answers, which is the client's.
            Ok(Packet::CloseAck { cid }) => {
                if let Some(SessionState::Live(cid)) = self.origins.get(&(path.peer, cid)) {
                    return Some(Routed::Session(*cid));
                }
                self.counts.foreign += 1;
            }
            Ok(Packet::Ask(ask)) => return self.handle_ask(now, path, &ask),
            Ok(
                Packet::Retry { .. }
                | Packet::Accept(_)
                | Packet::Refuse(_)
                | Packet::Reset { .. }
                | Packet::Answer { .. },
            )
            | Err(_) => {
                self.counts.invalid += 1;
            }
        }
        None
    }

    /// Sets how many new sessions the caller can take until the next call. A client that is turned away repeats its
    /// hello by itself.
    pub const fn set_room(&mut self, room: usize) {
        self.room = room;
    }

    /// Forgets a session that has ended. Its cookie opens no other.
    pub fn forget(&mut self, now: Instant, cid: Cid) {
        let Some(origin) = self.origins_by_cid.remove(&cid) else { return };
        self.origins.insert(origin, SessionState::Ended);
        self.ended.push_back((now + COOKIE_LIFETIME, origin));
        if let Some(clients) = self.clients_by_source.get_mut(&Source::of(origin.0)) {
            clients.live -= 1;
        }
    }

    /// Returns the next datagram to send.
    #[must_use]
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The number of running sessions.
    pub fn session_count(&self) -> usize {
        self.origins_by_cid.len()
    }

    /// The number of things remembered: sessions, ended sessions, and addresses.
    pub fn remembered(&self) -> usize {
        self.origins_by_cid.len() + self.origins.len() + self.ended.len() + self.clients_by_source.len()
    }

    /// The counters.
    pub const fn counts(&self) -> EndpointCounts {
        self.counts
    }

    fn handle_ask(&mut self, now: Instant, path: Path, ask: &Ask<'_>) -> Option<Routed> {
        self.prove(now, path, &ask.hello)?;
        if !self.asks.take(now, Source::of(path.peer)) {
            self.counts.dropped += 1;
            return None;
        }
        self.counts.asked += 1;
        let message = Bytes::copy_from_slice(ask.message);
        Some(Routed::Asked { client_cid: ask.hello.client_cid, message })
    }

    /// Returns the common protocol if the address is proven by a cookie, else asks for one or refuses.
    fn prove(&mut self, now: Instant, path: Path, hello: &Hello) -> Option<u16> {
        let Some(protocol) = self.protocols.common(hello.protocols) else {
            self.refuse(now, path, hello.client_cid, RefuseCode::Version);
            return None;
        };
        if self.cookies.is_good(now, path.peer, hello) {
            return Some(protocol);
        }
        if self.retries.take(now, Source::of(path.peer)) {
            self.counts.retries += 1;
            let cookie = self.cookies.make(now, path.peer, hello);
            self.queue(path, &Packet::Retry { client_cid: hello.client_cid, cookie });
        } else {
            self.counts.dropped += 1;
        }
        None
    }

    fn handle_hello(&mut self, now: Instant, path: Path, hello: &Hello) -> Option<Routed> {
        let protocol = self.prove(now, path, hello)?;
        let origin = (path.peer, hello.client_cid);
        match (self.origins.get(&origin), self.room) {
            (Some(SessionState::Live(cid)), _) => {
                // Our answer was lost; the same answer again. It is long, and a hello can be replayed.
                let server_cid = *cid;
                if self.retries.take(now, Source::of(path.peer)) {
                    self.accept(path, hello.client_cid, server_cid, protocol);
                } else {
                    self.counts.dropped += 1;
                }
                None
            }
            (Some(SessionState::Ended), _) | (None, 0) => {
                self.counts.dropped += 1;
                None
            }
            (None, _) => self.admit(now, path, origin, protocol),
        }
    }

    /// Admits a client whose address is proven, if there is room.
    fn admit(&mut self, now: Instant, path: Path, origin: Origin, protocol: u16) -> Option<Routed> {
        let source = Source::of(origin.0);
        let rate = self.config.hellos_per_address;
        let known = self.clients_by_source.get(&source);
        // A source with few sessions does not wait for those that have many, and has a memory of its own.
        let has_few = known.is_none_or(|it| it.origins < FEW);
        let ended = if has_few { 2 * MAX_ENDED } else { MAX_ENDED };
        let is_full = self.origins_by_cid.len() >= self.config.sessions
            || self.origins.len() >= self.config.sessions.saturating_add(ended)
            || known.is_some_and(|it| it.live >= self.config.sessions_per_address);
        if is_full {
            self.refuse(now, path, origin.1, RefuseCode::Full);
            return None;
        }
        let clients = self.clients_by_source.entry(source).or_insert_with(|| Clients {
            origins: 0,
            live: 0,
            hellos: TokenBucket::new(now, rate, rate),
        });
        if !clients.hellos.take(now) || !(has_few || self.hellos.take(now)) {
            // The client asks again by itself. An address without clients is not worth remembering.
            if clients.origins == 0 {
                self.clients_by_source.remove(&source);
            }
            self.counts.dropped += 1;
            return None;
        }
        clients.origins += 1;
        clients.live += 1;
        self.room -= 1;
        self.serial += 1;
        let server_cid = self.cookies.cid(self.serial);
        self.origins_by_cid.insert(server_cid, origin);
        self.origins.insert(origin, SessionState::Live(server_cid));
        self.counts.accepted += 1;
        self.accept(path, origin.1, server_cid, protocol);
        Some(Routed::Accepted(Box::new(Session::new(now, &self.config, server_cid, origin.1, None))))
    }

    /// Routes a datagram to its session if it came from the address of that session's peer.
    fn route(&mut self, path: Path, cid: Cid) -> Option<Routed> {
        let is_its_peer = self.origins_by_cid.get(&cid).is_some_and(|origin| origin.0 == path.peer);
        if !is_its_peer {
            self.counts.foreign += 1;
        }
        is_its_peer.then_some(Routed::Session(cid))
    }

    fn accept(&mut self, path: Path, client_cid: Cid, server_cid: Cid, protocol: u16) {
        self.queue(path, &Packet::Accept(Accept { client_cid, server_cid, protocol }));
    }

    fn refuse(&mut self, now: Instant, path: Path, client_cid: Cid, code: RefuseCode) {
        if self.refusals.take(now, Source::of(path.peer)) {
            self.counts.refused += 1;
            self.queue(path, &Packet::Refuse(Refuse { client_cid, code, protocols: self.protocols }));
        } else {
            self.counts.dropped += 1;
        }
    }

    fn reset(&mut self, now: Instant, path: Path, packet: &Packet<'_>) {
        if self.resets.take(now, Source::of(path.peer)) {
            self.counts.resets += 1;
            self.queue(path, packet);
        } else {
            self.counts.dropped += 1;
        }
    }

    fn queue(&mut self, path: Path, packet: &Packet<'_>) {
        let mut datagram = BytesMut::new();
        packet.encode(&mut datagram);
        self.transmits.push_back(Transmit { path, datagram });
    }

    /// Forgets the ended sessions whose cookies have expired.
    fn expire(&mut self, now: Instant) {
        while let Some((_, origin)) = self.ended.pop_front_if(|(until, _)| *until <= now) {
            self.origins.remove(&origin);
            let source = Source::of(origin.0);
            if let Some(clients) = self.clients_by_source.get_mut(&source) {
                clients.origins -= 1;
                if clients.origins == 0 {
                    self.clients_by_source.remove(&source);
                }
            }
        }
    }
}

/// Flow information differs from packet to packet and is no part of an address.
const fn without_flow(mut peer: SocketAddr) -> SocketAddr {
    if let SocketAddr::V6(v6) = &mut peer {
        v6.set_flowinfo(0);
    }
    peer
}

/// Maximum number of ended sessions that are remembered: all that can begin within the lifetime of a cookie, at the
/// default of 1,000 a second. As many again are for sources that have few.
const MAX_ENDED: usize = 8_000;

/// Sessions of one source, live or lately ended, that count as few: two a second, as of a household whose Wi-Fi comes and goes.
const FEW: usize = 16;
