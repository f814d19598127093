//! The beginning of a server's time, as its sessions are told it.

use std::time::Instant;

use net::proto::ServerTime;

/// When the server's time began.
#[derive(Debug, Clone, Copy)]
pub struct Epoch(Instant);

impl Epoch {
    /// A time that begins now.
    pub const fn new(now: Instant) -> Self {
        Self(now)
    }

    /// An instant as sessions are told it.
    pub fn time(self, now: Instant) -> ServerTime {
        let millis = now.saturating_duration_since(self.0).as_millis();
        ServerTime(u64::try_from(millis).unwrap_or(u64::MAX))
    }
}
