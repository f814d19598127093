//! The end of a match, from the reader's side, and the next step.

use std::time::Instant;

use net::proto::{Phase, Presence, Seat};
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

/// The next match of the series that goes on: `game 2`.
pub(super) fn next_game_number(game: &Game) -> String {
    format!("game {}", game.snapshot.game_number() + 1)
}

/// The status line of a finished match.
pub(super) fn over_line(game: &Game, now: Instant) -> String {
    let series = series_result(game).map(|series| format!(" {series}")).unwrap_or_default();
    format!("{}{series} {}", result(game), next_step(game, now))
}

/// The line that stays on the normal screen after the end of the program: the result, or the way back to the seat.
pub(crate) fn parting(game: &Game) -> Option<String> {
    if game.is_watching() {
        return None;
    }
    let snapshot = &game.snapshot;
    let other = game.other_name();
    if matches!(snapshot.phase, Phase::Over(_)) {
        let [host, guest] =
            Seat::BOTH.map(|seat| format!("{} {}", game.name(seat), snapshot.score.wins[seat]));
        let series = series_result(game).map(|series| format!(" {series}")).unwrap_or_default();
        return Some(format!("{}{series} {host}, {guest}.", result(game)));
    }
    let online = game.online().filter(|_| !game.is_ended())?;
    if snapshot.phase == Phase::Playing && online.is_own_server() {
        return Some(format!("The match was served from here, so it is resigned to {other}."));
    }
    let command = game.command_to_join_at(&game.saved_seat()?.target.to_string());
    Some(match snapshot.phase {
        // No quick match leads back there, so it takes the code.
        Phase::Playing if game.is_on_trial() && game.down().is_none() => {
            format!("Not both had moved, so no seat is kept: `{command}` joins {other} again.")
        }
        _ if game.kept_seat().is_none() => return None,
        Phase::Adjourned => format!("Your match against {other} is adjourned: `{command}` returns to it."),
        Phase::Playing | Phase::Waiting | Phase::Over(_) => {
            let seconds = online.session.grace_on_purpose.as_secs();
            format!("Your seat against {other} is kept for {seconds} s: `{command}` returns to it.")
        }
    })
}

fn next_step(game: &Game, now: Instant) -> String {
    let other = game.other_name();
    let left = |seat| game.rematch_left(seat, now).map(countdown);
    match (game.opponent_presence(), left(game.viewpoint()), left(game.other())) {
        (None | Some(Presence::Away { is_on_purpose: true, .. }), ..) if !game.is_shared() => {
            format!("{other} left. Press <over.rematch> to host again.")
        }
        (Some(Presence::Away { .. }), ..) => format!("{other} lost the connection. Esc leaves."),
        (_, Some(left), _) if game.series_goes_on() => {
            format!("Waiting for {other} to be ready for {}, {left}.", next_game_number(game))
        }
        (_, Some(left), _) => format!("Waiting for {other} to want a rematch, {left}."),
        (_, None, Some(left)) if game.series_goes_on() => {
            format!("{other} is ready for {}: <over.rematch> within {left}.", next_game_number(game))
        }
        (_, None, Some(left)) => format!("{other} wants a rematch: <over.rematch> within {left}."),
        (_, None, None) if game.series_goes_on() => "Press <over.rematch> for the next game.".into(),
        (_, None, None) => "Press <over.rematch> for a rematch.".into(),
    }
}
