//! The lobby: every session, every room, and who may do what. The only authority there is.
//!
//! It is a deterministic state machine. It sees sessions and commands, never a byte, an address or a
//! transport, and it reads no clock: `now` is an argument, and what time must bring about is a deadline that
//! it returns. The same lobby serves a thousand links, two people at one keyboard, and a test.
//!
//! **The drain rule.** After every call that may change state, call [`Lobby::poll_effect`] until it returns
//! `None`, then sleep until [`Lobby::poll_timeout`]. Time passed in never decreases.
//!
//! **Time comes first.** Every call does what is due by its `now` before anything else. So a flag that has fallen and a
//! move that comes after it cannot both count, whichever the shell hears of first.

mod attempts;
mod clock;
mod epoch;
mod limits;
mod listing;
mod offer;
mod places;
mod room;
mod seat;
mod session;
mod telling;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use game_core::SplitMix64;
use net::proto::{
    ChatMessage, Claim, CloseReason, Command, Event, Hello, Name, Phase, Reject, RoomCode, SECRET_BYTES,
    Seat, SessionId, Setting, Snapshot, Speaker, Terms, Token, Unseating,
};
use subtle::ConstantTimeEq;

use self::{
    attempts::Attempts,
    listing::Listing,
    room::{Change, Due, Move, Room},
    seat::Heard,
    session::{Place, Session},
};
pub use self::{epoch::Epoch, limits::Limits};

/// All sessions and rooms of one server.
#[derive(Debug)]
pub struct Lobby {
    epoch: Epoch,
    limits: Arc<Limits>,
    /// Draws room codes. They are no secret, so a seed will do.
    rng: SplitMix64,
    sessions: BTreeMap<SessionId, Session>,
    /// The names of all sessions, so that each is told apart.
    names: BTreeSet<Name>,
    rooms: BTreeMap<RoomCode, Room>,
    /// The rooms that a quick match may lead to, in the order of their opening.
    open_rooms: BTreeSet<(u64, RoomCode)>,
    /// The same by what is played in them.
    open_rooms_by_terms: BTreeSet<(Terms, u64, RoomCode)>,
    /// The rooms whose match is adjourned.
    adjourned_rooms: BTreeSet<RoomCode>,
    /// When each room has something to do.
    deadlines: BTreeSet<(Instant, RoomCode)>,
    /// The sessions whose list of adjourned matches may have changed since they were told it.
    adjourned_untold: BTreeSet<SessionId>,
    listing: Listing,
    attempts: Attempts,
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
    /// Send a snapshot to some sessions. It is complete, so only the newest one matters to each recipient: nobody can
    /// fill another player's link by changing a room again and again.
    Show {
        /// The players and watchers of one room.
        to: Vec<SessionId>,
        /// The room as it is now.
        snapshot: Box<Snapshot>,
    },
    /// Tell a session that it has lost its place, and discard any snapshot for it that has not been sent yet.
    Unseat {
        /// The session, which has a link.
        session: SessionId,
        /// The reason.
        why: Unseating,
    },
}

impl Effect {
    /// Splits the effect into its recipients and the event that each of them receives.
    pub fn into_event(self) -> (Vec<SessionId>, Event) {
        match self {
            Self::Tell { to, event } => (to, event),
            Self::Show { to, snapshot } => (to, Event::Snapshot(snapshot)),
            Self::Unseat { session, why } => (vec![session], Event::Unseated(why)),
        }
    }
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

impl Lobby {
    /// An empty lobby, whose time begins at `now`. The same seed and the same calls give the same effects.
    pub fn new(now: Instant, limits: Limits, seed: u64) -> Self {
        Self {
            epoch: Epoch::new(now),
            limits: Arc::new(limits.clamped()),
            rng: SplitMix64::new(seed),
            sessions: BTreeMap::new(),
            names: BTreeSet::new(),
            rooms: BTreeMap::new(),
            open_rooms: BTreeSet::new(),
            open_rooms_by_terms: BTreeSet::new(),
            adjourned_rooms: BTreeSet::new(),
            deadlines: BTreeSet::new(),
            adjourned_untold: BTreeSet::new(),
            listing: Listing::default(),
            attempts: Attempts::default(),
            next_session: 1,
            next_room: 1,
            effects: VecDeque::new(),
        }
    }

