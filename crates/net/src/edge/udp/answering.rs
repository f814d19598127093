//! A socket for plain datagrams, for who answers them without our protocol.

use std::{collections::VecDeque, fmt, io};

use bytes::Bytes;
use tokio::{net::UdpSocket, task::consume_budget};
use tracing::debug;

use super::socket::{Batch, Socket};
use crate::arq::Path;

/// A UDP socket for many peers that says on which [`Path`] each datagram came, and sends along it.
///
/// A machine has several addresses. What answers a datagram has to come from the one that it was sent to, or the peer's
/// system drops it. A socket that is bound to `[::]` does not do so by itself: the system takes the address that leads to
/// the peer, which on a machine with two networks may be the other one. Where the system does not tell the address
/// (`path.local` is `None`), it chooses, too.
pub struct AnsweringSocket {
    socket: Socket,
    batch: Batch<1>,
    /// Datagrams that one system call brought together: at most [`Batch`] has room for.
    unread: VecDeque<(Path, Bytes)>,
}

impl AnsweringSocket {
    /// Takes over a bound socket, such as [`bind_udp`](crate::bind::bind_udp) gives.
    ///
    /// # Errors
    ///
    /// What the system says to the options of the socket.
    pub fn new(socket: UdpSocket) -> io::Result<Self> {
        let socket = Socket::new(socket)?;
        Ok(Self { batch: Batch::new(&socket), socket, unread: VecDeque::new() })
    }

    /// Waits for the next datagram, of any length, and says how it came. Nothing is lost if the returned future is
    /// dropped.
    ///
    /// # Errors
    ///
    /// The system's, when the socket is of no more use.
    pub async fn recv(&mut self) -> io::Result<(Path, Bytes)> {
        loop {
            if let Some(datagram) = self.unread.pop_front() {
                return Ok(datagram);
            }
            // Without it, who floods us would keep the thread from everything else that it has to do.
            consume_budget().await;
            self.socket.inner().readable().await?;
            let unread = &mut self.unread;
            let take = |path, datagram: &[u8]| unread.push_back((path, Bytes::copy_from_slice(datagram)));
            match self.socket.receive(&mut self.batch, take) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => debug!(%error, "a UDP socket reports an error"),
            }
        }
    }

    /// Sends a datagram back along `path`. What the system does not take is lost, as anything may be on the way.
    pub fn send(&self, path: Path, datagram: &[u8]) {
        self.socket.send(path, datagram);
    }
}

impl fmt::Debug for AnsweringSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnsweringSocket").field("socket", &self.socket).finish_non_exhaustive()
    }
}
