//! The ways between the screens: into a room and out of it, to the menu, and between two games.

use std::time::Instant;

use game_core::Level;
use net::{
    addr::HostPort,
    proto::{Reject, RoomCode, Terms, TimeControl},
};

use crate::{
    cmd::{Cmd, Dial, Opponent, SavedSeat},
    connecting::{Connecting, List},
    failure::Failure,
    game::Game,
    game_search::{GameSearch, SearchTarget, not_found},
    goal::{Goal, RoomKey},
    lan_list::LanList,
    menu::Menu,
    model::{Model, Screen},
    notice::ListNotice,
    overlay::{Overlay, Question},
    status_line,
    text_input::InputError,
};

impl Model {
    /// Goes on after a room has refused us: with its passcode, with the list, or not at all.
    pub(super) fn handle_refusal(&mut self, reject: Reject) {
        let Screen::Connecting(connecting) = &mut self.screen else { return };
        let error = match reject {
            Reject::NeedsPasscode => Some(None),
            Reject::WrongPasscode => Some(Some(InputError::NotAdmitted(reject))),
            _ => None,
        };
        if let (Some(error), Some(key)) = (error, connecting.goal.key()) {
            connecting.ask_passcode(key.code, error);
            self.fails_fast = false;
            self.overlay = None;
        } else if let Some(mut list) = connecting.list.take() {
            list.set_notice(ListNotice::NotAdmitted(reject));
            self.return_to_list(list);
        } else {
            let failure = connecting.refusal(reject);
            self.fail(failure);
        }
    }

    /// Sends the command of the goal over the connection that stands.
    pub(super) fn proceed(&mut self, now: Instant) {
        let preferences = self.preferences();
        let Screen::Connecting(connecting) = &mut self.screen else { return };
        self.cmds.extend(connecting.ask(now, preferences).map(Cmd::Send));
    }

    /// Ends a connection under way: back to the list the room was chosen from, else to the menu. The list of a server is
    /// returned to before the command is sent only.
    pub(super) fn give_up(&mut self) {
        let Screen::Connecting(connecting) = &mut self.screen else { return };
        let is_asked = connecting.passcode.is_some();
        if let Some(list) = connecting.list.take().filter(|list| is_asked || matches!(list, List::Lan(_))) {
            return self.return_to_list(list);
        }
        self.show_menu();
        self.cmds.push(Cmd::HangUp);
    }

    pub(super) fn return_to_list(&mut self, list: List) {
        match list {
            List::Rooms(rooms) => self.show(Screen::Rooms(rooms)),
            List::Lan(list) => {
                self.show(Screen::Lan(list));
                self.cmds.push(Cmd::HangUp);
            }
        }
    }

    pub(super) fn enter_listed(&mut self, now: Instant, goal: Goal, is_locked: bool) {
        let Screen::Rooms(rooms) = std::mem::take(&mut self.screen) else { return };
        let mut connecting = Connecting::new(now, goal);
        connecting.arrival = rooms.arrival.clone();
        connecting.list = Some(List::Rooms(rooms));
        let locked = connecting.goal.key().filter(|_| is_locked);
        if let Some(key) = locked {
            connecting.ask_passcode(key.code, None);
        }
        self.show(Screen::Connecting(Box::new(connecting)));
        if locked.is_none() {
            self.proceed(now);
        }
    }

    pub(super) fn enter_found(&mut self, now: Instant, target: HostPort, key: RoomKey, watches: bool) {
        let list = match std::mem::take(&mut self.screen) {
            Screen::Lan(list) => Some(List::Lan(list)),
            _ => None,
        };
        let goal = if watches { Goal::Watch { target, key } } else { self.goal_to_join(target, Some(key)) };
        self.begin_to_connect(Connecting { list, ..Connecting::new(now, goal) });
    }

    /// The goal to join a server: to return to the seat that is kept there, if one is.
    pub(super) fn goal_to_join(&self, target: HostPort, key: Option<RoomKey>) -> Goal {
        // An adjourned match waits until it is asked for by its code.
        let is_meant = |seat: &&SavedSeat| {
            seat.target == target
                && seat.hosted.is_none()
                && key.map_or(!seat.is_adjourned, |key| key.code == seat.code)
        };
        let seat = self.saved_seats.iter().find(is_meant).cloned();
        let join = Goal::Join { target, key };
        match seat {
            Some(seat) => Goal::Return { seat, otherwise: Some(Box::new(join)) },
            None => join,
        }
    }

