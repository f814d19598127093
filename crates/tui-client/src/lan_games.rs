//! The games found on this network.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use net::{
    addr::HostPort,
    discovery::{LanEvent, LanServer, LanServerId},
    interfaces::Networks,
    proto::{PROTOCOL, RoomCode, RoomLine, RoomState, Terms},
};

use server::phrases;

use crate::failure::Failure;

/// The games found on this network, and the state of the search for them.
#[derive(Debug, Clone, Default)]
pub struct LanGames {
    /// The state of the search.
    pub search: Search,
    /// At most [`net::discovery::MAX_SERVERS`]; ids ascend in the order of discovery.
    servers: BTreeMap<LanServerId, Found>,
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
        /// The last sign of any server.
        heard_at: Option<Instant>,
    },
    /// This machine cannot search.
    Failed(Failure),
}

/// A server on this network, and its rooms.
#[derive(Debug, Clone)]
pub struct Found {
    /// The server, as it announces itself.
    pub server: LanServer,
    /// The outcome of the last question to it.
    pub contact: Contact,
    /// The rooms of its last answer, each with the time of its discovery.
    rooms: Vec<(RoomLine, Instant)>,
    /// The arrival of that answer.
    listed_at: Instant,
}

/// The outcome of the last question to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contact {
    /// The first one is under way.
    Awaited,
    /// The server answered.
    Answered(Route),
    /// Nothing came back.
    Lost,
}

/// The way to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The address that answered first, which is the one to join.
    pub addr: SocketAddr,
    /// The round trip.
    pub rtt: Duration,
}

/// A game on this network.
#[derive(Debug, Clone, Copy)]
pub struct LanGame<'a> {
    /// Its server.
    pub found: &'a Found,
    /// The room.
    pub room: &'a RoomLine,
    /// The time of its discovery.
    pub found_at: Instant,
}

/// The identity of a game on this network.
pub type LanGameId = (LanServerId, RoomCode);

impl LanGames {
    /// Creates the state of a search that has just begun.
    pub const fn searching(now: Instant) -> Self {
        Self { search: Search::On { since: now, networks: None, heard_at: None }, servers: BTreeMap::new() }
    }

    /// Adds, updates or removes a server.
    pub fn handle_event(&mut self, now: Instant, event: LanEvent) {
        match event {
            LanEvent::Appeared(server) => {
                let found = Found { contact: Contact::Awaited, rooms: Vec::new(), listed_at: now, server };
                self.servers.insert(found.server.id, found);
            }
            LanEvent::Changed(server) => {
                if let Some(found) = self.servers.get_mut(&server.id) {
                    found.server = server;
                }
            }
            LanEvent::Gone(id) => {
                self.servers.remove(&id);
            }
        }
        self.note_heard(now);
    }

    /// Takes in the outcome of a question: the way to a server and its rooms, or silence.
    pub fn handle_answer(&mut self, now: Instant, id: LanServerId, answer: Option<(Route, Vec<RoomLine>)>) {
        let Some(found) = self.servers.get_mut(&id) else { return };
        let Some((route, rooms)) = answer else {
            found.contact = Contact::Lost;
            return;
        };
        let before = std::mem::take(&mut found.rooms);
        let found_at = |code| before.iter().find(|(room, _)| room.code == code).map_or(now, |(_, at)| *at);
        found.rooms = rooms.into_iter().map(|room| (room, found_at(room.code))).collect();
        found.listed_at = now;
        found.contact = Contact::Answered(route);
        self.note_heard(now);
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
        *self = Self { search: Search::Failed(failure), servers: BTreeMap::new() };
    }

    const fn note_heard(&mut self, now: Instant) {
        if let Search::On { heard_at, .. } = &mut self.search {
            *heard_at = Some(now);
        }
    }

    /// The server with this id.
    pub fn server(&self, id: LanServerId) -> Option<&Found> {
        self.servers.get(&id)
    }

    /// All servers, in the order of discovery.
    pub fn servers(&self) -> impl DoubleEndedIterator<Item = &Found> {
        self.servers.values()
    }

    /// Tells whether a server whose rooms can be known has not been heard yet.
    pub fn is_asking(&self) -> bool {
        self.servers().any(|found| found.contact == Contact::Awaited && found.is_understood())
    }

