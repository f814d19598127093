//! The two lists of games: of this network, and of one server.

use std::time::Duration;

use game_core::Mark;
use net::proto::{RoomLine, RoomState, Terms};
use ratatui::{
    Frame,
    layout::Rect,
    text::Line,
    widgets::{Paragraph, Wrap},
};
use server::phrases;
use unicode_width::UnicodeWidthStr;

use super::{
    input,
    table::{self, Areas, Table},
    text::{fit, wrap},
    ui::{Breakpoint, Ui},
};
use crate::{
    buttons::Target,
    format,
    game_search::{REASONS, other_version},
    history::History,
    lan_games::{Contact, LanGame, LanGames, Search},
    lan_list::LanList,
    rooms::Rooms,
    status_line,
    text_input::TextInput,
    theme::Role,
};

/// A list of games on the screen.
struct Games<'a> {
    rows: Vec<Row>,
    /// The number of games, those included that the filter leaves out.
    total: usize,
    /// The chosen row; without any, there is nothing to choose.
    chosen: usize,
    /// The filter, and true while it is typed.
    filter: Option<(&'a TextInput, bool)>,
    /// The explanation of the chosen game, a sentence or two a line.
    explained: Vec<String>,
    /// The advice of an empty list.
    advice: Vec<String>,
    /// The lines below everything.
    state: Vec<String>,
}

/// A row of a list.
struct Row {
    room: RoomLine,
    age: Duration,
    /// The round trip, where it is measured.
    ping: Option<String>,
}

/// The titles of the columns.
const TITLES: [&str; 7] = ["code", "host", "game", "clock", "state", "ping", "watch"];

/// Columns that a list takes at least in the full layout.
const FULL_COLUMNS: u16 = 76;

/// Draws the rooms of a server.
pub(super) fn rooms(ui: &Ui, rooms: &Rooms, history: &History, frame: &mut Frame<'_>) {
    let explain = |room| explain(ui, (room, history), format!("Address {}", rooms.target), "");
    let explained = rooms.selected().map(explain);
    let row = |room: &RoomLine| Row { room: *room, age: rooms.age(room, ui.now), ping: None };
    let games = Games {
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
        Breakpoint::Compact | Breakpoint::Tiny => ui.header([&title, "", &games.place()], frame),
    }
    games.draw(ui, frame);
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
    let shown = Games {
        rows: found.iter().map(|game| lan_row(ui, *game)).collect(),
        total: games.len(),
        chosen,
        filter: Some((&list.filter, list.is_filtering)),
        explained: explained.unwrap_or_default(),
        advice: no_games(ui, list, games),
        state: if ui.is_full() { state_of_search(ui, games) } else { Vec::new() },
    };
    let network = network(games);
    let brief = if network.starts_with('!') { network.clone() } else { shown.place() };
    match ui.breakpoint() {
        Breakpoint::Full => {
            let right = format!("{} {} {network}", ui.me, ui.theme.dot());
            ui.header(["", "games on this network", &right], frame);
        }
        Breakpoint::Compact => ui.header(["games here", "", &brief], frame),
        Breakpoint::Tiny => ui.header(["games", "", &shown.place()], frame),
    }
    shown.draw(ui, frame);
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

impl Games<'_> {
    fn draw(&self, ui: &Ui, frame: &mut Frame<'_>) {
        let has_filter = self.filter.is_some_and(|(typed, is_typed)| is_typed || !typed.text().is_empty());
        let areas = Areas::of(ui, self.rows.is_empty(), table::EXPLAINED, has_filter, self.state.len());
        match self.rows.get(self.chosen) {
            None => draw_advice(ui, &self.advice, areas.rows, frame),
            Some(chosen) => {
                let widths = self.widths(ui.breakpoint(), areas.rows.width);
                let row = |index: usize, is_chosen: bool| {
                    let row = &self.rows[index];
                    (row.cells(ui, widths, is_chosen), Target::Game { row: index, code: row.room.code })
                };
                let table = Table {
                    columns: std::array::from_fn(|nth| (TITLES[nth], widths[nth])),
                    lines: self.lines(ui),
                    chosen: self.chosen,
                    row: &row,
                    title: chosen.room.code.to_string(),
                    explained: &self.explained,
                };
                table.draw(ui, areas, frame);
            }
        }
        self.draw_foot(ui, areas.foot, frame);
        let state = self.state.iter().map(|line| ui.line(line.clone(), Role::Faint));
        frame.render_widget(Paragraph::new(state.collect::<Vec<_>>()), areas.state);
    }

    /// The widths of the columns. Where one has none it is left out.
    fn widths(&self, breakpoint: Breakpoint, width: u16) -> [u16; 7] {
        let has_ping = self.rows.iter().any(|row| row.ping.is_some());
        let mut spare = width;
        // Columns grow in the order in which more of them helps.
        let mut grow = |least: u16, most: u16| {
            let more = spare.min(most - least);
            spare -= more;
            least + more
        };
        match breakpoint {
            Breakpoint::Full => {
                grow(0, FULL_COLUMNS);
                let (host, game) = (grow(11, 16), grow(17, 28));
                let (state, ping) = if has_ping { (grow(16, 26), 6) } else { (grow(23, 26), 0) };
                [8, host, game, 7, state, ping, 5]
            }
            Breakpoint::Compact => {
                grow(0, 37);
                [8, grow(7, 16), grow(9, 18), grow(5, 8), 4, 0, 0]
            }
            Breakpoint::Tiny => {
                grow(0, 14);
                let host = grow(0, 16);
                [8, if host > 3 { host } else { 0 }, 0, 0, 4, 0, 0]
            }
        }
    }

    /// The index of the row on each line: a free line parts the groups where there is room.
    fn lines(&self, ui: &Ui) -> Vec<Option<usize>> {
        let mut lines = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            let begins_group = index > 0 && self.rows[index - 1].room.state() != row.room.state();
            lines.extend((ui.is_full() && begins_group).then_some(None));
            lines.push(Some(index));
        }
        lines
    }

    /// `2 of 5`
    fn place(&self) -> String {
        table::place(self.chosen, self.rows.len())
    }

    /// Draws the filter, or the number of games.
    fn draw_foot(&self, ui: &Ui, area: Rect, frame: &mut Frame<'_>) {
        let area = Rect { width: area.width.saturating_sub(10), ..area };
        let line = match self.filter {
            Some((typed, true)) if ui.has_focus => {
                return input::draw(ui.theme, typed, "Show only: ", area, frame);
            }
            Some((typed, _)) if !typed.text().is_empty() => {
                let (shown, total) = (self.rows.len(), self.total);
                let text = format!("{shown} of {total} match {}", typed.text());
                ui.line(fit(&ui.theme.text(&text), area.width.into()), Role::Strong)
            }
            Some(_) | None if self.total == 0 => return,
            Some(_) | None => ui.line(format::counted(self.total, "game"), Role::Faint),
        };
        frame.render_widget(line, area);
    }
}

