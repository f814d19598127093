//! What carries lines of text between a server and a program that does not speak our protocol.
//!
//! As a [`Link`](crate::link::Link) carries messages: its users name no transport.

use std::{io, net::SocketAddr};

use bytes::Bytes;
use thiserror::Error;

use crate::{
    line::LineTooLong,
    link::{FAREWELL_TIMEOUT, Transport},
    tcp::TcpLines,
    udp::UdpLines,
};

/// Lines in, and replies out, each in one piece.
#[derive(Debug)]
pub struct Lines {
    inner: Inner,
    peer: SocketAddr,
}

/// Why no more lines come.
#[derive(Debug, Error)]
pub enum LinesError {
    /// A line was too long.
    #[error(transparent)]
    TooLong(#[from] LineTooLong),
    /// A reply was not read in time.
    #[error("a reply was not read in time")]
    Unread,
    /// The system reported an error.
    #[error("the connection broke")]
    Io(#[from] io::Error),
}

/// Boxed, since a task keeps room for each place that it is moved through.
#[derive(Debug)]
enum Inner {
    Tcp(Box<TcpLines>),
    Udp(Box<UdpLines>),
}

impl Lines {
    /// Lines on a TCP stream that began with one; `peer` is canonical.
    pub(crate) fn tcp(lines: TcpLines, peer: SocketAddr) -> Self {
        Self { inner: Inner::Tcp(Box::new(lines)), peer }
    }

    /// Lines by datagrams from an address that is proven; `peer` is canonical.
    pub(crate) fn udp(lines: UdpLines, peer: SocketAddr) -> Self {
        Self { inner: Inner::Udp(Box::new(lines)), peer }
    }

    /// The peer's canonical address.
    pub const fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// What they run over.
    pub const fn transport(&self) -> Transport {
        match self.inner {
            Inner::Tcp(_) => Transport::Tcp,
            Inner::Udp(_) => Transport::Udp,
        }
    }

    /// Waits for the next line, `None` once the peer has ended. A last line needs no newline.
    ///
    /// Cancel-safe: no line is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// [`LinesError`] when no more can come.
    pub async fn recv(&mut self) -> Result<Option<Bytes>, LinesError> {
        match &mut self.inner {
            Inner::Tcp(lines) => lines.recv().await,
            Inner::Udp(lines) => lines.recv().await,
        }
    }

    /// Sends a reply to the last line, in one write or one datagram, and waits until the system has taken it.
    ///
    /// # Errors
    ///
    /// [`LinesError`] when it does not take it in time, or says why not.
    pub async fn send(&mut self, reply: &[u8]) -> Result<(), LinesError> {
        match &mut self.inner {
            Inner::Tcp(lines) => lines.send(reply).await,
            Inner::Udp(lines) => {
                lines.send(reply);
                Ok(())
            }
        }
    }

    /// Ends it, within [`FAREWELL_TIMEOUT`].
    pub async fn close(mut self) {
        // A peer that does not listen to the end has its own reasons; there is nobody left to tell.
        let _gone = tokio::time::timeout(FAREWELL_TIMEOUT, async {
            match &mut self.inner {
                Inner::Tcp(lines) => lines.finish().await,
                Inner::Udp(_) => Ok(()),
            }
        })
        .await;
    }
}