    /// Leaves our own room, where a quick match waits alone, for another one.
    pub(super) fn seek_company(&mut self, now: Instant) {
        let Screen::Game(game) = &mut self.screen else { return };
        if self.lan.failure().is_some()
            && let Some(online) = game.online_mut()
        {
            // Without a search it waits for those who find it.
            online.quick = None;
        }
        let (quick, own) = (game.quick_match(), game.snapshot.code);
        let found = quick.and_then(|quick| quick.company(now, &self.lan, self.quick_terms, own));
        let Some((code, target)) = found.and_then(|other| Some((other.room.code, other.found.target()?)))
        else {
            return;
        };
        let quick = game.online_mut().and_then(|online| online.quick.take());
        self.cmds.extend(game.farewell());
        self.cmds.push(Cmd::HangUp);
        self.connect(now, Goal::Join { target, key: Some(RoomKey { code, passcode: None }) });
        if let Screen::Connecting(connecting) = &mut self.screen {
            connecting.arrival.quick = quick;
        }
    }

    /// Goes on with a quick match that a room has turned away, and tells whether there is one.
    pub(super) fn looks_elsewhere(&mut self, now: Instant) -> bool {
        let Screen::Connecting(connecting) = &mut self.screen else { return false };
        let Goal::Join { key: Some(key), .. } = connecting.goal else { return false };
        let Some(mut quick) = connecting.arrival.quick.take() else { return false };
        quick.turn_from(key.code);
        self.screen = Screen::Searching(GameSearch::any(now, &self.lan, quick));
        self.cmds.push(Cmd::HangUp);
        true
    }

    /// Goes on after no game with a code was found: to a seat that is kept there, or to a machine that may be called so.
    pub(super) fn look_further(&mut self, now: Instant, code: RoomCode) {
        if let Some(seat) = self.saved_seats.iter().find(|seat| seat.code == code).cloned() {
            return self.connect(now, Goal::Return { seat, otherwise: None });
        }
        let failure = self.lan.failure().cloned().unwrap_or_else(|| not_found(code, &self.lan));
        let machine = match &mut self.screen {
            Screen::Searching(GameSearch { what: SearchTarget::Code { watches, .. }, machine, .. }) => {
                machine.take().map(|machine| (machine, *watches))
            }
            _ => None,
        };
        match machine {
            Some((target, watches)) => self.try_machine(now, target, watches, failure),
            None => self.fail(failure),
        }
    }

    /// Connects to a machine that is called like the code of a game, after the search for the game has failed.
    pub(super) fn try_machine(&mut self, now: Instant, target: HostPort, watches: bool, tried: Failure) {
        let goal = if watches { Goal::Browse { target } } else { self.goal_to_join(target, None) };
        self.begin_to_connect(Connecting { tried: Some(tried), ..Connecting::new(now, goal) });
    }

    pub(super) fn connect(&mut self, now: Instant, goal: Goal) {
        self.begin_to_connect(Connecting::new(now, goal));
    }

    fn begin_to_connect(&mut self, connecting: Connecting) {
        let goal = &connecting.goal;
        if let Some(target) = goal.target()
            && let Some(addresses) = self.lan.addresses_of(target)
        {
            // Kept for the way back, when the search is over.
            self.dialled = Some((target.clone(), addresses.to_vec()));
        }
        let resume = match goal {
            Goal::Return { seat, .. } => Some(seat.token),
            _ => None,
        };
        self.cmds.push(match goal {
            Goal::Host => Cmd::Serve(None),
            Goal::Return { seat, .. } if seat.hosted.is_some() => Cmd::Serve(Some(seat.clone())),
            Goal::Local { opponent } => {
                // A game that is left for a match, and resumed after it, must not be lost on time.
                let has_clock = self.background_game.is_none();
                let terms = self.new_game.terms;
                let time = if has_clock { terms.time } else { TimeControl::Off };
                Cmd::PlayLocal { terms: Terms { time, ..terms }, opponent: *opponent, moves: Vec::new() }
            }
            Goal::Join { .. } | Goal::Watch { .. } | Goal::Browse { .. } | Goal::Return { .. } => {
                Cmd::Dial(Dial { target: goal.target().cloned(), resume })
            }
        });
        self.show(Screen::Connecting(Box::new(connecting)));
    }

