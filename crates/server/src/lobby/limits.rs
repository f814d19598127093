//! The bounds of a lobby.

use std::time::Duration;

use net::proto::RoomCode;

/// How much a lobby holds, and for how long.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Sessions at most, those with a lost link included. When full, a hello is refused; a return is not.
    pub sessions: usize,
    /// Rooms at most, up to [`Limits::MAX_ROOMS`]. When full, to open another is rejected.
    pub rooms: usize,
    /// How long a seat is kept for a lost link. A room from which everybody is away is given up after it.
    pub grace: Duration,
}

impl Limits {
    /// The largest number of rooms: half of all codes, so that a free one is found at once.
    pub const MAX_ROOMS: usize = RoomCode::COUNT / 2;
}

impl Default for Limits {
    /// For a machine on a LAN: some thousand players.
    ///
    /// The grace of 30 s is what a laptop needs to wake, find its Wi-Fi and dial again.
    fn default() -> Self {
        Self { sessions: 4_000, rooms: 2_000, grace: Duration::from_secs(30) }
    }
}
