//! The limits of a lobby: every list, count and duration that it knows.

use std::time::Duration;

use net::proto::{MAX_ADJOURNED, RoomCode};

/// The limits of a lobby.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Sessions, including those without a link. When full, one gives way: of the origin with most of them, or one without a
    /// link and without a match at stake. A return is never refused.
    pub sessions: usize,
    /// Rooms, up to [`Limits::MAX_ROOMS`]. When full, the room that has been empty for longest is closed for a new one,
    /// unless a match is kept in it. Without such a room, the origin with most of them gives way.
    pub rooms: usize,
    /// The share of one origin in everything that is counted by origin, in percent: see [`share`](Self::share).
    pub percent_per_origin: usize,

    /// The grace period of a player whose link was lost. Until it ends, the other player cannot claim.
    ///
    /// 30 s is enough for a laptop to wake, find its Wi-Fi and dial again.
    pub grace: Duration,
    /// The grace period of a player who said goodbye: enough to start the program again.
    pub grace_on_purpose: Duration,
    /// The total absence of a player in one match, while the other waits, after which the other may claim at once. So
    /// nobody can hold up a match for ever by leaving and coming back.
    pub absence_per_match: Duration,

    /// The delay before the clock of a player's first move starts. The player may have been doing something else.
    pub first_move_grace: Duration,
    /// The most that one move is credited for network delay: more than ten times the longest round trip over which our
    /// transports are measured (40 ms), and too little to think in.
    pub lag_per_move: Duration,
    /// The most that a player is credited in one match, so that delay cannot be manufactured.
    pub lag_per_match: Duration,

    /// The time until an offer or a request for a rematch expires.
    pub offer_lifetime: Duration,
    /// The time for which an offer is shown before it can be accepted: enough to read it.
    pub offer_opens_after: Duration,

    /// Watchers of one room. When full, the origin with most of them gives way.
    pub watchers_per_room: usize,
    /// Chat messages that a session may send at once after a pause.
    pub chat_burst: u32,
    /// The time between two chat messages of a session after a burst.
    pub chat_every: Duration,

    /// Chat messages that all sessions in one room may send at once: as many as can be queued for each of them.
    pub room_chat_burst: u32,
    /// The time between two chat messages in one room after a burst.
    pub room_chat_every: Duration,

    /// Wrong passcodes per session within [`attempt_window`](Self::attempt_window).
    pub passcode_attempts_per_session: u32,
    /// Wrong passcodes per origin within the window: a whole household behind one router.
    pub passcode_attempts_per_origin: u32,
    /// The time after the first wrong passcode or code at which it and those that follow are forgotten together.
    pub attempt_window: Duration,
    /// Wrong codes of rooms per origin within the window. Rooms on the list can be joined all the same.
    pub code_attempts_per_origin: u32,
    /// Counts of wrong passcodes, and as many of wrong codes. When full, the oldest is forgotten.
    pub attempt_counts: usize,

    /// Rooms on the list: the newest that wait, then the newest in play.
    pub rooms_listed: usize,
    /// Rooms examined for one list, so that a filter cannot bring up rooms that nobody else sees.
    pub rooms_searched: usize,
    /// Sessions that browse the list at the same time. When full, browsing is rejected.
    pub browsers: usize,
    /// The shortest time between two lists for one session.
    pub list_every: Duration,

    /// The lifetime of a room without a guest while its host is away.
    pub unstarted_room: Duration,
    /// The lifetime of a room in play after both grace periods have ended.
    pub empty_room: Duration,
    /// The lifetime of a room with a finished match after the last player has gone.
    pub finished_room: Duration,

    /// Adjourned matches. When full, the origin with most of them gives way.
    pub adjourned: usize,
    /// Adjourned matches per session, up to [`MAX_ADJOURNED`].
    pub adjourned_per_session: usize,
    /// The lifetime of an adjourned match while nobody is in its room.
    pub adjourned_room: Duration,
}

impl Limits {
    /// The largest number of rooms: half of all codes, so that a free code is found quickly.
    pub const MAX_ROOMS: usize = RoomCode::COUNT / 2;

    /// The most of `total` that one origin may hold: a part of it, so that nobody can shut out the others. At least 2,
    /// so that two people can play from one address.
    pub fn share(&self, total: usize) -> usize {
        (total.saturating_mul(self.percent_per_origin) / 100).max(2).min(total)
    }

    /// The limits, reduced to what codes and messages can carry.
    #[must_use]
    pub fn clamped(self) -> Self {
        Self {
            rooms: self.rooms.min(Self::MAX_ROOMS),
            rooms_listed: self.rooms_listed.min(Self::MAX_ROOMS),
            adjourned_per_session: self.adjourned_per_session.min(MAX_ADJOURNED),
            ..self
        }
    }
}

impl Default for Limits {
    /// Limits for a machine on a LAN with some thousand players.
    fn default() -> Self {
        Self {
            sessions: 4_000,
            rooms: 2_000,
            percent_per_origin: 25,
            grace: Duration::from_secs(30),
            grace_on_purpose: Duration::from_secs(10),
            absence_per_match: Duration::from_mins(2),
            first_move_grace: Duration::from_secs(10),
            lag_per_move: Duration::from_millis(500),
            lag_per_match: Duration::from_secs(5),
            offer_lifetime: Duration::from_secs(30),
            offer_opens_after: Duration::from_secs(1),
            watchers_per_room: 32,
            chat_burst: 5,
            chat_every: Duration::from_secs(2),
            room_chat_burst: 16,
            room_chat_every: Duration::from_millis(250),
            passcode_attempts_per_session: 5,
            passcode_attempts_per_origin: 20,
            code_attempts_per_origin: 30,
            attempt_window: Duration::from_mins(10),
            attempt_counts: 10_000,
            rooms_listed: 30,
            rooms_searched: 300,
            browsers: 200,
            list_every: Duration::from_secs(1),
            unstarted_room: Duration::from_mins(10),
            empty_room: Duration::from_secs(30),
            finished_room: Duration::from_mins(5),
            adjourned: 500,
            adjourned_per_session: MAX_ADJOURNED,
            adjourned_room: Duration::from_hours(24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_quarter_and_at_least_two() {
        let share = |total| Limits::default().share(total);
        assert_eq!([share(0), share(1), share(8), share(12), share(4_000)], [0, 1, 2, 3, 1_000]);
        let all = Limits { percent_per_origin: 100, ..Limits::default() };
        assert_eq!([all.share(1), all.share(4_000)], [1, 4_000]);
    }

    #[test]
    fn limits_are_held_to_what_codes_and_messages_can_carry() {
        let most = usize::MAX;
        let wide =
            Limits { rooms: most, rooms_listed: most, adjourned_per_session: most, ..Limits::default() };
        let clamped = wide.clamped();
        assert_eq!((clamped.rooms, clamped.rooms_listed), (5_000, 5_000));
        assert_eq!(clamped.adjourned_per_session, MAX_ADJOURNED);
        let narrow = Limits { rooms: 1, rooms_listed: 2, adjourned_per_session: 3, ..Limits::default() };
        let kept = narrow.clamped();
        assert_eq!((kept.rooms, kept.rooms_listed, kept.adjourned_per_session), (1, 2, 3));
    }
}
