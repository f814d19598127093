//! A token bucket: a rate limit that allows bursts.

use std::time::{Duration, Instant};

/// Allows `rate` events a second on average, and `burst` at once after a pause.
#[derive(Debug, Clone, Copy)]
pub struct TokenBucket {
    /// The time in which the bucket gains one token.
    interval: Duration,
    /// The time in which an empty bucket fills: `burst` intervals.
    capacity: Duration,
    /// The time at which the bucket was or will be empty. Each token that is taken moves it by an interval.
    empty_at: Instant,
}

impl TokenBucket {
    /// A full bucket that gains `rate` tokens a second. Both numbers are at least 1.
    pub fn new(now: Instant, rate: u32, burst: u32) -> Self {
        Self::with_interval(now, Duration::from_secs(1) / rate.max(1), burst)
    }

    /// A full bucket that gains one token per `interval`. `burst` is at least 1.
    pub fn with_interval(now: Instant, interval: Duration, burst: u32) -> Self {
        let capacity = interval.saturating_mul(burst.max(1));
        Self { interval, capacity, empty_at: now.checked_sub(capacity).unwrap_or(now) }
    }

    /// Takes one token, or returns `false` if there is none.
    pub fn take(&mut self, now: Instant) -> bool {
        let oldest = now.checked_sub(self.capacity).unwrap_or(self.empty_at);
        let empty_at = self.empty_at.max(oldest) + self.interval;
        let there_is_one = empty_at <= now;
        if there_is_one {
            self.empty_at = empty_at;
        }
        there_is_one
    }

    /// Takes one token, on credit if there is none.
    pub fn take_on_credit(&mut self, now: Instant) {
        if !self.take(now) {
            self.empty_at += self.interval;
        }
    }

    /// The time from which no credit is left to be paid back.
    pub const fn settled_at(&self) -> Instant {
        self.empty_at
    }

    /// The time from which a token is available.
    pub fn ready_at(&self) -> Instant {
        self.empty_at + self.interval
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
    fn start() -> Instant {
        Instant::now() + Duration::from_hours(1)
    }

    #[test]
    fn a_burst_passes_then_only_the_rate() {
        let start = start();
        let mut bucket = TokenBucket::new(start, 10, 5);
        assert_eq!((0..100).filter(|_| bucket.take(start)).count(), 5);
        let millis = |count| start + Duration::from_millis(count);
        assert_eq!((1..=1000).filter(|&count| bucket.take(millis(count))).count(), 10);
    }

    #[test]
    fn a_token_taken_on_credit_is_paid_back_first() {
        let start = start();
        let mut bucket = TokenBucket::new(start, 10, 5);
        (0..5).for_each(|_| bucket.take_on_credit(start));
        assert_eq!(bucket.settled_at(), start);
        (0..2).for_each(|_| bucket.take_on_credit(start));
        let millis = |count| start + Duration::from_millis(count);
        assert_eq!((bucket.settled_at(), bucket.ready_at()), (millis(200), millis(300)));
        assert!(!bucket.take(millis(299)));
        assert!(bucket.take(millis(300)));
    }

    #[test]
    fn a_pause_fills_the_bucket_and_no_more() {
        let start = start();
        let mut bucket = TokenBucket::new(start, 10, 5);
        assert!(bucket.take(start));
        let later = start + Duration::from_hours(1);
        assert_eq!((0..100).filter(|_| bucket.take(later)).count(), 5);
    }
}
