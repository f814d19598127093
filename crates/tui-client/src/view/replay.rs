//! The replay of a match: its board, its moves with their worth, and the place in it.

use game_core::{Cell, Mark};
use jiff::tz::TimeZone;
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};
use server::phrases;
use unicode_width::UnicodeWidthStr;

use super::{
    board::Shown,
    game::Composition,
    side::{INDENT, Section, ruled},
    text::{fit, wrap},
    ui::{Breakpoint, Ui, below, right_of},
};
use crate::{
    analysis::Remark,
    buttons::Target,
    format,
    history::Played,
    replay::{Move, Replay},
    status_line,
    theme::Role,
};

/// Columns of a panel from which it has the times of the moves and their worth in words.
const WIDE_PANEL: u16 = 30;

/// The places of everything on the screen: as in the match.
pub(super) fn composition(replay: &Replay, area: Rect) -> Option<Composition> {
    let rules = replay.kept.terms.rules;
    let around = replay.last().map(|last| last.cell);
    let around = around.or_else(|| Cell::new(rules.columns() / 2, rules.rows() / 2))?;
    Composition::of_board(rules, around, area)
}

pub(super) fn draw(
    ui: &Ui,
    (replay, composition, zone): (&Replay, Option<Composition>, &TimeZone),
    frame: &mut Frame<'_>,
) {
    let Some(Composition { board, players, panel, .. }) = composition else { return };
    let kept = &replay.kept;
    let [x, o] = [Mark::X, Mark::O].map(|mark| kept.player(mark).as_str());
    let score = kept.score();
    let place = format!("{}/{}", replay.plies, kept.moves.len());
    match ui.breakpoint() {
        Breakpoint::Full => {
            let title = format!("{x} v. {o} {} {score}", ui.theme.dot());
            ui.header(["replay", &title, &format::date(kept.ended, zone)], frame);
        }
        Breakpoint::Compact => ui.header(["replay", "", &format!("{place}  {}", speed(replay))], frame),
        Breakpoint::Tiny => {
            let title = fit(&ui.theme.text(&format!(" {x} v. {o}")), ui.regions.header.width.into());
            frame.render_widget(Line::raw(title), ui.regions.header);
        }
    }
    let shown = Shown {
        record: &replay.snapshot.record,
        is_over: replay.is_at_end(),
        unconfirmed: None,
        hint: replay.better(),
    };
    board.draw(shown, None, ui.theme, frame.buffer_mut());
    match ui.breakpoint() {
        Breakpoint::Full => full(ui, replay, panel, frame),
        Breakpoint::Compact => {
            let width = usize::from(players.width).saturating_sub(3 + score.width());
            let title = fit(&ui.theme.text(&format!("{x} (X) v. {o} (O)")), width);
            frame.render_widget(Line::raw(format!(" {title} {score}")), Rect { height: 1, ..players });
            let bar = Rect { width: players.width.saturating_sub(2), ..right_of(below(players, 1), 1) };
            frame.render_widget(bar_line(ui, replay, bar.width), bar);
            compact(ui, replay, panel, frame);
        }
        Breakpoint::Tiny => {}
    }
}

/// The panel of the full layout: the moves, what the last one was worth, and the place in the match.
fn full(ui: &Ui, replay: &Replay, area: Rect, frame: &mut Frame<'_>) {
    let columns = area.width.saturating_sub(INDENT);
    let mut said: Vec<Line<'static>> = Vec::new();
    let of_move = [status_line::verdict(replay), status_line::next_move(replay)].into_iter().flatten();
    for text in of_move.chain(as_a_whole(replay)) {
        said.extend(wrap(&ui.text(&text), columns.into()).into_iter().map(Line::raw));
    }
    let said = Section::new(said);
    // The moves take what the rest leaves: the place has a row, and what is said as many as it ever needs.
    let said_rows = SAID_ROWS.min(area.height.saturating_sub(6));
    let moves = Rect { height: area.height.saturating_sub(said_rows + 4), ..area };
    if area.width >= WIDE_PANEL {
        let title = format!("{:<13}{:>8}  worth", "moves", "time");
        frame.render_widget(ui.span(title, Role::Faint), right_of(area, INDENT));
    }
    draw_moves(ui, replay, below(moves, 1), frame);
    let rest = ruled(ui, below(area, moves.height), frame);
    said.draw(ui, Rect { height: said_rows.min(rest.height), ..rest }, frame);
    let rest = ruled(ui, below(rest, said_rows), frame);
    frame.render_widget(bar_line(ui, replay, columns), right_of(rest, INDENT));
}

/// Rows of the sentences about a move.
const SAID_ROWS: u16 = 4;

