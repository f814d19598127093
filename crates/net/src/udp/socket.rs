//! One UDP socket, set up as the protocol wants it.

use std::{
    io::{self, IoSliceMut},
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
use tokio::{io::Interest, net::UdpSocket};
use tracing::debug;

use crate::arq::{MAX_DATAGRAM, Path};

/// A socket that never fragments, knows which of our addresses each datagram came to, and answers from there.
///
/// quinn-udp sets `IP_MTU_DISCOVER` to `PMTUDISC_PROBE`: DF as with `PMTUDISC_DO`, but a forged ICMP message cannot
/// talk the path's MTU down.
#[derive(Debug)]
pub(super) struct Socket {
    inner: UdpSocket,
    state: UdpSocketState,
    /// Datagrams that the system did not take. None of them ends anything: a firewall (`EPERM`) may change its mind,
    /// an interface (`ENETUNREACH`) may come up again, and what was lost is sent again.
    send_errors: AtomicU64,
}

/// Room for what one system call brings.
pub(super) struct Batch {
    buffers: Vec<Box<[u8]>>,
    metas: [RecvMeta; BATCH],
}

impl Socket {
    pub(super) fn new(socket: UdpSocket) -> io::Result<Self> {
        let state = UdpSocketState::new((&socket).into())?;
        Ok(Self { inner: socket, state, send_errors: AtomicU64::new(0) })
    }

    /// The socket, for what needs no more than that.
    pub(super) const fn inner(&self) -> &UdpSocket {
        &self.inner
    }

    /// Sends a datagram, or counts it as lost. From `path.local`, if that is known, so that a peer which is connected to
    /// that address sees the answer come from there.
    pub(super) fn send(&self, path: Path, datagram: &[u8]) {
        let transmit = Transmit {
            destination: path.peer,
            ecn: None,
            contents: datagram,
            segment_size: None,
            src_ip: path.local,
        };
        let sent =
            self.inner.try_io(Interest::WRITABLE, || self.state.try_send((&self.inner).into(), &transmit));
        if let Err(error) = sent {
            self.note_send_error(path.peer, &error);
        }
    }

    /// Sends a datagram to the only peer, or counts it as lost. Returns whether the peer's machine has said, to an
    /// earlier one, that nobody listens there.
    ///
    /// Linux reports that at the next call, and then does not do what it was called for. The next call is this one:
    /// no reader is woken for an error alone.
    pub(super) fn send_connected(&self, peer: SocketAddr, datagram: &[u8]) -> bool {
        let mut sent = self.inner.try_send(datagram);
        let is_refused = sent.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        if is_refused {
            sent = self.inner.try_send(datagram);
        }
        if let Err(error) = sent {
            self.note_send_error(peer, &error);
        }
        is_refused
    }

    /// Reads what is there, at most a batch of datagrams, and gives each to `take`.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is nothing; else what the system says, which a UDP socket survives.
    pub(super) fn receive(&self, batch: &mut Batch, mut take: impl FnMut(Path, &[u8])) -> io::Result<()> {
        let Batch { buffers, metas } = batch;
        let count = {
            let mut buffers = buffers.iter_mut();
            let mut slices: [IoSliceMut<'_>; BATCH] =
                std::array::from_fn(|_| IoSliceMut::new(buffers.next().map_or(&mut [], |buffer| buffer)));
            self.inner
                .try_io(Interest::READABLE, || self.state.recv((&self.inner).into(), &mut slices, metas))?
        };
        for (buffer, meta) in buffers.iter().zip(metas.iter()).take(count) {
            let path = Path { peer: meta.addr, local: meta.dst_ip };
            if meta.len == 0 {
                // An empty datagram is one, too.
                take(path, &[]);
            }
            // The kernel may have joined datagrams of one peer (UDP_GRO).
            for datagram in buffer[..meta.len].chunks(meta.stride.max(1)) {
                take(path, datagram);
            }
        }
        Ok(())
    }

    /// Datagrams that the system did not take.
    pub(super) fn send_errors(&self) -> u64 {
        self.send_errors.load(Ordering::Relaxed)
    }

    fn note_send_error(&self, peer: SocketAddr, error: &io::Error) {
        let count = self.send_errors.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        // The first, the second, the fourth …: a flood of errors makes few lines.
        if count.is_power_of_two() {
            debug!(%peer, %error, count, "datagrams were not taken");
        }
    }
}

impl Batch {
    pub(super) fn new(socket: &Socket) -> Self {
        let room = MAX_DATAGRAM * socket.state.gro_segments().min(MAX_JOINED);
        Self {
            buffers: (0..BATCH).map(|_| vec![0; room.max(LARGEST)].into()).collect(),
            metas: [RecvMeta::default(); BATCH],
        }
    }
}

/// Datagrams, or joined runs of them, that are read by one system call.
const BATCH: usize = 32;

/// Datagrams that the kernel joins at most (`UDP_GRO_CNT_MAX`, include/linux/udp.h).
const MAX_JOINED: usize = 64;

/// Bytes of the largest UDP payload, since what is too long for us must not be cut to what looks like ours.
const LARGEST: usize = 65_535;