impl Row {
    fn cells(&self, ui: &Ui, widths: [u16; 7], is_chosen: bool) -> [(String, Role); 7] {
        let RoomLine { code, host, terms, .. } = &self.room;
        let [_, _, game_columns, _, state_columns, ..] = widths.map(usize::from);
        let [strong, role] = if is_chosen { [Role::Strong, Role::Plain] } else { [Role::Plain, Role::Faint] };
        let state = match self.room.state() {
            _ if ui.is_full() => state(&self.room, self.age, state_columns),
            RoomState::Open => "open".into(),
            RoomState::InPlay => "live".into(),
            RoomState::Locked => "lock".into(),
        };
        [
            (code.to_string(), strong),
            (host.to_string(), role),
            (game(terms, game_columns), role),
            (terms.time.to_string(), role),
            (state, if self.room.state() == RoomState::Open { Role::Good } else { role }),
            (self.ping.clone().unwrap_or_default(), role),
            (watchers(&self.room), role),
        ]
    }
}

/// The state of a room, and for how long it has lasted: `waiting 0:12`, `v. eve 3:05` beside the host.
fn state(room: &RoomLine, age: Duration, width: usize) -> String {
    let age = format::clock(age);
    match (room.guest, room.is_locked) {
        (Some(guest), _) => {
            let name = fit(guest.as_str(), width.saturating_sub(age.len() + 4));
            format!("v. {} {age}", name.trim_end())
        }
        (None, true) => "needs passcode".into(),
        (None, false) => format!("waiting {age}"),
    }
}

/// The number of watchers; a dash where nobody may watch.
fn watchers(room: &RoomLine) -> String {
    match room.watchers {
        _ if !room.is_watchable => "-".into(),
        0 => String::new(),
        watchers => watchers.to_string(),
    }
}

/// The rules and the length of the series in as many words as fit.
fn game(terms: &Terms, width: usize) -> String {
    let rules = terms.rules;
    let in_row = if rules.cells() == 9 { String::new() } else { format!(":{}", rules.in_row()) };
    let misere = if rules.is_misere() { " misere" } else { "" };
    let board = format!("{}x{}{in_row}{misere}", rules.columns(), rules.rows());
    let [long, short] = [", best of ", " bo"]
        .map(|word| terms.best_of.map(|best_of| format!("{word}{best_of}")).unwrap_or_default());
    let ways = [phrases::series(terms), format!("{board}{long}"), format!("{board}{short}")];
    ways.iter().find(|way| way.width() <= width).unwrap_or(&ways[2]).clone()
}

/// Draws an empty list. It is the first thing that many see, so it says what to do.
fn draw_advice(ui: &Ui, lines: &[String], area: Rect, frame: &mut Frame<'_>) {
    let indent = if ui.is_full() { 6 } else { 0 };
    let area = Rect { x: area.x + indent, width: area.width.saturating_sub(indent), ..area };
    ui.note_keys(lines.iter().map(|line| ui.text(line)), area);
    let lines = lines.iter().map(|line| {
        let line = ui.text(line);
        match line.split_once("  ").filter(|(key, _)| !key.is_empty() && !key.contains(' ')) {
            Some((key, rest)) => {
                Line::from(vec![ui.span(key.to_owned(), Role::Mark(Mark::X)), format!("  {rest}").into()])
            }
            None if line.starts_with(' ') => ui.line(line, Role::Faint),
            None => Line::raw(line),
        }
    });
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()).wrap(Wrap { trim: false }), area);
}
