//! Pictures of a link.

use std::time::Duration;

use super::decoded::{Decoded, Way};
use crate::{arq::Vitals, sim::Counts};

/// A picture of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkPicture {
    /// Of a session over UDP.
    Udp(Box<Picture>),
    /// Of a connection over TCP.
    Tcp(TcpPicture),
}

/// A picture of a session over UDP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The age of the recording.
    pub age: Duration,
    /// The last packets of both sides, the oldest first, at most [`MAX_TRACED`].
    pub packets: Vec<Traced>,
    /// The last round trips that were measured, the oldest first, at most [`MAX_ROUND_TRIPS`].
    pub round_trips: Vec<Duration>,
    /// The packets since the recording began.
    pub tally: Tally,
    /// The state of the session.
    pub vitals: Vitals,
    /// The counters of the conditions that are set, while they are.
    pub conditions: Option<Conditions>,
    /// The newest packet.
    pub newest: Option<Decoded>,
}

/// A packet on the time line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traced {
    /// The age of the recording when it was sent, arrived or was missed.
    pub at: Duration,
    /// Its direction.
    pub way: Way,
    /// Its number, if it has one.
    pub number: Option<u32>,
    /// Its content.
    pub kind: Kind,
    /// Its fate.
    pub fate: Fate,
    /// Its bytes.
    pub bytes: usize,
}

/// The content of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// At least one message for the first time.
    Messages,
    /// Only messages that have been sent, or have arrived, before.
    SentAgain,
    /// Messages sent once more 4 ms after the first time, ahead of the resend interval. Known of our own packets only.
    EarlyCopy,
    /// Acknowledgements only.
    Acknowledgement,
    /// No message, but it asks for an acknowledgement as a sign of life.
    Question,
    /// A packet of another type, by its name in the protocol.
    Control(&'static str),
    /// Nothing that belongs to the session; it was dropped.
    Dropped,
    /// A packet that has not arrived: its number is known from a later one.
    Missing,
}

/// The fate of a packet, as far as it is known. It may prove wrong for a packet that is only late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Not known (yet).
    Unknown,
    /// It has arrived here.
    Arrived,
    /// Its number was acknowledged, so long after it was sent.
    Acknowledged(Duration),
    /// A later one has arrived, and this one has not.
    Lost,
}

/// Counters of the packets since a recording began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Sent.
    pub sent: u64,
    /// Of those, the ones that only repeated messages.
    pub copies: u64,
    /// Of the copies, the early ones.
    pub early_copies: u64,
    /// Sent and acknowledged.
    pub acknowledged: u64,
    /// Sent and lost.
    pub lost: u64,
    /// Arrived.
    pub received: u64,
    /// Messages that had arrived before.
    pub duplicates: u64,
    /// Missing on the way in.
    pub missing: u64,
    /// Arrived, and dropped as nothing that belongs to the session.
    pub dropped: u64,
}

/// Counters of conditions that are set for a link. Damaged packets are dropped, as UDP's checksum would drop them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conditions {
    /// Of what is sent.
    pub outbound: Counts,
    /// Of what arrives.
    pub inbound: Counts,
}

/// The state of a TCP connection, as the system tells it (`TCP_INFO`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcpPicture {
    /// The smoothed round-trip time.
    pub rtt: Duration,
    /// Its variation.
    pub rttvar: Duration,
    /// The interval after which an unacknowledged segment is sent again.
    pub interval: Duration,
    /// Retransmissions in a row of the segment that waits now.
    pub retransmits_now: u8,
    /// Retransmissions since the connection began.
    pub retransmits: u32,
    /// Segments sent and not acknowledged.
    pub unacknowledged: u32,
    /// The congestion window in segments.
    pub window: u32,
    /// Bytes that the peer has acknowledged.
    pub bytes_acknowledged: u64,
    /// Bytes that have arrived.
    pub bytes_received: u64,
}

/// Most packets of a picture: more than a line of a large terminal shows.
pub const MAX_TRACED: usize = 64;

/// Most round trips of a picture, for the same reason.
pub const MAX_ROUND_TRIPS: usize = 64;
