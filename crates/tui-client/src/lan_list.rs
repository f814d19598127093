//! The games on this network, as a list to choose from.

use std::time::Instant;

use net::proto::RoomState;

use crate::{
    goal::{Purpose, RoomKey},
    keymap::Action,
    lan_games::{LanGame, LanGameId, LanGames},
    notice::ListNotice,
    replays::row_after,
    request::Request,
    text_input::TextInput,
};

/// The games on this network, as a list to choose from.
#[derive(Debug)]
pub struct LanList {
    /// The instant it was opened.
    pub since: Instant,
    /// True if Enter watches any game.
    pub watches: bool,
    /// The latest notice.
    pub notice: Option<ListNotice>,
    /// The text that the games have to contain.
    pub filter: TextInput,
    /// True while the filter is typed.
    pub is_filtering: bool,
    selected: Option<LanGameId>,
    /// The row of the cursor, for the time after its game has gone.
    row: usize,
}

/// The most characters of a filter: the longest code, name or terms.
const MAX_FILTER: usize = 40;

impl LanList {
    /// A list of all games.
    pub fn new(now: Instant, watches: bool) -> Self {
        let filter = TextInput::new(MAX_FILTER);
        Self { since: now, watches, notice: None, filter, is_filtering: false, selected: None, row: 0 }
    }

    /// A list of the games that contain a text.
    pub fn filtered(now: Instant, watches: bool, text: &str) -> Self {
        Self { filter: TextInput::with_text(MAX_FILTER, text), ..Self::new(now, watches) }
    }

    /// The rows.
    pub fn rows<'a>(&self, games: &'a LanGames) -> Vec<LanGame<'a>> {
        let mut rows = games.in_order();
        rows.retain(|game| game.fits(self.filter.text()));
        rows
    }

    /// The row that the cursor is on.
    pub fn chosen(&self, rows: &[LanGame<'_>]) -> usize {
        let found = rows.iter().position(|game| Some(game.id()) == self.selected);
        found.unwrap_or_else(|| self.row.min(rows.len().saturating_sub(1)))
    }

    /// Does what a key asks for.
    pub(crate) fn handle_action(&mut self, games: &LanGames, action: Action) -> Vec<Request> {
        if self.is_filtering {
            self.is_filtering = !matches!(action, Action::Select | Action::Back);
            if action == Action::Back {
                self.filter.clear();
            }
            self.keep_place(games);
            return Vec::new();
        }
        match action {
            Action::Up | Action::Down | Action::PageUp | Action::PageDown => {
                let rows = self.rows(games);
                self.put(&rows, row_after(self.chosen(&rows), action, rows.len()));
                self.notice = None;
            }
            Action::Filter => {
                self.is_filtering = true;
                self.notice = None;
            }
            Action::Doctor => return vec![Request::CheckNetwork],
            Action::Rescan => {
                self.notice = None;
                return vec![Request::SearchAgain];
            }
            Action::Select => return self.enter(games, self.watches),
            Action::Watch => return self.enter(games, true),
            Action::Join => {
                return vec![Request::JoinForm(if self.watches { Purpose::Watch } else { Purpose::Join })];
            }
            Action::Browse => return vec![Request::JoinForm(Purpose::Browse)],
            Action::Host | Action::Bot => return vec![Request::MenuEntry(action)],
            Action::Back => return vec![Request::Menu],
            _ => {}
        }
        Vec::new()
    }

    /// Joins or watches the chosen game.
    fn enter(&mut self, games: &LanGames, wants_to_watch: bool) -> Vec<Request> {
        let rows = self.rows(games);
        let Some(game) = rows.get(self.chosen(&rows)) else { return Vec::new() };
        let room = game.room;
        let watches = wants_to_watch || room.guest.is_some();
        self.notice = (watches && !room.is_watchable).then_some(ListNotice::NotWatchable(room.code));
        let target = game.found.target().filter(|_| self.notice.is_none());
        let key = RoomKey { code: room.code, passcode: None };
        target.map(|target| Request::EnterFound { target, key, watches }).into_iter().collect()
    }

    /// Moves the cursor to a row, and tells whether it was there.
    pub(crate) fn choose(&mut self, games: &LanGames, row: usize) -> bool {
        let rows = self.rows(games);
        let was_there = self.chosen(&rows) == row && !self.is_filtering;
        self.put(&rows, row);
        self.notice = None;
        self.is_filtering = false;
        was_there
    }

    /// Keeps the cursor on its game while others come and go. A list to watch from begins with a game in play.
    pub fn keep_place(&mut self, games: &LanGames) {
        let rows = self.rows(games);
        let played = rows.iter().position(|game| game.room.state() == RoomState::InPlay);
        let first = played.filter(|_| self.watches && self.selected.is_none());
        self.put(&rows, first.unwrap_or_else(|| self.chosen(&rows)));
    }

    fn put(&mut self, rows: &[LanGame<'_>], row: usize) {
        self.row = row;
        self.selected = rows.get(row).map(LanGame::id);
    }
}

#[cfg(test)]
mod tests {
    use net::discovery::{LanEvent, LanServerId};

    use super::*;
    use crate::test_harness::{lan_games, start};

    fn codes(rows: &[LanGame<'_>]) -> Vec<String> {
        rows.iter().map(|game| game.room.code.to_string()).collect()
    }

    #[test]
    fn the_cursor_stays_on_its_game_while_others_come_and_go() {
        let mut games = lan_games();
        let mut list = LanList::new(start(), false);
        list.keep_place(&games);
        list.handle_action(&games, Action::Down);
        games.handle_event(start(), LanEvent::Gone(LanServerId(2)));
        list.keep_place(&games);
        let rows = list.rows(&games);
        assert_eq!((codes(&rows), list.chosen(&rows)), (vec!["RUBY-07".into(), "LIME-19".into()], 0));
        games.handle_event(start(), LanEvent::Gone(LanServerId(3)));
        games.handle_event(start(), LanEvent::Gone(LanServerId(1)));
        list.keep_place(&games);
        list.handle_action(&games, Action::Down);
        assert_eq!(list.chosen(&list.rows(&games)), 0);
    }

    #[test]
    fn who_watches_begins_with_a_game_in_play() {
        let games = lan_games();
        let mut list = LanList::new(start(), true);
        list.keep_place(&games);
        let rows = list.rows(&games);
        assert_eq!(rows[list.chosen(&rows)].room.code.as_str(), "LIME-19");
    }

    #[test]
    fn a_filter_takes_codes_in_any_spelling_and_parts_of_names() {
        let games = lan_games();
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
