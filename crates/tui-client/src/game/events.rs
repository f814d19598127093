//! Messages about a room that was entered: the room itself, its connection, and the way back into it.

use std::time::Instant;

use game_core::Cell;
use net::proto::{
    AdjournedLine, CloseReason, Command, CommandKind, Event, Phase, Reject, Snapshot, Unseating, Welcome,
};

use super::{Game, Role, Sending, Unconfirmed, middle};
use crate::{cmd::Cmd, failure::Failure, msg::NetMsg, notice::Notice, online::LinkState, request::Request};

impl Game {
    /// Takes in a message of the connection. `is_on_screen` is true if a game is shown, and not the menu.
    pub(crate) fn handle_net(&mut self, now: Instant, message: NetMsg, is_on_screen: bool) {
        let is_over = matches!(self.snapshot.phase, Phase::Over(_));
        let Some(online) = self.online_mut() else { return };
        match message {
            NetMsg::Connected(transport) => online.transport = transport,
            NetMsg::Welcome(welcome) => self.handle_welcome(&welcome),
            NetMsg::Event(event) => self.handle_event(now, event, is_on_screen),
            NetMsg::Pinged { rtt, clock } => online.handle_ping(rtt, clock),
            // The model has it.
            NetMsg::Seen(_) => {}
            NetMsg::Silent { since } => online.handle_link(LinkState::Silent { since }),
            NetMsg::Heard => online.handle_link(LinkState::Up { rtt: None }),
            NetMsg::Closed(Some(reason @ (CloseReason::UnknownSession | CloseReason::Replaced))) => {
                self.end(now, Failure::of_close(reason));
            }
            // After the match there is nothing to return to but a server that still stands.
            NetMsg::Closed(Some(CloseReason::ShuttingDown)) if is_over => {
                self.end(now, Failure::new("The server has stopped"));
            }
            NetMsg::Closed(reason) => online.handle_loss(now, reason),
            NetMsg::Unreachable(error) => online.handle_failed_try(now, error.is_refused()),
        }
    }

    /// Ends the session. The last position stays on the screen; a room in which nobody has played has none.
    fn end(&mut self, now: Instant, why: Failure) {
        let is_waiting = self.snapshot.phase == Phase::Waiting;
        let Some(online) = self.online_mut() else { return };
        let forget = Request::ForgetSeat(online.session.token);
        if is_waiting {
            return self.requests.extend([forget, Request::Fail(why)]);
        }
        online.end(now, why);
        self.unconfirmed = None;
        self.requests.extend([forget, Cmd::HangUp.into()]);
    }

    /// Takes in an event of the room, on a server or at this machine.
    pub(crate) fn handle_event(&mut self, now: Instant, event: Event, is_on_screen: bool) {
        match event {
            Event::Seated { seat, .. } => {
                self.role = Role::Player(seat);
                self.set_in_room(true);
            }
            Event::Snapshot(snapshot) => self.handle_snapshot(now, *snapshot),
            Event::Rejected { command: CommandKind::Watch, reject } => {
                // After the connection was lost, and so not again by itself.
                let failure = Failure::new("The room cannot be watched any more");
                self.end(now, Failure { causes: vec![reject.to_string()], ..failure });
            }
            Event::Rejected { command, reject } => self.handle_reject(command, reject),
            Event::Said { speaker, name, message } => self.handle_said(speaker, name, message),
            Event::Adjourned(lines) => self.handle_adjourned(now, lines, is_on_screen),
            Event::NotSaving => {
                if let Some(online) = self.online_mut() {
                    online.not_saving_since = Some(now);
                }
            }
            Event::Unseated(why) => {
                self.set_in_room(false);
                // A guest who resigns before both have moved has left.
                if why == Unseating::Left && self.snapshot.phase == Phase::Playing {
                    self.requests.push(Request::Leave);
                } else if let Some(why) = Failure::of_unseating(why) {
                    self.end(now, why);
                }
            }
            // After a return the role is the old one.
            Event::Watching { .. } | Event::Rooms(_) => {}
        }
    }

    fn set_in_room(&mut self, is_in_room: bool) {
        if let Some(online) = self.online_mut() {
            online.is_in_room = is_in_room;
        }
    }

    /// Takes in that the server has admitted us over a new connection.
    fn handle_welcome(&mut self, welcome: &Welcome) {
        let (role, code) = (self.role, self.snapshot.code);
        let Some(online) = self.online_mut() else { return };
        online.link = LinkState::Up { rtt: None };
        online.is_returning = true;
        online.is_in_room = false;
        online.not_saving_since = None;
        match role {
            Role::Player(_) => {
                let old = std::mem::replace(&mut online.session.token, welcome.token);
                let seat = self.saved_seat();
                self.requests.extend(seat.map(|seat| Request::RenewSeat { old, seat }));
            }
            Role::Watcher { passcode } => {
                // A new session: the server keeps those of players only.
                online.session.token = welcome.token;
                online.session.me = welcome.name;
                self.send(Command::Watch { code, passcode });
            }
        }
    }

