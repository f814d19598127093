//! The two lists of games: of this network, and of one server.

use std::time::Duration;

use net::proto::{RoomCode, RoomLine, RoomState, Terms};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Position, Rect},
    style::Style,
    text::Line,
    widgets::{Block, Paragraph, Wrap},
};
use server::phrases;
use unicode_width::UnicodeWidthStr;

use super::{
    input,
    text::{fit, wrap},
    ui::{Breakpoint, Ui},
};
use crate::{
    format,
    game_search::{REASONS, other_version},
    lan_games::{Contact, LanGame, LanGames, Search},
    lan_list::LanList,
    rooms::Rooms,
    status_line,
    theme::Role,
};

/// A row of a list.
struct Row {
    room: RoomLine,
    /// The text behind the clock, in the full layout.
    rest: String,
}

/// Rows of the box that explains the chosen game, with its frame.
const EXPLANATION: u16 = 5;

/// Rows of the text about the search: on two networks it takes two.
const STATE: u16 = 2;

/// Draws the rooms of a server.
pub(super) fn rooms(ui: &Ui, rooms: &Rooms, frame: &mut Frame<'_>) {
    if ui.is_full() {
        ui.header(["", &format!("games of {}", rooms.target), ui.me.as_str()], frame);
    } else {
        ui.header([&format!("games of {}", rooms.target), "", ""], frame);
    }
    let Some(room) = rooms.selected() else {
        return empty(ui, &no_rooms(ui, rooms), 4, ui.body(), frame);
    };
    let [head, _, body, foot, _] = areas(ui, [0, 0]);
    title(ui, "   CODE      HOST        GAME               CLOCK   STATE               WATCH", head, frame);
    let rows: Vec<Row> = rooms.rows().iter().map(|room| room_row(ui, rooms, room)).collect();
    draw_rows(ui, &rows, rooms.selected_index(), body, frame);
    let watched = watchable(room);
    let text = match ui.breakpoint() {
        Breakpoint::Full => format!("{} {watched} Address {}", subject(room), rooms.target),
        _ => in_few_words(room, ""),
    };
    explain(ui, room.code, &text, foot, frame);
}

/// Draws the games on this network.
pub(super) fn lan(ui: &Ui, list: &LanList, games: &LanGames, frame: &mut Frame<'_>) {
    let network = network(games);
    match ui.breakpoint() {
        Breakpoint::Full => {
            ui.header(
                ["", "games on this network", &format!("{} {} {network}", ui.me, ui.theme.dot())],
                frame,
            );
        }
        Breakpoint::Compact => ui.header(["games here", "", &network], frame),
        Breakpoint::Tiny => ui.header(["games", "", ""], frame),
    }
    let found = list.rows(games);
    let state_rows = match (ui.is_full(), found.is_empty()) {
        (false, _) => 0,
        (true, true) => STATE,
        (true, false) => STATE + 1,
    };
    let [head, filter, body, foot, state] = areas(ui, [u16::from(list.is_filtering), state_rows]);
    title(
        ui,
        "   CODE      HOST        GAME               CLOCK   STATE                PING  W",
        head,
        frame,
    );
    frame.render_widget(state_of_search(ui, games, !found.is_empty(), state), state);
    let chosen = list.chosen(&found);
    if let Some(game) = found.get(chosen) {
        let rows: Vec<Row> = found.iter().map(|game| lan_row(ui, *game)).collect();
        draw_rows(ui, &rows, chosen, body, frame);
        let ping = game.found.route().map(|route| format!(" Ping {}.", format::milliseconds(route.rtt)));
        let text = match ui.breakpoint() {
            Breakpoint::Full => in_words(*game),
            _ => in_few_words(game.room, &ping.unwrap_or_default()),
        };
        explain(ui, game.room.code, &text, foot, frame);
    } else {
        // The explanation has nothing to explain.
        let body = Rect { height: body.height + foot.height, ..body };
        empty(ui, &no_games(ui, list, games), 8, body, frame);
    }
    if list.is_filtering && ui.has_focus {
        input::draw(ui.theme, &list.filter, " Show only: ", filter, frame);
    }
}

/// The title line, the filter, the rows, the explanation and the state of the search.
fn areas(ui: &Ui, [filter, state]: [u16; 2]) -> [Rect; 5] {
    let [titles, explained] = match ui.breakpoint() {
        Breakpoint::Full => [1, EXPLANATION],
        Breakpoint::Compact => [0, 2],
        Breakpoint::Tiny => [0, 0],
    };
    ui.body().layout(&Layout::vertical([
        Constraint::Length(titles),
        Constraint::Length(filter),
        Constraint::Fill(1),
        Constraint::Length(explained),
        Constraint::Length(state),
    ]))
}

fn title(ui: &Ui, title: &str, area: Rect, frame: &mut Frame<'_>) {
    frame.render_widget(Paragraph::new(title).style(ui.theme.style(Role::Strong)), area);
}

