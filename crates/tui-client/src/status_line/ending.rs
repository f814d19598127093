//! The end of a match, from the reader's side, and the next step.

use std::time::Instant;

use net::proto::{Phase, Presence};
use server::phrases::short_cell;

use crate::{format::countdown, game::Game};

/// The result of a finished match and its reason.
pub(super) fn result(game: &Game) -> String {
    let Phase::Over(ending) = game.snapshot.phase else { return String::new() };
    let rules = game.snapshot.record.rules();
    let reader = game.reader();
    format!("{}. {}.", reader.headline(), reader.reason(ending, |cell| short_cell(rules, cell)))
}

/// The result of the series, once it is decided: `You won the series 2 to 1.`
fn series_result(game: &Game) -> Option<String> {
    Some(format!("{}.", game.reader().series_result()?))
}

/// The next match: `game 2`, or `a new series`.
pub(crate) fn next_game(game: &Game) -> String {
    match game.snapshot.series_winner() {
        Some(_) => "a new series".into(),
        None => format!("game {}", game.snapshot.game_number() + 1),
    }
}

/// The status line of a finished match.
pub(super) fn over_line(game: &Game, now: Instant) -> String {
    let series = series_result(game).map(|series| format!(" {series}")).unwrap_or_default();
    format!("{}{series} {}", result(game), next_step(game, now))
}

fn next_step(game: &Game, now: Instant) -> String {
    let other = game.other_name();
    let is_decided = game.snapshot.series_winner().is_some();
    let left = |seat| game.rematch_left(seat, now).map(countdown);
    match (game.opponent_presence(), left(game.viewpoint()), left(game.other())) {
        _ if game.is_shared() && is_decided => "Press r for a new series.".into(),
        _ if game.is_shared() => "Press r for the next game.".into(),
        (None | Some(Presence::Away { is_on_purpose: true, .. }), ..) => format!("{other} left. Esc leaves."),
        (Some(Presence::Away { .. }), ..) => format!("{other} lost the connection. Esc leaves."),
        (Some(_), Some(left), _) => format!("Waiting for {other} to want a rematch, {left}."),
        (Some(_), None, Some(left)) => {
            format!("{other} wants a rematch: r within {left} for {}.", next_game(game))
        }
        (Some(_), None, None) if is_decided => "Press r for a new series.".into(),
        (Some(_), None, None) => "Press r for a rematch.".into(),
    }
}
