//! The list of rooms, and the field for the passcode of one.

use std::time::Instant;

use net::{
    discovery::RoomState,
    proto::{Name, RoomCode, RoomLine, Terms},
};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Position, Rect},
    style::Style,
    text::Line,
    widgets::{Block, Paragraph},
};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Parts, Room, header, screens::labelled_field, wrap};
use server::phrases;

use crate::{
    model::{Model, PasscodeForm},
    rooms::{Rooms, group},
    theme::Role,
    words,
};

/// Rows of the box that explains the chosen room, with its frame.
const EXPLANATION: u16 = 5;

pub(super) fn passcode(model: &Model, form: &PasscodeForm, parts: Parts, frame: &mut Frame<'_>) {
    header(model, parts, ["oxo", "A LOCKED ROOM", model.me.as_str()], frame);
    labelled_field(model, &form.field, &format!("Passcode of {}:", form.code), parts, frame);
}

pub(super) fn list(model: &Model, rooms: &Rooms, now: Instant, parts: Parts, frame: &mut Frame<'_>) {
    let what = model.theme.text(&rooms.what);
    match parts.room {
        Room::Full => header(model, parts, ["oxo", &format!("GAMES OF {what}"), model.me.as_str()], frame),
        Room::Compact | Room::Tiny | Room::TooSmall => {
            header(model, parts, [&format!("Games of {what}"), "", ""], frame);
        }
    }
    if rooms.rows().is_empty() {
        return empty(model, rooms, parts, frame);
    }
    let (titles, explained) = match parts.room {
        Room::Full => (1, EXPLANATION),
        Room::Compact => (0, 2),
        Room::Tiny | Room::TooSmall => (0, 0),
    };
    let [head, body, foot] = parts.body.layout(&Layout::vertical([
        Constraint::Length(titles),
        Constraint::Fill(1),
        Constraint::Length(explained),
    ]));
    let title = "   CODE      HOST        GAME               CLOCK   STATE               WATCH";
    frame.render_widget(Paragraph::new(title).style(model.theme.style(Role::Strong)), head);
    let lines: Vec<Row> = rooms.rows().iter().map(|room| row(rooms, room, now, parts.room)).collect();
    draw_rows(model, &lines, rooms.selected_index(), (parts.room, body), frame);
    if let Some(room) = rooms.selected() {
        let text = if parts.room == Room::Full { in_words(rooms, room) } else { in_few_words(room) };
        explain(model, room.code, &text, (parts.room, foot), frame);
    }
}

/// One line of a list.
#[derive(Debug)]
pub(super) struct Row {
    /// The group in which it stands.
    pub(super) state: RoomState,
    /// What it says.
    pub(super) text: String,
}

/// Draws the rows of a list, scrolled to the chosen one, and the terminal's cursor on it.
pub(super) fn draw_rows(
    model: &Model,
    rows: &[Row],
    chosen: usize,
    (room_for, body): (Room, Rect),
    frame: &mut Frame<'_>,
) {
    let (lines, chosen) = lines(model, rows, chosen, room_for);
    let height = usize::from(body.height);
    // The chosen row in the middle, as far as the list goes.
    let first = chosen.saturating_sub(height / 2).min(lines.len().saturating_sub(height));
    let first_row = u16::try_from(first).unwrap_or(u16::MAX);
    frame.render_widget(Paragraph::new(lines).scroll((first_row, 0)), body);
    if let Ok(row) = u16::try_from(chosen - first)
        && model.overlay.is_none()
    {
        frame.set_cursor_position(Position::new(body.x + 1, body.y + row));
    }
}

/// The rows, and between them the names of the groups where there is room; and which of them is chosen.
fn lines(model: &Model, rows: &[Row], chosen: usize, room_for: Room) -> (Vec<Line<'static>>, usize) {
    let mut lines = Vec::new();
    let mut chosen_line = 0;
    let mut last = None;
    for (index, Row { state, text }) in rows.iter().enumerate() {
        if room_for == Room::Full && last != Some(*state) {
            lines.push(group_line(model, *state));
        }
        last = Some(*state);
        let is_chosen = index == chosen;
        if is_chosen {
            chosen_line = lines.len();
        }
        let sign = match (is_chosen, state) {
            (true, _) => '>',
            (false, RoomState::Locked) => '#',
            (false, RoomState::Open | RoomState::InPlay) => ' ',
        };
        let style = if is_chosen { model.theme.style(Role::Chosen) } else { Style::new() };
        lines.push(Line::styled(model.theme.text(&format!(" {sign} {text}")), style));
    }
    (lines, chosen_line)
}

fn row(rooms: &Rooms, room: &RoomLine, now: Instant, room_for: Room) -> Row {
    let state = group(room);
    let text = match room_for {
        Room::Full => full_row(rooms, room, now),
        Room::Compact => compact_row(room),
        Room::Tiny | Room::TooSmall => format!("{:<8} {}", room.code.as_str(), state_word(state)),
    };
    Row { state, text }
}

fn group_line(model: &Model, group: RoomState) -> Line<'static> {
    let dash = model.theme.horizontal();
    let title = match group {
        RoomState::Open => "open",
        RoomState::InPlay => "in play (Enter = watch)",
        RoomState::Locked => "locked",
    };
    let rest = dash.repeat(75_usize.saturating_sub(title.width()));
    Line::styled(format!(" {dash} {title} {rest}"), model.theme.style(Role::Faint))
}

