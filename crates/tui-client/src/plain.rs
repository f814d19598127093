//! Plain mode: the program by lines alone, for screen readers, pipes and terminals that cannot draw.
//!
//! It is another keymap and another view of the same [`Model`]: a typed line becomes the actions that keys ask for, and
//! after each change what is new is told in short lines, the newest last. Nothing that was told is drawn over. Reading
//! and writing the lines is the runtime's.

mod answers;
mod told;
mod words;

use std::time::Instant;

use clap::ValueEnum;
use crossterm::event::KeyModifiers;
use game_core::Cell;
use net::proto::{Phase, RoomCode};

use self::told::Told;
use crate::{
    game::{Game, Place},
    key::Key,
    keymap::{self, Action, Context},
    model::{Model, Screen},
    msg::Msg,
    online::LinkState,
    overlay::Overlay,
    setting::Setting,
    status_line,
};

/// The conversation by lines.
#[derive(Debug, Default)]
pub struct Plain {
    told: Told,
    /// Lines to be written.
    lines: Vec<String>,
    /// True if a line was typed to which nothing has been answered yet.
    is_owed: bool,
}

impl Plain {
    /// Does what a typed line asks for.
    pub fn handle_line(&mut self, model: &mut Model, now: Instant, line: &str) {
        let line = line.trim();
        match model.context() {
            Context::Chat | Context::Cell | Context::JoinForm | Context::Passcode | Context::Filter => {
                let leaves = line.is_empty()
                    || words::action(&model.keymap, Context::Menu, line) == Some(Action::Quit);
                let leaves = leaves || ["back", "esc"].iter().any(|word| line.eq_ignore_ascii_case(word));
                if leaves { act(model, now, Action::Back) } else { type_text(model, now, line) }
            }
            context => self.obey(model, now, context, line),
        }
        if model.context() == Context::NewGame {
            // A form is of no use to ears: what was played last begins at once.
            act(model, now, Action::Select);
        }
        // What a server or a game was sent will be answered by it.
        self.is_owed = model.cmds.is_empty() && self.lines.is_empty();
    }

    /// Tells what is new.
    pub fn tell(&mut self, model: &mut Model, now: Instant) {
        let count = self.lines.len();
        let read = match &model.overlay {
            Some(Overlay::Help { .. }) => Some(help(model)),
            Some(Overlay::Position { .. }) => {
                model.game().and_then(|game| answers::answer(game, now, "board"))
            }
            Some(Overlay::Checkup { report: Some(report), .. }) => {
                Some(report.lines().map(str::to_owned).collect())
            }
            Some(Overlay::Settings(_)) => Some(settings(model)),
            Some(
                Overlay::Checkup { report: None, .. }
                | Overlay::Confirm(_)
                | Overlay::Chat(_)
                | Overlay::Cell(_)
                | Overlay::Emotes
                | Overlay::Welcome,
            ) => None,
            None => answers::link(&model.xray.sight),
        };
        let is_read = read.is_some() || matches!(model.screen, Screen::Failed(_));
        if let Screen::Failed(failure) = &model.screen {
            self.lines.push(format!("{}.", failure.sentence));
            self.lines.extend(failure.causes.iter().map(|cause| format!("{cause}.")));
            self.lines.extend(failure.hint.iter().map(|hint| format!("Hint: {hint}.")));
        }
        self.lines.extend(read.into_iter().flatten());
        if is_read {
            act(model, now, Action::Back);
        }
        self.told.tell(model, now, &mut self.lines);
        if self.is_owed && self.lines.len() == count {
            self.lines.push(told::status(model, now));
        }
        self.is_owed = false;
    }