/// Draws the rows, scrolled to the chosen one, and the terminal's cursor on it.
fn draw_rows(ui: &Ui, rows: &[Row], chosen: usize, body: Rect, frame: &mut Frame<'_>) {
    let (lines, chosen) = lines(ui, rows, chosen);
    let height = usize::from(body.height);
    // The chosen row in the middle, as far as the list goes.
    let first = chosen.saturating_sub(height / 2).min(lines.len().saturating_sub(height));
    let first_row = u16::try_from(first).unwrap_or(u16::MAX);
    frame.render_widget(Paragraph::new(lines).scroll((first_row, 0)), body);
    if let Ok(row) = u16::try_from(chosen - first)
        && ui.has_focus
    {
        frame.set_cursor_position(Position::new(body.x + 1, body.y + row));
    }
}

/// The rows, between them the names of the groups where there is room, and the line of the chosen row.
fn lines(ui: &Ui, rows: &[Row], chosen: usize) -> (Vec<Line<'static>>, usize) {
    let mut lines = Vec::new();
    let mut chosen_line = 0;
    let mut last = None;
    for (index, row) in rows.iter().enumerate() {
        let state = row.room.state();
        if ui.is_full() && last != Some(state) {
            lines.push(group_line(ui, state));
        }
        last = Some(state);
        let is_chosen = index == chosen;
        if is_chosen {
            chosen_line = lines.len();
        }
        let sign = match (is_chosen, state) {
            (true, _) => '>',
            (false, RoomState::Locked) => '#',
            (false, RoomState::Open | RoomState::InPlay) => ' ',
        };
        let style = if is_chosen { ui.theme.style(Role::Chosen) } else { Style::new() };
        let text = format!(" {sign} {}", row.text(ui.breakpoint()));
        lines.push(Line::styled(ui.theme.text(&text), style));
    }
    (lines, chosen_line)
}

fn group_line(ui: &Ui, group: RoomState) -> Line<'static> {
    let dash = ui.theme.horizontal();
    let title = match group {
        RoomState::Open => "open",
        RoomState::InPlay => "in play (Enter = watch)",
        RoomState::Locked => "locked",
    };
    let rest = dash.repeat(75_usize.saturating_sub(title.width()));
    Line::styled(format!(" {dash} {title} {rest}"), ui.theme.style(Role::Faint))
}

impl Row {
    fn text(&self, breakpoint: Breakpoint) -> String {
        let RoomLine { code, host, terms, .. } = &self.room;
        let clock = terms.time.to_string();
        let state = match self.room.state() {
            RoomState::Open => "open",
            RoomState::InPlay => "live",
            RoomState::Locked => "lock",
        };
        let code = code.as_str();
        match breakpoint {
            // `KITE-42   ben         3x3  best of 3     30s     waiting          2 ms    yes`
            Breakpoint::Full => {
                let (host, game) = (fit(host.as_str(), 11), game(terms));
                format!("{code:<9} {host} {game:<18} {clock:<7} {}", self.rest)
            }
            // `KITE-42 ben        3x3 bo3  30s open`
            Breakpoint::Compact => {
                let (host, board) = (fit(host.as_str(), 7), board(terms));
                format!("{code:<9}{host} {board:<9}{clock:<6}{state}")
            }
            Breakpoint::Tiny => format!("{code:<8} {state}"),
        }
    }
}

fn room_row(ui: &Ui, rooms: &Rooms, room: &RoomLine) -> Row {
    let state = state(room, rooms.age(room, ui.now));
    Row { room: *room, rest: format!("{state:<21} {:>2}", watchers(room)) }
}

fn lan_row(ui: &Ui, game: LanGame<'_>) -> Row {
    let state = state(game.room, game.age(ui.now));
    let ping = match game.found.contact {
        Contact::Awaited => "...".into(),
        Contact::Lost => "-".into(),
        Contact::Answered(route) => format::milliseconds(route.rtt),
    };
    Row { room: *game.room, rest: format!("{state:<19} {ping:>5} {:>2}", watchers(game.room)) }
}

/// The state of a room, and for how long it has lasted: `waiting 0:12`, `ben v. eve 3:05`.
fn state(room: &RoomLine, age: Duration) -> String {
    let short = |name: &str| fit(name, 5).trim_end().to_owned();
    let age = format::clock(age);
    match (room.guest, room.is_locked) {
        (Some(guest), _) => format!("{} v. {} {age}", short(room.host.as_str()), short(guest.as_str())),
        (None, true) => "needs passcode".into(),
        (None, false) => format!("waiting {age}"),
    }
}

fn watchers(room: &RoomLine) -> String {
    if room.is_watchable { room.watchers.to_string() } else { "-".into() }
}

/// `3x3 bo3`
fn board(terms: &Terms) -> String {
    let series = terms.best_of.map(|best_of| format!(" bo{best_of}")).unwrap_or_default();
    format!("{}x{}{series}", terms.rules.columns(), terms.rules.rows())
}

/// `3x3  best of 3`, short enough for its column.
fn game(terms: &Terms) -> String {
    let rules = terms.rules;
    let board = format!("{}x{}", rules.columns(), rules.rows());
    let in_row = if rules.cells() == 9 { String::new() } else { format!(":{}", rules.in_row()) };
    let series = terms.best_of.map(|best_of| format!("  best of {best_of}")).unwrap_or_default();
    let misere = if rules.is_misere() { " misere" } else { "" };
    format!("{board}{in_row}{misere}{series}")
}

