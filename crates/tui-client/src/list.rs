//! The commands that search the network and end: `oxo list`, and the search behind `oxo join CODE`.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal},
    net::SocketAddr,
    time::{Duration, Instant},
};

use net::{
    addr::HostPort,
    connect::{ConnectCause, ConnectError, resolve},
    interfaces::Networks,
    proto::{RoomCode, RoomLine},
};
use server::{
    listed::{self, Listed, Ways},
    phrases,
};
use tokio::time::{Instant as TokioInstant, sleep, timeout_at};
use tui_client::{
    failure::Failure,
    format::tenths,
    game_search,
    lan_games::{LanGame, LanGames},
    lan_search::LanSearch,
};
use unicode_width::UnicodeWidthStr;

use crate::printed::{print, say};

/// Prints the games of the network: a table, or JSON.
///
/// # Errors
///
/// [`Failure`], when there is no network to search, or no way to search it.
pub(crate) async fn list(is_json: bool) -> Result<(), Failure> {
    let begun = Instant::now();
    let found = search(begun, None).await?;
    let networks = found.networks().cloned().unwrap_or_default();
    if networks.used.is_empty() {
        return Err(no_network(&networks));
    }
    let games = in_order(&found);
    if is_json {
        print(&json(&games, begun));
        return Ok(());
    }
    if games.is_empty() {
        say(&format!("No game answered in {:.1} s on {networks}.\n", SEARCH.as_secs_f32()));
    }
    for server in found.of_other_versions() {
        say(&format!("{}\n", game_search::other_version(server)));
    }
    print(&table(&games));
    Ok(())
}

/// A place that was found for a code.
#[derive(Debug, Clone)]
pub(crate) enum FoundPlace {
    /// The server with the room.
    Game {
        target: HostPort,
        /// All its addresses.
        addresses: Vec<SocketAddr>,
    },
    /// A machine that is called so.
    Machine {
        target: HostPort,
        /// The failure of the search for the room.
        tried: Failure,
    },
}

/// Finds the server on this network that has the room with this code, or else the machine that is called so.
///
/// # Errors
///
/// [`Failure`], when there is neither, or more than one server.
pub(crate) async fn find(code: RoomCode, machine: Option<HostPort>) -> Result<FoundPlace, Failure> {
    // Not at once, since most codes are found by then; but a resolver without a server takes five seconds.
    let lookup = machine.map(|target| {
        tokio::spawn(async move {
            sleep(SEARCH).await;
            let found = resolve(&target).await;
            (target, found)
        })
    });
    let is_terminal = io::stderr().is_terminal();
    if is_terminal {
        say(&format!("Searching for {code} …"));
    }
    let searched = search(Instant::now(), Some(code)).await;
    if is_terminal {
        // Clears the line for what comes next.
        say("\r\x1b[K");
    }
    let tried = match searched {
        Ok(found) => match server_of(code, &found)? {
            Some(place) => {
                lookup.iter().for_each(tokio::task::JoinHandle::abort);
                return Ok(place);
            }
            None => not_found(code, &found),
        },
        Err(failure) => failure,
    };
    let Some(lookup) = lookup else { return Err(tried) };
    match lookup.await {
        Ok((target, Ok(_))) => Ok(FoundPlace::Machine { target, tried }),
        Ok((target, Err(error))) => {
            Err(tried.then(&ConnectError { target, cause: ConnectCause::Resolve(error) }))
        }
        // A panic has been reported by the hook.
        Err(_) => Err(tried),
    }
}

/// The server of the room with this code, if it was found.
fn server_of(code: RoomCode, found: &LanGames) -> Result<Option<FoundPlace>, Failure> {
    match found.with_code(code).as_slice() {
        [] => Ok(None),
        [one] => {
            let addresses = one.found.server.addresses.clone();
            let target = HostPort::try_from(one.found.addr());
            target.map(|target| Some(FoundPlace::Game { target, addresses })).map_err(|error| {
                Failure::new(format!("The host of {code} has no address that can be used: {error}"))
            })
        }
        several => Err(ambiguous(code, several)),
    }
}

