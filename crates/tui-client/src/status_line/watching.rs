//! The status line of a spectator.

use std::time::Instant;

use net::proto::{Phase, Seat};
use server::phrases::{absence, cell};

use super::{ending::result, notices};
use crate::{
    format::clock,
    game::Game,
    online::{Down, Online},
};

/// The status line of a match between others.
pub(super) fn line(game: &Game, now: Instant) -> String {
    let state = match game.snapshot.phase {
        Phase::Waiting => absent(game, now)
            .unwrap_or_else(|| format!("Waiting for somebody to play against {}.", game.name(Seat::Host))),
        Phase::Playing => absent(game, now).unwrap_or_else(|| turn(game)),
        Phase::Adjourned => "The match is adjourned.".into(),
        Phase::Over(_) => format!("{} {}", result(game), absent(game, now).unwrap_or_else(|| next(game))),
    };
    match game.notices.latest() {
        Some(notice) => format!("{} {state}", notices::game(game, notice)),
        None => format!("{state} You watch."),
    }
}

/// The status line of a lost connection.
pub(super) fn down_line(online: &Online, down: &Down) -> String {
    let why = down.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("RECONNECTING, try {}{why}, to go on watching. Esc leaves.", online.tries.max(1))
}

/// The absence of a player, if one is absent.
fn absent(game: &Game, now: Instant) -> Option<String> {
    Seat::BOTH.into_iter().find_map(|seat| {
        let (presence, time) = game.unheard_for(seat, now)?;
        let who = game.name(seat);
        Some(match absence(presence) {
            Some(what) => format!("{who} {what} {} ago.", clock(time)),
            None => format!("Waiting for {who}: no answer for {} s.", time.as_secs()),
        })
    })
}

fn turn(game: &Game) -> String {
    let snapshot = &game.snapshot;
    let Some(to_move) = snapshot.to_move() else { return String::new() };
    let last = snapshot.record.last().map(|last| {
        format!(" {} played {}.", game.name(to_move.other()), cell(snapshot.record.rules(), last))
    });
    let mark = snapshot.mark(to_move);
    format!("Waiting for {} to play {mark}.{}", game.name(to_move), last.unwrap_or_default())
}

/// The announcement of the next match, or the player who has left.
fn next(game: &Game) -> String {
    let gone = Seat::BOTH.into_iter().find(|&seat| game.snapshot.seats[seat].occupant().is_none());
    gone.map_or_else(
        || "The next game appears by itself.".into(),
        |seat| format!("{} left.", game.name(seat)),
    )
}
