//! What is said to who watches.

use std::time::Instant;

use net::proto::{Phase, Presence, Seat};
use server::phrases::cell;

use super::{clock, name, result, seat_unheard_for};
use crate::model::{Down, Game, Retry};

/// The line at the bottom of a match that others play.
pub(super) fn line(game: &Game, now: Instant) -> String {
    let state = match game.snapshot.phase {
        Phase::Waiting => format!("Waiting for somebody to play against {}.", name(game, Seat::Host)),
        Phase::Playing => absence(game, now).unwrap_or_else(|| turn(game)),
        Phase::Adjourned => "They have put the match off.".into(),
        Phase::Over(_) => format!("{}{}", result(game), next(game)),
    };
    match &game.notice {
        Some(notice) => format!("{notice} {state}"),
        None => format!("{state} You watch."),
    }
}

/// The line over a lost connection.
pub(super) fn down_line(down: &Down) -> String {
    let why = down.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    match down.retry {
        Retry::OnDemand => format!("RECONNECTING stopped{why}. Enter tries once more, Esc leaves."),
        Retry::At(_) | Retry::UnderWay => {
            format!("RECONNECTING, try {}{why}, to go on watching. Esc leaves.", down.tries.max(1))
        }
    }
}

/// Who is not heard, if somebody is not.
fn absence(game: &Game, now: Instant) -> Option<String> {
    Seat::BOTH.into_iter().find_map(|seat| {
        let (presence, time) = seat_unheard_for(game, seat, now)?;
        let who = name(game, seat);
        Some(match presence {
            Presence::Away { .. } => format!("{who} lost the connection {} ago.", clock(time)),
            Presence::Present | Presence::Silent { .. } => {
                format!("Waiting for {who}: no answer for {} s.", time.as_secs())
            }
        })
    })
}

fn turn(game: &Game) -> String {
    let snapshot = &game.snapshot;
    let Some(to_move) = snapshot.to_move() else { return String::new() };
    let last = snapshot.record.last().map(|last| {
        format!(" {} played {}.", name(game, to_move.other()), cell(snapshot.record.rules(), last))
    });
    let mark = snapshot.mark(to_move);
    format!("Waiting for {} to play {mark}.{}", name(game, to_move), last.unwrap_or_default())
}

/// What comes after a match.
fn next(game: &Game) -> &'static str {
    let is_there = |seat: Seat| game.snapshot.seats[seat].occupant().is_some();
    if Seat::BOTH.into_iter().all(is_there) { " The next game shows by itself." } else { "" }
}
