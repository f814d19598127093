//! What lies over a screen: as large as its content, held to the screen, then scrolled.

use std::time::Instant;

use ratatui::{
    Frame,
    layout::{Rect, Size},
    text::Line,
    widgets::{Block, Clear, Paragraph},
};
use unicode_width::UnicodeWidthStr;

use super::{Parts, Room, wrap};
use crate::{
    keymap,
    model::{Model, Overlay},
    theme::Role,
    words,
};

/// Columns of a text that is read in a popup.
const READING_COLUMNS: usize = 60;

/// Columns from which the help has two columns.
const TWO_COLUMNS: u16 = 80;

/// Columns of each of them: two, and one between, in a frame with a margin.
const HELP_COLUMN: usize = 37;

pub(super) fn draw(model: &Model, now: Instant, parts: Parts, frame: &mut Frame<'_>) {
    let area = place(frame.area().as_size());
    let popup = match &model.overlay {
        Some(Overlay::Confirm(_)) if parts.room == Room::Full => {
            let question = words::event_line(model, now);
            Some(Popup { title: "", lines: wrap(&question, columns(area)), scroll: 0 })
        }
        Some(Overlay::Help { .. } | Overlay::Words { .. }) => reading(model, area),
        Some(Overlay::Confirm(_) | Overlay::Talk(_) | Overlay::Emotes) | None => None,
    };
    if let Some(popup) = popup {
        popup.draw(model, area, frame);
    }
}

/// How far what is read can be scrolled on the model's screen.
pub(super) fn max_scroll(model: &Model) -> u16 {
    let area = place(model.size);
    reading(model, area).map_or(0, |popup| popup.hidden(area))
}

/// The help or the text that is open.
fn reading(model: &Model, area: Rect) -> Option<Popup> {
    match &model.overlay {
        Some(Overlay::Help { scroll }) => {
            let title = match model.game() {
                Some(game) if game.may_move() => " Help: it is your turn ",
                Some(_) | None => " Help ",
            };
            let lines = if area.width >= TWO_COLUMNS {
                in_two_columns(&help_lines(model, HELP_COLUMN))
            } else {
                help_lines(model, columns(area))
            };
            Some(Popup { title, lines, scroll: *scroll })
        }
        Some(Overlay::Words { text, scroll }) => {
            Some(Popup { title: " The board ", lines: wrap(text, columns(area)), scroll: *scroll })
        }
        Some(Overlay::Confirm(_) | Overlay::Talk(_) | Overlay::Emotes) | None => None,
    }
}

/// All of a screen but the line in words and the footer.
const fn place(size: Size) -> Rect {
    Rect { x: 0, y: 0, width: size.width, height: size.height.saturating_sub(2) }
}

/// Columns of text in the widest popup.
fn columns(area: Rect) -> usize {
    usize::from(area.width.saturating_sub(4)).min(READING_COLUMNS)
}

/// A box of text in the middle of the screen.
struct Popup {
    title: &'static str,
    lines: Vec<String>,
    /// The first line shown.
    scroll: u16,
}

impl Popup {
    /// Lines for which there is no room.
    fn hidden(&self, area: Rect) -> u16 {
        let rows = u16::try_from(self.lines.len()).unwrap_or(u16::MAX);
        rows.saturating_sub(area.height.saturating_sub(2))
    }

    fn draw(&self, model: &Model, area: Rect, frame: &mut Frame<'_>) {
        let rows = u16::try_from(self.lines.len()).unwrap_or(u16::MAX);
        let widest = self.lines.iter().map(|line| line.width()).max().unwrap_or(0);
        let columns = u16::try_from(widest.max(self.title.width())).unwrap_or(u16::MAX);
        let width = columns.saturating_add(4).min(area.width);
        let height = rows.saturating_add(2).min(area.height);
        let place = area.centered(width.into(), height.into());
        let hidden = self.hidden(area);
        let scroll = self.scroll.min(hidden);
        let mut block = Block::bordered().border_set(model.theme.border()).title(self.title);
        if hidden > 0 {
            block = block.title_bottom(format!(" {} more lines ", hidden - scroll));
        }
        let text: Vec<Line<'_>> =
            self.lines.iter().map(|line| Line::raw(format!(" {}", model.theme.text(line)))).collect();
        frame.render_widget(Clear, place);
        let paragraph = Paragraph::new(text).block(block).style(model.theme.style(Role::Plain));
        frame.render_widget(paragraph.scroll((scroll, 0)), place);
    }
}

/// Lines in two columns, read from top to bottom and then from left to right.
fn in_two_columns(lines: &[String]) -> Vec<String> {
    let (left, right) = lines.split_at(lines.len().div_ceil(2));
    let rights = right.iter().map(String::as_str).chain(std::iter::repeat(""));
    let beside = |(left, right): (&String, &str)| {
        let gap = HELP_COLUMN.saturating_sub(left.width()) + 1;
        format!("{left}{}{right}", " ".repeat(gap)).trim_end().to_owned()
    };
    left.iter().zip(rights).map(beside).collect()
}

/// The keys of the screen below, and what its signs mean.
fn help_lines(model: &Model, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = keymap::help(model.screen_context())
        .flat_map(|binding| beside(&format!("{:<12}", binding.label), binding.help, columns))
        .collect();
    if let Some(game) = model.game() {
        lines.push(String::new());
        let rules = words::rules(game.snapshot.record.rules());
        for (sign, meaning) in [
            ("[ ]", "cursor"),
            ("( )", "last move"),
            ("{ }", "winning line"),
            ("? ?", "not confirmed by the server"),
            ("Rules", &*format!("{rules}; place marks in turn")),
        ] {
            lines.extend(beside(&format!("{sign:<12}"), meaning, columns));
        }
    }
    lines
}

/// A label and what it means, on one line where that fits.
fn beside(label: &str, meaning: &str, columns: usize) -> Vec<String> {
    let line = format!("{label} {meaning}");
    if line.width() <= columns {
        return vec![line];
    }
    let indented = wrap(meaning, columns.saturating_sub(2)).into_iter().map(|line| format!("  {line}"));
    std::iter::once(label.trim_end().to_owned()).chain(indented).collect()
}
