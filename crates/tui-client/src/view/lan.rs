//! The list of the games of this network, and what is looked for there.

use std::time::Instant;

use net::discovery::Advert;
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    text::Line,
    widgets::{Paragraph, Wrap},
};

use super::{
    Parts, Room, header,
    rooms::{Row, board, cut, draw_rows, explain, game},
    screens::text_field,
    wrap,
};
use server::phrases;

use crate::{
    lan_games::{LanGame, Ping, Search},
    lan_list::{LanList, Seeking},
    model::Model,
    theme::Role,
    words,
};

/// Rows of the box that explains the chosen game, with its frame.
const EXPLANATION: u16 = 5;

/// Rows of what is said about the search: on two networks it takes two.
const STATE: u16 = 2;

pub(super) fn list(model: &Model, list: &LanList, now: Instant, parts: Parts, frame: &mut Frame<'_>) {
    let network = network(model);
    match parts.room {
        Room::Full => {
            let right = format!("{} | {network}", model.me);
            header(model, parts, ["oxo", "GAMES ON THIS LAN", &right], frame);
        }
        Room::Compact => header(model, parts, ["GAMES ON THIS LAN", "", &network], frame),
        Room::Tiny | Room::TooSmall => header(model, parts, ["LAN GAMES", "", ""], frame),
    }
    let rows = list.rows(&model.lan);
    let filter_rows = u16::from(list.is_filtering);
    let [titles, explained, said] = match parts.room {
        Room::Full => [1, EXPLANATION, STATE + 1],
        Room::Compact => [0, 2, 0],
        Room::Tiny | Room::TooSmall => [0, 0, 0],
    };
    let explained = if rows.is_empty() { 0 } else { explained };
    let said = if rows.is_empty() { said.min(STATE) } else { said };
    let [head, filter, body, foot, state] = parts.body.layout(&Layout::vertical([
        Constraint::Length(titles),
        Constraint::Length(filter_rows),
        Constraint::Fill(1),
        Constraint::Length(explained),
        Constraint::Length(said),
    ]));
    let title = "   CODE      HOST        GAME               CLOCK   STATE            PING  WATCH";
    frame.render_widget(Paragraph::new(title).style(model.theme.style(Role::Strong)), head);
    frame.render_widget(state_of_search(model, now, !rows.is_empty(), state), state);
    if rows.is_empty() {
        empty(model, list, now, (parts.room, body), frame);
    } else {
        let chosen = list.chosen(&rows);
        let lines: Vec<Row> = rows.iter().map(|game| row(game, parts.room)).collect();
        draw_rows(model, &lines, chosen, (parts.room, body), frame);
        let game = rows[chosen];
        let text = if parts.room == Room::Full { in_words(game) } else { in_few_words(game) };
        explain(model, game.room.advert.code, &text, (parts.room, foot), frame);
    }
    if list.is_filtering && model.overlay.is_none() {
        text_field(model, &list.filter, " Show only: ", filter, frame);
    }
}

pub(super) fn seeking(model: &Model, seeking: &Seeking, parts: Parts, frame: &mut Frame<'_>) {
    header(model, parts, ["oxo", "LOOKING AROUND", model.me.as_str()], frame);
    let text = words::sought(seeking);
    let y = parts.body.y + parts.body.height / 3;
    let area = Rect { y, height: 2, ..parts.body }.intersection(parts.body);
    frame.render_widget(Paragraph::new(text).centered().wrap(Wrap { trim: true }), area);
}

/// `wlan0 ok`, or what is wrong.
fn network(model: &Model) -> String {
    match &model.lan.search {
        Search::Failed(_) => "! no search".into(),
        Search::Off | Search::On { networks: None, .. } => "searching".into(),
        Search::On { networks: Some(networks), .. } => match networks.used.as_slice() {
            [] => "! no network".into(),
            [(interface, ..)] => format!("{interface} ok"),
            several => format!("{} networks ok", several.len()),
        },
    }
}

/// What is said under the games: where is searched, and what to do if one is missing.
fn state_of_search(model: &Model, now: Instant, has_games: bool, area: Rect) -> Paragraph<'static> {
    let columns = usize::from(area.width.saturating_sub(2));
    let text = model.theme.text(&words::search(&model.lan, now));
    let mut lines = wrap(&text, columns);
    lines.truncate(STATE.into());
    if has_games {
        lines.push("Do you miss a game? j takes a code or an address, d checks your network.".into());
    }
    Paragraph::new(lines.into_iter().map(|line| Line::raw(format!(" {line}"))).collect::<Vec<_>>())
}

fn row(found: &LanGame, room_for: Room) -> Row {
    let advert = &found.room.advert;
    let text = match room_for {
        Room::Full => full_row(found),
        Room::Compact => compact_row(advert),
        Room::Tiny | Room::TooSmall => format!("{:<8} {}", advert.code.as_str(), state_word(advert)),
    };
    Row { state: advert.state(), text }
}

