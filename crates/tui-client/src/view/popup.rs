//! Popups: as large as their content, then clamped to the screen and scrolled.

use ratatui::{
    Frame,
    layout::{Rect, Size},
    text::Line,
    widgets::{Block, Clear, Paragraph},
};
use server::phrases;
use unicode_width::UnicodeWidthStr;

use super::{text::wrap, ui::Ui};
use crate::{
    game::Game,
    keymap::{self, Context, When},
    overlay::Overlay,
    theme::{Role, Theme},
};

/// Columns of a text that is read in a popup.
const READING_COLUMNS: usize = 60;

/// Columns from which the help has two columns.
const TWO_COLUMNS: u16 = 80;

/// Columns of each of them: two, and one between, in a frame with a margin.
const HELP_COLUMN: usize = 37;

/// A text to read: the help of a screen, or the position of a game.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) overlay: &'a Overlay,
    /// The context of the screen below.
    pub(super) context: Context,
    pub(super) game: Option<&'a Game>,
}

/// Draws a question in the middle of a full screen.
pub(super) fn question(ui: &Ui, question: &str, frame: &mut Frame<'_>) {
    let area = place(frame.area().as_size());
    if ui.is_full() {
        Popup { title: "", lines: wrap(question, columns(area)), scroll: 0 }.draw(ui.theme, area, frame);
    }
}

impl Reading<'_> {
    pub(super) fn draw(&self, theme: Theme, frame: &mut Frame<'_>) {
        let area = place(frame.area().as_size());
        if let Some(popup) = self.popup(area) {
            popup.draw(theme, area, frame);
        }
    }

    /// The furthest scroll on a screen of this size.
    pub(super) fn max_scroll(&self, size: Size) -> u16 {
        let area = place(size);
        self.popup(area).map_or(0, |popup| popup.hidden(area))
    }

    fn popup(&self, area: Rect) -> Option<Popup> {
        match self.overlay {
            Overlay::Help { scroll } => {
                let is_turn = self.game.is_some_and(Game::may_move);
                let title = if is_turn { " Help: it is your turn " } else { " Help " };
                let lines = if area.width >= TWO_COLUMNS {
                    in_two_columns(self.help_items(hanging))
                } else {
                    self.help_items(|label, help| beside(label, help, columns(area))).concat()
                };
                Some(Popup { title, lines, scroll: *scroll })
            }
            Overlay::Position { scroll } => {
                let text = phrases::position(&self.game?.snapshot);
                Some(Popup { title: " The board ", lines: wrap(&text, columns(area)), scroll: *scroll })
            }
            Overlay::Checkup { report, scroll } => {
                let report = report.as_deref().unwrap_or("Checking. It takes some seconds.");
                let lines = report.lines().flat_map(|line| wrap(line, columns(area))).collect();
                Some(Popup { title: " Your network ", lines, scroll: *scroll })
            }
            Overlay::Confirm(_) | Overlay::Chat(_) | Overlay::Cell(_) | Overlay::Emotes => None,
        }
    }

    /// The keys of the screen below, and the meaning of its signs; each laid out as a label and its meaning.
    fn help_items(&self, lay_out: impl Fn(&str, &str) -> Vec<String>) -> Vec<Vec<String>> {
        let label = |text: &str| format!("{text:<11}");
        let facts = self.game.map_or_else(|| When::ALL.to_vec(), Game::possible);
        let mut items: Vec<Vec<String>> = keymap::help(self.context, &facts)
            .map(|binding| lay_out(&label(binding.label), binding.help))
            .collect();
        if let Some(game) = self.game {
            items.push(vec![String::new()]);
            let terms = game.snapshot.terms();
            for (sign, meaning) in [
                ("[ ]", "cursor"),
                ("( )", "last move"),
                ("{ }", "winning line"),
                ("? ?", "not confirmed by the server"),
                ("Rules", &*format!("{}; place marks in turn", phrases::rules(terms.rules))),
                ("Agreed", &*phrases::terms(&terms)),
            ] {
                items.push(lay_out(&label(sign), meaning));
            }
        }
        items
    }
}

/// The screen without its status line and footer.
const fn place(size: Size) -> Rect {
    // In the full layout the line has two rows, and there is a rule under it.
    let below = if size.width >= 80 && size.height >= 24 { 4 } else { 2 };
    Rect { x: 0, y: 0, width: size.width, height: size.height.saturating_sub(below) }
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
    /// The lines for which there is no room.
    fn hidden(&self, area: Rect) -> u16 {
        let rows = u16::try_from(self.lines.len()).unwrap_or(u16::MAX);
        rows.saturating_sub(area.height.saturating_sub(2))
    }

    fn draw(self, theme: Theme, area: Rect, frame: &mut Frame<'_>) {
        let rows = u16::try_from(self.lines.len()).unwrap_or(u16::MAX);
        let widest = self.lines.iter().map(|line| line.width()).max().unwrap_or(0);
        let columns = u16::try_from(widest.max(self.title.width())).unwrap_or(u16::MAX);
        let width = columns.saturating_add(4).min(area.width);
        let height = rows.saturating_add(2).min(area.height);
        let place = area.centered(width.into(), height.into());
        let hidden = self.hidden(area);
        let scroll = self.scroll.min(hidden);
        let mut block = Block::bordered().border_set(theme.border()).title(self.title);
        if hidden > 0 {
            block = block.title_bottom(format!(" {} more lines ", hidden - scroll));
        }
        let text: Vec<Line<'_>> =
            self.lines.iter().map(|line| Line::raw(format!(" {}", theme.text(line)))).collect();
        frame.render_widget(Clear, place);
        let paragraph = Paragraph::new(text).block(block).style(theme.style(Role::Plain));
        frame.render_widget(paragraph.scroll((scroll, 0)), place);
    }
}

/// Items in two columns, read from top to bottom and then from left to right. No item is broken.
fn in_two_columns(items: Vec<Vec<String>>) -> Vec<String> {
    let half = items.iter().map(Vec::len).sum::<usize>().div_ceil(2);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for item in items {
        let is_left = right.is_empty() && left.len() + item.len() <= half;
        if is_left { left.extend(item) } else { right.extend(item) }
    }
    let rows = left.len().max(right.len());
    let line = |lines: &[String], row: usize| lines.get(row).cloned().unwrap_or_default();
    let beside = |row| {
        let left = line(&left, row);
        let gap = " ".repeat(HELP_COLUMN.saturating_sub(left.width()) + 1);
        format!("{left}{gap}{}", line(&right, row)).trim_end().to_owned()
    };
    (0..rows).map(beside).collect()
}

/// A label with its meaning beside it, on as many lines as that takes.
fn hanging(label: &str, meaning: &str) -> Vec<String> {
    let labels = std::iter::once(label.to_owned()).chain(std::iter::repeat(" ".repeat(label.width())));
    let meanings = wrap(meaning, HELP_COLUMN.saturating_sub(label.width() + 1));
    labels.zip(meanings).map(|(label, meaning)| format!("{label} {meaning}")).collect()
}

/// A label and its meaning, on one line where that fits.
fn beside(label: &str, meaning: &str, columns: usize) -> Vec<String> {
    let line = format!("{label} {meaning}");
    if line.width() <= columns {
        return vec![line];
    }
    let indented = wrap(meaning, columns.saturating_sub(2)).into_iter().map(|line| format!("  {line}"));
    std::iter::once(label.trim_end().to_owned()).chain(indented).collect()
}