    fn handle_reject(&mut self, command: CommandKind, reject: Reject) {
        match (command, self.unconfirmed) {
            (CommandKind::Say, _) => return self.handle_unsaid(reject),
            (CommandKind::Play, Some(mv)) if reject == Reject::Paused && mv.sending == Sending::Sent => {
                self.unconfirmed = Some(Unconfirmed { sending: Sending::Held, ..mv });
                return;
            }
            (CommandKind::Play, _) => self.unconfirmed = None,
            _ => {}
        }
        self.notices.set(Notice::Rejected(reject));
    }

    /// Takes in the adjourned matches of the session.
    fn handle_adjourned(&mut self, now: Instant, lines: Vec<AdjournedLine>, is_on_screen: bool) {
        let code = self.snapshot.code;
        let is_adjourned = self.snapshot.phase == Phase::Adjourned;
        let Some(online) = self.online_mut() else { return };
        let was_listed = !online.is_in_room && !online.adjourned.is_empty();
        if is_adjourned && was_listed && lines.iter().all(|line| line.code != code) {
            let cause = "the other player has resigned it, or it was kept for as long as the server does";
            let failure = Failure::new("Your adjourned match is over");
            return self.end(now, Failure { causes: vec![cause.into()], ..failure });
        }
        online.adjourned = lines;
        if is_on_screen {
            self.rejoin();
        }
    }

    /// Takes in the room as it is now.
    fn handle_snapshot(&mut self, now: Instant, snapshot: Snapshot) {
        let kept_before = self.saved_seat().map(|seat| (seat.opponent, seat.is_adjourned));
        let (move_before, shown_before) = (self.move_id(), self.shown_at);
        if let Some(online) = self.online_mut() {
            online.not_saving_since = None;
        }
        let before = std::mem::replace(&mut self.snapshot, snapshot);
        self.shown_at = self.made_at(self.snapshot.at, now);
        if before.phase != self.snapshot.phase {
            self.phase_since = self.shown_at;
        }
        // The next guest is another player.
        self.is_blocked &= before.phase != Phase::Waiting || self.snapshot.phase == Phase::Waiting;
        let news = self.news(&before, shown_before);
        let has_moved_on = move_before != self.move_id() || before.phase != self.snapshot.phase;
        // The last words of a player who leaves stay news.
        self.chat.is_news &= !has_moved_on && before.offer == self.snapshot.offer;
        if news.is_some() || has_moved_on {
            self.notices.set(news);
        }
        let rules = self.snapshot.record.rules();
        if !rules.contains(self.cursor) {
            self.cursor = middle(rules);
        }
        self.resend();
        if self.may_move() && move_before != self.move_id() {
            self.cursor = self.free_cell_near(self.cursor);
        }
        self.decline_if_muted();
        self.keep_if_over();
        let kept = self.saved_seat();
        if kept.as_ref().map(|seat| (seat.opponent, seat.is_adjourned)) != kept_before {
            self.requests.extend(kept.map(|seat| Cmd::KeepSeat(seat).into()));
        }
    }

    /// The free cell nearest to a cell, so that the cursor never lies on a mark when a turn begins.
    fn free_cell_near(&self, cell: Cell) -> Cell {
        let distance = |other: &Cell| {
            let columns = other.column().abs_diff(cell.column());
            let rows = other.row().abs_diff(cell.row());
            u16::from(columns).pow(2) + u16::from(rows).pow(2)
        };
        self.snapshot.record.position().legal_moves().min_by_key(distance).unwrap_or(cell)
    }

    /// Forgets a move that the room no longer waits for, and sends one that was held.
    fn resend(&mut self) {
        let is_returning = self.online_mut().is_some_and(|online| std::mem::take(&mut online.is_returning));
        // The room still waits for it, so the server never received it.
        let is_awaited = |mv: &Unconfirmed| self.snapshot.phase == Phase::Playing && self.move_id() == mv.id;
        let Some(mv) = self.unconfirmed.filter(is_awaited) else {
            self.unconfirmed = None;
            return;
        };
        // Nothing is known of a move that was sent over the old connection.
        let is_held = is_returning || mv.sending == Sending::Held;
        if !is_held {
            return;
        }
        let is_paused = self.snapshot.is_paused();
        let sending = if is_paused { Sending::Held } else { Sending::SentAgain };
        self.unconfirmed = Some(Unconfirmed { sending, ..mv });
        if !is_paused {
            self.send(mv.command());
        }
    }
}
