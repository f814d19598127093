//! The counters of a session and its inner state, for people who want to see it.

use std::time::Duration;

use serde::Serialize;

use super::seq::Seq;

/// The state of a session at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vitals {
    /// The smoothed round-trip time, once one was measured.
    pub srtt: Option<Duration>,
    /// Its variation.
    pub rttvar: Option<Duration>,
    /// The interval after which everything unacknowledged is sent again.
    pub interval: Duration,
    /// The messages on the way out: `next` is the first that was never sent.
    pub outbound: Window,
    /// The messages on the way in: `next` is the first that has not arrived.
    pub inbound: Window,
    /// The counters.
    pub counts: SessionCounts,
}

/// The messages of one direction that a session holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The number of the next message.
    pub next: Seq,
    /// The messages held.
    pub messages: usize,
    /// Their bytes.
    pub bytes: usize,
    /// The most messages that it ever holds.
    pub most: usize,
}

/// Counters of a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SessionCounts {
    /// Datagrams sent.
    pub sent: u64,
    /// Bytes of UDP payload sent.
    pub sent_bytes: u64,
    /// Datagrams sent that only repeated messages.
    pub copies: u64,
    /// Datagrams taken in.
    pub received: u64,
    /// Bytes of UDP payload taken in.
    pub received_bytes: u64,
    /// Datagrams dropped as malformed, impossible or foreign.
    pub invalid: u64,
    /// Datagrams dropped because there were too many.
    pub flooded: u64,
    /// Messages that arrived more than once.
    pub duplicates: u64,
}