    pub(super) fn play_bot(&mut self, now: Instant) {
        let opponent = self.next_bot(self.new_game.bot_level(), self.new_game.bot_begins);
        self.connect(now, Goal::Local { opponent });
    }

    pub(super) const fn next_bot(&mut self, level: Level, begins: bool) -> Opponent {
        let seed = self.bot_seed;
        self.bot_seed = seed.wrapping_add(1);
        Opponent::Bot { level, seed, begins }
    }

    /// Plays the bot while the room waits, or goes on with the background game.
    pub(super) fn play_meanwhile(&mut self, now: Instant) {
        if self.background_game.is_some() {
            self.swap();
        } else if let Screen::Game(game) = std::mem::take(&mut self.screen) {
            self.background_game = Some(game);
            self.play_bot(now);
        }
    }

    /// Leaves the game that is over, and waits in a new room on this machine with the same terms.
    pub(super) fn host_again(&mut self, now: Instant) {
        if let Some(game) = self.game() {
            self.new_game.terms = game.snapshot.terms();
        }
        let background = self.background_game.take();
        self.leave();
        self.background_game = background;
        self.connect(now, Goal::Host);
    }

    /// Shows the background game, and puts the shown one into the background.
    pub(super) fn swap(&mut self) {
        if let Some(other) = self.background_game.take() {
            self.overlay = None;
            if let Screen::Game(shown) = std::mem::replace(&mut self.screen, Screen::Game(other)) {
                self.background_game = Some(shown);
            }
        }
    }

    pub(super) fn show(&mut self, screen: Screen) {
        self.overlay = None;
        self.below.clear();
        self.screen = screen;
    }

    pub(super) fn show_lan(&mut self, mut list: LanList) {
        self.fails_fast = false;
        list.keep_place(&self.lan);
        self.show(Screen::Lan(Box::new(list)));
    }

    /// Shows the menu, with the background game behind it.
    pub(super) fn show_menu(&mut self) {
        self.fails_fast = false;
        let game = self.background_game.take();
        self.show(Screen::Menu(Menu::over(game)));
    }

    /// Shows the menu, or the room that waits. The shown game goes on behind it.
    pub(super) fn show_menu_over_game(&mut self) {
        if self.background_game.as_ref().is_some_and(|game| game.online().is_some()) {
            self.swap();
        } else if let Screen::Game(game) = std::mem::take(&mut self.screen) {
            self.screen = Screen::Menu(Menu::over(Some(game)));
        }
    }

    /// Ends the shown game. A seat to return to is kept in the menu.
    pub(super) fn leave(&mut self) {
        let Some(game) = self.game() else { return self.show_menu() };
        let farewell = game.farewell();
        let end = if game.online().is_some() { Cmd::HangUp } else { Cmd::EndLocal };
        let kept = game.kept_seat();
        self.parting = status_line::parting(game);
        self.cmds.extend(farewell.into_iter().chain([end]));
        self.saved_seats.extend(kept);
        match self.background_game.take_if(|game| game.online().is_some()) {
            Some(waiting) => self.show(Screen::Game(waiting)),
            None => self.show_menu(),
        }
    }

    /// Quits, or asks first if that could cost a match. A second Ctrl-C quits.
    pub(super) fn quit(&mut self) {
        let was_asked = matches!(self.overlay, Some(Overlay::Confirm(Question::Quit)));
        if self.game_at_stake().is_some() && !was_asked {
            self.overlay = Some(Overlay::Confirm(Question::Quit));
        } else {
            self.quit_now();
        }
    }

    /// Ends the program. A seat to return to is kept, and the server gets no more than a goodbye; any other is left. A
    /// match on our own server ends with it and is resigned, so that the other player hears why.
    pub(super) fn quit_now(&mut self) {
        self.overlay = None;
        let parting = self.online_game().or_else(|| self.game()).and_then(status_line::parting);
        self.parting = parting.or_else(|| self.parting.take());
        let game = self.online_game().filter(|game| game.down().is_none());
        let farewell = game.map(Game::farewell).unwrap_or_default();
        self.cmds.extend(farewell.into_iter().chain([Cmd::HangUp, Cmd::Quit]));
    }
}
