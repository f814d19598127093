//! News: changes from one snapshot to the next that the room itself does not show.

use std::time::{Duration, Instant};

use net::proto::{Occupant, Offer, Phase, Presence, Seat, Snapshot};

use super::Game;
use crate::{notice::Notice, ticks::millis};

/// The accuracy with which the end of an offer is known: an offer that ends so close to its time has expired.
const CLOSE: Duration = Duration::from_millis(500);

impl Game {
    /// The news since the snapshot `before`, which was made at `made_before`.
    pub(super) fn news(&self, before: &Snapshot, made_before: Instant) -> Option<Notice> {
        let after = &self.snapshot;
        let other = before.seats[self.other()].occupant().map(|other| other.presence);
        let was_out = matches!(other, Some(Presence::Silent { .. } | Presence::Away { .. }));
        if before.phase == Phase::Adjourned && after.phase == Phase::Playing {
            return Some(Notice::GoesOn);
        }
        if was_out && self.opponent_presence() == Some(Presence::Present) {
            return Some(Notice::IsBack);
        }
        let ended = match (before.phase, after.phase) {
            _ if before.match_number != after.match_number => None,
            (Phase::Playing, Phase::Playing) => before
                .offer
                .filter(|offer| after.offer.map(|now| now.number) != Some(offer.number))
                .and_then(|offer| self.end_of_offer(&offer, before, made_before)),
            (Phase::Over(_), Phase::Over(_)) => self.expired_rematch(before),
            (Phase::Waiting | Phase::Playing | Phase::Adjourned | Phase::Over(_), _) => None,
        };
        ended.or_else(|| self.changed_setting(before))
    }

    /// The end of an offer, unless it is plain from what was done here.
    fn end_of_offer(&self, offer: &Offer, before: &Snapshot, made_before: Instant) -> Option<Notice> {
        let after = &self.snapshot;
        if after.branch != before.branch {
            return Some(Notice::TookBack(offer.by));
        }
        let is_own = offer.by == self.viewpoint() && !self.is_shared();
        let has_moved = after.record.moves().len() != before.record.moves().len();
        let has_expired = made_before + millis(offer.gone_in_millis) <= self.shown_at + CLOSE;
        let was_ended_here = self.declined == Some(offer.number);
        match (is_own, has_moved) {
            // A move instead of an answer declines; a move after one's own offer withdraws it.
            (true, true) if before.to_move() == Some(offer.by.other()) => Some(Notice::PlayedOn(offer.kind)),
            (_, true) => None,
            (true, false) if was_ended_here => Some(Notice::Withdrew(offer.by, offer.kind)),
            (false, false) if was_ended_here => None,
            (_, false) if has_expired => Some(Notice::OfferExpired(offer.kind)),
            (true, false) => Some(Notice::Declined(offer.kind)),
            (false, false) if self.is_shared() => None,
            (false, false) => Some(Notice::Withdrew(offer.by, offer.kind)),
        }
    }

    /// A rematch request that has expired. One whose owner has left or is away is told of by the line itself.
    fn expired_rematch(&self, before: &Snapshot) -> Option<Notice> {
        let wanted = |snapshot: &Snapshot, seat: Seat| {
            snapshot.seats[seat].occupant().is_some_and(Occupant::wants_rematch)
        };
        let has_ended = |seat: Seat| wanted(before, seat) && !wanted(&self.snapshot, seat);
        let presence = self.opponent_presence()?;
        if has_ended(self.other()) {
            let is_away = matches!(presence, Presence::Away { .. });
            return (!is_away).then_some(Notice::RematchExpired(self.other()));
        }
        has_ended(self.viewpoint()).then_some(Notice::RematchExpired(self.viewpoint()))
    }

    /// A setting of the room that has changed.
    fn changed_setting(&self, before: &Snapshot) -> Option<Notice> {
        let after = &self.snapshot;
        // The waiting screen shows all settings, and the settings at the start of a match are no change.
        if before.phase == Phase::Waiting || after.phase == Phase::Waiting || after.code != before.code {
            return None;
        }
        let changed = |was: bool, is: bool, notice: fn(bool) -> Notice| (was != is).then(|| notice(is));
        changed(before.is_chat_open, after.is_chat_open, Notice::ChatOpened)
            .or_else(|| changed(before.is_watchable, after.is_watchable, Notice::WatchingAllowed))
            .or_else(|| changed(before.watchers_may_chat, after.watchers_may_chat, Notice::WatchersHeard))
    }
}
