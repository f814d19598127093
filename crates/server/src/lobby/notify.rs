//! The effects that wait to be handed out, and the messages that a lobby makes of its rooms.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Instant,
};

use net::proto::{AdjournedLine, Event, SessionId};

use super::{effect::Effect, epoch::Epoch, room::Room, rooms::Rooms, session::Sessions};

#[derive(Debug)]
pub(super) struct Notifier {
    epoch: Epoch,
    effects: VecDeque<Effect>,
    /// The sessions whose adjourned matches may have changed. Empty between two calls of the lobby.
    adjourned_changed: BTreeSet<SessionId>,
}

impl Notifier {
    pub(super) const fn new(epoch: Epoch) -> Self {
        Self { epoch, effects: VecDeque::new(), adjourned_changed: BTreeSet::new() }
    }

    pub(super) fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    pub(super) fn push(&mut self, effect: Effect) {
        self.effects.push_back(effect);
    }

    /// Hands out an effect for one session, if it has a link.
    pub(super) fn send(&mut self, sessions: &Sessions, session: SessionId, effect: Effect) {
        if sessions.has_link(session) {
            self.push(effect);
        }
    }

    /// Shows a room to some of those in it.
    pub(super) fn show(&mut self, now: Instant, room: &Room, to: Vec<SessionId>) {
        if !to.is_empty() {
            let snapshot = Box::new(room.snapshot(now, self.epoch));
            self.push(Effect::Show { to, snapshot });
        }
    }

    /// Notes that the adjourned matches of a session may have changed.
    pub(super) fn note_adjourned(&mut self, session: SessionId) {
        self.adjourned_changed.insert(session);
    }

    /// Sends the lists of adjourned matches that have changed.
    pub(super) fn tell_adjourned(&mut self, sessions: &mut Sessions, rooms: &Rooms) {
        while let Some(id) = self.adjourned_changed.pop_first() {
            let Some(session) = sessions.get_mut(id).filter(|session| session.has_link()) else { continue };
            let lines: Vec<AdjournedLine> =
                rooms.adjourned_of(id).filter_map(|(room, seat)| room.adjourned_line(seat)).collect();
            if session.adjourned_told != lines {
                session.adjourned_told.clone_from(&lines);
                self.push(Effect::Tell { to: vec![id], event: Event::Adjourned(lines) });
            }
        }
    }
}
