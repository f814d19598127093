//! The client's side of the handshake.

use std::time::{Duration, Instant};

use bytes::BytesMut;
use thiserror::Error;

use super::{
    config::Config,
    packet::{Accept, Cid, Cookie, Hello, Packet, Refuse, RefuseCode},
    session::Session,
};
use crate::proto::{PROTOCOL, ProtocolRange};

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

/// The reason why no session was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DialError {
    /// The server did not answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// The server has no room for another session, or none for one from this address.
    #[error("the server is full")]
    Full,
    /// The two sides have no protocol in common.
    #[error("the server speaks protocol {0}")]
    Version(ProtocolRange),
}

impl Dialer {
    /// Begins to dial; gives up at `gives_up_at`. `client_cid` is random and must not have been used before.
    pub const fn new(now: Instant, gives_up_at: Instant, config: Config, client_cid: Cid) -> Self {
        Self { config, client_cid, cookie: None, hello_at: now, hellos: 0, sent_at: now, gives_up_at }
    }

    /// Handles a datagram from the server's address. Returns the session, or the reason for its refusal, once the
    /// server has decided.
    pub fn handle_datagram(&mut self, now: Instant, datagram: &[u8]) -> Option<Result<Session, DialError>> {
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
                    None => Some(Err(DialError::Version(chosen))),
                }
            }
            Ok(Packet::Refuse(Refuse { client_cid, code, protocols })) if client_cid == self.client_cid => {
                Some(Err(match code {
                    RefuseCode::Full => DialError::Full,
                    RefuseCode::Version => DialError::Version(protocols),
                }))
            }
            Ok(
                Packet::Hello(_)
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
    pub fn handle_timeout(&mut self, now: Instant) -> Option<DialError> {
        (now >= self.gives_up_at).then_some(DialError::TimedOut)
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