    /// All games, by server.
    pub fn games(&self) -> impl Iterator<Item = LanGame<'_>> {
        self.servers.values().flat_map(Found::games)
    }

    /// The games: open ones first, then by the name of the host, so that each keeps its place while others come and go.
    pub fn in_order(&self) -> Vec<LanGame<'_>> {
        let mut games: Vec<LanGame<'_>> = self.games().collect();
        games.sort_by_cached_key(|game| {
            (game.room.state(), game.room.host.as_str().to_lowercase(), game.room.code, game.found.server.id)
        });
        games
    }

    /// The number of games.
    pub fn len(&self) -> usize {
        self.servers.values().map(|found| found.rooms.len()).sum()
    }

    /// Tells whether no game is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of games in this state.
    pub fn count(&self, state: RoomState) -> usize {
        self.games().filter(|game| game.room.state() == state).count()
    }

    /// The games with this code: one, unless two hosts have drawn the same.
    pub fn with_code(&self, code: RoomCode) -> Vec<LanGame<'_>> {
        self.games().filter(|game| game.room.code == code).collect()
    }

    /// The game for a quick match: the one that has waited longest, of those with these terms, or of all, whose code counts.
    pub fn quick(
        &self,
        now: Instant,
        terms: Option<Terms>,
        counts: impl Fn(RoomCode) -> bool,
    ) -> Option<LanGame<'_>> {
        let fits = |game: &LanGame<'_>| {
            game.room.state() == RoomState::Open
                && game.found.contact != Contact::Lost
                && counts(game.room.code)
                && terms.is_none_or(|terms| terms == game.room.terms)
        };
        // The first of equals: the order of discovery.
        self.games().filter(fits).min_by_key(|game| std::cmp::Reverse(game.age(now).as_secs()))
    }

    /// The names of servers that speak another version of the protocol.
    pub fn of_other_versions(&self) -> impl Iterator<Item = &str> {
        let others = self.servers.values().filter(|found| !found.is_understood());
        others.map(|found| found.server.advert.name.as_str())
    }

    /// All addresses of the server that has this one.
    pub fn addresses_of(&self, target: &HostPort) -> Option<&[SocketAddr]> {
        let is_it = |addr: &SocketAddr| HostPort::try_from(*addr).as_ref() == Ok(target);
        let servers = self.servers.values().map(|found| found.server.addresses.as_slice());
        servers.into_iter().find(|addresses| addresses.iter().any(is_it))
    }

    /// The start of the search.
    pub const fn since(&self) -> Option<Instant> {
        let Search::On { since, .. } = self.search else { return None };
        Some(since)
    }

    /// The networks searched, once they are known.
    pub const fn networks(&self) -> Option<&Networks> {
        let Search::On { networks, .. } = &self.search else { return None };
        networks.as_ref()
    }

    /// The reason why this machine cannot search.
    pub const fn failure(&self) -> Option<&Failure> {
        let Search::Failed(failure) = &self.search else { return None };
        Some(failure)
    }
}

impl Found {
    fn games(&self) -> impl Iterator<Item = LanGame<'_>> {
        self.rooms.iter().map(|(room, found_at)| LanGame { found: self, room, found_at: *found_at })
    }

    /// Tells whether this program shares a protocol with it. Otherwise its rooms cannot be known.
    pub fn is_understood(&self) -> bool {
        self.server.advert.protocol.common(PROTOCOL).is_some()
    }

    /// The address to join: the one that answered, or the most likely one.
    pub fn addr(&self) -> SocketAddr {
        self.route().map_or(self.server.addresses[0], |route| route.addr)
    }

    /// [`addr`](Self::addr) as a target to connect to.
    pub fn target(&self) -> Option<HostPort> {
        HostPort::try_from(self.addr()).ok()
    }

    /// The way to it, if it answered the last question.
    pub const fn route(&self) -> Option<Route> {
        let Contact::Answered(route) = self.contact else { return None };
        Some(route)
    }
}

impl LanGame<'_> {
    /// Its identity while it is on the list.
    pub const fn id(&self) -> LanGameId {
        (self.found.server.id, self.room.code)
    }

    /// The time for which it has waited or played.
    pub fn age(&self, now: Instant) -> Duration {
        Duration::from_secs(self.room.seconds.into()) + now.saturating_duration_since(self.found.listed_at)
    }

    /// Tells whether it matches a filter: its code in any spelling, or a part of a name or of the terms.
    pub fn fits(&self, typed: &str) -> bool {
        let RoomLine { code, host, guest, terms, .. } = self.room;
        if RoomCode::parse_typed(typed).is_ok_and(|typed| typed == *code) {
            return true;
        }
        let guest = guest.map(|guest| guest.to_string()).unwrap_or_default();
        let server = self.found.server.advert.name;
        let text = format!("{code} {host} {guest} {server} {}", phrases::terms(terms));
        text.to_lowercase().contains(&typed.trim().to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_harness::{lan_games, start};

    #[test]
    fn a_quick_match_takes_the_open_game_that_has_waited_longest_and_fits() {
        let now = start();
        let mut games = lan_games();
        let code = |games: &LanGames, terms| {
            games.quick(now, terms, |_| true).map(|game| game.room.code.to_string())
        };
        assert_eq!(code(&games, None), Some("KITE-42".into()));
        games.handle_answer(now, LanServerId(2), None);
        assert_eq!(
            code(&games, Some(Terms::default())),
            Some("RUBY-07".into()),
            "a game that does not answer is left out"
        );
        let other = Terms { time: "30s".parse().unwrap(), ..Terms::default() };
        assert_eq!(code(&games, Some(other)), None);
    }
}
