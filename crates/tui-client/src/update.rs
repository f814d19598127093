//! The update: one message at a time changes the model, and the effects wait in it as data.
//!
//! Each part of the model takes in its own keys and messages. It makes `Request`s, which are carried out here.

mod menu;
mod messages;
mod navigation;
mod overlay;
mod replays;
mod settings;
#[cfg(test)]
mod tests;
mod xray;

use std::time::Instant;

use crossterm::event::Event as TerminalEvent;
use net::{
    addr::HostPort,
    proto::{Command, Setting, Visibility},
};
use tui_input::backend::crossterm::to_input_request;

use crate::{
    buttons::Target,
    cmd::Cmd,
    failure::Failure,
    game::Game,
    game_search::{GameSearch, SearchTarget},
    goal::{Goal, Purpose},
    history::History,
    join_form::JoinForm,
    key::Key,
    keymap::{Action, Context},
    lan_games::{LanGames, Search},
    lan_list::LanList,
    model::{Model, Screen},
    msg::{Msg, NetMsg},
    notice::{ListNotice, Notice},
    notify::{call_of, title_of},
    overlay::{Overlay, Question},
    request::Request,
    view,
};

/// The start of the program.
#[derive(Debug, Clone)]
pub enum Start {
    /// The menu.
    Menu,
    /// The games on this network.
    Games {
        /// True to watch one.
        watches: bool,
    },
    /// The finished matches.
    Replays {
        /// Those of another file, and its name.
        list: Option<(String, History)>,
        /// The number of the one to replay, from 1, the newest.
        opened: Option<usize>,
    },
    /// A connection.
    Connect(Goal),
    /// A connection to a machine that is called like the code of a game.
    Machine {
        /// The machine.
        target: HostPort,
        /// True to watch a game there.
        watches: bool,
        /// The failure of the search for the game.
        tried: Failure,
    },
}

impl Model {
    /// Begins what the program was started for.
    pub fn start(&mut self, now: Instant, start: Start) {
        self.fails_fast = matches!(start, Start::Connect(_) | Start::Machine { .. });
        // The conditions of the link hold from the beginning of the connection.
        self.degrade();
        match start {
            Start::Menu => {}
            Start::Replays { list, opened } => self.start_replays(list, opened),
            Start::Games { watches } => self.show_lan(LanList::new(now, watches)),
            Start::Connect(Goal::Join { target, key }) => {
                let goal = self.goal_to_join(target, key);
                self.connect(now, goal);
            }
            Start::Connect(goal) => self.connect(now, goal),
            Start::Machine { target, watches, tried } => self.try_machine(now, target, watches, tried),
        }
        self.search(now);
    }

    /// Takes in one message. Its effects wait in the model.
    pub fn update(&mut self, now: Instant, msg: Msg) {
        if let Some(game) = self.game_mut() {
            game.notices.expire(now);
        }
        self.take_in(now, msg);
        self.carry_out_for_games(now);
        if let Some(game) = self.game_mut() {
            game.notices.show(now);
        }
        self.search(now);
        self.observe();
        let title = self.calling_game().or_else(|| self.game()).and_then(title_of);
        self.cmds.extend(self.notifier.name_window(title, self.theme));
        let (call, is_behind) = (self.online_game().and_then(call_of), self.calling_game().is_some());
        self.cmds.extend(self.notifier.call(now, call, is_behind));
    }

    /// The effects of the start and of the messages since the last call.
    #[must_use]
    pub fn take_cmds(&mut self) -> Vec<Cmd> {
        std::mem::take(&mut self.cmds)
    }

