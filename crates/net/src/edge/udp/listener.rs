//! The server's side: one socket for all peers, and the task that finds the session of each datagram.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    io,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use tokio::{
    net::UdpSocket,
    sync::mpsc,
    task::{JoinHandle, yield_now},
    time::{Instant, sleep},
};
use tracing::{debug, warn};

use super::{
    link::{Feed, Route, UdpLink},
    peer::{MAX_FRUITLESS, PAUSE},
    socket::{Batch, Socket},
};
use crate::{
    addr::canonical,
    arq::{Cid, Config, Endpoint, EndpointCounts, Packet, Path, Routed, Session},
    traffic::Traffic,
};

/// Accepts clients over one UDP socket.
#[derive(Debug)]
pub struct Listener {
    accepted: mpsc::Receiver<UdpLink>,
    driver: JoinHandle<ListenerCounts>,
}

/// A question of somebody whose address is proven.
#[derive(Debug)]
pub struct Asked {
    /// The question: a message.
    pub message: Bytes,
    socket: Arc<Socket>,
    path: Path,
    client_cid: Cid,
}

impl Asked {
    /// The asker's canonical address.
    pub const fn peer(&self) -> SocketAddr {
        canonical(self.path.peer)
    }

    /// Sends the answer, a message, or loses it as any datagram.
    pub fn answer(self, message: &[u8]) {
        let mut datagram = BytesMut::new();
        Packet::Answer { client_cid: self.client_cid, message }.encode(&mut datagram);
        self.socket.send(self.path, &datagram);
    }
}

/// The counters of a listener.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListenerCounts {
    /// The clients and datagrams that were accepted and refused.
    pub endpoint: EndpointCounts,
    /// Datagrams that the system did not take from us.
    pub send_errors: u64,
}

