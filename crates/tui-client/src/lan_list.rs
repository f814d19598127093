//! The list of the games of this network on the screen, and the search for one of them.

use std::time::{Duration, Instant};

use net::{
    discovery::{LanRoomId, RoomState},
    proto::RoomCode,
};

use crate::{
    field::Field,
    lan_games::{LanGame, LanGames},
};

/// The list of games.
#[derive(Debug)]
pub struct LanList {
    /// When it was opened.
    pub since: Instant,
    /// Whether Enter watches any game.
    pub watches: bool,
    /// The outcome of the last attempt.
    pub notice: Option<String>,
    /// The text that games must match to be listed.
    pub filter: Field,
    /// Whether keys go to the filter.
    pub is_filtering: bool,
    selected: Option<LanRoomId>,
    /// The row of the cursor, for when the selected game goes.
    row: usize,
}

/// The longest filter in characters: the longest code, name or terms.
const MAX_FILTER: usize = 40;

impl LanList {
    /// Creates a list of all games.
    pub fn new(now: Instant, watches: bool) -> Self {
        let filter = Field::new(MAX_FILTER);
        Self { since: now, watches, notice: None, filter, is_filtering: false, selected: None, row: 0 }
    }

    /// Creates a list of the games that match a filter.
    pub fn filtered(now: Instant, watches: bool, text: &str) -> Self {
        Self { filter: Field::with_text(MAX_FILTER, text), ..Self::new(now, watches) }
    }

    /// The games listed.
    pub fn rows<'a>(&self, games: &'a LanGames) -> Vec<&'a LanGame> {
        let mut rows = games.in_order();
        rows.retain(|game| game.fits(self.filter.text()));
        rows
    }

    /// The row of the cursor.
    pub fn chosen(&self, rows: &[&LanGame]) -> usize {
        let found = rows.iter().position(|game| Some(game.room.id) == self.selected);
        found.unwrap_or_else(|| self.row.min(rows.len().saturating_sub(1)))
    }

    /// Moves the cursor down, or up by a negative number of rows.
    pub fn move_by(&mut self, games: &LanGames, by: isize) {
        let rows = self.rows(games);
        let row = self.chosen(&rows).saturating_add_signed(by).min(rows.len().saturating_sub(1));
        self.put(&rows, row);
        self.notice = None;
    }

    /// Keeps the cursor on its game while others come and go. A list to watch from begins at a game in play.
    pub fn keep_place(&mut self, games: &LanGames) {
        let rows = self.rows(games);
        let is_played = |game: &&LanGame| game.room.advert.state() == RoomState::InPlay;
        let first = if self.watches { rows.iter().position(is_played) } else { None };
        let row = match (self.selected, first) {
            (None, Some(first)) => first,
            (Some(_), _) | (None, None) => self.chosen(&rows),
        };
        self.put(&rows, row);
    }

    fn put(&mut self, rows: &[&LanGame], row: usize) {
        self.row = row;
        self.selected = rows.get(row).map(|game| game.room.id);
    }
}

/// A search for one game.
#[derive(Debug)]
pub struct Seeking {
    /// Its goal.
    pub what: Sought,
    /// Its start.
    pub since: Instant,
    /// Its end.
    pub until: Instant,
}

/// The goal of a search for one game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    /// The game with this code.
    Code {
        /// The code.
        code: RoomCode,
        /// Whether to watch it.
        watches: bool,
    },
    /// Any open game; without one, this machine hosts.
    Any,
}

/// The time limit of a search for a code. A host answers within 0.12 s (RFC 6762 section 6), but for a second not at all when it
/// has just answered somebody else; what it announces of itself comes once more after a second.
pub const SEEK: Duration = Duration::from_secs(2);

/// The time that a quick match searches before it hosts: two questions, of which the second is asked after 1 s.
pub const QUICK_SEEK: Duration = Duration::from_millis(1300);

/// The wait for a second game with the code after the first one: twice the time that a host may take to answer.
pub const SETTLE: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use net::discovery::LanEvent;

    use super::*;
    use crate::{lan_games::tests::games, stage::start};

    fn codes(rows: &[&LanGame]) -> Vec<String> {
        rows.iter().map(|game| game.room.advert.code.to_string()).collect()
    }

    #[test]
    fn the_cursor_stays_on_its_game_while_others_come_and_go() {
        let mut games = games();
        let mut list = LanList::new(start(), false);
        list.keep_place(&games);
        list.move_by(&games, 1);
        games.handle_event(start(), LanEvent::Gone(LanRoomId(2)));
        list.keep_place(&games);
        let rows = list.rows(&games);
        assert_eq!((codes(&rows), list.chosen(&rows)), (vec!["RUBY-07".into(), "LIME-19".into()], 0));
        games.handle_event(start(), LanEvent::Gone(LanRoomId(3)));
        games.handle_event(start(), LanEvent::Gone(LanRoomId(1)));
        list.keep_place(&games);
        list.move_by(&games, 1);
        assert_eq!(list.chosen(&list.rows(&games)), 0);
    }

    #[test]
    fn a_list_to_watch_from_begins_at_a_game_in_play() {
        let games = games();
        let mut list = LanList::new(start(), true);
        list.keep_place(&games);
        let rows = list.rows(&games);
        assert_eq!(rows[list.chosen(&rows)].room.advert.code.as_str(), "LIME-19");
    }

    #[test]
    fn a_filter_takes_codes_in_any_spelling_and_parts_of_names() {
        let games = games();
        for (typed, expected) in [
            ("kite42", vec!["KITE-42"]),
            ("KIM", vec!["LIME-19"]),
            ("3x3", vec!["KITE-42", "RUBY-07", "LIME-19"]),
            ("nobody", vec![]),
        ] {
            let list = LanList::filtered(start(), false, typed);
            assert_eq!(codes(&list.rows(&games)), expected, "{typed}");
        }
    }
}
