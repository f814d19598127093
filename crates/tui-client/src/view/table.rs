//! The table of a list of games: its columns, its rows, the explanation of the chosen game, and the advice of an empty list.

use std::time::Duration;

use game_core::Mark;
use net::proto::{RoomLine, RoomState, Terms};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Position, Rect},
    text::{Line, Span},
    widgets::{Paragraph, Wrap},
};
use server::phrases;
use unicode_width::UnicodeWidthStr;

use super::{
    input,
    text::{fit, wrap},
    ui::{Breakpoint, Ui},
};
use crate::{buttons::Target, format, text_input::TextInput, theme::Role};

/// A list on the screen.
pub(super) struct Table<'a> {
    pub(super) rows: Vec<Row>,
    /// The number of games, those included that the filter leaves out.
    pub(super) total: usize,
    /// The chosen row; without any, there is nothing to choose.
    pub(super) chosen: usize,
    /// The filter, and true while it is typed.
    pub(super) filter: Option<(&'a TextInput, bool)>,
    /// The explanation of the chosen game, a sentence or two a line.
    pub(super) explained: Vec<String>,
    /// The advice of an empty list.
    pub(super) advice: Vec<String>,
    /// The lines below everything.
    pub(super) state: Vec<String>,
}

/// A row of a list.
pub(super) struct Row {
    pub(super) room: RoomLine,
    pub(super) age: Duration,
    /// The round trip, where it is measured.
    pub(super) ping: Option<String>,
}

/// A column of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Code,
    Host,
    Game,
    Clock,
    State,
    Ping,
    Watchers,
}

/// The places of a list on the screen.
struct Areas {
    titles: Rect,
    rows: Rect,
    explained: Rect,
    /// The filter and the count.
    foot: Rect,
    state: Rect,
}

/// Rows of the explanation in the full layout.
const EXPLAINED: u16 = 4;

/// Columns of the code before its explanation.
const CODE_COLUMNS: u16 = 9;

/// Columns that a table takes at least in the full layout.
const FULL_COLUMNS: u16 = 76;

/// Rows that a list of so many games needs in the full layout: those of the games, two between groups, and the rest.
pub(super) fn rows_needed(games: usize) -> u16 {
    u16::try_from(games).unwrap_or(u16::MAX).saturating_add(2 + 2 + 1 + EXPLAINED + 1 + 2).max(18)
}

