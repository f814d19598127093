//! What players offer each other during a match: one thing at a time, and one for each move they make.

use std::time::Instant;

use net::proto::{Offer, OfferKind, PerSeat, Reject, Seat};

use super::{Limits, clock::millis};

/// The offers of one match.
#[derive(Debug, Default)]
pub(super) struct Offers {
    pending: Option<Pending>,
    /// Whether each player has offered something since their last move.
    has_offered: PerSeat<bool>,
}

/// An offer that waits for its answer.
#[derive(Debug, Clone, Copy)]
struct Pending {
    number: u32,
    kind: OfferKind,
    by: Seat,
    /// When it may be accepted.
    opens_at: Instant,
    /// When it is gone.
    gone_at: Instant,
}

impl Offers {
    /// Makes an offer under a number that no other offer of the room has had.
    pub(super) fn make(
        &mut self,
        now: Instant,
        by: Seat,
        (number, kind): (u32, OfferKind),
        limits: &Limits,
    ) -> Result<(), Reject> {
        if self.pending.is_some() {
            return Err(Reject::OfferPending);
        }
        if self.has_offered[by] {
            return Err(Reject::AlreadyOffered);
        }
        self.has_offered[by] = true;
        self.pending = Some(Pending {
            number,
            kind,
            by,
            opens_at: now + limits.offer_opens_after,
            gone_at: now + limits.offer_lifetime,
        });
        Ok(())
    }

    /// What this player may accept under this number now, and who offers it. It waits until it is
    /// [cleared](Self::clear).
    pub(super) fn acceptable(
        &self,
        now: Instant,
        seat: Seat,
        number: u32,
    ) -> Result<(OfferKind, Seat), Reject> {
        let pending = self.pending.filter(|pending| pending.number == number).ok_or(Reject::NoSuchOffer)?;
        if pending.by == seat {
            return Err(Reject::OwnOffer);
        }
        if now < pending.opens_at {
            return Err(Reject::TooSoon);
        }
        Ok((pending.kind, pending.by))
    }

    /// Declines or withdraws an offer.
    pub(super) fn decline(&mut self, number: u32) -> Result<(), Reject> {
        self.pending.take_if(|pending| pending.number == number).map(|_| ()).ok_or(Reject::NoSuchOffer)
    }

    /// Ends what waits for an answer: somebody is away, or it was accepted.
    pub(super) const fn clear(&mut self) {
        self.pending = None;
    }

    /// Ends what waits for an answer, since a move was made. Who made it may offer something again.
    pub(super) fn handle_move(&mut self, mover: Seat) {
        self.pending = None;
        self.has_offered[mover] = false;
    }

    /// Ends an offer whose time is over; `true` if there was one.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> bool {
        self.pending.take_if(|pending| pending.gone_at <= now).is_some()
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.pending.map(|pending| pending.gone_at)
    }

    pub(super) fn view(&self, now: Instant) -> Option<Offer> {
        self.pending.map(|pending| Offer {
            number: pending.number,
            kind: pending.kind,
            by: pending.by,
            opens_in_millis: millis(pending.opens_at.saturating_duration_since(now)),
            gone_in_millis: millis(pending.gone_at.saturating_duration_since(now)),
        })
    }
}
