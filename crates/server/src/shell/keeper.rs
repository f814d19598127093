//! The store's thread: it commits one batch after another, and tries again what fails.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use super::{config::Config, files, random::random};
use crate::{
    lobby::Lobby,
    store::{Batch, Store, StoreError},
};

/// The time between two tries of a commit that fails.
const RETRY: Duration = Duration::from_secs(1);

/// A store, and the lobby with the rooms that it has kept.
#[derive(derive_more::Debug)]
pub struct Keeping {
    #[debug(skip)]
    pub(super) store: Box<dyn Store>,
    pub(super) lobby: Lobby,
    /// The beginning of the lobby's time.
    pub(super) since: Instant,
}

/// The host task's end of the store's thread.
#[derive(Debug)]
pub(super) struct Keeper {
    batches: SyncSender<Batch>,
    outcomes: mpsc::Receiver<Outcome>,
}

/// The news of a batch.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is kept.
    Kept,
    /// It could not be kept, and is tried again until it is.
    Failed(StoreError),
}

impl Keeping {
    /// Loads what a store has kept, for a server with this configuration. Its time begins now.
    ///
    /// # Errors
    ///
    /// The reason why it cannot be read.
    pub fn load(mut store: impl Store, config: &mut Config) -> Result<Self, StoreError> {
        files::make_room(config);
        let since = Instant::now();
        let seed = u64::from_le_bytes(random());
        let lobby = Lobby::restore(since, config.limits.clone(), seed, store.load()?)?;
        Ok(Self { store: Box::new(store), lobby, since })
    }

    /// The number of rooms that were kept.
    pub fn room_count(&self) -> usize {
        self.lobby.room_count()
    }
}

impl Keeper {
    /// Starts the thread.
    pub(super) fn start(store: Box<dyn Store>) -> Self {
        // The host task hands over a batch when the one before is kept.
        let (batches, queue) = sync_channel(1);
        let (outcome, outcomes) = mpsc::channel(1);
        thread::spawn(move || commit_all(store, &queue, &outcome));
        Self { batches, outcomes }
    }

    /// Hands over a batch. The one before it is kept.
    pub(super) fn commit(&self, batch: Batch) {
        // A thread that is gone is noticed by its outcome.
        let _gone = self.batches.try_send(batch);
    }

    /// Waits for the next news; `None` if the thread has failed.
    ///
    /// Cancel-safe.
    pub(super) async fn outcome(&mut self) -> Option<Outcome> {
        self.outcomes.recv().await
    }

    /// Waits until the store is closed. A batch that cannot be kept is given up.
    pub(super) async fn close(mut self) {
        drop(self.batches);
        while self.outcomes.recv().await.is_some() {}
    }
}

fn commit_all(mut store: Box<dyn Store>, batches: &Receiver<Batch>, outcomes: &mpsc::Sender<Outcome>) {
    while let Ok(batch) = batches.recv() {
        let mut is_told = false;
        while let Err(error) = store.commit(&batch) {
            if !is_told {
                let _host_is_gone = outcomes.blocking_send(Outcome::Failed(error));
                is_told = true;
            }
            match batches.recv_timeout(RETRY) {
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
                Ok(_early) => unreachable!("the host task waits for the outcome"),
            }
        }
        let _host_is_gone = outcomes.blocking_send(Outcome::Kept);
    }
}
