//! An observer outside the lobby that checks each call and each effect against the rules.
//!
//! It keeps its own account of places, absences, clocks, offers and lifetimes, from the calls and the effects, and never
//! asks the lobby for more than its counts and its next deadline.

mod chat;
mod offers;
mod people;
mod rejects;
mod room;
mod seat;
mod shares;
mod turn;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::{Duration, Instant},
};

use net::{
    arq::Cid,
    proto::{
        CloseReason, Command, Event, Hello, MAX_MESSAGE, Phase, RoomCode, SECRET_BYTES, Seat, ServerMessage,
        SessionId, Unseating, codec,
    },
};
use server::lobby::{Admission, DisconnectReason, Effect, Limits, Lobby, Origin};

use self::{
    chat::Lists,
    people::{Person, is_among},
    rejects::Attempts,
    room::Room,
    shares::Space,
};
use super::coverage::Coverage;

/// The answer to a hello.
pub(super) type Admitted = Result<Admission, CloseReason>;

/// One call of the lobby.
#[derive(Debug)]
pub(super) enum Call {
    Connect { hello: Hello, link: Cid, secret: [u8; SECRET_BYTES], origin: Origin },
    Handle { session: SessionId, link: Cid, command: Command },
    Silence { session: SessionId, since: Option<Instant> },
    Rtt { session: SessionId, rtt: Duration },
    Disconnect { session: SessionId, reason: DisconnectReason },
    Sleep { slept: Duration },
    Timeout,
}

/// The account so far.
pub(super) struct Witness {
    pub(super) coverage: Coverage,
    start: Instant,
    limits: Limits,
    people: BTreeMap<SessionId, Person>,
    rooms: BTreeMap<RoomCode, Room>,
    rooms_so_far: u64,
    lists: Lists,
    /// The time before which no absence counts.
    excused_until: Instant,
    /// The session that has to give way to the one that has just come.
    victim: Option<SessionId>,
    wrong_passcodes: Attempts,
    wrong_codes: Attempts,
    /// The counts of the lobby after the last call, and its deadline.
    before: (usize, usize, Option<Instant>),
}

/// The circumstances of one call.
#[derive(Debug, Clone, Copy)]
struct Moment<'a> {
    now: Instant,
    call: &'a Call,
    /// A deadline was due, so something may have changed without a command.
    is_due: bool,
    limits: &'a Limits,
}

/// The place of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Seat(RoomCode, Seat),
    Watching(RoomCode),
}

impl Call {
    /// Makes the call.
    pub(super) fn make(&self, now: Instant, lobby: &mut Lobby) -> Option<Admitted> {
        match self {
            Self::Connect { hello, link: _, secret, origin } => {
                return Some(lobby.connect(now, hello, *secret, *origin));
            }
            Self::Handle { session, link: _, command } => lobby.handle(now, *session, command.clone()),
            Self::Silence { session, since } => lobby.handle_silence(now, *session, *since),
            Self::Rtt { session, rtt } => lobby.handle_rtt(*session, *rtt),
            Self::Disconnect { session, reason } => lobby.disconnect(now, *session, *reason),
            Self::Sleep { slept } => lobby.handle_sleep(now, *slept),
            Self::Timeout => lobby.handle_timeout(now),
        }
        None
    }
}

/// Formats a call without the details that differ from one run of a seed to the next.
impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect { hello: Hello { name, resume: None }, .. } => write!(formatter, "{name} connects"),
            Self::Connect { hello: Hello { resume: Some(token), .. }, .. } => {
                write!(formatter, "{} returns", token.session)
            }
            Self::Handle { session, command, .. } => write!(formatter, "{session}: {command:?}"),
            Self::Silence { session, since: Some(_) } => write!(formatter, "{session} is silent"),
            Self::Silence { session, since: None } => write!(formatter, "{session} is heard again"),
            Self::Rtt { session, rtt } => write!(formatter, "{session} is {rtt:?} away"),
            Self::Disconnect { session, reason } => {
                write!(formatter, "the link of {session} ends: {reason:?}")
            }
            Self::Sleep { slept } => write!(formatter, "the server has slept for {slept:?}"),
            Self::Timeout => formatter.write_str("time passes"),
        }
    }
}

