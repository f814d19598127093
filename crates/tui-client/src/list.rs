//! The commands that search the network and end: `oxo list`, and what stands behind `oxo join CODE`.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    io::{self, IsTerminal, Write as _},
    time::{Duration, Instant},
};

use net::{
    addr::HostPort,
    discovery::{Advert, LanEvent, LanRoom, LanRoomId},
    interfaces::Networks,
    proto::RoomCode,
};
use tokio::time::{Instant as TokioInstant, timeout_at};
use tui_client::{
    failure::Failure,
    lan_search::LanSearch,
    msg::{Answer, LanMsg},
};
use unicode_width::UnicodeWidthStr;

/// Prints the games of the network: a table, or JSON.
///
/// # Errors
///
/// Why there is nothing to search on or with.
pub(crate) async fn list(is_json: bool) -> Result<(), Failure> {
    let mut search = LanSearch::start();
    let begun = Instant::now();
    let searched = search_for(&mut search, begun, SEARCH, |_| false).await;
    search.stop().await;
    let Searched { found, networks } = searched?;
    if networks.used.is_empty() {
        return Err(no_network(&networks));
    }
    let found = in_order(found);
    let text = if is_json { json(&found) } else { table(&found) };
    if found.is_empty() && !is_json {
        say(&format!("No game answered in {:.1} s on {}.\n", SEARCH.as_secs_f32(), Searching(&networks)));
    }
    // Nobody is left to tell when standard output is gone.
    let _closed = io::stdout().lock().write_all(text.as_bytes());
    Ok(())
}

/// Finds the one server on this network that has a room with this code.
///
/// # Errors
///
/// That there is none, or that there are several.
pub(crate) async fn find(code: RoomCode) -> Result<HostPort, Failure> {
    let mut search = LanSearch::start();
    let is_terminal = io::stderr().is_terminal();
    if is_terminal {
        say(&format!("Searching for {code} …"));
    }
    let begun = Instant::now();
    let is_meant = |found: &Found| found.room.advert.code == code;
    let searched = search_for(&mut search, begun, FIND, is_meant).await;
    search.stop().await;
    if is_terminal {
        // The line is made free for what comes next.
        say("\r\x1b[K");
    }
    let Searched { found, networks } = searched?;
    let meant: Vec<Found> = in_order(found).into_iter().filter(is_meant).collect();
    match meant.as_slice() {
        [] if networks.used.is_empty() => Err(no_network(&networks)),
        [] => Err(not_found(code, &networks)),
        [one] => HostPort::try_from(one.place()).map_err(|error| Failure {
            sentence: format!("The host of {code} has no address that can be used: {error}"),
            causes: Vec::new(),
            hint: None,
        }),
        several => Err(ambiguous(code, several)),
    }
}

/// A game that was found.
#[derive(Debug, Clone)]
struct Found {
    room: LanRoom,
    /// How long it took.
    after: Duration,
    ping: Ping,
}

/// How the question went how far away a game is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ping {
    Awaited,
    Answered(Answer),
    Lost,
}

impl Found {
    /// Where to join: where it answered, or the most likely address.
    fn place(&self) -> std::net::SocketAddr {
        self.ping.answer().map_or(self.room.addresses[0], |answer| answer.addr)
    }
}

impl Ping {
    const fn answer(self) -> Option<Answer> {
        match self {
            Self::Answered(answer) => Some(answer),
            Self::Awaited | Self::Lost => None,
        }
    }
}

#[derive(Debug, Default)]
struct Searched {
    found: BTreeMap<LanRoomId, Found>,
    networks: Networks,
}

impl Searched {
    fn note(&mut self, after: Duration, message: LanMsg) -> Result<(), Failure> {
        match message {
            LanMsg::Searching(networks) => self.networks = networks,
            LanMsg::Room(LanEvent::Appeared(room)) => {
                self.found.insert(room.id, Found { room, after, ping: Ping::Awaited });
            }
            LanMsg::Room(LanEvent::Changed(room)) => {
                if let Some(found) = self.found.get_mut(&room.id) {
                    found.room = room;
                }
            }
            LanMsg::Room(LanEvent::Gone(id)) => {
                self.found.remove(&id);
            }
            LanMsg::Pinged { room, answer } => {
                if let Some(found) = self.found.get_mut(&room) {
                    found.ping = answer.map_or(Ping::Lost, Ping::Answered);
                }
            }
            LanMsg::Unavailable(failure) => return Err(failure),
        }
        Ok(())
    }
}

