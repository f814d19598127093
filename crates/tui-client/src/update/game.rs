//! The keys on a room: moves, the cursor, resigning, the rematch, leaving.

use std::time::Instant;

use game_core::Cell;
use net::proto::{Claim, Command, OfferKind, Phase, Seat};

use crate::{
    cmd::Cmd,
    keymap::{Action, Context},
    model::{Game, Menu, Model, Overlay, Place, Question, Retry, Screen, Sending, Unconfirmed},
    words,
};

impl Model {
    pub(super) fn play(&mut self, now: Instant, context: Context, action: Action) -> Vec<Cmd> {
        match action {
            Action::Talk => self.open_talk(),
            Action::Emotes => self.open_emotes(),
            Action::Mute => self.mute(),
            Action::OpenChat | Action::Watchable | Action::WatchersTalk => self.set(action),
            Action::Visibility => self.next_visibility(),
            Action::Bot => self.play_meanwhile(now),
            Action::GoToMatch => self.swap(),
            Action::Copy => self.copy(),

            Action::Up | Action::Down | Action::Left | Action::Right => {
                if let Some(game) = self.game_mut() {
                    game.move_cursor(action);
                }
                Vec::new()
            }
            Action::Place => match self.game() {
                Some(game) => self.place(game.cursor),
                None => Vec::new(),
            },
            Action::Numpad(digit) => self.numpad(digit),
            Action::Resign => {
                self.overlay = Some(Overlay::Confirm(Question::Resign));
                Vec::new()
            }
            Action::OfferDraw => self.offer(OfferKind::Draw),
            Action::OfferTakeback => self.offer(OfferKind::Takeback),
            Action::OfferAdjourn => self.offer(OfferKind::Adjourn),
            Action::Accept => self.accept(now),
            Action::Decline => self.decline(),
            Action::ClaimWin => self.claim(now, Claim::Win),
            Action::CallDraw => self.claim(now, Claim::Draw),
            Action::Adjourn => self.claim(now, Claim::Adjourn),
            Action::GoOn => self.go_on(),
            Action::SayBoard => {
                self.say_board();
                Vec::new()
            }
            Action::Rematch => self.want_rematch(),
            Action::TryNow => self.retry_now(),
            Action::Back if context.is_match() => self.show_menu_over_game(),
            Action::Back if context == Context::Adjourned => self.set_aside(),
            // Once it is not tried any more, Esc leaves, as the line says.
            Action::Back if context == Context::LinkDown && self.is_coming_back() => {
                self.show_menu_over_game()
            }
            Action::Back => self.leave(),
            _ => Vec::new(),
        }
    }

    /// Places the mark of whoever acts here, or says why not.
    pub(super) fn place(&mut self, cell: Cell) -> Vec<Cmd> {
        let Some(game) = self.game_mut() else { return Vec::new() };
        if game.snapshot.phase != Phase::Playing {
            return Vec::new();
        }
        if !game.may_move() {
            game.notice = Some(match game.unconfirmed {
                Some(_) => "Your move is on its way.".into(),
                None => "It is not your turn yet.".into(),
            });
            return Vec::new();
        }
        if game.snapshot.is_paused() && game.down().is_none() {
            game.notice = Some(words::has_to_wait());
            return Vec::new();
        }
        game.cursor = cell;
        let position = game.snapshot.record.position();
        if !position.board().is_free(cell) {
            game.notice = Some("That cell is taken.".into());
            return Vec::new();
        }
        // Without a link it is sent once the seat is taken again.
        let sending = if game.down().is_some() { Sending::Held } else { Sending::Sent };
        let mv = Unconfirmed { id: game.move_id(), cell, sending };
        game.unconfirmed = Some(mv);
        game.notice = None;
        match sending {
            Sending::Held => Vec::new(),
            Sending::Sent | Sending::SentAgain => vec![game.send(mv.command())],
        }
    }

    fn numpad(&mut self, digit: u8) -> Vec<Cmd> {
        let Some(game) = self.game_mut() else { return Vec::new() };
        if game.snapshot.record.rules().cells() > 9 {
            game.notice = Some("Digits play on 3x3 only. Move with the arrows, place with Enter.".into());
            return Vec::new();
        }
        Cell::from_numpad(digit).map_or_else(Vec::new, |cell| self.place(cell))
    }

    fn want_rematch(&mut self) -> Vec<Cmd> {
        let Some(game) = self.game() else { return Vec::new() };
        let match_number = game.snapshot.match_number;
        let command = Command::Rematch { match_number };
        match game.place {
            // Two people at one keyboard agree by one key.
            Place::Keyboard => {
                Seat::BOTH.map(|seat| Cmd::SendLocal { seat, command: command.clone() }).into()
            }
            Place::Bot | Place::Server(_) => vec![game.send(command)],
        }
    }

    /// Shows the menu, or the room that waits; the game goes on behind it.
    fn show_menu_over_game(&mut self) -> Vec<Cmd> {
        if self.aside.as_ref().is_some_and(|game| game.online().is_some()) {
            return self.swap();
        }
        let menu = Screen::Menu(Menu::default());
        if let Screen::Game(game) = std::mem::replace(&mut self.screen, menu) {
            self.screen = Screen::Menu(Menu { selected: 0, background: Some(game), notice: None });
        }
        Vec::new()
    }

    /// Goes from an adjourned match to the menu. The server keeps it, and the other player sees that nobody is there.
    fn set_aside(&mut self) -> Vec<Cmd> {
        let leave = self.game().map(|game| game.send(Command::Leave));
        if let Some(online) = self.game_mut().and_then(Game::online_mut) {
            // At once, so that who comes back before the server has answered asks to join again.
            online.is_in_room = false;
        }
        let mut cmds = self.show_menu_over_game();
        cmds.extend(leave);
        cmds
    }

    /// Whether the lost link of a running match is still being tried.
    fn is_coming_back(&self) -> bool {
        let is_tried = |game: &Game| game.down().is_some_and(|down| down.retry != Retry::OnDemand);
        self.game().is_some_and(|game| game.is_at_stake() && is_tried(game))
    }
}

impl Game {
    fn move_cursor(&mut self, direction: Action) {
        let rules = self.snapshot.record.rules();
        let (column, row) = (self.cursor.column(), self.cursor.row());
        let (column, row) = match direction {
            Action::Up => (column, (row + 1).min(rules.rows() - 1)),
            Action::Down => (column, row.saturating_sub(1)),
            Action::Left => (column.saturating_sub(1), row),
            Action::Right => ((column + 1).min(rules.columns() - 1), row),
            _ => return,
        };
        if let Some(cell) = Cell::new(column, row) {
            self.cursor = cell;
        }
    }
}
