//! The sessions that browse the list of rooms.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use game_core::Rules;
use net::proto::{Event, ROOMS_PER_MESSAGE, Reject, RoomLine, RoomList, SessionId};

use super::{effect::Effect, limits::Limits, room::Room, rooms::Rooms, session::Sessions};

/// Sends the list of rooms to the sessions that browse it: when they ask, and after each change, but to none of them more
/// often than [`Limits::list_every`].
#[derive(Debug)]
pub(super) struct Listing {
    limits: Arc<Limits>,
    browsers: BTreeMap<SessionId, Browser>,
    /// The count of the changes of the list that have been taken in.
    changes: u64,
    /// The time at which the first list is due.
    due_at: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Browser {
    rules: Option<Rules>,
    /// The list has changed since it was sent, or the session has asked again.
    is_due: bool,
}

impl Listing {
    pub(super) const fn new(limits: Arc<Limits>) -> Self {
        Self { limits, browsers: BTreeMap::new(), changes: 0, due_at: None }
    }

    /// Adds a session, or changes the rules of the rooms that it is shown.
    pub(super) fn browse(
        &mut self,
        now: Instant,
        session: SessionId,
        rules: Option<Rules>,
        sessions: &Sessions,
    ) -> Result<(), Reject> {
        if !self.browsers.contains_key(&session) && self.browsers.len() >= self.limits.browsers {
            return Err(Reject::TooManyBrowsers);
        }
        self.browsers.insert(session, Browser { rules, is_due: true });
        self.schedule(now, sessions);
        Ok(())
    }

    pub(super) fn is_browser(&self, session: SessionId) -> bool {
        self.browsers.contains_key(&session)
    }

    pub(super) fn stop(&mut self, session: SessionId) {
        self.browsers.remove(&session);
        if self.browsers.is_empty() {
            self.due_at = None;
        }
    }

    /// Takes in the count of the changes of the list.
    pub(super) fn handle_changes(&mut self, now: Instant, changes: u64, sessions: &Sessions) {
        if self.changes != changes {
            self.changes = changes;
            self.browsers.values_mut().for_each(|browser| browser.is_due = true);
            self.schedule(now, sessions);
        }
    }

    /// Returns the lists that are due.
    pub(super) fn handle_timeout(
        &mut self,
        now: Instant,
        sessions: &mut Sessions,
        rooms: &Rooms,
    ) -> Vec<Effect> {
        if self.due_at.is_none_or(|due_at| due_at > now) {
            return Vec::new();
        }
        let mut groups: Vec<(Option<Rules>, Vec<SessionId>)> = Vec::new();
        for (&id, browser) in &mut self.browsers {
            let Some(session) = sessions.get_mut(id) else { continue };
            let may_have = session.list_sent_at.is_none_or(|sent_at| sent_at + self.limits.list_every <= now);
            if browser.is_due && may_have {
                browser.is_due = false;
                session.list_sent_at = Some(now);
                match groups.iter_mut().find(|(rules, _)| *rules == browser.rules) {
                    Some((_, to)) => to.push(id),
                    None => groups.push((browser.rules, vec![id])),
                }
            }
        }
        self.schedule(now, sessions);
        let rooms: Vec<&Room> = rooms.listed().take(self.limits.rooms_searched).collect();
        groups.into_iter().flat_map(|(rules, to)| self.list(now, &rooms, rules, &to)).collect()
    }

    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.due_at
    }

    /// Sets the time at which the first browser may have the list that is due.
    fn schedule(&mut self, now: Instant, sessions: &Sessions) {
        let sent_at = |id| sessions.get(id).and_then(|session| session.list_sent_at);
        let may_have_at =
            |id| sent_at(id).map_or(now, |sent_at: Instant| (sent_at + self.limits.list_every).max(now));
        let due = self.browsers.iter().filter(|(_, browser)| browser.is_due);
        self.due_at = due.map(|(&id, _)| may_have_at(id)).min();
    }

    /// The messages of one list. An empty list is a message too.
    fn list(&self, now: Instant, rooms: &[&Room], rules: Option<Rules>, to: &[SessionId]) -> Vec<Effect> {
        let fitting = rooms.iter().filter(|room| rules.is_none_or(|rules| rules == room.series.terms.rules));
        let lines = fitting.filter_map(|room| Some(RoomLine { seconds: room.seconds(now), ..room.line()? }));
        let lines: Vec<RoomLine> = lines.take(self.limits.rooms_listed).collect();
        let number = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        let message = |first: usize| {
            let rooms = lines.iter().skip(first).take(ROOMS_PER_MESSAGE).copied().collect();
            let list = RoomList { first: number(first), total: number(lines.len()), rooms };
            Effect::Tell { to: to.to_vec(), event: Event::Rooms(list) }
        };
        (0..lines.len().max(1)).step_by(ROOMS_PER_MESSAGE).map(message).collect()
    }
}
