//! The lobby: every session, every room, and who may do what. The only authority there is.
//!
//! It is a deterministic state machine. It sees sessions and commands, never a byte, an address or a
//! transport, and it reads no clock: `now` is an argument, and what time must bring about is a deadline that
//! it returns. The same lobby serves a thousand links, two people at one keyboard, and a test.
//!
//! **The drain rule.** After every call that may change state, call [`Lobby::poll_effect`] until it returns
//! `None`, then sleep until [`Lobby::poll_timeout`]. Time passed in never decreases.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod limits;
mod room;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Instant,
};

use game_core::{Rules, SplitMix64};
use net::proto::{
    CloseReason, Command, Event, Hello, Name, Reject, RoomCode, SECRET_BYTES, Seat, SessionId, Token,
    Unseating,
};
use subtle::ConstantTimeEq;

pub use self::limits::Limits;
use self::room::{Attendance, Room};

/// All sessions and rooms of one server.
#[derive(Debug)]
pub struct Lobby {
    /// When the time began that sessions are told.
    epoch: Instant,
    limits: Limits,
    /// Draws room codes. They are no secret, so a seed will do.
    rng: SplitMix64,
    sessions: BTreeMap<SessionId, Session>,
    /// The names of all sessions, so that each is told apart.
    names: BTreeSet<Name>,
    rooms: BTreeMap<RoomCode, Room>,
    /// The rooms that wait for a guest, in the order of their opening.
    open_rooms: BTreeSet<(u64, RoomCode)>,
    /// The rooms from which everybody is away, by when they are given up.
    closing_rooms: BTreeSet<(Instant, RoomCode)>,
    next_session: u64,
    next_room: u64,
    effects: VecDeque<Effect>,
}

/// Where a session comes from, so that many from one address count together. The shell makes it of the address; what it
/// is made of, the lobby cannot know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin(pub u64);

/// How a link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parting {
    /// The client said goodbye.
    OnPurpose,
    /// It was lost, or we closed it.
    Lost,
}

/// What the lobby wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Tell some sessions the same thing. A session whose link is lost is never among them.
    Tell {
        /// Whom: one session, or those of one room.
        to: Vec<SessionId>,
        /// What.
        event: Event,
    },
    /// Show some sessions a snapshot. They watch, and of several only the newest matters to each.
    Show {
        /// Whom: those who watch one room.
        to: Vec<SessionId>,
        /// The snapshot.
        event: Event,
    },
}

/// A session that was opened or returned to.
#[derive(Debug, Clone, Copy)]
pub struct Admission {
    /// What proves its owner's return.
    pub token: Token,
    /// What the player is called here.
    pub name: Name,
    /// Whether it is an earlier session, whose old link, if any, is to be closed.
    pub is_return: bool,
}

/// One player's state, over all links that carry it.
#[derive(Debug)]
struct Session {
    name: Name,
    secret: [u8; SECRET_BYTES],
    /// Where the player sits. A session without a link always sits somewhere, or it would be gone.
    place: Option<Place>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    code: RoomCode,
    seat: Seat,
}

impl Lobby {
    /// An empty lobby, whose time begins at `now`. The same seed and the same calls give the same effects.
    pub const fn new(now: Instant, limits: Limits, seed: u64) -> Self {
        Self {
            epoch: now,
            limits,
            rng: SplitMix64::new(seed),
            sessions: BTreeMap::new(),
            names: BTreeSet::new(),
            rooms: BTreeMap::new(),
            open_rooms: BTreeSet::new(),
            closing_rooms: BTreeSet::new(),
            next_session: 1,
            next_room: 1,
            effects: VecDeque::new(),
        }
    }

