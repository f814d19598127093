//! A clock that moves only on request.

use std::time::{Duration, Instant};

/// A clock that stands still between two calls.
#[derive(Debug, Clone)]
pub struct Clock {
    now: Instant,
}

impl Clock {
    /// A clock at some instant, far enough from the system's start that a test can look back.
    ///
    /// An [`Instant`] can only be taken from the system; which one it is has no influence.
    #[expect(clippy::disallowed_methods, reason = "there is no other way to make an `Instant`")]
    pub fn new() -> Self {
        Self { now: Instant::now() + Duration::from_hours(24) }
    }

    /// The current time.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Advances the clock.
    pub fn advance(&mut self, by: Duration) {
        self.now += by;
    }

    /// Advances the clock to `instant`; it never goes back.
    pub fn advance_to(&mut self, instant: Instant) {
        self.now = self.now.max(instant);
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}
