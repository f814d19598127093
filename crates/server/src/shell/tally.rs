//! Statistics of ended links: all are counted, and logged within bounds.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tokio::task::JoinError;
use tracing::{error, info};

use super::{
    ended::{Ended, Report},
    limited::Limited,
};

/// Ways to end that are counted apart: more than there are, but for the versions that strangers make up.
const MAX_WAYS: usize = 64;

/// Counts of ended links by the way they ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// At most [`MAX_WAYS`].
    counts: BTreeMap<Ended, u64>,
    /// Links that ended in further ways.
    others: u64,
}

/// The summary of a server that was stopped.
#[derive(Debug, Clone, PartialEq, Eq, derive_more::Display)]
#[display("{commands} commands; links ended: {tally}")]
pub struct Summary {
    /// The ends of its links.
    pub tally: Tally,
    /// Commands that the lobby handled.
    pub commands: u64,
}

/// Counts ended links, and logs them within the rate.
#[derive(Debug)]
pub(super) struct Reporter(Mutex<(Tally, Limited)>);

impl Tally {
    /// The number of links that ended like this.
    pub fn count(&self, ended: Ended) -> u64 {
        self.counts.get(&ended).copied().unwrap_or(0)
    }

    /// The number of all ended links.
    pub fn total(&self) -> u64 {
        self.counts.values().sum::<u64>() + self.others
    }

    /// The ends that are counted apart, and the number of the others.
    pub(super) fn counts(&self) -> (impl Iterator<Item = (Ended, u64)>, u64) {
        (self.counts.iter().map(|(ended, count)| (*ended, *count)), self.others)
    }

    fn add(&mut self, ended: Ended) {
        let is_full = self.counts.len() == MAX_WAYS;
        match self.counts.entry(ended) {
            Entry::Vacant(_) if is_full => self.others += 1,
            entry => *entry.or_default() += 1,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.counts.is_empty() {
            return formatter.write_str("none");
        }
        for (index, (ended, count)) in self.counts.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(formatter, "{separator}{count} ({ended})")?;
        }
        if self.others > 0 { write!(formatter, ", {} (in other ways)", self.others) } else { Ok(()) }
    }
}

impl Reporter {
    pub(super) fn new(now: Instant) -> Self {
        Self(Mutex::new((Tally::default(), Limited::new(now))))
    }

    pub(super) fn note(&self, report: Result<Report, JoinError>, now: Instant) {
        let (peer, ended) = match report {
            Ok(Report { peer, ended }) => (Some(peer), ended),
            Err(cut_off) if cut_off.is_cancelled() => (None, Ended::GaveWay),
            Err(failure) => return error!(%failure, "a link's task failed"),
        };
        let (tally, limited) = &mut *self.lock();
        tally.add(ended);
        if let Some(unlogged) = limited.take(now) {
            info!(peer = peer.map(tracing::field::display), %ended, unlogged, "link ended");
        }
    }

    pub(super) fn tally(&self) -> Tally {
        self.lock().0.clone()
    }

    fn lock(&self) -> MutexGuard<'_, (Tally, Limited)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use net::{proto::ProtocolRange, tcp::Stranger};

    use super::*;

    #[test]
    fn made_up_versions_are_counted_within_a_bound() {
        let mut tally = Tally::default();
        let version = |newest| Ended::Stranger(Stranger::OtherVersion(ProtocolRange { oldest: 9, newest }));
        (100..1_100).for_each(|newest| tally.add(version(newest)));
        tally.add(version(100));
        assert_eq!((tally.counts.len(), tally.count(version(100)), tally.total()), (MAX_WAYS, 2, 1_001));
        assert!(tally.to_string().ends_with(", 936 (in other ways)"), "{tally}");
    }
}
