//! The seats of a room: the presence and absence of their players, and the claims and lifetimes that follow.

use std::time::{Duration, Instant};

use net::proto::{Claimable, Name, Occupant, Phase, Presence, Seat, SessionId};
use server::lobby::{DisconnectReason, Limits};

use super::{
    people::{KnownAs, Person},
    room::Room,
};

/// A seat.
#[derive(Debug)]
pub(super) enum SeatState {
    Vacant,
    Taken(Player),
    Gone { known_as: KnownAs, since: Instant },
}

/// The player of a seat and the state of the link.
#[derive(Debug)]
pub(super) struct Player {
    pub(super) session: SessionId,
    pub(super) name: Name,
    pub(super) known_as: KnownAs,
    pub(super) heard: Heard,
    /// The total of the absences in this match that are over.
    pub(super) absent_before: Duration,
    /// The player wants to continue the adjourned match.
    pub(super) wants_to_go_on: bool,
    pub(super) longest_rtt: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    Now { since: Instant },
    NotSince(Instant),
    Ended { since: Instant, reason: DisconnectReason },
}

impl Room {
    pub(super) fn claim(&self, now: Instant, phase: Phase, limits: &Limits) -> Option<Claimable> {
        let absent = Seat::BOTH.into_iter().find(|&seat| self.claimable_at(seat, limits).is_some());
        let absent = absent.filter(|_| phase == Phase::Playing)?;
        let left = self.claimable_at(absent, limits)?.saturating_duration_since(now);
        Some(Claimable { absent, in_millis: u32::try_from(left.as_millis()).unwrap() })
    }

    /// The time from which the other player may claim; `None` unless exactly this one is absent.
    pub(super) fn claimable_at(&self, absent: Seat, limits: &Limits) -> Option<Instant> {
        let player = self.seats[absent].player()?;
        if absent == Seat::Guest && !self.is_proven {
            return None;
        }
        let Heard::Now { since: waits_since } = self.seats[absent.other()].player()?.heard else {
            return None;
        };
        let (since, grace) = match player.heard {
            Heard::Now { .. } => return None,
            Heard::NotSince(since) | Heard::Ended { since, reason: DisconnectReason::Lost } => {
                (since, limits.grace)
            }
            Heard::Ended { since, reason: DisconnectReason::OnPurpose } => (since, limits.grace_on_purpose),
        };
        let patience = grace.min(limits.absence_per_match.saturating_sub(player.absent_before));
        Some(since.max(waits_since) + patience)
    }

    /// The time at which a guest whose link was lost before both had moved is given up.
    pub(super) fn guest_given_up_at(&self, limits: &Limits) -> Option<Instant> {
        let is_on_trial = self.phase() == Phase::Playing && !self.is_proven;
        match self.seats.guest.player().filter(|_| is_on_trial)?.heard {
            Heard::Ended { since, .. } => Some(since + limits.grace_on_purpose),
            Heard::Now { .. } | Heard::NotSince(_) => None,
        }
    }

    /// Lets absences begin anew.
    pub(super) fn excuse_absences(&mut self, until: Instant) {
        for seat in Seat::BOTH {
            if let SeatState::Taken(player) = &mut self.seats[seat]
                && let Heard::NotSince(since) | Heard::Ended { since, .. } = &mut player.heard
            {
                *since = until;
            }
        }
    }

    pub(super) fn silent(&mut self, seat: Seat, since: Instant) {
        if let SeatState::Taken(player) = &mut self.seats[seat]
            && matches!(player.heard, Heard::Now { .. })
        {
            player.heard = Heard::NotSince(since);
        }
    }

    /// Notes that a player is heard again. The absence counts while the other waited. A player who did not agree to an
    /// adjournment continues the match by returning.
    pub(super) fn heard(&mut self, now: Instant, seat: Seat) {
        let other = self.seats[seat.other()].player().map(|other| other.heard);
        let (is_adjourned, put_off_at) = (self.phase() == Phase::Adjourned, self.since);
        if let SeatState::Taken(player) = &mut self.seats[seat]
            && let Heard::NotSince(since) | Heard::Ended { since, .. } = player.heard
        {
            let (from, to) = match other {
                Some(Heard::Now { since: waits_since }) => (since.max(waits_since), now),
                Some(Heard::NotSince(until) | Heard::Ended { since: until, .. }) => (since, until),
                None => (now, now),
            };
            player.absent_before += to.saturating_duration_since(from);
            let was_away = matches!(player.heard, Heard::Ended { .. });
            player.wants_to_go_on |= is_adjourned && was_away && since < put_off_at;
            player.heard = Heard::Now { since: now };
        }
    }

    /// Notes that a player wants to continue the adjourned match.
    pub(super) fn go_on(&mut self, now: Instant, session: SessionId) {
        for seat in Seat::BOTH {
            if self.session(seat) == Some(session) {
                self.heard(now, seat);
                if let SeatState::Taken(player) = &mut self.seats[seat] {
                    player.wants_to_go_on = true;
                }
            }
        }
    }

    /// Notes that a match begins or continues: earlier absences do not count.
    pub(super) fn begin(&mut self, now: Instant) {
        for seat in Seat::BOTH {
            if let SeatState::Taken(player) = &mut self.seats[seat] {
                player.absent_before = Duration::ZERO;
                if let Heard::NotSince(since) | Heard::Ended { since, .. } = &mut player.heard {
                    *since = now;
                }
            }
        }
    }