    fn take_in(&mut self, now: Instant, msg: Msg) {
        match msg {
            Msg::Key(key) => self.handle_key(now, &key),
            Msg::Act(action) => {
                self.note_attention(now);
                self.act(now, self.context(), action);
            }
            Msg::Place(cell) => {
                self.note_attention(now);
                if let Some(game) = self.game_mut() {
                    game.place_mark(cell);
                }
            }
            // What has happened since the frame that the player saw may have taken the button away.
            Msg::Click { position, target } if view::target_at(self, now, position) == Some(target) => {
                self.click(now, target);
            }
            Msg::Click { .. } => {}
            Msg::Paste(text) => {
                self.note_attention(now);
                if let Some(input) = self.input_mut() {
                    input.paste(&text);
                }
                self.point_at_typed();
            }
            Msg::Focus(is_focused) => self.notifier.focus(is_focused),
            Msg::Resize(size) => self.size = size,
            Msg::Background(color) => self.theme.handle_background(&color),
            Msg::Tick => self.handle_tick(now),
            Msg::Net(NetMsg::Seen(sight)) => self.xray.sight = sight,
            Msg::Net(message) => self.handle_net(now, message),
            Msg::Local(event) => self.handle_local(now, event),
            Msg::Lan(games) => {
                // News of a search that was ended meanwhile is dropped.
                if !matches!(self.lan.search, Search::Off) {
                    self.lan = games;
                }
                if let Screen::Lan(list) = &mut self.screen {
                    list.keep_place(&self.lan);
                }
                self.seek(now);
            }
            Msg::Serving(place) => {
                let online = self.online_game_mut().and_then(Game::online_mut);
                if let Some(online) = online.filter(|online| online.is_own_server()) {
                    online.own_place = Some(place);
                } else if let Screen::Connecting(connecting) = &mut self.screen {
                    connecting.arrival.own_place = Some(place);
                }
            }
            Msg::Checked(text) => {
                if let Some(Overlay::Checkup { report, .. }) = &mut self.overlay {
                    *report = Some(text);
                }
            }
            Msg::ConfigNotKept(why) => self.config_problem = Some(why),
            Msg::History(history) => {
                self.history = history;
                self.history.matches.extend(self.unsaved.iter().cloned());
            }
            Msg::MatchKept { kept, is_new, problem } => self.handle_kept(&kept, is_new, problem),
            Msg::Exported(told) => {
                if let Screen::Replay(replay) = &mut self.screen {
                    replay.notice = Some(told);
                }
            }
            Msg::Failed(failure) => self.fail(failure),
        }
    }

    fn click(&mut self, now: Instant, target: Target) {
        self.note_attention(now);
        if target == Target::Close || matches!(self.overlay, Some(Overlay::Welcome)) {
            self.overlay = None;
        }
        // A first click on a row, or on what cannot be undone, chooses it.
        let action = match (target, &mut self.screen) {
            (Target::Cell(cell), Screen::Game(game)) => return game.place_mark(cell),
            (Target::Row(row), _) if matches!(self.overlay, Some(Overlay::Settings(_))) => {
                return self.click_setting(row);
            }
            (Target::Row(row), Screen::NewGame(form)) => form.choose(row).then_some(Action::Right),
            (Target::Game { row, .. }, Screen::Lan(list)) => {
                list.choose(&self.lan, row).then_some(Action::Select)
            }
            (Target::Row(row), Screen::Replays(list)) => list.choose(row).then_some(Action::Select),
            (Target::Row(plies), Screen::Replay(replay)) => {
                replay.go_to(plies);
                None
            }
            (Target::Game { row, .. }, Screen::Rooms(rooms)) => rooms.choose(row).then_some(Action::Select),
            (Target::Act(Action::LeaveGame), Screen::Menu(menu)) => {
                menu.point_at(Action::LeaveGame).then_some(Action::LeaveGame)
            }
            (Target::Act(action), _) => Some(action),
            (Target::Cell(_) | Target::Row(_) | Target::Game { .. } | Target::Close, _) => None,
        };
        if let Some(action) = action {
            self.act(now, self.context(), action);
        }
    }

    /// Notes that the player is there, and has read what was said.
    fn note_attention(&mut self, now: Instant) {
        self.notifier.typed(now);
        self.config_problem = None;
        if let Some(game) = self.game_mut() {
            game.chat.is_news = false;
        }
    }

    fn handle_key(&mut self, now: Instant, key: &Key) {
        // Any key closes a welcome, and those of the board act at once.
        if self.overlay.take_if(|overlay| matches!(overlay, Overlay::Welcome)).is_some()
            && self.keymap.is_bound(Context::Help, key)
        {
            return;
        }
        let context = self.context();
        self.note_attention(now);
        let is_called = self.overlay.is_none() && self.calling_game().is_some();
        if is_called && self.keymap.is_bound(Context::Called, key) {
            self.swap();
        } else if let Some(action) = self.keymap.action(context, key) {
            self.act(now, context, action);
        } else if let Some(request) = to_input_request(&TerminalEvent::Key(key.event))
            && let Some(input) = self.input_mut()
        {
            input.edit(request);
            self.point_at_typed();
        }
    }

