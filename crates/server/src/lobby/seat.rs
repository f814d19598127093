//! A seat of a room: who sits there, whether they are heard, and since when.

use std::time::{Duration, Instant};

use net::proto::{Name, Occupant, Presence, SeatView, SessionId};

use super::{Limits, Parting, clock::millis};

/// The state of a seat.
#[derive(Debug)]
pub(super) enum Chair {
    /// Nobody has taken it yet.
    Vacant,
    /// Somebody sits there, or it is kept for them.
    Taken(Sitter),
    /// Somebody left it for good.
    Gone { name: Name, since: Instant },
}

/// Who a seat belongs to.
#[derive(Debug)]
pub(super) struct Sitter {
    pub(super) session: SessionId,
    pub(super) name: Name,
    pub(super) attendance: Attendance,
    /// The last round trip that the server measured.
    pub(super) rtt: Duration,
    /// All absences of this match that are over.
    pub(super) absent_before: Duration,
    /// Until when they want a rematch.
    pub(super) rematch_until: Option<Instant>,
    /// Whether they have come back to go on with an adjourned match.
    pub(super) wants_to_go_on: bool,
}

/// Whether the server hears a player.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attendance {
    /// It does.
    Present { since: Instant },
    /// The link is up, and nothing has come over it since then.
    Silent { since: Instant },
    /// There is no link, or its owner is elsewhere, and the seat is kept. `since` counts from when they were heard
    /// last.
    Away { since: Instant, parting: Parting },
}

impl Chair {
    pub(super) const fn sitter(&self) -> Option<&Sitter> {
        match self {
            Self::Taken(sitter) => Some(sitter),
            Self::Vacant | Self::Gone { .. } => None,
        }
    }

    pub(super) const fn sitter_mut(&mut self) -> Option<&mut Sitter> {
        match self {
            Self::Taken(sitter) => Some(sitter),
            Self::Vacant | Self::Gone { .. } => None,
        }
    }

    pub(super) const fn name(&self) -> Option<Name> {
        match self {
            Self::Vacant => None,
            Self::Taken(Sitter { name, .. }) | Self::Gone { name, .. } => Some(*name),
        }
    }

    /// Since when nobody is there: `None` while somebody is, heard or not.
    pub(super) const fn empty_since(&self) -> Option<Instant> {
        match self {
            Self::Taken(Sitter { attendance: Attendance::Away { since, .. }, .. })
            | Self::Gone { since, .. } => Some(*since),
            Self::Vacant | Self::Taken(_) => None,
        }
    }

    pub(super) fn view(&self, now: Instant) -> SeatView {
        match self {
            Self::Vacant => SeatView::Vacant,
            Self::Taken(sitter) => SeatView::Taken(sitter.view(now)),
            Self::Gone { name, .. } => SeatView::Gone { name: *name },
        }
    }
}

impl Sitter {
    pub(super) const fn new(now: Instant, session: SessionId, name: Name, rtt: Duration) -> Self {
        Self {
            session,
            name,
            attendance: Attendance::Present { since: now },
            rtt,
            absent_before: Duration::ZERO,
            rematch_until: None,
            wants_to_go_on: false,
        }
    }

    /// A match begins or goes on: nothing counts from before it.
    pub(super) const fn begin(&mut self, now: Instant) {
        self.absent_before = Duration::ZERO;
        self.rematch_until = None;
        if let Attendance::Silent { since } | Attendance::Away { since, .. } = &mut self.attendance {
            *since = now;
        }
    }

