//! The status line: a sentence that says what happened last and what can be done.

mod ending;
mod game;
mod lists;
mod notices;
mod replays;
mod watching;

use std::time::Instant;

use net::proto::{Emote, Phase};
use unicode_width::UnicodeWidthStr;

use crate::{
    cmd::SavedSeat,
    format,
    game::Game,
    keymap::{Action, Context, Keymap},
    menu::Menu,
    model::{Model, Screen},
    overlay::{Overlay, Question},
};

pub(crate) use self::{
    ending::parting,
    game::{CLAIM_KEYS, called_briefly, calling_clock, goal, offer_briefly, watchers, welcome, who_may_come},
    lists::{games_found, games_in_play, lan_briefly, saved_seat, search, search_target},
    notices::list as list_notice,
    replays::{kept_matches, next_move, result, sign, verdict, worth},
};

/// The status line of a screen.
pub(crate) fn line(model: &Model, now: Instant) -> String {
    let state = || model.keymap.fill(model.screen_context(), &spoken(model, now));
    match unseen_talk(model).filter(|_| model.calling_game().is_none()) {
        Some(said) if is_tiny(model) => said,
        Some(said) => format!("{said} {}", state()),
        None => state(),
    }
}

/// The status line without talk, with the names of bindings for their keys.
pub(crate) fn spoken(model: &Model, now: Instant) -> String {
    if let Some(Overlay::Confirm(question)) = &model.overlay {
        return ask(*question, model);
    }
    if let Some(game) = model.calling_game() {
        let clock = calling_clock(game, now);
        return format!("{}, the bot game is kept.{clock}", called_briefly(game));
    }
    if let Some(problem) = &model.config_problem
        && matches!(model.screen, Screen::Menu(_))
    {
        return problem.clone();
    }
    if let Some(Overlay::Settings(page)) = &model.overlay {
        let how = if page.is_typed() {
            "Type it, then Enter; Esc leaves it as it was."
        } else {
            "Left and right change it."
        };
        return match &page.input.error {
            Some(error) => format!("{} {how}", notices::input(error)),
            // Its row says it.
            None if is_full(model) => how.into(),
            None => format!("{}. {how}", page.setting().meaning()),
        };
    }
    if let Some(Overlay::Chat(input) | Overlay::Cell(input)) = &model.overlay
        && let Some(error) = &input.error
    {
        return notices::input(error);
    }
    state(model, now)
}

const fn is_tiny(model: &Model) -> bool {
    model.size.width < 40 || model.size.height < 12
}

const fn is_full(model: &Model) -> bool {
    model.size.width >= 80 && model.size.height >= 24
}

/// The newest talk, while nothing else has happened, if no panel of the screen shows all of it.
fn unseen_talk(model: &Model) -> Option<String> {
    let game = model.game().filter(|_| model.overlay.is_none())?;
    let said = game.chat.news()?.in_one_line();
    let has_panel = matches!(model.screen, Screen::Game(_)) && game.snapshot.phase != Phase::Waiting;
    let is_asked = game.incoming_offer().is_some() || game.claim().is_some();
    let fits_aside = !is_asked && said.width() <= ASIDE_COLUMNS;
    (is_tiny(model) || !has_panel || !is_full(model) && !fits_aside).then_some(said)
}

/// Columns of talk that the panel beside a small board shows at least: two rows of fifteen.
const ASIDE_COLUMNS: usize = 30;

/// The state of the screen.
fn state(model: &Model, now: Instant) -> String {
    match &model.screen {
        Screen::Menu(menu) => menu_line(model, menu, now),
        Screen::Replays(list) => with_covered_game(model, &replays::list(list.history(&model.history)), now),
        Screen::Replay(replay) => with_covered_game(model, &replays::replay(replay), now),
        Screen::NewGame(form) => lists::new_game(form),
        Screen::JoinForm(form) => lists::join_form(form),
        Screen::Rooms(rooms) => lists::rooms(rooms),
        Screen::Lan(list) => lists::lan(list, &model.lan),
        Screen::Searching(searching) => lists::searching(searching),
        Screen::Connecting(connecting) => connecting.passcode.as_ref().map_or_else(
            || {
                let waited = format::clock(now.saturating_duration_since(connecting.since));
                format!("Waiting for {}: {waited}. Esc gives up.", connecting.goal.place())
            },
            lists::passcode,
        ),
        Screen::Failed(failure) => {
            failure.hint.as_ref().map_or_else(|| "Esc goes back.".into(), |hint| format!("Hint: {hint}."))
        }
        Screen::Game(game) => game::line(game, now),
    }
}

fn is_hasty(game: &Game, now: Instant) -> bool {
    game.claim().is_some() || game.hurry(now).is_some()
}

/// Tells whether the line of a menu has only its keys to tell.
const fn is_nothing_told(model: &Model, menu: &Menu) -> bool {
    model.config_problem.is_none()
        && menu.notice.is_none()
        && menu.game.is_none()
        && model.saved_seats.is_empty()
}

