//! Offers: made, withdrawn, accepted and declined; those of who is muted by themselves.

use std::time::Instant;

use net::proto::{Command, OfferKind, Seat};

use server::phrases;

use crate::{
    cmd::Cmd,
    model::{Game, Model, Place},
    words,
};

impl Model {
    /// Offers something, or withdraws what was offered before.
    pub(super) fn offer(&mut self, kind: OfferKind) -> Vec<Cmd> {
        self.game_mut().map_or_else(Vec::new, |game| game.offer(kind))
    }

    /// Accepts what is offered, if there was time to read it.
    pub(super) fn accept(&mut self, now: Instant) -> Vec<Cmd> {
        let Some(game) = self.game_mut() else { return Vec::new() };
        let Some(offer) = game.incoming_offer() else { return Vec::new() };
        let opens_in = game.left_of(offer.opens_in_millis, now);
        if !opens_in.is_zero() {
            game.passing_notice = Some(("An offer can be accepted after one second.".into(), now + opens_in));
            return Vec::new();
        }
        vec![game.answer(offer.by.other(), Command::Accept { number: offer.number })]
    }

    /// Declines what is offered.
    pub(super) fn decline(&mut self) -> Vec<Cmd> {
        self.game_mut().map_or_else(Vec::new, Game::decline)
    }
}

impl Game {
    fn offer(&mut self, kind: OfferKind) -> Vec<Cmd> {
        if let Some(offer) = self.own_offer().filter(|offer| offer.kind == kind) {
            self.declined = Some(offer.number);
            return vec![self.send(Command::Decline { number: offer.number })];
        }
        if let Some(refusal) = self.cannot_offer(kind) {
            self.notice = Some(refusal);
            return Vec::new();
        }
        let seat = match (&self.place, kind) {
            // At one keyboard the last move is that of whoever is not to move.
            (Place::Keyboard, OfferKind::Takeback) => self.acting_seat().other(),
            _ => self.acting_seat(),
        };
        self.notice = None;
        let match_number = self.snapshot.match_number;
        vec![self.answer(seat, Command::Offer { match_number, kind })]
    }

    fn cannot_offer(&self, kind: OfferKind) -> Option<String> {
        let other = words::name(self, self.viewpoint().other());
        if self.snapshot.is_paused() {
            return Some(words::has_to_wait());
        }
        if kind == OfferKind::Adjourn && self.online().is_none() {
            return Some("Only a match on a server can be adjourned.".into());
        }
        if self.incoming_offer().is_some() {
            return Some("Answer the offer first: Y or N.".into());
        }
        let offer = self.own_offer()?;
        let (what, key) = (phrases::offered(offer.kind), words::offer_key(offer.kind));
        Some(format!("{other} has yet to answer: you offer {what}. {key} withdraws it."))
    }

    pub(super) fn decline(&mut self) -> Vec<Cmd> {
        let Some(offer) = self.incoming_offer() else { return Vec::new() };
        self.declined = Some(offer.number);
        vec![self.answer(offer.by.other(), Command::Decline { number: offer.number })]
    }

    /// Declines what somebody offers who is muted.
    pub(super) fn decline_if_muted(&mut self) -> Vec<Cmd> {
        let is_muted = self.is_muted && !self.is_watching();
        let by_other = self.snapshot.offer.filter(|offer| offer.by != self.viewpoint() && is_muted);
        let Some(offer) = by_other.filter(|offer| self.declined != Some(offer.number)) else {
            return Vec::new();
        };
        self.declined = Some(offer.number);
        let (other, what) = (words::name(self, offer.by), phrases::offered(offer.kind));
        self.notice = Some(format!("{other} is muted and offered {what}; it was declined. m ends that."));
        vec![self.send(Command::Decline { number: offer.number })]
    }

    /// What one of the two seats at this machine asks for; on a server there is only ours.
    const fn answer(&self, seat: Seat, command: Command) -> Cmd {
        match self.place {
            Place::Keyboard | Place::Bot => Cmd::SendLocal { seat, command },
            Place::Server(_) => Cmd::Send(command),
        }
    }
}
