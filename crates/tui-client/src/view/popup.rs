//! Texts over a screen: a question in a box, and pages to read, which are scrolled where they do not fit.

use game_core::Rules;
use ratatui::{
    Frame,
    layout::{Margin, Position, Rect, Size},
    text::{Line, Span},
    widgets::{Block, Clear, Paragraph},
};
use server::phrases;
use unicode_width::UnicodeWidthStr;

use super::{
    settings,
    text::{labelled, wrap},
    ui::{Breakpoint, Regions, Ui, below},
};
use crate::{
    buttons::Target,
    game::Game,
    model::{Model, Screen},
    overlay::Overlay,
    status_line,
    theme::{Role, Theme},
};

/// Columns of a text that is read.
const READING_COLUMNS: usize = 60;

/// Columns from which the help has two columns.
const TWO_COLUMNS: u16 = 76;

/// Columns of each of them, with two between.
const HELP_COLUMN: usize = 36;

/// Columns of the keys and signs before their meanings.
const LABEL_COLUMNS: usize = 11;

/// Draws the three sentences for somebody who has never played: over the board, or where there is little room instead of it.
pub(super) fn welcome(ui: &Ui, game: &Game, frame: &mut Frame<'_>) {
    let sentences = status_line::welcome(game).map(|sentence| ui.text(&sentence));
    match ui.breakpoint() {
        Breakpoint::Full => {
            let sentences = sentences.map(|sentence| wrap(&sentence, READING_COLUMNS));
            draw_box(ui, sentences.join(&[String::new()][..]), frame);
        }
        Breakpoint::Compact => {
            let area = Rect { height: ui.regions.footer.y, ..frame.area() };
            let text = area.inner(Margin::new(2, 1));
            let lines = sentences.iter().flat_map(|sentence| wrap(sentence, text.width.into()));
            ui.note(area, Target::Close);
            frame.render_widget(Clear, area);
            frame.render_widget(Paragraph::new(lines.map(Line::raw).collect::<Vec<_>>()), text);
        }
        Breakpoint::Tiny => {}
    }
}

/// Draws lines in a box in the middle of the screen, above the line in words.
fn draw_box(ui: &Ui, lines: Vec<String>, frame: &mut Frame<'_>) {
    let columns = lines.iter().map(|line| line.width()).max().unwrap_or(0);
    let [columns, rows] = [columns, lines.len()].map(|it| u16::try_from(it).unwrap_or(u16::MAX));
    let above = Rect { height: ui.regions.status.y, ..frame.area() };
    // Nothing of the board stands beside it.
    let [around, place, text] = [(u16::MAX, 4), (6, 2), (0, 0)].map(|(more_columns, more_rows)| {
        let (columns, rows) = (columns.saturating_add(more_columns), rows.saturating_add(more_rows));
        above.centered(columns.into(), rows.into())
    });
    ui.note(around, Target::Close);
    frame.render_widget(Clear, around);
    frame.render_widget(Block::bordered().border_set(ui.theme.border()), place);
    frame.render_widget(Paragraph::new(lines.into_iter().map(Line::raw).collect::<Vec<_>>()), text);
}

/// Draws the text over a screen on a page of its own, between the header and the line in words.
pub(super) fn page(model: &Model, regions: Regions, frame: &mut Frame<'_>) {
    let area = regions.text();
    if let Some(page) = Page::of(model, area) {
        page.draw(model.theme, area, frame);
    }
}

/// The furthest scroll of the text over a screen.
pub fn max_scroll(model: &Model) -> u16 {
    let area = regions(model, Rect::from((Position::ORIGIN, model.size))).map(|regions| regions.text());
    area.and_then(|area| Some(Page::of(model, area)?.hidden(area))).unwrap_or(0)
}

/// The regions of a screen, if what lies over it has a page of its own.
pub(super) fn regions(model: &Model, screen: Rect) -> Option<Regions> {
    match model.overlay.as_ref()? {
        Overlay::Settings(_) => settings::regions(screen),
        Overlay::Help { .. } | Overlay::Position { .. } | Overlay::Checkup { .. } => {
            Regions::of(screen, Size { width: screen.width.saturating_sub(4), ..screen.as_size() })
        }
        Overlay::Confirm(_) | Overlay::Chat(_) | Overlay::Cell(_) | Overlay::Emotes | Overlay::Welcome => {
            None
        }
    }
}

