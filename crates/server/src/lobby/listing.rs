//! The list of rooms, and who is shown it.

use std::{collections::BTreeMap, time::Instant};

use game_core::Rules;
use net::proto::{Event, ROOMS_PER_MESSAGE, Reject, RoomCode, RoomLine, RoomList, SessionId};

use super::{Effect, Limits, Lobby, Room};

/// The rooms that are on the list, and who is shown it.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// By the number of the room, so that the newest is last.
    rooms: BTreeMap<u64, RoomCode>,
    browsers: BTreeMap<SessionId, Option<Rules>>,
    /// When the next list is due: set by a change while somebody is shown the list.
    due_at: Option<Instant>,
    /// When the last one was sent.
    sent_at: Option<Instant>,
}

impl Listing {
    /// Notes what the list says of a room now; `None` if it is not on it.
    pub(super) fn note(&mut self, now: Instant, room: &mut Room, line: Option<RoomLine>, limits: &Limits) {
        if line == room.listed {
            return;
        }
        match &line {
            Some(line) => self.rooms.insert(room.number(), line.code),
            None => self.rooms.remove(&room.number()),
        };
        room.listed = line;
        self.note_change(now, limits);
    }

    /// Takes a room that has ended off the list.
    pub(super) fn remove(&mut self, now: Instant, room: &Room, limits: &Limits) {
        if self.rooms.remove(&room.number()).is_some() {
            self.note_change(now, limits);
        }
    }

    fn note_change(&mut self, now: Instant, limits: &Limits) {
        if !self.browsers.is_empty() {
            let soonest = self.sent_at.map_or(now, |sent_at| sent_at + limits.list_every);
            self.due_at = self.due_at.or_else(|| Some(soonest.max(now)));
        }
    }

    /// Shows somebody the list no more.
    pub(super) fn stop(&mut self, session: SessionId) {
        self.browsers.remove(&session);
        if self.browsers.is_empty() {
            self.due_at = None;
        }
    }

    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.due_at
    }
}

impl Lobby {
    pub(super) fn browse(
        &mut self,
        now: Instant,
        session: SessionId,
        rules: Option<Rules>,
    ) -> Result<(), Reject> {
        self.name_of_unplaced(session)?;
        let is_new = !self.listing.browsers.contains_key(&session);
        if is_new && self.listing.browsers.len() >= self.limits.browsers {
            return Err(Reject::TooManyBrowsers);
        }
        self.listing.browsers.insert(session, rules);
        let Some(known) = self.sessions.get_mut(&session) else { return Ok(()) };
        let soonest = known.listed_at.map_or(now, |listed_at| listed_at + self.limits.list_every);
        if soonest <= now {
            known.listed_at = Some(now);
            self.send_list(now, rules, &[session]);
        } else {
            // Who asks again and again hears as often as everybody.
            self.listing.due_at = Some(self.listing.due_at.map_or(soonest, |due_at| due_at.min(soonest)));
        }
        Ok(())
    }

    /// Sends the list if it is due.
    pub(super) fn send_lists(&mut self, now: Instant) {
        if self.listing.due_at.take_if(|due_at| *due_at <= now).is_none() {
            return;
        }
        self.listing.sent_at = Some(now);
        let mut browsers = self.listing.browsers.clone();
        while let Some((_, &rules)) = browsers.first_key_value() {
            let to: Vec<SessionId> =
                browsers.extract_if(.., |_, wish| *wish == rules).map(|(id, _)| id).collect();
            self.send_list(now, rules, &to);
        }
    }

    fn send_list(&mut self, now: Instant, rules: Option<Rules>, to: &[SessionId]) {
        let fits = |room: &&Room| rules.is_none_or(|rules| rules == room.terms().rules);
        let newest = self.listing.rooms.values().rev().filter_map(|code| self.rooms.get(code));
        let lines: Vec<RoomLine> = newest
            .filter(fits)
            .filter_map(|room| Some(RoomLine { seconds: room.seconds(now), ..room.listed? }))
            .take(self.limits.rooms_listed)
            .collect();
        let total = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        // An empty list is a list too.
        let parts: Vec<&[RoomLine]> =
            if lines.is_empty() { vec![&[]] } else { lines.chunks(ROOMS_PER_MESSAGE).collect() };
        let mut first = 0;
        for part in parts {
            let event = Event::Rooms(RoomList { first, total, rooms: part.to_vec() });
            self.effects.push_back(Effect::Tell { to: to.to_vec(), event });
            first = first.saturating_add(u16::try_from(part.len()).unwrap_or(u16::MAX));
        }
    }
}
