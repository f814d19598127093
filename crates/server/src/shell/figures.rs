//! The figures of the host task, for those who watch over a server.

use std::collections::BTreeMap;

use prometheus_client::metrics::histogram::Histogram;

use crate::lobby::Counts;

/// The figures of the host task at one moment.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) sessions: usize,
    /// By the name of their phase.
    pub(super) rooms: BTreeMap<&'static str, usize>,
    pub(super) counts: Counts,
    pub(super) commands: u64,
    pub(super) latency: Histogram,
    /// Messages that wait for the tasks of links.
    pub(super) queued: usize,
}

/// Times of moves in seconds, from the read of the command to the write of its effects.
pub(super) fn latency() -> Histogram {
    Histogram::new(BOUNDS)
}

/// Seconds, from a tenth of what a quiet server needs to what a player notices.
const BOUNDS: [f64; 14] = [
    0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025,
    0.1, 1.0,
];

#[cfg(test)]
mod tests {
    use prometheus_client::{encoding::text, registry::Registry};

    use super::*;

    #[test]
    fn a_time_counts_up_to_its_bound_and_above_all_bounds() {
        let latency = latency();
        for micros in [0, 5, 6, 1_000_000, 1_000_001, 90_000_000] {
            latency.observe(std::time::Duration::from_micros(micros).as_secs_f64());
        }
        let (mut registry, mut page) = (Registry::default(), String::new());
        registry.register("moves", "Moves", latency);
        text::encode(&mut page, &registry).unwrap();
        let value = |series: &str| page.lines().find_map(|line| line.strip_prefix(series)).unwrap().trim();
        let sum: f64 = value("moves_sum").parse().unwrap();
        assert!((sum - 92.000_012).abs() < 1e-9, "{page}");
        assert_eq!(value("moves_count"), "6");
        let bucket = |line: &str| {
            let (bound, count) = line.strip_prefix("moves_bucket{le=\"")?.split_once("\"} ")?;
            Some((bound.parse().unwrap(), count.parse().unwrap()))
        };
        let buckets: Vec<(f64, u64)> = page.lines().filter_map(bucket).collect();
        assert_eq!(buckets.len(), BOUNDS.len() + 1, "{page}");
        for counted in [(0.000_005, 2), (0.000_01, 3), (0.1, 3), (1.0, 4), (f64::INFINITY, 6)] {
            assert!(buckets.contains(&counted), "{counted:?}: {page}");
        }
    }
}