impl Table<'_> {
    pub(super) fn draw(&self, ui: &Ui, frame: &mut Frame<'_>) {
        let areas = self.areas(ui);
        if self.rows.is_empty() {
            draw_advice(ui, &self.advice, areas.rows, frame);
        } else {
            let columns = self.columns(ui.breakpoint(), areas.rows.width);
            if ui.is_full() {
                draw_titles(ui, &columns, areas.titles, frame);
                let above = Rect { y: areas.explained.y - 1, height: 1, ..outside(areas.explained) };
                ui.rule(above, frame);
            }
            self.draw_rows(ui, &columns, areas.rows, frame);
            self.explain(ui, areas.explained, frame);
        }
        self.draw_foot(ui, areas.foot, frame);
        let state = self.state.iter().map(|line| Line::styled(line.clone(), ui.theme.style(Role::Faint)));
        frame.render_widget(Paragraph::new(state.collect::<Vec<_>>()), areas.state);
    }

    fn areas(&self, ui: &Ui) -> Areas {
        let body = ui.body();
        let has_filter = self.filter.is_some_and(|(typed, is_typed)| is_typed || !typed.text().is_empty());
        let (text, [titles, rule, explained, foot]) = match ui.breakpoint() {
            Breakpoint::Full if self.rows.is_empty() => (body, [0, 0, 0, u16::from(has_filter)]),
            Breakpoint::Full => (body, [2, 1, EXPLAINED, 1]),
            small => {
                let explained = if small == Breakpoint::Compact { 2 } else { 0 };
                let text = Rect { x: body.x + 2, width: body.width.saturating_sub(3), ..body };
                (text, [0, 0, explained, u16::from(has_filter)])
            }
        };
        let state = u16::try_from(self.state.len()).unwrap_or(u16::MAX);
        let lengths = [rule, explained, foot, state].map(Constraint::Length);
        let [titles, rows, _, explained, foot, state] = text.layout(&Layout::vertical(
            [Constraint::Length(titles), Constraint::Fill(1)].into_iter().chain(lengths),
        ));
        Areas { titles, rows, explained, foot, state }
    }

    /// The columns and their widths, with a free column between two.
    fn columns(&self, breakpoint: Breakpoint, width: u16) -> Vec<(Column, u16)> {
        use Column::{Clock, Code, Game, Host, Ping, State, Watchers};
        let has_ping = self.rows.iter().any(|row| row.ping.is_some());
        let mut spare = width;
        // Columns grow in the order in which more of them helps.
        let mut grow = |least: u16, most: u16| {
            let more = spare.min(most - least);
            spare -= more;
            least + more
        };
        match breakpoint {
            Breakpoint::Full => {
                grow(0, FULL_COLUMNS);
                let host = grow(11, 16);
                let (game, state) = (grow(17, 28), grow(if has_ping { 16 } else { 23 }, 26));
                let columns = [(Code, 8), (Host, host), (Game, game), (Clock, 7), (State, state)];
                let ping = has_ping.then_some((Ping, 6));
                columns.into_iter().chain(ping).chain([(Watchers, 5)]).collect()
            }
            Breakpoint::Compact => {
                grow(0, 37);
                let (host, game) = (grow(7, 16), grow(9, 18));
                vec![(Code, 8), (Host, host), (Game, game), (Clock, grow(5, 8)), (State, 4)]
            }
            Breakpoint::Tiny => {
                grow(0, 14);
                let host = grow(0, 16);
                let host = (host > 3).then_some((Host, host));
                [(Code, 8)].into_iter().chain(host).chain([(State, 4)]).collect()
            }
        }
    }

    /// Draws the rows, scrolled to the chosen one, a mark where there are more, and the terminal's cursor.
    fn draw_rows(&self, ui: &Ui, columns: &[(Column, u16)], area: Rect, frame: &mut Frame<'_>) {
        let lines = self.lines(ui);
        let chosen = lines.iter().position(|line| *line == Some(self.chosen)).unwrap_or_default();
        let height = usize::from(area.height);
        // The chosen row in the middle, as far as the list goes.
        let first = chosen.saturating_sub(height / 2).min(lines.len().saturating_sub(height));
        let shown = lines.iter().skip(first).take(height);
        for (y, index) in (area.y..).zip(shown) {
            let Some(row) = index.and_then(|index| self.rows.get(index)) else { continue };
            let place = Rect { y, height: 1, ..area };
            let is_chosen = *index == Some(self.chosen);
            let code = row.room.code;
            ui.note(outside(place), Target::Game { row: index.unwrap_or_default(), code });
            row.draw(ui, columns, (place, is_chosen), frame);
            if is_chosen {
                ui.choose(outside(place), ui.theme.style(Role::Mark(Mark::X)), frame);
                if ui.has_focus {
                    frame.set_cursor_position(Position::new(area.x, y));
                }
            }
        }
        let has_more = [first > 0, first + height < lines.len()];
        for ((has_more, sign), y) in
            has_more.into_iter().zip(ui.theme.more()).zip([area.y, area.bottom().saturating_sub(1)])
        {
            if has_more {
                frame.buffer_mut().set_string(area.right(), y, sign, ui.theme.style(Role::Strong));
            }
        }
    }

    /// The index of the row on each line: a free line parts the groups where there is room.
    fn lines(&self, ui: &Ui) -> Vec<Option<usize>> {
        let mut lines = Vec::new();
        let mut last = None;
        for (index, row) in self.rows.iter().enumerate() {
            let state = row.room.state();
            if ui.is_full() && last.is_some_and(|last| last != state) {
                lines.push(None);
            }
            last = Some(state);
            lines.push(Some(index));
        }
        lines
    }

    /// `2 of 5`
    pub(super) fn place(&self) -> String {
        if self.rows.is_empty() {
            String::new()
        } else {
            format!("{} of {}", self.chosen + 1, self.rows.len())
        }
    }

    /// Draws the filter, or the number of games, and the place of the chosen one.
    fn draw_foot(&self, ui: &Ui, area: Rect, frame: &mut Frame<'_>) {
        let faint = ui.theme.style(Role::Faint);
        if ui.is_full() {
            frame.render_widget(Line::styled(self.place(), faint).right_aligned(), area);
        }
        let area = Rect { width: area.width.saturating_sub(10), ..area };
        match self.filter {
            Some((typed, true)) if ui.has_focus => {
                input::draw(ui.theme, typed, "Show only: ", area, frame);
            }
            Some((typed, _)) if !typed.text().is_empty() => {
                let (shown, total) = (self.rows.len(), self.total);
                let text = format!("{shown} of {total} match {}", typed.text());
                let text = fit(&ui.theme.text(&text), area.width.into());
                frame.render_widget(Line::styled(text, ui.theme.style(Role::Strong)), area);
            }
            Some(_) | None if self.total > 0 => {
                let games = if self.total == 1 { "game" } else { "games" };
                frame.render_widget(Line::styled(format!("{} {games}", self.total), faint), area);
            }
            Some(_) | None => {}
        }
    }

    /// Draws the explanation of the chosen game.
    fn explain(&self, ui: &Ui, area: Rect, frame: &mut Frame<'_>) {
        let Some(row) = self.rows.get(self.chosen) else { return };
        let before = if ui.is_full() { CODE_COLUMNS } else { 0 };
        let text = Rect { x: area.x + before, width: area.width.saturating_sub(before), ..area };
        let mut lines = Vec::new();
        for (index, said) in self.explained.iter().enumerate() {
            let role = if index == 0 { Role::Plain } else { Role::Faint };
            let wrapped = wrap(&ui.text(said), text.width.into());
            lines.extend(wrapped.into_iter().map(|line| Line::styled(line, ui.theme.style(role))));
        }
        frame.render_widget(Paragraph::new(lines), text);
        if ui.is_full() {
            let code = row.room.code.to_string();
            frame.buffer_mut().set_string(area.x, area.y, code, ui.theme.style(Role::Strong));
        }
    }
}

