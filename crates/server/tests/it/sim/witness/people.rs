//! Checks sessions and their links, and what each call changes about them.

use std::time::{Duration, Instant};

use game_core::Rules;
use net::{
    arq::Cid,
    proto::{
        AdjournedLine, Claim, CloseReason, Command, Event, Name, OfferKind, Phase, RoomCode, SECRET_BYTES,
        Seat, SessionId, Setting,
    },
};
use server::lobby::{Admission, DisconnectReason, Effect, Lobby, Origin};

use super::{Admitted, Call, Moment, Place, Witness};

/// A session.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) name: Name,
    secret: [u8; SECRET_BYTES],
    /// The secret shown at the last return, until its successor is known to have arrived.
    shown_secret: Option<[u8; SECRET_BYTES]>,
    pub(super) origin: Origin,
    pub(super) link: Option<Cid>,
    pub(super) place: Option<Place>,
    pub(super) is_browsing: bool,
    /// The rules of the rooms that it wants to see.
    pub(super) wanted: Option<Rules>,
    /// The adjourned matches as last sent over this link.
    pub(super) adjourned: Vec<AdjournedLine>,
    /// The longest measured round trip: no more is credited.
    pub(super) longest_rtt: Duration,
    /// The time of the last command.
    pub(super) active_at: Instant,
    /// The times of its chat messages.
    pub(super) said_at: Vec<Instant>,
    /// The people whom it has blocked.
    pub(super) blocked: Vec<KnownAs>,
}

/// The features by which a person is known again.
pub(super) type KnownAs = (SessionId, Origin, Name);

impl Person {
    pub(super) const fn known_as(&self, session: SessionId) -> KnownAs {
        (session, self.origin, self.name)
    }

    fn owns(&self, secret: &[u8; SECRET_BYTES]) -> bool {
        self.secret == *secret || self.shown_secret == Some(*secret)
    }
}

/// A person is among others: by the session, by the name from an origin, or as the fourth from an origin.
pub(super) fn is_among(others: &[KnownAs], person: &KnownAs) -> bool {
    let mut distinct: Vec<&KnownAs> = Vec::new();
    for (place, other) in others.iter().enumerate() {
        if !others[place + 1..].iter().any(|later| is_same(later, other)) {
            distinct.push(other);
        }
    }
    let distinct = &distinct[distinct.len().saturating_sub(16)..];
    distinct.iter().any(|other| is_same(other, person))
        || distinct.iter().filter(|(_, origin, _)| *origin == person.1).count() >= 3
}

pub(super) fn is_same(one: &KnownAs, other: &KnownAs) -> bool {
    one.0 == other.0 || (one.1, one.2) == (other.1, other.2)
}

impl Witness {
    /// Takes a call into account.
    pub(super) fn note_call(
        &mut self,
        moment: Moment<'_>,
        admitted: Option<&Admitted>,
        effects: &[Effect],
        lobby: &Lobby,
    ) {
        let now = moment.now;
        match moment.call {
            Call::Connect { .. } => {
                self.connected(moment, admitted.expect("a hello has an answer"), effects, lobby);
            }
            Call::Handle { session, link, command } => {
                let person = self.people.get(session).expect("the sender of a command has a session");
                assert_eq!(person.link, Some(*link), "a command over an older link of {session}");
                self.coverage.count("commands");
                let person = self.people.get_mut(session).expect("the sender has a session");
                (person.shown_secret, person.active_at) = (None, now);
                let is_rejected = effects
                    .iter()
                    .any(|effect| matches!(effect, Effect::Tell { event: Event::Rejected { .. }, .. }));
                if !is_rejected {
                    self.taken(now, *session, command, effects);
                }
            }
            Call::Silence { session, since } => {
                self.coverage.count(if since.is_some() { "silences" } else { "silences that ended" });
                if let Some((code, seat)) = self.seat_of(*session) {
                    let room = self.rooms.get_mut(&code).expect("a room exists while a seat is taken");
                    match since {
                        Some(since) => room.silent(seat, (*since).max(self.excused_until)),
                        None => room.heard(now, seat),
                    }
                }
            }
            Call::Rtt { session, rtt } => {
                let person =
                    self.people.get_mut(session).expect("a session whose round trip is measured exists");
                person.longest_rtt = person.longest_rtt.max(*rtt);
                person.shown_secret = None;
                assert!(effects.is_empty(), "a round trip has effects");
                if let Some((code, seat)) = self.seat_of(*session) {
                    self.rooms
                        .get_mut(&code)
                        .expect("a room exists while a seat is taken")
                        .measured(seat, *rtt);
                }
            }
            Call::Disconnect { session, reason } => self.disconnected(now, *session, *reason),
            Call::Sleep { slept } => {
                self.excused_until = now + self.limits.grace;
                for room in self.rooms.values_mut() {
                    room.excuse(*slept, self.excused_until);
                }
            }
            Call::Timeout => {}
        }
    }

