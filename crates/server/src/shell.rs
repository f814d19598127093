//! The lobby on a network: listeners, links, clocks and random numbers around it.
//!
//! ```text
//! listener --permit--> conn task --inputs--> host task (owns the lobby)
//!                      conn task <--outbound--
//! ```
//!
//! One task a link, one task for the lobby, bounded channels between them. The host task never waits for a
//! link: one that does not keep up is closed. Links wait for the host task, and so their peers for them.

mod config;
mod conn;
mod host;
mod tally;

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    net::{TcpListener, TcpStream},
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

/// Serves matches on bound listeners until `shutdown` completes.
///
/// Then nothing more is accepted, every session is told, and the links get [`Config::drain_timeout`] to bring
/// out what was sent. Every task has ended when this returns.
///
/// Run it on a current-thread runtime. The whole work of a move is some microseconds, less than it takes to
/// wake a second core for a part of it.
pub async fn run(listeners: Vec<TcpListener>, config: Config, shutdown: impl Future<Output = ()>) -> Summary {
    let config = Arc::new(config);
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
            (stream, permit) = accept(&listeners, &permits) => {
                // The permit is given back below, when the link's task is seen to have ended.
                permit.forget();
                let task = conn::serve(stream, conn::LinkId(next_link), Arc::clone(&config), inputs.clone());
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
    drop(listeners);
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
    let commands = host.await.unwrap_or_else(|failure| {
        warn!(%failure, "the host task failed");
        0
    });
    Summary { tally: reporter.into_tally(), commands }
}

/// Waits for a permit, then for a connection on any listener, so that a full server leaves connections to the
/// kernel's backlog.
async fn accept<'a>(listeners: &[TcpListener], permits: &'a Semaphore) -> (TcpStream, SemaphorePermit<'a>) {
    let permit = permits.acquire().await.expect("the semaphore is never closed");
    loop {
        let accepted = std::future::poll_fn(|context| {
            let ready = listeners.iter().map(|listener| listener.poll_accept(context));
            ready.into_iter().find(std::task::Poll::is_ready).unwrap_or(std::task::Poll::Pending)
        });
        match accepted.await {
            Ok((stream, _)) => return (stream, permit),
            Err(error) => {
                warn!(%error, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