/// Searches for all games, or longer for the one with a code, until it is found and a second one would have answered.
/// Questions under way at the end get [`ANSWERS`] more.
async fn search(begun: Instant, code: Option<RoomCode>) -> Result<LanGames, Failure> {
    let mut search = LanSearch::start();
    if let Some(code) = code {
        search.seek(code);
    }
    let mut found = LanGames::default();
    let mut ends = begun + if code.is_some() { FIND } else { SEARCH };
    loop {
        let until = if found.is_asking() { ends + ANSWERS } else { ends };
        let Ok(games) = timeout_at(TokioInstant::from_std(until), search.next()).await else { break };
        found = games;
        if found.failure().is_some() {
            break;
        }
        if code.is_some_and(|code| !found.with_code(code).is_empty()) {
            ends = ends.min(begun + SEARCH);
        }
    }
    search.stop().await;
    found.failure().cloned().map_or(Ok(found), Err)
}

/// Open games first, then those in play, then the locked ones; equal ones by code.
fn in_order(found: &LanGames) -> Vec<LanGame<'_>> {
    let mut games: Vec<LanGame<'_>> = found.games().collect();
    games.sort_by_key(|game| (game.room.state(), game.room.code));
    games
}

/// The games in columns under a head.
fn table(games: &[LanGame<'_>]) -> String {
    if games.is_empty() {
        return String::new();
    }
    let head = ["CODE", "HOST", "GAME", "CLOCK", "STATE", "PING", "ADDRESS"].map(str::to_owned);
    let rows: Vec<[String; 7]> = std::iter::once(head).chain(games.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..7).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _fits = write!(line, "{cell}{:1$}", "", width - cell.width() + 2);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn row(game: &LanGame<'_>) -> [String; 7] {
    let RoomLine { code, host, guest, terms, .. } = game.room;
    let route = game.found.route();
    [
        code.to_string(),
        guest.map_or_else(|| host.to_string(), |guest| format!("{host} v. {guest}")),
        phrases::series(terms),
        terms.time.to_string(),
        game.room.state().word().to_owned(),
        route.map_or_else(|| "-".to_owned(), |route| tenths(route.rtt)),
        game.found.addr().to_string(),
    ]
}

/// One array, with one object a line.
fn json(games: &[LanGame<'_>], begun: Instant) -> String {
    listed::array(games.iter().map(|game| {
        let server = &game.found.server;
        let ways = Ways {
            server: server.advert.name,
            protocol: server.advert.protocol,
            addresses: &server.addresses,
            address: game.found.addr(),
            ping: game.found.route().map(|route| route.rtt),
            found: game.found_at.saturating_duration_since(begun),
        };
        Listed::new(game.room, ways)
    }))
}

fn no_network(networks: &Networks) -> Failure {
    let skipped = networks.skipped.iter().map(|(name, kind)| format!("{name} is {}", kind.word()));
    Failure {
        sentence: "This machine is on no network to find a game on".to_owned(),
        causes: skipped.collect(),
        hint: Some("join a Wi-Fi network, or plug a cable in".to_owned()),
    }
}

fn not_found(code: RoomCode, found: &LanGames) -> Failure {
    let networks = found.networks().cloned().unwrap_or_default();
    if networks.used.is_empty() {
        return no_network(&networks);
    }
    let sentence = format!("No game {code} answered in {} s on {networks}", FIND.as_secs());
    Failure { sentence, ..game_search::not_found(code, found) }
}

fn ambiguous(code: RoomCode, several: &[LanGame<'_>]) -> Failure {
    let line = |game: &LanGame<'_>| format!("of {}: oxo join {code}@{}", game.room.host, game.found.addr());
    Failure {
        sentence: format!("{} games on this network have the code {code}", several.len()),
        causes: several.iter().map(line).collect(),
        hint: Some("join one by its address".to_owned()),
    }
}

/// The duration of the search for a list. A host answers within 0.1 s, but stays silent for a second after it has answered
/// another machine (RFC 6762 section 6): then it answers the third question, which is asked after 1.05 s. With 1.3 s
/// one of four runs on the LAN missed a second game with the same code; that this was the cause is not proven.
const SEARCH: Duration = Duration::from_millis(1600);

/// The time limit of the search for a code: three questions, of which the last is asked after 3 s.
const FIND: Duration = Duration::from_millis(3300);

/// The time that questions have beyond the search.
const ANSWERS: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use net::{
        discovery::{Advert, LanEvent, LanServer, LanServerId},
        proto::{BestOf, ProtocolRange, RoomState, Terms},
    };
    use tui_client::lan_games::Route;

    use super::*;

    fn room(code: &str, host: &str) -> RoomLine {
        RoomLine {
            code: code.parse().unwrap(),
            host: host.parse().unwrap(),
            guest: None,
            terms: Terms { best_of: BestOf::new(3), time: "30s".parse().unwrap(), ..Terms::default() },
            is_locked: false,
            is_watchable: true,
            watchers: 2,
            seconds: 12,
        }
    }

    /// Servers with a room each, found 83 ms after `begun`. Those with several addresses answer.
    fn found(begun: Instant, servers: &[(RoomLine, &[&str])]) -> LanGames {
        let mut games = LanGames::searching(begun);
        let now = begun + Duration::from_millis(83);
        for ((room, addresses), id) in servers.iter().zip(1..) {
            let id = LanServerId(id);
            let advert =
                Advert { name: "den".parse().unwrap(), protocol: ProtocolRange { oldest: 2, newest: 2 } };
            let addresses: Vec<SocketAddr> = addresses.iter().map(|addr| addr.parse().unwrap()).collect();
            let route = Route { addr: addresses[0], rtt: Duration::from_micros(2_100) };
            games.handle_event(now, LanEvent::Appeared(LanServer { id, advert, addresses }));
            games.handle_answer(now, id, Some((route, vec![*room])));
        }
        games
    }

    #[test]
    fn the_table_has_columns_of_one_width() {
        let begun = Instant::now();
        let locked = RoomLine { is_locked: true, guest: "ben".parse().ok(), ..room("OAKEN-55", "李小龙") };
        let mut games =
            found(begun, &[(room("KITE-42", "ana"), &["192.168.1.7:1952"]), (locked, &["[fe80::1%2]:1952"])]);
        games.handle_answer(begun, LanServerId(2), None);
        assert_eq!(
            table(&in_order(&games)),
            "\
CODE      HOST           GAME            CLOCK  STATE   PING    ADDRESS
KITE-42   ana            3x3, best of 3  30s    open    2.1 ms  192.168.1.7:1952
OAKEN-55  李小龙 v. ben  3x3, best of 3  30s    locked  -       [fe80::1%2]:1952
"
        );
        assert_eq!(table(&[]), "");
    }

    #[test]
    fn json_is_one_object_a_line() {
        let begun = Instant::now();
        let games = found(begun, &[(room("KITE-42", "a\"n\\a"), &["192.168.1.7:1952", "[fd4d::7]:1952"])]);
        let game = in_order(&games)[0];
        assert_eq!(
            json(&[game], begun),
            "[\n{\"code\":\"KITE-42\",\"host\":\"a\\\"n\\\\a\",\"guest\":null,\"state\":\"open\",\"board\":\"3x3\",\
             \"misere\":false,\"best_of\":3,\"clock\":\"30s\",\"watchable\":true,\"protocol\":[2,2],\
             \"addresses\":[\"192.168.1.7:1952\",\"[fd4d::7]:1952\"],\"address\":\"192.168.1.7:1952\",\
             \"ping_ms\":2.1,\"found_ms\":83,\"server\":\"den\",\"watchers\":2,\"age_s\":12}\n]\n"
        );
        assert_eq!(json(&[game, game], begun).lines().count(), 4);
        assert_eq!(json(&[], begun), "[]\n");
    }

    #[test]
    fn open_games_come_first_and_locked_ones_last() {
        let locked = RoomLine { is_locked: true, ..room("ACORN-01", "ana") };
        let playing = RoomLine { guest: "ben".parse().ok(), ..room("BEACH-02", "ana") };
        let open = room("CAMEL-03", "ana");
        let games = found(Instant::now(), &[locked, playing, open].map(|room| (room, &["10.0.0.1:1"][..])));
        let states: Vec<RoomState> = in_order(&games).iter().map(|game| game.room.state()).collect();
        assert_eq!(states, [RoomState::Open, RoomState::InPlay, RoomState::Locked]);
    }

    #[test]
    fn two_games_with_one_code_are_both_named() {
        let code = "KITE-42".parse().unwrap();
        let games = found(
            Instant::now(),
            &[(room("KITE-42", "ana"), &["10.0.0.1:1952"]), (room("KITE-42", "ben"), &["[fe80::2%3]:1952"])],
        );
        let failure = ambiguous(code, &games.with_code(code));
        assert_eq!(failure.sentence, "2 games on this network have the code KITE-42");
        assert_eq!(
            failure.causes,
            ["of ana: oxo join KITE-42@10.0.0.1:1952", "of ben: oxo join KITE-42@[fe80::2%3]:1952"]
        );
    }
}
