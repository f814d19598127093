//! The rooms of a server, as a list to choose from.

use std::time::{Duration, Instant};

use net::{
    addr::HostPort,
    proto::{Event, RoomLine, RoomList, RoomState},
};

use crate::{
    arrival::Arrival,
    cmd::Cmd,
    goal::{Goal, Purpose, RoomKey},
    keymap::Action,
    msg::NetMsg,
    notice::ListNotice,
    replays::row_after,
    request::Request,
};

/// The most rows taken in: as many as a server has rooms by default, and more than anybody reads.
const MAX_ROWS: usize = 1_000;

/// The rooms of a server, and the row that the cursor is on.
#[derive(Debug)]
pub struct Rooms {
    /// The connection over which the list comes, and over which a room is entered.
    pub arrival: Arrival,
    /// The server.
    pub target: HostPort,
    /// The latest notice.
    pub notice: Option<ListNotice>,
    /// True once the connection is lost: the list is an old one and has to be asked for again.
    pub is_lost: bool,
    /// The rows in the order in which they are shown; `None` before the list has come.
    rows: Option<Vec<RoomLine>>,
    /// The arrival of the rows.
    listed_at: Instant,
    /// The next list, of which parts are missing.
    parts: Vec<RoomLine>,
    selected: usize,
}

impl Rooms {
    /// A list that has not come yet.
    pub(crate) const fn new(now: Instant, target: HostPort, arrival: Arrival) -> Self {
        Self {
            arrival,
            target,
            notice: None,
            is_lost: false,
            rows: None,
            listed_at: now,
            parts: Vec::new(),
            selected: 0,
        }
    }

    /// Does what a key asks for.
    pub(crate) fn handle_action(&mut self, action: Action) -> Vec<Request> {
        match action {
            Action::Up | Action::Down | Action::PageUp | Action::PageDown => {
                self.choose(row_after(self.selected, action, self.rows().len()));
            }
            Action::Select => return self.enter(false),
            Action::Watch => return self.enter(true),
            Action::Join => return vec![Cmd::HangUp.into(), Request::JoinForm(Purpose::Join)],
            Action::Host => return vec![Cmd::HangUp.into(), Request::MenuEntry(Action::Host)],
            Action::Back => return vec![Cmd::HangUp.into(), Request::Menu],
            _ => {}
        }
        Vec::new()
    }

    /// Joins or watches the chosen room, or asks for the list again.
    fn enter(&mut self, wants_to_watch: bool) -> Vec<Request> {
        let target = self.target.clone();
        if self.is_lost {
            return vec![Request::Connect(Goal::Browse { target })];
        }
        let Some(room) = self.selected().copied() else { return Vec::new() };
        let watches = wants_to_watch || room.guest.is_some();
        if watches && !room.is_watchable {
            self.notice = Some(ListNotice::NotWatchable(room.code));
            return Vec::new();
        }
        self.notice = None;
        let key = RoomKey { code: room.code, passcode: None };
        let goal = if watches { Goal::Watch { target, key } } else { Goal::Join { target, key: Some(key) } };
        vec![Request::EnterListed { goal, is_locked: room.state() == RoomState::Locked }]
    }

    /// Takes in a message of the connection.
    pub(crate) fn handle_net(&mut self, now: Instant, message: NetMsg) {
        match message {
            NetMsg::Closed(_) => self.is_lost = true,
            NetMsg::Event(Event::Rooms(part)) => self.take_in(now, part),
            NetMsg::Event(Event::Rejected { reject, .. }) => {
                self.notice = Some(ListNotice::Rejected(reject));
            }
            NetMsg::Event(_)
            | NetMsg::Connected(_)
            | NetMsg::Welcome(_)
            | NetMsg::Pinged { .. }
            | NetMsg::Silent { .. }
            | NetMsg::Heard
            | NetMsg::Seen(_)
            | NetMsg::Unreachable(_) => {}
        }
    }

