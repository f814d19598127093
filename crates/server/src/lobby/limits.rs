//! The bounds of a lobby: every list, count and duration that it knows.

use std::time::Duration;

use net::proto::{MAX_ADJOURNED, RoomCode};

/// How much a lobby holds, and for how long.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Sessions at most, those without a link included. When full, a hello is refused; a return is not.
    pub sessions: usize,
    /// Rooms at most, up to [`Limits::MAX_ROOMS`]. When full, a new one takes the place of the one that nobody has been in
    /// for longest, unless a match is kept there; without such a room, to open another is rejected.
    pub rooms: usize,

    /// How long the seat of a player whose link was lost is theirs alone. After it, who stayed may claim.
    ///
    /// 30 s is what a laptop needs to wake, find its Wi-Fi and dial again.
    pub grace: Duration,
    /// The same for a player who said goodbye: long enough to start the program again.
    pub grace_on_purpose: Duration,
    /// How long a player may be absent in one match while the other waits, all absences together, before the other may
    /// claim at once. So nobody can hold up a match for ever by going and coming back.
    pub absence_per_match: Duration,

    /// How long a clock waits before it runs for a player's first move, who may have been doing something else.
    pub first_move_grace: Duration,
    /// The most that a move is credited for the network's delay: ten times the longest round trip that our transports are
    /// measured over (40 ms) and more, and too little to think in.
    pub lag_per_move: Duration,
    /// The most that a player is credited in one match, so that delay cannot be made to order.
    pub lag_per_match: Duration,

    /// How long an offer waits for its answer, and a wish for a rematch for the other's.
    pub offer_lifetime: Duration,
    /// How long an offer is shown before it can be accepted: the time to read it.
    pub offer_opens_after: Duration,

    /// Watchers of one room at most. When full, to watch is rejected.
    pub watchers_per_room: usize,
    /// Things that a session may say at once after a pause.
    pub chat_burst: u32,
    /// How long it takes until a session that has said so much may say one thing more.
    pub chat_every: Duration,

    /// Things that everybody in one room together may say at once: as many as each of them can be sent.
    pub room_chat_burst: u32,
    /// How long it takes until a room in which so much was said listens to one thing more.
    pub room_chat_every: Duration,

    /// Wrong passcodes that a session may try within [`passcode_window`](Self::passcode_window).
    pub passcode_attempts_per_session: u32,
    /// Wrong passcodes that one address may try within the window: a whole household behind one router.
    pub passcode_attempts_per_origin: u32,
    /// How long the first wrong passcode counts, and with it those that follow: they are forgotten together.
    pub passcode_window: Duration,
    /// Addresses whose wrong passcodes are remembered. When full, no passcode is taken from another.
    pub passcode_origins: usize,

    /// Rooms on the list: the newest that wait, then the newest in play.
    pub rooms_listed: usize,
    /// Rooms that are looked at for one list, so that a filter which nothing fits costs no more than another.
    pub rooms_searched: usize,
    /// Sessions that are shown the list at once. When full, to browse is rejected.
    pub browsers: usize,
    /// The shortest time between two lists for one session.
    pub list_every: Duration,

    /// How long a room waits for its second player while its owner is away.
    pub unstarted_room: Duration,
    /// How long a room stays after the time of everybody in it is over.
    pub empty_room: Duration,
    /// How long the result of a match stays after the last one has gone from it.
    pub finished_room: Duration,

    /// Adjourned matches at most. When full, to adjourn is rejected.
    pub adjourned: usize,
    /// Adjourned matches of one address at most: a class behind one router, and not a server's all.
    pub adjourned_per_origin: usize,
    /// Adjourned matches of one session at most, up to [`MAX_ADJOURNED`].
    pub adjourned_per_session: usize,
    /// How long an adjourned match is kept while nobody is in its room.
    pub adjourned_room: Duration,
}

impl Limits {
    /// The largest number of rooms: half of all codes, so that a free one is found at once.
    pub const MAX_ROOMS: usize = RoomCode::COUNT / 2;

    /// The limits, held to what codes and messages can bear.
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
    /// For a machine on a LAN: some thousand players.
    fn default() -> Self {
        Self {
            sessions: 4_000,
            rooms: 2_000,
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
            passcode_window: Duration::from_mins(10),
            passcode_origins: 1_000,
            rooms_listed: 30,
            rooms_searched: 300,
            browsers: 200,
            list_every: Duration::from_secs(1),
            unstarted_room: Duration::from_mins(10),
            empty_room: Duration::from_secs(30),
            finished_room: Duration::from_mins(5),
            adjourned: 500,
            adjourned_per_origin: 64,
            adjourned_per_session: MAX_ADJOURNED,
            adjourned_room: Duration::from_hours(24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_held_to_what_codes_and_messages_can_carry() {
        let most = usize::MAX;
        let wide =
            Limits { rooms: most, rooms_listed: most, adjourned_per_session: most, ..Limits::default() };
        let clamped = wide.clamped();
        assert_eq!((clamped.rooms, clamped.rooms_listed), (Limits::MAX_ROOMS, Limits::MAX_ROOMS));
        assert_eq!(clamped.adjourned_per_session, MAX_ADJOURNED);
        let narrow = Limits { rooms: 1, rooms_listed: 2, adjourned_per_session: 3, ..Limits::default() };
        let kept = narrow.clamped();
        assert_eq!((kept.rooms, kept.rooms_listed, kept.adjourned_per_session), (1, 2, 3));
    }
}
