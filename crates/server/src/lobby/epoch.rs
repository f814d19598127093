//! The beginning of a server's time.

use std::time::Instant;

use net::proto::ServerTime;

/// The instant at which a server's time began. Messages count from it.
#[derive(Debug, Clone, Copy)]
pub struct Epoch(Instant);

impl Epoch {
    /// A time that begins at `now`.
    pub const fn new(now: Instant) -> Self {
        Self(now)
    }

    /// Microseconds of the server's time.
    pub(crate) fn micros(self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.0).as_micros()).unwrap_or(u64::MAX)
    }

    /// An instant in the server's time.
    pub fn time(self, now: Instant) -> ServerTime {
        let millis = now.saturating_duration_since(self.0).as_millis();
        ServerTime(u64::try_from(millis).unwrap_or(u64::MAX))
    }
}