    /// Takes in a part of the list. The rows change once the list is complete.
    pub(crate) fn take_in(&mut self, now: Instant, list: RoomList) {
        if list.first == 0 {
            self.parts.clear();
        }
        // A part that does not continue the others belongs to a list with a missing part.
        if usize::from(list.first) != self.parts.len() {
            return;
        }
        self.parts.extend(list.rooms);
        self.parts.truncate(MAX_ROWS);
        if self.parts.len() < usize::from(list.total).min(MAX_ROWS) {
            return;
        }
        let before = self.selected().map(|room| room.code);
        let mut rows = std::mem::take(&mut self.parts);
        // Stable: within a group it stays as the server orders it, newest first.
        rows.sort_by_key(RoomLine::state);
        // The cursor stays on its room.
        let found = before.and_then(|code| rows.iter().position(|room| room.code == code));
        self.selected = found.unwrap_or_else(|| self.selected.min(rows.len().saturating_sub(1)));
        self.rows = Some(rows);
        self.listed_at = now;
    }

    /// Moves the cursor to a row, and tells whether it was there.
    pub(crate) const fn choose(&mut self, row: usize) -> bool {
        self.notice = None;
        std::mem::replace(&mut self.selected, row) == row
    }

    /// The rows in the order in which they are shown.
    pub fn rows(&self) -> &[RoomLine] {
        self.rows.as_deref().unwrap_or_default()
    }

    /// Tells whether the list has come.
    pub const fn has_come(&self) -> bool {
        self.rows.is_some()
    }

    /// The room that the cursor is on.
    pub fn selected(&self) -> Option<&RoomLine> {
        self.rows().get(self.selected)
    }

    /// The row that the cursor is on.
    pub const fn selected_index(&self) -> usize {
        self.selected
    }

    /// The time for which a room has waited or played.
    pub fn age(&self, room: &RoomLine, now: Instant) -> Duration {
        Duration::from_secs(room.seconds.into()) + now.saturating_duration_since(self.listed_at)
    }

    /// The start of the times that are counted on the screen, if there are any.
    pub fn counting_since(&self) -> Option<Instant> {
        (!self.rows().is_empty()).then_some(self.listed_at)
    }
}

#[cfg(test)]
mod tests {
    use net::proto::Terms;

    use super::*;

    fn room(code: &str, guest: Option<&str>, is_locked: bool) -> RoomLine {
        RoomLine {
            code: code.parse().unwrap(),
            host: "ben".parse().unwrap(),
            guest: guest.map(|name| name.parse().unwrap()),
            terms: Terms::default(),
            is_locked,
            is_watchable: true,
            watchers: 0,
            seconds: 5,
        }
    }

    fn codes(rooms: &Rooms) -> Vec<&str> {
        rooms.rows().iter().map(|room| room.code.as_str()).collect()
    }

    fn empty() -> Rooms {
        Rooms::new(crate::test_harness::start(), "192.168.1.7".parse().unwrap(), Arrival::default())
    }

    #[test]
    fn parts_make_a_list_and_the_cursor_stays_on_its_room() {
        let mut rooms = empty();
        let now = rooms.listed_at;
        let [fern, lime, kite] =
            [room("FERN-03", None, true), room("LIME-19", Some("kim"), false), room("KITE-42", None, false)];
        rooms.take_in(now, RoomList { first: 0, total: 3, rooms: vec![fern, lime] });
        assert!(!rooms.has_come(), "a part is missing");
        rooms.take_in(now, RoomList { first: 2, total: 3, rooms: vec![kite] });
        assert_eq!(codes(&rooms), ["KITE-42", "LIME-19", "FERN-03"]);
        rooms.handle_action(Action::Down);
        rooms.take_in(now, RoomList { first: 0, total: 1, rooms: vec![lime] });
        assert_eq!((codes(&rooms), rooms.selected_index()), (vec!["LIME-19"], 0));
        rooms.take_in(now, RoomList { first: 0, total: 0, rooms: vec![] });
        assert!(rooms.has_come() && rooms.selected().is_none());
        rooms.handle_action(Action::Down);
        assert_eq!(rooms.selected_index(), 0);
    }

    #[test]
    fn a_list_is_bounded_and_parts_that_do_not_fit_are_dropped() {
        let mut rooms = empty();
        let now = rooms.listed_at;
        rooms.take_in(now, RoomList { first: 6, total: 7, rooms: vec![room("KITE-42", None, false)] });
        assert!(!rooms.has_come());
        let many = vec![room("KITE-42", None, false); 6];
        for first in (0..u16::MAX - 6).step_by(6) {
            rooms.take_in(now, RoomList { first, total: u16::MAX, rooms: many.clone() });
        }
        assert_eq!(rooms.rows().len(), MAX_ROWS);
    }
}
