//! The list of rooms, and who is shown it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use game_core::Rules;
use net::proto::{Event, ROOMS_PER_MESSAGE, Reject, RoomCode, RoomLine, RoomList, SessionId};

use super::{Effect, Limits, Lobby, Room};

/// The rooms that are on the list, and who is shown it.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Those that wait, by their number, so that the newest is last.
    waiting: BTreeSet<(u64, RoomCode)>,
    /// Those in play, likewise.
    playing: BTreeSet<(u64, RoomCode)>,
    browsers: BTreeMap<SessionId, Browser>,
    /// How often it has changed.
    changes: u64,
    /// When the next list is due: set while anybody is to be sent one.
    due_at: Option<Instant>,
}

/// Somebody who is shown the list.
#[derive(Debug, Clone, Copy)]
struct Browser {
    rules: Option<Rules>,
    /// When they were last sent it.
    sent_at: Option<Instant>,
    /// Whether it has changed since, or they have asked again.
    is_due: bool,
}

impl Listing {
    /// Notes what the list says of a room now; `None` if it is not on it.
    pub(super) fn note(&mut self, now: Instant, room: &mut Room, line: Option<RoomLine>, limits: &Limits) {
        if line == room.listed {
            return;
        }
        self.take_off(room);
        if let Some(line) = &line {
            let rooms = if line.guest.is_none() { &mut self.waiting } else { &mut self.playing };
            rooms.insert((room.number(), line.code));
        }
        room.listed = line;
        self.note_change(now, limits);
    }

    /// Takes a room that has ended off the list.
    pub(super) fn remove(&mut self, now: Instant, room: &Room, limits: &Limits) {
        if room.listed.is_some() {
            self.take_off(room);
            self.note_change(now, limits);
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

    fn take_off(&mut self, room: &Room) {
        if let Some(line) = &room.listed {
            self.waiting.remove(&(room.number(), line.code));
            self.playing.remove(&(room.number(), line.code));
        }
    }

    fn note_change(&mut self, now: Instant, limits: &Limits) {
        self.changes += 1;
        for browser in self.browsers.values_mut() {
            browser.is_due = true;
        }
        self.schedule(now, limits);
    }

    /// Sets the time at which the first of those who wait for a list may have it.
    fn schedule(&mut self, now: Instant, limits: &Limits) {
        let due = self.browsers.values().filter(|browser| browser.is_due);
        let at =
            |browser: &Browser| browser.sent_at.map_or(now, |sent_at| (sent_at + limits.list_every).max(now));
        self.due_at = due.map(at).min();
    }

    /// The rooms in the order of the list.
    fn codes(&self) -> impl Iterator<Item = RoomCode> {
        self.waiting.iter().rev().chain(self.playing.iter().rev()).map(|&(_, code)| code)
    }
}

impl Lobby {
    /// How often the list of rooms has changed. Whoever has shown it need not look again while this stays.
    pub const fn list_changes(&self) -> u64 {
        self.listing.changes
    }

    /// The rooms on the list: those that wait, newest first, then those in play, likewise. How long they have done so is
    /// what it was when their line changed last.
    pub fn listed_rooms(&self) -> impl Iterator<Item = RoomLine> {
        self.listing.codes().filter_map(|code| self.rooms.get(&code)).filter_map(|room| room.listed)
    }

    pub(super) fn browse(
        &mut self,
        now: Instant,
        session: SessionId,
        rules: Option<Rules>,
    ) -> Result<(), Reject> {
        self.name_of_unplaced(session)?;
        let before = self.listing.browsers.get(&session);
        if before.is_none() && self.listing.browsers.len() >= self.limits.browsers {
            return Err(Reject::TooManyBrowsers);
        }
        // Who asks again and again is sent it as often as everybody.
        let sent_at = before.and_then(|browser| browser.sent_at);
        self.listing.browsers.insert(session, Browser { rules, sent_at, is_due: true });
        self.listing.schedule(now, &self.limits);
        self.send_lists(now);
        Ok(())
    }

    /// Sends the list to those for whom it is due.
    pub(super) fn send_lists(&mut self, now: Instant) {
        if self.listing.due_at.is_none_or(|due_at| due_at > now) {
            return;
        }
        let mut groups: Vec<(Option<Rules>, Vec<SessionId>)> = Vec::new();
        for (&session, browser) in &mut self.listing.browsers {
            let may_have = browser.sent_at.is_none_or(|sent_at| sent_at + self.limits.list_every <= now);
            if browser.is_due && may_have {
                browser.is_due = false;
                browser.sent_at = Some(now);
                match groups.iter_mut().find(|(rules, _)| *rules == browser.rules) {
                    Some((_, to)) => to.push(session),
                    None => groups.push((browser.rules, vec![session])),
                }
            }
        }
        self.listing.schedule(now, &self.limits);
        for (rules, to) in groups {
            self.send_list(now, rules, &to);
        }
    }

    fn send_list(&mut self, now: Instant, rules: Option<Rules>, to: &[SessionId]) {
        let fits = |room: &&Room| rules.is_none_or(|rules| rules == room.terms().rules);
        let searched = self.listing.codes().take(self.limits.rooms_searched);
        let lines: Vec<RoomLine> = searched
            .filter_map(|code| self.rooms.get(&code))
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
