//! One UDP socket with the options that the protocol needs.

use std::{
    io::{self, IoSliceMut},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
use tokio::{io::Interest, net::UdpSocket};
use tracing::debug;

use crate::{
    arq::{MAX_DATAGRAM, Path},
    traffic::Traffic,
};

/// A socket that never fragments, tells the local address of each datagram, and answers from there.
///
/// A machine has several addresses. An answer has to come from the one that was asked, or the peer's system drops it. A
/// socket that is bound to `[::]` sends from the address that leads to the peer, which on a machine with two networks may be
/// the other one.
///
/// quinn-udp sets `IP_MTU_DISCOVER` to `PMTUDISC_PROBE`: DF as with `PMTUDISC_DO`, but a forged ICMP message cannot
/// talk the path's MTU down.
#[derive(Debug)]
pub struct Socket {
    inner: UdpSocket,
    state: UdpSocketState,
    /// Datagrams that the system did not take. Such an error is not fatal: a firewall (`EPERM`) may be changed, an interface
    /// (`ENETUNREACH`) may come up again, and lost datagrams are sent again.
    send_errors: AtomicU64,
    /// Bytes of all datagrams, whatever they were.
    traffic: Arc<Traffic>,
}

/// Buffers for one system call: `N` datagrams, or runs of them that the kernel has joined.
#[derive(Debug)]
pub struct Batch<const N: usize> {
    buffers: [Box<[u8]>; N],
    metas: [RecvMeta; N],
}

impl Socket {
    /// Sets the options of a bound socket. `traffic` counts the bytes of all its datagrams.
    ///
    /// # Errors
    ///
    /// Whatever the system says, if it lacks an option.
    pub fn new(socket: UdpSocket, traffic: Arc<Traffic>) -> io::Result<Self> {
        let state = UdpSocketState::new((&socket).into())?;
        Ok(Self { inner: socket, state, send_errors: AtomicU64::new(0), traffic })
    }

    /// Asks for a larger receive buffer. A system with a lower limit (`net.core.rmem_max`) silently gives less; then a few
    /// more datagrams are lost and sent again.
    pub(super) fn make_room(&self) {
        if let Err(error) = self.state.set_recv_buffer_size((&self.inner).into(), UNREAD) {
            debug!(%error, "a UDP socket keeps its receive buffer");
        }
    }

    /// The socket itself.
    pub const fn inner(&self) -> &UdpSocket {
        &self.inner
    }

    /// Sends a datagram, or counts it as lost. It is sent from `path.local`, if that is known, so that it comes from the address
    /// that the peer is connected to.
    pub fn send(&self, path: Path, datagram: &[u8]) {
        let transmit = Transmit {
            destination: path.peer,
            ecn: None,
            contents: datagram,
            segment_size: None,
            src_ip: path.local,
        };
        let sent =
            self.inner.try_io(Interest::WRITABLE, || self.state.try_send((&self.inner).into(), &transmit));
        match sent {
            Ok(()) => self.traffic.note_sent(datagram.len()),
            Err(error) => self.note_send_error(path.peer, &error),
        }
    }

    /// Reads at most a batch of datagrams, and passes each to `take`. Returns true if more may be there; otherwise the socket
    /// becomes readable when more come.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no datagram; otherwise an error of the system, which a UDP socket survives.
    pub fn receive<const N: usize>(
        &self,
        batch: &mut Batch<N>,
        mut take: impl FnMut(Path, &[u8]),
    ) -> io::Result<bool> {
        let Batch { buffers, metas } = batch;
        // Some systems give one datagram at a time, however many there are.
        let full = N.min(quinn_udp::BATCH_SIZE);
        let mut count = 0;
        let received = {
            let mut slices = buffers.each_mut().map(|buffer| IoSliceMut::new(buffer));
            self.inner.try_io(Interest::READABLE, || {
                count = self.state.recv((&self.inner).into(), &mut slices, metas)?;
                // A batch that is not full has emptied the socket. This error tells the runtime so, which saves another
                // system call; for a stream the runtime does it by itself.
                if count < full { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
            })
        };
        let is_full = received.is_ok();
        if count == 0 {
            received?;
        }
        for (buffer, meta) in buffers.iter().zip(metas.iter()).take(count) {
            self.traffic.note_received(meta.len);
            let path = Path { peer: meta.addr, local: meta.dst_ip };
            if meta.len == 0 {
                // An empty datagram counts as well.
                take(path, &[]);
            }
            // The kernel may have joined datagrams of one peer (UDP_GRO).
            for datagram in buffer[..meta.len].chunks(meta.stride.max(1)) {
                take(path, datagram);
            }
        }
        Ok(is_full)
    }

    /// Datagrams that the system did not take.
    pub(super) fn send_errors(&self) -> u64 {
        self.send_errors.load(Ordering::Relaxed)
    }

    pub(super) fn note_send_error(&self, peer: SocketAddr, error: &io::Error) {
        let count = self.send_errors.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        // The first, the second, the fourth, and so on: a flood of errors makes few lines.
        if count.is_power_of_two() {
            debug!(%peer, %error, count, "datagrams were not taken");
        }
    }
}

impl<const N: usize> Batch<N> {
    /// Makes buffers for a socket.
    pub fn new(socket: &Socket) -> Self {
        let joined = MAX_DATAGRAM * socket.state.gro_segments().min(MAX_JOINED);
        Self {
            buffers: std::array::from_fn(|_| vec![0; joined.max(LARGEST)].into()),
            metas: [RecvMeta::default(); N],
        }
    }
}

/// Bytes of the receive buffer: a short datagram of each of 4,096 sessions, after a moment in which the process did not run.
/// Linux counts 768 bytes for each, and doubles the size that it is asked for (socket(7)). Its default holds 277 datagrams,
/// and dropped one in 300 of 200 players who played as fast as they could.
const UNREAD: usize = 2 * 1024 * 1024;

/// Most datagrams that the kernel joins (`UDP_GRO_CNT_MAX`, include/linux/udp.h).
const MAX_JOINED: usize = 64;

/// Bytes of the largest UDP payload: a datagram that is too long must not be cut to one that looks like ours.
const LARGEST: usize = 65_535;
