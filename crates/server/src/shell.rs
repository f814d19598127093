//! The lobby on a network: listeners, links, clocks and random numbers around it.
//!
//! ```text
//! listeners --permit--> conn task --inputs--> host task (owns the lobby)
//! (TCP, UDP)            conn task <--outbound--
//! ```
//!
//! One task a link, one task for the lobby, bounded channels between them. The host task never waits for a
//! link: one that does not keep up is closed. Links wait for the host task, and so their peers for them.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the shell touches sockets, the clock and the disk"
)]

mod config;
mod conn;
mod host;
mod mailbox;
mod notices;
mod origins;
mod tally;
mod text;

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use net::{link::Link, udp};
use tokio::{
    net::{TcpListener, TcpStream, UdpSocket},
    sync::{Semaphore, SemaphorePermit, mpsc},
    task::JoinSet,
    time::{Sleep, sleep, timeout},
};
use tracing::{info, warn};

pub use self::{
    config::Config,
    conn::Ended,
    tally::{Summary, Tally},
};
use self::{
    host::{Host, Input},
    notices::Notices,
    origins::Origins,
    tally::Reporter,
};
use crate::lobby::Epoch;

/// Inputs that may wait for the host task. It empties the queue in microseconds; when it is full, links wait.
const INPUT_QUEUE: usize = 1024;

/// How long to wait when the system refuses to accept, most likely for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves matches on bound sockets until `shutdown` completes.
///
/// Then nothing more is accepted, every session is told, and the links get [`Config::drain_timeout`] to bring
/// out what was sent. Every task has ended when this returns.
///
/// Run it on a current-thread runtime. The whole work of a move is some microseconds, less than it takes to
/// wake a second core for a part of it.
pub async fn run(sockets: Sockets, config: Config, shutdown: impl Future<Output = ()>) -> Summary {
    let now = Instant::now();
    let notices = Notices::start(now, &sockets, config.is_announced);
    let mut listeners = Listeners::new(sockets, &config);
    let (inputs, queue) = mpsc::channel(INPUT_QUEUE);
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let host = tokio::spawn(Host::new(now, &config, notices).run(queue, stopped));
    let shared = Arc::new(Shared { config, epoch: Epoch::new(now), origins: Origins::new(), inputs });

    let mut links = JoinSet::new();
    let mut reporter = Reporter::new(Instant::now());
    let permits = Semaphore::new(shared.config.links);
    let mut next_link = 1;
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            (arrival, permit) = accept(&mut listeners, &permits) => {
                // The permit is given back below, when the link's task is seen to have ended.
                permit.forget();
                links.spawn(conn::serve(arrival, conn::LinkId(next_link), Arc::clone(&shared)));
                next_link += 1;
            }
            Some(ended) = links.join_next() => {
                permits.add_permits(1);
                reporter.note(ended, Instant::now());
            }
        }
    }

    info!(links = links.len(), "shutting down");
    let udp = listeners.close();
    let _host_is_gone = stop.send(());
    let drained = timeout(shared.config.drain_timeout, async {
        while let Some(ended) = links.join_next().await {
            reporter.note(ended, Instant::now());
        }
    });
    if drained.await.is_err() {
        warn!(links = links.len(), "links did not end in time and were cut");
        links.shutdown().await;
    }
    for listener in udp {
        let counts = listener.ended().await;
        info!(?counts, "a UDP socket is closed");
    }
    let commands = host.await.unwrap_or_else(|failure| {
        warn!(%failure, "the host task failed");
        0
    });
    Summary { tally: reporter.into_tally(), commands }
}

/// The bound sockets that a server serves on.
#[derive(Debug, Default)]
pub struct Sockets {
    /// Listening streams.
    pub tcp: Vec<TcpListener>,
    /// Sockets for datagrams.
    pub udp: Vec<UdpSocket>,
}

/// What the task of every link is given.
struct Shared {
    config: Config,
    /// The beginning of the time that clients are told.
    epoch: Epoch,
    origins: Origins,
    /// To the host task.
    inputs: mpsc::Sender<Input>,
}

/// A new connection: a stream that nothing is known about, or a link over UDP whose address is proven.
#[derive(Debug)]
enum Arrival {
    Stream(TcpStream),
    Link(Link),
}

#[derive(Debug)]
struct Listeners {
    udp: Vec<udp::Listener>,
    tcp: Vec<TcpListener>,
    /// Whose turn it is to be asked first, counted over both, so that none waits behind one that always has somebody.
    turn: usize,
    /// While it runs, no TCP listener is asked: the system could not give us a connection.
    pause: Option<Pin<Box<Sleep>>>,
}

impl Listeners {
    /// A UDP socket that cannot be set up is left out, with a warning: the game goes on over TCP.
    fn new(Sockets { tcp, udp }: Sockets, config: &Config) -> Self {
        let listen = |socket| {
            udp::Listener::new(socket, config.arq.clone())
                .inspect_err(|error| warn!(%error, "a UDP socket cannot be used"))
                .ok()
        };
        Self { udp: udp.into_iter().filter_map(listen).collect(), tcp, turn: 0, pause: None }
    }

    fn poll_accept(&mut self, context: &mut Context<'_>) -> Poll<Arrival> {
        self.pause.take_if(|pause| pause.as_mut().poll(context).is_ready());
        let count = self.udp.len() + self.tcp.len();
        for index in (self.turn..self.turn + count).map(|index| index % count) {
            if let Poll::Ready(arrival) = self.poll_one(index, context) {
                self.turn = (index + 1) % count;
                return Poll::Ready(arrival);
            }
        }
        Poll::Pending
    }

    fn poll_one(&mut self, index: usize, context: &mut Context<'_>) -> Poll<Arrival> {
        if let Some(listener) = self.udp.get_mut(index) {
            return listener.poll_accept(context).map(|link| Arrival::Link(link.into()));
        }
        if self.pause.is_some() {
            return Poll::Pending;
        }
        match ready!(self.tcp[index - self.udp.len()].poll_accept(context)) {
            Ok((stream, _)) => Poll::Ready(Arrival::Stream(stream)),
            Err(error) => {
                warn!(%error, "cannot accept a connection");
                let mut pause = Box::pin(sleep(ACCEPT_PAUSE));
                // So that its end wakes us.
                if pause.as_mut().poll(context).is_pending() {
                    self.pause = Some(pause);
                }
                Poll::Pending
            }
        }
    }

    /// Takes nobody in any more. What is left has links to carry until they end.
    fn close(mut self) -> Vec<udp::Listener> {
        for listener in &mut self.udp {
            listener.close();
        }
        self.udp
    }
}

/// Bytes from the system's random source.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    bytes
}

/// Waits for a permit, then for a connection on any listener, so that a full server leaves connections to the
/// kernel's backlog.
async fn accept<'a>(listeners: &mut Listeners, permits: &'a Semaphore) -> (Arrival, SemaphorePermit<'a>) {
    let permit = permits.acquire().await.expect("the semaphore is never closed");
    (poll_fn(|context| listeners.poll_accept(context)).await, permit)
}
