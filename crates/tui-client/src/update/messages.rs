//! The messages of a server, and of the game at this machine.

use std::time::Instant;

use net::proto::{Event, Phase};

use crate::{
    cmd::Cmd,
    connecting::Step,
    game::{Game, Place},
    goal::Goal,
    model::{Model, Screen},
    msg::NetMsg,
    overlay::Overlay,
};

impl Model {
    pub(super) fn handle_net(&mut self, now: Instant, message: NetMsg) {
        let is_snapshot = matches!(message, NetMsg::Event(Event::Snapshot(_)));
        let is_on_screen = matches!(self.screen, Screen::Game(_));
        let preferences = self.preferences();
        if let Some(game) = self.online_game_mut() {
            game.handle_net(now, message, is_on_screen);
            self.return_to_match();
            if is_snapshot && self.game().is_some_and(|game| game.online().is_some()) {
                self.drop_question();
            }
            return;
        }
        let step = match &mut self.screen {
            Screen::Connecting(connecting) => connecting.handle_net(now, message, preferences),
            Screen::Rooms(rooms) => return rooms.handle_net(now, message),
            _ => return,
        };
        self.take_step(now, step);
    }

    pub(super) fn handle_local(&mut self, now: Instant, event: Event) {
        if let Screen::Connecting(connecting) = &mut self.screen
            && matches!(connecting.goal, Goal::Local { .. })
        {
            let step = connecting.handle_event(now, event);
            return self.take_step(now, step);
        }
        let is_snapshot = matches!(event, Event::Snapshot(_));
        let Some(game) = self.games_mut().find(|game| game.online().is_none()) else { return };
        game.handle_event(now, event, true);
        self.return_to_match();
        if is_snapshot {
            self.drop_question();
        }
    }

    fn take_step(&mut self, now: Instant, step: Step) {
        match step {
            Step::Requests(requests) => self.carry_out(now, requests),
            Step::Listed(rooms) => {
                self.fails_fast = false;
                self.screen = Screen::Rooms(rooms);
            }
            Step::Arrived(game) => self.enter(game),
            Step::Refused(reject) => {
                if !self.looks_elsewhere(now) {
                    self.handle_refusal(reject);
                }
            }
        }
    }

    /// Shows the room that was on the way.
    fn enter(&mut self, mut game: Box<Game>) {
        game.has_hints = self.config.hints;
        if let Some(kept) = game.saved_seat() {
            self.saved_seats.retain(|seat| !seat.is_of(&kept.token));
            self.cmds.push(Cmd::KeepSeat(kept));
        }
        if game.snapshot.phase == Phase::Adjourned && !game.is_watching() {
            // A player who comes back to an adjourned match wants to go on with it.
            game.join_again();
        }
        game.keep_if_over();
        self.fails_fast = false;
        self.parting = None;
        let is_first = std::mem::take(&mut self.is_newcomer);
        let welcome = (is_first && matches!(game.place, Place::Bot)).then_some(Overlay::Welcome);
        self.cmds.extend(is_first.then_some(Cmd::NotePlayed));
        if game.is_owner() {
            self.seat_bot(game.snapshot.code);
        }
        self.show(Screen::Game(game));
        self.overlay = welcome;
    }
}
