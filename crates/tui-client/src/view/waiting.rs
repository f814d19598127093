//! The screen of who waits for a friend: the code, large, and who may come in by it.

use std::time::Instant;

use net::proto::Visibility;
use ratatui::{
    Frame,
    text::Line,
    widgets::{Paragraph, Wrap},
};
use unicode_width::UnicodeWidthStr;

use super::{Parts, Room};
use server::phrases;

use crate::{
    model::{Game, Model},
    theme::Role,
    words,
};

pub(super) fn draw(model: &Model, game: &Game, now: Instant, parts: Parts, frame: &mut Frame<'_>) {
    let lines = match (parts.room, game.is_watching()) {
        (_, true) => watched(model, game, now),
        (Room::Full, false) => full(model, game, now),
        (Room::Compact, false) => compact(model, game, now),
        (Room::Tiny | Room::TooSmall, false) => tiny(model, game, now),
    };
    frame.render_widget(Paragraph::new(lines).centered().wrap(Wrap { trim: true }), parts.body);
}

fn full(model: &Model, game: &Game, now: Instant) -> Vec<Line<'static>> {
    let theme = model.theme;
    let code = game.snapshot.code.to_string();
    let addresses = addresses(game);
    let is_announced = is_announced(model, game);
    let spaced: Vec<String> = code.chars().map(String::from).collect();
    let mut lines = vec![
        Line::raw(if is_announced {
            "Tell your friend this code:"
        } else {
            "Tell your friend this code and address:"
        }),
        Line::raw(""),
        Line::styled(spaced.join(" "), theme.style(Role::Strong)),
        Line::raw(""),
    ];
    let by_address = words::join_command(game);
    let command = if is_announced { format!("oxo join {code}") } else { by_address.clone() };
    lines.push(Line::raw("or let them type this command:"));
    lines.push(Line::styled(command, theme.style(Role::Call)));
    if is_announced {
        lines.push(Line::raw(format!("Not found? Then {by_address}")));
    }
    lines.push(Line::raw(""));
    lines.extend(address_lines(addresses, is_announced));
    let terms = phrases::terms(&game.snapshot.terms());
    lines.push(Line::raw(format!("{terms}   {}   you play X first", theme.vertical())));
    lines.push(Line::raw(format!("{} {}", waited(game, now), visibility(model, game))));
    lines.push(Line::raw(watchers(game)));
    lines.push(Line::raw(""));
    let watch = if game.snapshot.is_watchable { "let nobody watch" } else { "let others watch" };
    let hear = if game.snapshot.watchers_may_chat { "do not hear them" } else { "hear who watches" };
    for [left, right] in [
        ["c  copy the command", "v  show, hide or lock the game"],
        ["o  play the bot meanwhile", "(you are called back)"],
        [&*format!("w  {watch}"), &*format!("s  {hear}")],
    ] {
        lines.push(Line::raw(format!("{left:<27}{right:<30}")));
    }
    lines
}

/// The addresses of our own server. The best one stands in a command already if friends find the room by its code, and
/// the others then have one line, so that the keys below have theirs.
fn address_lines(addresses: &[String], is_announced: bool) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if is_announced {
        let others = addresses.get(1..).unwrap_or_default().join("   ");
        if others.is_empty() || others.width() > ADDRESS_COLUMNS {
            return Vec::new();
        }
        lines.push(Line::raw(format!("Also at {others}")));
    } else if !addresses.is_empty() {
        lines.push(Line::raw("This machine's addresses, best first:"));
        lines.extend(addresses.iter().map(|address| Line::raw(address.clone())));
    }
    if addresses.iter().any(|address| address.contains("INTERFACE")) {
        lines.push(Line::raw("(INTERFACE is the name of your friend's own, such as eth0)"));
    }
    if !lines.is_empty() {
        lines.push(Line::raw(""));
    }
    lines
}

/// Columns that the addresses of one line may take on a screen of 80.
const ADDRESS_COLUMNS: usize = 66;

fn compact(model: &Model, game: &Game, now: Instant) -> Vec<Line<'static>> {
    let code = game.snapshot.code.to_string();
    let mut lines = vec![
        Line::styled(code, model.theme.style(Role::Strong)),
        Line::raw(words::join_command(game)),
        Line::raw(format!("{} {}", waited(game, now), visibility(model, game))),
        Line::raw(watchers(game)),
    ];
    lines.extend(addresses(game).iter().skip(1).map(|address| Line::raw(address.clone())));
    lines
}

fn tiny(model: &Model, game: &Game, now: Instant) -> Vec<Line<'static>> {
    let passcode = passcode(model, game).map(|passcode| Line::raw(format!("passcode {passcode}")));
    let code = Line::styled(game.snapshot.code.to_string(), model.theme.style(Role::Strong));
    let command = Line::raw(words::join_command(game));
    [code].into_iter().chain(passcode).chain([command, Line::raw(waited(game, now))]).collect()
}

/// What is shown to who watches a room in which nobody plays yet.
fn watched(model: &Model, game: &Game, now: Instant) -> Vec<Line<'static>> {
    let terms = phrases::terms(&game.snapshot.terms());
    let host = model.theme.text(&words::name(game, net::proto::Seat::Host));
    vec![
        Line::styled(game.snapshot.code.to_string(), model.theme.style(Role::Strong)),
        Line::raw(format!("{host} waits for somebody to play {terms}.")),
        Line::raw(waited(game, now)),
        Line::raw("The match shows here when it begins."),
    ]
}

/// Whether who searches this network finds the room.
fn is_announced(model: &Model, game: &Game) -> bool {
    let is_ours = game.online().is_some_and(|online| online.joined.target.is_none());
    is_ours && model.is_announced && game.snapshot.visibility != Visibility::Hidden
}

fn addresses(game: &Game) -> &[String] {
    game.online().map(|online| online.addresses.as_slice()).unwrap_or_default()
}

fn waited(game: &Game, now: Instant) -> String {
    format!("Waiting {}.", words::clock(now.saturating_duration_since(game.shown_at)))
}

/// Who may come in.
fn visibility(model: &Model, game: &Game) -> String {
    match (game.snapshot.visibility, passcode(model, game)) {
        (Visibility::Public, _) if is_announced(model, game) => "Everybody on this LAN can see it.".into(),
        (Visibility::Public, _) => "Everybody can see it and come in.".into(),
        (Visibility::Hidden, _) => "Hidden: only who knows the code comes in.".into(),
        (Visibility::Locked, Some(passcode)) => format!("Locked: passcode {passcode}"),
        (Visibility::Locked, None) => "Locked by a passcode.".into(),
    }
}

/// The passcode that locks the room, if we know it.
fn passcode(model: &Model, game: &Game) -> Option<String> {
    let is_ours = game.snapshot.visibility == Visibility::Locked && model.visibility == Visibility::Locked;
    is_ours.then(|| model.theme.text(model.passcode.as_str()))
}

fn watchers(game: &Game) -> String {
    let snapshot = &game.snapshot;
    let heard = if snapshot.watchers_may_chat { "heard" } else { "not heard" };
    if snapshot.is_watchable {
        format!("{} watching, {heard}.", snapshot.watchers)
    } else {
        "Nobody may watch.".into()
    }
}
