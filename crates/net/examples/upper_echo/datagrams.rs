//! A UDP socket that answers from the address that was asked.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};

use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::task::consume_budget;

/// The two addresses of a datagram.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path {
    /// The peer's address.
    pub(crate) peer: SocketAddr,
    /// The address of this machine, if the system tells it.
    local: Option<IpAddr>,
}

/// A UDP socket for many peers.
///
/// A machine has several addresses. An answer has to come from the one that was asked, or the peer's system drops it. A
/// socket that is bound to `[::]` sends from the address that leads to the peer, which on a machine with two networks may be
/// the other one.
pub(crate) struct DatagramSocket {
    socket: UdpSocket,
    state: UdpSocketState,
    buffer: Box<[u8]>,
}

impl DatagramSocket {
    pub(crate) fn new(socket: UdpSocket) -> io::Result<Self> {
        let state = UdpSocketState::new((&socket).into())?;
        Ok(Self { socket, state, buffer: vec![0; LARGEST].into() })
    }

    /// Waits for datagrams of one peer: one, or several that the system has joined. An empty one is a datagram, too.
    pub(crate) async fn recv(&mut self) -> io::Result<(Path, Vec<&[u8]>)> {
        let meta = loop {
            // Without this, a flood would keep the thread from everything else.
            consume_budget().await;
            self.socket.readable().await?;
            let mut metas = [RecvMeta::default()];
            let received = self.socket.try_io(Interest::READABLE, || {
                self.state.recv((&self.socket).into(), &mut [IoSliceMut::new(&mut self.buffer)], &mut metas)
            });
            match received {
                Ok(_) => break metas[0],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => eprintln!("a datagram could not be received: {error}"),
            }
        };
        let received = &self.buffer[..meta.len];
        let datagrams =
            if received.is_empty() { vec![received] } else { received.chunks(meta.stride).collect() };
        Ok((Path { peer: meta.addr, local: meta.dst_ip }, datagrams))
    }

    /// Sends a datagram back along `path`. If the system does not take it, it is lost, as any may be on the way.
    pub(crate) fn send(&self, path: Path, datagram: &[u8]) {
        let transmit = Transmit {
            destination: path.peer,
            ecn: None,
            contents: datagram,
            segment_size: None,
            src_ip: path.local,
        };
        let send = || self.state.try_send((&self.socket).into(), &transmit);
        let _lost = self.socket.try_io(Interest::WRITABLE, send);
    }
}

/// Bytes of the largest datagram, or of a run of joined ones.
const LARGEST: usize = 65_535;
