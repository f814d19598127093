//! What carries messages between a client and a server, whichever transport is below.
//!
//! A [`Link`] is owned by one task, which drives it by awaiting [`Link::recv`]: that one future receives and
//! also sends on what [`Link::send`] could not write at once. Users name no transport.

use std::{fmt, io, net::SocketAddr, time::Duration};

use bytes::Bytes;
use thiserror::Error;
use tokio::time::timeout;

use crate::{
    arq::{Closed, SessionCounts},
    frame::FrameError,
    tcp::TcpLink,
    udp::UdpLink,
};

/// How long a link that is closed may take to bring out its last words.
pub const FAREWELL_TIMEOUT: Duration = Duration::from_secs(1);

/// One connection that carries whole messages, each way in order, each at most once.
#[derive(Debug)]
pub struct Link {
    inner: Inner,
    peer: SocketAddr,
}

/// What a link runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Our own ARQ over UDP datagrams.
    Udp,
    /// Frames on a TCP stream.
    Tcp,
}

/// Why a link broke.
#[derive(Debug, Error)]
pub enum LinkError {
    /// The peer ended the stream inside a frame.
    #[error("the connection ended inside a message")]
    Truncated,
    /// A frame of an impossible length.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A frame began and did not end in time.
    #[error("a message was not completed in time")]
    FrameTimeout,
    /// The session over datagrams ended, and not because either side wanted it to.
    #[error("the connection was lost: {0}")]
    Session(Closed),
    /// The system reported an error.
    #[error("the connection broke")]
    Io(#[from] io::Error),
}

/// What is waiting to be written has reached its bound: the peer does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the peer does not read what it is sent")]
pub struct SendError;

/// Boxed, since a task keeps room for each place that a link is moved through.
#[derive(Debug)]
enum Inner {
    Tcp(Box<TcpLink>),
    Udp(Box<UdpLink>),
}

impl Link {
    /// A link over a TCP stream whose prefaces have been exchanged; `peer` is canonical.
    pub(crate) fn tcp(link: TcpLink, peer: SocketAddr) -> Self {
        Self { inner: Inner::Tcp(Box::new(link)), peer }
    }

    /// A link over a session that both sides have agreed on; `peer` is canonical.
    pub(crate) fn udp(link: UdpLink, peer: SocketAddr) -> Self {
        Self { inner: Inner::Udp(Box::new(link)), peer }
    }

    /// The peer's canonical address.
    pub const fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// What the link runs over.
    pub const fn transport(&self) -> Transport {
        match self.inner {
            Inner::Tcp(_) => Transport::Tcp,
            Inner::Udp(_) => Transport::Udp,
        }
    }

    /// What the session over UDP did so far; `None` over TCP, where the system knows.
    pub const fn session_counts(&self) -> Option<SessionCounts> {
        match &self.inner {
            Inner::Tcp(_) => None,
            Inner::Udp(link) => Some(link.counts()),
        }
    }

    /// Sends a message: writes it at once where the system takes it, and keeps the rest for
    /// [`recv`](Self::recv) to send on.
    ///
    /// # Errors
    ///
    /// [`SendError`] when too much is waiting; nothing of this message was taken.
    pub fn send(&mut self, payload: &[u8]) -> Result<(), SendError> {
        match &mut self.inner {
            Inner::Tcp(link) => link.send(payload),
            Inner::Udp(link) => link.send(payload),
        }
    }

    /// Sends a message of which only the newest matters, and never fails: while the peer has not taken what was sent
    /// before, it is kept, and the next one takes its place. [`recv`](Self::recv) sends it on.
    pub fn send_newest(&mut self, payload: &[u8]) {
        match &mut self.inner {
            Inner::Tcp(link) => link.send_newest(payload),
            Inner::Udp(link) => link.send_newest(payload),
        }
    }

    /// Forgets what [`send_newest`](Self::send_newest) has kept, since it matters no more.
    pub fn forget_newest(&mut self) {
        match &mut self.inner {
            Inner::Tcp(link) => link.forget_newest(),
            Inner::Udp(link) => link.forget_newest(),
        }
    }

    /// Waits for the next message, `None` once the peer has ended the link between two messages, and sends
    /// on what is waiting.
    ///
    /// Cancel-safe: no message is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// [`LinkError`] when the link broke; it is of no more use.
    pub async fn recv(&mut self) -> Result<Option<Bytes>, LinkError> {
        match &mut self.inner {
            Inner::Tcp(link) => link.recv().await,
            Inner::Udp(link) => link.recv().await,
        }
    }

    /// Ends the link after bringing out what was sent, but for what [`send_newest`](Self::send_newest) has kept, within [`FAREWELL_TIMEOUT`].
    pub async fn close(mut self) {
        // A peer that does not listen to the end has its own reasons; there is nobody left to tell.
        let _gone = timeout(FAREWELL_TIMEOUT, async {
            match &mut self.inner {
                Inner::Tcp(link) => link.finish().await.map_err(LinkError::from),
                Inner::Udp(link) => link.finish().await,
            }
        })
        .await;
    }
}

impl Transport {
    /// Its name in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        })
    }
}
