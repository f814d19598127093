//! The list of finished matches.

use game_core::Mark;
use jiff::tz::TimeZone;
use net::proto::MAX_NAME_COLUMNS;
use ratatui::{
    Frame,
    layout::{Position, Rect},
    text::{Line, Span},
    widgets::Paragraph,
};
use server::phrases;
use unicode_width::UnicodeWidthStr;

use super::{
    text::{fit, wrap},
    ui::{Breakpoint, Ui},
};
use crate::{
    buttons::Target,
    format,
    history::{History, KeptMatch, Standing},
    replays::Replays,
    status_line,
    theme::Role,
};

/// Rows of the explanation below the list in the full layout, with the rule above it and the count below.
const EXPLAINED: u16 = 4;

/// The columns of a list: the number, the opponent, the result, the board, the date. Where one has no width it is left out.
#[derive(Debug, Clone, Copy)]
struct Columns {
    number: usize,
    opponent: usize,
    result: usize,
    board: usize,
    date: usize,
}

pub(super) fn draw(ui: &Ui, (list, history, zone): (&Replays, &History, &TimeZone), frame: &mut Frame<'_>) {
    let count = history.matches.len();
    let chosen = list.chosen(history);
    let place = if count == 0 { String::new() } else { format!("{} of {count}", chosen + 1) };
    let title = ui.theme.text(list.other.as_ref().map_or("replays", |(name, _)| name));
    // A file may have a long name. The program's name, the gaps, and a place or a name stand beside it.
    let within = |beside| fit(&title, usize::from(ui.regions.header.width).saturating_sub(beside));
    match ui.breakpoint() {
        Breakpoint::Full => {
            let title = within(2 * (MAX_NAME_COLUMNS + 3));
            ui.header(["", title.trim_end(), ui.me.as_str()], frame);
        }
        Breakpoint::Compact => ui.header([within(9 + place.width()).trim_end(), "", &place], frame),
        Breakpoint::Tiny if count > 0 => ui.header(["", "", &format!("{}/{count}", chosen + 1)], frame),
        Breakpoint::Tiny => ui.header([&title, "", ""], frame),
    }
    let body = ui.body();
    let margin = if ui.is_full() { 0 } else { 2 };
    let text = Rect { x: body.x + margin, width: body.width.saturating_sub(margin + margin / 2), ..body };
    if count == 0 {
        return draw_advice(ui, text, frame);
    }
    let (above, under) = match ui.breakpoint() {
        Breakpoint::Full => (2, 1 + EXPLAINED),
        Breakpoint::Compact => (0, 2),
        Breakpoint::Tiny => (0, 0),
    };
    let rows = Rect { y: text.y + above, height: text.height.saturating_sub(above + under), ..text };
    let columns = Columns::of(ui.breakpoint(), rows.width.into(), count);
    if above > 0 {
        let titles = columns.line(["", "against", "result", "board", "date"]);
        frame.render_widget(Line::styled(titles, ui.theme.style(Role::Faint)), Rect { height: 1, ..text });
        ui.rule(Rect { y: text.y + 1, ..outside(text) }, frame);
        ui.rule(Rect { y: rows.bottom(), ..outside(text) }, frame);
    }
    draw_rows(ui, (history, chosen, zone), (columns, rows), frame);
    let under = Rect { y: rows.bottom() + above / 2, height: under.saturating_sub(above / 2), ..text };
    if let Some(kept) = history.numbered(chosen + 1) {
        explain(ui, (history, kept), under, frame);
    }
    if ui.is_full() {
        let foot = Rect { y: under.bottom() - 1, height: 1, ..under };
        let faint = ui.theme.style(Role::Faint);
        frame.render_widget(Line::styled(format!("All games: {}", history.tally()), faint), foot);
        frame.render_widget(Line::styled(place, faint).right_aligned(), foot);
    }
}

/// Draws the rows, scrolled to the chosen one, and a mark where there are more.
fn draw_rows(
    ui: &Ui,
    (history, chosen, zone): (&History, usize, &TimeZone),
    (columns, area): (Columns, Rect),
    frame: &mut Frame<'_>,
) {
    let (count, height) = (history.matches.len(), usize::from(area.height));
    let first = chosen.saturating_sub(height / 2).min(count.saturating_sub(height));
    for (row, y) in (first..count.min(first + height)).zip(area.y..) {
        let Some(kept) = history.numbered(row + 1) else { continue };
        let place = Rect { y, height: 1, ..area };
        let is_chosen = row == chosen;
        draw_row(ui, (kept, row + 1, is_chosen), (columns, place, zone), frame);
        ui.note(outside(place), Target::Row(row));
        if is_chosen {
            ui.choose(outside(place), ui.theme.style(Role::Mark(Mark::X)), frame);
            if ui.has_focus {
                frame.set_cursor_position(Position::new(area.x, y));
            }
        }
    }
    let has_more = [first > 0, first + height < count];
    let edges = [area.y, area.bottom().saturating_sub(1)];
    for ((has_more, sign), y) in has_more.into_iter().zip(ui.theme.more()).zip(edges) {
        if has_more {
            frame.buffer_mut().set_string(area.right(), y, sign, ui.theme.style(Role::Strong));
        }
    }
}