/// `KITE-42   ben         3x3  best of 3    30s    waiting 0:12        -`
fn full_row(rooms: &Rooms, room: &RoomLine, now: Instant) -> String {
    let age = words::clock(rooms.age(room, now));
    let state = match (room.guest, room.is_locked) {
        (Some(guest), _) => format!("{} v. {} {age}", cut(&room.host, 5), cut(&guest, 5)),
        (None, true) => "needs passcode".into(),
        (None, false) => format!("waiting {age}"),
    };
    let watchers = if room.is_watchable { room.watchers.to_string() } else { "-".into() };
    format!(
        "{:<9} {} {:<18} {:<7} {:<21} {watchers:>2}",
        room.code.as_str(),
        cut(&room.host, 11),
        game(&room.terms),
        room.terms.time.to_string(),
        state.trim_end(),
    )
}

/// `KITE-42 ben        3x3 bo3  30s open`
fn compact_row(room: &RoomLine) -> String {
    let (board, clock) = (board(&room.terms), room.terms.time.to_string());
    let state = state_word(group(room));
    format!("{:<9}{} {board:<9}{clock:<6}{state}", room.code.as_str(), cut(&room.host, 7))
}

/// `3x3 bo3`
pub(super) fn board(terms: &Terms) -> String {
    let series = terms.best_of.map(|best_of| format!(" bo{best_of}")).unwrap_or_default();
    format!("{}x{}{series}", terms.rules.columns(), terms.rules.rows())
}

pub(super) const fn state_word(state: RoomState) -> &'static str {
    match state {
        RoomState::Open => "open",
        RoomState::InPlay => "live",
        RoomState::Locked => "lock",
    }
}

/// `3x3  best of 3`, short enough for its column.
pub(super) fn game(terms: &Terms) -> String {
    let rules = terms.rules;
    let board = format!("{}x{}", rules.columns(), rules.rows());
    let in_row = if rules.cells() == 9 { String::new() } else { format!(":{}", rules.in_row()) };
    let series = terms.best_of.map(|best_of| format!("  best of {best_of}")).unwrap_or_default();
    let misere = if rules.is_misere() { " misere" } else { "" };
    format!("{board}{in_row}{misere}{series}")
}

/// A name in exactly so many columns.
pub(super) fn cut(name: &Name, columns: usize) -> String {
    let mut text = String::new();
    for character in name.as_str().chars() {
        if text.width() + character.width().unwrap_or(0) > columns {
            break;
        }
        text.push(character);
    }
    let pad = columns - text.width();
    text + &" ".repeat(pad)
}

/// What the chosen room is, in words.
pub(super) fn explain(
    model: &Model,
    code: RoomCode,
    text: &str,
    (room_for, area): (Room, Rect),
    frame: &mut Frame<'_>,
) {
    let text = model.theme.text(text);
    let columns = usize::from(area.width.saturating_sub(if room_for == Room::Full { 4 } else { 2 }));
    let lines: Vec<Line<'_>> =
        wrap(&text, columns).into_iter().map(|line| Line::raw(format!(" {line}"))).collect();
    let paragraph = Paragraph::new(lines);
    match room_for {
        Room::Full => {
            let block = Block::bordered().border_set(model.theme.border()).title(format!(" {code} "));
            frame.render_widget(paragraph.block(block), area);
        }
        Room::Compact => frame.render_widget(paragraph, area),
        Room::Tiny | Room::TooSmall => {}
    }
}

/// The same where there is little room.
fn in_few_words(room: &RoomLine) -> String {
    let what = phrases::terms(&room.terms);
    match room.guest {
        Some(guest) => format!("{} v. {guest}. {what}.", room.host),
        None => format!("{what}. You would play O."),
    }
}

fn in_words(rooms: &Rooms, room: &RoomLine) -> String {
    let RoomLine { host, guest, .. } = room;
    let what = phrases::terms(&room.terms);
    let who = match guest {
        Some(guest) => format!("{host} plays {guest}: {what}."),
        None => format!("{host} hosts {what}. You would play O in game 1."),
    };
    let watched = match (room.is_watchable, room.watchers) {
        (false, _) => "Nobody may watch.".to_owned(),
        (true, 0) => "w watches it.".to_owned(),
        (true, watchers) => format!("{watchers} watching; w watches it."),
    };
    format!("{who} {watched} Address {}", rooms.target)
}

/// The first thing that many see: it must say what to do.
fn empty(model: &Model, rooms: &Rooms, parts: Parts, frame: &mut Frame<'_>) {
    let lines = match (rooms.has_come(), parts.room) {
        (false, _) => vec!["Waiting for the list."],
        (true, Room::Full) => vec![
            "",
            "Nobody waits or plays there now. A new game shows here by itself.",
            "",
            "h    Host one from this machine. Your friend types the code that you see.",
            "c    Type your friend's code and address (KITE-42@192.168.1.7).",
            "Esc  The menu: o plays the bot, t shares this keyboard.",
            "",
            "Do you miss a game?",
            "  1  It may be hidden: then only its code leads to it.",
            "  2  It may be on another machine: a code belongs to one address.",
        ],
        (true, Room::Compact) => vec!["No games there now.", "", "h  host one", "c  type a code"],
        (true, Room::Tiny | Room::TooSmall) => vec!["No games there.", "h host  c code"],
    };
    let area = if parts.room == Room::Full {
        Rect { x: parts.body.x + 4, width: parts.body.width.saturating_sub(4), ..parts.body }
    } else {
        Rect { x: parts.body.x + 1, width: parts.body.width.saturating_sub(1), ..parts.body }
    };
    let lines: Vec<Line<'_>> = lines.into_iter().map(Line::raw).collect();
    frame.render_widget(Paragraph::new(lines).style(model.theme.style(Role::Plain)), area);
}
