//! Membership: the sessions, the rooms, and the places of the sessions in the rooms.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    effect::Effect,
    epoch::Epoch,
    holdings::{NoSpace, Space},
    keep::KeptRoom,
    keeper::Keeper,
    limits::Limits,
    listing::Listing,
    notify::Notifier,
    origin::Origin,
    people::Person,
    restore::{RestoreError, restore},
    room::{Room, Stake},
    rooms::Rooms,
    seat::{DisconnectReason, LinkNews, Player},
    session::{Admission, Place, Session, Sessions},
};
use net::proto::{
    Access, ChatMessage, CloseReason, Event, Name, Phase, Reject, RoomCode, SECRET_BYTES, Seat, SessionId,
    Speaker, Terms, Token, Unseating,
};

/// The worth of a session to the person behind it. When there are too many, the one of the least worth gives way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// There is neither a link nor a match at stake.
    Nothing,
    /// There is a link, and nothing else.
    Link,
    /// A room that is watched, or in which no match is at stake.
    Place,
    /// A match at stake, running or adjourned.
    Match,
}

/// All sessions and rooms.
///
/// # Invariants
///
/// A session with a place is a player or a watcher of that room. A session that has neither a link, a place nor an
/// adjourned match is forgotten.
#[derive(Debug)]
pub(super) struct Membership {
    limits: Arc<Limits>,
    /// The time of the current call.
    now: Instant,
    /// The time before which no absence counts, since the server itself was away.
    excused_until: Option<Instant>,
    sessions: Sessions,
    rooms: Rooms,
    keeper: Keeper,
    notifier: Notifier,
}

impl Membership {
    pub(super) fn new(now: Instant, limits: Arc<Limits>, seed: u64) -> Self {
        Self {
            limits,
            now,
            excused_until: None,
            sessions: Sessions::default(),
            rooms: Rooms::new(seed),
            keeper: Keeper::default(),
            notifier: Notifier::new(Epoch::new(now)),
        }
    }

    /// The sessions and rooms that were kept. Everybody is away, and has time to return before that counts.
    ///
    /// # Errors
    ///
    /// The first room that does not go with itself, with the others or with the limits.
    pub(super) fn restore(&mut self, kept: Vec<KeptRoom>) -> Result<(), RestoreError> {
        (self.sessions, self.keeper) = restore(self.now, &self.limits, &mut self.rooms, kept)?;
        self.excused_until = Some(self.now + self.limits.grace);
        Ok(())
    }

    /// Hands out no [`Effect::Keep`] from now on.
    pub(super) const fn keep_nothing(&mut self) {
        self.keeper.turn_off();
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) const fn rooms(&self) -> &Rooms {
        &self.rooms
    }

    pub(super) const fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Opens a session, whose name may differ from the wanted one, and tells which one had to give way to it.
    pub(super) fn open_session(
        &mut self,
        wanted: Name,
        keys: ([u8; SECRET_BYTES], Origin),
    ) -> Result<(Admission, Option<SessionId>), CloseReason> {
        let (_, origin) = keys;
        let is_full = CloseReason::ServerFull;
        let victim = match self.sessions.space_for(origin, &self.limits) {
            Ok(Space::Free) => None,
            Ok(Space::HeldBy(most)) => Some(self.weakest(Some(most), Worth::Match).ok_or(is_full)?),
            Err(NoSpace::AllHeld) => Some(self.weakest(None, Worth::Nothing).ok_or(is_full)?),
            Err(NoSpace::ShareHeld) => {
                Some(self.weakest(Some(origin), Worth::Nothing).ok_or(CloseReason::AddressFull)?)
            }
        };
        if let Some(victim) = victim {
            self.dismiss(victim);
        }
        Ok((self.sessions.open(self.now, wanted, keys, &self.limits), victim))
    }

    /// The session that gives way first, of one origin or of all: the one of the least worth, and of those the one that has
    /// done nothing for longest. `None` if all are worth more than `most`.
    fn weakest(&self, origin: Option<Origin>, most: Worth) -> Option<SessionId> {
        // Whoever has a link is worth something.
        let unlinked = (most == Worth::Nothing).then(|| self.sessions.unlinked());
        let linked_too =
            origin.filter(|_| most > Worth::Nothing).map(|origin| self.sessions.of_origin(origin));
        let candidates = unlinked.into_iter().flatten().chain(linked_too.into_iter().flatten());
        let theirs = candidates.filter(|(_, known)| origin.is_none() || known.origin == origin);
        let weakest = theirs.map(|(id, known)| (self.worth(known), known.active_at, id)).min();
        weakest.filter(|(worth, ..)| *worth <= most).map(|(.., id)| id)
    }