    /// Opens a session, or returns to the one whose token the hello shows.
    ///
    /// `fresh_secret` becomes the new session's; it comes from the system's random source. A returning
    /// session is told its seat and its room before anything else.
    ///
    /// # Errors
    ///
    /// [`CloseReason::ServerFull`], or [`CloseReason::UnknownSession`] for a token that is not right, which
    /// changes nothing at all.
    pub fn connect(
        &mut self,
        now: Instant,
        hello: &Hello,
        fresh_secret: [u8; SECRET_BYTES],
        _origin: Origin,
    ) -> Result<Admission, CloseReason> {
        match &hello.resume {
            Some(token) => self.resume(now, token),
            None => self.open_session(hello.name, fresh_secret),
        }
    }

    /// Does what a session asks. A command that does not fit changes nothing and is answered by a reject.
    pub fn handle(&mut self, now: Instant, session: SessionId, command: Command) {
        if !self.sessions.contains_key(&session) {
            return;
        }
        let kind = command.kind();
        let result = match command {
            Command::QuickMatch { terms } => self.quick_match(now, session, terms.map(|terms| terms.rules)),
            Command::Create { terms, .. } => self.create(now, session, terms.rules),
            Command::Join { code, .. } => self.join(now, session, code),
            Command::Leave => self.leave(now, session),
            Command::Watch { .. }
            | Command::Offer { .. }
            | Command::Accept { .. }
            | Command::Decline { .. }
            | Command::Claim { .. }
            | Command::Say { .. }
            | Command::Set { .. }
            | Command::Browse { .. }
            | Command::StopBrowsing => Err(Reject::NotSeated),
            Command::Play { match_number, ply, cell, .. } => {
                self.in_room(now, session, |room, seat| room.play(seat, match_number, ply, cell))
            }
            Command::Resign { match_number } => {
                self.in_room(now, session, |room, seat| room.resign(seat, match_number))
            }
            Command::Rematch { match_number } => {
                self.in_room(now, session, |room, seat| room.want_rematch(seat, match_number))
            }
        };
        if let Err(reject) = result {
            self.tell(session, Event::Rejected { command: kind, reject });
        }
    }

    /// A session's link has fallen silent (`since` when), or is heard again (`None`).
    pub fn handle_silence(&mut self, now: Instant, session: SessionId, since: Option<Instant>) {
        let attendance = since.map_or(Attendance::Present, |since| Attendance::Silent { since });
        self.attend(now, session, attendance);
    }

    /// The shell has measured a session's round trip.
    pub const fn handle_rtt(&mut self, _session: SessionId, _rtt: std::time::Duration) {}

    /// A session's link is gone. Its seat is kept; without one, the session ends.
    pub fn disconnect(&mut self, now: Instant, session: SessionId, _parting: Parting) {
        if self.sessions.get(&session).is_some_and(|known| known.place.is_some()) {
            self.attend(now, session, Attendance::Away { since: now });
        } else {
            self.forget(session);
        }
    }

