//! Coming into rooms, going out of them, and their ends.

use std::{sync::Arc, time::Instant};

use net::proto::{Access, Event, Name, Passcode, Phase, Reject, RoomCode, Seat, SessionId, Terms, Unseating};

use super::{
    Effect, Lobby, Parting,
    room::Room,
    seat::{Heard, Sitter},
    session::{Place, Session},
};

impl Lobby {
    pub(super) fn quick_match(
        &mut self,
        now: Instant,
        session: SessionId,
        terms: Option<Terms>,
    ) -> Result<(), Reject> {
        self.name_of_unplaced(session)?;
        let oldest = match terms {
            None => self.open_rooms.first().map(|&(_, code)| code),
            Some(terms) => {
                let first = RoomCode::nth(0);
                let of_terms = self.open_rooms_by_terms.range((terms, 0, first)..);
                of_terms.take(1).find(|(theirs, ..)| *theirs == terms).map(|&(.., code)| code)
            }
        };
        match oldest {
            Some(code) => self.take_second_seat(now, session, code, true),
            None => self.create(now, session, terms.unwrap_or_default(), Access::Public),
        }
    }

    pub(super) fn create(
        &mut self,
        now: Instant,
        session: SessionId,
        terms: Terms,
        access: Access,
    ) -> Result<(), Reject> {
        let host = self.sitter(now, session)?;
        if self.rooms.len() >= self.limits.rooms && !self.give_up_a_room(now) {
            return Err(Reject::TooManyRooms);
        }
        let code = self.free_code();
        let room = Room::new(now, Arc::clone(&self.limits), (code, self.next_room), (terms, access), host);
        self.next_room += 1;
        self.rooms.insert(code, room);
        self.sit(now, session, code, Seat::Host);
        Ok(())
    }

    pub(super) fn join(
        &mut self,
        now: Instant,
        session: SessionId,
        code: RoomCode,
        passcode: Option<Passcode>,
    ) -> Result<(), Reject> {
        if self.go_on(now, session, code) {
            return Ok(());
        }
        self.name_of_unplaced(session)?;
        let room = self.rooms.get(&code).ok_or(Reject::NoSuchRoom)?;
        if room.phase() != Phase::Waiting {
            return Err(Reject::RoomFull);
        }
        self.check_passcode(now, session, code, passcode)?;
        self.take_second_seat(now, session, code, false)
    }

    pub(super) fn watch(
        &mut self,
        now: Instant,
        session: SessionId,
        code: RoomCode,
        passcode: Option<Passcode>,
    ) -> Result<(), Reject> {
        if self.go_on(now, session, code) {
            return Ok(());
        }
        self.name_of_unplaced(session)?;
        self.check_passcode(now, session, code, passcode)?;
        self.rooms.get_mut(&code).ok_or(Reject::NoSuchRoom)?.watch(session)?;
        self.take_place(session, Place::Watching { code });
        self.tell(session, Event::Watching { code });
        self.changed(now, code);
        Ok(())
    }

    pub(super) fn leave(&mut self, now: Instant, session: SessionId) -> Result<(), Reject> {
        if let Ok((code, _)) = self.seat_of(session)
            && self.rooms.get(&code).is_some_and(|room| room.phase() == Phase::Playing)
        {
            return Err(Reject::MatchAtStake);
        }
        if self.leave_place(now, session) { Ok(()) } else { Err(Reject::NotSeated) }
    }

    /// Takes a session out of its place, `false` if it has none. The seat of an adjourned match stays its own; any
    /// other is given up.
    pub(super) fn leave_place(&mut self, now: Instant, session: SessionId) -> bool {
        let Some(place) = self.sessions.get(&session).and_then(|known| known.place) else { return false };
        let code = place.code();
        self.unseat(session, Unseating::Left);
        let Some(room) = self.rooms.get_mut(&code) else { return true };
        match (place, room.phase()) {
            (Place::Watching { .. }, _) => room.stop_watching(session),
            // Nobody can come any more.
            (Place::Seat { .. }, Phase::Waiting) => {
                self.close_room(now, code);
                return true;
            }
            (Place::Seat { seat, .. }, Phase::Adjourned | Phase::Playing) => {
                room.attend(now, seat, Heard::Parted(Parting::OnPurpose));
            }
            (Place::Seat { seat, .. }, Phase::Over(_)) => room.vacate(now, seat),
        }
        self.changed(now, code);
        true
    }

