//! The two things that can carry a match, as a player types and reads them.

use std::fmt;

/// What carries a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// Our datagrams. What `oxo` prefers.
    Udp,
    /// The system's streams.
    Tcp,
}

impl Transport {
    /// The one that is left when this one does not work.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Udp => Self::Tcp,
            Self::Tcp => Self::Udp,
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        })
    }
}
