//! The figures of the host task, for those who watch over a server.

use std::{collections::BTreeMap, time::Duration};

use super::tally::Tally;
use crate::lobby::Counts;

/// The figures of the host task at one moment.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) sessions: usize,
    /// By the name of their phase.
    pub(super) rooms: BTreeMap<&'static str, usize>,
    pub(super) counts: Counts,
    pub(super) commands: u64,
    pub(super) latency: Latency,
    /// Messages that wait for the tasks of links.
    pub(super) queued: usize,
}

/// The figures of the task that accepts connections.
#[derive(Debug)]
pub(super) struct Outside {
    pub(super) tally: Tally,
    /// Bytes of datagrams, received and sent.
    pub(super) udp: (u64, u64),
    /// Questions over UDP that wait for the host task.
    pub(super) questions: usize,
}

/// Times of moves, from the read of the command to the write of its effects.
#[derive(Debug, Clone, Default)]
pub(super) struct Latency {
    /// Moves by the first bound that is not exceeded; the last are above all bounds.
    counts: [u64; BOUNDS.len() + 1],
    sum: Duration,
}

impl Latency {
    pub(super) fn add(&mut self, took: Duration) {
        let bucket = BOUNDS.iter().position(|bound| took <= *bound).unwrap_or(BOUNDS.len());
        self.counts[bucket] += 1;
        self.sum += took;
    }

    /// The sum in seconds, the number of moves, and the moves by their upper bounds in seconds.
    pub(super) fn histogram(&self) -> (f64, u64, Vec<(f64, u64)>) {
        let bounds = BOUNDS.iter().map(Duration::as_secs_f64).chain([f64::INFINITY]);
        (self.sum.as_secs_f64(), self.counts.iter().sum(), bounds.zip(self.counts).collect())
    }
}

/// From a tenth of what a quiet server needs to what a player notices.
const BOUNDS: [Duration; 14] = {
    let micros = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 1_000_000];
    let mut bounds = [Duration::ZERO; 14];
    let mut index = 0;
    while index < bounds.len() {
        bounds[index] = Duration::from_micros(micros[index]);
        index += 1;
    }
    bounds
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_counts_up_to_its_bound_and_above_all_bounds() {
        let mut latency = Latency::default();
        for micros in [0, 5, 6, 1_000_000, 1_000_001, 90_000_000] {
            latency.add(Duration::from_micros(micros));
        }
        let (sum, count, buckets) = latency.histogram();
        assert_eq!((count, buckets.len()), (6, BOUNDS.len() + 1));
        assert!((sum - 92.000_012).abs() < 1e-9, "{sum}");
        let counted: Vec<_> = buckets.into_iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(counted, [(0.000_005, 2), (0.000_01, 1), (1.0, 1), (f64::INFINITY, 2)]);
    }
}
