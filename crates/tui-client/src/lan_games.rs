//! The games found on this network, and the list of them on the screen.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use net::{
    addr::HostPort,
    discovery::{Advert, LanEvent, LanRoom, LanRoomId, RoomState},
    interfaces::Networks,
    proto::{RoomCode, Terms},
};

use server::phrases;

use crate::{failure::Failure, field::Field};

/// The games found on this network, and the state of the search for them.
#[derive(Debug, Clone, Default)]
pub struct LanGames {
    /// The state of the search.
    pub search: Search,
    /// At most [`net::discovery::MAX_ROOMS`]; ids ascend in the order of discovery.
    games: BTreeMap<LanRoomId, LanGame>,
}

/// The state of the search.
#[derive(Debug, Clone, Default)]
pub enum Search {
    /// When no screen wants one.
    #[default]
    Off,
    /// While it runs.
    On {
        /// The start of the search.
        since: Instant,
        /// The networks searched, once they are known.
        networks: Option<Networks>,
        /// The last sign of any game.
        heard_at: Option<Instant>,
    },
    /// When this machine cannot search.
    Failed(Failure),
}

/// A game on this network.
#[derive(Debug, Clone)]
pub struct LanGame {
    /// The room, as its host announces it.
    pub room: LanRoom,
    /// When it was found.
    pub found_at: Instant,
    /// The last measurement of its distance.
    pub ping: Ping,
}

/// The last measurement of the distance to a game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ping {
    /// While the first one is under way.
    Awaited,
    /// When the server answered.
    Answered(Answer),
    /// When nothing came back.
    Lost,
}

/// The answer of a server to a ping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The address that answered first, which is the one to join.
    pub addr: SocketAddr,
    /// The round trip.
    pub rtt: Duration,
}

impl LanGames {
    /// Creates the state of a search that has just begun.
    pub const fn searching(now: Instant) -> Self {
        Self { search: Search::On { since: now, networks: None, heard_at: None }, games: BTreeMap::new() }
    }

    /// Adds, updates or removes a game.
    pub fn handle_event(&mut self, now: Instant, event: LanEvent) {
        match event {
            LanEvent::Appeared(room) => {
                self.games.insert(room.id, LanGame { room, found_at: now, ping: Ping::Awaited });
            }
            LanEvent::Changed(room) => {
                if let Some(game) = self.games.get_mut(&room.id) {
                    game.room = room;
                }
            }
            LanEvent::Gone(id) => {
                self.games.remove(&id);
            }
        }
        self.note_heard(now);
    }

    /// Records the end of a ping: an answer, or silence.
    pub fn handle_ping(&mut self, now: Instant, id: LanRoomId, answer: Option<Answer>) {
        if let Some(game) = self.games.get_mut(&id) {
            game.ping = answer.map_or(Ping::Lost, Ping::Answered);
        }
        if answer.is_some() {
            self.note_heard(now);
        }
    }

    /// Records the networks searched. Returns whether they differ from the last ones.
    pub fn set_networks(&mut self, found: Networks) -> bool {
        let Search::On { networks, .. } = &mut self.search else { return false };
        let is_new = networks.as_ref() != Some(&found);
        *networks = Some(found);
        is_new
    }

    /// Ends the search with a failure and forgets the games.
    pub fn fail(&mut self, failure: Failure) {
        *self = Self { search: Search::Failed(failure), games: BTreeMap::new() };
    }

    const fn note_heard(&mut self, now: Instant) {
        if let Search::On { heard_at, .. } = &mut self.search {
            *heard_at = Some(now);
        }
    }

    /// The room with this id.
    pub fn room(&self, id: LanRoomId) -> Option<&LanRoom> {
        self.games.get(&id).map(|game| &game.room)
    }

    /// All games, in the order of discovery.
    pub fn games(&self) -> impl DoubleEndedIterator<Item = &LanGame> {
        self.games.values()
    }

    /// The games, open ones first, and of equal ones the one first that was found first.
    pub fn in_order(&self) -> Vec<&LanGame> {
        let mut games: Vec<&LanGame> = self.games().collect();
        games.sort_by_key(|game| game.room.advert.state());
        games
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.games.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.games.is_empty()
    }

    /// How many are so.
    pub fn count(&self, state: RoomState) -> usize {
        self.games.values().filter(|game| game.room.advert.state() == state).count()
    }

    /// Those with a code: one, unless two hosts have drawn the same.
    pub fn with_code(&self, code: RoomCode) -> Vec<&LanGame> {
        self.games.values().filter(|game| game.room.advert.code == code).collect()
    }

    /// The game that a quick match takes: the oldest open one in which these terms are played, or any.
    pub fn quick(&self, terms: Option<Terms>) -> Option<&LanGame> {
        self.games.values().find(|game| {
            let Advert { terms: played, .. } = &game.room.advert;
            game.room.advert.state() == RoomState::Open
                && game.room.advert.is_understood()
                && game.ping != Ping::Lost
                && terms.is_none_or(|terms| terms == *played)
        })
    }

    /// Since when is searched.
    pub const fn since(&self) -> Option<Instant> {
        match self.search {
            Search::On { since, .. } => Some(since),
            Search::Off | Search::Failed(_) => None,
        }
    }