impl Moment<'_> {
    /// The command of the call, if it comes from this session.
    fn command_of(&self, session: Option<SessionId>) -> Option<&Command> {
        match self.call {
            Call::Handle { session: speaker, command, .. } if Some(*speaker) == session => Some(command),
            Call::Handle { .. }
            | Call::Connect { .. }
            | Call::Silence { .. }
            | Call::Rtt { .. }
            | Call::Disconnect { .. }
            | Call::Sleep { .. }
            | Call::Timeout => None,
        }
    }
}

impl Witness {
    pub(super) fn new(now: Instant, limits: Limits) -> Self {
        Self {
            coverage: Coverage::default(),
            start: now,
            limits,
            people: BTreeMap::new(),
            rooms: BTreeMap::new(),
            rooms_so_far: 0,
            lists: Lists::default(),
            excused_until: now,
            victim: None,
            wrong_passcodes: Attempts::default(),
            wrong_codes: Attempts::default(),
            before: (0, 0, None),
        }
    }

    /// Checks a call and its effects.
    pub(super) fn see(
        &mut self,
        (now, call): (Instant, &Call),
        admitted: Option<&Admitted>,
        effects: &[Effect],
        lobby: &Lobby,
    ) {
        let limits = self.limits.clone();
        let is_due = matches!(call, Call::Timeout) || self.before.2.is_some_and(|at| at <= now);
        let moment = Moment { now, call, is_due, limits: &limits };
        self.check_reject(moment, effects);
        self.check_accepted(moment, effects);
        self.note_call(moment, admitted, effects, lobby);
        if is_due {
            self.end_rooms(now);
            self.release_lost_guests(now);
            self.end_rooms(now);
        }
        for effect in effects {
            self.note_effect(moment, effect);
        }
        assert_eq!(self.victim, None, "the session that had to give way is still there");
        self.check_places();
        self.forget_spent();
        self.check_adjourned_lists();
        self.check_counts(moment, lobby);
    }

    /// The number of the room that an event shows, 0 if it shows none. Codes are used again; numbers are not.
    pub(super) fn number_of(&self, event: &Event) -> u64 {
        match event {
            Event::Snapshot(snapshot) => self.rooms.get(&snapshot.code).map_or(0, |room| room.number),
            Event::Seated { .. }
            | Event::Rejected { .. }
            | Event::Unseated(_)
            | Event::Watching { .. }
            | Event::Said { .. }
            | Event::Rooms(_)
            | Event::Adjourned(_)
            | Event::NotSaving => 0,
        }
    }

    fn note_effect(&mut self, moment: Moment<'_>, effect: &Effect) {
        let is_told = matches!(effect, Effect::Tell { .. });
        if let Effect::Dismiss { session } = effect {
            return self.dismissed(moment, *session);
        }
        let Some((to, event)) = &effect.clone().into_event() else { return };
        let ids: BTreeSet<SessionId> = to.iter().copied().collect();
        assert_eq!(ids.len(), to.len(), "a session is sent the same event twice: {event:?}");
        assert!(!to.is_empty(), "an event without recipients: {event:?}");
        for session in to {
            let person =
                self.people.get(session).unwrap_or_else(|| panic!("no such session {session}: {event:?}"));
            assert!(person.link.is_some(), "{session} has no link and is sent {event:?}");
        }
        let length = codec::encode(&ServerMessage::Event(event.clone())).len();
        assert!(length <= MAX_MESSAGE, "{length} bytes: {event:?}");
        let is_only_told = !matches!(event, Event::Snapshot(_) | Event::Unseated(_));
        assert_eq!(is_told, is_only_told, "an event in the wrong kind of effect: {effect:?}");
        match event {
            Event::Seated { code, seat } => self.seated(moment, to[0], *code, *seat),
            Event::Watching { code } => self.watching(to[0], *code),
            Event::Unseated(why) => to.iter().for_each(|session| self.unseated(moment, *session, *why)),
            Event::Snapshot(snapshot) => {
                for session in to {
                    let is_there = match self.people[session].place {
                        Some(Place::Seat(code, _) | Place::Watching(code)) => code == snapshot.code,
                        None => false,
                    };
                    assert!(is_there, "{session} is shown {}, where it has no place", snapshot.code);
                }
                self.note_blocked_in_absence(moment, snapshot);
                let room = self.rooms.get_mut(&snapshot.code).expect("a room that is shown exists");
                room.see(moment, snapshot, &mut self.coverage, self.start);
                room.check_presence(snapshot, &self.people);
            }
            Event::Rejected { .. } => {}
            Event::NotSaving => panic!("a lobby does not know whether anything is saved"),
            Event::Said { .. } => self.said(moment, to, event),
            Event::Rooms(list) => self.listed(moment, to, list),
            Event::Adjourned(lines) => self.adjourned(to[0], lines),
        }
    }

