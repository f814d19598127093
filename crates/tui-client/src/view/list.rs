//! The two lists of games: of this network, and of one server.

use net::proto::RoomLine;
use ratatui::Frame;
use server::phrases;

use super::{
    table::{Row, Table},
    text::wrap,
    ui::{Breakpoint, Ui},
};
use crate::{
    format,
    game_search::{REASONS, other_version},
    history::History,
    lan_games::{Contact, LanGame, LanGames, Search},
    lan_list::LanList,
    rooms::Rooms,
    status_line,
};

/// Draws the rooms of a server.
pub(super) fn rooms(ui: &Ui, rooms: &Rooms, history: &History, frame: &mut Frame<'_>) {
    let explain = |room| explain(ui, (room, history), format!("Address {}", rooms.target), "");
    let explained = rooms.selected().map(explain);
    let row = |room: &RoomLine| Row { room: *room, age: rooms.age(room, ui.now), ping: None };
    let table = Table {
        rows: rooms.rows().iter().map(row).collect(),
        total: rooms.rows().len(),
        chosen: rooms.selected_index(),
        filter: None,
        explained: explained.unwrap_or_default(),
        advice: no_rooms(ui, rooms),
        state: Vec::new(),
    };
    let title = format!("games of {}", rooms.target);
    match ui.breakpoint() {
        Breakpoint::Full => ui.header(["", &title, ui.me.as_str()], frame),
        Breakpoint::Compact | Breakpoint::Tiny => ui.header([&title, "", &table.place()], frame),
    }
    table.draw(ui, frame);
}

/// Draws the games on this network.
pub(super) fn lan(ui: &Ui, list: &LanList, (games, history): (&LanGames, &History), frame: &mut Frame<'_>) {
    let found = list.rows(games);
    let chosen = list.chosen(&found);
    let explained = found.get(chosen).map(|game| {
        let address = game.found.target().map(|target| format!("Address {target}")).unwrap_or_default();
        let silence = if game.found.contact == Contact::Lost { ", which does not answer" } else { "" };
        let ping = game.found.route().map(|route| format!(" Ping {}.", format::milliseconds(route.rtt)));
        explain(ui, (game.room, history), address + silence, &ping.unwrap_or_default())
    });
    let table = Table {
        rows: found.iter().map(|game| lan_row(ui, *game)).collect(),
        total: games.len(),
        chosen,
        filter: Some((&list.filter, list.is_filtering)),
        explained: explained.unwrap_or_default(),
        advice: no_games(ui, list, games),
        state: if ui.is_full() { state_of_search(ui, games) } else { Vec::new() },
    };
    let network = network(games);
    let brief = if network.starts_with('!') { network.clone() } else { table.place() };
    match ui.breakpoint() {
        Breakpoint::Full => {
            let right = format!("{} {} {network}", ui.me, ui.theme.dot());
            ui.header(["", "games on this network", &right], frame);
        }
        Breakpoint::Compact => ui.header(["games here", "", &brief], frame),
        Breakpoint::Tiny => ui.header(["games", "", &table.place()], frame),
    }
    table.draw(ui, frame);
}

fn lan_row(ui: &Ui, game: LanGame<'_>) -> Row {
    let ping = match game.found.contact {
        Contact::Awaited => "...".into(),
        Contact::Lost => "-".into(),
        Contact::Answered(route) => format::milliseconds(route.rtt),
    };
    Row { room: *game.room, age: game.age(ui.now), ping: Some(ping) }
}

/// The explanation of a game. Where there is little room, its way is no more than a ping.
fn explain(ui: &Ui, (room, history): (&RoomLine, &History), address: String, ping: &str) -> Vec<String> {
    let RoomLine { host, guest, terms, .. } = room;
    let met = history.record_against(host).map(|met| format!("{met}."));
    if !ui.is_full() {
        let what = phrases::series(terms);
        let first = match guest {
            Some(guest) => format!("{host} v. {guest}, {what}.{ping}"),
            None => format!("{what}, you play O.{ping}"),
        };
        return [first].into_iter().chain(met).collect();
    }
    let what = phrases::terms(terms);
    let subject = match guest {
        Some(guest) => format!("{host} plays {guest}: {what}."),
        None => format!("{host} hosts {what}. You play O in game 1."),
    };
    let watchable = match (room.is_watchable, room.watchers) {
        (true, watchers @ 1..) => format!("{watchers} watching; <lan.watch> watches it."),
        (true, 0) => "<lan.watch> watches it.".into(),
        (false, _) => "Nobody may watch.".into(),
    };
    let locked = if room.is_locked { " It needs a passcode: ask the host." } else { "" };
    [subject].into_iter().chain(met).chain([watchable + locked, address]).collect()
}

