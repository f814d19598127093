//! Wrong passcodes, counted for each session and for each address, so that nobody guesses for long.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

use net::proto::{Access, Passcode, Reject};

use super::{
    Limits, Origin,
    session::{Session, Window},
};

/// The addresses from which wrong passcodes have come.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    by_origin: BTreeMap<Origin, Window>,
    /// When each address is forgotten, in the order in which they came.
    forgotten_at: VecDeque<(Instant, Origin)>,
}

impl Attempts {
    /// Lets a session in, or says why not. A right passcode is no help once there were too many wrong ones.
    pub(super) fn check(
        &mut self,
        now: Instant,
        session: &mut Session,
        (access, shown): (&Access, Option<&Passcode>),
        limits: &Limits,
    ) -> Result<(), Reject> {
        let Access::Passcode(passcode) = access else { return Ok(()) };
        let shown = shown.ok_or(Reject::NeedsPasscode)?;
        let window = self.by_origin.get(&session.origin);
        let is_over = session.wrong_passcodes.count(now) >= limits.passcode_attempts_per_session
            || window.is_some_and(|window| window.count(now) >= limits.passcode_attempts_per_origin)
            // Who cannot be counted cannot guess.
            || (window.is_none() && self.by_origin.len() >= limits.passcode_origins);
        if is_over {
            return Err(Reject::TooManyAttempts);
        }
        if passcode == shown {
            return Ok(());
        }
        session.wrong_passcodes.add(now, limits.passcode_window);
        if window.is_none() {
            self.forgotten_at.push_back((now + limits.passcode_window, session.origin));
        }
        self.by_origin.entry(session.origin).or_default().add(now, limits.passcode_window);
        Err(Reject::WrongPasscode)
    }

    /// Forgets the addresses whose time is over.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        while let Some((_, origin)) = self.forgotten_at.pop_front_if(|(at, _)| *at <= now) {
            self.by_origin.remove(&origin);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.forgotten_at.front().map(|(at, _)| *at)
    }
}