    fn connected(&mut self, moment: Moment<'_>, admitted: &Admitted, effects: &[Effect], lobby: &Lobby) {
        let Call::Connect { hello, link, secret, origin } = moment.call else { return };
        let is_owner = hello.resume.map(|token| {
            (token, self.people.get(&token.session).is_some_and(|person| person.owns(&token.secret)))
        });
        match (admitted, is_owner) {
            (Ok(admission), Some((token, true))) => {
                assert!(admission.is_return, "the right token is a return");
                let Admission { token: given, name, .. } = admission;
                assert_eq!((given.session, given.secret), (token.session, *secret), "the new token");
                let person = self.people.get_mut(&token.session).expect("the token's session exists");
                if person.secret != token.secret {
                    self.coverage.count("returns by a token whose successor was lost");
                }
                person.secret = *secret;
                person.shown_secret = Some(token.secret);
                assert_eq!(person.name, *name, "a return keeps its name");
                self.coverage.count(if person.link.is_some() { "resumes that evict" } else { "resumes" });
                person.link = Some(*link);
                person.origin = *origin;
                person.adjourned.clear();
                person.is_browsing = false;
                if let Some((code, seat)) = self.seat_of(token.session) {
                    self.rooms.get_mut(&code).expect("a kept seat has a room").heard(moment.now, seat);
                }
            }
            (Err(reason), Some((_, false))) => {
                assert_eq!(*reason, CloseReason::UnknownSession);
                assert!(effects.is_empty(), "a wrong token has effects: {effects:?}");
                let counts = (lobby.session_count(), lobby.room_count(), lobby.poll_timeout());
                assert_eq!(counts, self.before, "a wrong token changes something");
                self.coverage.count("wrong tokens");
            }
            (Ok(admission), None) => {
                assert!(!admission.is_return, "a return without a token");
                let session = admission.token.session;
                assert_eq!(admission.token.secret, *secret);
                let look = admission.name.skeleton();
                self.victim = self.victim(*origin);
                let mut others = self.people.iter().filter(|(other, _)| Some(**other) != self.victim);
                let is_taken = others.any(|(_, person)| person.name.skeleton() == look);
                assert!(!is_taken, "two names look alike: {}", admission.name);
                let is_told = |effect: &Effect| {
                    effect.clone().into_event().is_some_and(|(to, _)| to.contains(&session))
                };
                assert!(!effects.iter().any(is_told), "a new session is sent {effects:?}");
                let person = Person {
                    name: admission.name,
                    secret: *secret,
                    shown_secret: None,
                    origin: *origin,
                    link: Some(*link),
                    place: None,
                    is_browsing: false,
                    wanted: None,
                    adjourned: Vec::new(),
                    longest_rtt: Duration::ZERO,
                    active_at: moment.now,
                    said_at: Vec::new(),
                    blocked: Vec::new(),
                };
                assert!(self.people.insert(session, person).is_none(), "the number {session} is given twice");
                self.coverage.count("sessions opened");
            }
            (Err(reason), None) => {
                self.check_refused(*reason, *origin);
            }
            (Ok(_), Some((_, false))) => panic!("a wrong token opens a session"),
            (Err(reason), Some((_, true))) => panic!("the right token is refused: {reason}"),
        }
    }

