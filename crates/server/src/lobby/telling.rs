//! What follows a change: the lobby's own books, and who is told.

use std::time::Instant;

use net::proto::{AdjournedLine, Event, Phase, RoomCode, Seat, SessionId};

use super::{Effect, Lobby, seat::Sitter};

impl Lobby {
    /// A room has changed: shows it as it is now to everybody in it.
    pub(super) fn changed(&mut self, now: Instant, code: RoomCode) {
        self.settle(now, code);
        let Some(room) = self.rooms.get(&code) else { return };
        let players: Vec<SessionId> = room
            .sitters()
            .filter(|(_, sitter)| !sitter.is_away())
            .map(|(_, sitter)| sitter.session)
            .collect();
        let watchers = room.watchers().to_vec();
        self.tell_snapshot(now, code, &players);
        self.show_snapshot(now, code, &watchers);
    }

    /// Brings what the lobby keeps of a room in line with what the room has become.
    pub(super) fn settle(&mut self, now: Instant, code: RoomCode) {
        let Some(room) = self.rooms.get_mut(&code) else { return };
        room.settle(now);
        let place = (room.number(), code);
        if room.is_open() {
            self.open_rooms.insert(place)
        } else {
            self.open_rooms.remove(&place)
        };
        let line = room.line();
        self.listing.note(now, room, line, &self.limits);
        let deadline = room.poll_timeout();
        if room.scheduled != deadline {
            if let Some(before) = std::mem::replace(&mut room.scheduled, deadline) {
                self.deadlines.remove(&(before, code));
            }
            self.deadlines.extend(deadline.map(|at| (at, code)));
        }
        let is_adjourned = room.phase() == Phase::Adjourned;
        if is_adjourned || self.adjourned_rooms.contains(&code) {
            self.note_adjourned(code, is_adjourned);
        }
    }

    /// Notes that the match of a room is adjourned, or is no more, and tells its players.
    pub(super) fn note_adjourned(&mut self, code: RoomCode, is_adjourned: bool) {
        if is_adjourned {
            self.adjourned_rooms.insert(code)
        } else {
            self.adjourned_rooms.remove(&code)
        };
        let Some(room) = self.rooms.get(&code) else { return };
        let players: Vec<SessionId> = room.sitters().map(|(_, sitter)| sitter.session).collect();
        for session in players {
            if let Some(known) = self.sessions.get_mut(&session) {
                if is_adjourned {
                    known.adjourned.insert(code)
                } else {
                    known.adjourned.remove(&code)
                };
                self.tell_adjourned(session);
            }
        }
    }

    /// Tells a session its adjourned matches, if it has any or had one just now.
    pub(super) fn tell_adjourned(&mut self, session: SessionId) {
        let Some(known) = self.sessions.get(&session).filter(|known| known.has_link) else { return };
        let lines = known.adjourned.iter().filter_map(|&code| {
            let room = self.rooms.get(&code)?;
            let opponent = room.seat_of(session)?.other();
            let is_there = |(seat, sitter): (Seat, &Sitter)| seat == opponent && sitter.is_present();
            Some(AdjournedLine {
                code,
                opponent: room.name(opponent)?,
                is_opponent_there: room.sitters().any(is_there),
                ply: room.ply(),
            })
        });
        let lines: Vec<AdjournedLine> = lines.collect();
        if lines != known.adjourned_told {
            let event = Event::Adjourned(lines.clone());
            if let Some(known) = self.sessions.get_mut(&session) {
                known.adjourned_told = lines;
            }
            self.tell(session, event);
        }
    }

    pub(super) fn tell_snapshot(&mut self, now: Instant, code: RoomCode, to: &[SessionId]) {
        if let Some(event) = self.snapshot(now, code).filter(|_| !to.is_empty()) {
            self.effects.push_back(Effect::Tell { to: to.to_vec(), event });
        }
    }

    pub(super) fn show_snapshot(&mut self, now: Instant, code: RoomCode, to: &[SessionId]) {
        if let Some(event) = self.snapshot(now, code).filter(|_| !to.is_empty()) {
            self.effects.push_back(Effect::Show { to: to.to_vec(), event });
        }
    }

    pub(super) fn snapshot(&self, now: Instant, code: RoomCode) -> Option<Event> {
        Some(Event::Snapshot(Box::new(self.rooms.get(&code)?.snapshot(now, self.epoch))))
    }

    pub(super) fn tell(&mut self, session: SessionId, event: Event) {
        if self.sessions.get(&session).is_some_and(|known| known.has_link) {
            self.effects.push_back(Effect::Tell { to: vec![session], event });
        }
    }
}
