//! Games as `oxo list --json` prints those of a network, and `/games.json` those of one server.

use std::{net::SocketAddr, time::Duration};

use net::proto::{BestOf, Name, ProtocolRange, RoomCode, RoomLine};
use serde::Serialize;

/// A game. Keys may be added, and none changes its meaning: see `docs/DISCOVERY.md`.
#[derive(Debug, Serialize)]
pub struct Listed<'a> {
    code: RoomCode,
    host: Name,
    guest: Option<Name>,
    state: &'static str,
    board: String,
    misere: bool,
    best_of: Option<BestOf>,
    clock: String,
    watchable: bool,
    protocol: [u16; 2],
    addresses: &'a [SocketAddr],
    address: SocketAddr,
    ping_ms: Option<f64>,
    found_ms: u128,
    server: Name,
    watchers: u16,
    age_s: u64,
}

/// The server of a game, and the ways to it.
#[derive(Debug, Clone, Copy)]
pub struct Ways<'a> {
    /// The name of the server.
    pub server: Name,
    /// The protocols that it speaks.
    pub protocol: ProtocolRange,
    /// All its addresses that are known.
    pub addresses: &'a [SocketAddr],
    /// The one to use.
    pub address: SocketAddr,
    /// The round trip to it, if it was measured.
    pub ping: Option<Duration>,
    /// The time that the search for it took.
    pub found: Duration,
}

impl<'a> Listed<'a> {
    /// Describes a room.
    pub fn new(room: &RoomLine, ways: Ways<'a>) -> Self {
        let RoomLine { code, host, guest, terms, is_locked: _, is_watchable, watchers, seconds } = *room;
        let Ways { server, protocol, addresses, address, ping, found } = ways;
        Self {
            code,
            host,
            guest,
            state: room.state().key(),
            board: terms.rules.to_string(),
            misere: terms.rules.is_misere(),
            best_of: terms.best_of,
            clock: terms.time.to_string(),
            watchable: is_watchable,
            protocol: [protocol.oldest, protocol.newest],
            addresses,
            address,
            ping_ms: ping.map(|ping| (ping.as_secs_f64() * 1e6).round() / 1e3),
            found_ms: found.as_millis(),
            server,
            watchers,
            age_s: seconds.into(),
        }
    }
}

/// One array, with one game a line.
///
/// # Panics
///
/// Never: texts and numbers are JSON.
pub fn array<'a>(games: impl Iterator<Item = Listed<'a>>) -> String {
    let object = |game| serde_json::to_string(&game).expect("texts and numbers are JSON");
    let objects: Vec<String> = games.map(object).collect();
    if objects.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", objects.join(",\n")) }
}