    /// Notes whether the player is heard; `true` if that is news. `other` is how the other player fares.
    pub(super) fn attend(&mut self, now: Instant, news: Heard, other: Option<Attendance>) -> bool {
        let before = self.attendance;
        self.attendance = match (news, before) {
            (Heard::Again, Attendance::Silent { since } | Attendance::Away { since, .. }) => {
                self.absent_before += waited(now, since, other);
                Attendance::Present { since: now }
            }
            (Heard::NotSince(since), Attendance::Present { .. }) => Attendance::Silent { since },
            (Heard::Parted(parting), Attendance::Present { .. }) => Attendance::Away { since: now, parting },
            (Heard::Parted(parting), Attendance::Silent { since }) => Attendance::Away { since, parting },
            // No news: heard as before, or nothing can be heard anyway.
            (Heard::Again, Attendance::Present { .. })
            | (Heard::NotSince(_), Attendance::Silent { .. })
            | (Heard::NotSince(_) | Heard::Parted(_), Attendance::Away { .. }) => before,
        };
        if self.is_away() {
            self.wants_to_go_on = false;
        }
        self.attendance != before
    }

    /// Since when the player has not been heard, if they are not.
    pub(super) const fn absent_since(&self) -> Option<Instant> {
        match self.attendance {
            Attendance::Present { .. } => None,
            Attendance::Silent { since } | Attendance::Away { since, .. } => Some(since),
        }
    }

    pub(super) const fn is_away(&self) -> bool {
        matches!(self.attendance, Attendance::Away { .. })
    }

    pub(super) const fn is_present(&self) -> bool {
        matches!(self.attendance, Attendance::Present { .. })
    }

    /// When the seat of this player, once they are away, is no more theirs alone.
    pub(super) fn kept_until(&self, limits: &Limits) -> Option<Instant> {
        match self.attendance {
            Attendance::Away { since, parting } => Some(since + grace(parting, limits)),
            Attendance::Present { .. } | Attendance::Silent { .. } => None,
        }
    }

    /// When `other`, who is here, may claim against this player. `None` unless this one is absent and that one is
    /// not.
    ///
    /// It counts from when the one was absent and the other there, whichever was last: nobody returns from an absence
    /// of their own and finds the other's time over.
    pub(super) fn claimable_at(&self, other: &Self, limits: &Limits) -> Option<Instant> {
        let (absent_since, grace) = match self.attendance {
            Attendance::Present { .. } => return None,
            Attendance::Silent { since } => (since, limits.grace),
            Attendance::Away { since, parting } => (since, grace(parting, limits)),
        };
        let Attendance::Present { since: waiting_since } = other.attendance else { return None };
        let patience = limits.absence_per_match.saturating_sub(self.absent_before).min(grace);
        Some(absent_since.max(waiting_since) + patience)
    }

    fn view(&self, now: Instant) -> Occupant {
        let time = |since| millis(now.saturating_duration_since(since));
        Occupant {
            name: self.name,
            presence: match self.attendance {
                Attendance::Present { .. } => Presence::Present,
                Attendance::Silent { since } => Presence::Silent { millis: time(since) },
                Attendance::Away { since, parting } => {
                    let is_on_purpose = parting == Parting::OnPurpose;
                    Presence::Away { millis: time(since), is_on_purpose }
                }
            },
            rematch_millis: self.rematch_until.map(|until| millis(until.saturating_duration_since(now))),
        }
    }
}

/// News of a player's link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// Something was heard.
    Again,
    /// Nothing has been heard since then.
    NotSince(Instant),
    /// The link is gone.
    Parted(Parting),
}

/// For how long of an absence that began at `since` the other player was there.
fn waited(now: Instant, since: Instant, other: Option<Attendance>) -> Duration {
    match other {
        Some(Attendance::Present { since: there_since }) => {
            now.saturating_duration_since(since.max(there_since))
        }
        Some(Attendance::Silent { since: gone_since } | Attendance::Away { since: gone_since, .. }) => {
            gone_since.saturating_duration_since(since)
        }
        None => Duration::ZERO,
    }
}

const fn grace(parting: Parting, limits: &Limits) -> Duration {
    match parting {
        Parting::OnPurpose => limits.grace_on_purpose,
        Parting::Lost => limits.grace,
    }
}
