//! Offers: made, withdrawn, accepted and declined.

use std::time::Instant;

use net::proto::{Command, OfferKind};

use super::{Game, Place};
use crate::notice::Notice;

impl Game {
    /// Makes an offer, or withdraws the open one of the same kind.
    pub(super) fn make_offer(&mut self, kind: OfferKind) {
        if let Some(offer) = self.own_offer().filter(|offer| offer.kind == kind) {
            self.declined = Some(offer.number);
            return self.send(Command::Decline { number: offer.number });
        }
        if let Some(refusal) = self.refusal_to_offer(kind) {
            return self.notices.set(refusal);
        }
        let seat = match (&self.place, kind) {
            // At one keyboard the last move is that of the seat that is not to move.
            (Place::Keyboard, OfferKind::Takeback) => self.acting_seat().other(),
            _ => self.acting_seat(),
        };
        self.notices.set(None);
        self.send_as(seat, Command::Offer { match_number: self.snapshot.match_number, kind });
    }

    fn refusal_to_offer(&self, kind: OfferKind) -> Option<Notice> {
        if self.snapshot.is_paused() {
            return Some(Notice::Paused);
        }
        if kind == OfferKind::Adjourn && self.online().is_none() {
            return Some(Notice::CannotAdjournHere);
        }
        if self.incoming_offer().is_some() {
            return Some(Notice::AnswerFirst);
        }
        self.own_offer().map(|offer| Notice::OfferIsOpen(offer.kind))
    }

    /// Accepts the offer, if there was time to read it.
    pub(super) fn accept(&mut self, now: Instant) {
        let Some(offer) = self.incoming_offer() else { return };
        let opens_in = self.left_of(offer.opens_in_millis, now);
        if opens_in.is_zero() {
            self.send_as(offer.by.other(), Command::Accept { number: offer.number });
        } else {
            self.notices.set_until(Notice::TooEarlyToAccept, now + opens_in);
        }
    }

    /// Declines the offer.
    pub(super) fn decline(&mut self) {
        let Some(offer) = self.incoming_offer() else { return };
        self.declined = Some(offer.number);
        self.send_as(offer.by.other(), Command::Decline { number: offer.number });
    }

    /// Declines an offer of a muted player.
    pub(super) fn decline_if_muted(&mut self) {
        let is_muted = self.is_muted && !self.is_watching();
        let by_other = self.snapshot.offer.filter(|offer| offer.by != self.viewpoint() && is_muted);
        if let Some(offer) = by_other.filter(|offer| self.declined != Some(offer.number)) {
            self.declined = Some(offer.number);
            self.notices.set(Notice::MutedOffer(offer.kind));
            self.send(Command::Decline { number: offer.number });
        }
    }
}
