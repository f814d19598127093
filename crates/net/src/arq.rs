//! Reliable, ordered messages over datagrams: our own ARQ, pure.
//!
//! UDP is connectionless: datagrams are lost, doubled and overtaken. A game needs little to make a link of them,
//! since it says one small thing at a time and waits. That little is here, for what TCP is bad at: a lost segment
//! costs TCP 200 ms and more, because it must assume that the network is full. We may assume that it is not.
//!
//! ```text
//! client                                            server
//!   Dialer ── HELLO ────────────────────────────────▶ Endpoint    (no memory of the client yet)
//!          ◀──────────────────────── RETRY (cookie) ──
//!          ── HELLO with the cookie ────────────────▶             (its address is proven)
//!   Session ◀───────────────────────────── ACCEPT ── Session
//!          ◀─────────── DATA, CLOSE … ──────────────▶
//! ```
//!
//! A [`Dialer`] gets a client in, an [`Endpoint`] admits clients to a server and routes datagrams, and a [`Session`]
//! carries messages, on both sides. None of them reads a clock or owns a socket.
//!
//! **The drain rule.** After every call that may change its state, the caller polls `poll_transmit` and `poll_event`
//! until each has nothing more, and then sleeps until `poll_timeout`. The times passed in never decrease.
//!
//! The bytes are described in `docs/PROTOCOL.md`.

mod config;
mod cookie;
mod dialer;
mod ending;
mod endpoint;
mod liveness;
mod packet;
mod packets;
mod recv_window;
mod rtt;
mod send_window;
mod seq;
mod session;
mod timer;

pub(crate) use self::packet::encode_stray;
pub use self::{
    config::{Config, Timing},
    cookie::COOKIE_LIFETIME,
    dialer::{DialError, Dialer},
    ending::Closed,
    endpoint::{Endpoint, EndpointCounts, Path, Routed, Transmit},
    packet::{
        Accept, Cid, CloseCode, Data, Hello, MAX_DATAGRAM, MessageAcks, Messages, Packet, PacketAcks,
        PacketError, Refuse, RefuseCode,
    },
    seq::Seq,
    session::{Event, SendError, Session, SessionCounts},
};
