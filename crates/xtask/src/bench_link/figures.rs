//! The few numbers that sum up a trial, and their medians over several runs.

use std::array;

use anyhow::ensure;
use serde_json::{Value, json};

/// The counts and times of a trial. Times are in microseconds.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The time of each message and of each answer, or until it was clear that it would not come.
    pub(super) latencies: Vec<u64>,
    /// The number of those that a broken connection caused.
    pub(super) broken: usize,
    /// The time of each connection.
    pub(super) connects: Vec<u64>,
    /// IP packets between the first message and the last answer, both ways, lost ones included.
    pub(super) packets: u64,
    /// Their bytes.
    pub(super) bytes: u64,
}

/// The numbers that sum up a trial, in the order of [`NAMES`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Figures(pub(super) [f64; 9]);

/// The names of the figures. Times are in milliseconds: of a message, that of which half, nine in ten, ninety-nine in a
/// hundred and all are not slower; of a connection likewise. Packets and bytes are those of IP for each message, in both
/// directions. Broken are connections.
pub(super) const NAMES: [&str; 9] =
    ["p50", "p90", "p99", "max", "packets", "bytes", "broken", "connect p50", "connect p90"];

impl Figures {
    /// Sums up a trial.
    ///
    /// # Errors
    ///
    /// Fails when nothing was measured.
    pub(super) fn of(outcome: Outcome) -> anyhow::Result<Self> {
        let Outcome { mut latencies, broken, mut connects, packets, bytes } = outcome;
        ensure!(!latencies.is_empty() && !connects.is_empty(), "nothing was measured");
        latencies.sort_unstable();
        connects.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "counts and microseconds stay far below 2^52")]
        let (float, count) = (|number: u64| number as f64, |number: usize| number as f64);
        let all = count(latencies.len());
        let millis = |sorted: &[u64], percent| float(percentile(sorted, percent)) / 1000.0;
        let [p50, p90, p99, max] = [50, 90, 99, 100].map(|percent| millis(&latencies, percent));
        let [connect_p50, connect_p90] = [50, 90].map(|percent| millis(&connects, percent));
        let (packets, bytes) = (float(packets) / all, float(bytes) / all);
        Ok(Self([p50, p90, p99, max, packets, bytes, count(broken), connect_p50, connect_p90]))
    }

    /// The median of each number for itself; `None` if there is no run.
    pub(super) fn median(runs: &[Self]) -> Option<Self> {
        let of = |index: usize| {
            let mut numbers: Vec<_> = runs.iter().map(|run| run.0[index]).collect();
            numbers.sort_by(f64::total_cmp);
            numbers[numbers.len() / 2]
        };
        (!runs.is_empty()).then(|| Self(array::from_fn(of)))
    }

    /// The figures by their names; a transport without a handshake has no time to connect.
    pub(super) fn to_json(self, has_handshake: bool) -> Value {
        let told = NAMES.iter().zip(self.0).filter(|(name, _)| has_handshake || !name.starts_with("connect"));
        told.map(|(name, figure)| ((*name).to_owned(), json!(figure))).collect()
    }

    /// The figures as they are shown; a transport without handshake has no time to connect.
    pub(super) fn shown(&self, has_handshake: bool) -> String {
        let shown = NAMES.iter().zip(self.0).map(|(name, number)| match *name {
            "packets" => format!("{name} {number:.2}"),
            "connect p50" | "connect p90" if !has_handshake => format!("{name} none"),
            // Milliseconds, as exact as they are measured.
            "p50" | "p90" | "p99" | "max" | "connect p50" | "connect p90" if number < 10.0 => {
                format!("{name} {number:.1}")
            }
            _ => format!("{name} {number:.0}"),
        });
        shown.collect::<Vec<_>>().join(", ")
    }
}

/// The smallest number that `percent` of them, at least, are not above (the nearest rank).
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted[rank.saturating_sub(1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let hundred: Vec<_> = (1..=100).collect();
        assert_eq!([50, 90, 99, 100].map(|percent| percentile(&hundred, percent)), [50, 90, 99, 100]);
        assert_eq!([0, 50, 99, 100].map(|percent| percentile(&[7, 8, 9], percent)), [7, 8, 9, 9]);
    }

    #[test]
    fn a_trial_is_summed_up_for_each_message() {
        let latencies = vec![3000, 1000, 2000, 4000];
        let outcome = Outcome { latencies, broken: 1, connects: vec![5000], packets: 6, bytes: 400 };
        let expected = Figures([2.0, 4.0, 4.0, 4.0, 1.5, 100.0, 1.0, 5.0, 5.0]);
        assert_eq!(Figures::of(outcome).unwrap(), expected);
    }

    #[test]
    fn a_median_is_taken_of_each_number_for_itself() {
        let runs = [(1.0, 9.0), (3.0, 7.0), (2.0, 8.0)];
        let runs = runs.map(|(p50, max)| Figures([p50, 0.0, 0.0, max, 0.0, 0.0, 0.0, 0.0, 0.0]));
        let Figures([p50, _, _, max, ..]) = Figures::median(&runs).unwrap();
        assert_eq!((p50, max), (2.0, 8.0));
        assert_eq!(Figures::median(&[]), None);
    }

    #[test]
    fn a_transport_without_handshake_has_no_time_to_connect() {
        let figures = Figures([1.04, 0.0, 12.4, 0.0, 1.5, 0.0, 0.0, 0.0, 0.0]);
        let times = "p50 1.0, p90 0.0, p99 12, max 0.0, packets 1.50, bytes 0, broken 0, ";
        assert_eq!(figures.shown(true), format!("{times}connect p50 0.0, connect p90 0.0"));
        assert_eq!(figures.shown(false), format!("{times}connect p50 none, connect p90 none"));
    }
}