/// Searches for so long; only for [`SEARCH`], which is enough for another one to be heard, once one is found for which
/// `is_enough` holds. Pings that are under way then have [`PINGS`] to end.
async fn search_for(
    search: &mut LanSearch,
    begun: Instant,
    patience: Duration,
    is_enough: impl Fn(&Found) -> bool,
) -> Result<Searched, Failure> {
    let mut searched = Searched::default();
    let mut ends = begun + patience;
    let mut has_enough = false;
    loop {
        let is_pinging = searched.found.values().any(|found| found.ping == Ping::Awaited);
        let until = if is_pinging { ends + PINGS } else { ends };
        let Ok(messages) = timeout_at(TokioInstant::from_std(until), search.next()).await else { break };
        let is_late = Instant::now() >= ends;
        for message in messages {
            // Who comes after the end is not waited for.
            if !is_late || !matches!(message, LanMsg::Room(LanEvent::Appeared(_))) {
                searched.note(begun.elapsed(), message)?;
            }
        }
        if !has_enough && searched.found.values().any(&is_enough) {
            has_enough = true;
            ends = ends.min(begun + SEARCH);
        }
    }
    Ok(searched)
}

/// Open games first, then those in play, then the locked ones.
fn in_order(found: BTreeMap<LanRoomId, Found>) -> Vec<Found> {
    let mut found: Vec<Found> = found.into_values().collect();
    found.sort_by_key(|found| (found.room.advert.state(), found.room.advert.code, found.room.id));
    found
}

/// The games in columns, with a line above.
fn table(found: &[Found]) -> String {
    if found.is_empty() {
        return String::new();
    }
    let head = ["CODE", "HOST", "GAME", "CLOCK", "STATE", "PING", "ADDRESS"].map(str::to_owned);
    let rows: Vec<[String; 7]> = std::iter::once(head).chain(found.iter().map(row)).collect();
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

fn row(found: &Found) -> [String; 7] {
    let Found { room, after: _, ping } = found;
    let Advert { code, host, guest, terms, .. } = &room.advert;
    let players = guest.map_or_else(|| host.to_string(), |guest| format!("{host} v. {guest}"));
    let ping = ping.answer().map_or_else(|| "-".to_owned(), |answer| format!("{:.1} ms", millis(answer.rtt)));
    let state = if room.advert.is_understood() { room.advert.state().word() } else { "other version" };
    let clock = terms.time.to_string();
    [
        code.to_string(),
        players,
        server::phrases::series(terms),
        clock,
        state.to_owned(),
        ping,
        found.place().to_string(),
    ]
}

/// One array, an object a line. What stands in it is described in `docs/PROTOCOL.md` and does not change its meaning.
fn json(found: &[Found]) -> String {
    let objects: Vec<String> = found.iter().map(object).collect();
    if objects.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", objects.join(",\n")) }
}

fn object(found: &Found) -> String {
    let Found { room: LanRoom { id: _, advert, addresses }, after, ping } = found;
    let Advert { code, host, guest, terms, is_locked: _, is_watchable, protocol } = advert;
    let answer = ping.answer();
    let or_null = |value: Option<String>| value.unwrap_or_else(|| "null".to_owned());
    let addresses: Vec<String> = addresses.iter().map(|addr| quoted(&addr.to_string())).collect();
    format!(
        "{{\"code\":{},\"host\":{},\"guest\":{},\"state\":\"{}\",\"board\":\"{}\",\"misere\":{},\"best_of\":{},\
         \"clock\":\"{}\",\"watchable\":{is_watchable},\"protocol\":[{},{}],\"addresses\":[{}],\"address\":{},\
         \"ping_ms\":{},\"found_ms\":{}}}",
        quoted(code.as_str()),
        quoted(host.as_str()),
        or_null(guest.map(|guest| quoted(guest.as_str()))),
        advert.state().key(),
        terms.rules,
        terms.rules.is_misere(),
        or_null(terms.best_of.map(|best_of| best_of.to_string())),
        terms.time,
        protocol.oldest,
        protocol.newest,
        addresses.join(","),
        quoted(&found.place().to_string()),
        or_null(answer.map(|answer| format!("{:.3}", millis(answer.rtt)))),
        after.as_millis(),
    )
}

/// A text of JSON. Names have no control characters, so that two characters need a backslash.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The networks that are searched, and what is passed over: `wlan0 192.168.1.9/24 (docker0 skipped)`.
struct Searching<'a>(&'a Networks);

impl fmt::Display for Searching<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let used: Vec<String> =
            self.0.used.iter().map(|(name, ip, prefix)| format!("{name} {ip}/{prefix}")).collect();
        write!(f, "{}", used.join(", "))?;
        let skipped: Vec<&str> = self.0.skipped.iter().map(|(name, _)| name.as_str()).collect();
        if skipped.is_empty() { Ok(()) } else { write!(f, " ({} skipped)", skipped.join(", ")) }
    }
}

fn no_network(networks: &Networks) -> Failure {
    let skipped = networks.skipped.iter().map(|(name, standing)| format!("{name} is {}", standing.word()));
    Failure {
        sentence: "This machine is on no network on which a game could be".to_owned(),
        causes: skipped.collect(),
        hint: Some("switch Wi-Fi on, or plug a cable in".to_owned()),
    }
}