    fn worth(&self, known: &Session) -> Worth {
        let room = known.place().and_then(|place| self.rooms.get(place.code()));
        let plays = matches!(known.place(), Some(Place::Seat { .. }));
        let is_kept_elsewhere = !known.adjourned_told.is_empty() || (room.is_none() && !known.has_link());
        match room {
            Some(room) if plays && room.stake() == Stake::Match => Worth::Match,
            _ if is_kept_elsewhere => Worth::Match,
            _ if !known.has_link() => Worth::Nothing,
            None => Worth::Link,
            Some(_) => Worth::Place,
        }
    }

    /// Ends a session that has to give way. The other player of its match can claim it.
    fn dismiss(&mut self, session: SessionId) {
        if self.sessions.get(session).is_none() {
            return;
        }
        self.sessions.set_link(session, false);
        self.notifier.push(Effect::Dismiss { session });
        match self.sessions.seat(session) {
            Ok((code, Seat::Host))
                if self.rooms.get(code).is_some_and(|room| room.stake() < Stake::Match) =>
            {
                self.close_room(code);
            }
            Ok(_) | Err(_) => self.leave_place(session),
        }
        self.sessions.remove(session);
    }

    /// Resumes a session over a new link, and tells it its seat, its room and its adjourned matches.
    pub(super) fn resume(
        &mut self,
        token: &Token,
        (fresh, origin): ([u8; SECRET_BYTES], Origin),
    ) -> Result<Admission, CloseReason> {
        let session = token.session;
        let known = self.sessions.renew(session, &token.secret, &fresh);
        let known = known.ok_or(CloseReason::UnknownSession)?;
        known.adjourned_told.clear();
        let token = Token { session, secret: fresh };
        let admission = Admission { token, name: known.name, is_return: true };
        let place = known.place();
        self.sessions.set_link(session, true);
        if self.sessions.set_origin(session, origin).is_none() {
            self.rooms.set_origin(session, origin);
        }
        self.notifier.note_adjourned(session);
        // The round trip of the new link is not known yet, and that of the old one is no reason for credit.
        self.set_rtt(session, Duration::ZERO);
        if let Some(place) = place {
            self.tell(session, place.event());
            if !self.handle_link_news(session, LinkNews::Heard) {
                self.show(place.code(), session);
            }
        }
        Ok(admission)
    }

    /// Notes a sign that the welcome over this link has arrived, and with it the new secret.
    pub(super) fn confirm(&mut self, session: SessionId) {
        self.sessions.confirm(session);
    }

    /// Notes a command of a session; `false` if it has no link.
    pub(super) fn note_command(&mut self, session: SessionId) -> bool {
        let has_link = self.sessions.has_link(session);
        if has_link && let Some(known) = self.sessions.confirm(session) {
            known.active_at = self.now;
        }
        has_link
    }

    /// Keeps a person out of the rooms that a session opens, or no longer.
    pub(super) fn set_blocked(&mut self, session: SessionId, person: Person, is_blocked: bool) {
        let Some(known) = self.sessions.get_mut(session) else { return };
        if is_blocked { known.blocked.add(person) } else { known.blocked.remove(&person) }
    }

    pub(super) fn set_rtt(&mut self, session: SessionId, rtt: Duration) {
        let Some(known) = self.sessions.get_mut(session) else { return };
        known.rtt = rtt;
        if let Some(Place::Seat { code, seat }) = known.place() {
            self.change(code, |room, _| room.series.seats.player_mut(seat).map(|player| player.rtt = rtt));
        }
    }

    /// Takes in news of a session's link; `true` if its room has changed and was shown to everybody in it.
    pub(super) fn handle_link_news(&mut self, session: SessionId, news: LinkNews) -> bool {
        let Ok((code, seat)) = self.sessions.seat(session) else { return false };
        let news = match news {
            LinkNews::SilentSince(since) => LinkNews::SilentSince(self.absence_since(since)),
            LinkNews::Heard | LinkNews::Ended(..) => news,
        };
        let is_change =
            self.change(code, |room, now| room.series.handle_link_news(now, seat, news)) == Some(true);
        if is_change {
            self.show_all(code);
        }
        is_change
    }

    /// Ends a session's link. The seat is kept if a match is at stake or the link was lost.
    pub(super) fn disconnect(&mut self, session: SessionId, reason: DisconnectReason) {
        if self.sessions.get(session).is_none() {
            return;
        }
        self.sessions.set_link(session, false);
        let is_seat_kept = match self.phase_of(session) {
            Some(Phase::Playing) => reason == DisconnectReason::Lost || !self.is_on_trial(session),
            Some(Phase::Adjourned) => true,
            Some(Phase::Waiting | Phase::Over(_)) => reason == DisconnectReason::Lost,
            None => false,
        };
        if is_seat_kept {
            self.handle_link_news(session, LinkNews::Ended(self.absence_since(self.now), reason));
        } else {
            self.leave_place(session);
        }
        self.forget_if_spent(session);
    }

