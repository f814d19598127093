//! The screen of a player who waits for a friend: the code, large, and the visibility of the room.

use game_core::Mark;
use net::proto::{Passcode, Seat, Visibility};
use ratatui::{
    Frame,
    layout::{Margin, Rect, Size},
    text::Line,
    widgets::Paragraph,
};
use server::phrases;
use unicode_width::UnicodeWidthStr;

use super::{
    pixels,
    qr_code::QrCode,
    text::{labelled, wrap_hard},
    ui::{Breakpoint, Ui, below},
};
use crate::{
    format,
    game::Game,
    keymap::Context,
    own_place::OwnPlace,
    status_line,
    theme::{Role, Theme},
};

/// Draws the screen. `passcode` is that of our own rooms, if they are locked.
pub(super) fn draw(ui: &Ui, game: &Game, passcode: Option<Passcode>, frame: &mut Frame<'_>) {
    let is_shown = game.online().is_some_and(|online| !online.hides_qr_code);
    let qr_code = qr_code(ui, game).filter(|_| is_shown);
    let has_qr_code = qr_code.is_some();
    let beside = qr_code.as_ref().map_or(0, |(_, place)| place.width + QR_GAP);
    let body = Rect { width: ui.body().width - beside, ..ui.body() };
    let (area, labels, above, gap) = match ui.breakpoint() {
        Breakpoint::Full => (body, LABEL_COLUMNS, 2, 1),
        Breakpoint::Compact => (body.inner(Margin::new(2, 0)), 0, 0, 0),
        Breakpoint::Tiny => (body.inner(Margin::new(1, 0)), 0, 0, 0),
    };
    let least = if ui.breakpoint() == Breakpoint::Tiny { 1 } else { pixels::WORD_ROWS };
    let facts =
        if game.is_watching() { watched(ui, game) } else { Room { ui, game, passcode, has_qr_code }.facts() };
    let mut lines = Vec::new();
    for fact in facts {
        let fact = fact.lines(ui, usize::from(area.width), (labels, has_qr_code));
        // A half command would be worse than none.
        if !lines.is_empty() && lines.len() + fact.len() > usize::from(area.height - above - gap - least) {
            break;
        }
        lines.extend(fact);
    }
    // The code is the largest thing on the screen.
    let room = area.height.saturating_sub(above + gap + u16::try_from(lines.len()).unwrap_or(u16::MAX));
    let code_rows = if ui.is_full() && !has_qr_code && room >= pixels::LARGE_WORD_ROWS {
        pixels::LARGE_WORD_ROWS
    } else {
        least
    };
    // What is left of a large region lies above and below.
    let spare = if ui.is_full() { room.saturating_sub(code_rows) / 2 } else { 0 };
    let area = below(area, spare);
    if above > 0 && !game.is_watching() {
        frame.render_widget(ui.span("Tell your friend this code", Role::Faint), area);
    }
    let code = Rect { height: code_rows, ..below(area, above) }.intersection(area);
    let style = ui.theme.style(Role::Mark(Mark::X));
    let word = game.snapshot.code.to_string();
    pixels::draw_word(&word, code, style, ui.theme.is_ascii, frame.buffer_mut());
    let above = above + code_rows + gap;
    frame.render_widget(Paragraph::new(lines), below(area, above));
    if let (Some((code, place)), Some(colors)) = (qr_code, ui.theme.ink_and_paper()) {
        code.draw(place.as_position(), colors, frame.buffer_mut());
        let caption = ui.span("Scan it: play on a phone", Role::Faint);
        let under = Rect { y: place.bottom(), height: 1, ..place }.intersection(ui.body());
        frame.render_widget(Line::from(caption).centered(), under);
    }
}

/// Columns and rows that the screen needs at most, where there is no board.
pub(super) fn block(theme: Theme, game: &Game) -> Size {
    let code = code_of(theme, game).map(|code| code.size()).unwrap_or_default();
    Size { width: (TEXT_COLUMNS + QR_GAP + code.width).max(70), height: code.height.max(17) }
}

/// The QR code of the room's page and its place, at the right, if the screen has room for it.
pub(super) fn qr_code(ui: &Ui, game: &Game) -> Option<(QrCode, Rect)> {
    let (body, code) = (ui.body(), code_of(ui.theme, game)?);
    let Size { width, height } = code.size();
    let fits = ui.is_full() && height <= body.height && TEXT_COLUMNS + QR_GAP + width <= body.width;
    let place = Rect { x: body.right().saturating_sub(width), width, height, ..body };
    fits.then_some((code, place))
}

/// The QR code of the room's page, if it waits and the theme can draw it.
fn code_of(theme: Theme, game: &Game) -> Option<QrCode> {
    theme.ink_and_paper().filter(|_| game.context() == Context::Waiting)?;
    QrCode::of(&game.page_url()?)
}

/// Columns of the text beside a QR code, at least: the longest URL with an IPv4 address that is common at home,
/// `http://192.168.100.190:1952/COMET-65`.
const TEXT_COLUMNS: u16 = 36;

/// Columns between the text and a QR code.
const QR_GAP: u16 = 2;

/// Columns of the labels, with the gap after them.
const LABEL_COLUMNS: usize = 14;

/// A fact about the room, behind its label.
struct Fact(&'static str, String, Role);

impl Fact {
    /// Its lines. Where it is narrow, a text that has no room beside its label stands below it.
    fn lines(self, ui: &Ui, columns: usize, (labels, is_narrow): (usize, bool)) -> Vec<Line<'static>> {
        let Self(label, text, role) = self;
        let is_below = is_narrow && labels + text.width() > columns;
        let no_labels = is_below || label.is_empty() && text.is_empty();
        let labels = if no_labels { 0 } else { labels };
        let above = Some(label).filter(|label| is_below && !label.is_empty());
        let label = if labels == 0 { "" } else { label };
        let lines = wrap_hard(&ui.theme.text(&text), columns.saturating_sub(labels));
        let lines = lines.into_iter().map(|line| ui.span(line, role));
        let label = ui.span(format!("{label:labels$}"), Role::Faint);
        let above = above.map(|label| Line::from(ui.span(label, Role::Faint)));
        above.into_iter().chain(labelled(label, labels, lines)).collect()
    }
}

