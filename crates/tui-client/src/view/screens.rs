//! The screens without a board: the menu, the form, what is under way, what failed.

use std::time::Instant;

use game_core::Level;
use ratatui::{
    Frame,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
    widgets::{Block, Paragraph, Wrap},
};

use unicode_width::UnicodeWidthChar;

use super::{Parts, Room, header, key_of};
use crate::{
    cmd::SavedSeat,
    failure::Failure,
    field::Field,
    keymap::Action,
    model::{Connecting, Game, JoinForm, Menu, Model, Purpose},
    theme::Role,
    words,
};

/// Rows of the menu that belong to the picture, if there is room for it.
const PICTURE_ROWS: u16 = 9;

pub(super) fn menu(model: &Model, menu: &Menu, parts: Parts, frame: &mut Frame<'_>) {
    let version = concat!("oxo ", env!("CARGO_PKG_VERSION"));
    let games = words::lan_briefly(&model.lan);
    let right = match parts.room {
        Room::Full => format!("{} | {games}", model.me),
        Room::Compact => games,
        Room::Tiny | Room::TooSmall => String::new(),
    };
    header(model, parts, [version, "MAIN MENU", &right], frame);
    let entries = model.menu_entries();
    let lines: Vec<Line<'_>> = entries
        .iter()
        .enumerate()
        .map(|(index, entry)| {
            let is_chosen = index == menu.selected.min(entries.len() - 1);
            let (title, help) = entry_words(model, *entry, parts.room);
            let pointer = if is_chosen { ">" } else { " " };
            let style = if is_chosen { model.theme.style(Role::Chosen) } else { Style::new() };
            let key = match entry {
                Action::ReturnTo(nth) => nth.to_string(),
                _ => key_of(*entry).to_owned(),
            };
            let text = format!(" {pointer} {key}  {title:<14}");
            let help = if parts.room == Room::Tiny { String::new() } else { help };
            Line::from(vec![Span::styled(text, style), Span::raw(format!(" {help}"))])
        })
        .collect();
    if parts.room != Room::Full {
        // The chosen entry stays in view.
        let rows = usize::from(parts.body.height);
        let hidden = (menu.selected.min(entries.len() - 1) + 1).saturating_sub(rows);
        let hidden = u16::try_from(hidden).unwrap_or(u16::MAX);
        return frame.render_widget(Paragraph::new(lines).scroll((hidden, 0)), parts.body);
    }
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let list = parts.body.centered(76.into(), height.into());
    // Many entries take the place of the picture.
    let has_picture = height <= parts.body.height.saturating_sub(PICTURE_ROWS);
    if has_picture {
        let picture = parts.body.centered(29.into(), 5.into());
        let width = 60.min(parts.body.width);
        draw_logo(model, Rect { y: parts.body.y + 2, width, height: 5, ..picture }, frame);
    }
    let y = parts.body.y + if has_picture { PICTURE_ROWS } else { 1 };
    let list = Rect { y, ..list }.intersection(parts.body);
    let block = Block::bordered().border_set(model.theme.border());
    frame.render_widget(Paragraph::new(lines).block(block), list);
}

pub(super) fn join_form(model: &Model, form: &JoinForm, parts: Parts, frame: &mut Frame<'_>) {
    let ([short, title], label) = match form.purpose {
        Purpose::Join => (["oxo join", "JOIN A GAME"], "Code, or address, or code@address:"),
        Purpose::Browse => (["oxo browse", "GAMES OF A SERVER"], "Address of the server:"),
        Purpose::Watch => (["oxo watch", "WATCH A GAME"], "Code, or address, or code@address:"),
    };
    header(model, parts, [short, title, model.me.as_str()], frame);
    let area = parts.body;
    let field = labelled_field(model, &form.field, label, parts, frame);
    if parts.room == Room::Full {
        let without_code = match form.purpose {
            Purpose::Join => "  192.168.1.7            any open game there, or wait for one",
            Purpose::Browse | Purpose::Watch => "  192.168.1.7            the list of games there",
        };
        let examples = [
            "For example:",
            "  KITE-42                the game with this code on this network",
            "  KITE-42@192.168.1.7    the game with this code on that machine",
            without_code,
            "  laptop.local:1952      by name, with a port",
            "  fe80::1%eth0           link-local, with your own interface",
        ];
        let place =
            Rect { y: field.y + 2, height: 6, width: area.width.saturating_sub(field.x - area.x), ..field };
        let lines: Vec<Line<'_>> = examples.map(Line::raw).into();
        frame.render_widget(Paragraph::new(lines), place.intersection(area));
    }
}

/// Draws a text field under its label, and the terminal's cursor in it. Returns where the field is.
pub(super) fn labelled_field(
    model: &Model,
    field: &Field,
    label: &str,
    parts: Parts,
    frame: &mut Frame<'_>,
) -> Rect {
    let area = parts.body;
    let width = area.width.saturating_sub(4).min(60);
    let top = if parts.room == Room::Full { area.y + 4 } else { area.y };
    let text = Rect { x: area.x + (area.width - width) / 2, width, y: top, height: 1 };
    frame.render_widget(Paragraph::new(label), text.intersection(area));
    let place = Rect { y: top + 1, ..text }.intersection(area);
    text_field(model, field, "> ", place, frame);
    place
}

