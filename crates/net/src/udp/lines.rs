//! Lines by datagrams: one line in each, and one reply.
//!
//! The client stops and waits: it says a line, and says it again under the same number until the reply with that number
//! has come. A line that comes twice is done once, and answered twice.

use std::{
    collections::BTreeMap,
    fmt,
    future::{pending, poll_fn},
    io,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use bytes::Bytes;
use tokio::sync::mpsc;
use tracing::warn;

use super::{
    inbox::{InboxReceiver, InboxSender, inbox},
    socket::Socket,
};
use crate::{
    addr::canonical,
    arq::Path,
    line::{
        LineTooLong, MAX_LINE,
        door::{CLIENTS, Door, Seen, number},
    },
    lines::{Lines, LinesError},
};

/// Clients that may wait to be accepted. Whoever accepts takes them as they come.
const UNACCEPTED: usize = 16;

/// Datagrams that may wait for a client's task. One that is dropped comes again.
const DATAGRAMS: usize = 4;

/// The clients of one socket that say lines.
#[derive(Debug)]
pub(super) struct Talkers {
    door: Door,
    routes: BTreeMap<SocketAddr, InboxSender>,
    accept: mpsc::Sender<Lines>,
    /// Given to each client, which says by it that it has ended.
    end: mpsc::Sender<SocketAddr>,
    ended: mpsc::Receiver<SocketAddr>,
}

impl Talkers {
    /// No client yet; those who come are received at the other end.
    pub(super) fn new(now: Instant) -> io::Result<(Self, mpsc::Receiver<Lines>)> {
        let mut key = [0; 16];
        getrandom::fill(&mut key)?;
        let (accept, accepted) = mpsc::channel(UNACCEPTED);
        // Each client holds one place, so that it is never full.
        let (end, ended) = mpsc::channel(CLIENTS);
        let talkers = Self { door: Door::new(now, key), routes: BTreeMap::new(), accept, end, ended };
        Ok((talkers, accepted))
    }

    /// Whether a datagram is a line, or asks for what a line needs. None of our packets begins with a digit.
    pub(super) fn is_theirs(datagram: &[u8]) -> bool {
        datagram.first().is_some_and(u8::is_ascii_digit)
    }

    /// Takes in a datagram.
    pub(super) fn handle(&mut self, now: Instant, socket: &Arc<Socket>, path: Path, datagram: &[u8]) {
        if self.accept.is_closed() && !self.routes.contains_key(&canonical(path.peer)) {
            return;
        }
        match self.door.handle(now, path.peer, datagram) {
            Seen::Nothing => {}
            Seen::Answer(answer) => socket.send(path, answer.as_bytes()),
            Seen::Line { is_new, numbered } => {
                if is_new {
                    self.open(socket, path);
                }
                if let Some(route) = self.routes.get(&canonical(path.peer)) {
                    // One that finds no room comes again.
                    let _full = route.put(numbered);
                }
            }
        }
    }

    /// Waits for the end of a client.
    pub(super) async fn ended(&mut self) -> SocketAddr {
        match self.ended.recv().await {
            Some(peer) => peer,
            // Never, for we hold a sender ourselves.
            None => pending().await,
        }
    }

    pub(super) fn forget(&mut self, peer: SocketAddr) {
        self.routes.remove(&peer);
        self.door.forget(peer);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    fn open(&mut self, socket: &Arc<Socket>, path: Path) {
        let peer = canonical(path.peer);
        let Ok(end) = self.end.clone().try_reserve_owned() else {
            warn!("more clients than places");
            return self.door.forget(peer);
        };
        let (route, datagrams) = inbox(DATAGRAMS);
        self.routes.insert(peer, route);
        let socket = Arc::clone(socket);
        let lines = UdpLines { socket, path, datagrams, end: Some(end), number: 0, reply: None };
        // One that nobody has room for ends here, and says its line again.
        let _full = self.accept.try_send(Lines::udp(lines, peer));
    }
}

/// Lines of one client.
pub(crate) struct UdpLines {
    socket: Arc<Socket>,
    path: Path,
    datagrams: InboxReceiver,
    /// The place that is kept for saying that it has ended.
    end: Option<mpsc::OwnedPermit<SocketAddr>>,
    /// The number of the last line.
    number: u64,
    /// The reply to it, once there is one.
    reply: Option<Box<[u8]>>,
}

impl UdpLines {
    /// See [`Lines::recv`].
    pub(crate) async fn recv(&mut self) -> Result<Option<Bytes>, LinesError> {
        loop {
            let datagrams = &self.datagrams;
            let taken = poll_fn(|context: &mut Context<'_>| -> Poll<Option<Box<[u8]>>> {
                datagrams.poll_take(context)
            });
            let Some(datagram) = taken.await else { return Ok(None) };
            let Some((number, line)) = number(&datagram) else { continue };
            if number == self.number
                && let Some(reply) = &self.reply
            {
                self.socket.send(self.path, reply);
            }
            if number <= self.number || number > MAX_NUMBER {
                continue;
            }
            self.number = number;
            self.reply = None;
            if line.len() >= MAX_LINE {
                return Err(LineTooLong.into());
            }
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            return Ok(Some(Bytes::copy_from_slice(line)));
        }
    }

    /// See [`Lines::send`].
    pub(crate) fn send(&mut self, reply: &[u8]) {
        let numbered = [self.number.to_string().as_bytes(), b"\n", reply].concat();
        self.socket.send(self.path, &numbered);
        self.reply = Some(numbered.into());
    }
}

impl Drop for UdpLines {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end.send(canonical(self.path.peer));
        }
    }
}

impl fmt::Debug for UdpLines {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("UdpLines").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The largest number of a line: five digits, which with the newline behind them and the longest reply fit a datagram
/// that a client of ten lines reads whole. It is a day of a line a second.
const MAX_NUMBER: u64 = 99_999;
