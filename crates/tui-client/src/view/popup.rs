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
    text::wrap,
    ui::{Breakpoint, Regions, Ui},
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
const LABEL_COLUMNS: u16 = 11;

/// A text to read: the help of a screen, or the position of a game.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) overlay: &'a Overlay,
    pub(super) model: &'a Model,
}

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

impl Reading<'_> {
    /// Draws the text on a page of its own, between the header and the line in words.
    pub(super) fn draw(&self, theme: Theme, regions: Regions, frame: &mut Frame<'_>) {
        let page = place(regions);
        if let Some(text) = self.page(page) {
            text.draw(theme, page, frame);
        }
    }

    /// Tells whether the layer has a page of its own.
    pub(super) const fn is_page(&self) -> bool {
        matches!(
            self.overlay,
            Overlay::Help { .. } | Overlay::Position { .. } | Overlay::Checkup { .. } | Overlay::Settings(_)
        )
    }

    /// The furthest scroll on a screen of this size.
    pub(super) fn max_scroll(&self, size: Size) -> u16 {
        let regions = regions(Rect::from((Position::ORIGIN, size)));
        let Some(page) = regions.map(place) else { return 0 };
        self.page(page).map_or(0, |text| text.hidden(page))
    }

    fn page(&self, area: Rect) -> Option<Page> {
        match self.overlay {
            Overlay::Help { scroll } => {
                // Without a game, that of the board on which most begin.
                let rules =
                    self.model.game().map_or_else(Rules::default, |game| game.snapshot.record.rules());
                let goal = status_line::goal(rules);
                let is_in_two_columns = area.width >= TWO_COLUMNS;
                let lines = if is_in_two_columns {
                    [goal, String::new()]
                        .into_iter()
                        .chain(in_two_columns(self.help_items(hanging)))
                        .collect()
                } else {
                    let lay_out = |label: &str, help: &str| beside(label, help, columns(area));
                    let goal = lay_out("Goal       ", &goal);
                    self.help_items(lay_out).into_iter().chain([goal]).flatten().collect()
                };
                Some(Page { title: "Help", lines, scroll: *scroll, is_in_two_columns })
            }
            Overlay::Position { scroll } => {
                let text = phrases::position(&self.model.game()?.snapshot);
                Some(Page::of("The board", wrap(&text, columns(area)), *scroll))
            }
            Overlay::Checkup { report, scroll } => {
                let report = report.as_deref().unwrap_or("Checking. It takes some seconds.");
                let lines = report.lines().flat_map(|line| wrap(line, columns(area))).collect();
                Some(Page::of("Your network", lines, *scroll))
            }
            Overlay::Confirm(_)
            | Overlay::Settings(_)
            | Overlay::Chat(_)
            | Overlay::Cell(_)
            | Overlay::Emotes
            | Overlay::Welcome => None,
        }
    }

    /// The keys of the screen below, and the meaning of its signs; each laid out as a label and its meaning.
    fn help_items(&self, lay_out: impl Fn(&str, &str) -> Vec<String>) -> Vec<Vec<String>> {
        let label = |text: &str| format!("{text:<0$}", usize::from(LABEL_COLUMNS));
        let (model, context) = (self.model, self.model.screen_context());
        let mut items: Vec<Vec<String>> = model
            .keymap
            .help(context, &model.facts(true))
            .filter(|binding| model.is_there(binding.by_digit.map_or(binding.action, |action| action(1))))
            .map(|binding| lay_out(&label(&binding.label), binding.help))
            .collect();
        if let (Some(game), Screen::Game(_)) = (model.game(), &model.screen) {
            items.push(vec![String::new()]);
            let terms = game.snapshot.terms();
            for (sign, meaning) in [
                ("[ ]", "cursor"),
                ("( )", "last move; on large cells its corners"),
                ("{ }", "winning line; on large cells it is filled"),
                ("? ?", "not confirmed by the server; or shaded"),
                ("Agreed", &*phrases::terms(&terms)),
            ] {
                items.push(lay_out(&label(sign), meaning));
            }
        }
        items
    }
}

/// The regions of a screen with a page.
pub(super) fn regions(screen: Rect) -> Option<Regions> {
    Regions::of(screen, Size { width: screen.width.saturating_sub(4), ..screen.as_size() })
}

/// The page, with margins.
pub(super) fn place(regions: Regions) -> Rect {
    let margin = u16::from(regions.breakpoint != Breakpoint::Full);
    let body = regions.body;
    Rect { x: body.x + margin, width: body.width.saturating_sub(2 * margin), ..body }
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
    lines: Vec<String>,
    /// The first line shown.
    scroll: u16,
    is_in_two_columns: bool,
}

impl Page {
    const fn of(title: &'static str, lines: Vec<String>, scroll: u16) -> Self {
        Self { title, lines, scroll, is_in_two_columns: false }
    }

    /// The lines for which there is no room.
    fn hidden(&self, area: Rect) -> u16 {
        let lines = u16::try_from(self.lines.len()).unwrap_or(u16::MAX);
        let rows = area.height.saturating_sub(rows_above(area));
        // The last row tells how many there are.
        if lines > rows { lines - rows.saturating_sub(1) } else { 0 }
    }

    fn draw(self, theme: Theme, area: Rect, frame: &mut Frame<'_>) {
        let columns = self.lines.iter().map(|line| line.width()).max().unwrap_or(0).max(self.title.width());
        let area = area.centered_horizontally(u16::try_from(columns).unwrap_or(u16::MAX).into());
        let hidden = self.hidden(area);
        let scroll = self.scroll.min(hidden);
        frame.render_widget(Span::styled(self.title, theme.style(Role::Strong)), area);
        let above = rows_above(area);
        let below = u16::from(hidden > 0);
        let text = Rect { y: area.y + above, height: area.height.saturating_sub(above + below), ..area };
        let lines: Vec<Line<'_>> = self.lines.iter().map(|line| Line::raw(theme.text(line))).collect();
        frame.render_widget(Paragraph::new(lines).scroll((scroll, 0)), text);
        if self.is_in_two_columns {
            // The labels, which begin under the goal and a free line.
            let goal = 2_u16.saturating_sub(scroll);
            let below = Rect { y: text.y + goal, height: text.height.saturating_sub(goal), ..text };
            for x in [0, HELP_COLUMN + 2] {
                let x = below.x + u16::try_from(x).unwrap_or(u16::MAX);
                let labels = Rect { x, width: LABEL_COLUMNS, ..below }.intersection(below);
                frame.buffer_mut().set_style(labels, theme.style(Role::Strong));
            }
        }
        if hidden > scroll {
            let [_, sign, ..] = theme.more();
            let more = format!("{sign} {} more lines", hidden - scroll);
            let last = Rect { y: area.bottom() - 1, height: 1, ..area };
            frame.render_widget(Line::styled(more, theme.style(Role::Faint)), last);
        }
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
        let gap = " ".repeat(HELP_COLUMN.saturating_sub(left.width()) + 2);
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