fn menu_line(model: &Model, menu: &Menu, now: Instant) -> String {
    let seats = &model.saved_seats;
    if let Some(notice) = menu.notice {
        return notices::menu(notice).into();
    }
    let chosen = match menu.chosen(seats.len()) {
        Action::ReturnTo(nth) => seats.get(usize::from(nth).saturating_sub(1)),
        _ => None,
    };
    match (chosen, &menu.game, seats.first()) {
        (Some(seat), ..) => kept(seat, "<menu.select> returns, <menu.forget> forgets it"),
        (None, Some(game), _) => {
            let state = without_keys(&game::line(game, now));
            format!("<menu.select> returns to your game. {state}").trim_end().to_owned()
        }
        (None, None, Some(seat)) => kept(seat, "<menu.return-to 1> returns"),
        (None, None, None) => "Choose with the arrows and <menu.select>, or press an entry's key.".into(),
    }
}

/// The line of the finished matches, with what the game below them asks for.
fn with_covered_game(model: &Model, line: &str, now: Instant) -> String {
    match model.covered_game() {
        Some(game) if game.may_move() => {
            format!("Your turn against {}: Esc goes back. {line}", game.other_name())
        }
        Some(game) if game.rematch_left(game.other(), now).is_some() && !game.is_shared() => {
            format!("{} is ready to play again: Esc goes back. {line}", game.other_name())
        }
        Some(_) | None => line.to_owned(),
    }
}

/// A line without its keys: behind the menu, those of a game do nothing, or something else.
fn without_keys(line: &str) -> String {
    let said = line.split_inclusive(". ").filter_map(|sentence| match sentence.split_once('<') {
        Some((before, _)) => Some(format!("{}. ", before.strip_suffix(": ")?)),
        None => (!sentence.contains("Esc ")).then(|| sentence.to_owned()),
    });
    said.collect()
}

/// A saved seat and its keys. Only its server could tell whether it is still there.
fn kept(seat: &SavedSeat, keys: &str) -> String {
    if seat.hosted.is_some() {
        return format!("Your game {} ended with the program: {keys} hosts it again.", seat.code);
    }
    if seat.is_adjourned {
        return format!("{keys}: {}, if its server still keeps it.", saved_seat(seat));
    }
    format!("Your seat in {} at {} may still be kept: {keys}.", seat.code, seat.target)
}

/// The emotes, each behind its key.
pub(crate) fn emotes(keymap: &Keymap) -> Vec<String> {
    let key = |nth| keymap.key(Context::Emotes, Action::Emote(nth));
    Emote::ALL.iter().zip(1..).map(|(emote, nth)| format!("{} {emote}", key(nth))).collect()
}

/// The status line of the smallest layout, if it does not begin as the whole one does.
pub(crate) fn tiny_line(model: &Model, now: Instant) -> Option<String> {
    let line = match (&model.overlay, &model.screen) {
        (Some(Overlay::Confirm(question)), _) => Some(question.in_few_words().into()),
        (Some(Overlay::Settings(page)), _) if page.input.error.is_some() => Some("Not possible.".into()),
        (Some(Overlay::Settings(page)), _) if page.is_typed() => Some("Type, then Enter.".into()),
        (Some(Overlay::Settings(_)), _) => Some("Left, right change".into()),
        // The latest comes first; a key goes on to what it covers. Only a clock and an absence go before talk.
        (None, Screen::NewGame(form)) => Some(lists::new_game_briefly(form).into()),
        (None, Screen::Replay(replay)) => Some(replays::replay_briefly(replay)),
        (None, Screen::Replays(list)) if !list.history(&model.history).matches.is_empty() => {
            Some("<replays.select> replays.".into())
        }
        (None, Screen::Menu(menu)) if is_nothing_told(model, menu) => Some("<menu.select> selects.".into()),
        (None, Screen::Game(game)) if game.chat.is_news && !is_hasty(game, now) => None,
        (None, Screen::Game(game)) if model.calling_game().is_none() => game::tiny_line(game, now),
        (Some(_) | None, _) => None,
    };
    line.map(|line| model.keymap.fill(model.screen_context(), &line))
}

fn ask(question: Question, model: &Model) -> String {
    let other = model.game().map(Game::other_name).unwrap_or_default();
    match question {
        Question::Quit => match model.game_at_stake() {
            Some(game) => format!("Quit? {}", game::stake(game)),
            None => "Quit? <confirm.yes> quits, <confirm.no> stays.".into(),
        },
        Question::Resign => {
            format!("Resign the match against {other}? <confirm.yes> resigns, <confirm.no> plays on.")
        }
        Question::LeaveSeries => {
            format!("Leave the series against {other}? <confirm.yes> ends it and leaves, <confirm.no> stays.")
        }
        Question::StopWaiting => {
            "Stop waiting? <confirm.yes> closes the room, and its code leads nowhere; <confirm.no> waits on."
                .into()
        }
    }
}
