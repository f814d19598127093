//! The entries of the menu, and the seats that it leads back to.

use std::time::Instant;

use net::proto::{Token, Visibility};

use crate::{
    cmd::{Cmd, Opponent, SavedSeat},
    game_search::GameSearch,
    goal::{Goal, Purpose},
    join_form::JoinForm,
    keymap::Action,
    lan_list::LanList,
    menu::Menu,
    model::{Model, Screen},
    new_game::{Field, Kind},
    new_game_form::NewGameForm,
    quick_match::Quick,
    setting::Place,
};

impl Model {
    /// Begins an entry of the menu. A game behind it that runs is kept: in the background, or where it is.
    pub(super) fn choose(&mut self, now: Instant, entry: Action) {
        let Screen::Menu(menu) = &mut self.screen else { return };
        let has_game = menu.game.is_some();
        match entry {
            Action::Back if !has_game => {}
            Action::Resume if !has_game => self.return_to(now, 1),
            Action::Resume | Action::Back => self.resume(),
            Action::LeaveGame if menu.may_leave() => self.leave(),
            Action::LeaveGame => {}
            Action::Forget => self.forget_chosen(),
            Action::Replays => self.show_replays(),
            _ if !Menu::begins(entry) => {}
            _ if !menu.may_begin(entry) => menu.refuse(),
            // One at this machine is kept in the background.
            _ if menu.game.as_ref().is_some_and(|game| game.is_running()) => {
                self.background_game = menu.game.take();
                self.choose(now, entry);
            }
            _ if has_game => {
                // The game is over, or its server keeps it.
                self.leave();
                self.choose(now, entry);
            }
            Action::ReturnTo(nth) => self.return_to(now, nth),
            Action::Host => self.choose_game(Kind::Host),
            Action::Join => self.show(Screen::JoinForm(JoinForm::new(Purpose::Join))),
            Action::QuickMatch => {
                // Nobody finds a room that was hidden for an earlier game.
                self.new_game.visibility = Visibility::Public;
                self.screen = Screen::Searching(GameSearch::any(now, &self.lan, Quick::default()));
                self.seek(now);
            }
            Action::Browse => self.show_lan(LanList::new(now, false)),
            Action::Watch => self.show_lan(LanList::new(now, true)),
            Action::Bot => self.choose_game(Kind::Bot),
            _ => self.choose_game(Kind::Local),
        }
    }

    fn choose_game(&mut self, kind: Kind) {
        self.show(Screen::NewGame(Box::new(NewGameForm::new(kind, self.new_game))));
    }

    /// Begins the game that is chosen in the form.
    pub(super) fn begin(&mut self, now: Instant) {
        let Screen::NewGame(form) = &self.screen else { return };
        self.new_game = form.game;
        let kept = Field::KEPT.map(|field| (Place::NewGame(field), field.text(&self.new_game)));
        self.cmds.push(Cmd::KeepConfig(kept.into()));
        match form.kind {
            Kind::Host => self.connect(now, Goal::Host),
            Kind::Bot => self.play_bot(now),
            Kind::Local => {
                let opponent = Opponent::Person { names: self.new_game.names };
                self.connect(now, Goal::Local { opponent });
            }
        }
    }

    fn return_to(&mut self, now: Instant, nth: u8) {
        let seat = usize::from(nth).checked_sub(1).and_then(|index| self.saved_seats.get(index)).cloned();
        if let Some(seat) = seat {
            self.connect(now, Goal::Return { seat, otherwise: None });
        }
    }

    fn resume(&mut self) {
        let Screen::Menu(menu) = &mut self.screen else { return };
        let Some(mut game) = menu.game.take() else { return };
        game.rejoin();
        self.screen = Screen::Game(game);
    }

    /// Forgets the saved seat that is chosen in the menu.
    fn forget_chosen(&mut self) {
        let Screen::Menu(menu) = &self.screen else { return };
        let Action::ReturnTo(nth) = menu.chosen(self.saved_seats.len()) else { return };
        let seat = usize::from(nth).checked_sub(1).and_then(|index| self.saved_seats.get(index));
        if let Some(token) = seat.map(|seat| seat.token) {
            self.forget_seat(&token);
        }
    }

    /// Saves the token that a return has given to a seat, and only then forgets the one before it.
    pub(super) fn renew_seat(&mut self, old: &Token, seat: SavedSeat) {
        if let Some(known) = self.saved_seats.iter_mut().find(|known| known.is_of(old)) {
            known.token = seat.token;
        }
        let forget = (!seat.is_of(old)).then_some(Cmd::ForgetSeat(*old));
        self.cmds.extend([Cmd::KeepSeat(seat)].into_iter().chain(forget));
    }

    /// Forgets a seat, here and for the next start of the program.
    pub(super) fn forget_seat(&mut self, token: &Token) {
        self.saved_seats.retain(|seat| !seat.is_of(token));
        self.cmds.push(Cmd::ForgetSeat(*token));
    }
}
