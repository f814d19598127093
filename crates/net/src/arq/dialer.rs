//! The client's side of the handshake.

use std::time::{Duration, Instant};

use bytes::BytesMut;

use super::{
    config::Config,
    packet::{Accept, Cid, Cookie, Hello, Packet, Refuse, RefuseCode},
    session::Session,
};
use crate::{
    failure::Failure,
    proto::{PROTOCOL, ProtocolRange},
};

/// The handshake of a client: hello, cookie, hello with the cookie.
///
/// A hello is repeated after 50, 100, 200, 400 and then every 500 ms, so a lost first packet costs 50 ms and not TCP's
/// second. Follows the drain rule of [the module](super).
#[derive(Debug)]
pub struct Dialer {
    config: Config,
    client_cid: Cid,
    cookie: Option<Cookie>,
    /// The time of the next hello.
    hello_at: Instant,
    /// Hellos sent since the cookie changed, and the time of the last one.
    hellos: u32,
    sent_at: Instant,
    gives_up_at: Instant,
}

impl From<Refuse> for Failure {
    fn from(refuse: Refuse) -> Self {
        match refuse.code {
            RefuseCode::Full => Self::ServerFull,
            RefuseCode::Version => Self::Version { ours: PROTOCOL, theirs: refuse.protocols },
        }
    }
}

impl Dialer {
    /// Begins to dial; gives up at `gives_up_at`. `client_cid` is random and must not have been used before.
    pub const fn new(now: Instant, gives_up_at: Instant, config: Config, client_cid: Cid) -> Self {
        Self { config, client_cid, cookie: None, hello_at: now, hellos: 0, sent_at: now, gives_up_at }
    }

    /// Handles a datagram from the server's address. Returns the session, or the reason for its refusal, once the
    /// server has decided.
    pub fn handle_datagram(&mut self, now: Instant, datagram: &[u8]) -> Option<Result<Session, Failure>> {
        match Packet::decode(datagram) {
            Ok(Packet::Retry { client_cid, cookie }) if client_cid == self.client_cid => {
                // A cookie for an earlier hello may still arrive; the newest one lives longest.
                if self.cookie != Some(cookie) {
                    self.cookie = Some(cookie);
                    self.hellos = 0;
                    self.hello_at = now;
                }
                None
            }
            Ok(Packet::Accept(accept)) if accept.client_cid == self.client_cid && self.cookie.is_some() => {
                let chosen = ProtocolRange { oldest: accept.protocol, newest: accept.protocol };
                match PROTOCOL.common(chosen) {
                    Some(_) => Some(Ok(self.session(now, accept))),
                    None => Some(Err(Failure::Version { ours: PROTOCOL, theirs: chosen })),
                }
            }
            Ok(Packet::Refuse(refuse)) if refuse.client_cid == self.client_cid => Some(Err(refuse.into())),
            Ok(
                Packet::Hello(_)
                | Packet::Ask(_)
                | Packet::Answer { .. }
                | Packet::Retry { .. }
                | Packet::Accept(_)
                | Packet::Refuse(_)
                | Packet::Data(_)
                | Packet::Close { .. }
                | Packet::CloseAck { .. }
                | Packet::Reset { .. },
            )
            | Err(_) => None,
        }
    }

    /// Returns an error once it is time to give up.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Failure> {
        (now >= self.gives_up_at).then_some(Failure::TimedOut)
    }

    /// Writes the next datagram for the server; returns `false` if there is none.
    #[must_use]
    pub fn poll_transmit(&mut self, now: Instant, datagram: &mut BytesMut) -> bool {
        if now < self.hello_at {
            return false;
        }
        let interval = self.config.timing.hello_interval;
        let wait = MAX_INTERVAL.min(interval * (1 << self.hellos.min(MAX_DOUBLINGS)));
        self.hellos += 1;
        self.sent_at = now;
        self.hello_at = now + wait;
        let hello = Hello { protocols: PROTOCOL, client_cid: self.client_cid, cookie: self.cookie };
        Packet::Hello(hello).encode(datagram);
        true
    }

    /// The time at which to call [`handle_timeout`](Self::handle_timeout) and to poll again.
    #[must_use]
    pub fn poll_timeout(&self) -> Instant {
        self.hello_at.min(self.gives_up_at)
    }

    fn session(&self, now: Instant, accept: Accept) -> Session {
        // After several hellos, nobody knows which one was answered.
        let rtt = (self.hellos == 1).then(|| now.saturating_duration_since(self.sent_at));
        Session::new(now, &self.config, self.client_cid, accept.server_cid, rtt)
    }
}

