//! What to do about a player who is not there, and what it means not to be there oneself.

use std::time::Instant;

use net::proto::{Claim, Command, Phase};

use crate::{
    cmd::Cmd,
    model::{Game, Model, Overlay, Question},
    words,
};

impl Model {
    /// Decides the match whose other player is absent, if it is time to.
    pub(super) fn claim(&mut self, now: Instant, claim: Claim) -> Vec<Cmd> {
        let Some(game) = self.game_mut() else { return Vec::new() };
        let Some(left) = game.claim_in(now) else { return Vec::new() };
        if !left.is_zero() {
            game.passing_notice = Some(("It is too early to claim.".into(), now + left));
            return Vec::new();
        }
        game.notice = None;
        let match_number = game.snapshot.match_number;
        vec![game.send(Command::Claim { match_number, claim })]
    }

    /// Wants to go on with an adjourned match.
    pub(super) fn go_on(&mut self) -> Vec<Cmd> {
        let Some(game) = self.game_mut() else { return Vec::new() };
        let other = words::name(game, game.viewpoint().other());
        game.notice = Some(format!("You want to go on; {other} is told."));
        vec![game.send(game.join_again())]
    }

    /// Quits, or asks first if that could cost a match; who asks twice is believed.
    pub(super) fn quit(&mut self) -> Vec<Cmd> {
        let was_asked = matches!(self.overlay, Some(Overlay::Confirm(Question::Quit)));
        if self.game_at_stake().is_some() && !was_asked {
            self.overlay = Some(Overlay::Confirm(Question::Quit));
            return Vec::new();
        }
        self.quit_now()
    }

    /// Ends the program. A seat to which one may want to return is kept, and the server told no more than goodbye; any
    /// other is left. A match on our own server ends with it, and is resigned, so that the other player hears why.
    pub(super) fn quit_now(&self) -> Vec<Cmd> {
        let mut cmds = match self.online_game() {
            Some(game) if game.down().is_none() => game.part(),
            Some(_) | None => Vec::new(),
        };
        cmds.extend([Cmd::HangUp, Cmd::Quit]);
        cmds
    }

    /// Goes from a game to the menu. A seat to which one may want to return is kept there.
    pub(super) fn leave(&mut self) -> Vec<Cmd> {
        let mut cmds = self.game().map_or_else(Vec::new, Game::part);
        let kept = self.game().and_then(Game::kept_seat);
        self.saved_seats.extend(kept);
        if let Some(game) = self.game() {
            cmds.push(if game.online().is_some() { Cmd::HangUp } else { Cmd::EndLocal });
        }
        cmds.extend(self.show_what_is_left());
        cmds
    }
}

impl Game {
    /// Sits down again in the room of an adjourned match; without a link, that is done when there is one.
    pub(super) fn rejoin(&self) -> Vec<Cmd> {
        let is_out = self.online().is_some_and(|online| !online.is_in_room);
        if self.snapshot.phase != Phase::Adjourned || self.down().is_some() || !is_out {
            return Vec::new();
        }
        vec![self.send(self.join_again())]
    }

    /// What says that one wants to go on with an adjourned match, and takes the seat again if one has gone from it.
    pub(super) const fn join_again(&self) -> Command {
        Command::Join { code: self.snapshot.code, passcode: None }
    }

    /// What is to be told before the connection ends.
    fn part(&self) -> Vec<Cmd> {
        if self.kept_seat().is_some() {
            return Vec::new();
        }
        let match_number = self.snapshot.match_number;
        let resign = self.send(Command::Resign { match_number });
        let leave = self.send(Command::Leave);
        let forget = self.saved_seat().map(|seat| Cmd::ForgetSeat(seat.token));
        let is_playing = self.snapshot.phase == Phase::Playing && !self.is_watching();
        let is_resigned = is_playing && self.online().is_some();
        is_resigned.then_some(resign).into_iter().chain([leave]).chain(forget).collect()
    }

    /// The seat, if it is worth to return to: its match is not over, and its server does not end with this program.
    fn kept_seat(&self) -> Option<crate::cmd::SavedSeat> {
        self.saved_seat().filter(|_| matches!(self.snapshot.phase, Phase::Playing | Phase::Adjourned))
    }
}
