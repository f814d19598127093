//! The two players: names, wins, the turn, trouble, and clocks.

use std::time::Instant;

use net::proto::{Occupant, Phase, Presence, Seat};
use ratatui::text::{Line, Span};
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

/// The width of the text in the box of the players.
const BOX_COLUMNS: usize = 32;

/// `X ana (you) 0   << YOUR TURN    0:26`, of 38 columns at most.
pub(super) fn line(ui: &Ui, game: &Game, seat: Seat) -> Line<'static> {
    let (theme, now) = (ui.theme, ui.now);
    let mark = game.snapshot.mark(seat);
    let wins = game.snapshot.score.wins[seat];
    let (state, role) = state(game, seat, now);
    let clock = clock(game, seat, now);
    // The clock takes its columns from the name.
    let columns = if clock.is_some() { 14 } else { 20 };
    let name = fit(&format!("{}{}", theme.text(game.name(seat)), you(game, seat)), columns);
    let mut spans = vec![
        Span::raw(" "),
        Span::styled(mark.to_string(), theme.mark(mark, false)),
        Span::raw(format!(" {name} {wins:>2}  ")),
        Span::styled(format!("{state:<13}"), theme.style(role)),
    ];
    spans.extend(clock.map(|(text, role)| Span::styled(format!("{text:>5}"), theme.style(role))));
    Line::from(spans)
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
    Line::raw(ui.theme.text(if fits { &both } else { &shorter }))
}

/// Two lines of the box: the name with the clock, and the wins with the state.
pub(super) fn boxed(ui: &Ui, game: &Game, seat: Seat) -> Vec<Line<'static>> {
    let (theme, now) = (ui.theme, ui.now);
    let mark = game.snapshot.mark(seat);
    let wins = game.snapshot.score.wins[seat];
    let (state, role) = state(game, seat, now);
    let name = format!("{}{}", theme.text(game.name(seat)), you(game, seat));
    let (clock, clock_role) = clock(game, seat, now).unwrap_or((String::new(), Role::Plain));
    let name = fit(&name, BOX_COLUMNS - 5 - clock.width());
    let wins = format!("{wins} {}", if wins == 1 { "win" } else { "wins" });
    let is_paused = game.clock(seat, now).is_some_and(|clock| clock.state == ClockState::Paused);
    let paused = if is_paused { "paused" } else { "" };
    let state_columns = BOX_COLUMNS - 5 - 8 - paused.len();
    vec![
        Line::from(vec![
            Span::raw(" "),
            Span::styled(mark.to_string(), theme.mark(mark, false)),
            Span::styled(format!("  {name}"), theme.style(Role::Strong)),
            Span::styled(clock, theme.style(clock_role)),
        ]),
        Line::from(vec![
            Span::raw(format!("    {wins:<8}")),
            Span::styled(fit(&state, state_columns), theme.style(role)),
            Span::raw(paused),
        ]),
    ]
}

/// The state of a seat: its turn, its rematch request, its trouble.
fn state(game: &Game, seat: Seat, now: Instant) -> (String, Role) {
    let snapshot = &game.snapshot;
    let is_own = game.is_own(seat);
    if !is_own && let Some((presence, time)) = game.unheard_for(seat, now) {
        let state = match presence {
            Presence::Away { .. } if snapshot.phase == Phase::Adjourned => {
                return ("not here".into(), Role::Plain);
            }
            Presence::Away { .. } => format!("! away {}", format::clock(time)),
            Presence::Present | Presence::Silent { .. } => format!("! silent {} s", time.as_secs()),
        };
        return (state, Role::Warning);
    }
    if is_own && game.down().is_some() {
        return ("! link down".into(), Role::Warning);
    }
    let wants_rematch = snapshot.seats[seat].occupant().is_some_and(Occupant::wants_rematch);
    let state = match (snapshot.to_move() == Some(seat), is_own) {
        (true, true) if game.unconfirmed.is_some() => "sent?",
        (true, _) if snapshot.is_paused() => "waiting",
        (true, true) => "<< YOUR TURN",
        (true, false) => "<< to move",
        (false, _) if wants_rematch => "READY",
        (false, _) => "",
    };
    (state.into(), Role::Call)
}

/// The text of a clock and its style: the clock that runs stands out, and more so when it is nearly over.
fn clock(game: &Game, seat: Seat, now: Instant) -> Option<(String, Role)> {
    let clock = game.clock(seat, now).filter(|_| game.snapshot.phase != Phase::Waiting)?;
    let role = match clock.state {
        ClockState::Running if clock.left <= WARN_AT => Role::Warning,
        ClockState::Running => Role::Call,
        ClockState::Starting { .. } => Role::Strong,
        ClockState::Stopped | ClockState::Paused => Role::Plain,
    };
    Some((format::countdown(clock.left), role))
}

fn you(game: &Game, seat: Seat) -> &'static str {
    if game.is_own(seat) { " (you)" } else { "" }
}
