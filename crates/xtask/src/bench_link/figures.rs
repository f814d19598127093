//! The few numbers that a trial is told by, and their medians over several runs.

use anyhow::ensure;

use super::trial::Outcome;

/// What a trial is told by. Times are in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Figures {
    /// How long a message took, half of them at most.
    pub(super) p50: f64,
    /// Nine in ten at most.
    pub(super) p90: f64,
    /// Ninety-nine in a hundred at most.
    pub(super) p99: f64,
    /// The slowest.
    pub(super) max: f64,
    /// IP packets for each message, in both directions.
    pub(super) packets: f64,
    /// Their bytes for each message.
    pub(super) bytes: f64,
    /// Connections that broke.
    pub(super) broken: f64,
    /// How long a connection took, half of them at most.
    pub(super) connect_p50: f64,
    /// Nine in ten at most.
    pub(super) connect_p90: f64,
}

impl Figures {
    /// Sums up a trial.
    ///
    /// # Errors
    ///
    /// Says that nothing was measured.
    pub(super) fn of(outcome: Outcome) -> anyhow::Result<Self> {
        let Outcome { mut latencies, broken, mut connects, packets, bytes } = outcome;
        ensure!(!latencies.is_empty() && !connects.is_empty(), "nothing was measured");
        latencies.sort_unstable();
        connects.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "counts and microseconds stay far below 2^52")]
        let (float, count) = (|number: u64| number as f64, |number: usize| number as f64);
        let all = count(latencies.len());
        let millis = |sorted: &[u64], percent| float(percentile(sorted, percent)) / 1000.0;
        Ok(Self {
            p50: millis(&latencies, 50),
            p90: millis(&latencies, 90),
            p99: millis(&latencies, 99),
            max: millis(&latencies, 100),
            packets: float(packets) / all,
            bytes: float(bytes) / all,
            broken: count(broken),
            connect_p50: millis(&connects, 50),
            connect_p90: millis(&connects, 90),
        })
    }

    /// The median of each number for itself; `None` if there is no run.
    pub(super) fn median(runs: &[Self]) -> Option<Self> {
        let of = |number: fn(&Self) -> f64| {
            let mut numbers: Vec<_> = runs.iter().map(number).collect();
            numbers.sort_by(f64::total_cmp);
            numbers.get(numbers.len() / 2).copied()
        };
        Some(Self {
            p50: of(|run| run.p50)?,
            p90: of(|run| run.p90)?,
            p99: of(|run| run.p99)?,
            max: of(|run| run.max)?,
            packets: of(|run| run.packets)?,
            bytes: of(|run| run.bytes)?,
            broken: of(|run| run.broken)?,
            connect_p50: of(|run| run.connect_p50)?,
            connect_p90: of(|run| run.connect_p90)?,
        })
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
        let outcome = Outcome {
            latencies: vec![3000, 1000, 2000, 4000],
            broken: 1,
            connects: vec![5000],
            packets: 6,
            bytes: 400,
        };
        let figures = Figures::of(outcome).unwrap();
        let expected = Figures {
            p50: 2.0,
            p90: 4.0,
            p99: 4.0,
            max: 4.0,
            packets: 1.5,
            bytes: 100.0,
            broken: 1.0,
            connect_p50: 5.0,
            connect_p90: 5.0,
        };
        assert_eq!(figures, expected);
    }

    #[test]
    fn a_median_is_taken_of_each_number_for_itself() {
        let runs = [(1.0, 9.0), (3.0, 7.0), (2.0, 8.0)];
        let runs = runs.map(|(p50, max)| Figures { p50, max, ..Figures::default() });
        let median = Figures::median(&runs).unwrap();
        assert_eq!((median.p50, median.max), (2.0, 8.0));
        assert_eq!(Figures::median(&[]), None);
    }
}
