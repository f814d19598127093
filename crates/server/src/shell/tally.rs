//! Statistics of ended links: all are counted, and logged within bounds.

use std::{collections::BTreeMap, fmt, time::Instant};

use net::token_bucket::TokenBucket;
use tokio::task::JoinError;
use tracing::{error, info};

use super::ended::{Ended, Report};

/// Log lines a second about ended links. A flood of strangers must not fill a disk.
const LOG_RATE: u32 = 5;
/// Log lines at once after a pause.
const LOG_BURST: u32 = 50;

/// Counts of ended links by the way they ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<Ended, u64>);

/// The summary of a server that was stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The ends of its links.
    pub tally: Tally,
    /// Commands that the lobby handled.
    pub commands: u64,
}

/// Counts ended links, and logs them within the rate.
#[derive(Debug)]
pub(super) struct Reporter {
    tally: Tally,
    bucket: TokenBucket,
    unlogged: u64,
}

impl Tally {
    /// The number of links that ended like this.
    pub fn count(&self, ended: Ended) -> u64 {
        self.0.get(&ended).copied().unwrap_or(0)
    }

    /// The number of all ended links.
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
        let (peer, ended) = match report {
            Ok(Report { peer, ended }) => (Some(peer), ended),
            Err(cut_off) if cut_off.is_cancelled() => (None, Ended::GaveWay),
            Err(failure) => return error!(%failure, "a link's task failed"),
        };
        *self.tally.0.entry(ended).or_default() += 1;
        if self.bucket.take(now) {
            info!(peer = peer.map(tracing::field::display), %ended, unlogged = self.unlogged, "link ended");
            self.unlogged = 0;
        } else {
            self.unlogged += 1;
        }
    }

    pub(super) fn into_tally(self) -> Tally {
        self.tally
    }
}
