//! The estimate of the round-trip time by RFC 6298.

use std::time::Duration;

/// A running estimate of the round-trip time and its variation.
///
/// `SRTT <- 7/8 SRTT + 1/8 R` and `RTTVAR <- 3/4 RTTVAR + 1/4 |SRTT - R|`, with the first sample as SRTT and half
/// of it as RTTVAR (RFC 6298 section 2.2 and 2.3). Samples come from packet numbers, which are never used twice, so
/// that a sample always belongs to the packet it is taken for (no need for Karn's rule, section 3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct RttEstimator {
    estimate: Option<Estimate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Estimate {
    srtt: Duration,
    rttvar: Duration,
}

impl RttEstimator {
    /// Takes in one measured round trip, clamped to between a microsecond and [`MAX_SAMPLE`].
    pub(super) fn sample(&mut self, rtt: Duration) {
        let rtt = rtt.clamp(MIN_SAMPLE, MAX_SAMPLE);
        self.estimate = Some(match self.estimate {
            None => Estimate { srtt: rtt, rttvar: rtt / 2 },
            Some(Estimate { srtt, rttvar }) => {
                Estimate { rttvar: (rttvar * 3 + srtt.abs_diff(rtt)) / 4, srtt: (srtt * 7 + rtt) / 8 }
            }
        });
    }

    /// Returns the smoothed round-trip time; `None` before the first sample.
    pub(super) fn srtt(&self) -> Option<Duration> {
        self.estimate.map(|estimate| estimate.srtt)
    }

    /// Returns its variation; `None` before the first sample.
    pub(super) fn rttvar(&self) -> Option<Duration> {
        self.estimate.map(|estimate| estimate.rttvar)
    }

    /// Returns `SRTT + max(G, K*RTTVAR)` with K = 4 (RFC 6298 section 2.3), without the minimum of a second that
    /// section 2.4 asks for: the caller has its own bounds.
    pub(super) fn timeout(&self, granularity: Duration) -> Option<Duration> {
        self.estimate.map(|estimate| estimate.srtt + granularity.max(estimate.rttvar * 4))
    }
}

/// The clock may not have moved between two calls, and an RTT of 0 would cause a division by zero elsewhere.
const MIN_SAMPLE: Duration = Duration::from_micros(1);

/// More than the idle timeout, and small enough that the sums above cannot overflow.
const MAX_SAMPLE: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use super::*;

    const fn micros(count: u64) -> Duration {
        Duration::from_micros(count)
    }

    /// Worked by hand from the formulas of RFC 6298, in microseconds: R, then RTTVAR, SRTT and the timeout with a
    /// granularity of 1,000.
    ///
    /// ```text
    /// R = 8000: SRTT = 8000, RTTVAR = 4000, 8000 + 16000
    /// R = 8000: RTTVAR = 3/4 4000 + 1/4 0 = 3000, SRTT = 8000
    /// R = 16000: RTTVAR = 3/4 3000 + 1/4 8000 = 4250, SRTT = 7/8 8000 + 1/8 16000 = 9000
    /// R = 1000: RTTVAR = 3/4 4250 + 1/4 8000 = 5187.5, SRTT = 7/8 9000 + 1/8 1000 = 8000
    /// R = 8000: RTTVAR = 3/4 5187.5 = 3890.625, SRTT = 8000
    /// ```
    const TABLE: [(u64, u64, u64, u64); 5] = [
        (8_000, 4_000_000, 8_000_000, 24_000_000),
        (8_000, 3_000_000, 8_000_000, 20_000_000),
        (16_000, 4_250_000, 9_000_000, 26_000_000),
        (1_000, 5_187_500, 8_000_000, 28_750_000),
        (8_000, 3_890_625, 8_000_000, 23_562_500),
    ];

    #[test]
    fn the_estimate_follows_the_table_worked_by_hand() {
        let mut rtt = RttEstimator::default();
        assert_eq!((rtt.srtt(), rtt.timeout(micros(1_000))), (None, None));
        for (sample, rttvar, srtt, timeout) in TABLE {
            rtt.sample(micros(sample));
            let estimate = rtt.estimate.unwrap();
            assert_eq!(estimate.rttvar, Duration::from_nanos(rttvar), "RTTVAR after {sample}");
            assert_eq!(estimate.srtt, Duration::from_nanos(srtt), "SRTT after {sample}");
            assert_eq!(rtt.timeout(micros(1_000)), Some(Duration::from_nanos(timeout)), "after {sample}");
        }
    }

    #[test]
    fn a_steady_path_leaves_only_the_granularity() {
        let mut rtt = RttEstimator::default();
        for _ in 0..100 {
            rtt.sample(micros(2_000));
        }
        assert_eq!(rtt.timeout(micros(1_000)), Some(micros(3_000)));
    }

    #[test]
    fn samples_are_bounded() {
        let mut rtt = RttEstimator::default();
        rtt.sample(Duration::MAX);
        assert_eq!(rtt.srtt(), Some(MAX_SAMPLE));
        let mut rtt = RttEstimator::default();
        rtt.sample(Duration::ZERO);
        assert_eq!(rtt.srtt(), Some(MIN_SAMPLE));
    }
}
