//! The names, errors and timeouts that both transports share.

use std::{io, time::Duration};

use serde::Serialize;
use thiserror::Error;

use crate::{arq::Closed, frame::FrameError};

/// Time for a server's part of a handshake: a round trip, with two retransmissions of each segment.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// Time for a closed link to deliver its last messages.
pub const FAREWELL_TIMEOUT: Duration = Duration::from_secs(1);

/// The protocol below a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::Display)]
#[strum(serialize_all = "lowercase")]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Our own ARQ over UDP datagrams.
    Udp,
    /// Frames on a TCP stream.
    Tcp,
}

/// The reason why a link broke.
#[derive(Debug, Error)]
pub enum LinkError {
    /// The peer ended the stream inside a frame.
    #[error("the connection ended inside a message")]
    Truncated,
    /// A frame of an impossible length.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A frame began and was not completed in time.
    #[error("a message was not completed in time")]
    FrameTimeout,
    /// The session over datagrams ended, and neither side had closed it.
    #[error("the connection was lost: {0}")]
    Session(Closed),
    /// The system reported an error.
    #[error("the connection broke")]
    Io(#[from] io::Error),
}

/// A full send queue: the peer does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the peer does not read what it is sent")]
pub struct SendError;

impl Transport {
    /// The name in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        }
    }
}
