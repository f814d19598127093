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
    keep::{Hold, KeptSeat, KeptSecrets, SecretHash},
    limits::Limits,
    origin::Origin,
    people::{People, Person},
};

#[derive(Debug)]
pub(super) struct Session {
    pub(super) name: Name,
    /// Those with which it can be resumed. Each return has a new one; the one that was shown stays good until its successor is
    /// known to have arrived, since the welcome may be lost.
    secrets: KeptSecrets,
    /// `None` after a start of the server, until the session returns.
    pub(super) origin: Option<Origin>,
    /// The time of the last command, or of the first hello.
    pub(super) active_at: Instant,
    /// A session without a link is kept while it has a place or an adjourned match.
    has_link: bool,
    place: Option<Place>,
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
    /// Each in a place of its own: in the map, half of the room would be for sessions that are not there.
    by_id: BTreeMap<SessionId, Box<Session>>,
    /// The looks of the names of all sessions. A search through 10,000 names takes 80 us (`benches/lobby.rs`).
    looks: BTreeSet<Skeleton>,
    opened: u64,
    /// The sessions of each origin.
    holdings: Holdings,
    /// The sessions without a link, so that a full server finds the one that gives way, or none, without a search through all.
    unlinked: BTreeSet<SessionId>,
    /// The sessions by their origins, likewise.
    by_origin: BTreeSet<(Origin, SessionId)>,
    /// The sessions whose relation to a kept seat may have changed, since somebody took them.
    touched: BTreeSet<SessionId>,
}

impl KeptSecrets {
    /// Takes in the secret that a client shows, in a time that does not depend on it. If it is right, `fresh` is the next.
    fn renew(&mut self, shown: &[u8; SECRET_BYTES], fresh: &[u8; SECRET_BYTES]) -> bool {
        let shown = SecretHash::of_secret(shown);
        let is_newest = self.newest.matches(&shown);
        let is_shown = self.shown.is_some_and(|earlier| earlier.matches(&shown));
        if is_newest || is_shown {
            *self = Self { newest: SecretHash::of_secret(fresh), shown: Some(shown) };
        }
        is_newest || is_shown
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
    /// A session without a link, a place or a known origin.
    fn new(now: Instant, name: Name, secrets: KeptSecrets, limits: &Limits) -> Self {
        Self {
            name,
            secrets,
            origin: None,
            active_at: now,
            has_link: false,
            place: None,
            adjourned_told: Vec::new(),
            list_sent_at: None,
            rtt: Duration::ZERO,
            chat: TokenBucket::with_interval(now, limits.chat_every, limits.chat_burst),
            blocked: People::default(),
        }
    }

    pub(super) const fn has_link(&self) -> bool {
        self.has_link
    }

    pub(super) const fn place(&self) -> Option<Place> {
        self.place
    }

    /// The relation of the session to a seat of a kept room.
    pub(super) fn hold(&self, seat: Place) -> Hold {
        if self.place == Some(seat) { Hold::Here(self.secrets) } else { Hold::Elsewhere(self.secrets) }
    }

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
        self.holdings.add(Some(origin));
        let name = self.distinct_name(wanted);
        self.opened += 1;
        let id = SessionId(self.opened);
        self.looks.insert(name.skeleton());
        let secrets = KeptSecrets { newest: SecretHash::of_secret(&secret), shown: None };
        let session =
            Session { origin: Some(origin), has_link: true, ..Session::new(now, name, secrets, limits) };
        self.by_id.insert(id, Box::new(session));
        self.by_origin.insert((origin, id));
        Admission { token: Token { session: id, secret }, name, is_return: false }
    }

    /// Puts the session of a kept seat back, with its place if it is there. `None` if it does not go with another seat of the
    /// same session, or its name looks like that of another one.
    pub(super) fn restore(
        &mut self,
        now: Instant,
        kept: &KeptSeat,
        place: Place,
        limits: &Limits,
    ) -> Option<()> {
        self.opened = self.opened.max(kept.session.0);
        let (secrets, place) = match kept.hold {
            Hold::Here(secrets) => (secrets, Some(place)),
            Hold::Elsewhere(secrets) => (secrets, None),
            Hold::Dismissed => return Some(()),
        };
        if !self.by_id.contains_key(&kept.session) {
            if !self.looks.insert(kept.name.skeleton()) {
                return None;
            }
            self.by_id.insert(kept.session, Box::new(Session::new(now, kept.name, secrets, limits)));
            self.unlinked.insert(kept.session);
        }
        let session = self.by_id.get_mut(&kept.session)?;
        let is_one_place = place.is_none() || session.place.is_none();
        session.place = session.place.or(place);
        (is_one_place && session.name == kept.name && session.secrets == secrets).then_some(())
    }