fn not_found(code: RoomCode, networks: &Networks) -> Failure {
    Failure {
        sentence: format!("No game {code} answered in {} s on {}", FIND.as_secs(), Searching(networks)),
        causes: [
            "it is not open any more, or hidden: then only its host's address leads to it",
            "the two machines are on different networks (guest Wi-Fi, VPN, mobile data)",
            "the network drops multicast, or a firewall there UDP port 5353",
        ]
        .map(str::to_owned)
        .to_vec(),
        hint: Some(format!("ask for the host's address and type `oxo join {code}@192.168.1.7`")),
    }
}

fn ambiguous(code: RoomCode, several: &[Found]) -> Failure {
    let line = |found: &Found| format!("of {}: oxo join {code}@{}", found.room.advert.host, found.place());
    Failure {
        sentence: format!("{} games on this network have the code {code}", several.len()),
        causes: several.iter().map(line).collect(),
        hint: Some("say which, by its address".to_owned()),
    }
}

fn say(text: &str) {
    // Nobody is left to tell when standard error is gone.
    let _closed = io::stderr().lock().write_all(text.as_bytes());
}

/// How long is searched for a list. A host answers within 0.1 s, but is silent for a second when it has just answered
/// somebody else (RFC 6762 section 6): then it hears the third question, after 1.05 s.
const SEARCH: Duration = Duration::from_millis(1300);

/// How long a code is searched for: three questions, of which the last is asked after 3 s.
const FIND: Duration = Duration::from_millis(3300);

/// How long pings may take beyond the search.
const PINGS: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use net::{
        discovery::RoomState,
        proto::{BestOf, ProtocolRange, Terms},
    };

    use super::*;

    fn found(code: &str, host: &str, addresses: &[&str]) -> Found {
        let advert = Advert {
            code: code.parse().unwrap(),
            host: host.parse().unwrap(),
            guest: None,
            terms: Terms { best_of: BestOf::new(3), time: "30s".parse().unwrap(), ..Terms::default() },
            is_locked: false,
            is_watchable: true,
            protocol: ProtocolRange { oldest: 2, newest: 2 },
        };
        let addresses: Vec<_> = addresses.iter().map(|addr| addr.parse().unwrap()).collect();
        let answer = Answer { addr: addresses[0], rtt: Duration::from_micros(2_100) };
        let room = LanRoom { id: LanRoomId(1), advert, addresses };
        Found { room, after: Duration::from_millis(83), ping: Ping::Answered(answer) }
    }

    #[test]
    fn the_table_has_columns_of_one_width() {
        let mut locked = found("OAKEN-55", "李小龙", &["[fe80::1%2]:1952"]);
        locked.room.advert.is_locked = true;
        locked.room.advert.guest = "ben".parse().ok();
        locked.ping = Ping::Lost;
        assert_eq!(
            table(&[found("KITE-42", "ana", &["192.168.1.7:1952"]), locked]),
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
        let game = found("KITE-42", "a\"n\\a", &["192.168.1.7:1952", "[fd4d::7]:1952"]);
        assert_eq!(
            json(std::slice::from_ref(&game)),
            "[\n{\"code\":\"KITE-42\",\"host\":\"a\\\"n\\\\a\",\"guest\":null,\"state\":\"open\",\"board\":\"3x3\",\
             \"misere\":false,\"best_of\":3,\"clock\":\"30s\",\"watchable\":true,\"protocol\":[2,2],\
             \"addresses\":[\"192.168.1.7:1952\",\"[fd4d::7]:1952\"],\"address\":\"192.168.1.7:1952\",\
             \"ping_ms\":2.100,\"found_ms\":83}\n]\n"
        );
        assert_eq!(json(&[game.clone(), game]).lines().count(), 4);
        assert_eq!(json(&[]), "[]\n");
    }

    #[test]
    fn open_games_come_first_and_locked_ones_last() {
        let mut games: Vec<Found> =
            ["ACORN-01", "BEACH-02", "CAMEL-03"].map(|code| found(code, "ana", &["10.0.0.1:1"])).into();
        games[0].room.advert.is_locked = true;
        games[1].room.advert.guest = "ben".parse().ok();
        let games =
            games.into_iter().enumerate().map(|(index, game)| (LanRoomId(index as u64), game)).collect();
        let states: Vec<RoomState> = in_order(games).iter().map(|game| game.room.advert.state()).collect();
        assert_eq!(states, [RoomState::Open, RoomState::InPlay, RoomState::Locked]);
    }

    #[test]
    fn two_games_with_one_code_are_both_said() {
        let code = "KITE-42".parse().unwrap();
        let games =
            [found("KITE-42", "ana", &["10.0.0.1:1952"]), found("KITE-42", "ben", &["[fe80::2%3]:1952"])];
        let failure = ambiguous(code, &games);
        assert_eq!(failure.sentence, "2 games on this network have the code KITE-42");
        assert_eq!(
            failure.causes,
            ["of ana: oxo join KITE-42@10.0.0.1:1952", "of ben: oxo join KITE-42@[fe80::2%3]:1952"]
        );
    }
}
