//! Limits wrong passcodes per session and per origin, so that nobody can guess for long.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Instant,
};

use net::proto::{Access, Passcode, Reject, SessionId};

use super::{limits::Limits, session::Origin};

/// Counts wrong passcodes. A count begins with the first of them, and all of it is forgotten together.
#[derive(Debug)]
pub(super) struct PasscodeLimiter {
    limits: Arc<Limits>,
    by_session: BTreeMap<SessionId, u32>,
    by_origin: BTreeMap<Origin, u32>,
    /// The time at which the wrong passcodes of a session and of its origin are forgotten, if these were the first.
    forgotten_at: VecDeque<(Instant, Option<SessionId>, Option<Origin>)>,
}

impl PasscodeLimiter {
    pub(super) const fn new(limits: Arc<Limits>) -> Self {
        Self {
            limits,
            by_session: BTreeMap::new(),
            by_origin: BTreeMap::new(),
            forgotten_at: VecDeque::new(),
        }
    }

    /// Admits a session to a room or rejects it. After too many wrong passcodes the right one is rejected too.
    pub(super) fn check(
        &mut self,
        now: Instant,
        (session, origin): (SessionId, Origin),
        (access, shown): (&Access, Option<&Passcode>),
    ) -> Result<(), Reject> {
        let limits = &self.limits;
        let Access::Passcode(passcode) = access else { return Ok(()) };
        let shown = shown.ok_or(Reject::NeedsPasscode)?;
        let of_session = self.by_session.get(&session).copied();
        let of_origin = self.by_origin.get(&origin).copied();
        let is_over = of_session.is_some_and(|count| count >= limits.passcode_attempts_per_session)
            || of_origin.is_some_and(|count| count >= limits.passcode_attempts_per_origin)
            // An origin that cannot be counted must not guess.
            || (of_origin.is_none() && self.by_origin.len() >= limits.passcode_origins);
        if is_over {
            return Err(Reject::TooManyAttempts);
        }
        if passcode == shown {
            return Ok(());
        }
        let first_of_session = of_session.is_none().then_some(session);
        let first_of_origin = of_origin.is_none().then_some(origin);
        self.forgotten_at.push_back((now + limits.passcode_window, first_of_session, first_of_origin));
        *self.by_session.entry(session).or_default() += 1;
        *self.by_origin.entry(origin).or_default() += 1;
        Err(Reject::WrongPasscode)
    }

    /// Forgets what is old enough.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        while let Some((_, session, origin)) = self.forgotten_at.pop_front_if(|(at, ..)| *at <= now) {
            session.and_then(|session| self.by_session.remove(&session));
            origin.and_then(|origin| self.by_origin.remove(&origin));
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.forgotten_at.front().map(|(at, ..)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
    fn an_origin_is_forgotten_at_the_end_of_its_window() {
        let limits = Limits { passcode_origins: 1, ..Limits::default() };
        let access = Access::Passcode("fern".parse().unwrap());
        let (wrong, right) = ("moss".parse().unwrap(), "fern".parse().unwrap());
        let mut limiter = PasscodeLimiter::new(Arc::new(limits.clone()));
        let attempt = |limiter: &mut PasscodeLimiter, now, origin, passcode| {
            limiter.check(now, (SessionId(origin), Origin(origin)), (&access, Some(passcode)))
        };
        let start = Instant::now();
        assert_eq!(limiter.poll_timeout(), None);
        assert_eq!(attempt(&mut limiter, start, 1, &wrong), Err(Reject::WrongPasscode));
        let end = start + limits.passcode_window;
        assert_eq!(limiter.poll_timeout(), Some(end));
        // The second origin cannot be counted until the first is forgotten.
        assert_eq!(attempt(&mut limiter, start, 2, &right), Err(Reject::TooManyAttempts));
        limiter.handle_timeout(start);
        assert_eq!(attempt(&mut limiter, start, 2, &right), Err(Reject::TooManyAttempts));
        limiter.handle_timeout(end);
        assert_eq!(limiter.poll_timeout(), None);
        assert_eq!(attempt(&mut limiter, end, 2, &right), Ok(()));
    }
}
