//! The ends of links.

use std::{fmt, net::SocketAddr};

use net::{proto::CloseReason, tcp::Stranger};

use crate::lobby::DisconnectReason;

/// The end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ended {
    /// The peer was not a client of ours.
    Stranger(Stranger),
    /// The client closed it and gave a reason.
    ByClient(CloseReason),
    /// The server closed it.
    ByServer(CloseReason),
    /// It was for one question, which was answered.
    Answered,
    /// Its HTTP requests were answered, and none of them opened a link.
    Browsed,
    /// The connection ended or broke without a reason.
    Broken,
    /// It had no session, and was cut off for another connection.
    GaveWay,
}

/// The report of a link's task at its end.
#[derive(Debug)]
pub(super) struct Report {
    /// The peer's address.
    pub(super) peer: SocketAddr,
    pub(super) ended: Ended,
}

impl Ended {
    /// Classifies the end for the lobby. Only a goodbye counts as leaving on purpose.
    pub(super) const fn disconnect_reason(self) -> DisconnectReason {
        match self {
            Self::ByClient(CloseReason::Goodbye) => DisconnectReason::OnPurpose,
            Self::ByClient(_)
            | Self::ByServer(_)
            | Self::Stranger(_)
            | Self::Answered
            | Self::Browsed
            | Self::Broken
            | Self::GaveWay => DisconnectReason::Lost,
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stranger(Stranger::Http) => formatter.write_str("a stranger: an HTTP request"),
            Self::Stranger(Stranger::Http2) => formatter.write_str("a stranger: an HTTP/2 request"),
            Self::Stranger(Stranger::Ssh) => formatter.write_str("a stranger: an SSH client"),
            Self::Stranger(Stranger::Tls) => formatter.write_str("a stranger: a TLS hello"),
            Self::Stranger(Stranger::Rubbish) => formatter.write_str("a stranger: rubbish"),
            Self::Stranger(Stranger::Mute) => formatter.write_str("a stranger: it sent nothing"),
            Self::Stranger(Stranger::OtherVersion(theirs)) => {
                write!(formatter, "another version: protocol {theirs}")
            }
            Self::ByClient(CloseReason::Goodbye) => formatter.write_str("the client said goodbye"),
            Self::ByClient(reason) => write!(formatter, "closed by the client: {reason}"),
            Self::ByServer(reason) => write!(formatter, "closed: {reason}"),
            Self::Answered => formatter.write_str("a question was answered"),
            Self::Browsed => formatter.write_str("a browser was answered"),
            Self::Broken => formatter.write_str("the connection broke"),
            Self::GaveWay => formatter.write_str("it gave way to another connection"),
        }
    }
}
