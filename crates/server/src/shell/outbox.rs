//! The outbox: what the host task tells, in order, and never before it is kept.
//!
//! ```text
//! tell ──> [told with the batch being filled] ──> [told with the batch under way] ──> links
//! keep ──> [ batch being filled             ] ──> [ the store: one transaction  ] ──> kept
//! ```
//!
//! While nothing waits to be kept, it tells at once. While one transaction is under way, the next batch is filled: so the
//! changes in a transaction are as many as come in the time of one.

use std::{
    future::pending,
    sync::Arc,
    time::{Duration, Instant},
};

use net::{
    heartbeat::Pace,
    proto::{Answer, CloseReason, ServerMessage, codec, json},
    udp::Asked,
};
use prometheus_client::metrics::histogram::Histogram;
use tokio::{sync::oneshot, time::timeout};
use tracing::warn;

use super::{
    figures,
    input::ReadFrom,
    keeper::{Keeper, Outcome},
    outlet::{Encoding, Kind, Outlet},
};
use crate::{
    lobby::{Epoch, Keep},
    store::Batch,
};

/// Tellings that may wait for a transaction, most of them snapshots of less than 3 KiB. When there are so many, the host
/// task takes no further inputs, and the links wait.
const MAX_WAITING: usize = 4_096;

/// The longest time of a transaction in which nobody has to be told. A spinning disk takes a tenth of it.
const PATIENCE: Duration = Duration::from_secs(2);

/// The tellings of the host task, in their order.
#[derive(Debug)]
pub(super) struct Outbox {
    keeper: Option<Keeper>,
    batch: Batch,
    /// Told when the batch is kept.
    waiting: Vec<Telling>,
    under_way: Option<UnderWay>,
    /// Of the moves that were made.
    latency: Histogram,
    epoch: Epoch,
}

/// The transaction under way.
#[derive(Debug)]
struct UnderWay {
    since: Instant,
    /// Told when it has succeeded.
    waiting: Vec<Telling>,
}

/// One thing to tell.
#[derive(Debug)]
pub(super) enum Telling {
    /// Send a message to links.
    Message { to: Vec<Arc<Outlet>>, kind: Kind, message: ServerMessage },
    /// End a link.
    Close(Arc<Outlet>, CloseReason),
    /// Tell the task of a link that its inputs so far are handled.
    Settled(oneshot::Sender<()>),
    /// Answer a question over a stream.
    Answer(oneshot::Sender<Answer>, Answer),
    /// Answer a question over UDP.
    Reply(Asked, Answer),
    /// A move that was read then has been told.
    Moved(ReadFrom),
}

impl Outbox {
    pub(super) fn new(keeper: Option<Keeper>, epoch: Epoch) -> Self {
        Self {
            keeper,
            batch: Batch::default(),
            waiting: Vec::new(),
            under_way: None,
            latency: figures::latency(),
            epoch,
        }
    }

    /// Keeps a change before anything else is told. Without a store it is left.
    pub(super) fn keep(&mut self, change: Keep) {
        if self.keeper.is_some() {
            self.batch.add(change);
        }
    }