/// The longest interval between two hellos: ten of them fit in five seconds.
const MAX_INTERVAL: Duration = Duration::from_millis(500);

/// 50 ms doubled this often exceeds [`MAX_INTERVAL`].
const MAX_DOUBLINGS: u32 = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{arq::packet::COOKIE_BYTES, sim::Clock};

    const OURS: Cid = Cid(1);
    const OTHERS: Cid = Cid(2);

    fn dialer(clock: &Clock) -> Dialer {
        Dialer::new(clock.now(), clock.now() + Duration::from_secs(5), Config::client(), OURS)
    }

    /// The next hello, if one is due.
    fn hello(dialer: &mut Dialer, now: Instant) -> Option<Hello> {
        let mut datagram = BytesMut::new();
        let is_written = dialer.poll_transmit(now, &mut datagram);
        is_written.then(|| match Packet::decode(&datagram) {
            Ok(Packet::Hello(hello)) => hello,
            other => panic!("no hello: {other:?}"),
        })
    }

    fn answer(dialer: &mut Dialer, now: Instant, packet: &Packet<'_>) -> Option<Result<Session, Failure>> {
        let mut datagram = BytesMut::new();
        packet.encode(&mut datagram);
        dialer.handle_datagram(now, &datagram)
    }

    #[test]
    fn hellos_are_repeated_at_growing_intervals_for_five_seconds() {
        let mut clock = Clock::new();
        let start = clock.now();
        let mut dialer = dialer(&clock);
        let mut sent = Vec::new();
        while dialer.handle_timeout(clock.now()).is_none() {
            if hello(&mut dialer, clock.now()).is_some() {
                sent.push((clock.now() - start).as_millis());
            }
            clock.advance_to(dialer.poll_timeout());
        }
        assert_eq!(sent, [0, 50, 150, 350, 750, 1250, 1750, 2250, 2750, 3250, 3750, 4250, 4750]);
        assert_eq!(clock.now() - start, Duration::from_secs(5));
    }

    #[test]
    fn a_cookie_is_shown_at_once_and_a_copy_of_it_changes_nothing() {
        let mut clock = Clock::new();
        let mut dialer = dialer(&clock);
        let first = hello(&mut dialer, clock.now()).unwrap();
        assert_eq!((first.client_cid, first.cookie), (OURS, None));
        let cookie = [7; COOKIE_BYTES];
        for expected in [Some(Hello { cookie: Some(cookie), ..first }), None] {
            clock.advance(Duration::from_millis(1));
            let retry = Packet::Retry { client_cid: OURS, cookie };
            assert!(answer(&mut dialer, clock.now(), &retry).is_none());
            assert_eq!(hello(&mut dialer, clock.now()), expected);
        }
    }

    #[test]
    fn answers_to_another_client_and_an_accept_without_a_cookie_are_ignored() {
        let clock = Clock::new();
        let mut dialer = dialer(&clock);
        assert!(hello(&mut dialer, clock.now()).is_some());
        let accept = |client_cid| Accept { client_cid, server_cid: Cid(3), protocol: PROTOCOL.newest };
        let refuse = |client_cid| Refuse { client_cid, code: RefuseCode::Full, protocols: PROTOCOL };
        for packet in [
            Packet::Retry { client_cid: OTHERS, cookie: [7; COOKIE_BYTES] },
            Packet::Refuse(refuse(OTHERS)),
            Packet::Accept(accept(OURS)),
        ] {
            assert!(answer(&mut dialer, clock.now(), &packet).is_none(), "{packet:?}");
            assert_eq!(hello(&mut dialer, clock.now()), None, "{packet:?}");
        }
        answer(&mut dialer, clock.now(), &Packet::Retry { client_cid: OURS, cookie: [7; COOKIE_BYTES] });
        assert!(answer(&mut dialer, clock.now(), &Packet::Accept(accept(OTHERS))).is_none());
        assert!(matches!(answer(&mut dialer, clock.now(), &Packet::Accept(accept(OURS))), Some(Ok(_))));
        let refused = answer(&mut dialer, clock.now(), &Packet::Refuse(refuse(OURS)));
        assert_eq!(refused.map(|outcome| outcome.map(|_| ())), Some(Err(Failure::ServerFull)));
    }
}
