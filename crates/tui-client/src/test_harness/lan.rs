//! Games on the network, as a search finds them.

use std::time::{Duration, Instant};

use net::{
    discovery::{Advert, LanEvent, LanServer, LanServerId},
    proto::{PROTOCOL, RoomLine, Terms},
};

use crate::lan_games::{LanGames, Route};

/// A game on the network: a server with one room.
#[derive(Debug, Clone)]
pub(crate) struct LanRoom {
    pub(crate) server: LanServer,
    pub(crate) room: RoomLine,
}

pub(crate) fn lan_room(id: u64, code: &str, host: &str, guest: Option<&str>) -> LanRoom {
    let address = format!("192.168.1.{id}:1952").parse().unwrap();
    let advert = Advert { name: "den".parse().unwrap(), protocol: PROTOCOL };
    let room = RoomLine {
        code: code.parse().unwrap(),
        host: host.parse().unwrap(),
        guest: guest.map(|guest| guest.parse().unwrap()),
        terms: Terms::default(),
        is_locked: false,
        is_watchable: true,
        watchers: 0,
        seconds: 0,
    };
    LanRoom { server: LanServer { id: LanServerId(id), advert, addresses: vec![address] }, room }
}

impl LanRoom {
    /// The server answers, and has this room.
    pub(crate) fn answers(&self, games: &mut LanGames, now: Instant) {
        let route = Route { addr: self.server.addresses[0], rtt: Duration::from_millis(2) };
        games.handle_answer(now, self.server.id, Some((route, vec![self.room])));
    }

    /// The server is found, and answers.
    pub(crate) fn is_found(&self, games: &mut LanGames, now: Instant) {
        games.handle_event(now, LanEvent::Appeared(self.server.clone()));
        self.answers(games, now);
    }
}

/// A search that has found three games.
pub(crate) fn lan_games() -> LanGames {
    let now = Instant::now();
    let mut games = LanGames::searching(now);
    for (id, code, guest) in [(1, "LIME-19", Some("kim")), (2, "KITE-42", None), (3, "RUBY-07", None)] {
        lan_room(id, code, "ben", guest).is_found(&mut games, now);
    }
    games
}
