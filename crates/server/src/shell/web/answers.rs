//! The answers to requests, counted by their status.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use axum::http::StatusCode;

/// The statuses that are told from the beginning. A rarer one appears with its first answer.
const STATUSES: [u16; 9] = [101, 200, 400, 403, 404, 405, 413, 421, 429];

/// The answers to requests, counted by their status: one of the few that this program gives.
#[derive(Debug)]
pub(in crate::shell) struct Answers(Mutex<BTreeMap<u16, u64>>);

impl Default for Answers {
    fn default() -> Self {
        Self(Mutex::new(STATUSES.map(|status| (status, 0)).into()))
    }
}

impl Answers {
    pub(super) fn note(&self, status: StatusCode) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(status.as_u16()).or_default() += 1;
    }

    pub(in crate::shell) fn counts(&self) -> BTreeMap<u16, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
