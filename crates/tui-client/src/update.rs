//! What changes the model: one message at a time, effects returned as data.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod claim;
mod game;
mod link;
mod menu;
mod net;
mod offer;
#[cfg(test)]
mod tests;

use std::time::Instant;

use ::net::{
    addr::HostPort,
    proto::{Command, RoomCode},
};
use crossterm::event::{Event as TerminalEvent, KeyEvent};
use tui_input::{InputRequest, backend::crossterm::to_input_request};

use crate::{
    cmd::{Cmd, Opponent, SavedSeat},
    keymap::{self, Action, Context},
    model::{Goal, Model, Overlay, Question, Screen},
    msg::{Failure, Msg},
    view, words,
};

pub use self::menu::parse_place;

/// What the program was started for.
#[derive(Debug, Clone)]
pub enum Start {
    /// The menu.
    Menu,
    /// The form that asks where to join.
    JoinForm,
    /// To host a game.
    Host,
    /// To join one.
    Join {
        /// The server.
        target: HostPort,
        /// The room, or any.
        code: Option<RoomCode>,
    },
    /// To play at this machine.
    Local {
        /// Against whom.
        opponent: Opponent,
    },
}

impl Model {
    /// Begins what the program was started for.
    pub fn start(&mut self, now: Instant, start: Start) -> Vec<Cmd> {
        self.fails_fast = matches!(start, Start::Host | Start::Join { .. } | Start::Local { .. });
        match start {
            Start::Menu => Vec::new(),
            Start::JoinForm => self.open_join_form(),
            Start::Host => self.host(now),
            Start::Join { target, code } => {
                let join = Goal::Join { target: target.clone(), code };
                // An adjourned match waits until it is asked for by its code.
                let is_meant = |seat: &&SavedSeat| {
                    seat.target == target && code.map_or(!seat.is_adjourned, |code| code == seat.code)
                };
                let goal = match self.saved_seats.iter().find(is_meant).cloned() {
                    Some(seat) => Goal::Return { seat, otherwise: Some(Box::new(join)) },
                    None => join,
                };
                self.connect(now, goal)
            }
            Start::Local { opponent } => self.play_local(now, opponent),
        }
    }

    /// Takes in one message and says what is to be done.
    pub fn update(&mut self, now: Instant, msg: Msg) -> Vec<Cmd> {
        match msg {
            Msg::Key(key) => self.key(now, &key),
            Msg::Click(position) => match view::cell_at(self, position) {
                Some(cell) if self.context().is_match() => self.place(cell),
                Some(_) | None => Vec::new(),
            },
            Msg::Paste(text) => {
                if let Screen::JoinForm(form) = &mut self.screen {
                    for character in
                        text.chars().filter(|character| !character.is_control()).take(menu::MAX_TYPED)
                    {
                        form.edit(InputRequest::InsertChar(character));
                    }
                }
                Vec::new()
            }
            Msg::Resize(size) => {
                self.size = size;
                Vec::new()
            }
            Msg::Tick => self.tick(now),
            Msg::Net(message) => self.hear(now, message),
            Msg::Serving { addresses } => {
                if let Screen::Connecting(connecting) = &mut self.screen {
                    connecting.arrival.addresses = addresses;
                }
                Vec::new()
            }
            Msg::Failed(failure) => self.fail(failure),
        }
    }

    fn key(&mut self, now: Instant, key: &KeyEvent) -> Vec<Cmd> {
        let context = self.context();
        if let Some(action) = keymap::action(context, key) {
            return self.act(now, context, action);
        }
        if let (Context::JoinForm, Screen::JoinForm(form)) = (context, &mut self.screen)
            && let Some(request) = to_input_request(&TerminalEvent::Key(*key))
        {
            form.edit(request);
        }
        Vec::new()
    }

    fn act(&mut self, now: Instant, context: Context, action: Action) -> Vec<Cmd> {
        match action {
            Action::Quit => return self.quit(),
            Action::Suspend => return vec![Cmd::Suspend],
            Action::Redraw => return vec![Cmd::Redraw],
            Action::Help if context != Context::Help && context != Context::Confirm => {
                self.overlay = Some(Overlay::Help { scroll: 0 });
                return Vec::new();
            }
            _ => {}
        }
        match context {
            Context::Help => {
                self.read(action);
                Vec::new()
            }
            Context::Confirm => self.answer(action),
            Context::Menu => self.choose(now, action),
            Context::JoinForm => self.join_form(now, action),
            Context::Connecting => match action {
                Action::Back => self.abandon(),
                _ => Vec::new(),
            },
            Context::Failed => match action {
                Action::Back => self.show_menu(),
                _ => Vec::new(),
            },
            Context::Waiting
            | Context::Match
            | Context::Offer
            | Context::Absent
            | Context::Adjourned
            | Context::LinkDown
            | Context::Over => self.play(now, context, action),
            Context::Everywhere => Vec::new(),
        }
    }

    /// Scrolls or closes what is read.
    fn read(&mut self, action: Action) {
        // The end of the text depends on the screen's size, which the view knows.
        let end = view::max_scroll(self);
        let Some(Overlay::Help { scroll } | Overlay::Words { scroll, .. }) = &mut self.overlay else {
            return;
        };
        *scroll = match action {
            Action::Up => scroll.saturating_sub(1),
            Action::Down => scroll.saturating_add(1).min(end),
            Action::PageUp => scroll.saturating_sub(8),
            Action::PageDown => scroll.saturating_add(8).min(end),
            Action::Back | Action::Help => return self.overlay = None,
            _ => return,
        };
    }

    fn answer(&mut self, action: Action) -> Vec<Cmd> {
        let Some(Overlay::Confirm(question)) =
            self.overlay.take_if(|_| matches!(action, Action::Yes | Action::No))
        else {
            return Vec::new();
        };
        match (question, action) {
            (Question::Quit, Action::Yes) => self.quit_now(),
            (Question::Resign, Action::Yes) => match self.game() {
                Some(game) => {
                    let match_number = game.snapshot.match_number;
                    vec![Cmd::Send { seat: game.acting_seat(), command: Command::Resign { match_number } }]
                }
                None => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// Shows why something cannot be done, or ends the program with it.
    pub(crate) fn fail(&mut self, failure: Failure) -> Vec<Cmd> {
        self.overlay = None;
        if self.fails_fast {
            return vec![Cmd::HangUp, Cmd::Fail(failure)];
        }
        self.screen = Screen::Failed(failure);
        vec![Cmd::HangUp]
    }

    fn tick(&mut self, now: Instant) -> Vec<Cmd> {
        let mut cmds = self.retry_if_due(now);
        if self.game_mut().is_some_and(|game| game.rings(now)) {
            cmds.push(Cmd::Bell);
        }
        cmds
    }

    /// Says the board in words, over everything.
    fn say_board(&mut self) {
        if let Some(game) = self.game() {
            let text = words::board(&game.snapshot);
            self.overlay = Some(Overlay::Words { text, scroll: 0 });
        }
    }
}