    fn act(&mut self, now: Instant, context: Context, action: Action) {
        match action {
            Action::Quit => self.quit(),
            // With Caps Lock it is the key of a quick match.
            Action::AskToQuit => self.overlay = Some(Overlay::Confirm(Question::Quit)),
            Action::Suspend => self.cmds.push(Cmd::Suspend),
            Action::Redraw => self.cmds.push(Cmd::Redraw),
            Action::GoToMatch if self.calling_game().is_some() => self.swap(),
            Action::Settings if self.overlay.is_none() => self.overlay = Some(self.settings_at(0)),
            Action::Hint if !self.config.hints => {}
            Action::XRay | Action::NextKnob | Action::TurnUp | Action::TurnDown | Action::ResetDial => {
                self.act_on_xray(action);
            }
            Action::Back if self.overlay.is_none() && self.shows_xray() => self.act_on_xray(Action::XRay),
            Action::Help if !matches!(context, Context::Help | Context::Confirm | Context::Settings) => {
                self.overlay = Some(Overlay::Help { scroll: 0 });
            }
            _ if self.overlay.is_some() => self.act_on_overlay(action),
            _ => self.act_on_screen(now, context, action),
        }
    }

    fn act_on_screen(&mut self, now: Instant, context: Context, action: Action) {
        let requests = match &mut self.screen {
            Screen::Menu(menu) => match menu.handle_action(action, self.saved_seats.len()) {
                Some(Action::Settings) => return self.act(now, context, Action::Settings),
                Some(entry) => return self.choose(now, entry),
                None => return,
            },
            Screen::Replays(_) | Screen::Replay(_) => return self.act_on_replays(now, action),
            Screen::NewGame(form) => form.handle_action(action),
            Screen::JoinForm(form) => form.handle_action(action),
            Screen::Rooms(rooms) => rooms.handle_action(action),
            Screen::Lan(list) => list.handle_action(&self.lan, action),
            Screen::Game(game) => return game.handle_action(now, action),
            Screen::Connecting(connecting) if action == Action::Select => {
                if connecting.unlock() {
                    self.proceed(now);
                }
                return;
            }
            Screen::Connecting(_) if action == Action::Back => return self.give_up(),
            Screen::Searching(_) if action == Action::Back => vec![Cmd::HangUp.into(), Request::Menu],
            Screen::Failed(_) if action == Action::Back => vec![Request::Menu],
            Screen::Connecting(_) | Screen::Searching(_) | Screen::Failed(_) => return,
        };
        self.carry_out(now, requests);
    }

    /// Carries out the requests of the games, and those that follow from them.
    fn carry_out_for_games(&mut self, now: Instant) {
        loop {
            let requests: Vec<Request> = self.games_mut().flat_map(|game| game.requests.drain(..)).collect();
            if requests.is_empty() {
                return;
            }
            self.carry_out(now, requests);
        }
    }

    /// Carries out the requests of a part.
    fn carry_out(&mut self, now: Instant, requests: Vec<Request>) {
        for request in requests {
            self.carry_out_one(now, request);
        }
    }

    fn carry_out_one(&mut self, now: Instant, request: Request) {
        match request {
            Request::Cmd(cmd) => self.cmds.push(cmd),
            Request::Open(overlay) => self.overlay = Some(overlay),
            Request::Menu => self.show_menu(),
            Request::MenuOverGame => self.show_menu_over_game(),
            Request::MenuEntry(entry) => {
                // As the menu does: a background game comes back behind it first.
                self.show_menu();
                self.choose(now, entry);
            }
            Request::Begin => self.begin(now),
            Request::JoinForm(purpose) => self.show(Screen::JoinForm(JoinForm::new(purpose))),
            Request::Connect(goal) => self.connect(now, goal),
            Request::EnterListed { goal, is_locked } => self.enter_listed(now, goal, is_locked),
            Request::EnterFound { target, key, watches } => self.enter_found(now, target, key, watches),
            Request::Seek { code, machine, watches } => {
                self.screen = Screen::Searching(GameSearch::code(now, code, machine, watches));
                self.cmds.push(Cmd::Seek(code));
                self.seek(now);
            }
            Request::NotFound(code) => self.look_further(now, code),
            Request::Ambiguous { code, count, watches } => {
                let mut list = LanList::filtered(now, watches, code.as_str());
                list.notice = Some(ListNotice::Ambiguous { code, count });
                self.show_lan(list);
            }
            Request::SearchAgain => {
                self.lan = LanGames::searching(now);
                if let Screen::Lan(list) = &mut self.screen {
                    list.since = now;
                }
                self.cmds.extend([Cmd::EndSearch, Cmd::Search]);
            }
            Request::CheckNetwork => {
                self.overlay = Some(Overlay::Checkup { report: None, scroll: 0 });
                self.cmds.push(Cmd::CheckNetwork);
            }
            Request::Replay => self.replay_finished(),
            Request::Leave => self.leave(),
            Request::HostAgain => self.host_again(now),
            Request::PlayBot => self.play_meanwhile(now),
            Request::NextVisibility => self.change_visibility(),
            Request::ForgetSeat(token) => self.forget_seat(&token),
            Request::RenewSeat { old, seat } => self.renew_seat(&old, seat),
            Request::Fail(failure) => {
                if !self.looks_elsewhere(now) {
                    self.fail(failure);
                }
            }
        }
    }

