//! The screen of a player who waits for a friend: the code, large, and the visibility of the room.

use net::proto::{Passcode, Seat, Visibility};
use ratatui::{
    Frame,
    text::Line,
    widgets::{Paragraph, Wrap},
};
use server::phrases;
use unicode_width::UnicodeWidthStr;

use super::ui::{Breakpoint, Ui};
use crate::{format, game::Game, online::Online, theme::Role};

/// The facts about our own rooms that the screen shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnRooms {
    /// True if our own server announces them to the network.
    pub(super) is_announced: bool,
    /// Their passcode, if they are locked.
    pub(super) passcode: Option<Passcode>,
}

pub(super) fn draw(ui: &Ui, game: &Game, own: OwnRooms, frame: &mut Frame<'_>) {
    let lines = match (ui.breakpoint(), game.is_watching()) {
        (_, true) => watched(ui, game),
        (Breakpoint::Full, false) => full(ui, game, own),
        (Breakpoint::Compact, false) => compact(ui, game, own),
        (Breakpoint::Tiny, false) => tiny(ui, game, own),
    };
    frame.render_widget(Paragraph::new(lines).centered().wrap(Wrap { trim: true }), ui.body());
}

fn full(ui: &Ui, game: &Game, own: OwnRooms) -> Vec<Line<'static>> {
    let theme = ui.theme;
    let code = game.snapshot.code.to_string();
    let addresses = addresses(game);
    let is_announced = is_announced(game, own);
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
    let by_address = game.join_command();
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
    lines.push(Line::raw(format!("{} {}", waited(ui, game), visibility(ui, game, own))));
    lines.push(Line::raw(watchers(game)));
    lines.push(Line::raw(""));
    let watch = if game.snapshot.is_watchable { "let nobody watch" } else { "let others watch" };
    let hear = if game.snapshot.watchers_may_chat { "mute watchers" } else { "hear watchers" };
    for [left, right] in [
        ["c  copy the command", "v  show, hide or lock the game"],
        ["o  play the bot meanwhile", "(you are called back)"],
        [&*format!("w  {watch}"), &*format!("s  {hear}")],
    ] {
        lines.push(Line::raw(format!("{left:<27}{right:<30}")));
    }
    lines
}

/// The addresses of our own server. If friends find the room by its code, the best address stands in a command already, and
/// the others share one line, to leave room for the keys below.
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

/// The widest line of addresses on a screen of 80 columns.
const ADDRESS_COLUMNS: usize = 66;

fn compact(ui: &Ui, game: &Game, own: OwnRooms) -> Vec<Line<'static>> {
    let code = game.snapshot.code.to_string();
    let mut lines = vec![
        Line::styled(code, ui.theme.style(Role::Strong)),
        Line::raw(game.join_command()),
        Line::raw(format!("{} {}", waited(ui, game), visibility(ui, game, own))),
        Line::raw(watchers(game)),
    ];
    lines.extend(addresses(game).iter().skip(1).map(|address| Line::raw(address.clone())));
    lines
}

fn tiny(ui: &Ui, game: &Game, own: OwnRooms) -> Vec<Line<'static>> {
    let passcode = passcode(ui, game, own).map(|passcode| Line::raw(format!("passcode {passcode}")));
    let code = Line::styled(game.snapshot.code.to_string(), ui.theme.style(Role::Strong));
    let command = Line::raw(game.join_command());
    [code].into_iter().chain(passcode).chain([command, Line::raw(waited(ui, game))]).collect()
}

/// The screen of a spectator while nobody plays yet.
fn watched(ui: &Ui, game: &Game) -> Vec<Line<'static>> {
    let terms = phrases::terms(&game.snapshot.terms());
    let host = ui.theme.text(game.name(Seat::Host));
    vec![
        Line::styled(game.snapshot.code.to_string(), ui.theme.style(Role::Strong)),
        Line::raw(format!("{host} waits for somebody to play {terms}.")),
        Line::raw(waited(ui, game)),
        Line::raw("The match shows here when it begins."),
    ]
}

/// Tells whether a search of this network finds the room.
fn is_announced(game: &Game, own: OwnRooms) -> bool {
    game.online().is_some_and(Online::is_own_server)
        && own.is_announced
        && game.snapshot.visibility != Visibility::Hidden
}

fn addresses(game: &Game) -> &[String] {
    game.online().map(|online| online.addresses.as_slice()).unwrap_or_default()
}

fn waited(ui: &Ui, game: &Game) -> String {
    format!("Waiting {}.", format::clock(ui.now.saturating_duration_since(game.shown_at)))
}

/// The visibility of the room in words.
fn visibility(ui: &Ui, game: &Game, own: OwnRooms) -> String {
    match (game.snapshot.visibility, passcode(ui, game, own)) {
        (Visibility::Public, _) if is_announced(game, own) => "Everybody on this LAN can see it.".into(),
        (Visibility::Public, _) => "Everybody can see it and join.".into(),
        (Visibility::Hidden, _) => "Hidden: only people with the code can join.".into(),
        (Visibility::Locked, Some(passcode)) => format!("Locked: passcode {passcode}"),
        (Visibility::Locked, None) => "Locked by a passcode.".into(),
    }
}

/// The passcode of the room, if it is known.
fn passcode(ui: &Ui, game: &Game, own: OwnRooms) -> Option<String> {
    let passcode = own.passcode.filter(|_| game.snapshot.visibility == Visibility::Locked)?;
    Some(ui.theme.text(passcode.as_str()))
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
