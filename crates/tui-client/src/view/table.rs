//! A list with a cursor: its columns, its rows, and the explanation of the chosen one.

use game_core::Mark;
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    text::Line,
    widgets::{Paragraph, Wrap},
};

use super::{
    text::fit,
    ui::{Breakpoint, Ui},
};
use crate::{buttons::Target, theme::Role};

/// A list with at least one row, and `N` columns.
pub(super) struct Table<'a, const N: usize> {
    /// The title and the width of each column, with a free column between two. One without width is left out.
    pub(super) columns: [(&'static str, u16); N],
    /// The row on each line; none on a line that parts two groups.
    pub(super) lines: Vec<Option<usize>>,
    /// The chosen row.
    pub(super) chosen: usize,
    /// The cells of a row, which may be the chosen one, and the meaning of a click on it.
    pub(super) row: &'a dyn Fn(usize, bool) -> ([(String, Role); N], Target),
    /// A title beside the explanation, in the full layout.
    pub(super) title: String,
    /// The explanation of the chosen row, a sentence or two a line.
    pub(super) explained: &'a [String],
}

/// The places of a list on the screen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Areas {
    titles: Rect,
    pub(super) rows: Rect,
    explained: Rect,
    /// The last line of the list; the place of the chosen row is at its right in the full layout.
    pub(super) foot: Rect,
    /// The lines below everything.
    pub(super) state: Rect,
}

/// Rows of the explanation of a game in the full layout.
pub(super) const EXPLAINED: u16 = 4;

/// Columns of a title before the explanation.
const TITLE_COLUMNS: u16 = 9;

/// Rows that a list of so many games needs in the full layout: those of the games, two between groups, and the rest.
pub(super) fn rows_needed(games: usize) -> u16 {
    u16::try_from(games).unwrap_or(u16::MAX).saturating_add(2 + 2 + 1 + EXPLAINED + 1 + 2).max(18)
}

/// The place of the chosen row: `2 of 5`.
pub(super) fn place(chosen: usize, count: usize) -> String {
    if count == 0 { String::new() } else { format!("{} of {count}", chosen + 1) }
}

impl Areas {
    /// The places of a list, with so many rows of explanation in the full layout, and so many below everything. In the other
    /// layouts and in an empty list it may have no foot.
    pub(super) fn of(ui: &Ui, is_empty: bool, explained: u16, has_foot: bool, state: usize) -> Self {
        let body = ui.body();
        let (text, [titles, rule, explained, foot]) = match ui.breakpoint() {
            Breakpoint::Full if is_empty => (body, [0, 0, 0, has_foot.into()]),
            Breakpoint::Full => (body, [2, 1, explained, 1]),
            small => {
                let explained = if small == Breakpoint::Compact { 2 } else { 0 };
                let text = Rect { x: body.x + 2, width: body.width.saturating_sub(3), ..body };
                (text, [0, 0, explained, has_foot.into()])
            }
        };
        let state = u16::try_from(state).unwrap_or(u16::MAX);
        let lengths = [rule, explained, foot, state].map(Constraint::Length);
        let [titles, rows, _, explained, foot, state] = text.layout(&Layout::vertical(
            [Constraint::Length(titles), Constraint::Fill(1)].into_iter().chain(lengths),
        ));
        Self { titles, rows, explained, foot, state }
    }
}

impl<const N: usize> Table<'_, N> {
    pub(super) fn draw(&self, ui: &Ui, areas: Areas, frame: &mut Frame<'_>) {
        let Areas { titles, rows, explained, foot, .. } = areas;
        if ui.is_full() {
            self.draw_cells(
                ui,
                self.columns.map(|(title, _)| (title.to_owned(), Role::Faint)),
                titles,
                frame,
            );
            for y in [titles.y + 1, explained.y - 1] {
                ui.rule(Rect { y, ..outside(titles) }, frame);
            }
            let count = self.lines.iter().flatten().count();
            let place = Line::styled(place(self.chosen, count), ui.theme.style(Role::Faint));
            frame.render_widget(place.right_aligned(), foot);
        }
        self.draw_rows(ui, rows, frame);
        self.explain(ui, explained, frame);
    }

    /// Draws the rows, scrolled to the chosen one, a mark where there are more, and the terminal's cursor.
    fn draw_rows(&self, ui: &Ui, area: Rect, frame: &mut Frame<'_>) {
        let chosen = self.lines.iter().position(|line| *line == Some(self.chosen)).unwrap_or_default();
        let height = usize::from(area.height);
        // The chosen row in the middle, as far as the list goes.
        let first = chosen.saturating_sub(height / 2).min(self.lines.len().saturating_sub(height));
        for (row, line) in area.rows().zip(self.lines.iter().skip(first)) {
            let Some(index) = *line else { continue };
            let is_chosen = index == self.chosen;
            let (cells, target) = (self.row)(index, is_chosen);
            ui.note(outside(row), target);
            self.draw_cells(ui, cells, row, frame);
            if is_chosen {
                ui.choose(outside(row), ui.theme.style(Role::Mark(Mark::X)), frame);
                if ui.has_focus {
                    frame.set_cursor_position(row.as_position());
                }
            }
        }
        ui.draw_more([first > 0, first + height < self.lines.len()], area, area.right(), frame);
    }

    fn draw_cells(&self, ui: &Ui, cells: [(String, Role); N], area: Rect, frame: &mut Frame<'_>) {
        let mut x = area.x;
        for ((_, width), (text, role)) in self.columns.iter().zip(cells).filter(|((_, width), _)| *width > 0)
        {
            let text = fit(&ui.theme.text(&text), (*width).into());
            frame.buffer_mut().set_string(x, area.y, text.trim_end(), ui.theme.style(role));
            x += width + 1;
        }
    }

    /// Draws the explanation of the chosen row.
    fn explain(&self, ui: &Ui, area: Rect, frame: &mut Frame<'_>) {
        let mut text = area;
        if ui.is_full() && !self.title.is_empty() {
            frame.buffer_mut().set_string(area.x, area.y, &self.title, ui.theme.style(Role::Strong));
            text =
                Rect { x: area.x + TITLE_COLUMNS, width: area.width.saturating_sub(TITLE_COLUMNS), ..area };
        }
        let roles = [Role::Plain].into_iter().chain(std::iter::repeat(Role::Faint));
        let lines = self.explained.iter().zip(roles);
        let lines: Vec<Line<'_>> =
            lines.map(|(said, role)| Line::styled(ui.text(said), ui.theme.style(role))).collect();
        frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), text);
    }
}

/// An area with a column more at either side, for a background that text does not touch the edge of.
const fn outside(area: Rect) -> Rect {
    Rect { x: area.x.saturating_sub(1), width: area.width + 2, ..area }
}