    /// Takes in the secret that a client shows. If it is right, `fresh` is the next.
    pub(super) fn renew(
        &mut self,
        id: SessionId,
        shown: &[u8; SECRET_BYTES],
        fresh: &[u8; SECRET_BYTES],
    ) -> Option<&mut Session> {
        let session = self.by_id.get_mut(&id)?;
        if !session.secrets.renew(shown, fresh) {
            return None;
        }
        self.touched.insert(id);
        Some(session)
    }

    /// Notes that the newest secret of a session has arrived, and forgets the other.
    pub(super) fn confirm(&mut self, id: SessionId) -> Option<&mut Session> {
        let session = self.by_id.get_mut(&id)?;
        if session.secrets.shown.take().is_some() {
            self.touched.insert(id);
        }
        Some(session)
    }

    pub(super) fn set_link(&mut self, id: SessionId, has_link: bool) {
        if let Some(session) = self.by_id.get_mut(&id) {
            session.has_link = has_link;
            if has_link {
                self.unlinked.remove(&id)
            } else {
                self.unlinked.insert(id)
            };
        }
    }

    pub(super) fn set_place(&mut self, id: SessionId, place: Option<Place>) {
        if let Some(session) = self.by_id.get_mut(&id) {
            session.place = place;
            self.touched.insert(id);
        }
    }

    /// Takes the sessions whose relation to a kept seat may have changed.
    pub(super) fn take_touched(&mut self) -> BTreeSet<SessionId> {
        std::mem::take(&mut self.touched)
    }

    pub(super) fn remove(&mut self, id: SessionId) {
        if let Some(session) = self.by_id.remove(&id) {
            self.touched.insert(id);
            self.unlinked.remove(&id);
            self.looks.remove(&session.name.skeleton());
            self.holdings.remove(session.origin);
            if let Some(origin) = session.origin {
                self.by_origin.remove(&(origin, id));
            }
        }
    }

    /// Finds space for one more session of an origin.
    pub(super) fn space_for(&self, origin: Origin, limits: &Limits) -> Result<Space, NoSpace> {
        self.holdings.space_for(Some(origin), (self.by_id.len(), limits.sessions), limits)
    }

    /// Moves a session to another origin, from where it has returned. Returns the one from before.
    pub(super) fn set_origin(&mut self, id: SessionId, origin: Origin) -> Option<Origin> {
        let session = self.by_id.get_mut(&id)?;
        let before = session.origin.replace(origin);
        self.holdings.remove(before);
        self.holdings.add(Some(origin));
        if let Some(before) = before {
            self.by_origin.remove(&(before, id));
        }
        self.by_origin.insert((origin, id));
        before
    }

    /// The sessions of an origin.
    pub(super) fn of_origin(&self, origin: Origin) -> impl Iterator<Item = (SessionId, &Session)> {
        let theirs = self.by_origin.range((origin, SessionId(0))..=(origin, SessionId(u64::MAX)));
        theirs.filter_map(|(_, id)| Some((*id, self.get(*id)?)))
    }

    /// The sessions without a link.
    pub(super) fn unlinked(&self) -> impl Iterator<Item = (SessionId, &Session)> {
        self.unlinked.iter().filter_map(|id| Some((*id, self.get(*id)?)))
    }

    pub(super) fn get(&self, id: SessionId) -> Option<&Session> {
        self.by_id.get(&id).map(|session| &**session)
    }

    /// Gives access to a session; its name stays what it is.
    pub(super) fn get_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        self.by_id.get_mut(&id).map(|session| &mut **session)
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
        let is_taken = |name: &Name| self.looks.contains(&name.skeleton());
        // Small numbers are for people. In a crowd of one name they are passed over, and the count of sessions is free at the
        // first try: a skeleton takes most of the time of a hello.
        let is_crowd = is_taken(&wanted.numbered(FRIENDLY_NUMBERS));
        let small = if is_crowd { 2..2 } else { 2..FRIENDLY_NUMBERS + 1 };
        let count = u32::try_from(self.opened).unwrap_or(FRIENDLY_NUMBERS).max(FRIENDLY_NUMBERS);
        let numbers = small.chain(count..);
        let mut names = std::iter::once(wanted).chain(numbers.map(|number| wanted.numbered(number)));
        names.find(|name| !is_taken(name)).expect("there are more numbers than sessions")
    }
}

/// The largest number tried in order after a taken name.
const FRIENDLY_NUMBERS: u32 = 9;