    /// Shows the next visibility of the room in which we wait.
    fn change_visibility(&mut self) {
        let Some(game) = self.game().filter(|game| game.is_owner()) else { return };
        self.new_game.visibility = match game.snapshot.visibility {
            Visibility::Public => Visibility::Hidden,
            Visibility::Hidden => Visibility::Locked,
            Visibility::Locked => Visibility::Public,
        };
        self.cmds.push(Cmd::Send(Command::Set { setting: Setting::Access(self.new_game.access()) }));
    }

    /// Shows a failure: by a notice in the game that remains, by a screen, or by the end of the program.
    pub(crate) fn fail(&mut self, failure: Failure) {
        self.overlay = None;
        self.below.clear();
        if self.fails_fast {
            self.cmds.extend([Cmd::HangUp, Cmd::Fail(failure)]);
            return;
        }
        let Some(waiting) = self.background_game.take_if(|game| game.online().is_some()) else {
            self.screen = Screen::Failed(failure);
            self.cmds.push(Cmd::HangUp);
            return;
        };
        let is_begun = matches!(self.screen, Screen::Connecting(_));
        if is_begun {
            // A game at this machine that did not begin: the room still waits.
            self.screen = Screen::Game(waiting);
        }
        if let Some(game) = self.game_mut() {
            game.notices.set(Notice::Failed(failure));
        }
        self.cmds.push(if is_begun { Cmd::EndLocal } else { Cmd::HangUp });
    }

    fn handle_tick(&mut self, now: Instant) {
        if let Some(game) = self.online_game_mut() {
            game.retry_if_due(now);
        }
        if let Screen::Connecting(connecting) = &self.screen {
            let requests = connecting.handle_timeout(now);
            self.carry_out(now, requests);
        }
        if let Screen::Replay(replay) = &mut self.screen {
            replay.handle_timeout(now);
        }
        self.seek(now);
        let rings = self.games_mut().filter_map(|game| game.rings(now).then_some(())).count() > 0;
        self.cmds.extend(rings.then(|| self.notifier.warn(now)).flatten());
    }

    /// Goes on with the search for one game.
    fn seek(&mut self, now: Instant) {
        let Screen::Searching(searching) = &mut self.screen else { return self.seek_company(now) };
        let Some(request) = searching.proceed(now, &self.lan, self.quick_terms) else { return };
        let quick = (searching.what == SearchTarget::Any).then(|| std::mem::take(&mut searching.quick));
        self.carry_out_one(now, request);
        if let Screen::Connecting(connecting) = &mut self.screen {
            connecting.arrival.quick = quick;
        }
    }

    /// Begins or ends the search of the network, as the screen needs it: not while a match is shown.
    fn search(&mut self, now: Instant) {
        let is_wanted = match &self.screen {
            Screen::JoinForm(form) => form.purpose != Purpose::Browse,
            Screen::Menu(_) | Screen::NewGame(_) | Screen::Lan(_) | Screen::Searching(_) => true,
            Screen::Game(game) => game.quick_match().is_some(),
            _ => false,
        };
        match (&self.lan.search, is_wanted) {
            (Search::Off, true) => {
                self.lan = LanGames::searching(now);
                self.cmds.push(Cmd::Search);
            }
            (Search::On { .. } | Search::Failed(_), false) => {
                self.lan = LanGames::default();
                self.cmds.push(Cmd::EndSearch);
            }
            (Search::Off, false) | (Search::On { .. } | Search::Failed(_), true) => {}
        }
    }
}