    /// Notes that a match is adjourned, by a claim or by agreement.
    pub(super) fn put_off(&mut self, claimer: Option<Seat>) {
        for seat in Seat::BOTH {
            if let SeatState::Taken(player) = &mut self.seats[seat] {
                player.wants_to_go_on = claimer == Some(seat);
            }
        }
    }

    /// Both players are present and want to continue.
    pub(super) fn do_both_go_on(&self) -> bool {
        Seat::BOTH.into_iter().all(|seat| {
            self.seats[seat].is_here()
                && self.seats[seat].player().is_some_and(|player| player.wants_to_go_on)
        })
    }

    /// The time since which nobody has been here, unless a match is kept here.
    pub(super) fn unused_since(&self) -> Option<Instant> {
        let host = self.empty_since(Seat::Host)?;
        match self.phase() {
            Phase::Waiting => Some(host),
            Phase::Over(_) => Some(host.max(self.empty_since(Seat::Guest)?)),
            Phase::Playing | Phase::Adjourned => None,
        }
    }

    pub(super) fn empty_since(&self, seat: Seat) -> Option<Instant> {
        match &self.seats[seat] {
            SeatState::Taken(Player { heard: Heard::Ended { since, .. }, .. })
            | SeatState::Gone { since, .. } => Some(*since),
            SeatState::Taken(_) | SeatState::Vacant => None,
        }
    }

    pub(super) fn part(&mut self, now: Instant, seat: Seat, reason: DisconnectReason) {
        if let SeatState::Taken(player) = &mut self.seats[seat] {
            let since = match player.heard {
                Heard::Now { .. } => now,
                Heard::NotSince(since) => since,
                Heard::Ended { .. } => return,
            };
            player.heard = Heard::Ended { since, reason };
            player.wants_to_go_on = false;
        }
    }

    pub(super) fn measured(&mut self, seat: Seat, rtt: Duration) {
        if let SeatState::Taken(player) = &mut self.seats[seat] {
            player.longest_rtt = player.longest_rtt.max(rtt);
        }
    }

    pub(super) fn vacate(&mut self, now: Instant, seat: Seat) {
        if let SeatState::Taken(player) = &self.seats[seat] {
            self.seats[seat] = SeatState::Gone { known_as: player.known_as, since: now };
        }
    }

    /// The end of the room, unless somebody comes back before.
    pub(super) fn ends_at(&self, limits: &Limits) -> Option<Instant> {
        let empty_since = |seat: Seat| self.empty_since(seat);
        let kept_until = |seat: Seat| match self.seats[seat].player()?.heard {
            Heard::Ended { since, reason: DisconnectReason::Lost } => Some(since + limits.grace),
            Heard::Ended { since, reason: DisconnectReason::OnPurpose } => {
                Some(since + limits.grace_on_purpose)
            }
            Heard::Now { .. } | Heard::NotSince(_) => None,
        };
        let both_since = || Some(empty_since(Seat::Host)?.max(empty_since(Seat::Guest)?));
        match self.phase() {
            Phase::Waiting => Some(empty_since(Seat::Host)? + limits.unstarted_room),
            Phase::Playing => Some(kept_until(Seat::Host)?.max(kept_until(Seat::Guest)?) + limits.empty_room),
            Phase::Adjourned => Some(both_since()? + limits.adjourned_room),
            Phase::Over(_) => Some(both_since()? + limits.finished_room),
        }
    }
}

impl SeatState {
    pub(super) const fn player(&self) -> Option<&Player> {
        match self {
            Self::Taken(player) => Some(player),
            Self::Vacant | Self::Gone { .. } => None,
        }
    }

    /// The player is present.
    pub(super) const fn is_here(&self) -> bool {
        matches!(self, Self::Taken(Player { heard: Heard::Now { .. }, .. }))
    }

    pub(super) const fn is_away_or_gone(&self) -> bool {
        match self {
            Self::Taken(player) => matches!(player.heard, Heard::Ended { .. }),
            Self::Gone { .. } => true,
            Self::Vacant => false,
        }
    }
}

impl Player {
    pub(super) const fn new(now: Instant, session: SessionId, person: &Person) -> Self {
        Self {
            session,
            name: person.name,
            known_as: person.known_as(session),
            heard: Heard::Now { since: now },
            absent_before: Duration::ZERO,
            wants_to_go_on: false,
            longest_rtt: person.longest_rtt,
        }
    }

    pub(super) fn check(&self, shown: &Occupant) {
        let is_shown_so = match (self.heard, shown.presence) {
            (Heard::Now { .. }, Presence::Present) | (Heard::NotSince(_), Presence::Silent { .. }) => true,
            (Heard::Ended { reason, .. }, Presence::Away { is_on_purpose, .. }) => {
                is_on_purpose == (reason == DisconnectReason::OnPurpose)
            }
            (Heard::Now { .. } | Heard::NotSince(_) | Heard::Ended { .. }, _) => false,
        };
        assert!(is_shown_so, "{} is {:?} and shown as {:?}", self.name, self.heard, shown.presence);
    }
}
