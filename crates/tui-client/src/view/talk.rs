//! What is said around a match: the talk in the panel, the field for a line, and a match that calls.

use std::time::Instant;

use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::{Clear, Paragraph},
};
use unicode_width::UnicodeWidthStr;

use super::{Parts, Room, screens::text_field, wrap};
use crate::{
    keymap::{self, Context},
    model::{Game, Model, Overlay},
    talk::Spoken,
    theme::Role,
    words,
};

/// Rows of the panel that belong to the moves before the talk gets any: a title and two pairs.
const MOVE_ROWS: u16 = 3;

/// Columns of the name before what is said.
const NAME_COLUMNS: usize = 6;

/// Draws the talk at the bottom of a panel, and returns the rest of it.
pub(super) fn panel(model: &Model, game: &Game, area: Rect, frame: &mut Frame<'_>) -> Rect {
    if game.online().is_none() {
        return area;
    }
    let width = usize::from(area.width);
    let room = usize::from(area.height.saturating_sub(MOVE_ROWS));
    let mut lines: Vec<Line<'static>> =
        newest(game, room.saturating_sub(1), |spoken| in_panel(model, spoken, width));
    if room > 0 {
        lines.push(Line::styled(hint(game), model.theme.style(Role::Faint)));
    }
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
    let [rest, here] = area.layout(&Layout::vertical([Constraint::Fill(1), Constraint::Length(rows)]));
    frame.render_widget(Paragraph::new(lines), here);
    rest
}

/// Draws the last of the talk where there is little room.
pub(super) fn compact(model: &Model, game: &Game, area: Rect, frame: &mut Frame<'_>) {
    let rows = usize::from(area.height);
    let width = usize::from(area.width);
    let lines = newest(game, rows, |spoken| {
        let text = model.theme.text(&spoken.in_one_line());
        wrap_hard(&text, width).into_iter().map(Line::raw).collect()
    });
    frame.render_widget(Paragraph::new(lines), area);
}

/// Draws the field for a line, or the emotes, at the bottom; `false` if neither is open.
pub(super) fn field(model: &Model, parts: Parts, frame: &mut Frame<'_>) -> bool {
    // In the smallest layout the line in words is the bottom.
    let area = if parts.room == Room::Tiny { parts.event } else { parts.footer };
    match &model.overlay {
        Some(Overlay::Talk(field)) => {
            let is_turn = model.game().is_some_and(Game::may_move);
            let prompt = match (parts.room, is_turn) {
                (Room::Tiny, true) => "turn>",
                (Room::Tiny, false) => ">",
                (Room::Full | Room::Compact | Room::TooSmall, _) => " Say> ",
            };
            frame.render_widget(Clear, area);
            text_field(model, field, prompt, area, frame);
            if parts.room == Room::Full {
                keys(model, area, frame);
            }
            true
        }
        Some(Overlay::Emotes) if parts.room == Room::Tiny => {
            frame.render_widget(Clear, area);
            frame.render_widget(Paragraph::new("1-6 hi gg oops wow"), area);
            true
        }
        Some(Overlay::Emotes) => {
            let emotes = net::proto::Emote::ALL.iter().zip(1..);
            let list: Vec<String> = emotes.map(|(emote, key)| format!("{key} {emote}")).collect();
            frame.render_widget(Paragraph::new(format!(" {}", list.join("  "))), area);
            true
        }
        Some(Overlay::Help { .. } | Overlay::Words { .. } | Overlay::Confirm(_)) | None => false,
    }
}

/// Draws over another game that a match waits.
pub(super) fn banner(model: &Model, now: Instant, parts: Parts, frame: &mut Frame<'_>) {
    let Some(game) = model.calling_game() else { return };
    let area = match parts.room {
        // Under the header.
        Room::Full => Rect { y: parts.header.y + 1, ..parts.header },
        Room::Compact => parts.header,
        // The line in words says it.
        Room::Tiny | Room::TooSmall => return,
    };
    // The line in words says the rest.
    let brief = words::called_briefly(game);
    let text = match parts.room {
        Room::Full => format!("! {brief}.{}", words::calling_clock(game, now)),
        Room::Compact | Room::Tiny | Room::TooSmall => format!("! {brief}"),
    };
    let text = model.theme.text(&text);
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(text).centered().style(model.theme.style(Role::Chosen)), area);
}

/// The keys of the field, at the right.
fn keys(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let text = keymap::help(Context::Talk).filter(|binding| binding.context == Context::Talk);
    let text: Vec<String> = text.map(|binding| format!("{} {}", binding.label, binding.footer)).collect();
    let text = format!("  {} ", text.join("   "));
    let width = u16::try_from(text.width()).unwrap_or(u16::MAX).min(area.width);
    let place = Rect { x: area.right() - width, width, ..area };
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(text).style(model.theme.style(Role::Faint)), place);
}

/// The newest of what was said that has room, oldest first. Of one that has too little its beginning is shown.
fn newest<'a>(game: &Game, rows: usize, draw: impl Fn(&Spoken) -> Vec<Line<'a>>) -> Vec<Line<'a>> {
    let mut shown: Vec<Vec<Line<'a>>> = Vec::new();
    let mut left = rows;
    for spoken in game.talk.newest_first() {
        let mut lines = draw(spoken);
        if lines.len() > left && !shown.is_empty() {
            break;
        }
        lines.truncate(left);
        left -= lines.len();
        shown.push(lines);
        if left == 0 {
            break;
        }
    }
    shown.into_iter().rev().flatten().collect()
}

/// ` ben   gl hf`, and ` eve*  nice` for who watches.
fn in_panel(model: &Model, spoken: &Spoken, width: usize) -> Vec<Line<'static>> {
    let name = model.theme.text(&spoken.speaker());
    let pad = NAME_COLUMNS.saturating_sub(name.width());
    let before = format!(" {name}{}", " ".repeat(pad));
    let text = model.theme.text(spoken.talk.as_str());
    // What does not fit goes on below, under itself.
    let indent = NAME_COLUMNS + 1;
    let first = width.saturating_sub(before.width()).max(1);
    let mut lines = Vec::new();
    for (index, piece) in
        wrap_hard(&text, first.min(width.saturating_sub(indent).max(1))).into_iter().enumerate()
    {
        lines.push(if index == 0 {
            Line::from(vec![Span::styled(before.clone(), model.theme.style(Role::Strong)), Span::raw(piece)])
        } else {
            Line::raw(format!("{}{piece}", " ".repeat(indent)))
        });
    }
    lines
}

/// Breaks a text into lines, within words where they are too long.
fn wrap_hard(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = Vec::new();
    for line in wrap(text, columns) {
        let mut piece = String::new();
        for character in line.chars() {
            let width = unicode_width::UnicodeWidthChar::width(character).unwrap_or(0);
            if piece.width() + width > columns {
                lines.push(std::mem::take(&mut piece));
            }
            piece.push(character);
        }
        lines.push(piece);
    }
    lines
}

/// What can be done about the talk.
const fn hint(game: &Game) -> &'static str {
    if game.is_muted {
        " -- muted: m --"
    } else if !game.snapshot.is_chat_open && !game.is_watching() {
        " -- chat is off: o opens it --"
    } else {
        " -- chat: t    emotes: e --"
    }
}
