//! A connection that carries messages between a client and a server over either transport.

use std::net::SocketAddr;

use bytes::Bytes;

use super::{tcp::TcpLink, udp::UdpLink};
use crate::arq::SessionCounts;
pub use crate::transport::{FAREWELL_TIMEOUT, HANDSHAKE_TIMEOUT, LinkError, SendError, Transport};

/// A connection that carries whole messages, in order and each at most once, in both directions.
///
/// One task owns a link and drives it by awaiting [`recv`](Self::recv): that future receives, and also sends on
/// what [`send`](Self::send) could not write at once.
///
/// The variants are boxed because a task keeps room for each place that a link is moved through.
#[derive(Debug)]
pub enum Link {
    /// A link over TCP.
    Tcp(Box<TcpLink>),
    /// A link over UDP.
    Udp(Box<UdpLink>),
}

impl From<TcpLink> for Link {
    fn from(link: TcpLink) -> Self {
        Self::Tcp(Box::new(link))
    }
}

impl From<UdpLink> for Link {
    fn from(link: UdpLink) -> Self {
        Self::Udp(Box::new(link))
    }
}

impl Link {
    /// The peer's canonical address.
    pub fn peer(&self) -> SocketAddr {
        match self {
            Self::Tcp(link) => link.peer(),
            Self::Udp(link) => link.peer(),
        }
    }

    /// The transport below the link.
    pub const fn transport(&self) -> Transport {
        match self {
            Self::Tcp(_) => Transport::Tcp,
            Self::Udp(_) => Transport::Udp,
        }
    }

    /// The counters of the session over UDP; `None` over TCP, where the system has them.
    pub const fn session_counts(&self) -> Option<SessionCounts> {
        match self {
            Self::Tcp(_) => None,
            Self::Udp(link) => Some(link.counts()),
        }
    }

    /// Sends a message: writes it at once where the system takes it, and keeps the rest for
    /// [`recv`](Self::recv) to send on.
    ///
    /// # Errors
    ///
    /// [`SendError`] when too much is waiting; nothing of this message was taken.
    pub fn send(&mut self, payload: &[u8]) -> Result<(), SendError> {
        match self {
            Self::Tcp(link) => link.send(payload),
            Self::Udp(link) => link.send(payload),
        }
    }

    /// Sends a message of which only the newest matters. Never fails: a message that must wait because the peer has
    /// not taken earlier ones is replaced by the next. [`recv`](Self::recv) sends it on.
    pub fn send_newest(&mut self, payload: &[u8]) {
        match self {
            Self::Tcp(link) => link.send_newest(payload),
            Self::Udp(link) => link.send_newest(payload),
        }
    }

    /// Drops the message that [`send_newest`](Self::send_newest) keeps.
    pub fn forget_newest(&mut self) {
        match self {
            Self::Tcp(link) => link.forget_newest(),
            Self::Udp(link) => link.forget_newest(),
        }
    }

    /// Waits for the next message and sends on what is waiting. Returns `None` once the peer has ended the link
    /// between two messages.
    ///
    /// Cancel-safe: no message is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// [`LinkError`] when the link broke and can no longer be used.
    pub async fn recv(&mut self) -> Result<Option<Bytes>, LinkError> {
        match self {
            Self::Tcp(link) => link.recv().await,
            Self::Udp(link) => link.recv().await,
        }
    }

    /// Ends the link after delivering all messages but the one that [`send_newest`](Self::send_newest) keeps, within
    /// [`FAREWELL_TIMEOUT`].
    pub async fn close(self) {
        match self {
            Self::Tcp(link) => link.close().await,
            Self::Udp(link) => link.close().await,
        }
    }
}
