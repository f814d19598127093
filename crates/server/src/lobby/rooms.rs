//! The rooms of a lobby, and the two things kept beside them: the deadline of each room and the number of changes of the
//! list of rooms.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Instant,
};

use game_core::SplitMix64;
use net::proto::{Phase, Reject, RoomCode, RoomLine, Seat, SessionId, Terms};

use super::{
    holdings::{Holdings, NoSpace, Space},
    keep::FinishedMatch,
    limits::Limits,
    origin::Origin,
    people::Person,
    room::Room,
    seat::Player,
};

/// All rooms by their codes.
///
/// A room is changed only by [`change`](Self::change), which brings the deadlines and the list into line.
///
/// The room for a quick match, the room to close when full, and adjourned matches are found by a search through all rooms, which
/// takes 13 us for 5,000 of them (measured by `benches/lobby.rs`); the list takes 137 us, once a second. A move takes less
/// than 1 us and is followed by the question for the next deadline, so that has an index.
#[derive(Debug)]
pub(super) struct Rooms {
    by_code: BTreeMap<RoomCode, Box<Entry>>,
    deadlines: BTreeSet<(Instant, RoomCode)>,
    opened: u64,
    list_changes: u64,
    /// The rooms that may have to be kept anew, some of them twice, and the matches that have ended, since somebody took
    /// them.
    touched: VecDeque<RoomCode>,
    finished: Vec<FinishedMatch>,
    /// The rooms that each origin has opened.
    holdings: Holdings,
    /// Draws room codes. They are not secret, so a seed will do.
    rng: SplitMix64,
}

#[derive(Debug)]
struct Entry {
    room: Room,
    /// The room in the list of rooms, unless it is not there.
    line: Option<RoomLine>,
    /// The time of this room in the deadlines.
    deadline: Option<Instant>,
}