/// Draws what is typed into a field behind a prompt, scrolled to the cursor.
pub(super) fn text_field(model: &Model, field: &Field, prompt: &str, area: Rect, frame: &mut Frame<'_>) {
    let before = u16::try_from(prompt.len()).unwrap_or(u16::MAX);
    let width = area.width.saturating_sub(before + 1);
    let scroll = field.input.visual_scroll(usize::from(width));
    let line = Line::from(vec![
        Span::raw(prompt.to_owned()),
        Span::styled(model.theme.text(&skip_columns(field.text(), scroll)), model.theme.style(Role::Strong)),
    ]);
    frame.render_widget(Paragraph::new(line), area);
    let column = field.input.visual_cursor().saturating_sub(scroll);
    let column = u16::try_from(column).unwrap_or(u16::MAX).min(width);
    frame.set_cursor_position(Position::new(area.x + before + column, area.y));
}

/// A text without its first columns.
fn skip_columns(text: &str, columns: usize) -> String {
    let mut skipped = 0;
    let rest = text.chars().skip_while(|character| {
        let is_skipped = skipped < columns;
        skipped += character.width().unwrap_or(0);
        is_skipped
    });
    rest.collect()
}

pub(super) fn connecting(
    model: &Model,
    connecting: &Connecting,
    now: Instant,
    parts: Parts,
    frame: &mut Frame<'_>,
) {
    header(model, parts, ["oxo", "CONNECTING", model.me.as_str()], frame);
    let waited = words::clock(now.saturating_duration_since(connecting.since));
    let text = format!("Connecting to {}  {waited}", model.theme.text(&connecting.what));
    let y = parts.body.y + parts.body.height / 3;
    let area = Rect { y, height: 2, ..parts.body }.intersection(parts.body);
    frame.render_widget(Paragraph::new(text).centered().wrap(Wrap { trim: true }), area);
}

pub(super) fn failed(model: &Model, failure: &Failure, parts: Parts, frame: &mut Frame<'_>) {
    header(model, parts, ["oxo", "THAT DID NOT WORK", model.me.as_str()], frame);
    let mut lines = vec![
        Line::raw(""),
        Line::styled(model.theme.text(&failure.sentence), model.theme.style(Role::Warning)),
    ];
    lines.extend(failure.causes.iter().map(|cause| Line::raw(model.theme.text(&format!("  {cause}")))));
    let area = Rect { x: parts.body.x + 2, width: parts.body.width.saturating_sub(4), ..parts.body };
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), area);
}

fn entry_words(model: &Model, entry: Action, room: Room) -> (&'static str, String) {
    let pick = |long: &str, short: &str| if room == Room::Full { long.to_owned() } else { short.to_owned() };
    let bot = match model.bot_level {
        Level::Easy => "it plays anywhere",
        Level::Perfect => "it never loses",
    };
    match entry {
        Action::Resume => {
            let what = |game: &Game| {
                if game.is_watching() {
                    return format!("watching {}", game.snapshot.code);
                }
                format!("against {}", words::name(game, game.viewpoint().other()))
            };
            ("Resume", model.theme.text(&model.game().map(what).unwrap_or_default()))
        }
        Action::ReturnTo(nth) => {
            let seat = usize::from(nth).checked_sub(1).and_then(|index| model.saved_seats.get(index));
            let words = seat.map(|seat| pick(&return_to(seat), &words::saved_seat(seat)));
            ("Return", model.theme.text(&words.unwrap_or_default()))
        }
        Action::QuickMatch => ("Quick match", pick("join an open game, or host and wait", "join or host")),
        Action::Host => ("Host", pick("show a code your friend can type", "get a code")),
        Action::Join => ("Join by code", pick("KITE-42   or   192.168.1.7:1952", "or by address")),
        Action::Browse => ("Browse LAN", words::games_found(&model.lan, room != Room::Full)),
        Action::Watch => ("Watch", words::games_in_play(&model.lan)),
        Action::LeaveGame => ("Leave it", pick("give up the running game", "give it up")),
        Action::Bot => ("Play the bot", pick(bot, bot)),
        Action::TwoPlayers => ("Two players", pick("share this keyboard", "share this keyboard")),
        _ => ("", String::new()),
    }
}

/// A kept seat, in as many words as a wide menu has room for.
fn return_to(seat: &SavedSeat) -> String {
    let against = seat.opponent.map(|opponent| format!(" against {opponent}")).unwrap_or_default();
    let adjourned = if seat.is_adjourned { ", adjourned" } else { "" };
    format!("{}{against}{adjourned}, {}", seat.code, seat.target)
}

/// The game in small, as it stands in the menu.
fn draw_logo(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    const ROWS: [[&str; 3]; 3] = [["X", "O", "X"], ["O", "X", " "], [" ", " ", "O"]];
    let theme = model.theme;
    let (bar, dash, cross) = (theme.vertical(), theme.horizontal().repeat(5), theme.cross());
    let rule = Line::styled(format!("{dash}{cross}{dash}{cross}{dash}"), theme.style(Role::Faint));
    let says = ["", "tic-tac-toe", "for two people on one network"];
    let mut lines = Vec::new();
    for (row, says) in ROWS.iter().zip(says) {
        if !lines.is_empty() {
            lines.push(rule.clone());
        }
        let [a, b, c] = row.map(|symbol| format!("  {symbol}  "));
        lines.push(Line::raw(format!("{a}{bar}{b}{bar}{c}       {says}")));
    }
    frame.render_widget(Paragraph::new(lines), area);
}
