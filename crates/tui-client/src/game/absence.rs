//! Players who are absent: claims, adjourned matches, and the player's own way out and back.

use std::time::Instant;

use net::proto::{Claim, Command, Phase};

use super::Game;
use crate::{cmd::Cmd, notice::Notice, request::Request};

impl Game {
    /// Claims the match of an absent player, once that is possible.
    pub(super) fn make_claim(&mut self, now: Instant, claim: Claim) {
        let Some(left) = self.claim_in(now) else { return };
        if !left.is_zero() {
            self.notices.set_until(Notice::TooEarlyToClaim, now + left);
            return;
        }
        self.notices.set(None);
        self.send(Command::Claim { match_number: self.snapshot.match_number, claim });
    }

    /// Asks to go on with an adjourned match.
    pub(super) fn go_on(&mut self) {
        self.notices.set(Notice::WantsToGoOn);
        self.join_again();
    }

    /// Leaves the room of an adjourned match for the menu. The server keeps the match and shows the other player that
    /// nobody is there.
    pub(super) fn leave_adjourned(&mut self) {
        if let Some(online) = self.online_mut() {
            // At once, so that a return before the server's answer joins again.
            online.is_in_room = false;
        }
        self.requests.push(Request::MenuOverGame);
        self.send(Command::Leave);
    }

    /// Takes the seat of an adjourned match again. Without a connection that has to wait.
    pub(crate) fn rejoin(&mut self) {
        let is_out = self.online().is_some_and(|online| !online.is_in_room);
        if self.snapshot.phase == Phase::Adjourned && self.down().is_none() && is_out {
            self.join_again();
        }
    }

    /// Takes the seat of an adjourned match, and asks to go on with it.
    pub(crate) fn join_again(&mut self) {
        self.send(Command::Join { code: self.snapshot.code, passcode: None });
    }

    /// The last commands before the connection ends. A kept seat has none.
    pub(crate) fn farewell(&self) -> Vec<Cmd> {
        if self.kept_seat().is_some() || self.is_ended() {
            return Vec::new();
        }
        let is_playing = self.snapshot.phase == Phase::Playing && !self.is_watching();
        let is_resigned = is_playing && self.online().is_some();
        let seat = self.acting_seat();
        let resign = self.to_send(seat, Command::Resign { match_number: self.snapshot.match_number });
        let leave = self.to_send(seat, Command::Leave);
        let forget = self.saved_seat().map(|seat| Cmd::ForgetSeat(seat.token));
        is_resigned.then_some(resign).into_iter().chain([leave]).chain(forget).collect()
    }

    /// Tells whether Esc leads to the menu while the lost connection of a match is tried again. Once the seat may be gone,
    /// it leaves.
    pub(crate) fn returns_behind_menu(&self, now: Instant) -> bool {
        self.is_at_stake() && self.online().is_some_and(|online| online.is_seat_kept(now))
    }

    /// Tries to connect again.
    pub(super) fn retry(&mut self) {
        let is_player = !self.is_watching();
        let dial = self.online_mut().and_then(|online| online.retry(is_player));
        self.requests.extend(dial.map(|dial| Cmd::Dial(dial).into()));
    }

    /// Tries to connect again, if it is time to.
    pub(crate) fn retry_if_due(&mut self, now: Instant) {
        if self.retry_at().is_some_and(|at| at <= now) {
            self.retry();
        }
    }

    /// The instant of the next try to connect.
    pub(crate) fn retry_at(&self) -> Option<Instant> {
        self.online()?.retry_at()
    }
}
