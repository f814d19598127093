//! `ENet` by `rusty_enet`: reliable packets on one channel.
//!
//! `ENet` has to be called often. A task for each host calls it for each datagram that comes, for each message that leaves,
//! and every millisecond.

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use bytes::Bytes;
use rusty_enet::{Event, EventNoRef, Host, HostSettings, MTU_MAX, Packet, PacketReceived, PeerID};
use tokio::{
    net::UdpSocket,
    sync::{mpsc, oneshot},
    task::{JoinSet, yield_now},
    time::interval,
};

use super::{Connection, Transport};

/// `ENet` over UDP.
#[derive(Debug)]
pub(crate) struct Enet;

/// One peer of a host.
#[derive(Debug)]
pub(crate) struct EnetConnection {
    peer: PeerID,
    inbox: mpsc::Receiver<Bytes>,
    outbox: mpsc::Sender<(PeerID, Packet)>,
    /// The client's host, which ends with its only connection.
    _host: JoinSet<anyhow::Result<()>>,
}

impl Transport for Enet {
    type Connection = EnetConnection;

    async fn serve(&self, addr: SocketAddr, ready: fn(), each: fn(EnetConnection)) -> anyhow::Result<()> {
        let running = Running::new(addr, MAX_PEERS).await?;
        ready();
        running.run(each).await
    }

    async fn connect(&self, addr: SocketAddr) -> anyhow::Result<EnetConnection> {
        let mut running = Running::new(([0, 0, 0, 0], 0).into(), 1).await?;
        running.host.connect(addr, 1, 0).context("a new host has a place for its only peer")?;
        let (connected_tx, connected_rx) = oneshot::channel();
        let mut connected_tx = Some(connected_tx);
        let mut host = JoinSet::new();
        host.spawn_local(running.run(move |connection| {
            if let Some(connected_tx) = connected_tx.take() {
                // Nobody waits for it any more if the client has given up.
                connected_tx.send(connection).ok();
            }
        }));
        let connection = connected_rx.await.context("the host gave up")?;
        Ok(EnetConnection { _host: host, ..connection })
    }
}

impl Connection for EnetConnection {
    async fn send(&mut self, message: &[u8]) -> anyhow::Result<()> {
        self.outbox.send((self.peer, Packet::reliable(message))).await.context("the host has gone")
    }

    async fn recv(&mut self) -> anyhow::Result<Bytes> {
        self.inbox.recv().await.context("the peer has gone")
    }
}

/// A host, its queue of messages to send, and the queues of its connections.
#[derive(Debug)]
struct Running {
    host: Host<Socket>,
    socket: Arc<UdpSocket>,
    outbox_tx: mpsc::Sender<(PeerID, Packet)>,
    outbox: mpsc::Receiver<(PeerID, Packet)>,
    inboxes_by_peer: BTreeMap<usize, mpsc::Sender<Bytes>>,
}

impl Running {
    async fn new(addr: SocketAddr, max_peers: usize) -> anyhow::Result<Self> {
        let socket = Arc::new(UdpSocket::bind(addr).await?);
        // tokio does not even try to write before the socket is known to be writable.
        socket.writable().await?;
        let settings = HostSettings { peer_limit: max_peers, channel_limit: 1, ..HostSettings::default() };
        let host = Host::new(Socket(Arc::clone(&socket)), settings)?;
        let (outbox_tx, outbox) = mpsc::channel(QUEUE);
        Ok(Self { host, socket, outbox_tx, outbox, inboxes_by_peer: BTreeMap::new() })
    }

    /// Runs the host, and hands every new connection to `each`.
    async fn run(mut self, mut each: impl FnMut(EnetConnection)) -> anyhow::Result<()> {
        let mut tick = interval(TICK);
        loop {
            while let Some(event) = self.host.service()?.map(Event::no_ref) {
                self.handle(event, &mut each);
                // An answer now leaves in one datagram with the acknowledgement.
                yield_now().await;
                self.send_queued()?;
            }
            tokio::select! {
                readable = self.socket.readable() => readable?,
                Some((peer, packet)) = self.outbox.recv() => self.host.peer_mut(peer).send(0, &packet)?,
                _ = tick.tick() => {}
            }
        }
    }

    fn handle(&mut self, event: EventNoRef, each: &mut impl FnMut(EnetConnection)) {
        match event {
            EventNoRef::Connect { peer, .. } => {
                let (inbox_tx, inbox) = mpsc::channel(QUEUE);
                self.inboxes_by_peer.insert(peer.0, inbox_tx);
                each(EnetConnection { peer, inbox, outbox: self.outbox_tx.clone(), _host: JoinSet::new() });
            }
            EventNoRef::Receive { peer, packet, .. } => {
                if let Some(inbox) = self.inboxes_by_peer.get(&peer.0) {
                    // A connection may have been given up before its peer knows. A full inbox is as unlikely as two
                    // messages in it: one is outstanding.
                    inbox.try_send(Bytes::copy_from_slice(packet.data())).ok();
                }
            }
            EventNoRef::Disconnect { peer, .. } => drop(self.inboxes_by_peer.remove(&peer.0)),
        }
    }

    fn send_queued(&mut self) -> anyhow::Result<()> {
        while let Ok((peer, packet)) = self.outbox.try_recv() {
            self.host.peer_mut(peer).send(0, &packet)?;
        }
        Ok(())
    }
}

/// A socket for `ENet`.
#[derive(Debug)]
struct Socket(Arc<UdpSocket>);

impl rusty_enet::Socket for Socket {
    type Address = SocketAddr;
    type Error = io::Error;

    fn send(&mut self, address: SocketAddr, buffer: &[u8]) -> io::Result<usize> {
        or_if_blocked(self.0.try_send_to(buffer, address), 0)
    }

    fn receive(&mut self, buffer: &mut [u8; MTU_MAX]) -> io::Result<Option<(SocketAddr, PacketReceived)>> {
        let received = self.0.try_recv_from(buffer);
        or_if_blocked(received.map(|(length, from)| Some((from, PacketReceived::Complete(length)))), None)
    }
}

fn or_if_blocked<T>(outcome: io::Result<T>, otherwise: T) -> io::Result<T> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(otherwise),
        _ => outcome,
    }
}

/// Messages in the queues to and from a host: a server needs one for each of its peers.
const QUEUE: usize = 1024;

/// The resolution of `ENet`'s time.
const TICK: Duration = Duration::from_millis(1);

/// Peers of a server at once, with those whose end it does not know yet.
const MAX_PEERS: usize = 1024;
