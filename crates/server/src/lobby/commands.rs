//! The commands of sessions that enter rooms and play in them.

use std::time::Instant;

use super::{
    match_state::Change, membership::Membership, people::Person, room::Room, seat::LinkNews, session::Place,
};
use net::proto::{Phase, Reject, RoomCode, Seat, SessionId, Setting, Terms, Unseating};

impl Membership {
    /// Seats the session as the guest of a room, and begins the first match.
    pub(super) fn seat_guest(&mut self, session: SessionId, code: RoomCode) -> Result<(), Reject> {
        let guest = self.player(session)?;
        self.change(code, |room, now| room.series.seat_guest(now, guest)).ok_or(Reject::NoSuchRoom)??;
        self.enter(session, Place::Seat { code, seat: Seat::Guest });
        Ok(())
    }

    /// Seats the session as the guest of a stranger. Their chat is closed until one of them opens it.
    pub(super) fn seat_stranger(&mut self, session: SessionId, code: RoomCode) -> Result<(), Reject> {
        self.change(code, |room, _| room.is_chat_open = false);
        self.seat_guest(session, code)
    }

    pub(super) fn watch(&mut self, session: SessionId, code: RoomCode) -> Result<(), Reject> {
        let origin_of = |session| self.sessions().get(session).and_then(|known| known.origin);
        let origin = self.sessions().person(session).ok_or(Reject::NotSeated)?.origin;
        let room = self.rooms().get(code).ok_or(Reject::NoSuchRoom)?;
        if let Some(watcher) = room.space_to_watch(origin, origin_of)? {
            self.change(code, |room, _| room.stop_watching(watcher));
            self.unseat(watcher, Unseating::MadeRoom);
        }
        self.change(code, |room, _| room.watch(session));
        self.enter(session, Place::Watching { code });
        Ok(())
    }

    pub(super) fn leave(&mut self, session: SessionId) -> Result<(), Reject> {
        if self.phase_of(session) == Some(Phase::Playing) && !self.is_on_trial(session) {
            return Err(Reject::MatchAtStake);
        }
        self.sessions().place(session).ok_or(Reject::NotSeated)?;
        self.leave_place(session);
        Ok(())
    }

    /// Resigns a match. A guest who does so before both have moved leaves.
    pub(super) fn resign(&mut self, session: SessionId, match_number: u32) -> Result<(), Reject> {
        let room = self.sessions().seat(session).ok().and_then(|(code, _)| self.rooms().get(code));
        if self.is_on_trial(session)
            && room.is_some_and(|room| room.series.current.check_number(match_number).is_ok())
        {
            self.leave_place(session);
            return Ok(());
        }
        self.act(session, |room, seat, now| room.series.resign(now, seat, match_number))
    }

    /// Lets a session continue its adjourned match in this room, once the other player does so too; `false` if it has none
    /// there.
    pub(super) fn continue_adjourned(&mut self, session: SessionId, code: RoomCode) -> bool {
        let room = self.rooms().get(code).filter(|room| room.is_adjourned());
        let seat = room.and_then(|room| room.series.seats.of_session(session));
        let place = self.sessions().place(session);
        let Some(seat) = seat.filter(|&seat| place.is_none_or(|place| place == Place::Seat { code, seat }))
        else {
            return false;
        };
        if place.is_none() {
            let here = Place::Seat { code, seat };
            self.set_place(session, Some(here));
            self.tell(session, here.event());
        }
        self.change(code, |room, now| {
            room.series.handle_link_news(now, seat, LinkNews::Heard);
            room.series.want_to_continue(now, seat);
        });
        self.show_all(code);
        true
    }

    /// Lets a player change their room, and shows it to everybody in it; to the player alone if the change was made before.
    pub(super) fn act(
        &mut self,
        session: SessionId,
        act: impl FnOnce(&mut Room, Seat, Instant) -> Result<Change, Reject>,
    ) -> Result<(), Reject> {
        let (code, seat) = self.sessions().seat(session)?;
        match self.change(code, |room, now| act(room, seat, now)).ok_or(Reject::NotSeated)?? {
            Change::Made => self.show_all(code),
            Change::Repeated => self.show(code, session),
        }
        Ok(())
    }

    /// Lets a player do something that may adjourn the match. Another adjourned match may have to give way to it.
    pub(super) fn act_adjourning(
        &mut self,
        session: SessionId,
        act: impl FnOnce(&mut Room, (Seat, Instant), Result<(), Reject>) -> Result<Change, Reject>,
    ) -> Result<(), Reject> {
        let (code, _) = self.sessions().seat(session)?;
        let room = self.rooms().get(code).ok_or(Reject::NotSeated)?;
        let space = self.rooms().space_to_adjourn(room, self.limits());
        self.act(session, |room, seat, now| act(room, (seat, now), space.map(|_| ())))?;
        if let Ok(Some(closed)) = space
            && self.phase_of(session) == Some(Phase::Adjourned)
        {
            self.close_room(closed);
        }
        Ok(())
    }

    /// Changes a setting of a player's room. Watchers are sent away once watching is forbidden.
    pub(super) fn set(&mut self, session: SessionId, setting: Setting) -> Result<(), Reject> {
        self.act(session, |room, seat, _| room.set(seat, setting))?;
        let (code, seat) = self.sessions().seat(session)?;
        if let Setting::Block(is_blocked) = setting {
            self.block(session, (code, seat), is_blocked);
        }
        let barred = self.change(code, |room, _| room.take_barred_watchers()).unwrap_or_default();
        for &watcher in &barred {
            self.unseat(watcher, Unseating::NotWatchable);
        }
        if !barred.is_empty() {
            self.show_all(code);
        }
        Ok(())
    }

    /// Blocks the other player for the rooms of this session, or no longer. A guest on trial has to go at once.
    fn block(&mut self, session: SessionId, (code, seat): (RoomCode, Seat), is_blocked: bool) {
        let Some(room) = self.rooms().get(code) else { return };
        let Some(person) = room.opponent(seat) else { return };
        let has_to_go = is_blocked && seat == Seat::Host && room.series.is_guest_on_trial();
        self.set_blocked(session, person, is_blocked);
        if has_to_go {
            self.release_guest(code, Unseating::Blocked);
        }
    }

    /// Tells whether the host of the room has not blocked the person.
    pub(super) fn is_welcome(&self, room: &Room, person: &Person) -> bool {
        let host = room.series.seats.person(Seat::Host);
        let host = host.and_then(|host| self.sessions().get(host.session));
        host.is_none_or(|host| !host.blocked.includes(person))
    }

    /// The room to which a quick match leads a session.
    pub(super) fn open_room_for(&self, session: SessionId, terms: Option<Terms>) -> Option<RoomCode> {
        let person = self.sessions().person(session)?;
        let blocked = &self.sessions().get(session)?.blocked;
        self.rooms().oldest_open(terms, &person, |room| {
            let host = room.series.seats.person(Seat::Host);
            self.is_welcome(room, &person) && host.is_some_and(|host| !blocked.includes(&host))
        })
    }
}
