//! A connection that carries messages between a client and a server over either transport.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;

use super::{
    tcp::{TcpLink, TcpSender},
    udp::{UdpLink, UdpSender},
};
pub use crate::transport::{FAREWELL_TIMEOUT, HANDSHAKE_TIMEOUT, LinkError, SendError, Transport};
use crate::{arq::SessionCounts, heartbeat::Pace, sim::LinkConfig, xray::LinkPicture};

/// A connection that carries whole messages, in order and each at most once, in both directions.
///
/// One task owns a link and drives it by awaiting [`recv`](Self::recv): that future receives, and also sends on what could
/// not be written at once. Other tasks send by a [`LinkSender`].
///
/// The variants are boxed because a task keeps room for each place that a link is moved through.
#[derive(Debug)]
pub enum Link {
    /// A link over TCP.
    Tcp(Box<TcpLink>),
    /// A link over UDP.
    Udp(Box<UdpLink>),
}

/// Sends messages over a [`Link`], from any task.
#[derive(Debug, Clone)]
pub enum LinkSender {
    /// Over TCP.
    Tcp(Arc<TcpSender>),
    /// Over UDP.
    Udp(Arc<UdpSender>),
}

/// Does with a link, or its half, what both transports do alike.
macro_rules! either {
    ($self:ident, $link:ident => $it:expr) => {
        match $self {
            Self::Tcp($link) => $it,
            Self::Udp($link) => $it,
        }
    };
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
        either!(self, link => link.peer())
    }

    /// The transport below the link.
    pub const fn transport(&self) -> Transport {
        match self {
            Self::Tcp(_) => Transport::Tcp,
            Self::Udp(_) => Transport::Udp,
        }
    }

    /// The counters of the session over UDP; `None` over TCP, where the system has them.
    pub fn session_counts(&self) -> Option<SessionCounts> {
        match self {
            Self::Tcp(_) => None,
            Self::Udp(link) => Some(link.counts()),
        }
    }

    /// Opens or closes the X-ray of a dialled link. Over TCP the system records by itself.
    pub fn observe(&self, is_open: bool) {
        match self {
            Self::Tcp(_) => {}
            Self::Udp(link) => link.observe(is_open),
        }
    }

    /// The X-ray: over UDP while it is [open](Self::observe), over TCP if the system tells.
    pub fn picture(&self) -> Option<LinkPicture> {
        match self {
            Self::Tcp(link) => link.picture().map(LinkPicture::Tcp),
            Self::Udp(link) => link.picture().map(|picture| LinkPicture::Udp(Box::new(picture))),
        }
    }

    /// Sets the conditions of a dialled UDP link both ways, or none: a bad network between its session and its socket, whose
    /// chances are drawn from `seed`. Over TCP nothing changes.
    pub fn set_conditions(&self, config: Option<LinkConfig>, seed: u64) {
        match self {
            Self::Tcp(_) => {}
            Self::Udp(link) => link.set_conditions(config, seed),
        }
    }

    /// Sends a message: writes it at once where the system takes it, and keeps the rest for
    /// [`recv`](Self::recv) to send on.
    ///
    /// # Errors
    ///
    /// [`SendError`] when too much is waiting; nothing of this message was taken.
    pub fn send(&mut self, payload: &[u8]) -> Result<(), SendError> {
        either!(self, link => link.send(payload))
    }

    /// Tells the link how much silence to expect. Over TCP the heartbeat alone counts it.
    pub fn set_pace(&self, pace: Pace) {
        match self {
            Self::Tcp(_) => {}
            Self::Udp(link) => link.expect_silence(pace.leniency()),
        }
    }

    /// The half that sends, for other tasks.
    pub fn sender(&self) -> LinkSender {
        match self {
            Self::Tcp(link) => LinkSender::Tcp(Arc::clone(link.sender())),
            Self::Udp(link) => LinkSender::Udp(Arc::clone(link.sender())),
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
        either!(self, link => link.recv().await)
    }

    /// Ends the link after delivering all messages but the one that [`LinkSender::send_newest`] keeps, within
    /// [`FAREWELL_TIMEOUT`].
    pub async fn close(self) {
        either!(self, link => link.close().await);
    }
}

impl LinkSender {
    /// Sends a message: writes it at once where the system takes it, and leaves the rest to [`Link::recv`]. Once the link
    /// is closed or broken, the message is dropped.
    ///
    /// # Errors
    ///
    /// [`SendError`] when too much is waiting; nothing of this message was taken.
    pub fn send(&self, payload: &[u8]) -> Result<(), SendError> {
        either!(self, sender => sender.send(payload))
    }

    /// Sends a message of which only the newest matters. Never fails: a message that must wait because the peer has
    /// not taken earlier ones is replaced by the next.
    pub fn send_newest(&self, payload: &[u8]) {
        either!(self, sender => sender.send_newest(payload));
    }

    /// Drops the message that [`send_newest`](Self::send_newest) keeps.
    pub fn forget_newest(&self) {
        either!(self, sender => sender.forget_newest());
    }
}
