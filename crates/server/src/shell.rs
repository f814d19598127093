//! The lobby on a network: listeners, links, clocks and random numbers around it.
//!
//! ```text
//! listeners --place--> conn task --inputs--> host task (owns the lobby)
//! (TCP, UDP)           socket <--messages--
//! ```
//!
//! One task for each link and one for the lobby. The host task writes to the sockets itself and never waits for a link: a
//! link that does not keep up is closed. Links wait for the host task, and so their peers wait for them.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the shell touches sockets, the clock and the disk"
)]

mod admin;
mod config;
mod conn;
mod crowd;
mod ended;
mod figures;
mod files;
mod host;
mod input;
mod keeper;
mod limited;
mod links;
mod listeners;
mod messages;
mod notices;
mod origins;
mod outbox;
mod outlet;
mod random;
mod shared;
mod sleep;
mod tally;
mod text;
mod trouble;
mod web;

use std::{future::Future, pin::pin, sync::Arc, time::Instant};

use net::{addr::Source, udp};
use tokio::{
    sync::{mpsc, oneshot},
    task::{JoinHandle, JoinSet, yield_now},
    time::timeout,
};
use tracing::{info, warn};

pub use self::{
    admin::Admin,
    config::Config,
    ended::Ended,
    keeper::Keeping,
    listeners::Sockets,
    tally::{Summary, Tally},
};
use self::{
    conn::Opening,
    crowd::{Crowd, Maxima},
    ended::Report,
    host::Host,
    input::LinkId,
    keeper::Keeper,
    listeners::{Arrival, Listeners},
    origins::Origins,
    outbox::Outbox,
    random::random,
    shared::Shared,
    tally::Reporter,
};
use crate::lobby::{Epoch, Lobby};

/// Inputs that may wait for the host task, which empties the queue in microseconds. When it is full, links wait.
const INPUT_QUEUE: usize = 1024;

/// Questions over UDP that may wait for the host task. When it is full they are dropped, and asked again.
const ASKED_QUEUE: usize = 64;

/// Connections accepted before the tasks run: few, so that the files of those that were cut off are soon free.
const ACCEPTED_AT_ONCE: u64 = 16;

/// Serves matches on bound sockets until `shutdown` completes.
///
/// With `keeping`, it goes on with the rooms that are kept, and tells nobody of a change before it is kept. Without, it
/// keeps nothing.
///
/// Then it accepts nothing more, tells every session, and gives the links [`Config::drain_timeout`] to deliver their last
/// messages. Every task has ended when it returns.
///
/// Run it on a current-thread runtime: a whole move takes a few microseconds, less than waking a second core for a part of
/// it.
pub async fn run(
    mut sockets: Sockets,
    mut config: Config,
    keeping: Option<Keeping>,
    shutdown: impl Future<Output = ()>,
) -> Summary {
    let now = keeping.as_ref().map_or_else(Instant::now, |keeping| keeping.since);
    files::make_room(&mut config);
    let announcer = notices::announce(&sockets, &config);
    let (asked, questions) = mpsc::channel(ASKED_QUEUE);
    let (inputs, queue) = mpsc::channel(INPUT_QUEUE);
    let (stop, stopped) = oneshot::channel();
    let (epoch, origins) = (Epoch::new(now), Origins::new());
    let shared = Arc::new(Shared {
        crowd: Arc::new(Crowd::new(maxima(&config))),
        config,
        epoch,
        origins,
        inputs,
        asked,
        tcp: Arc::default(),
        udp: Arc::default(),
        web: Arc::default(),
        answers: web::Answers::default(),
        reporter: Reporter::new(Instant::now()),
    });
    let mut admin = admin::open(sockets.admin.take(), &shared);
    let mut listeners = Listeners::new(sockets, &shared);
    let inside = open(now, epoch, &shared.config, keeping);
    let host = Host::new(now, &shared.config, inside, origins, Arc::clone(&shared.crowd));
    let host = tokio::spawn(host.run(queue, questions, stopped));

    let mut links = JoinSet::new();
    let mut next_link = 1;
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            arrival = listeners.accept() => {
                serve(arrival, LinkId(next_link), &shared, &mut links);
                next_link += 1;
                if next_link % ACCEPTED_AT_ONCE == 0 {
                    // The links that were cut off end now, and the others get to say hello.
                    yield_now().await;
                }
            }
            Some(ended) = links.join_next() => shared.reporter.note(ended, Instant::now()),
        }
    }

    info!(links = links.len(), "shutting down");
    admin.shutdown().await;
    let udp = listeners.close();
    let _host_is_gone = stop.send(());
    let drained = timeout(shared.config.drain_timeout, async {
        while let Some(ended) = links.join_next().await {
            shared.reporter.note(ended, Instant::now());
        }
    });
    // Meanwhile the network hears that there is no server here any more.
    let withdrawn = async {
        if let Some(announcer) = announcer {
            announcer.stop().await;
        }
    };
    let (drained, ()) = tokio::join!(drained, withdrawn);
    if drained.is_err() {
        warn!(links = links.len(), "links did not end in time and were cut");
        links.shutdown().await;
    }
    Summary { tally: shared.reporter.tally(), commands: end(udp, host).await }
}

fn maxima(config: &Config) -> Maxima {
    Maxima {
        unproven: config.unproven_links,
        unproven_per_source: config.limits.share(config.unproven_links),
        texts_per_source: config.texts_per_address,
    }
}

/// The lobby with the rooms that are kept, and the outbox in front of the store.
fn open(now: Instant, epoch: Epoch, config: &Config, keeping: Option<Keeping>) -> (Lobby, Outbox) {
    let Some(Keeping { store, lobby, .. }) = keeping else {
        let mut lobby = Lobby::new(now, config.limits.clone(), u64::from_le_bytes(random()));
        lobby.keep_nothing();
        return (lobby, Outbox::new(None, epoch));
    };
    (lobby, Outbox::new(Some(Keeper::start(store)), epoch))
}

/// Waits for the tasks of the sockets and of the host, and returns the number of its commands.
async fn end(udp: Vec<udp::Listener>, host: JoinHandle<u64>) -> u64 {
    for listener in udp {
        let counts = listener.ended().await;
        info!(?counts, "a UDP socket is closed");
    }
    host.await.unwrap_or_else(|failure| {
        warn!(%failure, "the host task failed");
        0
    })
}

/// Starts the task of a new connection.
fn serve(arrival: Arrival, link: LinkId, shared: &Arc<Shared>, links: &mut JoinSet<Report>) {
    let (peer, opening) = match arrival {
        Arrival::OutOfFiles => {
            shared.crowd.thin_out();
            return;
        }
        Arrival::Stream { stream, peer, is_last } => {
            // It may stay if another link ends for it, and else only to return to a session, whose old link ends then.
            let is_for_return = is_last && !shared.crowd.thin_out();
            (peer, Opening::Stream { stream, is_for_return })
        }
        Arrival::Link(link) => (link.peer(), Opening::Link(link)),
    };
    let task = conn::serve(opening, (link, peer), Arc::clone(shared));
    shared.crowd.enter(link, Source::of(peer), || links.spawn(task));
}
