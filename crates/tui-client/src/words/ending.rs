//! How a match ended, from the side of who reads it, and what comes after it.

use std::time::{Duration, Instant};

use net::proto::{Phase, Presence, Seat};
use server::phrases::short_cell;

use super::{countdown, is_shared, name, reader};
use crate::model::Game;

/// How a finished match ended, from this player's side.
pub fn result(game: &Game) -> String {
    let Phase::Over(ending) = game.snapshot.phase else { return String::new() };
    let rules = game.snapshot.record.rules();
    let why = reader(game).reason(ending, |cell| short_cell(rules, cell));
    format!("{} {why}.", headline(game))
}

/// The first words of a result: `You won.`, `You lost.`, `Draw.`, or at one keyboard who won.
pub fn headline(game: &Game) -> String {
    match game.snapshot.winner() {
        None => "Draw.".into(),
        Some(seat) if is_shared(game) => format!("{} won.", name(game, seat)),
        Some(seat) if seat == game.viewpoint() => "You won.".into(),
        Some(_) => "You lost.".into(),
    }
}

/// Who won the series that this match has ended, and how: `You won the series 2 to 1.`; `None` while it goes on.
pub fn series_result(game: &Game) -> Option<String> {
    Some(format!("{}.", reader(game).series_result()?))
}

/// The number in its series of the match that a rematch begins.
pub fn next_game(game: &Game) -> u32 {
    if game.snapshot.series_winner().is_some() { 1 } else { game.snapshot.game_number() + 1 }
}

/// For how long yet a seat wants a rematch; `None` if it does not.
pub fn rematch_left(game: &Game, seat: Seat, now: Instant) -> Option<Duration> {
    let millis = game.snapshot.seats[seat].occupant()?.rematch_millis?;
    Some(game.left_of(millis, now))
}

/// The line under a finished match: how it ended, and what can be done.
pub(super) fn over_line(game: &Game, now: Instant) -> String {
    let series = series_result(game).map(|series| format!(" {series}")).unwrap_or_default();
    format!("{}{series} {}", result(game), next_step(game, now))
}

fn next_step(game: &Game, now: Instant) -> String {
    let other = name(game, game.viewpoint().other());
    let is_decided = game.snapshot.series_winner().is_some();
    let next = if is_decided { "a new series".into() } else { format!("game {}", next_game(game)) };
    let left = |seat| rematch_left(game, seat, now).map(countdown);
    match (game.opponent_presence(), left(game.viewpoint()), left(game.viewpoint().other())) {
        _ if is_shared(game) && is_decided => "Press r for a new series.".into(),
        _ if is_shared(game) => "Press r for the next game.".into(),
        (None | Some(Presence::Away { is_on_purpose: true, .. }), ..) => format!("{other} left. Esc leaves."),
        (Some(Presence::Away { .. }), ..) => format!("{other} lost the connection. Esc leaves."),
        (Some(_), Some(left), _) => format!("Waiting for {other} to want a rematch, {left}."),
        (Some(_), None, Some(left)) => format!("{other} wants a rematch: r within {left} for {next}."),
        (Some(_), None, None) if is_decided => "Press r for a new series.".into(),
        (Some(_), None, None) => "Press r for a rematch.".into(),
    }
}