impl Rooms {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            by_code: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            opened: 0,
            list_changes: 0,
            touched: VecDeque::new(),
            finished: Vec::new(),
            holdings: Holdings::default(),
            rng: SplitMix64::new(seed),
        }
    }

    /// Opens a room with a code and a number that no other room has. There must be fewer rooms than codes.
    pub(super) fn open(&mut self, now: Instant, room: impl FnOnce(RoomCode, u64) -> Room) -> RoomCode {
        let code = self.free_code();
        self.opened += 1;
        let room = room(code, self.opened);
        self.holdings.add(room.origin);
        self.insert(now, room);
        code
    }

    /// Puts a kept room back. None may have its code.
    pub(super) fn restore(&mut self, now: Instant, room: Room) {
        self.opened = self.opened.max(room.number);
        self.insert(now, room);
    }

    fn insert(&mut self, now: Instant, room: Room) {
        let code = room.code;
        self.by_code.insert(code, Box::new(Entry { room, line: None, deadline: None }));
        self.change(now, code, |_, _| ());
    }

    /// Notes the origin from which a player of a kept room has returned.
    pub(super) fn set_origin(&mut self, session: SessionId, origin: Origin) {
        for entry in self.by_code.values_mut() {
            let Some(seat) = entry.room.series.seats.of_session(session) else { continue };
            if let Some(player) = entry.room.series.seats.player_mut(seat) {
                player.person.origin.get_or_insert(origin);
            }
            if seat == Seat::Host && entry.room.origin.is_none() {
                entry.room.origin = Some(origin);
                self.holdings.add(Some(origin));
            }
        }
    }

    /// Changes a room; `None` if there is none of this code.
    pub(super) fn change<R>(
        &mut self,
        now: Instant,
        code: RoomCode,
        change: impl FnOnce(&mut Room, Instant) -> R,
    ) -> Option<R> {
        let Entry { room, line, deadline } = &mut **self.by_code.get_mut(&code)?;
        let was_over = room.has_ended();
        let result = change(room, now);
        room.series.settle(now);
        let next = room.line();
        if *line != next {
            *line = next;
            self.list_changes += 1;
        }
        self.touched.push_back(code);
        if !was_over {
            self.finished.extend(room.finished());
        }
        let next = room.poll_timeout();
        if *deadline != next {
            if let Some(before) = std::mem::replace(deadline, next) {
                self.deadlines.remove(&(before, code));
            }
            self.deadlines.extend(next.map(|at| (at, code)));
        }
        Some(result)
    }

    pub(super) fn remove(&mut self, code: RoomCode) -> Option<Room> {
        let Entry { room, line, deadline } = *self.by_code.remove(&code)?;
        if let Some(at) = deadline {
            self.deadlines.remove(&(at, code));
        }
        self.list_changes += u64::from(line.is_some());
        self.holdings.remove(room.origin);
        self.touched.push_back(code);
        Some(room)
    }

    /// Notes that the rooms of these sessions may have to be kept anew.
    pub(super) fn touch_rooms_of(&mut self, sessions: &BTreeSet<SessionId>) {
        let is_one = |(_, player): (_, &Player)| sessions.contains(&player.person.session);
        let theirs = self.by_code.values().filter(|entry| entry.room.series.seats.players().any(is_one));
        self.touched.extend(theirs.map(|entry| entry.room.code));
    }

    /// Takes a room that may have to be kept anew.
    pub(super) fn take_touched(&mut self) -> Option<RoomCode> {
        self.touched.pop_front()
    }

    /// Forgets all that may have to be kept.
    pub(super) fn forget_touched(&mut self) {
        self.touched.clear();
        self.finished.clear();
    }

    /// Takes the matches that have ended.
    pub(super) fn take_finished(&mut self) -> Vec<FinishedMatch> {
        std::mem::take(&mut self.finished)
    }

    /// A room whose deadline has come.
    pub(super) fn due(&self, now: Instant) -> Option<RoomCode> {
        self.deadlines.first().filter(|(at, _)| *at <= now).map(|(_, code)| *code)
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    pub(super) fn get(&self, code: RoomCode) -> Option<&Room> {
        self.by_code.get(&code).map(|entry| &entry.room)
    }

    pub(super) fn codes(&self) -> Vec<RoomCode> {
        self.by_code.keys().copied().collect()
    }

    pub(super) fn len(&self) -> usize {
        self.by_code.len()
    }

    pub(super) const fn list_changes(&self) -> u64 {
        self.list_changes
    }

    /// The rooms on the list: the waiting ones, newest first, then those in play, likewise.
    pub(super) fn listed(&self) -> impl Iterator<Item = &Room> {
        let mut listed: Vec<&Room> = self.iter().filter(|room| room.is_listed()).collect();
        listed.sort_unstable_by_key(|room| (room.series.phase != Phase::Waiting, Reverse(room.number)));
        listed.into_iter()
    }

    /// The room that was opened first, of those with the wanted terms that are open to a person.
    pub(super) fn oldest_open(
        &self,
        terms: Option<Terms>,
        person: &Person,
        is_welcome: impl Fn(&Room) -> bool,
    ) -> Option<RoomCode> {
        let fits = |room: &&Room| {
            room.is_open_to(person)
                && terms.is_none_or(|terms| terms == room.series.terms)
                && is_welcome(room)
        };
        self.iter().filter(fits).min_by_key(|room| room.number).map(|room| room.code)
    }

    /// Finds space for one more room of an origin. Returns the room that has to be closed for it, if one has.
    ///
    /// A full lobby closes the room that has been unused for longest. If each is in use or keeps a match, the origin with most
    /// rooms gives way: first its rooms that wait, then those whose match is over or on trial.
    pub(super) fn space_for(
        &self,
        origin: Option<Origin>,
        limits: &Limits,
    ) -> Result<Option<RoomCode>, Reject> {
        let space = self.holdings.space_for(origin, (self.len(), limits.rooms), limits);
        if space == Ok(Space::Free) {
            return Ok(None);
        }
        let is_own_share = space == Err(NoSpace::ShareHeld);
        let is_near = |room: &&Room| !is_own_share || room.origin == origin;
        let unused = self.iter().filter(is_near).filter_map(|room| Some((room.unused_since()?, room.code)));
        if let Some((_, code)) = unused.min() {
            return Ok(Some(code));
        }
        match space {
            Ok(Space::HeldBy(most)) => {
                let theirs = self.iter().filter(|room| room.origin == Some(most));
                Ok(theirs.min_by_key(|room| (room.stake(), room.number)).map(|room| room.code))
            }
            Err(NoSpace::ShareHeld) => Err(Reject::AddressFull),
            Ok(Space::Free) | Err(NoSpace::AllHeld) => Err(Reject::TooManyRooms),
        }
    }

    pub(super) fn adjourned(&self) -> impl Iterator<Item = &Room> {
        self.iter().filter(|room| room.is_adjourned())
    }

    /// The rooms of a session's adjourned matches, in the order of their codes.
    pub(super) fn adjourned_of(&self, session: SessionId) -> impl Iterator<Item = (&Room, Seat)> {
        self.adjourned().filter_map(move |room| Some((room, room.series.seats.of_session(session)?)))
    }

    /// Finds space for one more adjourned match, which counts for the origins of both its players. Returns the room that has to
    /// be closed for it, if one has.
    pub(super) fn space_to_adjourn(&self, room: &Room, limits: &Limits) -> Result<Option<RoomCode>, Reject> {
        let adjourned: Vec<&Room> = self.adjourned().collect();
        let holdings: Holdings = adjourned.iter().flat_map(|room| room.origins()).collect();
        let held = (adjourned.len(), limits.adjourned);
        let mut space = Space::Free;
        for (_, player) in room.series.seats.players() {
            let own = self.adjourned_of(player.person.session).count();
            if own >= limits.adjourned_per_session {
                return Err(Reject::TooManyAdjourned);
            }
            space = holdings.space_for(player.person.origin, held, limits).map_err(|none| match none {
                NoSpace::ShareHeld => Reject::AddressFull,
                NoSpace::AllHeld => Reject::TooManyAdjourned,
            })?;
        }
        let Space::HeldBy(most) = space else { return Ok(None) };
        let theirs = adjourned.into_iter().filter(|room| room.origins().contains(&most));
        let longest =
            |room: &&Room| (room.series.empty_since().is_none(), room.series.phase_since, room.number);
        Ok(theirs.min_by_key(longest).map(|room| room.code))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Room> {
        self.by_code.values().map(|entry| &entry.room)
    }

    fn free_code(&mut self) -> RoomCode {
        let count = u64::try_from(RoomCode::COUNT).expect("a small constant");
        let start = usize::try_from(self.rng.below(count)).expect("below a small constant");
        (start..start + RoomCode::COUNT)
            .map(|index| RoomCode::nth(index % RoomCode::COUNT))
            .find(|code| !self.by_code.contains_key(code))
            .expect("the limit on rooms is below the count of codes")
    }
}