    /// Why nothing can be found, if that is so.
    pub const fn failure(&self) -> Option<&Failure> {
        match &self.search {
            Search::Failed(failure) => Some(failure),
            Search::Off | Search::On { .. } => None,
        }
    }
}

impl LanGame {
    /// The address to join: the one that answered, or the most likely one.
    pub fn addr(&self) -> SocketAddr {
        self.answer().map_or(self.room.addresses[0], |answer| answer.addr)
    }

    /// The same as a target to connect to.
    pub fn target(&self) -> Option<HostPort> {
        HostPort::try_from(self.addr()).ok()
    }

    /// What came back from its server.
    pub const fn answer(&self) -> Option<Answer> {
        match self.ping {
            Ping::Answered(answer) => Some(answer),
            Ping::Awaited | Ping::Lost => None,
        }
    }

    /// Whether what is typed is in it: its code in any spelling, a part of a name, or of what is played.
    fn fits(&self, typed: &str) -> bool {
        let Advert { code, host, guest, terms, .. } = &self.room.advert;
        if RoomCode::parse_typed(typed).is_ok_and(|typed| typed == *code) {
            return true;
        }
        let guest = guest.map(|guest| guest.to_string()).unwrap_or_default();
        let text = format!("{code} {host} {guest} {}", phrases::terms(terms));
        text.to_lowercase().contains(&typed.trim().to_lowercase())
    }
}

/// The list of them on the screen.
#[derive(Debug)]
pub struct LanList {
    /// Since when it is shown.
    pub since: Instant,
    /// Whether Enter watches, whatever game it is.
    pub watches: bool,
    /// What to say about the last thing that was tried.
    pub notice: Option<String>,
    /// What the games have to have in them.
    pub filter: Field,
    /// Whether that is typed now.
    pub is_filtering: bool,
    selected: Option<LanRoomId>,
    /// The row of the cursor, for when its game has gone.
    row: usize,
}

/// Characters of a filter: the longest code, name or terms.
const MAX_FILTER: usize = 40;

impl LanList {
    /// A list of all games.
    pub fn new(now: Instant, watches: bool) -> Self {
        let filter = Field::new(MAX_FILTER);
        Self { since: now, watches, notice: None, filter, is_filtering: false, selected: None, row: 0 }
    }

    /// A list of the games that have this in them.
    pub fn filtered(now: Instant, watches: bool, text: &str) -> Self {
        Self { filter: Field::with_text(MAX_FILTER, text), ..Self::new(now, watches) }
    }

    /// The games that it shows.
    pub fn rows<'a>(&self, games: &'a LanGames) -> Vec<&'a LanGame> {
        let mut rows = games.in_order();
        rows.retain(|game| game.fits(self.filter.text()));
        rows
    }

    /// The row that the cursor is on.
    pub fn chosen(&self, rows: &[&LanGame]) -> usize {
        let found = rows.iter().position(|game| Some(game.room.id) == self.selected);
        found.unwrap_or_else(|| self.row.min(rows.len().saturating_sub(1)))
    }

    /// Moves the cursor up or down, by so many rows.
    pub fn move_by(&mut self, games: &LanGames, by: isize) {
        let rows = self.rows(games);
        let row = self.chosen(&rows).saturating_add_signed(by).min(rows.len().saturating_sub(1));
        self.put(&rows, row);
        self.notice = None;
    }

    /// Keeps the cursor on its game while others come and go. Who wants to watch begins with a game in play.
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

/// Something on the network that is looked for.
#[derive(Debug)]
pub struct Seeking {
    /// What.
    pub what: Sought,
    /// Since when.
    pub since: Instant,
    /// Until when.
    pub until: Instant,
}

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    /// The game with this code.
    Code {
        /// The code.
        code: RoomCode,
        /// Whether it is to be watched.
        watches: bool,
    },
    /// Any open game, or else one is hosted.
    Any,
}

/// How long a code is looked for. A host answers within 0.12 s (RFC 6762 section 6), but for a second not at all when it
/// has just answered somebody else; what it announces of itself comes once more after a second.
pub const SEEK: Duration = Duration::from_secs(2);

/// How long is searched at least before a quick match hosts: two questions, of which the second is asked after 1 s.
pub const QUICK_SEEK: Duration = Duration::from_millis(1300);

/// How long after a game with the code is waited for a second one: twice what a host may take to answer.
pub const SETTLE: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::{lan_room, start};

    fn games() -> LanGames {
        let mut games = LanGames::searching(start());
        for (id, code, guest) in [(1, "LIME-19", Some("kim")), (2, "KITE-42", None), (3, "RUBY-07", None)] {
            games.handle_event(start(), LanEvent::Appeared(lan_room(id, code, "ben", guest)));
        }
        games
    }

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
    fn who_watches_begins_with_a_game_in_play() {
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

    #[test]
    fn a_quick_match_takes_the_oldest_open_game_that_fits() {
        let mut games = games();
        let code = |games: &LanGames, terms| games.quick(terms).map(|game| game.room.advert.code.to_string());
        assert_eq!(code(&games, None), Some("KITE-42".into()));
        games.handle_ping(start(), LanRoomId(2), None);
        assert_eq!(
            code(&games, Some(Terms::default())),
            Some("RUBY-07".into()),
            "who does not answer is left"
        );
        let other = Terms { time: "30s".parse().unwrap(), ..Terms::default() };
        assert_eq!(code(&games, Some(other)), None);
    }
}
