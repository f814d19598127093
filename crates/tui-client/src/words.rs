//! What a screen says in words: whose turn it is, what happened last, and what can be done about it.

mod around;
mod ending;
mod lan;
mod line;
mod news;
mod watch;

use std::{time::Duration, time::Instant};

use net::proto::{OfferKind, Phase, Presence, Seat};
use server::phrases::Reader;

pub use self::{
    around::{called_briefly, calling_clock, join_command},
    ending::{headline, next_game, rematch_left, result, series_result},
    lan::{games_found, games_in_play, lan_briefly, milliseconds, reasons, search, sought},
    line::waits,
    news::news,
};
use crate::{
    cmd::SavedSeat,
    keymap::{self, Action, Context},
    model::{Connecting, Game, Model, Overlay, Place, Question, Screen},
};

/// How soon who said goodbye has to be back: what a server grants, unless its operator wants it otherwise.
const GRACE_ON_PURPOSE: Duration = Duration::from_secs(10);

/// The line at the bottom of every screen: what happened last and what can be done.
pub fn event_line(model: &Model, now: Instant) -> String {
    if let Some(Overlay::Confirm(question)) = &model.overlay {
        return ask(*question, model);
    }
    if let Some(line) = around::line(model, now) {
        return line;
    }
    match &model.screen {
        Screen::Menu(menu) => match (&menu.notice, &menu.background, model.saved_seats.first()) {
            (Some(notice), _, _) => notice.clone(),
            (None, Some(game), _) => format!("Enter returns to your game. {}", line::game_line(game, now)),
            (None, None, Some(seat)) if seat.is_adjourned => {
                format!("Enter returns to {}, until its server stops.", saved_seat(seat))
            }
            (None, None, Some(seat)) => {
                format!("Your seat in {} at {} may still be kept. Enter returns.", seat.code, seat.target)
            }
            (None, None, None) => "Choose with the arrows and Enter, or press an entry's key.".into(),
        },
        Screen::JoinForm(form) => around::form_line(form),
        Screen::Passcode(form) => around::passcode_line(form),
        Screen::Rooms(rooms) => around::rooms_line(rooms),
        Screen::Lan(list) => lan::list_line(model, list),
        Screen::Seeking(seeking) => lan::seeking_line(seeking),
        Screen::Connecting(connecting) => {
            let Connecting { what, since, .. } = &**connecting;
            format!("Waiting for {what}: {}. Esc gives up.", clock(now.saturating_duration_since(*since)))
        }
        Screen::Failed(failure) => {
            failure.hint.clone().map_or_else(|| "Esc goes back.".into(), |hint| format!("Hint: {hint}."))
        }
        Screen::Game(game) => line::game_line(game, now),
    }
}

/// What the line at the bottom of the smallest layout says first of all, if that is not how the whole line begins.
pub fn tiny_line(model: &Model, now: Instant) -> Option<String> {
    match (&model.overlay, &model.screen) {
        (Some(Overlay::Confirm(Question::Quit)), _) => Some("Quit? y or n".into()),
        (Some(Overlay::Confirm(Question::Resign)), _) => Some("Resign? y or n".into()),
        (None, Screen::Game(game)) if model.calling_game().is_none() => line::tiny_line(game, now),
        (Some(_) | None, _) => None,
    }
}

/// A seat to return to: `KITE-42 at 192.168.1.7:1952`, `your adjourned match against ben`.
pub fn saved_seat(seat: &SavedSeat) -> String {
    match seat.opponent.filter(|_| seat.is_adjourned) {
        Some(opponent) => format!("your adjourned match against {opponent}"),
        None => format!("{} at {}", seat.code, seat.target),
    }
}

/// The key that offers something, and withdraws it.
pub fn offer_key(kind: OfferKind) -> &'static str {
    keymap::label(
        Context::Match,
        match kind {
            OfferKind::Draw => Action::OfferDraw,
            OfferKind::Takeback => Action::OfferTakeback,
            OfferKind::Adjourn => Action::OfferAdjourn,
        },
    )
}