    fn seated(&mut self, moment: Moment<'_>, session: SessionId, code: RoomCode, seat: Seat) {
        let person = self.people.get_mut(&session).expect("the recipient has a session");
        person.is_browsing = false;
        let place = Place::Seat(code, seat);
        if person.place == Some(place) {
            return;
        }
        assert_eq!(person.place, None, "{session} is given a second seat");
        person.place = Some(place);
        let command = moment.command_of(Some(session));
        if let Some(room) = self.rooms.get(&code) {
            let is_led = matches!(command, Some(Command::QuickMatch { .. }));
            assert!(
                !is_led || self.may_be_led(session, room),
                "a quick match leads to a room that refuses the session"
            );
            let room = self.rooms.get_mut(&code).expect("it is there");
            room.seat(moment, seat, (session, &self.people[&session]), &mut self.coverage);
            return;
        }
        let (access, terms) = match command {
            Some(Command::Create { access, terms }) => (*access, *terms),
            Some(Command::QuickMatch { terms }) => (net::proto::Access::Public, terms.unwrap_or_default()),
            command => panic!("{command:?} must not open a room"),
        };
        assert_eq!(seat, Seat::Host, "the session that opens a room is its host");
        if let Some(Command::QuickMatch { terms: wish }) = command {
            let fits = |room: &Room| room.takes_stranger(*wish) && self.may_be_led(session, room);
            assert!(!self.rooms.values().any(fits), "a quick match passes over a room that waits");
        }
        self.rooms_so_far += 1;
        let person = &self.people[&session];
        let room = Room::new(moment.now, self.rooms_so_far, (access, terms), (session, person));
        self.rooms.insert(code, room);
        self.coverage.count("rooms opened");
    }

    /// A quick match may lead a session to a room: it did not leave it before, and nobody has blocked anybody.
    fn may_be_led(&self, session: SessionId, room: &Room) -> bool {
        let me = &self.people[&session];
        let host = room.session(Seat::Host).expect("a room that waits has a host");
        !is_among(&room.early_leavers, &me.known_as(session))
            && !self.is_barred(session, room)
            && !is_among(&me.blocked, &self.people[&host].known_as(host))
    }

    /// The host of a room has blocked the person behind a session.
    fn is_barred(&self, session: SessionId, room: &Room) -> bool {
        let host = self.people.get(&room.owner);
        host.is_some_and(|host| is_among(&host.blocked, &self.people[&session].known_as(session)))
    }

    fn watching(&mut self, session: SessionId, code: RoomCode) {
        let person = self.people.get_mut(&session).expect("the recipient has a session");
        let place = Place::Watching(code);
        if person.place == Some(place) {
            return;
        }
        assert_eq!(person.place, None, "{session} watches and has another place");
        person.place = Some(place);
        person.is_browsing = false;
        let room = self.rooms.get_mut(&code).expect("a room that is watched exists");
        assert!(room.watchers.insert(session), "{session} watches the same room twice");
        assert!(room.watchers.len() <= self.limits.watchers_per_room, "more watchers than the limit");
        self.coverage.count("watchers");
    }

