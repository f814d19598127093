//! A list of rooms to choose from, apart from where its rows come from.

use std::time::{Duration, Instant};

use net::{
    addr::HostPort,
    discovery::{Advert, RoomState},
    proto::{RoomLine, RoomList},
};

use crate::model::Arrival;

/// Rows that are taken in: as many as a server has rooms by default, and more than anybody reads.
const MAX_ROWS: usize = 1_000;

/// A list of rooms, and the row that the cursor is on.
#[derive(Debug)]
pub struct Rooms {
    /// Whose rooms they are, in words.
    pub what: String,
    /// The connection over which the list comes, and over which a room is entered.
    pub arrival: Arrival,
    /// Where the rooms are.
    pub target: HostPort,
    /// What to say about the last thing that was tried.
    pub notice: Option<String>,
    /// Whether the connection is lost: the list is as it was, and has to be asked for again.
    pub is_lost: bool,
    /// The rows in the order in which they are shown; `None` before the list has come.
    rows: Option<Vec<RoomLine>>,
    /// When that was.
    listed_at: Instant,
    /// The next list, of which parts are missing.
    parts: Vec<RoomLine>,
    selected: usize,
}

impl Rooms {
    /// A list that has not come yet.
    pub const fn new(now: Instant, what: String, target: HostPort, arrival: Arrival) -> Self {
        Self {
            what,
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

    /// Takes in a part of the list. What is shown changes once all of it is there.
    pub fn take_in(&mut self, now: Instant, list: RoomList) {
        if list.first == 0 {
            self.parts.clear();
        }
        // A part that does not continue the others belongs to a list of which some was missed.
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
        rows.sort_by_key(group);
        // The cursor stays on its room.
        let found = before.and_then(|code| rows.iter().position(|room| room.code == code));
        self.selected = found.unwrap_or_else(|| self.selected.min(rows.len().saturating_sub(1)));
        self.rows = Some(rows);
        self.listed_at = now;
    }

    /// Moves the cursor up or down, by so many rows.
    pub fn move_by(&mut self, rows: isize) {
        let last = self.rows().len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(rows).min(last);
        self.notice = None;
    }

    /// The rows in the order in which they are shown.
    pub fn rows(&self) -> &[RoomLine] {
        self.rows.as_deref().unwrap_or_default()
    }

    /// Whether the list has come.
    pub const fn has_come(&self) -> bool {
        self.rows.is_some()
    }

    /// The room that the cursor is on.
    pub fn selected(&self) -> Option<&RoomLine> {
        self.rows().get(self.selected)
    }

    /// Which row that is.
    pub const fn selected_index(&self) -> usize {
        self.selected
    }

    /// For how long a room has waited or played now.
    pub fn age(&self, room: &RoomLine, now: Instant) -> Duration {
        Duration::from_secs(room.seconds.into()) + now.saturating_duration_since(self.listed_at)
    }

    /// Since when a time is counted on the screen, if one is.
    pub fn counting_since(&self) -> Option<Instant> {
        (!self.rows().is_empty()).then_some(self.listed_at)
    }
}

/// Where a room stands in the list.
pub const fn group(room: &RoomLine) -> RoomState {
    Advert::of_line(room).state()
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
        Rooms::new(crate::stage::start(), "den".into(), "192.168.1.7".parse().unwrap(), Arrival::default())
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
        rooms.move_by(1);
        rooms.take_in(now, RoomList { first: 0, total: 1, rooms: vec![lime] });
        assert_eq!((codes(&rooms), rooms.selected_index()), (vec!["LIME-19"], 0));
        rooms.take_in(now, RoomList { first: 0, total: 0, rooms: vec![] });
        assert!(rooms.has_come() && rooms.selected().is_none());
        rooms.move_by(1);
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
