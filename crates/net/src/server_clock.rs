//! An estimate of the server's clock from its pings, so that a time in a message counts from when the message was made,
//! however long it was under way.
//!
//! A ping carries the time of its sending. It arrives later by the delay of the path and by the difference of the two
//! clocks. The difference is constant and the delay varies, so the earliest of the last few pings is the best. Its own
//! delay is estimated as half the shortest round trip. This is NTP's clock filter (RFC 5905 section 10), with one clock
//! that only listens. The error is half the difference between the delays of the two directions.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::proto::ServerTime;

/// Pings that are kept, as many as NTP's filter has stages (RFC 5905 section 10). During a match the clocks drift apart by
/// less than a millisecond in their time, and by some milliseconds before it, at a ping every 10 s.
const STAGES: usize = 8;

/// An estimate of the server's clock, over one link.
#[derive(Debug, Clone)]
pub struct ServerClock {
    /// A local instant to count from.
    origin: Instant,
    /// The last pings, the oldest first.
    samples: VecDeque<Sample>,
}

/// The difference between the server's clock and ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockOffset {
    /// A local instant to count from.
    origin: Instant,
    /// Microseconds from there to the server's time 0; negative if that was earlier.
    zero_micros: i64,
}

/// The information of one ping.
#[derive(Debug, Clone, Copy)]
struct Sample {
    /// Microseconds from the origin to the server's time 0, if the ping had no delay.
    zero_micros: i64,
    /// The round trip that it carried.
    rtt: Option<Duration>,
}

impl ServerClock {
    /// A clock without any ping yet.
    pub const fn new(now: Instant) -> Self {
        Self { origin: now, samples: VecDeque::new() }
    }

    /// Takes in a ping that arrived now and was sent `at` a time of the server, with the last round trip that it measured.
    pub fn handle_ping(&mut self, now: Instant, at: ServerTime, rtt: Option<Duration>) -> ClockOffset {
        if self.samples.len() == STAGES {
            self.samples.pop_front();
        }
        let came = micros(now.saturating_duration_since(self.origin));
        self.samples.push_back(Sample { zero_micros: came.saturating_sub(server_micros(at)), rtt });
        let soonest = self.samples.iter().map(|sample| sample.zero_micros).min().unwrap_or_default();
        let shortest = self.samples.iter().filter_map(|sample| sample.rtt).min().unwrap_or_default();
        ClockOffset { origin: self.origin, zero_micros: soonest.saturating_sub(micros(shortest / 2)) }
    }
}

impl ClockOffset {
    /// Converts a time of the server to an instant of ours; `None` if that is out of range.
    pub fn instant(self, at: ServerTime) -> Option<Instant> {
        let micros = self.zero_micros.saturating_add(server_micros(at));
        let distance = Duration::from_micros(micros.unsigned_abs());
        if micros < 0 { self.origin.checked_sub(distance) } else { self.origin.checked_add(distance) }
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn server_micros(at: ServerTime) -> i64 {
    i64::try_from(at.0.saturating_mul(1_000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use game_core::SplitMix64;

    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
    fn start() -> Instant {
        Instant::now()
    }

    /// Pings a path for 20 s and returns the error of the estimate.
    ///
    /// The one-way delays are `there` and `back` and up to `jitter` more each time; the server began an hour before.
    fn mistake(seed: u64, [there, back, jitter]: [u64; 3]) -> Duration {
        let mut random = SplitMix64::new(seed);
        let server_began = start();
        let origin = server_began + Duration::from_hours(1);
        let mut clock = ServerClock::new(origin);
        let mut rtt = None;
        let mut offset = None;
        for second in 0..20 {
            let sent = origin + Duration::from_secs(second);
            let at = server_time(server_began, sent);
            let mut delay = |least: u64| Duration::from_micros(least + random.below(jitter + 1));
            let (out, home) = (delay(there), delay(back));
            offset = Some(clock.handle_ping(sent + out, at, rtt));
            rtt = Some(out + home);
        }
        let moment = origin + Duration::from_secs(30);
        let guess = offset.unwrap().instant(server_time(server_began, moment)).unwrap();
        guess.saturating_duration_since(moment).max(moment.saturating_duration_since(guess))
    }

    fn server_time(began: Instant, now: Instant) -> ServerTime {
        ServerTime(u64::try_from(now.saturating_duration_since(began).as_millis()).unwrap())
    }

    #[track_caller]
    fn check(path: [u64; 3]) {
        let [there, back, jitter] = path;
        let bound = Duration::from_micros(u64::midpoint(there.abs_diff(back), jitter)) + MILLISECOND;
        for seed in 0..200 {
            let mistake = mistake(seed, path);
            assert!(mistake <= bound, "{mistake:?} with seed {seed} on {path:?}");
        }
    }

    #[test]
    fn the_error_is_bounded_by_the_asymmetry_and_what_jitter_leaves() {
        check([0, 0, 0]);
        check([200, 200, 0]);
        check([20_000, 20_000, 0]);
        check([20_000, 20_000, 15_000]);
        check([5_000, 60_000, 10_000]);
        check([60_000, 5_000, 10_000]);
        check([100, 100, 400_000]);
    }

    #[test]
    fn one_late_ping_changes_nothing() {
        let origin = start();
        let mut clock = ServerClock::new(origin);
        let rtt = Some(2 * MILLISECOND);
        let first = clock.handle_ping(origin + MILLISECOND, ServerTime(0), rtt);
        let late = origin + Duration::from_secs(9);
        assert_eq!(clock.handle_ping(late, ServerTime(1_000), rtt), first);
        assert_eq!(first.instant(ServerTime(500)), Some(origin + Duration::from_millis(500)));
    }

    #[test]
    fn what_was_long_ago_is_forgotten() {
        let origin = start();
        let mut clock = ServerClock::new(origin);
        clock.handle_ping(origin, ServerTime(5_000), None);
        let mut last = None;
        for second in 0..u64::try_from(STAGES).unwrap() {
            last = Some(clock.handle_ping(
                origin + Duration::from_secs(second),
                ServerTime(second * 1_000),
                None,
            ));
        }
        assert_eq!(last.unwrap().instant(ServerTime(0)), Some(origin));
    }

    #[test]
    fn no_time_of_a_server_breaks_it() {
        let origin = start();
        for at in [0, 1, u64::MAX / 2, u64::MAX] {
            let mut clock = ServerClock::new(origin);
            let offset = clock.handle_ping(origin, ServerTime(at), Some(Duration::MAX));
            for asked in [0, at, u64::MAX] {
                let _any = offset.instant(ServerTime(asked));
            }
        }
    }
}