    /// Gives up the rooms from which everybody has been away for too long.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(&(closes_at, code)) = self.closing_rooms.first()
            && closes_at <= now
        {
            self.closing_rooms.pop_first();
            let absent: Vec<SessionId> = self.rooms.get(&code).into_iter().flat_map(Room::sessions).collect();
            self.remove_room(code);
            for session in absent {
                self.forget(session);
            }
        }
    }

    /// What to do next, `None` when all is done.
    #[must_use]
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), `None` if nothing waits for time to pass.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.closing_rooms.first().map(|(closes_at, _)| *closes_at)
    }

    /// How many sessions there are, those with a lost link included.
    pub fn session_count(&self) -> usize {
        self.sessions.len()
    }

    /// How many rooms there are.
    pub fn room_count(&self) -> usize {
        self.rooms.len()
    }

    fn open_session(&mut self, wanted: Name, secret: [u8; SECRET_BYTES]) -> Result<Admission, CloseReason> {
        if self.sessions.len() >= self.limits.sessions {
            return Err(CloseReason::ServerFull);
        }
        let name = self.tell_apart(wanted);
        let session = SessionId(self.next_session);
        self.next_session += 1;
        self.names.insert(name);
        self.sessions.insert(session, Session { name, secret, place: None });
        Ok(Admission { token: Token { session, secret }, name, is_return: false })
    }

    fn resume(&mut self, now: Instant, token: &Token) -> Result<Admission, CloseReason> {
        let known = self.sessions.get(&token.session).ok_or(CloseReason::UnknownSession)?;
        if !bool::from(known.secret.ct_eq(&token.secret)) {
            return Err(CloseReason::UnknownSession);
        }
        let (name, place) = (known.name, known.place);
        if let Some(Place { code, seat }) = place {
            self.tell(token.session, Event::Seated { code, seat });
            if !self.attend(now, token.session, Attendance::Present) {
                self.tell_snapshot(now, code, &[token.session]);
            }
        }
        Ok(Admission { token: *token, name, is_return: true })
    }

    fn quick_match(&mut self, now: Instant, session: SessionId, rules: Option<Rules>) -> Result<(), Reject> {
        let fits = |room: &Room| room.host_is_present() && rules.is_none_or(|rules| rules == room.rules());
        let oldest = self.open_rooms.iter().map(|&(_, code)| code).find(|code| fits(&self.rooms[code]));
        match oldest {
            Some(code) => self.join(now, session, code),
            None => self.create(now, session, rules.unwrap_or_default()),
        }
    }

    fn create(&mut self, now: Instant, session: SessionId, rules: Rules) -> Result<(), Reject> {
        let name = self.unseated(session)?;
        if self.rooms.len() >= self.limits.rooms {
            return Err(Reject::TooManyRooms);
        }
        let code = self.free_code();
        let room = Room::new(code, self.next_room, rules, session, name);
        self.next_room += 1;
        self.open_rooms.insert((room.number(), code));
        self.rooms.insert(code, room);
        self.sit(now, session, Place { code, seat: Seat::Host });
        Ok(())
    }

    fn join(&mut self, now: Instant, session: SessionId, code: RoomCode) -> Result<(), Reject> {
        let name = self.unseated(session)?;
        let room = self.rooms.get_mut(&code).ok_or(Reject::NoSuchRoom)?;
        room.seat_guest(session, name)?;
        self.open_rooms.remove(&(room.number(), code));
        self.sit(now, session, Place { code, seat: Seat::Guest });
        self.schedule_closing(now, code);
        Ok(())
    }

    fn leave(&mut self, now: Instant, session: SessionId) -> Result<(), Reject> {
        let Place { code, seat } = self.place(session)?;
        let room = self.rooms.get_mut(&code).ok_or(Reject::NotSeated)?;
        room.vacate(seat);
        let is_empty = room.sessions().next().is_none();
        self.stand_up(session, Unseating::Left);
        if is_empty {
            self.remove_room(code);
        } else {
            self.changed(now, code);
            self.schedule_closing(now, code);
        }
        Ok(())
    }

    /// Lets a seated session change its room, and shows the room to all in it.
    fn in_room(
        &mut self,
        now: Instant,
        session: SessionId,
        change: impl FnOnce(&mut Room, Seat) -> Result<room::Change, Reject>,
    ) -> Result<(), Reject> {
        let Place { code, seat } = self.place(session)?;
        let room = self.rooms.get_mut(&code).ok_or(Reject::NotSeated)?;
        match change(room, seat)? {
            room::Change::Made => self.changed(now, code),
            room::Change::MadeBefore => self.tell_snapshot(now, code, &[session]),
        }
        Ok(())
    }

    /// Notes whether a session is heard; `true` if that is news, and everybody in its room was shown it.
    fn attend(&mut self, now: Instant, session: SessionId, attendance: Attendance) -> bool {
        let Ok(Place { code, seat }) = self.place(session) else { return false };
        let is_news = self.rooms.get_mut(&code).is_some_and(|room| room.set_attendance(seat, attendance));
        if is_news {
            self.schedule_closing(now, code);
            self.changed(now, code);
        }
        is_news
    }

    fn place(&self, session: SessionId) -> Result<Place, Reject> {
        self.sessions.get(&session).and_then(|known| known.place).ok_or(Reject::NotSeated)
    }

    /// The name of a session that may take a seat.
    fn unseated(&self, session: SessionId) -> Result<Name, Reject> {
        match self.sessions.get(&session) {
            Some(Session { name, place: None, .. }) => Ok(*name),
            Some(Session { place: Some(_), .. }) | None => Err(Reject::AlreadySeated),
        }
    }

    fn sit(&mut self, now: Instant, session: SessionId, place: Place) {
        if let Some(known) = self.sessions.get_mut(&session) {
            known.place = Some(place);
        }
        self.tell(session, Event::Seated { code: place.code, seat: place.seat });
        self.changed(now, place.code);
    }

    fn stand_up(&mut self, session: SessionId, why: Unseating) {
        if let Some(known) = self.sessions.get_mut(&session) {
            known.place = None;
        }
        self.tell(session, Event::Unseated(why));
    }

    fn forget(&mut self, session: SessionId) {
        if let Some(known) = self.sessions.remove(&session) {
            self.names.remove(&known.name);
        }
    }

    fn remove_room(&mut self, code: RoomCode) {
        if let Some(room) = self.rooms.remove(&code) {
            self.open_rooms.remove(&(room.number(), code));
            if let Some(closes_at) = room.closes_at() {
                self.closing_rooms.remove(&(closes_at, code));
            }
        }
    }

    /// Sets or lifts the deadline at which a room without anybody present is given up.
    fn schedule_closing(&mut self, now: Instant, code: RoomCode) {
        let Some(room) = self.rooms.get_mut(&code) else { return };
        let before = room.closes_at();
        // Counted from when the last one went: until then somebody might have waited.
        let after = if room.is_everybody_away() { before.or(Some(now + self.limits.grace)) } else { None };
        if before != after {
            room.set_closes_at(after);
            if let Some(before) = before {
                self.closing_rooms.remove(&(before, code));
            }
            if let Some(after) = after {
                self.closing_rooms.insert((after, code));
            }
        }
    }

    /// Shows a room as it is now to everybody in it.
    fn changed(&mut self, now: Instant, code: RoomCode) {
        if let Some(room) = self.rooms.get(&code) {
            let to: Vec<SessionId> = room.sessions_with_link().collect();
            self.tell_snapshot(now, code, &to);
        }
    }

    fn tell_snapshot(&mut self, now: Instant, code: RoomCode, to: &[SessionId]) {
        if let Some(room) = self.rooms.get(&code)
            && !to.is_empty()
        {
            let event = Event::Snapshot(Box::new(room.snapshot(now, self.epoch)));
            self.effects.push_back(Effect::Tell { to: to.to_vec(), event });
        }
    }

    fn tell(&mut self, session: SessionId, event: Event) {
        self.effects.push_back(Effect::Tell { to: vec![session], event });
    }

    /// The name wanted, or with the first number behind it that nobody of that name has.
    fn tell_apart(&self, wanted: Name) -> Name {
        if !self.names.contains(&wanted) {
            return wanted;
        }
        (2..=u32::MAX)
            .map(|number| wanted.numbered(number))
            .find(|name| !self.names.contains(name))
            .expect("there are more numbers than sessions")
    }

    /// Draws a code that no room has; the limit on rooms leaves one.
    fn free_code(&mut self) -> RoomCode {
        let count = u64::try_from(RoomCode::COUNT).expect("a small constant");
        let start = usize::try_from(self.rng.below(count)).expect("below a small constant");
        (start..start + RoomCode::COUNT)
            .map(|index| RoomCode::nth(index % RoomCode::COUNT))
            .find(|code| !self.rooms.contains_key(code))
            .expect("the limit on rooms is below the count of codes")
    }
}
