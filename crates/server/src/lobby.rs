//! The lobby: every session and every room, and the only authority over them.
//!
//! It is a deterministic state machine. It sees sessions and commands, never a byte, an address or a transport, and it
//! reads no clock: `now` is an argument, and work for later is a deadline that it returns. The same lobby serves a
//! thousand links, two people at one keyboard, and a test.
//!
//! **The drain rule.** After every call that may change state, call [`Lobby::poll_effect`] until it returns
//! `None`, then sleep until [`Lobby::poll_timeout`]. Time passed in never decreases.
//!
//! **Time comes first.** Every call does what is due by its `now` before anything else. So a fallen flag and a later move
//! cannot both count, whichever the shell hears of first.

mod attempt_limiter;
mod clock;
mod commands;
mod counts;
mod effect;
mod epoch;
mod guesses;
mod holdings;
mod inquiry;
mod keep;
mod keeper;
mod limits;
mod listing;
mod match_state;
mod membership;
mod notify;
mod offer;
mod origin;
mod people;
mod restore;
mod room;
mod rooms;
mod seat;
mod series;
mod session;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

pub use self::{
    counts::Counts,
    effect::Effect,
    epoch::Epoch,
    keep::{
        FinishedMatch, Hold, Keep, KeptAccess, KeptClocks, KeptRoom, KeptSeat, KeptSecrets,
        ParseSecretHashError, SecretHash,
    },
    limits::Limits,
    origin::Origin,
    restore::{RestoreError, Unfit},
    seat::DisconnectReason,
    session::Admission,
};
use self::{
    guesses::Guesses,
    listing::Listing,
    match_state::{Change, Move},
    membership::Membership,
    seat::LinkNews,
};
use game_core::Rules;
use net::proto::{
    Access, Answer, CloseReason, Command, Event, Hello, Name, Passcode, Phase, Question, Reject, RoomCode,
    SECRET_BYTES, SessionId, Terms,
};
use strum::VariantNames;

/// All sessions and rooms of one server.
#[derive(Debug)]
pub struct Lobby {
    members: Membership,
    listing: Listing,
    guesses: Guesses,
    counts: Counts,
}

impl Lobby {
    /// An empty lobby, whose time begins at `now`. The same seed and the same calls give the same effects.
    pub fn new(now: Instant, limits: Limits, seed: u64) -> Self {
        let limits = Arc::new(limits.clamped());
        Self {
            members: Membership::new(now, Arc::clone(&limits), seed),
            guesses: Guesses::new(&limits),
            listing: Listing::new(limits),
            counts: Counts::default(),
        }
    }

    /// The lobby of a server that begins anew at `now`, with the [rooms](Keep::Room) that were kept.
    ///
    /// Records, clocks and seats are what they were. Everybody is away and has a grace period to return, by the tokens from
    /// before; offers and requests for a rematch are gone. Where sessions come from is unknown until they return.
    ///
    /// # Errors
    ///
    /// [`RestoreError`] names a room that does not go with itself, with the others or with the limits.
    pub fn restore(
        now: Instant,
        limits: Limits,
        seed: u64,
        kept: Vec<KeptRoom>,
    ) -> Result<Self, RestoreError> {
        let mut lobby = Self::new(now, limits, seed);
        lobby.members.restore(kept)?;
        Ok(lobby)
    }

    /// Hands out no [`Effect::Keep`] from now on, for a shell without a store.
    pub const fn keep_nothing(&mut self) {
        self.members.keep_nothing();
    }

    /// Opens a session, or resumes the one whose token the hello shows.
    ///
    /// `fresh_secret` becomes the secret of the session; it comes from the system's random source. Effects of what is
    /// due by now are meant for the earlier links, so take the [effects](Self::poll_effect) of
    /// [`handle_timeout`](Self::handle_timeout) first. A resumed session is told its seat, then its room, then its
    /// adjourned matches. The new secret of a session in a kept room is an effect, too: a shell with a store hands out the
    /// admission when it is kept.
    ///
    /// # Errors
    ///
    /// [`CloseReason::ServerFull`] or [`CloseReason::AddressFull`], or [`CloseReason::UnknownSession`] for a wrong token,
    /// which changes nothing at all.
    pub fn connect(
        &mut self,
        now: Instant,
        hello: &Hello,
        fresh_secret: [u8; SECRET_BYTES],
        origin: Origin,
    ) -> Result<Admission, CloseReason> {
        self.advance(now);
        let keys = (fresh_secret, origin);
        let admitted = match &hello.resume {
            Some(token) => self.members.resume(token, keys).map(|admission| (admission, Some(token.session))),
            None => self.members.open_session(hello.name, keys),
        };
        // A new link has to ask for the list again, and a session that had to give way has none.
        if let Ok((_, Some(without_list))) = admitted {
            self.listing.stop(without_list);
        }
        self.finish(now);
        admitted.map(|(admission, _)| admission)
    }