    /// Opens a session, or returns to the one whose token the hello shows.
    ///
    /// `fresh_secret` becomes the new session's; it comes from the system's random source. What is due by now is told
    /// to the links that were there before, so take the [effects](Self::poll_effect) of
    /// [`handle_timeout`](Self::handle_timeout) first. A returning session is told its seat, then its room, then its
    /// adjourned matches.
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
        origin: Origin,
    ) -> Result<Admission, CloseReason> {
        self.handle_timeout(now);
        match &hello.resume {
            Some(token) => self.resume(now, token, origin),
            None => self.open_session(hello.name, fresh_secret, origin),
        }
    }

    /// Does what a session asks. A command that does not fit changes nothing and is answered by a reject.
    pub fn handle(&mut self, now: Instant, session: SessionId, command: Command) {
        self.handle_timeout(now);
        if !self.has_link(session) {
            return;
        }
        let kind = command.kind();
        if let Err(reject) = self.try_command(now, session, command) {
            self.tell(session, Event::Rejected { command: kind, reject });
        }
    }

    /// A session's link has fallen silent (`since` when), or is heard again (`None`).
    pub fn handle_silence(&mut self, now: Instant, session: SessionId, since: Option<Instant>) {
        self.handle_timeout(now);
        if self.has_link(session) {
            self.attend(now, session, since.map_or(Heard::Again, Heard::NotSince));
        }
    }

    /// The shell has measured a session's round trip. What a client says of it does not count.
    pub fn handle_rtt(&mut self, session: SessionId, rtt: Duration) {
        let Some(known) = self.sessions.get_mut(&session) else { return };
        known.rtt = rtt;
        if let Some(Place::Seat { code, seat }) = known.place
            && let Some(room) = self.rooms.get_mut(&code)
        {
            room.set_rtt(seat, rtt);
        }
    }

    /// A session's link is gone. A seat is kept while a match is at stake, and also otherwise if the link was lost.
    pub fn disconnect(&mut self, now: Instant, session: SessionId, parting: Parting) {
        self.handle_timeout(now);
        let Some(known) = self.sessions.get_mut(&session) else { return };
        known.has_link = false;
        self.listing.stop(session);
        let place = known.place;
        let is_at_stake = place.is_some_and(|place| {
            let phase = self.rooms.get(&place.code()).map(Room::phase);
            matches!(phase, Some(Phase::Playing | Phase::Adjourned))
        });
        match place {
            Some(Place::Seat { .. }) if is_at_stake || parting == Parting::Lost => {
                self.attend(now, session, Heard::Parted(parting));
            }
            Some(_) => {
                self.leave_place(now, session);
            }
            None => {}
        }
        self.forget_if_spent(session);
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(&(at, code)) = self.deadlines.first()
            && at <= now
        {
            self.deadlines.pop_first();
            let Some(room) = self.rooms.get_mut(&code) else { continue };
            room.scheduled = None;
            match room.handle_timeout(now) {
                Due::Closed => self.close_room(now, code),
                Due::Changed => self.changed(now, code),
                Due::Nothing => self.settle(now, code),
            }
        }
        self.attempts.handle_timeout(now);
        self.send_lists(now);
    }

