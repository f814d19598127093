//! Offers between the players of a match: one at a time, and one per player and move.

use std::time::Instant;

use net::proto::{Offer, OfferKind, PerSeat, Reject, Seat};

use super::{clock::millis, limits::Limits};

/// The offers of one room.
#[derive(Debug, Default)]
pub(super) struct Offers {
    pending: Option<Pending>,
    /// Each player has made an offer since their last move.
    has_offered: PerSeat<bool>,
    /// The number of the last offer. No two offers of a room have the same.
    pub(super) last_number: u32,
}

/// An offer that has not been answered.
#[derive(Debug, Clone, Copy)]
struct Pending {
    number: u32,
    kind: OfferKind,
    by: Seat,
    /// The time from which it may be accepted.
    opens_at: Instant,
    expires_at: Instant,
}

impl Offers {
    /// No offer, after one of this number.
    pub(super) fn after(last_number: u32) -> Self {
        Self { last_number, ..Self::default() }
    }

    pub(super) fn make(
        &mut self,
        now: Instant,
        by: Seat,
        kind: OfferKind,
        limits: &Limits,
    ) -> Result<(), Reject> {
        if self.pending.is_some() {
            return Err(Reject::OfferPending);
        }
        if self.has_offered[by] {
            return Err(Reject::AlreadyOffered);
        }
        self.has_offered[by] = true;
        self.last_number += 1;
        self.pending = Some(Pending {
            number: self.last_number,
            kind,
            by,
            opens_at: now + limits.offer_opens_after,
            expires_at: now + limits.offer_lifetime,
        });
        Ok(())
    }

    /// The kind and the maker of the offer that this player may accept under this number. It stays pending until it is
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

    /// Removes an offer that was declined or withdrawn.
    pub(super) fn decline(&mut self, number: u32) -> Result<(), Reject> {
        self.pending.take_if(|pending| pending.number == number).map(|_| ()).ok_or(Reject::NoSuchOffer)
    }

    /// Removes the pending offer.
    pub(super) const fn clear(&mut self) {
        self.pending = None;
    }

    /// Removes the pending offer because of a move. The mover may make another one.
    pub(super) fn handle_move(&mut self, mover: Seat) {
        self.pending = None;
        self.has_offered[mover] = false;
    }

    /// Allows another offer after a takeback: the move since which the player has made one is not on the board any more.
    pub(super) fn handle_takeback(&mut self, by: Seat) {
        self.has_offered[by] = false;
    }

    /// Removes an offer that has expired; `true` if there was one.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> bool {
        self.pending.take_if(|pending| pending.expires_at <= now).is_some()
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.pending.map(|pending| pending.expires_at)
    }

    pub(super) fn view(&self, now: Instant) -> Option<Offer> {
        self.pending.map(|pending| Offer {
            number: pending.number,
            kind: pending.kind,
            by: pending.by,
            opens_in_millis: millis(pending.opens_at.saturating_duration_since(now)),
            gone_in_millis: millis(pending.expires_at.saturating_duration_since(now)),
        })
    }
}