    /// Carries out a command of a session. A command that cannot be carried out changes nothing and is rejected.
    pub fn handle(&mut self, now: Instant, session: SessionId, command: Command) {
        self.advance(now);
        if self.members.note_command(session) {
            let kind = command.kind();
            if let Err(reject) = self.try_command(now, session, command) {
                self.counts.add_reject(reject);
                self.members.tell(session, Event::Rejected { command: kind, reject });
            }
            if self.listing.is_browser(session) && self.members.sessions().place(session).is_some() {
                self.listing.stop(session);
            }
        }
        self.finish(now);
    }

    /// Takes in that a session's link is silent since a time, or is heard again (`None`).
    pub fn handle_silence(&mut self, now: Instant, session: SessionId, since: Option<Instant>) {
        self.advance(now);
        if self.members.sessions().has_link(session) {
            let news = since.map_or(LinkNews::Heard, LinkNews::SilentSince);
            self.members.handle_link_news(session, news);
        }
        self.finish(now);
    }

    /// Takes in a round trip of a session's link as the shell has measured it. A client's own measurement does not count.
    ///
    /// It is a sign that the [`Admission`] over this link has arrived, so it must not come before that is handed out.
    pub fn handle_rtt(&mut self, session: SessionId, rtt: Duration) {
        self.members.confirm(session);
        self.members.set_rtt(session, rtt);
    }

    /// Takes in the end of a session's link. The seat is kept if a match is at stake or the link was lost.
    pub fn disconnect(&mut self, now: Instant, session: SessionId, reason: DisconnectReason) {
        self.advance(now);
        self.listing.stop(session);
        self.members.disconnect(session, reason);
        self.finish(now);
    }

    /// Answers a question of somebody without a session, in the name of a server. `None`: this origin has asked for too many
    /// codes that lead nowhere.
    pub fn answer(
        &mut self,
        now: Instant,
        origin: Origin,
        server: Name,
        question: Question,
    ) -> Option<Answer> {
        self.advance(now);
        let rooms = self.members.rooms();
        let is_guesser = matches!(question, Question::Code(code)
            if matches!(self.guesses.check_code(now, Some(origin), rooms.get(code)), Err(Reject::TooManyAttempts)));
        let server = (server, self.members.sessions().len());
        let answer = (!is_guesser).then(|| inquiry::answer(now, rooms, server, question));
        self.finish(now);
        answer
    }

    /// Takes in that nothing was done before `now` for a time: the server was stopped, or its machine slept. `slept` is as
    /// much of it as `now` shows. Call it before anything else, so that nothing is held against the players.
    pub fn handle_sleep(&mut self, now: Instant, slept: Duration) {
        self.members.handle_sleep(now, slept);
        self.advance(now);
        self.members.show_rooms();
        self.finish(now);
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
        self.finish(now);
    }

