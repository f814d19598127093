//! What is said around a match: of talk, of lists of rooms, of the way into a room.

use std::time::Instant;

use net::{discovery::RoomState, proto::Phase};

use super::{countdown, name};
use crate::{
    clock::ClockState,
    model::{Game, JoinForm, Model, Overlay, PasscodeForm, Purpose},
    rooms::{Rooms, group},
};

/// The line that goes before all others: a match that calls, or what cannot be said.
pub(super) fn line(model: &Model, now: Instant) -> Option<String> {
    if let Some(game) = model.calling_game() {
        return Some(called(game, now));
    }
    // Where no panel shows what was said, this line does.
    let is_tiny = model.size.width < 40 || model.size.height < 12;
    let news = model.game().and_then(|game| game.talk.news()).filter(|_| is_tiny);
    match &model.overlay {
        None if let Some(spoken) = news => Some(spoken.in_one_line()),
        Some(Overlay::Talk(field)) => field.error.clone(),
        Some(Overlay::Confirm(_) | Overlay::Help { .. } | Overlay::Words { .. } | Overlay::Emotes) | None => {
            None
        }
    }
}

/// What is said over another game while a match waits.
fn called(game: &Game, now: Instant) -> String {
    format!("{}, the bot game is kept.{}", called_briefly(game), calling_clock(game, now))
}

/// The same where there is less room.
pub fn called_briefly(game: &Game) -> String {
    let other = name(game, game.viewpoint().other());
    match game.snapshot.phase {
        Phase::Over(_) => format!("The match against {other} is over: Enter shows it"),
        Phase::Waiting | Phase::Playing | Phase::Adjourned => {
            format!("{other} is here: Enter goes to the match")
        }
    }
}

/// How long we may still stay away, if our clock runs there.
pub fn calling_clock(game: &Game, now: Instant) -> String {
    let clock = game.clock(game.viewpoint(), now).filter(|clock| clock.state == ClockState::Running);
    clock.map(|clock| format!(" Your clock: {}.", countdown(clock.left))).unwrap_or_default()
}

pub(super) fn form_line(form: &JoinForm) -> String {
    form.field.error.clone().unwrap_or_else(|| {
        match form.purpose {
            Purpose::Join => "Type a code, an address, or both, then Enter. The host's screen shows them.",
            Purpose::Browse => "Type the address of a server, then Enter.",
            Purpose::Watch => "Type a code, code@address, or an address to see its games, then Enter.",
        }
        .into()
    })
}

pub(super) fn passcode_line(form: &PasscodeForm) -> String {
    let asked = format!("{} needs a passcode: ask who opened it. Enter tries it, Esc gives up.", form.code);
    match &form.field.error {
        Some(error) => format!("{error} {asked}"),
        None => asked,
    }
}

pub(super) fn rooms_line(rooms: &Rooms) -> String {
    let state = match rooms.selected() {
        _ if rooms.is_lost => format!("The connection to {} is lost. Enter looks again.", rooms.what),
        None if rooms.has_come() => "No games there now. A new one shows by itself.".into(),
        None => format!("Waiting for the list of {}.", rooms.what),
        Some(room) => match group(room) {
            RoomState::Open => format!("Enter joins {} and plays {}.", room.code, room.host),
            RoomState::InPlay if room.is_watchable => format!("Enter watches {}.", room.code),
            RoomState::InPlay => format!("{} is not open to watchers.", room.code),
            RoomState::Locked => format!("Enter asks for the passcode of {}.", room.code),
        },
    };
    match &rooms.notice {
        Some(notice) => format!("{notice} {state}"),
        None => state,
    }
}

/// The command with which a friend joins a room in which we wait.
pub fn join_command(game: &Game) -> String {
    let online = game.online();
    let addresses = online.map(|online| online.addresses.as_slice()).unwrap_or_default();
    let target = online.and_then(|online| online.joined.target.as_ref()).map(ToString::to_string);
    let best = addresses.first().cloned().or(target).unwrap_or_default();
    let best = best.strip_suffix(":1952").unwrap_or(&best).to_owned();
    format!("oxo join {}@{best}", game.snapshot.code)
}