/// `wlan0 ok`, or the trouble of the search.
fn network(games: &LanGames) -> String {
    match &games.search {
        Search::Failed(_) => "! no search".into(),
        Search::Off | Search::On { networks: None, .. } => "searching".into(),
        Search::On { networks: Some(networks), .. } => match networks.used.as_slice() {
            [] => "! no network".into(),
            [(interface, ..)] => format!("{interface} ok"),
            several => format!("{} networks ok", several.len()),
        },
    }
}

/// The networks searched, and servers of other versions; on two networks it takes two lines.
fn state_of_search(ui: &Ui, games: &LanGames) -> Vec<String> {
    let mut lines = wrap(&ui.theme.text(&status_line::search(games, ui.now)), ui.body().width.into());
    lines.truncate(2);
    lines.extend(games.of_other_versions().next().map(other_version));
    lines
}

fn no_rooms(ui: &Ui, rooms: &Rooms) -> Vec<String> {
    let lines: &[&str] = match (rooms.has_come(), ui.breakpoint()) {
        (false, _) => &["Waiting for the list."],
        (true, Breakpoint::Full) => &[
            "",
            "Nobody waits or plays there now. New games appear here by themselves.",
            "",
            "<rooms.host>    Host one from this machine. Your friend types the code that you see.",
            "<rooms.join>    Type your friend's code and address (KITE-42@192.168.1.7).",
            "Esc  The menu: <menu.bot> plays the bot, <menu.two-players> shares this keyboard.",
            "",
            "Missing a game?",
            "  1  It may be hidden: then only its code leads to it.",
            "  2  It may be on another machine: a code belongs to one address.",
        ],
        (true, Breakpoint::Compact) => {
            &["No games there now.", "", "<rooms.host>  host one", "<rooms.join>  type a code"]
        }
        (true, Breakpoint::Tiny) => &["No games there.", "<rooms.host> host  <rooms.join> code"],
    };
    lines.iter().map(|line| (*line).to_owned()).collect()
}

fn no_games(ui: &Ui, list: &LanList, games: &LanGames) -> Vec<String> {
    let nothing = match &games.search {
        _ if !games.is_empty() => format!("No game matches `{}`.", list.filter.text()),
        Search::Off => String::new(),
        Search::Failed(_) => "Cannot search for games here.".into(),
        Search::On { since, .. } => match ui.now.saturating_duration_since(*since).as_secs() {
            0 | 1 => "Searching for games.".into(),
            seconds => format!("No games answered in {seconds} seconds."),
        },
    };
    let lines: &[&str] = match ui.breakpoint() {
        Breakpoint::Full => &[
            "",
            "<lan.host>  Host one. Your friend will see it here, or can type the code.",
            "<lan.join>  Type your friend's code (KITE-42) or address (192.168.1.7:1952).",
            "<lan.bot>  Play the bot.",
            "",
            "Usual reasons, most likely first:",
        ],
        Breakpoint::Compact => &["", "<lan.host>  host one", "<lan.join>  type a code or an address"],
        Breakpoint::Tiny => &["<lan.host> host  <lan.join> code"],
    };
    let mut all = if ui.is_full() { vec![String::new(), nothing] } else { vec![nothing] };
    all.extend(lines.iter().map(|line| (*line).to_owned()));
    if ui.is_full() {
        all.extend((1..).zip(REASONS).map(|(nth, reason)| format!("  {nth}  {reason}")));
        all.push("     <lan.doctor>  runs the checks and says what to open.".into());
    }
    all
}
