//! Recordings of replays: asciicast, version 3 (<https://docs.asciinema.org/manual/asciicast/v3/>).
//!
//! The frames are those of the screen at 80x24, in 256 colours for a dark background, whatever terminal this is.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use game_core::Mark;
use jiff::tz::TimeZone;
use ratatui::{
    Terminal,
    backend::{Backend as _, CrosstermBackend, TestBackend},
    buffer::Buffer,
    layout::{Position, Rect},
};
use serde_json::json;

use crate::{
    analysis::Remark,
    env::{ColorDepth, USUAL},
    format,
    history::KeptMatch,
    model::{Model, Screen},
    replay::Replay,
    status_line,
    theme::{Theme, ThemeName},
    view,
};

/// Clears the screen, and hides the cursor (ECMA-48 8.3.39; DECTCEM).
const BEGIN: &str = "\x1b[2J\x1b[?25l";

/// The time for which the last position stands before the recording ends.
const END_AFTER: Duration = Duration::from_secs(3);

/// The recording of a match.
///
/// # Panics
///
/// Never: frames are written to memory, and a name and a date are JSON.
pub fn of(now: Instant, kept: &KeptMatch, zone: &TimeZone) -> String {
    // A recording has its colours, whatever the terminal of this program has.
    crossterm::style::force_color_output(true);
    let mut screen = Recorder::new(now, kept, zone);
    let title = format!("{}, {}", kept.players(), format::date(kept.ended, zone));
    let term = json!({"cols": USUAL.width, "rows": USUAL.height, "type": "xterm-256color"});
    let header = json!({"version": 3, "term": term, "timestamp": kept.ended, "title": title});
    let mut text = format!("{header}\n");
    let mut event = |after: Duration, code: &str, data: &str| {
        let seconds = after.as_secs_f64();
        writeln!(text, "[{seconds:.3}, {}, {}]", json!(code), json!(data)).expect("memory takes it");
    };
    event(Duration::ZERO, "o", &format!("{BEGIN}{}", screen.frame(0)));
    for ply in 0..kept.moves.len() {
        let after = screen.replay().map_or(END_AFTER, |replay| replay.shown_for(ply));
        let frame = screen.frame(ply + 1);
        event(after, "o", &frame);
        let mistake = screen.replay().and_then(Replay::last).and_then(|last| last.remark);
        if mistake == Some(Remark::Mistake) {
            let verdict = screen.replay().and_then(status_line::verdict).unwrap_or_default();
            event(Duration::ZERO, "m", &verdict);
        }
    }
    event(END_AFTER, "x", "0");
    text
}

/// The name of a file for it, without its ending. No name of a player is in it.
pub(crate) fn name(kept: &KeptMatch, zone: &TimeZone) -> String {
    let digits: String =
        format::date_and_time(kept.ended, zone).chars().filter(|letter| *letter != ':').collect();
    format!("oxo-{}", digits.replace(' ', "-"))
}

/// A screen without a terminal.
struct Recorder {
    model: Model,
    now: Instant,
    shown: Buffer,
}

impl Recorder {
    fn new(now: Instant, kept: &KeptMatch, zone: &TimeZone) -> Self {
        let theme =
            Theme { depth: ColorDepth::Indexed, name: ThemeName::Dark, is_light: false, is_ascii: false };
        let passcode = "0000".parse().expect("four digits are a passcode");
        let mut model = Model::new(*kept.player(Mark::X), theme, 0, passcode);
        let mut replay = Replay::new(kept.clone());
        replay.is_recorded = true;
        (model.size, model.zone, model.screen) = (USUAL, zone.clone(), Screen::Replay(Box::new(replay)));
        Self { model, now, shown: Buffer::empty(Rect::from((Position::ORIGIN, USUAL))) }
    }

    fn replay(&self) -> Option<&Replay> {
        if let Screen::Replay(replay) = &self.model.screen { Some(replay) } else { None }
    }

    /// The bytes that change the screen that was shown to the position after so many moves.
    fn frame(&mut self, plies: usize) -> String {
        if let Screen::Replay(replay) = &mut self.model.screen {
            replay.go_to(plies);
        }
        let mut terminal =
            Terminal::new(TestBackend::new(USUAL.width, USUAL.height)).expect("memory never fails");
        terminal.draw(|frame| drop(view::draw(&self.model, self.now, frame))).expect("memory never fails");
        let next = terminal.backend().buffer().clone();
        let mut bytes = Vec::new();
        let changes = self.shown.diff(&next);
        CrosstermBackend::new(&mut bytes).draw(changes.into_iter()).expect("memory takes it");
        self.shown = next;
        String::from_utf8(bytes).expect("a screen is text")
    }
}

#[cfg(test)]
mod tests;
