//! Reliable, ordered messages over datagrams: our own ARQ, pure.
//!
//! UDP loses, duplicates and reorders datagrams. A game needs little on top of it, since it sends one small message at
//! a time and waits. This ARQ provides that little, and is better than TCP where TCP is weakest: a lost segment costs
//! TCP 200 ms and more, because TCP must assume that the network is full. On the networks that we play over, it rarely
//! is.
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
//! A [`Dialer`] performs a client's handshake, an [`Endpoint`] admits clients to a server and routes datagrams, and a
//! [`Session`] carries messages on both sides. None of them reads a clock or owns a socket.
//!
//! **The drain rule.** After every call that may change its state, the caller polls `poll_transmit` and `poll_event`
//! until neither returns anything, and then sleeps until `poll_timeout`. The times passed in never decrease.
//!
//! `docs/PROTOCOL.md` describes the bytes.

mod allowance;
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
mod vitals;

pub use self::{
    config::{Config, Timing},
    cookie::COOKIE_LIFETIME,
    dialer::Dialer,
    ending::Closed,
    endpoint::{Endpoint, EndpointCounts, Path, Routed, Transmit},
    packet::{
        Accept, Ask, Cid, CloseCode, Data, Hello, MAX_DATAGRAM, MessageAcks, Messages, Packet, PacketAcks,
        PacketError, Refuse, RefuseCode,
    },
    seq::Seq,
    session::{Event, SendError, Session},
    vitals::{SessionCounts, Vitals, Window},
};
pub(crate) use self::{packet::encode_stray, packets::MAX_DELAY, seq::Seen};