fn draw_row(
    ui: &Ui,
    (kept, number, is_chosen): (&KeptMatch, usize, bool),
    (columns, area, zone): (Columns, Rect, &TimeZone),
    frame: &mut Frame<'_>,
) {
    let theme = ui.theme;
    let against = match kept.opponent() {
        Some(opponent) => opponent.to_string(),
        None => kept.players(),
    };
    let (result, role) = match (kept.standing(), kept.winner()) {
        (Some(Standing::Won), _) => ("won".to_owned(), Role::Good),
        (Some(Standing::Lost), _) => ("lost".to_owned(), Role::Faint),
        (Some(Standing::Drawn), _) | (None, None) => ("draw".to_owned(), Role::Plain),
        (None, Some(mark)) => (format!("{mark} won"), Role::Mark(mark)),
    };
    let plain = theme.style(if is_chosen { Role::Strong } else { Role::Plain });
    let faint = theme.style(if is_chosen { Role::Plain } else { Role::Faint });
    let date = match columns.date {
        16.. => format::date_and_time(kept.ended, zone),
        _ => format::date(kept.ended, zone),
    };
    let cell = |text: &str, width: usize, style| {
        let text = if width == 0 { String::new() } else { fit(&theme.text(text), width) + " " };
        Span::styled(text, style)
    };
    let line = Line::from(vec![
        cell(&number.to_string(), columns.number, faint),
        cell(&against, columns.opponent, plain),
        cell(&result, columns.result, theme.style(role)),
        cell(&phrases::rules(kept.terms.rules), columns.board, faint),
        cell(&date, columns.date, faint),
    ]);
    frame.render_widget(line, area);
}

impl Columns {
    fn of(breakpoint: Breakpoint, width: usize, matches: usize) -> Self {
        let number = matches.to_string().len();
        let (result, board, date) = match breakpoint {
            Breakpoint::Full => (6, 20, 16),
            Breakpoint::Compact => (5, 0, 10),
            Breakpoint::Tiny => (5, 0, 0),
        };
        let number = if breakpoint == Breakpoint::Tiny { 0 } else { number };
        let fixed =
            [number, result, board, date].into_iter().filter(|width| *width > 0).map(|width| width + 1);
        let opponent = width.saturating_sub(fixed.sum::<usize>()).min(36);
        Self { number, opponent, result, board, date }
    }

    fn line(&self, titles: [&str; 5]) -> String {
        let widths = [self.number, self.opponent, self.result, self.board, self.date];
        let cells = titles.iter().zip(widths).filter(|(_, width)| *width > 0);
        let line: String = cells.map(|(title, width)| fit(title, width) + " ").collect();
        line.trim_end().to_owned()
    }
}

/// Draws the result of the chosen match in words, and the account of all matches against the same player.
fn explain(ui: &Ui, (history, kept): (&History, &KeptMatch), area: Rect, frame: &mut Frame<'_>) {
    let result = status_line::result(kept);
    let met = kept.opponent().and_then(|name| history.record_against(name)).map(|met| format!("{met}."));
    let said = match ui.breakpoint() {
        Breakpoint::Full => {
            let [x, o] = [Mark::X, Mark::O].map(|mark| kept.player(mark));
            let moves = kept.moves.len();
            let what = format!("{x} (X) v. {o} (O), {}, {moves} moves.", phrases::terms(&kept.terms));
            vec![Some(format!("{what} {result}")), met]
        }
        Breakpoint::Compact => vec![Some(met.unwrap_or(result))],
        Breakpoint::Tiny => Vec::new(),
    };
    let mut lines = Vec::new();
    for (index, said) in said.into_iter().flatten().enumerate() {
        let role = if index == 0 { Role::Plain } else { Role::Faint };
        let wrapped = wrap(&ui.theme.text(&said), area.width.into());
        lines.extend(wrapped.into_iter().map(|line| Line::styled(line, ui.theme.style(role))));
    }
    frame.render_widget(Paragraph::new(lines), area);
}

fn draw_advice(ui: &Ui, area: Rect, frame: &mut Frame<'_>) {
    let lines: &[&str] = if ui.is_full() {
        &[
            "",
            "No match is kept yet.",
            "",
            "Each match that you play is kept on this machine when it is over: with the time of",
            "each move, and what it was worth.",
        ]
    } else {
        &["No match is kept yet."]
    };
    let lines = lines.iter().flat_map(|line| wrap(line, area.width.into())).map(Line::raw);
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), area);
}

/// An area with a column more at either side, for a background that text does not touch the edge of.
const fn outside(area: Rect) -> Rect {
    Rect { x: area.x.saturating_sub(1), width: area.width + 2, ..area }
}
