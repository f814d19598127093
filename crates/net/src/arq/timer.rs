//! The time at which unacknowledged messages are sent again.

use std::time::{Duration, Instant};

use super::{config::Timing, rtt::RttEstimator};

/// The timer of a send window: it fires when everything unacknowledged goes out again.
///
/// ```text
/// fresh      early copy                 copies, at equal intervals, then further and further apart
///   |  4 ms   |                            |                |                |
///   +---------+----------------------------+----------------+----------------+-------------- …
///   |<------- interval: RTT, variance, ack delay ---------->|
/// ```
#[derive(Debug, Default)]
pub(super) struct ResendTimer {
    /// The time of the early copy of the last new message.
    early_at: Option<Instant>,
    /// The time of the next copy.
    resend_at: Option<Instant>,
    /// Copies since the last acknowledgement, early ones not counted.
    copies: u32,
    /// The time since which messages have been waiting without an acknowledgement.
    waiting_since: Option<Instant>,
}

impl ResendTimer {
    /// Notes that a message was sent for the first time.
    pub(super) fn sent_fresh(&mut self, now: Instant, interval: Duration, timing: &Timing) {
        self.waiting_since.get_or_insert(now);
        if timing.early_copy < interval {
            self.early_at = Some(now + timing.early_copy);
        }
        self.resend_at.get_or_insert(now + interval);
    }

    /// Notes that everything unacknowledged was sent again. Returns whether this was the early copy.
    pub(super) fn sent_copy(&mut self, now: Instant, interval: Duration, timing: &Timing) -> bool {
        if self.early_at.take_if(|early_at| *early_at <= now).is_some()
            && self.resend_at.is_some_and(|resend_at| resend_at > now)
        {
            let earliest = now + timing.resend_floor;
            self.resend_at = self.resend_at.map(|resend_at| resend_at.max(earliest));
            return true;
        }
        self.copies = self.copies.saturating_add(1);
        self.resend_at = Some(now + self.backed_off(now, interval, timing));
        false
    }

    /// Notes an acknowledgement: the path works. `sent_at` is when the remaining messages were last sent, `None` if
    /// none remain.
    pub(super) fn progressed(&mut self, now: Instant, sent_at: Option<Instant>, interval: Duration) {
        self.copies = 0;
        match sent_at {
            None => *self = Self::default(),
            Some(sent_at) => {
                self.waiting_since = Some(now);
                self.resend_at = Some((sent_at + interval).max(now));
            }
        }
    }

    /// Returns whether everything unacknowledged has to be sent again.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.deadline().is_some_and(|deadline| deadline <= now)
    }

    /// The time of the next copy, early or not.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.early_at.into_iter().chain(self.resend_at).min()
    }

    /// The interval to the next copy: four equal ones, since on a bad path copies are simply lost; then each half as
    /// long again, up to 100 ms (or the interval) while the silence is young, and then the cap.
    fn backed_off(&self, now: Instant, interval: Duration, timing: &Timing) -> Duration {
        let silence = self.waiting_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        if silence >= SILENCE {
            return timing.resend_cap.max(interval);
        }
        let steps = self.copies.saturating_sub(EQUAL_COPIES).min(MAX_STEPS);
        let backed_off = (0..steps).fold(interval, |interval, _| interval * 3 / 2);
        backed_off.min(interval.max(YOUNG_CAP))
    }
}

/// The interval between copies: `SRTT + max(1 ms, 4 RTTVAR)` and the delay of the peer's acknowledgements, within the
/// bounds of the configuration.
pub(super) fn resend_interval(rtt: &RttEstimator, peer_delay: Duration, timing: &Timing) -> Duration {
    rtt.timeout(GRANULARITY).map_or(timing.resend_before_sample, |timeout| {
        (timeout + peer_delay).clamp(timing.resend_floor, timing.resend_cap)
    })
}

/// The granularity of tokio's timers: an acknowledgement that is this late is not lost.
const GRANULARITY: Duration = Duration::from_millis(1);

/// Copies at equal intervals: at 20 % loss, five in a row are lost once in 3,000 times.
const EQUAL_COPIES: u32 = 4;

/// After this many steps the interval exceeds any cap.
const MAX_STEPS: u32 = 16;

/// The longest interval while the silence is young: after a blackout, the first copy comes within it.
const YOUNG_CAP: Duration = Duration::from_millis(100);

/// The length from which a silence is no longer young.
const SILENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Clock;

    /// The copies that go out if nothing is ever acknowledged, in milliseconds after the first sending, with a steady
    /// RTT.
    fn copies(rtt_millis: Option<u64>, until_millis: u64) -> Vec<u64> {
        let timing = Timing::default();
        let mut rtt = RttEstimator::default();
        for _ in 0..100 {
            if let Some(millis) = rtt_millis {
                rtt.sample(Duration::from_millis(millis));
            }
        }
        let interval = resend_interval(&rtt, Duration::from_millis(1), &timing);
        let mut clock = Clock::new();
        let start = clock.now();
        let mut timer = ResendTimer::default();
        timer.sent_fresh(start, interval, &timing);
        let mut copies = Vec::new();
        while let Some(deadline) =
            timer.deadline().filter(|at| *at <= start + Duration::from_millis(until_millis))
        {
            clock.advance_to(deadline);
            assert!(timer.is_due(clock.now()));
            timer.sent_copy(clock.now(), interval, &timing);
            assert!(!timer.is_due(clock.now()), "a copy moves the deadline on");
            copies.push(u64::try_from((clock.now() - start).as_millis()).unwrap());
        }
        copies
    }

    #[test]
    fn on_a_lan_copies_follow_the_round_trip() {
        assert_eq!(copies(Some(2), 40), [4, 8, 12, 16, 20, 26, 35]);
    }

    #[test]
    fn on_a_long_path_one_early_copy_goes_ahead() {
        assert_eq!(copies(Some(40), 220), [4, 42, 84, 126, 168, 210]);
    }

    #[test]
    fn before_a_sample_copies_are_careful() {
        assert_eq!(copies(None, 450), [4, 100, 200, 300, 400]);
    }

    #[test]
    fn a_long_silence_is_asked_less_and_less() {
        let all = copies(Some(2), 10_000);
        let between = |from, to| all.iter().filter(|at| (from..to).contains(*at)).count();
        assert_eq!((between(1_000, 2_000), between(3_000, 4_000), between(9_000, 10_000)), (10, 4, 4));
    }

    #[test]
    fn progress_begins_anew() {
        let timing = Timing::default();
        let interval = Duration::from_millis(4);
        let mut clock = Clock::new();
        let mut timer = ResendTimer::default();
        timer.sent_fresh(clock.now(), interval, &timing);
        for _ in 0..20 {
            clock.advance_to(timer.deadline().unwrap());
            timer.sent_copy(clock.now(), interval, &timing);
        }
        timer.progressed(clock.now(), Some(clock.now()), interval);
        assert_eq!(timer.deadline(), Some(clock.now() + interval));
        timer.progressed(clock.now(), None, interval);
        assert_eq!(timer.deadline(), None);
    }

    #[test]
    fn the_interval_stays_within_its_bounds_whatever_is_measured() {
        let timing = Timing::default();
        for millis in [0, 1, 1_000, 3_600_000] {
            let mut rtt = RttEstimator::default();
            rtt.sample(Duration::from_millis(millis));
            let interval = resend_interval(&rtt, Duration::from_millis(1), &timing);
            assert!((timing.resend_floor..=timing.resend_cap).contains(&interval), "{millis}: {interval:?}");
        }
    }
}
