//! Sessions: one per person, whichever link carries it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use net::{
    proto::{AdjournedLine, Event, Name, Reject, RoomCode, SECRET_BYTES, Seat, SessionId, Skeleton, Token},
    token_bucket::TokenBucket,
};

use super::{
    holdings::{Holdings, NoSpace, Space},
    keep::{KeptSecrets, SecretHash},
    limits::Limits,
    origin::Origin,
    people::{People, Person},
};

#[derive(Debug)]
pub(super) struct Session {
    pub(super) name: Name,
    /// Those with which it can be resumed. Each return has a new one; the one that was shown stays good until its successor is
    /// known to have arrived, since the welcome may be lost.
    pub(super) secrets: KeptSecrets,
    pub(super) origin: Origin,
    /// The time of the last command, or of the first hello.
    pub(super) active_at: Instant,
    /// A session without a link is kept while it has a place or an adjourned match.
    pub(super) has_link: bool,
    pub(super) place: Option<Place>,
    /// The adjourned matches as last sent over this link.
    pub(super) adjourned_told: Vec<AdjournedLine>,
    /// The time at which the list of rooms was last sent, over any link.
    pub(super) list_sent_at: Option<Instant>,
    /// The last round trip that the server measured.
    pub(super) rtt: Duration,
    pub(super) chat: TokenBucket,
    /// The people who may not come into rooms that this session opens.
    pub(super) blocked: People,
}

/// A session that was opened or resumed.
#[derive(Debug, Clone, Copy)]
pub struct Admission {
    /// Proves that a client owns the session when it returns.
    pub token: Token,
    /// The player's name on this server.
    pub name: Name,
    /// The session existed before; its old link, if it has one, is to be closed.
    pub is_return: bool,
}

/// The place of a session in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Seat { code: RoomCode, seat: Seat },
    Watching { code: RoomCode },
}

/// All sessions.
///
/// # Invariants
///
/// No two sessions have names that look alike.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_id: BTreeMap<SessionId, Session>,
    /// The looks of the names of all sessions. A search through 10,000 names takes 80 us (`benches/lobby.rs`).
    looks: BTreeSet<Skeleton>,
    opened: u64,
    /// The sessions of each origin.
    holdings: Holdings,
}

impl KeptSecrets {
    /// Takes in the secret that a client shows, in a time that does not depend on it. If it is right, `fresh` is the next.
    pub(super) fn renew(&mut self, shown: &[u8; SECRET_BYTES], fresh: &[u8; SECRET_BYTES]) -> bool {
        let shown = SecretHash::of_secret(shown);
        let is_newest = self.newest.matches(&shown);
        let is_shown = self.shown.is_some_and(|earlier| earlier.matches(&shown));
        if is_newest || is_shown {
            *self = Self { newest: SecretHash::of_secret(fresh), shown: Some(shown) };
        }
        is_newest || is_shown
    }

    /// Notes that the newest secret has arrived, and forgets the other.
    pub(super) const fn confirm(&mut self) {
        self.shown = None;
    }
}

impl Place {
    /// The event that tells a session its place.
    pub(super) const fn event(self) -> Event {
        match self {
            Self::Seat { code, seat } => Event::Seated { code, seat },
            Self::Watching { code } => Event::Watching { code },
        }
    }

    pub(super) const fn code(self) -> RoomCode {
        match self {
            Self::Seat { code, .. } | Self::Watching { code } => code,
        }
    }
}

impl Session {
    /// The person behind this session, whose number is `id`.
    pub(super) const fn person(&self, id: SessionId) -> Person {
        Person { session: id, origin: self.origin, name: self.name }
    }
}

impl Sessions {
    /// Opens a session. Its name may differ from the wanted one.
    pub(super) fn open(
        &mut self,
        now: Instant,
        wanted: Name,
        (secret, origin): ([u8; SECRET_BYTES], Origin),
        limits: &Limits,
    ) -> Admission {
        self.holdings.add(origin);
        let name = self.distinct_name(wanted);
        self.opened += 1;
        let id = SessionId(self.opened);
        self.looks.insert(name.skeleton());
        let session = Session {
            name,
            secrets: KeptSecrets { newest: SecretHash::of_secret(&secret), shown: None },
            origin,
            active_at: now,
            has_link: true,
            place: None,
            adjourned_told: Vec::new(),
            list_sent_at: None,
            rtt: Duration::ZERO,
            chat: TokenBucket::with_interval(now, limits.chat_every, limits.chat_burst),
            blocked: People::default(),
        };
        self.by_id.insert(id, session);
        Admission { token: Token { session: id, secret }, name, is_return: false }
    }

    pub(super) fn remove(&mut self, id: SessionId) {
        if let Some(session) = self.by_id.remove(&id) {
            self.looks.remove(&session.name.skeleton());
            self.holdings.remove(session.origin);
        }
    }

    /// Finds space for one more session of an origin.
    pub(super) fn space_for(&self, origin: Origin, limits: &Limits) -> Result<Space, NoSpace> {
        self.holdings.space_for(origin, (self.by_id.len(), limits.sessions), limits)
    }

    /// Moves a session to another origin, from where it has returned.
    pub(super) fn set_origin(&mut self, id: SessionId, origin: Origin) {
        if let Some(session) = self.by_id.get_mut(&id) {
            self.holdings.remove(session.origin);
            self.holdings.add(origin);
            session.origin = origin;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (SessionId, &Session)> {
        self.by_id.iter().map(|(id, session)| (*id, session))
    }

    pub(super) fn get(&self, id: SessionId) -> Option<&Session> {
        self.by_id.get(&id)
    }

    /// Gives access to a session; its name stays what it is.
    pub(super) fn get_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        self.by_id.get_mut(&id)
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn has_link(&self, id: SessionId) -> bool {
        self.get(id).is_some_and(|session| session.has_link)
    }

    pub(super) fn place(&self, id: SessionId) -> Option<Place> {
        self.get(id).and_then(|session| session.place)
    }

    /// The person behind a session.
    pub(super) fn person(&self, id: SessionId) -> Option<Person> {
        self.get(id).map(|session| session.person(id))
    }

    /// The room and the seat of a session.
    pub(super) fn seat(&self, id: SessionId) -> Result<(RoomCode, Seat), Reject> {
        match self.place(id) {
            Some(Place::Seat { code, seat }) => Ok((code, seat)),
            Some(Place::Watching { .. }) => Err(Reject::OnlyWatching),
            None => Err(Reject::NotSeated),
        }
    }

    /// Rejects a session that has a place.
    pub(super) fn check_unplaced(&self, id: SessionId) -> Result<(), Reject> {
        if self.place(id).is_none() { Ok(()) } else { Err(Reject::AlreadySeated) }
    }

    /// The wanted name, or that name with a number if one that looks like it is taken.
    fn distinct_name(&self, wanted: Name) -> Name {
        // Small numbers are for people. In a crowd of one name, the count of sessions is free at the first try.
        let count = u32::try_from(self.opened).unwrap_or(FRIENDLY_NUMBERS);
        let numbers = (2..=FRIENDLY_NUMBERS).chain(count.max(FRIENDLY_NUMBERS)..);
        let mut names = std::iter::once(wanted).chain(numbers.map(|number| wanted.numbered(number)));
        names
            .find(|name| !self.looks.contains(&name.skeleton()))
            .expect("there are more numbers than sessions")
    }
}

/// The largest number tried in order after a taken name.
const FRIENDLY_NUMBERS: u32 = 9;