    /// The lines to be written.
    pub fn take_lines(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    fn obey(&mut self, model: &mut Model, now: Instant, context: Context, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (word, rest) = (word.to_ascii_lowercase(), rest.trim());
        if line.is_empty() {
            return;
        }
        let answer = match &model.screen {
            Screen::Replay(replay) => answers::position(&replay.snapshot, &word),
            _ => model.game().and_then(|game| answers::answer(game, now, &word)),
        };
        if let Some(answer) = answer {
            self.lines.extend(answer);
            return;
        }
        if let (Screen::Replays(list), Ok(number)) = (&model.screen, line.parse::<usize>()) {
            if list.history(&model.history).numbered(number).is_none() {
                self.lines.push(format!("There is no match {number}."));
            }
            model.open_replay(number);
            return;
        }
        let is_list = matches!(context, Context::Lan | Context::Rooms);
        if word == "list" && (is_list || context == Context::Replays) {
            self.lines.extend(told::list(model));
            return;
        }
        if let Some(cell) = line.parse::<Cell>().ok().filter(|_| context.takes_moves()) {
            let is_there = model.game().is_some_and(|game| game.snapshot.record.rules().contains(cell));
            if !is_there {
                self.lines.push(format!("There is no cell {cell} on this board."));
                return;
            }
            return model.update(now, Msg::Place(cell));
        }
        let is_place = context == Context::Menu || is_list;
        if is_place && matches!(word.as_str(), "join" | "watch") && !rest.is_empty() {
            return self.go(model, now, rest, word == "watch");
        }
        if is_place && RoomCode::parse_typed(line).is_ok() {
            return self.go(model, now, line, false);
        }
        let by_word = [line, &*word].into_iter().find_map(|said| words::action(&model.keymap, context, said));
        // Each key of the screen works here, too.
        let key = keymap::parse(line).map(|code| Key::new(code, KeyModifiers::NONE));
        let key = key.filter(|key| model.keymap.action(context, key).is_some());
        match (by_word, key) {
            (Some(Action::Settings), _) if !rest.is_empty() => self.lines.push(change_setting(model, rest)),
            // What would be passed over is said, so that no other game begins than the one asked for.
            (Some(Action::Host | Action::Bot | Action::TwoPlayers), _)
                if context == Context::Menu && !rest.is_empty() =>
            {
                let flags = "`oxo help` tells of the flags that choose a game";
                self.lines.push(format!("`{word}` takes no more words; {flags}."));
            }
            (Some(action), _) => with_rest(model, now, action, rest),
            (None, _) if word == "match" && model.calling_game().is_some() => {
                act(model, now, Action::GoToMatch);
            }
            (None, Some(key)) => model.update(now, Msg::Key(key)),
            (None, None) => self.lines.push("That does nothing here. `help` says what does.".into()),
        }
    }

    /// Goes to a place: to a game of the list that is shown, or to what the form for places makes of it.
    fn go(&mut self, model: &mut Model, now: Instant, place: &str, watches: bool) {
        let code = RoomCode::parse_typed(place).ok();
        let row = code.and_then(|code| told::rooms(model).iter().position(|room| room.code == code));
        if let Some(row) = row {
            match &mut model.screen {
                Screen::Lan(list) => list.choose(&model.lan, row),
                Screen::Rooms(rooms) => rooms.choose(row),
                _ => false,
            };
            return act(model, now, if watches { Action::Watch } else { Action::Select });
        }
        if watches && matches!(model.screen, Screen::Menu(_)) {
            act(model, now, Action::Watch);
        }
        act(model, now, Action::Join);
        if model.context() == Context::JoinForm {
            type_text(model, now, place);
        }
        if model.context() == Context::JoinForm {
            // It is no place, and the next line is not one either.
            self.lines.push(told::status(model, now));
            act(model, now, Action::Back);
        }
    }
}

/// Tells whether the next line has to wait: until a connection stands, a move is confirmed, or the bot has answered. So lines
/// can come all at once.
pub fn is_busy(model: &Model) -> bool {
    match &model.screen {
        Screen::Connecting(connecting) => connecting.passcode.is_none(),
        Screen::Searching(_) => true,
        // The answer comes from the connection.
        Screen::Game(game) => {
            let awaits_bot =
                || game.is_waiting() && model.xray.dial.as_ref().is_some_and(|dial| dial.is_against_bot);
            is_thinking(game) || model.shows_xray() || awaits_bot()
        }
        Screen::Menu(_)
        | Screen::Replays(_)
        | Screen::Replay(_)
        | Screen::NewGame(_)
        | Screen::JoinForm(_)
        | Screen::Rooms(_)
        | Screen::Lan(_)
        | Screen::Failed(_) => false,
    }
}

/// Tells whether a line is meant for a connection under way.
pub fn is_urgent(line: &str) -> bool {
    ["back", "esc", "quit", "exit", "help", "?"].iter().any(|word| line.trim().eq_ignore_ascii_case(word))
}

fn is_thinking(game: &Game) -> bool {
    let is_bots_turn = game.snapshot.phase == Phase::Playing && !game.may_move();
    match &game.place {
        Place::Keyboard => false,
        Place::Bot => is_bots_turn || game.own_offer().is_some(),
        Place::Server(online) => game.unconfirmed.is_some() && matches!(online.link, LinkState::Up { .. }),
    }
}

fn act(model: &mut Model, now: Instant, action: Action) {
    model.update(now, Msg::Act(action));
}

/// Replaces the text of the input by a line, and submits it.
fn type_text(model: &mut Model, now: Instant, line: &str) {
    if let Some(input) = model.input_mut() {
        input.clear();
    }
    model.update(now, Msg::Paste(line.to_owned()));
    act(model, now, Action::Select);
}

/// Does an action whose text, if it takes one, is in the same line.
fn with_rest(model: &mut Model, now: Instant, action: Action, rest: &str) {
    match (action, rest.parse::<u8>()) {
        (Action::Resume, Ok(nth)) if model.context() == Context::Menu => {
            return act(model, now, Action::ReturnTo(nth));
        }
        _ => act(model, now, action),
    }
    match (model.context(), action) {
        (Context::Chat, Action::Chat) if !rest.is_empty() => type_text(model, now, rest),
        (Context::Emotes, Action::Emotes) if !rest.is_empty() => {
            let emotes = net::proto::Emote::ALL;
            let nth = emotes.iter().position(|emote| emote.as_str().eq_ignore_ascii_case(rest));
            let nth = nth.and_then(|nth| u8::try_from(nth + 1).ok()).or_else(|| rest.parse().ok());
            act(model, now, Action::Emote(nth.unwrap_or(0)));
        }
        _ => {}
    }
}

/// Changes a setting by its name and its value. Returns the answer.
fn change_setting(model: &mut Model, rest: &str) -> String {
    let (key, value) = rest.split_once(' ').unwrap_or((rest, ""));
    let Some(setting) =
        Setting::value_variants().iter().copied().find(|it| it.key().eq_ignore_ascii_case(key))
    else {
        return format!("There is no setting `{key}`.");
    };
    let value = match value.trim() {
        "yes" => "true",
        "no" => "false",
        value => value,
    };
    let in_words = |model: &Model| format!("{}: {}", setting.key(), model.config.in_words(setting));
    if value.is_empty() {
        return in_words(model);
    }
    match model.change(setting, value) {
        Ok(()) => format!("{}.", in_words(model)),
        Err(wrong) => format!("{wrong}."),
    }
}

/// The settings, and how they are changed.
fn settings(model: &Model) -> Vec<String> {
    let line = |setting: Setting| format!("{}: {}", setting.key(), model.config.in_words(setting));
    let lines = Setting::value_variants().iter().copied().map(line);
    lines.chain(["`settings theme dark` changes one; `oxo config` names their file.".into()]).collect()
}

/// The words that do something on the screen.
fn help(model: &Model) -> Vec<String> {
    let context = model.screen_context();
    let facts = model.facts(false);
    let mut lines = Vec::new();
    if let Screen::Replay(_) = &model.screen {
        lines.push("board, near, moves: say it".into());
    } else if let Some(game) = model.game().filter(|_| !matches!(model.screen, Screen::Replays(_))) {
        if context.takes_moves() {
            lines.push(status_line::goal(game.snapshot.record.rules()));
            lines.push(told::cells(game));
        }
        lines.push("board, near, moves, clock, score: say it".into());
    }
    let bindings = model.keymap.help(context, &facts).filter(|binding| facts.contains(&binding.when));
    lines.extend(words::help(bindings, |action| model.is_there(action)));
    lines.push("an empty line: say again where you are".into());
    lines
}

#[cfg(test)]
mod tests;