    fn unseated(&mut self, moment: Moment<'_>, session: SessionId, why: Unseating) {
        let person = self.people.get_mut(&session).expect("the recipient has a session");
        let place = person
            .place
            .take()
            .unwrap_or_else(|| panic!("{session} loses a place that it did not have: {why:?}"));
        match (why, place) {
            (Unseating::Left, _) => {
                match moment.command_of(Some(session)) {
                    Some(Command::Leave) => {}
                    Some(Command::Resign { .. }) => assert!(
                        self.is_on_trial(place),
                        "a match at stake is left by resigning, and not lost"
                    ),
                    command => panic!("{session} leaves its place by {command:?}"),
                }
                self.leave(moment.now, session, place);
            }
            (Unseating::Blocked, Place::Seat(code, seat)) => {
                assert!(self.is_on_trial(place), "{seat:?} is removed from a match at stake");
                let host = self.rooms[&code].session(Seat::Host);
                let block = Command::Set { setting: net::proto::Setting::Block(true) };
                assert_eq!(moment.command_of(host), Some(&block), "nobody wanted it");
                self.leave(moment.now, session, place);
                self.coverage.count("guests sent away");
            }
            (Unseating::Blocked, Place::Watching(_)) => panic!("a watcher is unseated as a blocked player"),
            (Unseating::MadeRoom, Place::Watching(code)) => {
                let Call::Handle { session: other, command: Command::Watch { .. }, .. } = moment.call else {
                    panic!("no other watcher needs the place of {session}")
                };
                let (theirs, mine) = (self.people[other].origin, self.people[&session].origin);
                let space = self.space_to_watch(theirs, &self.rooms[&code]);
                assert_eq!(space, Space::HeldBy(mine), "a watcher of another origin had to give way");
                self.rooms.get_mut(&code).expect("it is watched").watchers.remove(&session);
                self.coverage.count("watchers that gave way");
            }
            (Unseating::MadeRoom, Place::Seat(..)) => panic!("a player gives way to a watcher"),
            (Unseating::RoomClosed, Place::Seat(code, _) | Place::Watching(code)) => {
                assert!(!self.rooms.contains_key(&code), "{code} is closed before its time");
                self.coverage.count("people sent away from a room that ended");
            }
            (Unseating::NotWatchable, Place::Watching(code)) => {
                let room = self.rooms.get_mut(&code).expect("a room that ends watching exists");
                let wish = moment.command_of(room.session(Seat::Host));
                let setting = net::proto::Setting::Watchable(false);
                assert_eq!(wish, Some(&Command::Set { setting }), "nobody wanted it");
                assert!(room.watchers.remove(&session));
                self.coverage.count("watchers sent away");
            }
            (Unseating::NotWatchable, Place::Seat(..)) => panic!("a player is unseated as a watcher"),
        }
    }

    /// Notes that a session leaves its room, by a command or by a goodbye with nothing at stake.
    fn leave(&mut self, now: Instant, session: SessionId, place: Place) {
        match place {
            Place::Watching(code) => {
                let room = self.rooms.get_mut(&code).expect("a room exists while it is watched");
                assert!(room.watchers.remove(&session));
            }
            Place::Seat(code, seat) => {
                let room = self.rooms.get_mut(&code).expect("a room exists while a seat is taken");
                match room.phase() {
                    Phase::Waiting => {
                        self.rooms.remove(&code);
                        self.coverage.count("rooms ended: their owner left before it began");
                    }
                    Phase::Adjourned => room.part(now, seat, DisconnectReason::OnPurpose),
                    Phase::Over(_) => room.vacate(now, seat),
                    Phase::Playing => {
                        assert!(seat == Seat::Guest && !room.is_proven, "{session} leaves a running match");
                        self.release_guest(now, code);
                    }
                }
            }
        }
    }

    /// Both have not moved yet, and this is the guest's place.
    fn is_on_trial(&self, place: Place) -> bool {
        let Place::Seat(code, Seat::Guest) = place else { return false };
        let room = &self.rooms[&code];
        room.phase() == Phase::Playing && !room.is_proven
    }

    fn release_guest(&mut self, now: Instant, code: RoomCode) {
        let room = self.rooms.get_mut(&code).expect("its guest leaves");
        let guest = room.session(Seat::Guest).expect("a match has a guest");
        room.early_leavers.push(self.people[&guest].known_as(guest));
        room.wait_again(now);
        self.coverage.count("guests who left before both had moved");
    }

