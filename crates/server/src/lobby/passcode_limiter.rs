//! Limits wrong passcodes per session and per origin, so that nobody can guess for long.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use net::proto::{Access, Passcode, Reject};

use super::{limits::Limits, origin::Origin};

/// The wrong passcodes of each origin.
#[derive(Debug)]
pub(super) struct PasscodeLimiter {
    limits: Arc<Limits>,
    by_origin: BTreeMap<Origin, Window>,
    /// The time at which each origin is forgotten, in the order in which they were added.
    forgotten_at: VecDeque<(Instant, Origin)>,
}

/// Counts events from the first one until a fixed time after it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    count: u32,
    ends_at: Option<Instant>,
}

impl PasscodeLimiter {
    pub(super) const fn new(limits: Arc<Limits>) -> Self {
        Self { limits, by_origin: BTreeMap::new(), forgotten_at: VecDeque::new() }
    }

    /// Admits a session to a room or rejects it. After too many wrong passcodes the right one is rejected too.
    pub(super) fn check(
        &mut self,
        now: Instant,
        (origin, of_session): (Origin, &mut Window),
        (access, shown): (&Access, Option<&Passcode>),
    ) -> Result<(), Reject> {
        let limits = &self.limits;
        let Access::Passcode(passcode) = access else { return Ok(()) };
        let shown = shown.ok_or(Reject::NeedsPasscode)?;
        let of_origin = self.by_origin.get(&origin);
        let is_over = of_session.count(now) >= limits.passcode_attempts_per_session
            || of_origin.is_some_and(|window| window.count(now) >= limits.passcode_attempts_per_origin)
            // An origin that cannot be counted must not guess.
            || (of_origin.is_none() && self.by_origin.len() >= limits.passcode_origins);
        if is_over {
            return Err(Reject::TooManyAttempts);
        }
        if passcode == shown {
            return Ok(());
        }
        of_session.add(now, limits.passcode_window);
        if of_origin.is_none() {
            self.forgotten_at.push_back((now + limits.passcode_window, origin));
        }
        self.by_origin.entry(origin).or_default().add(now, limits.passcode_window);
        Err(Reject::WrongPasscode)
    }

    /// Forgets the origins whose window has ended.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        while let Some((_, origin)) = self.forgotten_at.pop_front_if(|(at, _)| *at <= now) {
            self.by_origin.remove(&origin);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.forgotten_at.front().map(|(at, _)| *at)
    }
}

impl Window {
    fn count(&self, now: Instant) -> u32 {
        if self.ends_at.is_some_and(|ends_at| now < ends_at) { self.count } else { 0 }
    }

    fn add(&mut self, now: Instant, length: Duration) {
        let count = self.count(now);
        if count == 0 {
            self.ends_at = Some(now + length);
        }
        self.count = count.saturating_add(1);
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
            limiter.check(now, (Origin(origin), &mut Window::default()), (&access, Some(passcode)))
        };
        let start = Instant::now();
        assert_eq!(limiter.poll_timeout(), None);
        assert_eq!(attempt(&mut limiter, start, 1, &wrong), Err(Reject::WrongPasscode));
        let end = start + limits.passcode_window;
        assert_eq!(limiter.poll_timeout(), Some(end));
        // The second origin cannot be counted until the first is forgotten.
        assert_eq!(attempt(&mut limiter, start, 2, &right), Err(Reject::TooManyAttempts));
        limiter.handle_timeout(start + Duration::from_secs(1));
        assert_eq!(attempt(&mut limiter, start, 2, &right), Err(Reject::TooManyAttempts));
        limiter.handle_timeout(end);
        assert_eq!(limiter.poll_timeout(), None);
        assert_eq!(attempt(&mut limiter, end, 2, &right), Ok(()));
    }
}
