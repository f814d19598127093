//! What changes the model: one message at a time, effects returned as data.

mod aside;
mod claim;
mod copy;
mod game;
mod lan;
mod link;
mod menu;
mod net;
mod offer;
mod rooms;
mod talk;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use ::net::{addr::HostPort, proto::Command};
use crossterm::event::{Event as TerminalEvent, KeyEvent};
use tui_input::backend::crossterm::to_input_request;

use server::phrases;

use crate::{
    cmd::{Cmd, Opponent},
    failure::Failure,
    field::Field,
    keymap::{self, Action, Context},
    lan_list::LanList,
    model::{Model, Overlay, Question, RoomKey, Screen},
    msg::Msg,
    view,
};

pub use self::menu::{Place, parse_place};

/// What the program was started for.
#[derive(Debug, Clone)]
pub enum Start {
    /// The menu.
    Menu,
    /// The games of this network.
    Games {
        /// Whether they are to be watched.
        watches: bool,
    },
    /// To host a game.
    Host,
    /// To join one.
    Join {
        /// The server.
        target: HostPort,
        /// The room, or any.
        key: Option<RoomKey>,
    },
    /// To watch a room.
    Watch {
        /// The server.
        target: HostPort,
        /// The room, or the list of all.
        key: Option<RoomKey>,
    },
    /// To play at this machine.
    Local {
        /// Against whom.
        opponent: Opponent,
    },
}

/// How long a notice is said: as long as it takes to read two lines twice.
const NOTICE_LASTS: Duration = Duration::from_secs(6);

impl Model {
    /// Begins what the program was started for.
    pub fn start(&mut self, now: Instant, start: Start) -> Vec<Cmd> {
        self.fails_fast =
            matches!(start, Start::Host | Start::Join { .. } | Start::Watch { .. } | Start::Local { .. });
        let mut cmds = match start {
            Start::Menu => Vec::new(),
            Start::Games { watches } => self.show_lan(LanList::new(now, watches)),
            Start::Host => self.host(now),
            Start::Watch { target, key } => self.watch(now, target, key),
            Start::Join { target, key } => {
                let goal = self.goal_to_join(target, key);
                self.connect(now, goal)
            }
            Start::Local { opponent } => self.play_local(now, opponent),
        };
        cmds.extend(self.search(now));
        cmds
    }

    /// Takes in one message and says what is to be done.
    pub fn update(&mut self, now: Instant, msg: Msg) -> Vec<Cmd> {
        let noticed = self.game_mut().and_then(|game| game.fresh_notice(now));
        let mut cmds = self.take_in(now, msg);
        if let Some(game) = self.game_mut().filter(|game| game.notice != noticed) {
            game.notice_until = game.notice.as_ref().map(|_| now + NOTICE_LASTS);
        }
        cmds.extend(self.search(now));
        cmds.extend(self.notify(now));
        cmds
    }

    fn take_in(&mut self, now: Instant, msg: Msg) -> Vec<Cmd> {
        match msg {
            Msg::Key(key) => self.key(now, &key),
            Msg::Click(position) => match view::cell_at(self, position) {
                Some(cell) if self.context().takes_moves() => self.place(cell),
                Some(_) | None => Vec::new(),
            },
            Msg::Paste(text) => {
                if let Some(field) = self.field_mut() {
                    field.paste(&text);
                }
                Vec::new()
            }
            Msg::Focus(is_focused) => {
                self.focus(is_focused);
                Vec::new()
            }
            Msg::Local(event) => self.hear_local(now, event),
            Msg::Resize(size) => {
                self.size = size;
                Vec::new()
            }
            Msg::Tick => self.tick(now),
            Msg::Net(message) => self.hear(now, message),
            Msg::Lan(games) => self.found(now, games),
            Msg::Serving { addresses, is_announced } => {
                self.is_announced = is_announced;
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
        self.notifier.typed(now);
        if let Some(game) = self.game_mut() {
            game.talk.is_news = false;
        }
        if self.overlay.is_none() && self.calling_game().is_some() && keymap::is_bound(Context::Called, key) {
            return self.swap();
        }
        if let Some(action) = keymap::action(context, key) {
            return self.act(now, context, action);
        }
        if let Some(request) = to_input_request(&TerminalEvent::Key(*key))
            && let Some(field) = self.field_mut()
        {
            field.edit(request);
        }
        Vec::new()
    }

    /// The text field that keys go to now, if they go to one.
    fn field_mut(&mut self) -> Option<&mut Field> {
        match (&mut self.overlay, &mut self.screen) {
            (Some(Overlay::Talk(field)), _) => Some(field),
            (None, Screen::JoinForm(form)) => Some(&mut form.field),
            (None, Screen::Passcode(form)) => Some(&mut form.field),
            (None, Screen::Lan(list)) if list.is_filtering => Some(&mut list.filter),
            (Some(_) | None, _) => None,
        }
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
            Context::Talk => self.talk(action),
            Context::Emotes => self.emote(action),
            Context::Rooms => self.pick(now, action),
            Context::Lan => self.browse_lan(now, action),
            Context::Filter => self.filter(action),
            Context::Passcode => self.passcode(action),
            Context::Menu => self.choose(now, action),
            Context::JoinForm => self.join_form(now, action),
            Context::Connecting => match action {
                Action::Back => self.give_up(),
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
            | Context::Watching
            | Context::LinkDown
            | Context::Over => self.play(now, context, action),
            Context::Called | Context::Everywhere => Vec::new(),
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
            (Question::Resign, Action::Yes) => match self.game_mut() {
                Some(game) if game.down().is_some() => {
                    game.notice = Some("Not resigned: the connection is lost.".into());
                    Vec::new()
                }
                Some(game) => {
                    let match_number = game.snapshot.match_number;
                    vec![game.send(Command::Resign { match_number })]
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
        if let Some(cmds) = self.fail_beside_game(&failure) {
            return cmds;
        }
        self.screen = Screen::Failed(failure);
        vec![Cmd::HangUp]
    }

    fn tick(&mut self, now: Instant) -> Vec<Cmd> {
        let mut cmds = self.retry_if_due(now);
        cmds.extend(self.seek(now));
        let rings = self.game_mut().is_some_and(|game| game.rings(now));
        let rings_aside = self.aside.as_deref_mut().is_some_and(|game| game.rings(now));
        if rings || rings_aside {
            cmds.push(Cmd::Bell);
        }
        cmds
    }

    /// Says the board in words, over everything.
    fn say_board(&mut self) {
        if let Some(game) = self.game() {
            let text = phrases::position(&game.snapshot);
            self.overlay = Some(Overlay::Words { text, scroll: 0 });
        }
    }
}
