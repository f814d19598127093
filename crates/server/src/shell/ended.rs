//! The ends of links.

use std::net::SocketAddr;

use net::{proto::CloseReason, tcp::Stranger};

use crate::lobby::DisconnectReason;

/// The end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, derive_more::Display)]
pub enum Ended {
    /// The peer was not a client of ours.
    Stranger(Stranger),
    /// The client closed it and gave a reason.
    #[display("{}", by_client(*_0))]
    ByClient(CloseReason),
    /// The server closed it.
    #[display("closed: {_0}")]
    ByServer(CloseReason),
    /// It was for one question, which was answered.
    #[display("a question was answered")]
    Answered,
    /// Its HTTP requests were answered, and none of them opened a link.
    #[display("a browser was answered")]
    Browsed,
    /// The connection ended or broke without a reason.
    #[display("the connection broke")]
    Broken,
    /// It had no session, and was cut off for another connection.
    #[display("it gave way to another connection")]
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
    pub(super) fn disconnect_reason(self) -> DisconnectReason {
        let is_goodbye = self == Self::ByClient(CloseReason::Goodbye);
        if is_goodbye { DisconnectReason::OnPurpose } else { DisconnectReason::Lost }
    }
}

fn by_client(reason: CloseReason) -> String {
    match reason {
        CloseReason::Goodbye => "the client said goodbye".to_owned(),
        reason => format!("closed by the client: {reason}"),
    }
}