/// The keys of a screen, and the meaning of its signs; each laid out as a label and its meaning.
fn help_items(model: &Model, lay_out: impl Fn(&str, &str) -> Vec<Line<'static>>) -> Vec<Vec<Line<'static>>> {
    let possible = model.facts(true);
    let keys = model
        .keymap
        .help(model.screen_context(), &possible)
        .filter(|binding| model.is_there(binding.by_digit.map_or(binding.action, |action| action(1))));
    let mut items: Vec<_> = keys.map(|binding| lay_out(&binding.label, binding.help)).collect();
    if let (Some(game), Screen::Game(_)) = (model.game(), &model.screen) {
        items.push(vec![Line::default()]);
        let terms = game.snapshot.terms();
        for (sign, meaning) in [
            ("[ ]", "cursor"),
            ("( )", "last move; on large cells its corners"),
            ("{ }", "winning line; on large cells it is filled"),
            ("? ?", "not confirmed by the server; or shaded"),
            ("Agreed", &*phrases::terms(&terms)),
        ] {
            items.push(lay_out(sign, meaning));
        }
    }
    items
}

/// The rows of a page's title, with a free one below it where there is room.
const fn rows_above(area: Rect) -> u16 {
    if area.height >= 18 { 2 } else { 1 }
}

/// Columns of a text that is read.
fn columns(area: Rect) -> usize {
    usize::from(area.width).min(READING_COLUMNS)
}

/// A text on a page of its own.
struct Page {
    title: &'static str,
    lines: Vec<Line<'static>>,
    /// The first line shown.
    scroll: u16,
}

impl Page {
    /// The text over a screen: the help, the position of a game, or the report of a check.
    fn of(model: &Model, area: Rect) -> Option<Self> {
        let line = |line: String| Line::raw(model.theme.text(&line));
        let wrapped = |text: &str| wrap(text, columns(area)).into_iter().map(line);
        Some(match model.overlay.as_ref()? {
            Overlay::Help { scroll } => Self { title: "Help", lines: help(model, area), scroll: *scroll },
            Overlay::Position { scroll } => {
                let lines = wrapped(&phrases::position(&model.game()?.snapshot)).collect();
                Self { title: "The board", lines, scroll: *scroll }
            }
            Overlay::Checkup { report, scroll } => {
                let report = report.as_deref().unwrap_or("Checking. It takes some seconds.");
                let lines = report.lines().flat_map(wrapped).collect();
                Self { title: "Your network", lines, scroll: *scroll }
            }
            Overlay::Confirm(_)
            | Overlay::Settings(_)
            | Overlay::Chat(_)
            | Overlay::Cell(_)
            | Overlay::Emotes
            | Overlay::Welcome => return None,
        })
    }

    /// The lines for which there is no room.
    fn hidden(&self, area: Rect) -> u16 {
        let lines = u16::try_from(self.lines.len()).unwrap_or(u16::MAX);
        let rows = area.height.saturating_sub(rows_above(area));
        // The last row tells how many there are.
        if lines > rows { lines - rows.saturating_sub(1) } else { 0 }
    }

    fn draw(self, theme: Theme, area: Rect, frame: &mut Frame<'_>) {
        let columns = self.lines.iter().map(Line::width).max().unwrap_or(0).max(self.title.width());
        let area = area.centered_horizontally(u16::try_from(columns).unwrap_or(u16::MAX).into());
        let hidden = self.hidden(area);
        let scroll = self.scroll.min(hidden);
        frame.render_widget(Span::styled(self.title, theme.style(Role::Strong)), area);
        let text = below(area, rows_above(area));
        let text = Rect { height: text.height.saturating_sub(u16::from(hidden > 0)), ..text };
        frame.render_widget(Paragraph::new(self.lines).scroll((scroll, 0)), text);
        if hidden > scroll {
            let [_, sign, ..] = theme.more();
            let more = format!("{sign} {} more lines", hidden - scroll);
            frame.render_widget(Span::styled(more, theme.style(Role::Faint)), below(area, area.height - 1));
        }
    }
}

/// The goal of the game, or of that on the board on which most begin, and the help of a screen: in two columns, if there is room.
fn help(model: &Model, area: Rect) -> Vec<Line<'static>> {
    let theme = model.theme;
    let goal =
        status_line::goal(model.game().map_or_else(Rules::default, |game| game.snapshot.record.rules()));
    if area.width < TWO_COLUMNS {
        let lay_out = |label: &str, help: &str| beside(theme, label, help, columns(area));
        return help_items(model, lay_out).into_iter().chain([lay_out("Goal", &goal)]).flatten().collect();
    }
    let items = help_items(model, |label, help| hanging(theme, label, help));
    [Line::raw(theme.text(&goal)), Line::default()].into_iter().chain(in_two_columns(items)).collect()
}

/// Items in two columns, read from top to bottom and then from left to right. No item is broken.
fn in_two_columns(items: Vec<Vec<Line<'static>>>) -> Vec<Line<'static>> {
    let half = items.iter().map(Vec::len).sum::<usize>().div_ceil(2);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for item in items {
        let is_left = right.is_empty() && left.len() + item.len() <= half;
        if is_left { left.extend(item) } else { right.extend(item) }
    }
    left.resize(left.len().max(right.len()), Line::default());
    for (line, right) in left.iter_mut().zip(right) {
        line.push_span(" ".repeat(HELP_COLUMN.saturating_sub(line.width()) + 2));
        line.spans.extend(right.spans);
    }
    left
}

/// A label with its meaning beside it, on as many lines as that takes.
fn hanging(theme: Theme, label: &str, meaning: &str) -> Vec<Line<'static>> {
    let label = format!("{label:<LABEL_COLUMNS$} ");
    let indent = label.width();
    let meanings = wrap(meaning, HELP_COLUMN.saturating_sub(indent));
    let label = Span::styled(theme.text(&label), theme.style(Role::Strong));
    labelled(label, indent, meanings.iter().map(|line| theme.text(line)))
}

/// A label and its meaning, on one line where that fits.
fn beside(theme: Theme, label: &str, meaning: &str, columns: usize) -> Vec<Line<'static>> {
    let line = format!("{label:<LABEL_COLUMNS$} {meaning}");
    if line.width() <= columns {
        return vec![Line::raw(theme.text(&line))];
    }
    let meanings = wrap(meaning, columns.saturating_sub(2)).into_iter().map(|line| format!("  {line}"));
    let lines = std::iter::once(label.trim_end().to_owned()).chain(meanings);
    lines.map(|line| Line::raw(theme.text(&line))).collect()
}