    /// Lets time pass: closes and changes the rooms that are due.
    pub(super) fn advance(&mut self, now: Instant) {
        self.now = now;
        while let Some(code) = self.rooms.due(self.now) {
            let Some(room) = self.rooms.get(code) else { return };
            if room.is_over(self.now) {
                self.close_room(code);
            } else if room.series.guest_given_up_at().is_some_and(|at| at <= self.now) {
                self.release_guest(code, Unseating::Left);
            } else if self.change(code, |room, now| room.series.handle_timeout(now)) == Some(true) {
                self.show_all(code);
            }
        }
    }

    /// Takes in that the server was not run for a time, before anything else is done: no clock ran, and nobody could return.
    /// Absences count only after everybody has had the time for it.
    pub(super) fn handle_sleep(&mut self, now: Instant, slept: Duration) {
        self.now = now;
        let excused_until = now + self.limits.grace;
        self.excused_until = Some(excused_until);
        for code in self.rooms.codes() {
            self.rooms.change(now, code, |room, _| room.series.handle_sleep(slept, excused_until));
        }
    }

    /// Shows every room to everybody in it.
    pub(super) fn show_rooms(&mut self) {
        for code in self.rooms.codes() {
            self.show_all(code);
        }
    }

    /// Opens a room with the session as its host. A full lobby closes an unused room first.
    pub(super) fn open_room(
        &mut self,
        session: SessionId,
        terms: Terms,
        access: Access,
    ) -> Result<(), Reject> {
        let host = self.player(session)?;
        if let Some(closed) = self.rooms.space_for(host.person.origin, &self.limits)? {
            self.close_room(closed);
        }
        let limits = &self.limits;
        let code = self.rooms.open(self.now, |code, number| {
            Room::new(self.now, Arc::clone(limits), (code, number), (terms, access), host)
        });
        self.enter(session, Place::Seat { code, seat: Seat::Host });
        Ok(())
    }

    /// Takes a session out of its place. The seat of an adjourned match is kept; any other is given up.
    pub(super) fn leave_place(&mut self, session: SessionId) {
        let Some(place) = self.sessions.place(session) else { return };
        let code = place.code();
        if self.is_on_trial(session) {
            return self.release_guest(code, Unseating::Left);
        }
        let phase = self.phase_of(session);
        self.unseat(session, Unseating::Left);
        if phase == Some(Phase::Waiting) {
            // Nobody can come any more.
            self.close_room(code);
            return;
        }
        self.change(code, |room, now| match (place, room.series.phase) {
            (Place::Watching { .. }, _) => room.stop_watching(session),
            (Place::Seat { seat, .. }, Phase::Over(_)) => room.series.seats.vacate(now, seat),
            (Place::Seat { seat, .. }, Phase::Waiting | Phase::Playing | Phase::Adjourned) => {
                let ended = LinkNews::Ended(now, DisconnectReason::OnPurpose);
                room.series.handle_link_news(now, seat, ended);
            }
        });
        self.show_all(code);
    }

    /// Passes on a chat message.
    pub(super) fn say(&mut self, session: SessionId, message: ChatMessage) -> Result<(), Reject> {
        let known = self.sessions.get_mut(session).ok_or(Reject::NotSeated)?;
        let name = known.name;
        let place = known.place().ok_or(Reject::NotSeated)?;
        let room = self.rooms.get(place.code()).ok_or(Reject::NotSeated)?;
        let (speaker, to) = match place {
            Place::Seat { .. } if !room.is_chat_open => return Err(Reject::ChatClosed),
            Place::Seat { seat, .. } => (Speaker::Player(seat), room.audience(true)),
            Place::Watching { .. } => (Speaker::Watcher, room.audience(room.watchers_may_chat)),
        };
        let is_within_limits = known.chat.take(self.now)
            && self.change(place.code(), |room, now| room.chat.take(now)) == Some(true);
        if !is_within_limits {
            return Err(Reject::TooFast);
        }
        self.notifier.push(Effect::Tell { to, event: Event::Said { speaker, name, message } });
        Ok(())
    }

    /// The next effect. What is to be kept comes before what is told.
    pub(super) fn poll_effect(&mut self) -> Option<Effect> {
        self.keeper.handle_changes(&mut self.rooms, &mut self.sessions);
        self.keeper.poll_keep().map(Effect::Keep).or_else(|| self.notifier.poll_effect())
    }

    /// Tells one session something, if it has a link.
    pub(super) fn tell(&mut self, session: SessionId, event: Event) {
        self.notifier.send(&self.sessions, session, Effect::Tell { to: vec![session], event });
    }

    /// Sends the lists of rooms that are due.
    pub(super) fn send_lists(&mut self, listing: &mut Listing) {
        let lists = listing.handle_timeout(self.now, &mut self.sessions, &self.rooms);
        for list in lists {
            self.notifier.push(list);
        }
    }