    /// The next effect, `None` when there are no more. What is to be kept comes before what is told.
    #[must_use]
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.members.poll_effect()
    }

    /// The time at which to call [`handle_timeout`](Self::handle_timeout), `None` if nothing is due later.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let room = self.members.rooms().poll_timeout();
        [room, self.guesses.poll_timeout(), self.listing.poll_timeout()].into_iter().flatten().min()
    }

    /// The number of sessions, including those without a link.
    pub fn session_count(&self) -> usize {
        self.members.sessions().len()
    }

    /// The number of rooms.
    pub fn room_count(&self) -> usize {
        self.members.rooms().len()
    }

    /// The rooms by the name of their phase. It looks at every room.
    pub fn room_counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts: BTreeMap<_, _> = Phase::VARIANTS.iter().map(|phase| (*phase, 0)).collect();
        for room in self.members.rooms().iter() {
            *counts.entry(room.series.phase.into()).or_default() += 1;
        }
        counts
    }

    /// The counts since the beginning.
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Does what is due, as every call does first.
    fn advance(&mut self, now: Instant) {
        self.members.advance(now);
        self.guesses.handle_timeout(now);
        self.note_list_changes(now);
        self.members.send_lists(&mut self.listing);
    }

    /// Sends what follows from the changes of a call, as every call does last.
    fn finish(&mut self, now: Instant) {
        self.note_list_changes(now);
        self.members.tell_adjourned();
    }

    fn note_list_changes(&mut self, now: Instant) {
        self.listing.handle_changes(now, self.members.rooms().list_changes(), self.members.sessions());
    }

    fn try_command(&mut self, now: Instant, session: SessionId, command: Command) -> Result<(), Reject> {
        let members = &mut self.members;
        match command {
            Command::QuickMatch { terms } => self.quick_match(session, terms),
            Command::Create { terms, access } => members.open_room(session, terms, access),
            Command::Join { code, passcode } => self.come_in(now, session, (code, passcode), false),
            Command::Watch { code, passcode } => self.come_in(now, session, (code, passcode), true),
            Command::Leave => members.leave(session),
            Command::Play { match_number, branch, ply, cell } => {
                let mv = Move { match_number, branch, ply, cell };
                let counts = &mut self.counts;
                members.act(session, |room, seat, now| {
                    let change = room.series.play(now, seat, mv)?;
                    if change == Change::Made {
                        counts.add_move(ply == 0 && branch == 0);
                    }
                    Ok(change)
                })
            }
            Command::Resign { match_number } => members.resign(session, match_number),
            Command::Rematch { match_number } => {
                members.act(session, |room, seat, now| room.series.request_rematch(now, seat, match_number))
            }
            Command::Offer { match_number, kind } => {
                members.act(session, |room, seat, now| room.series.offer(now, seat, match_number, kind))
            }
            Command::Accept { number } => members
                .act_adjourning(session, |room, (seat, now), may_adjourn| {
                    room.series.accept(now, seat, number, may_adjourn)
                }),
            Command::Decline { number } => members.act(session, |room, _, _| room.series.decline(number)),
            Command::Claim { match_number, claim } => {
                let claim = (match_number, claim);
                members.act_adjourning(session, |room, (seat, now), may_adjourn| {
                    room.series.claim(now, seat, claim, may_adjourn)
                })
            }
            Command::Say { message } => members.say(session, message),
            Command::Set { setting } => members.set(session, setting),
            Command::Browse { rules } => self.browse(now, session, rules),
            Command::StopBrowsing => {
                self.listing.stop(session);
                Ok(())
            }
        }
    }

    fn quick_match(&mut self, session: SessionId, terms: Option<Terms>) -> Result<(), Reject> {
        self.members.sessions().check_unplaced(session)?;
        match self.members.open_room_for(session, terms) {
            Some(code) => self.members.seat_stranger(session, code),
            None => self.members.open_room(session, terms.unwrap_or_default(), Access::Public),
        }
    }

    /// Lets a session into a room, as its guest or as a watcher, or back to its adjourned match there.
    fn come_in(
        &mut self,
        now: Instant,
        session: SessionId,
        (code, passcode): (RoomCode, Option<Passcode>),
        is_watcher: bool,
    ) -> Result<(), Reject> {
        if self.members.continue_adjourned(session, code) {
            return Ok(());
        }
        self.members.sessions().check_unplaced(session)?;
        let person = self.members.sessions().person(session).ok_or(Reject::NotSeated)?;
        let room = self.guesses.check_code(now, person.origin, self.members.rooms().get(code))?;
        if !is_watcher && room.series.phase != Phase::Waiting {
            return Err(room.full());
        }
        if !self.members.is_welcome(room, &person) {
            return Err(Reject::Barred);
        }
        self.guesses.check_passcode(now, &person, room, passcode)?;
        if is_watcher { self.members.watch(session, code) } else { self.members.seat_guest(session, code) }
    }

    fn browse(&mut self, now: Instant, session: SessionId, rules: Option<Rules>) -> Result<(), Reject> {
        self.members.sessions().check_unplaced(session)?;
        self.listing.browse(now, session, rules, self.members.sessions())?;
        self.members.send_lists(&mut self.listing);
        Ok(())
    }
}
