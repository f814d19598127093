//! The games found on this network.

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

use crate::failure::Failure;

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
    /// No screen wants one.
    #[default]
    Off,
    /// It runs.
    On {
        /// The start of the search.
        since: Instant,
        /// The networks searched, once they are known.
        networks: Option<Networks>,
        /// The last sign of any game.
        heard_at: Option<Instant>,
    },
    /// This machine cannot search.
    Failed(Failure),
}

/// A game on this network.
#[derive(Debug, Clone)]
pub struct LanGame {
    /// The room, as its host announces it.
    pub room: LanRoom,
    /// The time of its discovery.
    pub found_at: Instant,
    /// The last measurement of its distance.
    pub ping: Ping,
}

/// The last measurement of the distance to a game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ping {
    /// The first one is under way.
    Awaited,
    /// The server answered.
    Answered(Answer),
    /// Nothing came back.
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

    /// The games: open ones first, then by the order of discovery.
    pub fn in_order(&self) -> Vec<&LanGame> {
        let mut games: Vec<&LanGame> = self.games().collect();
        games.sort_by_key(|game| game.room.advert.state());
        games
    }

    /// The number of games.
    pub fn len(&self) -> usize {
        self.games.len()
    }

    /// Tells whether no game is known.
    pub fn is_empty(&self) -> bool {
        self.games.is_empty()
    }

    /// The number of games in this state.
    pub fn count(&self, state: RoomState) -> usize {
        self.games.values().filter(|game| game.room.advert.state() == state).count()
    }

    /// The games with this code: one, unless two hosts have drawn the same.
    pub fn with_code(&self, code: RoomCode) -> Vec<&LanGame> {
        self.games.values().filter(|game| game.room.advert.code == code).collect()
    }

    /// The game for a quick match: the oldest open one with these terms, or with any.
    pub fn quick(&self, terms: Option<Terms>) -> Option<&LanGame> {
        self.games.values().find(|game| {
            let Advert { terms: played, .. } = &game.room.advert;
            game.room.advert.state() == RoomState::Open
                && game.room.advert.is_understood()
                && game.ping != Ping::Lost
                && terms.is_none_or(|terms| terms == *played)
        })
    }

    /// The start of the search.
    pub const fn since(&self) -> Option<Instant> {
        match self.search {
            Search::On { since, .. } => Some(since),
            Search::Off | Search::Failed(_) => None,
        }
    }

    /// The networks searched, once they are known.
    pub const fn networks(&self) -> Option<&Networks> {
        match &self.search {
            Search::On { networks, .. } => networks.as_ref(),
            Search::Off | Search::Failed(_) => None,
        }
    }

    /// The reason why this machine cannot search.
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

    /// [`addr`](Self::addr) as a target to connect to.
    pub fn target(&self) -> Option<HostPort> {
        HostPort::try_from(self.addr()).ok()
    }

    /// The last answer of its server.
    pub const fn answer(&self) -> Option<Answer> {
        match self.ping {
            Ping::Answered(answer) => Some(answer),
            Ping::Awaited | Ping::Lost => None,
        }
    }

    /// Tells whether it matches a filter: its code in any spelling, or a part of a name or of the terms.
    pub fn fits(&self, typed: &str) -> bool {
        let Advert { code, host, guest, terms, .. } = &self.room.advert;
        if RoomCode::parse_typed(typed).is_ok_and(|typed| typed == *code) {
            return true;
        }
        let guest = guest.map(|guest| guest.to_string()).unwrap_or_default();
        let text = format!("{code} {host} {guest} {}", phrases::terms(terms));
        text.to_lowercase().contains(&typed.trim().to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_harness::{lan_games, start};

    #[test]
    fn a_quick_match_takes_the_oldest_open_game_that_fits() {
        let mut games = lan_games();
        let code = |games: &LanGames, terms| games.quick(terms).map(|game| game.room.advert.code.to_string());
        assert_eq!(code(&games, None), Some("KITE-42".into()));
        games.handle_ping(start(), LanRoomId(2), None);
        assert_eq!(
            code(&games, Some(Terms::default())),
            Some("RUBY-07".into()),
            "a game that does not answer is left out"
        );
        let other = Terms { time: "30s".parse().unwrap(), ..Terms::default() };
        assert_eq!(code(&games, Some(other)), None);
    }
}
