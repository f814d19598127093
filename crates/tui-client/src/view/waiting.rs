//! The screen of a player who waits for a friend: the code, large, and the visibility of the room.

use game_core::Mark;
use net::proto::{Passcode, Seat, Visibility};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};
use server::phrases;
use unicode_width::UnicodeWidthStr;

use super::{
    pixels,
    text::wrap_hard,
    ui::{Breakpoint, Ui},
};
use crate::{format, game::Game, own_place::OwnPlace, status_line, theme::Role};

/// Draws the screen. `passcode` is that of our own rooms, if they are locked.
pub(super) fn draw(ui: &Ui, game: &Game, passcode: Option<Passcode>, frame: &mut Frame<'_>) {
    let facts = if game.is_watching() { watched(ui, game) } else { Room { ui, game, passcode }.facts() };
    let body = ui.body();
    let (area, labels, above, gap) = match ui.breakpoint() {
        Breakpoint::Full => (body, LABEL_COLUMNS, 2, 1),
        Breakpoint::Compact => (inside(body, 2), 0, 0, 0),
        Breakpoint::Tiny => (inside(body, 1), 0, 0, 0),
    };
    let lines = facts.into_iter().flat_map(|fact| fact.lines(ui, usize::from(area.width), labels));
    let lines: Vec<Line<'_>> = lines.collect();
    // The code is the largest thing on the screen.
    let room = area.height.saturating_sub(above + gap + u16::try_from(lines.len()).unwrap_or(u16::MAX));
    let code_rows = match ui.breakpoint() {
        Breakpoint::Full if room >= pixels::LARGE_WORD_ROWS => pixels::LARGE_WORD_ROWS,
        Breakpoint::Full | Breakpoint::Compact => pixels::WORD_ROWS,
        Breakpoint::Tiny => 1,
    };
    // What is left of a large region lies above and below.
    let spare = if ui.is_full() { room.saturating_sub(code_rows) / 2 } else { 0 };
    let area = Rect { y: area.y + spare, height: area.height - spare, ..area };
    if above > 0 && !game.is_watching() {
        let words = Span::styled("Tell your friend this code", ui.theme.style(Role::Faint));
        frame.render_widget(words, area);
    }
    let code = Rect { y: area.y + above, height: code_rows, ..area }.intersection(area);
    let style = ui.theme.style(Role::Mark(Mark::X));
    let word = game.snapshot.code.to_string();
    pixels::draw_word(&word, code, style, ui.theme.is_ascii, frame.buffer_mut());
    let above = above + code_rows + gap;
    let below = Rect { y: area.y + above, height: area.height.saturating_sub(above), ..area };
    frame.render_widget(Paragraph::new(lines), below);
}

/// Columns of the labels, with the gap after them.
const LABEL_COLUMNS: usize = 12;

const fn inside(area: Rect, margin: u16) -> Rect {
    Rect { x: area.x + margin, width: area.width.saturating_sub(2 * margin), ..area }
}

/// A fact about the room, behind its label.
struct Fact(&'static str, String, Role);

impl Fact {
    fn lines(self, ui: &Ui, columns: usize, labels: usize) -> Vec<Line<'static>> {
        let Self(label, text, role) = self;
        let labels = if label.is_empty() && text.is_empty() { 0 } else { labels };
        let label = if labels == 0 { "" } else { label };
        let text = wrap_hard(&ui.theme.text(&text), columns.saturating_sub(labels));
        let before = std::iter::once(label).chain(std::iter::repeat(""));
        let line = |(label, text): (&str, String)| {
            let label = Span::styled(format!("{label:labels$}"), ui.theme.style(Role::Faint));
            Line::from(vec![label, Span::styled(text, ui.theme.style(role))])
        };
        before.zip(text).map(line).collect()
    }
}

/// A room of ours that waits.
struct Room<'a> {
    ui: &'a Ui<'a>,
    game: &'a Game,
    passcode: Option<Passcode>,
}

impl Room<'_> {
    /// The facts that fit, the most useful first.
    fn facts(&self) -> Vec<Fact> {
        let (mut ways, others, state) = (self.ways(), self.other_addresses(), self.state());
        match self.ui.breakpoint() {
            Breakpoint::Full => {
                let terms = format!("{}; you play X first", phrases::terms(&self.game.snapshot.terms()));
                ways.extend(others);
                ways.extend([Fact("", String::new(), Role::Plain), Fact("The game", terms, Role::Plain)]);
                ways.extend(state);
            }
            Breakpoint::Compact => {
                ways.extend(state);
                ways.extend(others);
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
        if !self.is_found_by_code() {
            return vec![Fact("They type", by_address, Role::Strong)];
        }
        let by_code = format!("oxo join {}", self.game.snapshot.code);
        vec![Fact("They type", by_code, Role::Strong), Fact("Not found?", by_address, Role::Plain)]
    }

    /// The other addresses of our own server. If friends find the room by its code, as many as fit share one line.
    fn other_addresses(&self) -> Vec<Fact> {
        let others = self.own_place().and_then(|place| place.addresses.get(1..)).unwrap_or_default();
        let fit = (0..=others.len()).rev().map(|count| others[..count].join("   "));
        let line = fit.into_iter().find(|line| line.width() <= ADDRESS_COLUMNS).unwrap_or_default();
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
const ADDRESS_COLUMNS: usize = 58;

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