    /// Sends a message to links.
    pub(super) fn send<'a>(
        &mut self,
        to: impl Iterator<Item = &'a Arc<Outlet>>,
        kind: Kind,
        message: ServerMessage,
    ) {
        if self.is_open() {
            deliver(to, kind, &message);
        } else {
            self.waiting.push(Telling::Message { to: to.map(Arc::clone).collect(), kind, message });
        }
    }

    /// Tells something.
    pub(super) fn tell(&mut self, telling: Telling) {
        if self.is_open() {
            self.carry_out(telling);
        } else {
            self.waiting.push(telling);
        }
    }

    /// Hands the batch to the store, unless a transaction is under way.
    pub(super) fn flush(&mut self, now: Instant) {
        if let Some(keeper) = &self.keeper
            && self.under_way.is_none()
            && !self.batch.is_empty()
        {
            keeper.commit(std::mem::take(&mut self.batch));
            self.under_way = Some(UnderWay { since: now, waiting: std::mem::take(&mut self.waiting) });
        }
    }

    /// Waits for news of the transaction under way; for ever if there is none.
    ///
    /// Cancel-safe.
    pub(super) async fn outcome(&mut self) -> Option<Outcome> {
        match &mut self.keeper {
            Some(keeper) if self.under_way.is_some() => keeper.outcome().await,
            Some(_) | None => pending().await,
        }
    }

    /// Tells what has waited for the transaction under way, which has succeeded.
    pub(super) fn release(&mut self) {
        for telling in self.under_way.take().into_iter().flat_map(|under_way| under_way.waiting) {
            self.carry_out(telling);
        }
        if self.batch.is_empty() {
            for telling in std::mem::take(&mut self.waiting) {
                self.carry_out(telling);
            }
        }
    }

    /// Turns away those whose welcome waits to be kept, and lets tasks of links go on that wait for the host task.
    pub(super) fn turn_away(&mut self) {
        let under_way = self.under_way.iter_mut().flat_map(|under_way| &mut under_way.waiting);
        for telling in under_way.chain(&mut self.waiting) {
            match telling {
                Telling::Message { to, message: ServerMessage::Welcome(_), .. } => {
                    for outlet in to {
                        outlet.close(CloseReason::NotSaving);
                    }
                }
                Telling::Settled(done) => {
                    let _link_is_gone = std::mem::replace(done, oneshot::channel().0).send(());
                }
                Telling::Message { .. }
                | Telling::Close(..)
                | Telling::Answer(..)
                | Telling::Reply(..)
                | Telling::Moved(_) => {}
            }
        }
    }

    /// Keeps and tells what is left, unless that fails.
    pub(super) async fn finish(&mut self, now: Instant) {
        self.flush(now);
        while self.under_way.is_some()
            && let Ok(Some(Outcome::Kept)) = timeout(PATIENCE, self.outcome()).await
        {
            self.release();
            self.flush(now);
        }
    }

    /// Closes the store. What is not kept by then is never told.
    pub(super) async fn close(&mut self) {
        if self.under_way.is_some() {
            warn!("the last changes could not be saved, and nobody was told of them");
        }
        if let Some(keeper) = self.keeper.take() {
            let _hung = timeout(PATIENCE, keeper.close()).await;
        }
    }

    /// The time at which the transaction under way is late.
    pub(super) fn late_at(&self) -> Option<Instant> {
        self.since().map(|since| since + PATIENCE)
    }

    /// The beginning of the transaction under way.
    pub(super) fn since(&self) -> Option<Instant> {
        self.under_way.as_ref().map(|under_way| under_way.since)
    }

    /// Tests for as much as may wait.
    pub(super) const fn is_full(&self) -> bool {
        self.waiting.len() >= MAX_WAITING
    }

    pub(super) const fn latency(&self) -> &Histogram {
        &self.latency
    }

    /// Tests for an outbox in which nothing waits, so that all is told at once.
    fn is_open(&self) -> bool {
        // The wrong order, for the test that must notice it.
        cfg!(feature = "tell-first") || (self.under_way.is_none() && self.batch.is_empty())
    }

    fn carry_out(&mut self, telling: Telling) {
        match telling {
            Telling::Message { to, kind, message } => deliver(to.iter(), kind, &message),
            Telling::Close(outlet, reason) => outlet.close(reason),
            Telling::Settled(done) => {
                let _link_is_gone = done.send(());
            }
            Telling::Answer(reply, answer) => {
                let _asker_is_gone = reply.send(answer);
            }
            Telling::Reply(asked, answer) => asked.answer(&codec::encode(&ServerMessage::Answer(answer))),
            Telling::Moved(from) => {
                self.latency.observe(from.elapsed(self.epoch, Instant::now()).as_secs_f64());
            }
        }
    }
}

/// Sends a message to links, encoded once for each encoding. A link that has no room for it is closed as a slow consumer; its
/// task reports the end.
pub(super) fn deliver<'a>(to: impl Iterator<Item = &'a Arc<Outlet>>, kind: Kind, message: &ServerMessage) {
    let (mut binary, mut text) = (None, None);
    let pace = Pace::after(message);
    for outlet in to {
        if let Some(pace) = pace {
            outlet.set_pace(pace);
        }
        let payload = match outlet.encoding() {
            Encoding::Binary => &**binary.get_or_insert_with(|| codec::encode(message)),
            Encoding::Json => text.get_or_insert_with(|| json::encode(message)).as_bytes(),
        };
        if outlet.send(kind, payload).is_err() {
            outlet.close(CloseReason::SlowConsumer);
        }
        if matches!(message, ServerMessage::Welcome(_)) {
            outlet.welcome();
        }
    }
}