/// `KITE-42   ben         3x3  best of 3     30s     waiting          2 ms    yes`
fn full_row(found: &LanGame) -> String {
    let Advert { code, host, guest, terms, is_locked, is_watchable, .. } = &found.room.advert;
    let state = match (guest, is_locked) {
        _ if !found.room.advert.is_understood() => "other version".into(),
        (Some(guest), _) => format!("{} v. {}", cut(host, 5).trim_end(), cut(guest, 5).trim_end()),
        (None, true) => "needs passcode".into(),
        (None, false) => "waiting".into(),
    };
    let watch = if *is_watchable { "yes" } else { "-" };
    let (host, clock) = (cut(host, 11), terms.time.to_string());
    let (game, ping) = (game(terms), ping(found));
    format!("{:<9} {host} {game:<18} {clock:<7} {state:<14} {ping:>6}  {watch:>5}", code.as_str())
}

/// `KITE-42 ben        3x3 bo3  30s open`
fn compact_row(advert: &Advert) -> String {
    let Advert { code, host, terms, .. } = advert;
    let clock = terms.time.to_string();
    let (host, board) = (cut(host, 7), board(terms));
    format!("{:<9}{host} {board:<9}{clock:<6}{}", code.as_str(), state_word(advert))
}

const fn state_word(advert: &Advert) -> &'static str {
    super::rooms::state_word(advert.state())
}

fn ping(found: &LanGame) -> String {
    match found.ping {
        Ping::Awaited => "...".into(),
        Ping::Lost => "-".into(),
        Ping::Answered(answer) => words::milliseconds(answer.rtt),
    }
}

fn in_words(found: &LanGame) -> String {
    let Advert { code, host, guest, terms, is_locked, is_watchable, .. } = &found.room.advert;
    let what = phrases::terms(terms);
    if !found.room.advert.is_understood() {
        return format!(
            "{code} of {host} is served by another version of oxo: it cannot be joined from here."
        );
    }
    let who = match guest {
        Some(guest) => format!("{host} plays {guest}: {what}."),
        None => format!("{host} hosts {what}. You would play O in game 1."),
    };
    let watched = if *is_watchable { "w watches it." } else { "Nobody may watch." };
    let locked = if *is_locked { " A passcode opens it: ask who hosts it." } else { "" };
    let address = found.target().map(|target| format!(" Address {target}")).unwrap_or_default();
    let silence = if found.ping == Ping::Lost { ", which does not answer" } else { "" };
    format!("{who} {watched}{locked}{address}{silence}")
}

/// The same where there is little room.
fn in_few_words(found: &LanGame) -> String {
    let Advert { host, guest, terms, .. } = &found.room.advert;
    let what = phrases::series(terms);
    let ping = found.answer().map(|answer| format!(" Ping {}.", words::milliseconds(answer.rtt)));
    let ping = ping.unwrap_or_default();
    match guest {
        Some(guest) => format!("{host} v. {guest}, {what}.{ping}"),
        None => format!("{what}, you play O.{ping}"),
    }
}

/// The first thing that many see on a real network: it must say what to do.
fn empty(model: &Model, list: &LanList, now: Instant, (room, area): (Room, Rect), frame: &mut Frame<'_>) {
    let nothing = nothing(model, list, now);
    let lines: Vec<String> = match room {
        Room::Full => {
            let mut lines = vec![String::new(), nothing, String::new()];
            lines.extend(
                [
                    "h  Host one. Your friend will see it here, or can type the code.",
                    "j  Type your friend's code (KITE-42) or address (192.168.1.7:1952).",
                    "o  Play the bot.",
                    "",
                    "Usual reasons, most likely first:",
                ]
                .map(str::to_owned),
            );
            lines.extend((1..).zip(words::reasons()).map(|(nth, reason)| format!("  {nth}  {reason}")));
            lines.push("     In a shell, `oxo doctor` runs the checks and says what to open.".into());
            lines
        }
        Room::Compact => {
            vec![nothing, String::new(), "h  host one".into(), "j  type a code or an address".into()]
        }
        Room::Tiny | Room::TooSmall => vec![nothing, "h host  j code".into()],
    };
    let indent = if room == Room::Full { 8 } else { 1 };
    let area = Rect { x: area.x + indent, width: area.width.saturating_sub(indent), ..area };
    let lines: Vec<Line<'_>> = lines.into_iter().map(|line| Line::raw(model.theme.text(&line))).collect();
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), area);
}

/// Why the list is empty.
fn nothing(model: &Model, list: &LanList, now: Instant) -> String {
    if !model.lan.is_empty() {
        return format!("No game has `{}` in it.", list.filter.text());
    }
    match &model.lan.search {
        Search::Off => String::new(),
        Search::Failed(_) => "Games cannot be searched for here.".into(),
        Search::On { since, .. } => match now.saturating_duration_since(*since).as_secs() {
            0 | 1 => "Searching for games.".into(),
            seconds => format!("No games answered in {seconds} seconds."),
        },
    }
}