/// What is said of a move or an offer in a match that is paused; the rest of the line says why it is.
pub fn has_to_wait() -> String {
    "That has to wait.".into()
}

/// A time as `m:ss`, rounded down.
pub fn clock(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

/// A time that runs down as `m:ss`, rounded up: 0:00 means that it is over.
pub fn countdown(time: Duration) -> String {
    let up = u64::from(time.subsec_nanos() > 0);
    clock(Duration::from_secs(time.as_secs() + up))
}

/// How the other player fares: for how long the server has not heard them, as far as it is known now.
pub fn unheard_for(game: &Game, now: Instant) -> Option<(Presence, Duration)> {
    seat_unheard_for(game, game.viewpoint().other(), now)
}

/// The same for either seat.
pub fn seat_unheard_for(game: &Game, seat: Seat, now: Instant) -> Option<(Presence, Duration)> {
    let occupant = game.snapshot.seats[seat].occupant();
    // Over a lost link nothing is known of the other player.
    let presence = occupant.map(|occupant| occupant.presence).filter(|_| game.down().is_none())?;
    match presence {
        Presence::Present => None,
        Presence::Silent { millis } | Presence::Away { millis, .. } => {
            let since_shown = now.saturating_duration_since(game.shown_at);
            Some((presence, Duration::from_millis(millis.into()) + since_shown))
        }
    }
}

/// The name of a seat, or what stands for one.
pub fn name(game: &Game, seat: Seat) -> String {
    server::phrases::name(&game.snapshot, seat).to_owned()
}

/// The player as the reader of a sentence that begins with a seat.
pub(crate) fn reader(game: &Game) -> Reader<'_> {
    let seat = (!is_shared(game)).then(|| game.viewpoint());
    Reader { snapshot: &game.snapshot, seat, begins_sentence: true }
}

/// Whether neither player is to be called "you": both look at this screen, or who looks at it only watches.
pub const fn is_shared(game: &Game) -> bool {
    matches!(game.place, Place::Keyboard) || game.is_watching()
}

fn ask(question: Question, model: &Model) -> String {
    match question {
        Question::Quit => {
            let stake = model.game_at_stake().map_or_else(|| "y quits, n stays.".into(), stake);
            format!("Quit? {stake}")
        }
        Question::Resign => {
            let other = model.game().map(|game| name(game, game.viewpoint().other())).unwrap_or_default();
            format!("Resign the match against {other}? y resigns, n plays on.")
        }
    }
}

/// What it costs to quit now.
fn stake(game: &Game) -> String {
    let other = name(game, game.viewpoint().other());
    match (&game.place, game.snapshot.phase) {
        _ if game.down().is_some() => "Your seat is kept for a while. y quits, n waits.".into(),
        (Place::Keyboard | Place::Bot, _) => "It ends the game at this keyboard. y quits, n plays on.".into(),
        (Place::Server(online), Phase::Adjourned) if online.joined.target.is_none() => {
            "Your adjourned match is served from here, and ends with it. y quits, n stays.".into()
        }
        (Place::Server(online), _) if online.joined.target.is_none() => {
            format!("The match is served from here: it is resigned to {other}. y quits, n plays on.")
        }
        (Place::Server(online), _) => {
            let seconds = online.joined.grace.min(GRACE_ON_PURPOSE).as_secs();
            format!("{other} can claim the win unless you are back within {seconds} s. y quits, n plays on.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_is_over_only_at_its_end() {
        for (millis, shown) in
            [(0, "0:00"), (1, "0:01"), (1_000, "0:01"), (25_001, "0:26"), (600_000, "10:00")]
        {
            assert_eq!(countdown(Duration::from_millis(millis)), shown);
        }
    }

    #[test]
    fn the_grace_of_a_goodbye_is_what_our_server_grants() {
        assert_eq!(GRACE_ON_PURPOSE, server::lobby::Limits::default().grace_on_purpose);
    }
}
