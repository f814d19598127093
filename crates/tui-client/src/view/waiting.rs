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
use crate::{
    format,
    game::Game,
    own_place::{OwnPlace, Reach},
    theme::Role,
};

/// Draws the screen. `passcode` is that of our own rooms, if they are locked.
pub(super) fn draw(ui: &Ui, game: &Game, passcode: Option<Passcode>, frame: &mut Frame<'_>) {
    let room = Room { ui, game, passcode };
    let lines = match (ui.breakpoint(), game.is_watching()) {
        (_, true) => watched(ui, game),
        (Breakpoint::Full, false) => room.full(),
        (Breakpoint::Compact, false) => room.compact(),
        (Breakpoint::Tiny, false) => room.tiny(),
    };
    frame.render_widget(Paragraph::new(lines).centered().wrap(Wrap { trim: true }), ui.body());
}

/// A room of ours that waits.
struct Room<'a> {
    ui: &'a Ui,
    game: &'a Game,
    passcode: Option<Passcode>,
}

impl Room<'_> {
    fn full(&self) -> Vec<Line<'static>> {
        let Self { ui, game, .. } = self;
        let theme = ui.theme;
        let code = game.snapshot.code.to_string();
        let spaced: Vec<String> = code.chars().map(String::from).collect();
        let spaced = Line::styled(spaced.join(" "), theme.style(Role::Strong));
        let by_address = game.join_command();
        let blank = Line::raw("");
        let mut lines = if self.is_found_by_code() {
            vec![
                Line::raw("Tell your friend this code:"),
                blank.clone(),
                spaced,
                blank.clone(),
                Line::raw("or let them type this command:"),
                Line::styled(format!("oxo join {code}"), theme.style(Role::Call)),
                Line::raw(format!("Not found? Then {by_address}")),
                blank.clone(),
            ]
        } else {
            vec![
                Line::raw("Tell your friend this address and code:"),
                blank.clone(),
                Line::styled(by_address, theme.style(Role::Call)),
                blank.clone(),
                spaced,
                blank.clone(),
            ]
        };
        lines.extend(self.address_lines());
        let terms = phrases::terms(&game.snapshot.terms());
        lines.push(Line::raw(format!("{terms}   {}   you play X first", theme.vertical())));
        lines.extend(self.state());
        lines.push(blank);
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

    fn compact(&self) -> Vec<Line<'static>> {
        let code = Line::styled(self.game.snapshot.code.to_string(), self.ui.theme.style(Role::Strong));
        let mut lines = vec![code, Line::raw(self.game.join_command())];
        lines.extend(self.state());
        lines.extend(self.addresses().iter().skip(1).map(|address| Line::raw(address.clone())));
        lines
    }

    fn tiny(&self) -> Vec<Line<'static>> {
        let passcode = self.passcode().map(|passcode| Line::raw(format!("passcode {passcode}")));
        let code = Line::styled(self.game.snapshot.code.to_string(), self.ui.theme.style(Role::Strong));
        let command = Line::raw(self.game.join_command());
        let waited = Line::raw(waited(self.ui, self.game));
        [code].into_iter().chain(passcode).chain([command, waited]).collect()
    }

    /// The other addresses of our own server. If friends find the room by its code, they share one line, to leave room for
    /// the keys below.
    fn address_lines(&self) -> Vec<Line<'static>> {
        let others = self.addresses().get(1..).unwrap_or_default();
        let joined = others.join("   ");
        if others.is_empty() || self.is_found_by_code() && joined.width() > ADDRESS_COLUMNS {
            return Vec::new();
        }
        let mut lines = if joined.width() > ADDRESS_COLUMNS {
            let also = others.iter().map(|address| Line::raw(address.clone()));
            std::iter::once(Line::raw("Also at:")).chain(also).collect()
        } else {
            vec![Line::raw(format!("Also at {joined}"))]
        };
        if self.addresses().iter().any(|address| address.contains("INTERFACE")) {
            lines.push(Line::raw("(INTERFACE is the name of your friend's own, such as eth0)"));
        }
        lines.push(Line::raw(""));
        lines
    }

    /// The time so far, who can come, and who can watch.
    fn state(&self) -> Vec<Line<'static>> {
        let visibility = self.game.snapshot.visibility;
        let who = match (visibility, self.passcode(), self.reach()) {
            _ if self.game.down().is_some() => "Nobody can join until your connection is back.".into(),
            (Visibility::Public, _, Some(reach)) => reach.words().into(),
            (Visibility::Public, _, None) => "Everybody can see it and join.".into(),
            (Visibility::Hidden, ..) => "Hidden: only people with the code can join.".into(),
            (Visibility::Locked, Some(passcode), _) => format!("Locked: passcode {passcode}"),
            (Visibility::Locked, None, _) => "Locked by a passcode.".into(),
        };
        let mut lines = vec![Line::raw(format!("{} {who}", waited(self.ui, self.game)))];
        let is_told = visibility == Visibility::Public;
        let trouble = self.reach().filter(|reach| !is_told && *reach != Reach::Everybody);
        lines.extend(trouble.map(|reach| Line::raw(reach.words())));
        if self.game.quick_match().is_some() {
            lines.push(Line::raw("Your quick match still looks for another open game."));
        }
        lines.push(Line::raw(watchers(self.game)));
        lines
    }

    /// Tells whether a search of this network finds the room by its code, as it does even if the room is hidden.
    fn is_found_by_code(&self) -> bool {
        self.reach().is_some_and(Reach::is_announced)
    }

    /// The reach of our own server; `None` for a room on another one.
    fn reach(&self) -> Option<Reach> {
        self.own_place().map(|place| place.reach)
    }

    fn addresses(&self) -> &[String] {
        self.own_place().map(|place| place.addresses.as_slice()).unwrap_or_default()
    }

    fn own_place(&self) -> Option<&OwnPlace> {
        self.game.online()?.own_place.as_ref()
    }

    /// The passcode of the room, if it is known.
    fn passcode(&self) -> Option<String> {
        let passcode = self.passcode.filter(|_| self.game.snapshot.visibility == Visibility::Locked)?;
        Some(self.ui.theme.text(passcode.as_str()))
    }
}

/// The widest line of addresses on a screen of 80 columns.
const ADDRESS_COLUMNS: usize = 66;

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

fn waited(ui: &Ui, game: &Game) -> String {
    format!("Waiting {}.", format::clock(ui.now.saturating_duration_since(game.shown_at)))
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
