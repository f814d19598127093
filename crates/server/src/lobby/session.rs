//! A session: one person's state, over all links that carry it.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use net::proto::{AdjournedLine, Name, RoomCode, SECRET_BYTES, Seat};

use super::Origin;

/// One person's state.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) name: Name,
    pub(super) secret: [u8; SECRET_BYTES],
    pub(super) origin: Origin,
    /// Whether a link carries it. Without one it sits somewhere or has an adjourned match, or it would be gone.
    pub(super) has_link: bool,
    pub(super) place: Option<Place>,
    /// The rooms of its adjourned matches, whether it is in them or not.
    pub(super) adjourned: BTreeSet<RoomCode>,
    /// What its owner was told of them last, over this link. Told anew when there is nothing else to tell.
    pub(super) adjourned_told: Vec<AdjournedLine>,
    /// The last round trip that the server measured.
    pub(super) rtt: Duration,
    pub(super) chat: ChatBudget,
    pub(super) wrong_passcodes: Window,
}

/// Where a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It has a seat in a room.
    Seat { code: RoomCode, seat: Seat },
    /// It watches one.
    Watching { code: RoomCode },
}

/// How much a session may say: the generic cell rate algorithm of ITU-T I.371, which keeps one instant.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ChatBudget {
    /// When everything said so far is paid for.
    paid_at: Option<Instant>,
}

/// How often something has happened within a time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    count: u32,
    ends_at: Option<Instant>,
}

impl Session {
    pub(super) const fn new(name: Name, secret: [u8; SECRET_BYTES], origin: Origin) -> Self {
        Self {
            name,
            secret,
            origin,
            has_link: true,
            place: None,
            adjourned: BTreeSet::new(),
            adjourned_told: Vec::new(),
            rtt: Duration::ZERO,
            chat: ChatBudget { paid_at: None },
            wrong_passcodes: Window { count: 0, ends_at: None },
        }
    }

    /// Whether nothing is left for its owner to return to.
    pub(super) fn is_spent(&self) -> bool {
        !self.has_link && self.place.is_none() && self.adjourned.is_empty()
    }
}

impl Place {
    pub(super) const fn code(self) -> RoomCode {
        match self {
            Self::Seat { code, .. } | Self::Watching { code } => code,
        }
    }
}

impl ChatBudget {
    /// Takes one thing said, `false` if it is too much.
    pub(super) fn take(&mut self, now: Instant, burst: u32, every: Duration) -> bool {
        let paid_at = self.paid_at.unwrap_or(now).max(now);
        let is_within = burst > 0 && paid_at.saturating_duration_since(now) <= every * (burst - 1);
        if is_within {
            self.paid_at = Some(paid_at + every);
        }
        is_within
    }
}

impl Window {
    /// How often it has happened by now.
    pub(super) fn count(&self, now: Instant) -> u32 {
        if self.ends_at.is_some_and(|ends_at| now < ends_at) { self.count } else { 0 }
    }

    /// Notes that it has happened once more. The window begins with the first time.
    pub(super) fn add(&mut self, now: Instant, length: Duration) {
        let count = self.count(now);
        if count == 0 {
            self.ends_at = Some(now + length);
        }
        self.count = count.saturating_add(1);
    }
}
