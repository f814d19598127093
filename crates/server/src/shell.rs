//! The lobby on a network: listeners, links, clocks and random numbers around it.
//!
//! ```text
//! listeners --permit--> conn task --inputs--> host task (owns the lobby)
//! (TCP, UDP)            conn task <--outbound--
//! ```
//!
//! One task a link, one task for the lobby, bounded channels between them. The host task never waits for a
//! link: one that does not keep up is closed. Links wait for the host task, and so their peers for them.

mod config;
mod conn;
mod host;
mod tally;

use std::{
    future::{Future, poll_fn},
    io,
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use net::{link::Link, udp};
use tokio::{
    net::{TcpListener, TcpStream, UdpSocket},
    sync::{Semaphore, SemaphorePermit, mpsc},
    task::JoinSet,
    time::{sleep, timeout},
};
use tracing::{info, warn};

pub use self::{
    config::Config,
    conn::Ended,
    tally::{Summary, Tally},
};
use self::{host::Host, tally::Reporter};

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
    let config = Arc::new(config);
    let mut listeners = Listeners::new(sockets, &config);
    let (inputs, queue) = mpsc::channel(INPUT_QUEUE);
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let host = tokio::spawn(Host::new(&config).run(queue, stopped));

    let mut links = JoinSet::new();
    let mut reporter = Reporter::new(Instant::now());
    let permits = Semaphore::new(config.links);
    let mut next_link = 1;
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            (arrival, permit) = accept(&mut listeners, &permits) => {
                // The permit is given back below, when the link's task is seen to have ended.
                permit.forget();
                let task = conn::serve(arrival, conn::LinkId(next_link), Arc::clone(&config), inputs.clone());
                links.spawn(task);
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
    drop(inputs);
    let _host_is_gone = stop.send(());
    let drained = timeout(config.drain_timeout, async {
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

/// Who has come: a stream that nothing is known about, or a link whose peer has proven its address.
#[derive(Debug)]
enum Arrival {
    Stream(TcpStream),
    Link(Link),
}

#[derive(Debug)]
struct Listeners {
    tcp: Vec<TcpListener>,
    udp: Vec<udp::Listener>,
}

impl Listeners {
    /// A UDP socket that cannot be set up is left out, with a warning: the game goes on over TCP.
    fn new(Sockets { tcp, udp }: Sockets, config: &Config) -> Self {
        let listen = |socket| {
            udp::Listener::new(socket, config.arq.clone())
                .inspect_err(|error| warn!(%error, "a UDP socket cannot be used"))
                .ok()
        };
        Self { tcp, udp: udp.into_iter().filter_map(listen).collect() }
    }

    fn poll_accept(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Arrival>> {
        for listener in &mut self.udp {
            if let Poll::Ready(link) = listener.poll_accept(context) {
                return Poll::Ready(Ok(Arrival::Link(link)));
            }
        }
        for listener in &self.tcp {
            if let Poll::Ready(accepted) = listener.poll_accept(context) {
                return Poll::Ready(accepted.map(|(stream, _)| Arrival::Stream(stream)));
            }
        }
        Poll::Pending
    }

    /// Takes nobody in any more. What is left has links to carry until they end.
    fn close(mut self) -> Vec<udp::Listener> {
        for listener in &mut self.udp {
            listener.close();
        }
        self.udp
    }
}

/// Waits for a permit, then for a connection on any listener, so that a full server leaves connections to the
/// kernel's backlog.
async fn accept<'a>(listeners: &mut Listeners, permits: &'a Semaphore) -> (Arrival, SemaphorePermit<'a>) {
    let permit = permits.acquire().await.expect("the semaphore is never closed");
    loop {
        match poll_fn(|context| listeners.poll_accept(context)).await {
            Ok(arrival) => return (arrival, permit),
            Err(error) => {
                warn!(%error, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