impl Listener {
    /// Starts to accept clients. `config` bounds their number. Questions are not answered.
    ///
    /// # Errors
    ///
    /// The system's, about the options of the socket or random numbers.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn new(socket: UdpSocket, config: Config) -> io::Result<Self> {
        let (nobody, _) = mpsc::channel(1);
        Self::answering(socket, config, nobody, Arc::default())
    }

    /// Starts to accept clients, and passes questions to `asked`, or drops them while it is full. `traffic` counts the bytes of
    /// all datagrams, whatever they were.
    ///
    /// # Errors
    ///
    /// As of [`new`](Self::new).
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn answering(
        socket: UdpSocket,
        config: Config,
        asked: mpsc::Sender<Asked>,
        traffic: Arc<Traffic>,
    ) -> io::Result<Self> {
        let mut key = [0; 16];
        getrandom::fill(&mut key)?;
        let socket = Arc::new(Socket::new(socket, traffic)?);
        socket.make_room();
        let (accept, accepted) = mpsc::channel(UNACCEPTED);
        // Each session holds one place, so it is never full.
        let (end, ended) = mpsc::channel(config.sessions.max(1));
        let now = Instant::now().into_std();
        let driver = Driver {
            batch: Batch::new(&socket),
            socket,
            endpoint: Endpoint::new(now, config, key),
            feeds: BTreeMap::new(),
            accept,
            asked,
            end,
            fruitless: 0,
        };
        Ok(Self { accepted, driver: tokio::spawn(driver.run(ended)) })
    }

    /// Waits for the next client.
    pub async fn accept(&mut self) -> UdpLink {
        poll_fn(|context| self.poll_accept(context)).await
    }

    /// Poll form of [`accept`](Self::accept), for selecting over several listeners.
    pub fn poll_accept(&mut self, context: &mut Context<'_>) -> Poll<UdpLink> {
        match self.accepted.poll_recv(context) {
            Poll::Ready(Some(link)) => Poll::Ready(link),
            // The driver has failed, which its own report says. No client comes any more.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }

    /// Stops accepting clients. The links continue.
    pub fn close(&mut self) {
        self.accepted.close();
        // The links that were not accepted yet close as they are dropped.
        while self.accepted.try_recv().is_ok() {}
    }

    /// Stops accepting clients, and waits until the last link has ended.
    pub async fn ended(mut self) -> ListenerCounts {
        self.close();
        drop(self.accepted);
        self.driver.await.unwrap_or_else(|failure| {
            warn!(%failure, "the task of a UDP socket failed");
            ListenerCounts::default()
        })
    }
}

struct Driver {
    socket: Arc<Socket>,
    batch: Batch<BATCH>,
    endpoint: Endpoint,
    feeds: BTreeMap<Cid, Feed>,
    accept: mpsc::Sender<UdpLink>,
    asked: mpsc::Sender<Asked>,
    /// Given to each link, which reports its end by it.
    end: mpsc::Sender<Cid>,
    /// Reads in a row that brought no datagram.
    fruitless: u32,
}

impl Driver {
    async fn run(mut self, mut ended: mpsc::Receiver<Cid>) -> ListenerCounts {
        loop {
            let is_closed = self.accept.is_closed();
            if is_closed && self.feeds.is_empty() {
                break;
            }
            tokio::select! {
                readable = self.socket.inner().readable() => {
                    if let Err(error) = readable {
                        warn!(%error, "a UDP socket is of no more use");
                        break;
                    }
                    let is_more = self.receive();
                    if self.fruitless >= MAX_FRUITLESS {
                        // A socket that is readable for good and has nothing to read would keep the thread.
                        sleep(PAUSE).await;
                        self.fruitless = 0;
                    } else if is_more {
                        // One batch a turn: now the links take their datagrams.
                        yield_now().await;
                    }
                }
                Some(cid) = ended.recv() => self.forget(cid),
                () = self.accept.closed(), if !is_closed => {}
            }
        }
        ListenerCounts { endpoint: self.endpoint.counts(), send_errors: self.socket.send_errors() }
    }

    /// Takes in one batch of datagrams. Returns true if more may be there.
    fn receive(&mut self) -> bool {
        let now = Instant::now().into_std();
        self.endpoint.set_room(if self.accept.is_closed() { 0 } else { self.accept.capacity() });
        let Self { socket, batch, .. } = self;
        let mut new = Vec::new();
        let (endpoint, feeds, asked) = (&mut self.endpoint, &self.feeds, &self.asked);
        let received =
            socket.receive(batch, |path, datagram| match endpoint.handle_datagram(now, path, datagram) {
                Some(Routed::Session(cid)) => {
                    if let Some(feed) = feeds.get(&cid) {
                        feed.put(now, datagram);
                    }
                }
                Some(Routed::Accepted(session)) => new.push((path, session)),
                Some(Routed::Asked { client_cid, message }) => {
                    // Whoever gets no answer asks again.
                    let _full =
                        asked.try_send(Asked { message, socket: Arc::clone(socket), path, client_cid });
                }
                None => {}
            });
        match &received {
            Ok(_) => self.fruitless = 0,
            Err(error) => {
                self.fruitless += 1;
                if error.kind() != io::ErrorKind::WouldBlock {
                    debug!(%error, "a UDP socket reports an error");
                }
            }
        }
        for (path, session) in new {
            self.open(path, *session);
        }
        while let Some(transmit) = self.endpoint.poll_transmit() {
            self.socket.send(transmit.path, &transmit.datagram);
        }
        received.unwrap_or(false)
    }

    /// Makes a link of a new session, for which there is room.
    fn open(&mut self, path: Path, session: Session) {
        let cid = session.local_cid();
        let Ok(end) = self.end.clone().try_reserve_owned() else {
            warn!("more sessions than places");
            return self.endpoint.forget(Instant::now().into_std(), cid);
        };
        let route = Route::Shared { socket: Arc::clone(&self.socket), path, end: Some(end) };
        let link = UdpLink::new(session, route);
        self.feeds.insert(cid, link.feed());
        let _closed_meanwhile = self.accept.try_send(link);
    }

    fn forget(&mut self, cid: Cid) {
        self.feeds.remove(&cid);
        self.endpoint.forget(Instant::now().into_std(), cid);
    }
}

/// Datagrams, or joined runs of them, that one system call reads before the links run.
///
/// 8, as many as the inputs that the host task takes at a time. Measured with 100 matches as fast as they go: the processor
/// time of a move is 1.14 times as much with 32, where the first waits for the last, 1.06 with 4 and 1.22 with 1.
const BATCH: usize = 8;

/// Links that may wait to be accepted. They are accepted as they come, unless the server is full. Then further clients repeat
/// their hellos until there is room, instead of waiting inside without being served.
const UNACCEPTED: usize = 16;

#[cfg(test)]
mod tests {
    use std::{net::Shutdown, time::Duration};

    use socket2::SockRef;

    use super::*;

    #[tokio::test]
    async fn a_socket_that_stays_readable_keeps_no_other_task_from_running() {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        // Linux does it and complains that the socket has no peer.
        let _not_connected = SockRef::from(&socket).shutdown(Shutdown::Read);
        let listener = Listener::new(socket, Config::default()).unwrap();
        sleep(Duration::from_millis(50)).await;
        listener.ended().await;
    }
}
