//! Checks offers, from their making to their end.

use std::time::Instant;

use net::proto::{Command, OfferKind, PerSeat, Phase, Seat, Snapshot};

use super::{Moment, room::Room};
use crate::sim::coverage::Coverage;

/// The offers in this match.
#[derive(Debug, Default)]
pub(super) struct Offers {
    pub(super) pending: Option<Pending>,
    pub(super) last_number: u32,
    /// The players who have made an offer since their last move.
    pub(super) has_offered: PerSeat<bool>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Pending {
    pub(super) number: u32,
    pub(super) kind: OfferKind,
    pub(super) by: Seat,
    pub(super) opens_at: Instant,
    gone_at: Instant,
}

impl Room {
    pub(super) fn follow_offer(
        &mut self,
        moment: Moment<'_>,
        next: &Snapshot,
        mover: Option<Seat>,
        coverage: &mut Coverage,
    ) {
        let millis = |instant: Instant| {
            u32::try_from(instant.saturating_duration_since(moment.now).as_millis()).unwrap()
        };
        match (self.offers.pending, next.offer) {
            (None, None) => {}
            (Some(pending), Some(offer)) if pending.number == offer.number => {
                assert_eq!(mover, None, "an offer outlives a move");
                assert!(moment.now < pending.gone_at, "an offer outlives its time");
                assert_eq!((offer.kind, offer.by), (pending.kind, pending.by));
                let times = (millis(pending.opens_at), millis(pending.gone_at));
                assert_eq!((offer.opens_in_millis, offer.gone_in_millis), times);
            }
            (Some(pending), Some(offer)) => panic!("{offer:?} takes the place of {pending:?}"),
            (None, Some(offer)) => {
                let command = Command::Offer { match_number: next.match_number, kind: offer.kind };
                let by = self.session(offer.by);
                assert_eq!(moment.command_of(by), Some(&command), "an offer that no command has made");
                assert!(offer.number > self.offers.last_number, "the number of an offer is used again");
                assert!(!self.offers.has_offered[offer.by], "a second offer without a move");
                assert!(!next.is_paused(), "an offer while the match is paused");
                self.offers.last_number = offer.number;
                self.offers.has_offered[offer.by] = true;
                self.offers.pending = Some(Pending {
                    number: offer.number,
                    kind: offer.kind,
                    by: offer.by,
                    opens_at: moment.now + moment.limits.offer_opens_after,
                    gone_at: moment.now + moment.limits.offer_lifetime,
                });
                coverage.count("offers made");
            }
            (Some(pending), None) => {
                self.offers.pending = None;
                coverage.count(self.fate(moment, pending, next, mover));
            }
        }
    }

    /// Checks that there is a reason for the end of an offer.
    fn fate(
        &self,
        moment: Moment<'_>,
        pending: Pending,
        next: &Snapshot,
        mover: Option<Seat>,
    ) -> &'static str {
        let (by, other) = (self.session(pending.by), self.session(pending.by.other()));
        let decline = Command::Decline { number: pending.number };
        if moment.command_of(other) == Some(&Command::Accept { number: pending.number }) {
            "offers accepted"
        } else if moment.command_of(other) == Some(&decline) {
            "offers declined"
        } else if moment.command_of(by) == Some(&decline) {
            "offers withdrawn"
        } else if mover.is_some() {
            "offers overtaken by a move"
        } else if Seat::BOTH.into_iter().any(|seat| self.seats[seat].is_away_or_gone()) {
            "offers ended by an absence"
        } else if moment.now >= pending.gone_at {
            "offers not answered"
        } else {
            assert_ne!(next.phase, Phase::Playing, "an offer ends without a reason: {pending:?}");
            "offers ended with the match"
        }
    }

    pub(super) fn check_accept(&self, moment: Moment<'_>, pending: Pending) {
        let accept = Command::Accept { number: pending.number };
        let other = self.session(pending.by.other());
        assert_eq!(moment.command_of(other), Some(&accept), "an offer is accepted by its maker");
        assert!(moment.now >= pending.opens_at, "an offer is accepted before there was time to read it");
        assert!(moment.now < pending.gone_at, "an offer is accepted after its time");
        let are_there = Seat::BOTH.into_iter().all(|seat| !self.seats[seat].is_away_or_gone());
        assert!(are_there, "an offer is accepted while the match is paused");
    }
}

/// The number of moves of a player on the board.
pub(super) fn own_moves(shown: &Snapshot, seat: Seat) -> usize {
    let moves = shown.record.moves().len();
    if shown.x == seat { moves.div_ceil(2) } else { moves / 2 }
}
