//! What follows a change: the lobby's own books, and who is told.

use std::time::Instant;

use net::proto::{AdjournedLine, Event, Phase, RoomCode, Seat, SessionId};

use super::{
    Effect, Lobby,
    session::{Place, Session},
};

impl Lobby {
    /// A room has changed: shows it as it is now to everybody in it.
    pub(super) fn changed(&mut self, now: Instant, code: RoomCode) {
        self.settle(now, code);
        let Some(room) = self.rooms.get(&code) else { return };
        let players = room.sitters().filter(|(_, sitter)| !sitter.is_away());
        let watchers = room.watchers().iter().copied();
        let to: Vec<SessionId> = players.map(|(_, sitter)| sitter.session).chain(watchers).collect();
        self.show(now, code, to);
    }

    /// Brings what the lobby keeps of a room in line with what the room has become.
    pub(super) fn settle(&mut self, now: Instant, code: RoomCode) {
        let Some(room) = self.rooms.get_mut(&code) else { return };
        room.settle(now);
        let line = room.line();
        self.listing.note(now, room, line, &self.limits);
        let deadline = room.poll_timeout();
        if room.scheduled != deadline {
            if let Some(before) = std::mem::replace(&mut room.scheduled, deadline) {
                self.deadlines.remove(&(before, code));
            }
            self.deadlines.extend(deadline.map(|at| (at, code)));
        }
        let (is_open, terms, number) = (room.is_open(), *room.terms(), room.number());
        if is_open {
            self.open_rooms.insert((number, code));
            self.open_rooms_by_terms.insert((terms, number, code));
        } else {
            self.open_rooms.remove(&(number, code));
            self.open_rooms_by_terms.remove(&(terms, number, code));
        }
        self.note_adjourned(now, code);
    }

    /// Notes whether the match of a room is adjourned, for the lists of its players.
    fn note_adjourned(&mut self, now: Instant, code: RoomCode) {
        let Some(room) = self.rooms.get_mut(&code) else { return };
        let is_adjourned = room.phase() == Phase::Adjourned;
        if !is_adjourned && !self.adjourned_rooms.remove(&code) {
            return;
        }
        if is_adjourned {
            self.adjourned_rooms.insert(code);
        }
        let seats: Vec<(Seat, SessionId)> =
            room.sitters().map(|(seat, sitter)| (seat, sitter.session)).collect();
        for &(seat, session) in &seats {
            let Some(known) = self.sessions.get_mut(&session) else { continue };
            if is_adjourned {
                known.adjourned.insert(code);
            } else {
                known.adjourned.remove(&code);
                if known.place != Some(Place::Seat { code, seat }) {
                    // The other has resigned it, and nothing is left to come back to.
                    room.vacate(now, seat);
                }
            }
            self.adjourned_untold.insert(session);
        }
        for (_, session) in seats {
            self.forget_if_spent(session);
        }
    }

    /// Tells the sessions that do not know it yet which matches of theirs are adjourned.
    pub(super) fn tell_adjourned(&mut self) {
        while let Some(session) = self.adjourned_untold.pop_first() {
            let Some(known) = self.sessions.get(&session).filter(|known| known.has_link) else { continue };
            let lines = self.adjourned_lines(session, known);
            if lines == known.adjourned_told {
                continue;
            }
            if let Some(known) = self.sessions.get_mut(&session) {
                known.adjourned_told.clone_from(&lines);
            }
            self.tell(session, Event::Adjourned(lines));
        }
    }

    fn adjourned_lines(&self, session: SessionId, known: &Session) -> Vec<AdjournedLine> {
        let line = |&code: &RoomCode| {
            let room = self.rooms.get(&code)?;
            let opponent = room.seat_of(session)?.other();
            let waits = room
                .sitters()
                .any(|(seat, sitter)| seat == opponent && sitter.is_present() && sitter.wants_to_go_on);
            Some(AdjournedLine {
                code,
                opponent: room.name(opponent)?,
                is_opponent_there: waits,
                ply: room.ply(),
            })
        };
        known.adjourned.iter().filter_map(line).collect()
    }

    /// Shows a room to some of those in it.
    pub(super) fn show(&mut self, now: Instant, code: RoomCode, to: Vec<SessionId>) {
        if let Some(room) = self.rooms.get(&code).filter(|_| !to.is_empty()) {
            let snapshot = Box::new(room.snapshot(now, self.epoch));
            self.effects.push_back(Effect::Show { to, snapshot });
        }
    }

    pub(super) fn tell(&mut self, session: SessionId, event: Event) {
        if self.sessions.get(&session).is_some_and(|known| known.has_link) {
            self.effects.push_back(Effect::Tell { to: vec![session], event });
        }
    }
}