/// Draws the explanation of the chosen game.
fn explain(ui: &Ui, code: RoomCode, text: &str, area: Rect, frame: &mut Frame<'_>) {
    let columns = usize::from(area.width.saturating_sub(if ui.is_full() { 4 } else { 2 }));
    let text = wrap(&ui.theme.text(text), columns).into_iter();
    let paragraph = Paragraph::new(text.map(|line| Line::raw(format!(" {line}"))).collect::<Vec<_>>());
    if ui.is_full() {
        let block = Block::bordered().border_set(ui.theme.border()).title(format!(" {code} "));
        frame.render_widget(paragraph.block(block), area);
    } else {
        frame.render_widget(paragraph, area);
    }
}

fn subject(room: &RoomLine) -> String {
    let RoomLine { host, guest, terms, .. } = room;
    let what = phrases::terms(terms);
    match guest {
        Some(guest) => format!("{host} plays {guest}: {what}."),
        None => format!("{host} hosts {what}. You would play O in game 1."),
    }
}

fn watchable(room: &RoomLine) -> String {
    match (room.is_watchable, room.watchers) {
        (true, watchers @ 1..) => format!("{watchers} watching; w watches it."),
        (true, 0) => "w watches it.".into(),
        (false, _) => "Nobody may watch.".into(),
    }
}

fn in_words(LanGame { found, room, .. }: LanGame<'_>) -> String {
    let locked = if room.is_locked { " It needs a passcode: ask the host." } else { "" };
    let address = found.target().map(|target| format!(" Address {target}")).unwrap_or_default();
    let silence = if found.contact == Contact::Lost { ", which does not answer" } else { "" };
    format!("{} {}{locked}{address}{silence}", subject(room), watchable(room))
}

fn in_few_words(room: &RoomLine, ping: &str) -> String {
    let what = phrases::series(&room.terms);
    match room.guest {
        Some(guest) => format!("{} v. {guest}, {what}.{ping}", room.host),
        None => format!("{what}, you play O.{ping}"),
    }
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

/// The networks searched, and advice for a player who misses a game.
fn state_of_search(ui: &Ui, games: &LanGames, has_games: bool, area: Rect) -> Paragraph<'static> {
    let columns = usize::from(area.width.saturating_sub(2));
    let text = ui.theme.text(&status_line::search(games, ui.now));
    let mut lines = wrap(&text, columns);
    lines.truncate(STATE.into());
    lines.extend(games.of_other_versions().next().filter(|_| lines.len() < STATE.into()).map(other_version));
    if has_games {
        lines.push("Missing a game? j takes a code or an address, d checks your network.".into());
    }
    Paragraph::new(lines.into_iter().map(|line| Line::raw(format!(" {line}"))).collect::<Vec<_>>())
}

/// Draws an empty list. It is the first thing that many see, so it says what to do.
fn empty(ui: &Ui, lines: &[String], indent: u16, area: Rect, frame: &mut Frame<'_>) {
    let indent = if ui.is_full() { indent } else { 1 };
    let area = Rect { x: area.x + indent, width: area.width.saturating_sub(indent), ..area };
    let lines: Vec<Line<'_>> = lines.iter().map(|line| Line::raw(ui.theme.text(line))).collect();
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), area);
}

fn no_rooms(ui: &Ui, rooms: &Rooms) -> Vec<String> {
    let lines: &[&str] = match (rooms.has_come(), ui.breakpoint()) {
        (false, _) => &["Waiting for the list."],
        (true, Breakpoint::Full) => &[
            "",
            "Nobody waits or plays there now. New games appear here by themselves.",
            "",
            "h    Host one from this machine. Your friend types the code that you see.",
            "c    Type your friend's code and address (KITE-42@192.168.1.7).",
            "Esc  The menu: o plays the bot, t shares this keyboard.",
            "",
            "Missing a game?",
            "  1  It may be hidden: then only its code leads to it.",
            "  2  It may be on another machine: a code belongs to one address.",
        ],
        (true, Breakpoint::Compact) => &["No games there now.", "", "h  host one", "c  type a code"],
        (true, Breakpoint::Tiny) => &["No games there.", "h host  c code"],
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
            "h  Host one. Your friend will see it here, or can type the code.",
            "j  Type your friend's code (KITE-42) or address (192.168.1.7:1952).",
            "o  Play the bot.",
            "",
            "Usual reasons, most likely first:",
        ],
        Breakpoint::Compact => &["", "h  host one", "j  type a code or an address"],
        Breakpoint::Tiny => &["h host  j code"],
    };
    let mut all = if ui.is_full() { vec![String::new(), nothing] } else { vec![nothing] };
    all.extend(lines.iter().map(|line| (*line).to_owned()));
    if ui.is_full() {
        all.extend((1..).zip(REASONS).map(|(nth, reason)| format!("  {nth}  {reason}")));
        all.push("     d  runs the checks and says what to open.".into());
    }
    all
}
