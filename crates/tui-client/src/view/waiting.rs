//! The screen of a player who waits for a friend: the code, large, and the visibility of the room.

use game_core::Mark;
use net::proto::{Passcode, Seat, Visibility};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::{Paragraph, Wrap},
};
use server::phrases;
use unicode_width::UnicodeWidthStr;

use super::{
    pixels,
    ui::{Breakpoint, Ui},
};
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
    let body = ui.body();
    frame.render_widget(Paragraph::new(lines).centered().wrap(Wrap { trim: true }), body);
    if ui.is_full() && !game.is_watching() {
        let code = game.snapshot.code.to_string();
        let columns = pixels::word_columns(&code).min(body.width);
        let place = Rect { y: body.y + 2, height: pixels::WORD_ROWS, ..body };
        let place = place.centered_horizontally(columns.into()).intersection(body);
        let style = ui.theme.style(Role::Mark(Mark::X));
        pixels::draw_word(&code, place, style, ui.theme.is_ascii, frame.buffer_mut());
    }
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
        let by_address = game.join_command();
        let blank = || Line::raw("");
        let strong = |text| Line::styled(text, theme.style(Role::Strong));
        let faint = |text: &str| Line::styled(text.to_owned(), theme.style(Role::Faint));
        // The code is drawn large over the blank lines.
        let mut lines =
            vec![faint("Tell your friend this code"), blank(), blank(), blank(), blank(), blank()];
        if self.is_found_by_code() {
            lines.extend([
                Line::from(vec![
                    Span::raw("They type   "),
                    Span::styled(format!("oxo join {code}"), theme.style(Role::Strong)),
                ]),
                faint(&format!("Not found? Then {by_address}")),
            ]);
        } else {
            lines.extend([faint("They type, with the address"), strong(by_address)]);
        }
        lines.push(blank());
        lines.extend(self.address_lines());
        let terms = phrases::terms(&game.snapshot.terms());
        lines.push(Line::raw(format!("{terms}   {}   you play X first", theme.vertical())));
        lines.extend(self.state());
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