    /// Ends a room. Everybody in it is told; who only had this seat to return to is forgotten.
    pub(super) fn close_room(&mut self, now: Instant, code: RoomCode) {
        let Some(room) = self.rooms.remove(&code) else { return };
        self.open_rooms.remove(&(room.number(), code));
        self.open_rooms_by_terms.remove(&(*room.terms(), room.number(), code));
        self.adjourned_rooms.remove(&code);
        if let Some(at) = room.scheduled {
            self.deadlines.remove(&(at, code));
        }
        self.listing.remove(now, &room, &self.limits);
        let players = room.sitters().map(|(_, sitter)| sitter.session);
        for session in players.chain(room.watchers().iter().copied()) {
            let Some(known) = self.sessions.get_mut(&session) else { continue };
            if known.adjourned.remove(&code) {
                self.adjourned_untold.insert(session);
            }
            if known.place.is_some_and(|place| place.code() == code) {
                self.unseat(session, Unseating::RoomClosed);
            }
            self.forget_if_spent(session);
        }
    }

    /// Takes a session's place from it.
    pub(super) fn unseat(&mut self, session: SessionId, why: Unseating) {
        let Some(known) = self.sessions.get_mut(&session) else { return };
        known.place = None;
        if known.has_link {
            self.effects.push_back(Effect::Unseat { session, why });
        }
    }

    /// The name of a session that has no place yet.
    pub(super) fn name_of_unplaced(&self, session: SessionId) -> Result<Name, Reject> {
        match self.sessions.get(&session) {
            Some(Session { name, place: None, .. }) => Ok(*name),
            Some(Session { place: Some(_), .. }) | None => Err(Reject::AlreadySeated),
        }
    }

    fn sitter(&self, now: Instant, session: SessionId) -> Result<Sitter, Reject> {
        let name = self.name_of_unplaced(session)?;
        let rtt = self.sessions.get(&session).map(|known| known.rtt).unwrap_or_default();
        Ok(Sitter::new(now, session, name, rtt))
    }

    fn take_second_seat(
        &mut self,
        now: Instant,
        session: SessionId,
        code: RoomCode,
        is_stranger: bool,
    ) -> Result<(), Reject> {
        let guest = self.sitter(now, session)?;
        let room = self.rooms.get_mut(&code).ok_or(Reject::NoSuchRoom)?;
        room.seat_guest(now, guest, is_stranger)?;
        self.sit(now, session, code, Seat::Guest);
        Ok(())
    }

    /// Seats a session and shows its room to everybody in it.
    fn sit(&mut self, now: Instant, session: SessionId, code: RoomCode, seat: Seat) {
        self.take_place(session, Place::Seat { code, seat });
        self.tell(session, Event::Seated { code, seat });
        self.changed(now, code);
    }

    /// Lets a session go on with its adjourned match in this room, once the other player does as well; `false` if it
    /// has none there.
    fn go_on(&mut self, now: Instant, session: SessionId, code: RoomCode) -> bool {
        let Some(room) = self.rooms.get_mut(&code).filter(|room| room.phase() == Phase::Adjourned) else {
            return false;
        };
        let place = self.sessions.get(&session).and_then(|known| known.place);
        let Some(seat) = room
            .seat_of(session)
            .filter(|&seat| place.is_none() || place == Some(Place::Seat { code, seat }))
        else {
            return false;
        };
        room.attend(now, seat, Heard::Again);
        room.want_to_go_on(now, seat);
        if place.is_none() {
            self.take_place(session, Place::Seat { code, seat });
            self.tell(session, Event::Seated { code, seat });
        }
        self.changed(now, code);
        true
    }

    /// Gives up the room in which nobody has been for longest, if nobody plays there; `false` if there is none.
    fn give_up_a_room(&mut self, now: Instant) -> bool {
        let unused = self.rooms.iter().filter_map(|(&code, room)| Some((room.unused_since()?, code)));
        let Some((_, code)) = unused.min() else { return false };
        self.close_room(now, code);
        true
    }

    fn take_place(&mut self, session: SessionId, place: Place) {
        self.listing.stop(session);
        if let Some(known) = self.sessions.get_mut(&session) {
            known.place = Some(place);
        }
    }

    fn check_passcode(
        &mut self,
        now: Instant,
        session: SessionId,
        code: RoomCode,
        passcode: Option<Passcode>,
    ) -> Result<(), Reject> {
        let room = self.rooms.get(&code).ok_or(Reject::NoSuchRoom)?;
        let known = self.sessions.get_mut(&session).ok_or(Reject::NotSeated)?;
        self.attempts.check(now, known, (room.access(), passcode.as_ref()), &self.limits)
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
