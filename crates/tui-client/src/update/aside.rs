//! Two games at once: one at this machine while a room on a server waits, and the way between them.

use std::time::Instant;

use net::proto::{Event, Phase};

use crate::{
    cmd::{Cmd, Opponent},
    failure::Failure,
    model::{Goal, Menu, Model, Role, Screen},
};

impl Model {
    /// Plays the bot while the room waits, or goes on with the game that was kept.
    pub(super) fn play_meanwhile(&mut self, now: Instant) -> Vec<Cmd> {
        if self.aside.is_some() {
            return self.swap();
        }
        let Screen::Game(game) = std::mem::replace(&mut self.screen, Screen::Menu(Menu::default())) else {
            return Vec::new();
        };
        self.aside = Some(game);
        self.play_bot(now)
    }

    /// Begins a game against the bot.
    pub(super) fn play_bot(&mut self, now: Instant) -> Vec<Cmd> {
        let opponent = Opponent::Bot { level: self.bot_level, seed: self.bot_seed };
        self.bot_seed = self.bot_seed.wrapping_add(1);
        self.play_local(now, opponent)
    }

    /// Shows the game that is kept aside, and keeps the shown one.
    pub(super) fn swap(&mut self) -> Vec<Cmd> {
        if let Some(other) = self.aside.take() {
            self.overlay = None;
            if let Screen::Game(shown) = std::mem::replace(&mut self.screen, Screen::Game(other)) {
                self.aside = Some(shown);
            }
        }
        Vec::new()
    }

    /// Shows what is left once a game is: a room that waits, or the menu with the game that was kept.
    pub(super) fn show_what_is_left(&mut self) -> Vec<Cmd> {
        match self.aside.take_if(|game| game.online().is_some()) {
            Some(online) => {
                self.overlay = None;
                self.screen = Screen::Game(online);
                Vec::new()
            }
            None => self.show_menu(),
        }
    }

    /// Takes in what the game at this machine tells.
    pub(super) fn hear_local(&mut self, now: Instant, event: Event) -> Vec<Cmd> {
        let is_begun = matches!(
            &self.screen,
            Screen::Connecting(connecting) if matches!(connecting.goal, Goal::Local { .. })
        );
        match event {
            Event::Seated { seat, .. } if is_begun => self.placed(Role::Player(seat)),
            Event::Snapshot(snapshot) if is_begun => self.arrived(now, *snapshot),
            Event::Snapshot(snapshot) => {
                self.drop_question(snapshot.phase != Phase::Playing);
                self.local_game_mut().map_or_else(Vec::new, |game| game.show(now, *snapshot))
            }
            Event::Rejected { command, reject } => {
                if let Some(game) = self.local_game_mut() {
                    game.refused(command, reject);
                }
                Vec::new()
            }
            Event::Seated { .. }
            | Event::Unseated(_)
            | Event::Watching { .. }
            | Event::Said { .. }
            | Event::Rooms(_)
            | Event::Adjourned(_) => Vec::new(),
        }
    }

    /// Says in the game that remains what happened to the other one; `None` if none remains.
    pub(super) fn fail_beside_game(&mut self, failure: &Failure) -> Option<Vec<Cmd>> {
        let online = self.aside.take_if(|game| game.online().is_some())?;
        let is_begun = matches!(self.screen, Screen::Connecting(_));
        if is_begun {
            // A game at this machine that did not begin: the room still waits.
            self.screen = Screen::Game(online);
        }
        if let Some(game) = self.game_mut() {
            game.notice = Some(format!("{}.", failure.sentence));
        }
        Some(vec![if is_begun { Cmd::EndLocal } else { Cmd::HangUp }])
    }
}