/// A room of ours that waits.
struct Room<'a> {
    ui: &'a Ui<'a>,
    game: &'a Game,
    passcode: Option<Passcode>,
    /// True if a QR code takes the right half.
    has_qr_code: bool,
}

impl Room<'_> {
    /// The facts that fit, the most useful first.
    fn facts(&self) -> Vec<Fact> {
        let (mut ways, others, state) = (self.ways(), self.other_addresses(), self.state());
        match self.ui.breakpoint() {
            Breakpoint::Full if !self.has_qr_code => {
                let terms = format!("{}; you play X first", phrases::terms(&self.game.snapshot.terms()));
                ways.extend(others);
                ways.extend([Fact("", String::new(), Role::Plain), Fact("The game", terms, Role::Plain)]);
                ways.extend(state);
            }
            Breakpoint::Full | Breakpoint::Compact => {
                // The URL has the address of the last way too.
                let last = if self.game.page_url().is_some() { ways.split_off(2) } else { Vec::new() };
                let free_row = || self.has_qr_code.then_some(Fact("", String::new(), Role::Plain));
                ways.extend(free_row().into_iter().chain(state).chain(free_row()));
                ways.extend(last.into_iter().chain(others));
            }
            Breakpoint::Tiny => {
                let is_locked = self.game.snapshot.visibility == Visibility::Locked;
                let passcode = self.passcode.filter(|_| is_locked);
                let passcode = passcode.map(|it| Fact("", format!("passcode {}", it.as_str()), Role::Strong));
                let command = Fact("", self.game.join_command(), Role::Plain);
                ways = passcode.into_iter().chain([command]).chain(state).collect();
            }
        }
        ways
    }

    /// The commands that lead here.
    fn ways(&self) -> Vec<Fact> {
        let by_address = self.game.join_command();
        let by_code = format!("oxo join {}", self.game.snapshot.code);
        let is_found = self.is_found_by_code();
        let first = if is_found { by_code } else { by_address.clone() };
        let mut ways = vec![Fact("They type", first, Role::Strong)];
        ways.extend(self.game.page_url().map(|url| Fact("In a browser", url, Role::Strong)));
        ways.extend(is_found.then_some(Fact("Not found?", by_address, Role::Plain)));
        ways
    }

    /// The other addresses of our own server. If friends find the room by its code, as many as fit share one line.
    fn other_addresses(&self) -> Vec<Fact> {
        let others = self.own_place().and_then(|place| place.addresses.get(1..)).unwrap_or_default();
        let columns = if self.has_qr_code { usize::from(TEXT_COLUMNS) } else { ADDRESS_COLUMNS };
        let fit = (0..=others.len()).rev().map(|count| others[..count].join("   "));
        let line = fit.into_iter().find(|line| line.width() <= columns).unwrap_or_default();
        let mut shown = if self.is_found_by_code() { vec![line] } else { others.to_vec() };
        shown.retain(|line| !line.is_empty());
        let needs_interface = |address: &str| address.contains("INTERFACE");
        if needs_interface(&self.game.join_command()) || shown.iter().any(|line| needs_interface(line)) {
            shown.push("(INTERFACE is the name of your friend's own, such as eth0)".into());
        }
        let labels = std::iter::once("Also at").chain(std::iter::repeat(""));
        labels.zip(shown).map(|(label, address)| Fact(label, address, Role::Faint)).collect()
    }

    /// The access to the room, the time so far, and the watchers.
    fn state(&self) -> Vec<Fact> {
        let who = status_line::who_may_come(self.game, self.passcode);
        let labels = std::iter::once("Who").chain(std::iter::repeat(""));
        let mut facts: Vec<Fact> =
            labels.zip(who).map(|(label, who)| Fact(label, who, Role::Plain)).collect();
        if self.game.quick_match().is_some() {
            let words = "Your quick match still looks for another open game.".into();
            facts.push(Fact("", words, Role::Plain));
        }
        let waited = format!("{}. {}", waited(self.ui, self.game), status_line::watchers(self.game));
        facts.push(Fact("Waiting", waited, Role::Plain));
        facts
    }

    /// Tells whether a search of this network finds the room by its code, as it does even if the room is hidden.
    fn is_found_by_code(&self) -> bool {
        self.own_place().is_some_and(|place| place.reach.is_announced())
    }

    /// Our own server; `None` for a room on another one.
    fn own_place(&self) -> Option<&OwnPlace> {
        self.game.online()?.own_place.as_ref()
    }
}

/// The widest line of addresses beside its label.
const ADDRESS_COLUMNS: usize = 56;

/// The facts for a spectator while nobody plays yet.
fn watched(ui: &Ui, game: &Game) -> Vec<Fact> {
    let terms = phrases::terms(&game.snapshot.terms());
    let host = game.name(Seat::Host);
    vec![
        Fact("The game", format!("{host} waits for somebody to play {terms}."), Role::Plain),
        Fact("Waiting", format!("{}. The match shows here when it begins.", waited(ui, game)), Role::Plain),
    ]
}

fn waited(ui: &Ui, game: &Game) -> String {
    let time = format::clock(ui.now.saturating_duration_since(game.phase_since));
    // Where there is no label.
    if ui.is_full() { time } else { format!("Waiting {time}") }
}
