//! The two players: names, wins, the turn, trouble, and clocks.

use std::time::Instant;

use net::proto::{Occupant, Phase, Presence, Seat};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{text::fit, ui::Ui};
use crate::{
    format,
    game::{
        Game,
        clocks::{ClockState, WARN_AT},
    },
    theme::Role,
};

/// Draws a player in one row: mark, name, state, clock. The player to move stands on a bar.
pub(super) fn line(ui: &Ui, game: &Game, seat: Seat, area: Rect, frame: &mut Frame<'_>) {
    let theme = ui.theme;
    let wins = game.snapshot.score.wins[seat];
    let (state, role) = state(game, seat, ui.now);
    let short = if state.is_empty() { format::counted(wins.into(), "win") } else { state };
    let long = match you(game, seat) {
        "" => short.clone(),
        you => format!("{you} {} {short}", theme.dot()),
    };
    let name = format!(" {} ", theme.text(game.name(seat)));
    let clock = clock(game, seat, ui.now).map_or(0, |(text, _)| text.width() + 2);
    let room = usize::from(area.width).saturating_sub(3 + name.width() + clock);
    let note = [long, short].into_iter().find(|note| note.width() <= room).unwrap_or_default();
    let left = Line::from(vec![
        Span::raw("  "),
        mark(ui, game, seat),
        ui.span(name, name_role(game, seat)),
        ui.span(note, role),
    ]);
    frame.render_widget(left, area);
    draw_clock(ui, game, seat, area, frame);
    draw_turn(ui, game, seat, area, frame);
}

/// `X you 0:26  O ben`, or without clocks the wins of both.
pub(super) fn tiny(ui: &Ui, game: &Game) -> Line<'static> {
    let (now, columns) = (ui.now, ui.regions.header.width);
    let wins = game.snapshot.score.wins;
    let is_you = |seat: Seat| seat == game.viewpoint() && !game.is_shared();
    let who = |seat: Seat| if is_you(seat) { "you" } else { game.name(seat) };
    let part = |seat: Seat| {
        let number = clock(game, seat, now).map_or_else(|| wins[seat].to_string(), |(text, _)| text);
        format!("{} {} {number}", game.snapshot.mark(seat), who(seat))
    };
    let both = format!(" {}  {}", part(game.viewpoint()), part(game.other()));
    let fits = both.width() <= usize::from(columns) || game.snapshot.clocks.is_none();
    let other = game.other();
    let shorter = format!(" {}  {} {}", part(game.viewpoint()), game.snapshot.mark(other), who(other));
    Line::raw(fit(&ui.theme.text(if fits { &both } else { &shorter }), columns.into()))
}

/// Draws a player in two rows: mark, name and clock; wins and state.
pub(super) fn block(ui: &Ui, game: &Game, seat: Seat, area: Rect, frame: &mut Frame<'_>) {
    let theme = ui.theme;
    let [top, below] = [0, 1].map(|row| Rect { y: area.y + row, height: 1, ..area });
    let (state, role) = state(game, seat, ui.now);
    let name = Line::from(vec![
        Span::raw("  "),
        mark(ui, game, seat),
        ui.span(format!(" {}", theme.text(game.name(seat))), name_role(game, seat)),
    ]);
    frame.render_widget(name, top);
    draw_clock(ui, game, seat, top, frame);
    let wins = game.snapshot.score.wins[seat];
    let is_paused = game.clock(seat, ui.now).is_some_and(|clock| clock.state == ClockState::Paused);
    let state = if is_paused && state.is_empty() { "paused".into() } else { state };
    let state = ui.span(format!(" {state} "), role);
    // Where both do not fit, the state matters more.
    let (wins, you) = (format::counted(wins.into(), "win"), you(game, seat));
    let both = if you.is_empty() { wins } else { format!("{wins} {} {you}", theme.dot()) };
    let room = usize::from(area.width).saturating_sub(state.width() + 4);
    let note = [both.as_str(), you].into_iter().find(|note| note.width() <= room).unwrap_or_default();
    frame.render_widget(ui.span(format!("    {note}"), Role::Faint), below);
    frame.render_widget(Line::from(state).right_aligned(), below);
    draw_turn(ui, game, seat, area, frame);
}

/// The player to move stands out.
fn name_role(game: &Game, seat: Seat) -> Role {
    if game.snapshot.to_move() == Some(seat) { Role::Strong } else { Role::Plain }
}

fn mark(ui: &Ui, game: &Game, seat: Seat) -> Span<'static> {
    let mark = game.snapshot.mark(seat);
    ui.span(mark.to_string(), Role::Mark(mark))
}

/// Draws the clock at the right of a row.
fn draw_clock(ui: &Ui, game: &Game, seat: Seat, area: Rect, frame: &mut Frame<'_>) {
    if let Some((text, role)) = clock(game, seat, ui.now) {
        let clock = ui.span(format!(" {text} "), role);
        frame.render_widget(Line::from(clock).right_aligned(), area);
    }
}

/// Draws the bar of the player to move.
fn draw_turn(ui: &Ui, game: &Game, seat: Seat, area: Rect, frame: &mut Frame<'_>) {
    if game.snapshot.to_move() == Some(seat) {
        ui.choose(area, ui.theme.style(Role::Mark(game.snapshot.mark(seat))), frame);
    }
}

/// The state of a seat: its turn, its rematch request, its trouble.
fn state(game: &Game, seat: Seat, now: Instant) -> (String, Role) {
    let snapshot = &game.snapshot;
    let is_own = game.is_own(seat);
    if !is_own && let Some((presence, time)) = game.unheard_for(seat, now) {
        let state = match presence {
            Presence::Away { .. } if snapshot.phase == Phase::Adjourned => {
                return ("not here".into(), Role::Faint);
            }
            Presence::Away { .. } => format!("! away {}", format::clock(time)),
            Presence::Present | Presence::Silent { .. } => format!("! silent {} s", time.as_secs()),
        };
        return (state, Role::Bad);
    }
    if is_own && game.down().is_some() {
        return ("! link down".into(), Role::Bad);
    }
    let wants_rematch = snapshot.seats[seat].occupant().is_some_and(Occupant::wants_rematch);
    let turn = Role::Mark(snapshot.mark(seat));
    let (state, role) = match snapshot.to_move() == Some(seat) {
        true if is_own && game.unconfirmed.is_some() => ("sent?", Role::Bad),
        true if snapshot.is_paused() => ("waiting", turn),
        true => ("to move", turn),
        false if wants_rematch => ("ready", Role::Good),
        false => ("", Role::Faint),
    };
    (state.into(), role)
}

/// The text of a clock and its style: the clock that runs stands out, and more so when it is nearly over.
fn clock(game: &Game, seat: Seat, now: Instant) -> Option<(String, Role)> {
    let clock = game.clock(seat, now).filter(|_| game.snapshot.phase != Phase::Waiting)?;
    let role = match clock.state {
        ClockState::Running if clock.left <= WARN_AT => Role::Bad,
        ClockState::Running | ClockState::Starting { .. } => Role::Strong,
        ClockState::Stopped | ClockState::Paused => Role::Faint,
    };
    Some((format::countdown(clock.left), role))
}

fn you(game: &Game, seat: Seat) -> &'static str {
    if game.is_own(seat) { "you" } else { "" }
}