    /// Releases a guest whom the host blocks before both have moved, and who has no link by which to be told so.
    fn note_blocked_in_absence(&mut self, moment: Moment<'_>, next: &net::proto::Snapshot) {
        let room = self.rooms.get(&next.code).expect("a room that is shown exists");
        let block = Command::Set { setting: net::proto::Setting::Block(true) };
        let is_blocked = next.phase == Phase::Waiting
            && self.is_on_trial(Place::Seat(next.code, Seat::Guest))
            && moment.command_of(room.session(Seat::Host)) == Some(&block);
        let Some(guest) = room.session(Seat::Guest).filter(|_| is_blocked) else { return };
        assert_eq!(self.people[&guest].link, None, "a guest with a link is unseated without being told");
        self.release_guest(moment.now, next.code);
        self.people.get_mut(&guest).expect("the guest has a session").place = None;
        self.coverage.count("guests sent away");
    }

    /// Releases the guests whose links were lost for too long before both had moved.
    fn release_lost_guests(&mut self, now: Instant) {
        let limits = &self.limits;
        let is_due = |room: &Room| room.guest_given_up_at(limits).is_some_and(|at| at <= now);
        let due: Vec<RoomCode> =
            self.rooms.iter().filter(|(_, room)| is_due(room)).map(|(code, _)| *code).collect();
        for code in due {
            let guest = self.rooms[&code].session(Seat::Guest);
            self.release_guest(now, code);
            if let Some(person) = guest.and_then(|guest| self.people.get_mut(&guest)) {
                assert_eq!(person.link, None, "a guest with a link is given up");
                person.place = None;
            }
        }
    }

    /// Removes the rooms whose lifetime has ended.
    fn end_rooms(&mut self, now: Instant) {
        let limits = &self.limits;
        let ended: Vec<(RoomCode, Phase)> = self
            .rooms
            .iter()
            .filter(|(_, room)| room.ends_at(limits).is_some_and(|at| at <= now))
            .map(|(code, room)| (*code, room.phase()))
            .collect();
        for (code, phase) in ended {
            self.end_room(code);
            self.coverage.count(match phase {
                Phase::Waiting => "rooms ended: owner away before it began",
                Phase::Playing => "rooms ended: everybody away",
                Phase::Adjourned => "rooms ended: adjourned for too long",
                Phase::Over(_) => "rooms ended: finished",
            });
        }
    }

    fn end_room(&mut self, code: RoomCode) {
        self.rooms.remove(&code);
        // A player who is away is not told.
        let sits = |person: &Person| matches!(person.place, Some(Place::Seat(at, _)) if at == code);
        for person in self.people.values_mut().filter(|person| person.link.is_none() && sits(person)) {
            person.place = None;
        }
    }

    /// Checks that nobody is in a room that has ended.
    fn check_places(&self) {
        for (session, person) in &self.people {
            if let Some(Place::Seat(code, _) | Place::Watching(code)) = person.place {
                assert!(
                    self.rooms.contains_key(&code),
                    "{session} still has a place in {code}, which has ended"
                );
            }
        }
    }

    /// Forgets sessions that have nothing to return to.
    fn forget_spent(&mut self) {
        let rooms = &self.rooms;
        self.people.retain(|session, person| {
            let is_kept = || rooms.values().any(|room| room.is_adjourned_of(*session));
            person.link.is_some() || person.place.is_some() || is_kept()
        });
    }

    fn check_counts(&mut self, moment: Moment<'_>, lobby: &Lobby) {
        let counts = (lobby.session_count(), lobby.room_count());
        assert_eq!(
            counts,
            (self.people.len(), self.rooms.len()),
            "sessions and rooms, and our account of them"
        );
        assert!(
            counts.0 <= self.limits.sessions && counts.1 <= self.limits.rooms,
            "more sessions or rooms than the limit"
        );
        let deadline = lobby.poll_timeout();
        if matches!(moment.call, Call::Timeout) {
            assert!(deadline.is_none_or(|at| at > moment.now), "a deadline was missed");
        }
        let adjourned = self.rooms.values().filter(|room| room.phase() == Phase::Adjourned).count();
        assert!(adjourned <= self.limits.adjourned, "more adjourned matches than the limit");
        let browsers = self.people.values().filter(|person| person.is_browsing).count();
        assert!(browsers <= self.limits.browsers, "more browsers than the limit");
        for room in self.rooms.values() {
            room.check_flag(moment.now, &self.limits);
        }
        self.before = (counts.0, counts.1, deadline);
    }
}