    /// What to do next, `None` when all is done.
    #[must_use]
    pub fn poll_effect(&mut self) -> Option<Effect> {
        if self.effects.is_empty() {
            self.tell_adjourned();
        }
        self.effects.pop_front()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), `None` if nothing waits for time to pass.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let room = self.deadlines.first().map(|(at, _)| *at);
        [room, self.attempts.poll_timeout(), self.listing.poll_timeout()].into_iter().flatten().min()
    }

    /// How many sessions there are, those without a link included.
    pub fn session_count(&self) -> usize {
        self.sessions.len()
    }

    /// How many rooms there are.
    pub fn room_count(&self) -> usize {
        self.rooms.len()
    }

    fn open_session(
        &mut self,
        wanted: Name,
        secret: [u8; SECRET_BYTES],
        origin: Origin,
    ) -> Result<Admission, CloseReason> {
        if self.sessions.len() >= self.limits.sessions {
            return Err(CloseReason::ServerFull);
        }
        let name = self.tell_apart(wanted);
        let session = SessionId(self.next_session);
        self.next_session += 1;
        self.names.insert(name);
        self.sessions.insert(session, Session::new(name, secret, origin));
        Ok(Admission { token: Token { session, secret }, name, is_return: false })
    }

    fn resume(&mut self, now: Instant, token: &Token, origin: Origin) -> Result<Admission, CloseReason> {
        let known = self.sessions.get_mut(&token.session).ok_or(CloseReason::UnknownSession)?;
        if !bool::from(known.secret.ct_eq(&token.secret)) {
            return Err(CloseReason::UnknownSession);
        }
        known.has_link = true;
        known.adjourned_told.clear();
        known.origin = origin;
        // The new link's round trip is not known yet, and the old one's is no reason for credit.
        known.rtt = Duration::ZERO;
        self.listing.stop(token.session);
        self.adjourned_untold.insert(token.session);
        let (name, place) = (known.name, known.place);
        match place {
            Some(Place::Seat { code, seat }) => {
                if let Some(room) = self.rooms.get_mut(&code) {
                    room.set_rtt(seat, Duration::ZERO);
                }
                self.tell(token.session, Event::Seated { code, seat });
                if !self.attend(now, token.session, Heard::Again) {
                    self.show(now, code, vec![token.session]);
                }
            }
            Some(Place::Watching { code }) => {
                self.tell(token.session, Event::Watching { code });
                self.show(now, code, vec![token.session]);
            }
            None => {}
        }
        Ok(Admission { token: *token, name, is_return: true })
    }

    fn try_command(&mut self, now: Instant, session: SessionId, command: Command) -> Result<(), Reject> {
        match command {
            Command::QuickMatch { terms } => self.quick_match(now, session, terms),
            Command::Create { terms, access } => self.create(now, session, terms, access),
            Command::Join { code, passcode } => self.join(now, session, code, passcode),
            Command::Watch { code, passcode } => self.watch(now, session, code, passcode),
            Command::Leave => self.leave(now, session),
            Command::Play { match_number, branch, ply, cell } => {
                let mv = Move { match_number, branch, ply, cell };
                self.in_room(now, session, |room, seat| room.play(now, seat, mv))
            }
            Command::Resign { match_number } => {
                self.in_room(now, session, |room, seat| room.resign(now, seat, match_number))
            }
            Command::Rematch { match_number } => {
                self.in_room(now, session, |room, seat| room.want_rematch(now, seat, match_number))
            }
            Command::Offer { match_number, kind } => {
                self.in_room(now, session, |room, seat| room.offer(now, seat, match_number, kind))
            }
            Command::Accept { number } => self.accept(now, session, number),
            Command::Decline { number } => self.in_room(now, session, |room, _| room.decline(number)),
            Command::Claim { match_number, claim } => self.claim(now, session, match_number, claim),
            Command::Say { message } => self.say(now, session, message),
            Command::Set { setting } => self.set(now, session, setting),
            Command::Browse { rules } => self.browse(now, session, rules),
            Command::StopBrowsing => {
                self.listing.stop(session);
                Ok(())
            }
        }
    }

    fn accept(&mut self, now: Instant, session: SessionId, number: u32) -> Result<(), Reject> {
        let may_adjourn = self.may_adjourn(session);
        self.in_room(now, session, |room, seat| room.accept(now, seat, number, may_adjourn))
    }

    fn claim(
        &mut self,
        now: Instant,
        session: SessionId,
        match_number: u32,
        claim: Claim,
    ) -> Result<(), Reject> {
        let may_adjourn = self.may_adjourn(session);
        self.in_room(now, session, |room, seat| {
            room.check_match(match_number)?;
            room.claim(now, seat, claim, may_adjourn)
        })
    }

    fn say(&mut self, now: Instant, session: SessionId, message: ChatMessage) -> Result<(), Reject> {
        let known = self.sessions.get_mut(&session).ok_or(Reject::NotSeated)?;
        let place = known.place.ok_or(Reject::NotSeated)?;
        let room = self.rooms.get_mut(&place.code()).ok_or(Reject::NotSeated)?;
        let (speaker, do_players_hear) = match place {
            Place::Seat { .. } if !room.is_chat_open() => return Err(Reject::ChatClosed),
            Place::Seat { seat, .. } => (Speaker::Player(seat), true),
            Place::Watching { .. } => (Speaker::Watcher, room.watchers_may_chat()),
        };
        let is_within = known.chat.take(now, self.limits.chat_burst, self.limits.chat_every);
        if !is_within || !room.take_chat(now) {
            return Err(Reject::TooFast);
        }
        let name = known.name;
        let players = room.sitters().filter(|(_, sitter)| do_players_hear && !sitter.is_away());
        let to = players.map(|(_, sitter)| sitter.session).chain(room.watchers().iter().copied()).collect();
        self.effects.push_back(Effect::Tell { to, event: Event::Said { speaker, name, message } });
        Ok(())
    }

    fn set(&mut self, now: Instant, session: SessionId, setting: Setting) -> Result<(), Reject> {
        self.in_room(now, session, |room, seat| room.set(seat, setting))?;
        let (code, _) = self.seat_of(session)?;
        let barred = self.rooms.get_mut(&code).map(Room::take_barred_watchers).unwrap_or_default();
        if !barred.is_empty() {
            for watcher in barred {
                self.unseat(watcher, Unseating::NotWatchable);
            }
            self.changed(now, code);
        }
        Ok(())
    }

    /// Lets a seated session change its room, and shows the room to all in it.
    fn in_room(
        &mut self,
        now: Instant,
        session: SessionId,
        change: impl FnOnce(&mut Room, Seat) -> Result<Change, Reject>,
    ) -> Result<(), Reject> {
        let (code, seat) = self.seat_of(session)?;
        let room = self.rooms.get_mut(&code).ok_or(Reject::NotSeated)?;
        match change(room, seat)? {
            Change::Made => self.changed(now, code),
            Change::MadeBefore => self.show(now, code, vec![session]),
        }
        Ok(())
    }

    /// Notes whether a session is heard; `true` if that is news, and everybody in its room was shown it.
    fn attend(&mut self, now: Instant, session: SessionId, news: Heard) -> bool {
        let Ok((code, seat)) = self.seat_of(session) else { return false };
        let is_news = self.rooms.get_mut(&code).is_some_and(|room| room.attend(now, seat, news));
        if is_news {
            self.changed(now, code);
        }
        is_news
    }

    /// The room and the seat of a session.
    fn seat_of(&self, session: SessionId) -> Result<(RoomCode, Seat), Reject> {
        match self.sessions.get(&session).and_then(|known| known.place) {
            Some(Place::Seat { code, seat }) => Ok((code, seat)),
            Some(Place::Watching { .. }) => Err(Reject::OnlyWatching),
            None => Err(Reject::NotSeated),
        }
    }

    fn has_link(&self, session: SessionId) -> bool {
        self.sessions.get(&session).is_some_and(|known| known.has_link)
    }

    /// Whether the match of a session may be adjourned, for both of its players and where they come from.
    fn may_adjourn(&self, session: SessionId) -> bool {
        let Some(room) = self.seat_of(session).ok().and_then(|(code, _)| self.rooms.get(&code)) else {
            return false;
        };
        let session_of = |id: SessionId| self.sessions.get(&id);
        let has_room = |known: &Session| {
            let is_from_there = |code: &&RoomCode| {
                let sitters = self.rooms.get(code).into_iter().flat_map(Room::sitters);
                sitters
                    .filter_map(|(_, sitter)| session_of(sitter.session))
                    .any(|other| other.origin == known.origin)
            };
            known.adjourned.len() < self.limits.adjourned_per_session
                && self.adjourned_rooms.iter().filter(is_from_there).count()
                    < self.limits.adjourned_per_origin
        };
        self.adjourned_rooms.len() < self.limits.adjourned
            && room.sitters().filter_map(|(_, sitter)| session_of(sitter.session)).all(has_room)
    }

    fn forget_if_spent(&mut self, session: SessionId) {
        if self.sessions.get(&session).is_some_and(Session::is_spent)
            && let Some(known) = self.sessions.remove(&session)
        {
            self.names.remove(&known.name);
        }
    }

    /// The name wanted, or with a number behind it that nobody of that name has.
    fn tell_apart(&mut self, wanted: Name) -> Name {
        if !self.names.contains(&wanted) {
            return wanted;
        }
        // The first numbers are for people. A crowd of one name is told apart by drawing, which finds one at once.
        let small = (2..=FRIENDLY_NUMBERS).map(|number| wanted.numbered(number));
        if let Some(name) = small.into_iter().find(|name| !self.names.contains(name)) {
            return name;
        }
        loop {
            let drawn = self.rng.below(u64::from(DRAWN_NUMBERS));
            let name = wanted.numbered(u32::try_from(drawn).unwrap_or(DRAWN_NUMBERS));
            if !self.names.contains(&name) {
                return name;
            }
        }
    }
}

/// Numbers that are tried in turn behind a name that others have.
const FRIENDLY_NUMBERS: u32 = 9;

/// Numbers from which one is drawn after that: many more than there are sessions, in six digits.
const DRAWN_NUMBERS: u32 = 1_000_000;
