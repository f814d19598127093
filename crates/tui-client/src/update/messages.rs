//! The messages of a server, and of the game at this machine.

use std::time::Instant;

use net::proto::{Event, Phase};

use crate::{
    cmd::Cmd,
    connecting::Step,
    game::Place,
    goal::Goal,
    model::{Model, Screen},
    msg::NetMsg,
    overlay::Overlay,
};

impl Model {
    pub(super) fn handle_net(&mut self, now: Instant, message: NetMsg) -> Vec<Cmd> {
        let is_snapshot = matches!(message, NetMsg::Event(Event::Snapshot(_)));
        let is_on_screen = matches!(self.screen, Screen::Game(_));
        let preferences = self.preferences();
        if let Some(game) = self.online_game_mut() {
            let requests = game.handle_net(now, message, is_on_screen);
            self.return_to_match();
            if is_snapshot && self.game().is_some_and(|game| game.online().is_some()) {
                self.drop_question();
            }
            return self.carry_out(now, requests);
        }
        let step = match &mut self.screen {
            Screen::Connecting(connecting) => connecting.handle_net(now, message, preferences),
            Screen::Passcode(form) => form.connecting.handle_net(now, message, preferences),
            Screen::Rooms(rooms) => {
                rooms.handle_net(now, message);
                return Vec::new();
            }
            _ => return Vec::new(),
        };
        self.take_step(now, step)
    }

    pub(super) fn handle_local(&mut self, now: Instant, event: Event) -> Vec<Cmd> {
        if let Screen::Connecting(connecting) = &mut self.screen
            && matches!(connecting.goal, Goal::Local { .. })
        {
            let step = connecting.handle_event(now, event);
            return self.take_step(now, step);
        }
        let is_snapshot = matches!(event, Event::Snapshot(_));
        let Some(game) = self.local_game_mut() else { return Vec::new() };
        let requests = game.handle_event(now, event, true);
        self.return_to_match();
        if is_snapshot {
            self.drop_question();
        }
        self.carry_out(now, requests)
    }

    fn take_step(&mut self, now: Instant, step: Step) -> Vec<Cmd> {
        match step {
            Step::Requests(requests) => self.carry_out(now, requests),
            Step::Listed(rooms) => {
                self.fails_fast = false;
                self.screen = Screen::Rooms(rooms);
                Vec::new()
            }
            Step::Arrived(mut game) => {
                game.has_hints = self.config.hints;
                let kept = game.saved_seat();
                if let Some(kept) = &kept {
                    self.saved_seats.retain(|seat| !seat.is_of(&kept.token));
                }
                // A player who comes back to an adjourned match wants to go on with it.
                let is_adjourned = game.snapshot.phase == Phase::Adjourned && !game.is_watching();
                let go_on = is_adjourned.then(|| game.send(game.join_again()));
                let keep = game.keep_if_over();
                self.fails_fast = false;
                self.parting = None;
                let is_first = std::mem::take(&mut self.is_newcomer);
                let welcome = (is_first && matches!(game.place, Place::Bot)).then_some(Overlay::Welcome);
                let is_own_room = game.is_owner();
                let bot = is_own_room.then(|| self.seat_bot(game.snapshot.code)).flatten();
                self.show(Screen::Game(game));
                self.overlay = welcome;
                let played = is_first.then_some(Cmd::NotePlayed);
                kept.map(Cmd::KeepSeat)
                    .into_iter()
                    .chain(go_on)
                    .chain(keep)
                    .chain(played)
                    .chain(bot)
                    .collect()
            }
            Step::Refused(reject) => self.look_elsewhere(now).unwrap_or_else(|| self.handle_refusal(reject)),
        }
    }
}