/// An area with a column more at either side, for a background that text does not touch the edge of.
const fn outside(area: Rect) -> Rect {
    Rect { x: area.x.saturating_sub(1), width: area.width + 2, ..area }
}

fn draw_titles(ui: &Ui, columns: &[(Column, u16)], area: Rect, frame: &mut Frame<'_>) {
    let mut x = area.x;
    for (column, width) in columns {
        frame.buffer_mut().set_string(x, area.y, column.title(), ui.theme.style(Role::Faint));
        x += width + 1;
    }
    ui.rule(Rect { y: area.y + 1, ..outside(area) }, frame);
}

impl Column {
    const fn title(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Host => "host",
            Self::Game => "game",
            Self::Clock => "clock",
            Self::State => "state",
            Self::Ping => "ping",
            Self::Watchers => "watch",
        }
    }
}

impl Row {
    fn draw(
        &self,
        ui: &Ui,
        columns: &[(Column, u16)],
        (area, is_chosen): (Rect, bool),
        frame: &mut Frame<'_>,
    ) {
        let mut x = area.x;
        for (column, width) in columns {
            let role = match column {
                Column::Code if is_chosen => Role::Strong,
                Column::Code => Role::Plain,
                Column::State if self.room.state() == RoomState::Open => Role::Good,
                _ if is_chosen => Role::Plain,
                _ => Role::Faint,
            };
            let text = fit(&ui.theme.text(&self.cell(ui, *column, (*width).into())), (*width).into());
            frame.buffer_mut().set_string(x, area.y, text.trim_end(), ui.theme.style(role));
            x += width + 1;
        }
    }

    fn cell(&self, ui: &Ui, column: Column, width: usize) -> String {
        let RoomLine { code, host, terms, .. } = &self.room;
        match column {
            Column::Code => code.to_string(),
            Column::Host => host.to_string(),
            Column::Game => game(terms, width),
            Column::Clock => terms.time.to_string(),
            Column::State if ui.is_full() => state(&self.room, self.age, width),
            Column::State => match self.room.state() {
                RoomState::Open => "open".into(),
                RoomState::InPlay => "live".into(),
                RoomState::Locked => "lock".into(),
            },
            Column::Ping => self.ping.clone().unwrap_or_default(),
            Column::Watchers => watchers(&self.room),
        }
    }
}

/// The state of a room, and for how long it has lasted: `waiting 0:12`, `v. eve 3:05` beside the host.
fn state(room: &RoomLine, age: Duration, width: usize) -> String {
    let age = format::clock(age);
    match (room.guest, room.is_locked) {
        (Some(guest), _) => {
            let name = fit(guest.as_str(), width.saturating_sub(age.len() + 4));
            format!("v. {} {age}", name.trim_end())
        }
        (None, true) => "needs passcode".into(),
        (None, false) => format!("waiting {age}"),
    }
}

/// The number of watchers; a dash where nobody may watch.
fn watchers(room: &RoomLine) -> String {
    match room.watchers {
        _ if !room.is_watchable => "-".into(),
        0 => String::new(),
        watchers => watchers.to_string(),
    }
}

/// The rules and the length of the series in as many words as fit.
fn game(terms: &Terms, width: usize) -> String {
    let rules = terms.rules;
    let in_row = if rules.cells() == 9 { String::new() } else { format!(":{}", rules.in_row()) };
    let misere = if rules.is_misere() { " misere" } else { "" };
    let board = format!("{}x{}{in_row}{misere}", rules.columns(), rules.rows());
    let [long, short] = [", best of ", " bo"]
        .map(|word| terms.best_of.map(|best_of| format!("{word}{best_of}")).unwrap_or_default());
    let ways = [phrases::series(terms), format!("{board}{long}"), format!("{board}{short}")];
    ways.iter().find(|way| way.width() <= width).unwrap_or(&ways[2]).clone()
}

/// Draws an empty list. It is the first thing that many see, so it says what to do.
fn draw_advice(ui: &Ui, lines: &[String], area: Rect, frame: &mut Frame<'_>) {
    let indent = if ui.is_full() { 6 } else { 0 };
    let area = Rect { x: area.x + indent, width: area.width.saturating_sub(indent), ..area };
    ui.note_keys(lines.iter().map(|line| ui.text(line)), area);
    let lines = lines.iter().map(|line| {
        let line = ui.text(line);
        match line.split_once("  ").filter(|(key, _)| !key.is_empty() && !key.contains(' ')) {
            Some((key, rest)) => Line::from(vec![
                Span::styled(key.to_owned(), ui.theme.style(Role::Mark(Mark::X))),
                Span::raw(format!("  {rest}")),
            ]),
            None if line.starts_with(' ') => Line::styled(line, ui.theme.style(Role::Faint)),
            None => Line::raw(line),
        }
    });
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()).wrap(Wrap { trim: false }), area);
}