    /// Sends the lists of adjourned matches that have changed.
    pub(super) fn tell_adjourned(&mut self) {
        self.notifier.tell_adjourned(&mut self.sessions, &self.rooms);
    }

    /// Changes a room, and what depends on whether its match is adjourned. `None` if there is no such room.
    pub(super) fn change<R>(
        &mut self,
        code: RoomCode,
        change: impl FnOnce(&mut Room, Instant) -> R,
    ) -> Option<R> {
        let (result, was_adjourned, is_adjourned) = self.rooms.change(self.now, code, |room, now| {
            let was_adjourned = room.is_adjourned();
            (change(room, now), was_adjourned, room.is_adjourned())
        })?;
        if was_adjourned || is_adjourned {
            let players = self.rooms.get(code)?.series.seats.players();
            let players: Vec<_> = players.map(|(seat, player)| (seat, player.person.session)).collect();
            for (seat, session) in players {
                self.notifier.note_adjourned(session);
                if !is_adjourned && self.sessions.place(session) != Some(Place::Seat { code, seat }) {
                    // The other player has resigned, and there is no match to come back to.
                    self.rooms.change(self.now, code, |room, now| room.series.seats.vacate(now, seat));
                    self.forget_if_spent(session);
                }
            }
        }
        Some(result)
    }

    /// The time from which an absence counts.
    fn absence_since(&self, since: Instant) -> Instant {
        self.excused_until.map_or(since, |until| since.max(until))
    }

    /// Tells whether the session is a guest in a match in which not both have moved.
    pub(super) fn is_on_trial(&self, session: SessionId) -> bool {
        let Ok((code, Seat::Guest)) = self.sessions.seat(session) else { return false };
        self.rooms.get(code).is_some_and(|room| room.series.is_guest_on_trial())
    }

    /// Takes a guest on trial out of a room, which waits for another one.
    pub(super) fn release_guest(&mut self, code: RoomCode, why: Unseating) {
        let Some(guest) = self.change(code, Room::wait_again).flatten() else { return };
        self.unseat(guest.session, why);
        // A host who has been away for long enough comes back to no room at all.
        if self.rooms.get(code).is_some_and(|room| !room.is_over(self.now)) {
            self.show_all(code);
        }
        self.forget_if_spent(guest.session);
    }

    /// Closes a room and unseats everybody in it.
    pub(super) fn close_room(&mut self, code: RoomCode) {
        let Some(room) = self.rooms.remove(code) else { return };
        let players = room.series.seats.players().map(|(_, player)| player.person.session);
        for session in players.chain(room.watchers.iter().copied()) {
            if room.is_adjourned() {
                self.notifier.note_adjourned(session);
            }
            if self.sessions.place(session).is_some_and(|place| place.code() == code) {
                self.unseat(session, Unseating::RoomClosed);
            }
            self.forget_if_spent(session);
        }
    }

    /// The phase of the room in which a session has a seat.
    pub(super) fn phase_of(&self, session: SessionId) -> Option<Phase> {
        let (code, _) = self.sessions.seat(session).ok()?;
        self.rooms.get(code).map(|room| room.series.phase)
    }

    /// The session as a player, unless it has a place.
    pub(super) fn player(&self, session: SessionId) -> Result<Player, Reject> {
        let known = self.sessions.get(session).filter(|known| known.place().is_none());
        let known = known.ok_or(Reject::AlreadySeated)?;
        Ok(Player::new(self.now, known.person(session), known.rtt))
    }

    /// Gives a session its place in a room, and shows the room to everybody in it.
    pub(super) fn enter(&mut self, session: SessionId, place: Place) {
        self.set_place(session, Some(place));
        self.tell(session, place.event());
        self.show_all(place.code());
    }

    pub(super) fn unseat(&mut self, session: SessionId, why: Unseating) {
        self.set_place(session, None);
        self.notifier.send(&self.sessions, session, Effect::Unseat { session, why });
    }

    pub(super) fn set_place(&mut self, session: SessionId, place: Option<Place>) {
        self.sessions.set_place(session, place);
    }

    fn forget_if_spent(&mut self, session: SessionId) {
        let is_spent =
            self.sessions.get(session).is_some_and(|known| !known.has_link() && known.place().is_none())
                && self.rooms.adjourned_of(session).next().is_none();
        if is_spent {
            self.sessions.remove(session);
        }
    }

    pub(super) fn show(&mut self, code: RoomCode, to: SessionId) {
        if let Some(room) = self.rooms.get(code) {
            self.notifier.show(self.now, room, vec![to]);
        }
    }

    pub(super) fn show_all(&mut self, code: RoomCode) {
        if let Some(room) = self.rooms.get(code) {
            self.notifier.show(self.now, room, room.audience(true));
        }
    }
}