    /// Takes into account a command that changes something before an effect shows it.
    fn taken(&mut self, now: Instant, session: SessionId, command: &Command, effects: &[Effect]) {
        let is_host = |effect: &Effect| {
            matches!(effect, Effect::Tell { event: Event::Seated { seat: Seat::Host, .. }, .. })
        };
        match command {
            Command::Join { code, .. } | Command::Watch { code, .. } => {
                if let Some(room) = self.rooms.get_mut(code)
                    && room.is_adjourned_of(session)
                {
                    room.go_on(now, session);
                }
            }
            Command::Resign { .. } => {
                let Some((code, seat)) = self.seat_of(session) else { return };
                let room = self.rooms.get_mut(&code).expect("a room exists while a seat is taken");
                let other = seat.other();
                let place = room.session(other).and_then(|other| self.people.get(&other)?.place);
                // A player who is elsewhere when an adjourned match is resigned has nothing to come back to.
                if room.phase() == Phase::Adjourned && place != Some(Place::Seat(code, other)) {
                    room.vacate(now, other);
                }
            }
            Command::Set { setting: Setting::Block(is_blocked) } => {
                let Some((code, seat)) = self.seat_of(session) else { return };
                let Some(other) = self.rooms[&code].opponent(seat) else { return };
                let blocked = &mut self.people.get_mut(&session).expect("the sender has a session").blocked;
                blocked.retain(|known| !is_same(known, &other));
                if *is_blocked {
                    blocked.push(other);
                    self.coverage.count("people blocked");
                }
            }
            Command::Create { .. } | Command::QuickMatch { .. } if effects.iter().any(is_host) => {
                let closed =
                    self.space_for_room(self.people[&session].origin).expect("more rooms than the limit");
                if let Some(code) = closed {
                    let is_unused = self.rooms[&code].unused_since().is_some();
                    self.end_room(code);
                    self.coverage.count(if is_unused {
                        "rooms ended: given up for another"
                    } else {
                        "rooms ended: gave way to another address"
                    });
                }
            }
            Command::Accept { .. } | Command::Claim { claim: Claim::Adjourn, .. } => {
                let Some((code, _)) = self.seat_of(session) else { return };
                let room = &self.rooms[&code];
                let kind = room.offers.pending.map(|pending| pending.kind);
                let adjourns = matches!(command, Command::Claim { .. }) || kind == Some(OfferKind::Adjourn);
                if let Some(code) = adjourns
                    .then(|| self.space_to_adjourn(room).expect("more adjourned matches than the limit"))
                    .flatten()
                {
                    self.end_room(code);
                    self.coverage.count("adjourned matches that gave way");
                }
            }
            _ => {}
        }
    }

    fn disconnected(&mut self, now: Instant, session: SessionId, reason: DisconnectReason) {
        self.coverage.count(match reason {
            DisconnectReason::OnPurpose => "goodbyes",
            DisconnectReason::Lost => "links lost",
        });
        let person = self.people.get_mut(&session).expect("a session that disconnects exists");
        person.link = None;
        person.is_browsing = false;
        let Some(place) = person.place else { return };
        let is_kept = match place {
            Place::Watching(_) => false,
            Place::Seat(code, _) => match self.rooms[&code].phase() {
                Phase::Playing => reason == DisconnectReason::Lost || !self.is_on_trial(place),
                Phase::Adjourned => true,
                Phase::Waiting | Phase::Over(_) => reason == DisconnectReason::Lost,
            },
        };
        match place {
            Place::Seat(code, seat) if is_kept => {
                let since = now.max(self.excused_until);
                self.rooms
                    .get_mut(&code)
                    .expect("a room exists while a seat is taken")
                    .part(since, seat, reason);
            }
            Place::Seat(..) | Place::Watching(_) => {
                self.leave(now, session, place);
                self.people.get_mut(&session).expect("a session that disconnects exists").place = None;
            }
        }
    }

    pub(super) fn seat_of(&self, session: SessionId) -> Option<(RoomCode, Seat)> {
        match self.people.get(&session)?.place? {
            Place::Seat(code, seat) => Some((code, seat)),
            Place::Watching(_) => None,
        }
    }
}