/// Draws the moves around the one that stands last, which is lit.
fn draw_moves(ui: &Ui, replay: &Replay, area: Rect, frame: &mut Frame<'_>) {
    let rows = usize::from(area.height);
    let last = replay.plies.saturating_sub(1);
    let first = last.saturating_sub(rows / 2).min(replay.kept.moves.len().saturating_sub(rows));
    for (ply, place) in (first..).zip(area.rows()) {
        let Some(mv) = replay.nth(ply) else { break };
        let line = move_line(ui, replay, (ply, mv), area.width >= WIDE_PANEL);
        frame.render_widget(line, right_of(place, INDENT));
        ui.note(place, Target::Row(ply + 1));
        if ply + 1 == replay.plies {
            ui.choose(place, ui.theme.style(Role::Mark(mv.mark)), frame);
        }
    }
}

/// `  4  O 4   ?    0.9 s  X wins`
fn move_line(ui: &Ui, replay: &Replay, (ply, mv): (usize, Move<'_>), is_wide: bool) -> Line<'static> {
    let cell = phrases::short_cell(replay.kept.terms.rules, mv.cell);
    let remark = ui.span(format!("{} ", status_line::sign(mv.remark)), remark_role(mv.remark));
    let mut spans = vec![
        ui.span(format!("{:>3}  ", ply + 1), Role::Faint),
        ui.span(format!("{} ", mv.mark), Role::Mark(mv.mark)),
        Span::raw(format!("{cell:<4}")),
        remark,
    ];
    if is_wide {
        let took = mv.took.map(format::took).unwrap_or_default();
        spans.push(ui.span(format!("{took:>8}  "), Role::Faint));
        spans.push(Span::raw(status_line::worth(replay, &mv)));
    }
    Line::from(spans)
}

const fn remark_role(remark: Option<Remark>) -> Role {
    match remark {
        Some(Remark::Mistake) => Role::Bad,
        Some(Remark::Only | Remark::Winning) => Role::Good,
        None => Role::Faint,
    }
}

/// The verdict on the match as a whole, where no move is shown; where nothing is certain, it says so.
fn as_a_whole(replay: &Replay) -> Vec<String> {
    let is_exact = replay.analysis.is_exact;
    if let Some(last) = replay.last() {
        let is_open = !is_exact && last.worth.is_none();
        return is_open.then(|| "Not certain: nobody has solved this board.".into()).into_iter().collect();
    }
    let kept = &replay.kept;
    let room = match kept.place {
        Played::Server => format!(", in {}", kept.code),
        Played::Keyboard => ", at one keyboard".into(),
        Played::Bot => String::new(),
    };
    let terms = format!("{}, game {}{room}.", phrases::terms(&kept.terms), kept.game_number);
    let turning = replay.analysis.turning_point().map(|ply| format!("Lost by move {}.", ply + 1));
    let open = (!is_exact).then(|| "Only wins one move away are certain here.".to_owned());
    [Some(terms), turning, open].into_iter().flatten().collect()
}

/// The panel of the compact layout, fifteen columns wide or more: the last move and its worth.
fn compact(ui: &Ui, replay: &Replay, area: Rect, frame: &mut Frame<'_>) {
    let Some(last) = replay.last() else {
        let moves = format!("{} moves", replay.kept.moves.len());
        frame.render_widget(ui.line(moves, Role::Faint), area);
        return;
    };
    let cell = phrases::short_cell(replay.kept.terms.rules, last.cell);
    let mark = ui.span(format!("{} ", last.mark), Role::Mark(last.mark));
    let sign = ui.span(status_line::sign(last.remark).to_string(), remark_role(last.remark));
    let mut lines = vec![Line::from(vec![mark, Span::raw(format!("{cell} ")), sign])];
    let facts = [last.took.map(format::took), Some(status_line::worth(replay, &last))];
    lines.extend(facts.into_iter().flatten().map(|fact| ui.line(fact, Role::Faint)));
    frame.render_widget(Paragraph::new(lines), area);
}

/// `|<---[4]------->| 4/7 1x`
fn bar_line(ui: &Ui, replay: &Replay, columns: u16) -> Line<'static> {
    let count = replay.kept.moves.len();
    let place = format!(" {}/{count} {}", replay.plies, speed(replay));
    let knob = format!("[{}]", replay.plies);
    let room = usize::from(columns).saturating_sub(place.width() + knob.width() + 2);
    let before = (room * replay.plies).checked_div(count).unwrap_or(0);
    let line = |columns: usize| ui.span(ui.theme.horizontal().repeat(columns), Role::Rule);
    Line::from(vec![
        ui.span("<", Role::Faint),
        line(before),
        ui.span(knob, Role::Strong),
        line(room - before),
        ui.span(format!(">{place}"), Role::Faint),
    ])
}

/// The speed, with a sign while it runs.
fn speed(replay: &Replay) -> String {
    format!("{}{}", if replay.is_running() { "> " } else { "" }, replay.speed())
}
