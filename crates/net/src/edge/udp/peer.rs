//! A client's socket: connected to one server, so that the system drops datagrams from anybody else.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    net::UdpSocket,
    time::{Instant, Sleep, sleep, timeout_at},
};

use super::socket::{Batch, Socket};
use crate::failure::{Failure, is_refusal};

/// Opens a UDP socket that is connected to `addr`. Sends nothing, so a closed port is not noticed yet: a datagram to it makes
/// one of the next calls fail with a refusal.
///
/// # Errors
///
/// [`Failure`] when no route leads there.
pub async fn connect(addr: SocketAddr) -> Result<UdpSocket, Failure> {
    let any: SocketAddr = match addr {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(addr).await?;
    Ok(socket)
}

/// A socket with one peer.
pub(super) struct PeerSocket {
    socket: Socket,
    batch: Batch<1>,
    peer: SocketAddr,
    /// Consecutive reads, without a wait between them, that brought no datagram.
    fruitless: u32,
    /// The pause after too many of them.
    pause: Option<Pin<Box<Sleep>>>,
}

/// The outcome of one read.
#[derive(Debug)]
pub(super) enum Received {
    /// Datagrams came.
    Datagrams,
    /// The peer's machine reports that nobody listens on the port.
    Refused,
    /// The system reports another error once, and the socket goes on: an interface or the network is down.
    Failed(io::Error),
}

impl PeerSocket {
    /// Opens a socket that is connected to `peer`.
    pub(super) async fn connect(peer: SocketAddr) -> Result<Self, Failure> {
        let socket = connect(peer).await?;
        // tokio sends nothing until the socket is known to be writable, and the first datagram would be lost.
        socket.writable().await?;
        Ok(Self::new(Socket::new(socket, Arc::default())?, peer))
    }

    pub(super) fn new(socket: Socket, peer: SocketAddr) -> Self {
        Self { batch: Batch::new(&socket), socket, peer, fruitless: 0, pause: None }
    }

    pub(super) const fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Sends a datagram or counts it as lost. Returns whether the peer's machine has refused an earlier one.
    ///
    /// Linux reports a refusal at the next call, and then does not do what it was called for. The next call is this one:
    /// no reader is woken for an error alone.
    pub(super) fn send(&self, datagram: &[u8]) -> bool {
        let mut sent = self.try_send(datagram);
        let is_refused = sent.as_ref().is_err_and(is_refusal);
        if is_refused {
            sent = self.try_send(datagram);
        }
        if let Err(error) = sent {
            self.socket.note_send_error(self.peer, &error);
        }
        is_refused
    }

    /// Sends a datagram, or returns the system's error.
    pub(super) fn try_send(&self, datagram: &[u8]) -> io::Result<()> {
        self.socket.inner().try_send(datagram).map(drop)
    }

    /// Waits for the outcome of a read, and hands each datagram to `take`. An error means that the runtime has ended.
    ///
    /// On some systems a refused socket stays readable although nothing can be read. Such a socket is read again only after a
    /// pause. Otherwise it would keep a core busy, and the thread from its timers.
    pub(super) fn poll_receive(
        &mut self,
        context: &mut Context<'_>,
        mut take: impl FnMut(&[u8]),
    ) -> Poll<io::Result<Received>> {
        loop {
            if self.fruitless >= MAX_FRUITLESS {
                let pause = self.pause.get_or_insert_with(|| Box::pin(sleep(PAUSE)));
                ready!(pause.as_mut().poll(context));
                self.pause = None;
                self.fruitless = 0;
            }
            let Poll::Ready(ready) = self.socket.inner().poll_recv_ready(context) else {
                self.fruitless = 0;
                return Poll::Pending;
            };
            ready?;
            match self.socket.receive(&mut self.batch, |_path, datagram| take(datagram)) {
                Ok(_) => {
                    self.fruitless = 0;
                    return Poll::Ready(Ok(Received::Datagrams));
                }
                Err(error) => {
                    self.fruitless += 1;
                    if is_refusal(&error) {
                        return Poll::Ready(Ok(Received::Refused));
                    }
                    if error.kind() != io::ErrorKind::WouldBlock {
                        return Poll::Ready(Ok(Received::Failed(error)));
                    }
                }
            }
        }
    }

    /// [`poll_receive`](Self::poll_receive) until a deadline; `None` when it is over.
    pub(super) async fn receive_until(
        &mut self,
        deadline: Instant,
        mut take: impl FnMut(&[u8]),
    ) -> io::Result<Option<Received>> {
        let receive = std::future::poll_fn(|context| self.poll_receive(context, &mut take));
        timeout_at(deadline, receive).await.ok().transpose()
    }
}

/// Consecutive reads that may bring no datagram. One is usual: it finds that the last one has emptied the socket.
pub(super) const MAX_FRUITLESS: u32 = 8;

/// Pause before a socket that seems stuck is read again: short for a player, long for a processor.
pub(super) const PAUSE: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use std::net::Shutdown;

    use socket2::SockRef;

    use super::*;

    impl PeerSocket {
        /// A socket that is readable for good and has nothing to read, which some systems make of a refused one; and its
        /// peer, which is silent.
        pub(in super::super) async fn stuck() -> (Self, std::net::UdpSocket) {
            let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
            let socket = Self::connect(silent.local_addr().unwrap()).await.unwrap();
            SockRef::from(socket.socket.inner()).shutdown(Shutdown::Read).unwrap();
            (socket, silent)
        }
    }

    #[tokio::test]
    async fn a_socket_that_stays_readable_is_read_now_and_then() {
        let (mut socket, _silent) = PeerSocket::stuck().await;
        let mut polls = 0;
        let deadline = Instant::now() + 5 * PAUSE;
        let read = std::future::poll_fn(|context| {
            polls += 1;
            socket.poll_receive(context, |datagram| panic!("{datagram:?}")).map(|received| received.unwrap())
        });
        assert!(timeout_at(deadline, read).await.is_err());
        assert!(polls <= 10, "{polls} polls in {:?}", 5 * PAUSE);
    }
}
