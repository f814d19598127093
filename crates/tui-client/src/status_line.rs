//! The status line: a sentence that says what happened last and what can be done.

mod ending;
mod game;
mod lists;
mod notices;
mod watching;

use std::time::Instant;

use crate::{
    format,
    game::Game,
    model::{Model, Screen},
    overlay::{Overlay, Question},
};

pub(crate) use self::{
    ending::{next_game, result, series_result},
    game::{called_briefly, calling_clock},
    lists::{games_found, games_in_play, lan_briefly, saved_seat, search, search_target},
};

/// The status line of a screen.
pub(crate) fn line(model: &Model, now: Instant) -> String {
    if let Some(Overlay::Confirm(question)) = &model.overlay {
        return ask(*question, model);
    }
    if let Some(game) = model.calling_game() {
        let clock = calling_clock(game, now);
        return format!("{}, the bot game is kept.{clock}", called_briefly(game));
    }
    // Where no panel shows the chat, this line does.
    let is_tiny = model.size.width < 40 || model.size.height < 12;
    let news = model.game().and_then(|game| game.chat.news()).filter(|_| is_tiny);
    match (&model.overlay, news) {
        (None, Some(entry)) => return entry.in_one_line(),
        (Some(Overlay::Chat(input)), _) if let Some(error) = &input.error => return notices::input(error),
        _ => {}
    }
    match &model.screen {
        Screen::Menu(menu) => match (menu.notice, &menu.game, model.saved_seats.first()) {
            (Some(notice), ..) => notices::menu(notice).into(),
            (None, Some(game), _) => format!("Enter returns to your game. {}", game::line(game, now)),
            (None, None, Some(seat)) if seat.is_adjourned => {
                format!("Enter returns to {}, until its server stops.", saved_seat(seat))
            }
            (None, None, Some(seat)) => {
                format!("Your seat in {} at {} may still be kept. Enter returns.", seat.code, seat.target)
            }
            (None, None, None) => "Choose with the arrows and Enter, or press an entry's key.".into(),
        },
        Screen::JoinForm(form) => lists::join_form(form),
        Screen::Passcode(form) => lists::passcode(form),
        Screen::Rooms(rooms) => lists::rooms(rooms),
        Screen::Lan(list) => lists::lan(list, &model.lan),
        Screen::Searching(searching) => lists::searching(searching),
        Screen::Connecting(connecting) => {
            let waited = format::clock(now.saturating_duration_since(connecting.since));
            format!("Waiting for {}: {waited}. Esc gives up.", connecting.goal.place())
        }
        Screen::Failed(failure) => {
            failure.hint.as_ref().map_or_else(|| "Esc goes back.".into(), |hint| format!("Hint: {hint}."))
        }
        Screen::Game(game) => game::line(game, now),
    }
}

/// The status line of the smallest layout, if it does not begin as the whole one does.
pub(crate) fn tiny_line(model: &Model, now: Instant) -> Option<String> {
    match (&model.overlay, &model.screen) {
        (Some(Overlay::Confirm(Question::Quit)), _) => Some("Quit? y or n".into()),
        (Some(Overlay::Confirm(Question::Resign)), _) => Some("Resign? y or n".into()),
        (None, Screen::Game(game)) if model.calling_game().is_none() => game::tiny_line(game, now),
        (Some(_) | None, _) => None,
    }
}

fn ask(question: Question, model: &Model) -> String {
    match question {
        Question::Quit => {
            let stake = model.game_at_stake().map_or_else(|| "y quits, n stays.".into(), game::stake);
            format!("Quit? {stake}")
        }
        Question::Resign => {
            let other = model.game().map(Game::other_name).unwrap_or_default();
            format!("Resign the match against {other}? y resigns, n plays on.")
        }
    }
}
