//! The surroundings of the requests of one connection.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::extract::ws::WebSocket;
use net::token_bucket::TokenBucket;
use tokio::{sync::oneshot, time::Instant};

use crate::shell::shared::Shared;

/// One connection that makes requests.
#[derive(Debug, Clone, Copy)]
pub(in crate::shell) struct Visitor {
    /// Its canonical address.
    pub(in crate::shell) peer: SocketAddr,
    /// It may only return to a session.
    pub(in crate::shell) is_for_return: bool,
}

/// The surroundings of the requests of one connection.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) shared: Arc<Shared>,
    pub(super) visitor: Visitor,
    /// The address of this machine that the connection came to.
    pub(super) local: SocketAddr,
    /// Limits the requests like messages.
    bucket: Arc<Mutex<TokenBucket>>,
    /// Takes the WebSocket that a request opens.
    opened: Arc<Mutex<Option<oneshot::Sender<WebSocket>>>>,
}

impl Door {
    /// Makes the surroundings, and the place where the WebSocket appears once a request has opened one.
    pub(super) fn new(
        shared: &Arc<Shared>,
        visitor: Visitor,
        local: SocketAddr,
    ) -> (Self, oneshot::Receiver<WebSocket>) {
        let (open, opened) = oneshot::channel();
        let (per_second, burst) = (shared.config.messages_per_second, shared.config.message_burst);
        let bucket = TokenBucket::new(Instant::now().into_std(), per_second, burst);
        let door = Self {
            shared: Arc::clone(shared),
            visitor,
            local,
            bucket: Arc::new(Mutex::new(bucket)),
            opened: Arc::new(Mutex::new(Some(open))),
        };
        (door, opened)
    }

    /// Counts a request; `false` if it is one too many.
    pub(super) fn may_ask(&self) -> bool {
        let now = Instant::now().into_std();
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner).take(now)
    }

    /// The place for the WebSocket, for one request.
    pub(super) fn open(&self) -> Option<oneshot::Sender<WebSocket>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
