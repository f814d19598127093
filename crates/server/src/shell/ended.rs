//! The ends of links.

use std::{fmt, net::SocketAddr};

use net::{proto::CloseReason, tcp::Stranger};

use crate::lobby::DisconnectReason;

/// How a link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ended {
    /// It was none of our clients.
    Stranger(Stranger),
    /// The client said why it goes.
    ByClient(CloseReason),
    /// We closed it.
    ByServer(CloseReason),
    /// The stream ended or broke without a word.
    Broken,
}

/// What a link's task leaves behind.
#[derive(Debug)]
pub(super) struct Report {
    /// Who it was, if the system still knew.
    pub(super) peer: Option<SocketAddr>,
    pub(super) ended: Ended,
}

impl Ended {
    /// How the lobby sees it. Only who says goodbye means to go.
    pub(super) const fn disconnect_reason(self) -> DisconnectReason {
        match self {
            Self::ByClient(CloseReason::Goodbye) => DisconnectReason::OnPurpose,
            Self::ByClient(_) | Self::ByServer(_) | Self::Stranger(_) | Self::Broken => {
                DisconnectReason::Lost
            }
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stranger(Stranger::Http) => formatter.write_str("a stranger: an HTTP request"),
            Self::Stranger(Stranger::Tls) => formatter.write_str("a stranger: a TLS hello"),
            Self::Stranger(Stranger::Rubbish) => formatter.write_str("a stranger: rubbish"),
            Self::Stranger(Stranger::Mute) => formatter.write_str("a stranger: nothing was said"),
            Self::Stranger(Stranger::OtherVersion(theirs)) => {
                write!(formatter, "another version: protocol {theirs}")
            }
            Self::ByClient(CloseReason::Goodbye) => formatter.write_str("the client said goodbye"),
            Self::ByClient(reason) => write!(formatter, "closed by the client: {reason}"),
            Self::ByServer(reason) => write!(formatter, "closed: {reason}"),
            Self::Broken => formatter.write_str("the connection broke"),
        }
    }
}
