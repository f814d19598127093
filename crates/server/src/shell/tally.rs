//! How links ended, counted in full and logged within bounds.

use std::{collections::BTreeMap, fmt, time::Instant};

use net::token_bucket::TokenBucket;
use tokio::task::JoinError;
use tracing::{error, info};

use super::ended::{Ended, Report};

/// Log lines a second about ended links, and how many at once. A flood of strangers must not fill a disk.
const LOG_RATE: u32 = 5;
const LOG_BURST: u32 = 50;

/// How many links ended in which way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<Ended, u64>);

/// What a server did until it was stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How its links ended.
    pub tally: Tally,
    /// Commands that the lobby was given.
    pub commands: u64,
}

/// Counts ended links, and logs them as far as the rate allows.
#[derive(Debug)]
pub(super) struct Reporter {
    tally: Tally,
    bucket: TokenBucket,
    unlogged: u64,
}

impl Tally {
    /// How many links ended like this.
    pub fn count(&self, ended: Ended) -> u64 {
        self.0.get(&ended).copied().unwrap_or(0)
    }

    /// How many links ended.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return formatter.write_str("none");
        }
        for (index, (ended, count)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(formatter, "{separator}{count} ({ended})")?;
        }
        Ok(())
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} commands; links ended: {}", self.commands, self.tally)
    }
}

impl Reporter {
    pub(super) fn new(now: Instant) -> Self {
        Self { tally: Tally::default(), bucket: TokenBucket::new(now, LOG_RATE, LOG_BURST), unlogged: 0 }
    }

    pub(super) fn note(&mut self, report: Result<Report, JoinError>, now: Instant) {
        match report {
            Ok(Report { peer, ended }) => {
                *self.tally.0.entry(ended).or_default() += 1;
                if self.bucket.take(now) {
                    info!(peer = peer.map(tracing::field::display), %ended, unlogged = self.unlogged, "link ended");
                    self.unlogged = 0;
                } else {
                    self.unlogged += 1;
                }
            }
            Err(failure) => error!(%failure, "a link's task failed"),
        }
    }

    pub(super) fn into_tally(self) -> Tally {
        self.tally
    }
}
