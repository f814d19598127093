//! Limits wrong guesses, so that nobody can guess for long.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use net::proto::{Reject, SessionId};

use super::origin::Origin;

/// Counts wrong guesses. A count begins with the first of them, and all of it is forgotten together.
#[derive(Debug)]
pub(super) struct AttemptLimiter {
    allowance: Allowance,
    wrong: BTreeMap<Guesser, u32>,
    /// The time at which each count is forgotten, the first of them first.
    forgotten_at: VecDeque<(Instant, Guesser)>,
}

/// The number of wrong guesses that are allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    pub(super) per_session: u32,
    pub(super) per_origin: u32,
    /// The time after the first wrong guess at which the count is forgotten.
    pub(super) window: Duration,
    /// Counts kept at the same time. When full, the one that would be forgotten first gives way: nobody's right guess is
    /// rejected because of others.
    pub(super) counts: usize,
}

/// The one whose guesses are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Guesser {
    Session(SessionId),
    Origin(Origin),
}

impl AttemptLimiter {
    pub(super) const fn new(allowance: Allowance) -> Self {
        Self { allowance, wrong: BTreeMap::new(), forgotten_at: VecDeque::new() }
    }

    /// Rejects a guess, right or wrong, after too many wrong ones.
    pub(super) fn check(&self, guessers: &[Guesser]) -> Result<(), Reject> {
        let is_over = |guesser: &Guesser| {
            let most = match guesser {
                Guesser::Session(_) => self.allowance.per_session,
                Guesser::Origin(_) => self.allowance.per_origin,
            };
            self.wrong.get(guesser).is_some_and(|&wrong| wrong >= most)
        };
        if guessers.iter().any(is_over) { Err(Reject::TooManyAttempts) } else { Ok(()) }
    }

    /// Counts a wrong guess.
    pub(super) fn note_wrong(&mut self, now: Instant, guessers: &[Guesser]) {
        for &guesser in guessers {
            if let Some(wrong) = self.wrong.get_mut(&guesser) {
                *wrong += 1;
                continue;
            }
            if self.wrong.len() >= self.allowance.counts
                && let Some((_, first)) = self.forgotten_at.pop_front()
            {
                self.wrong.remove(&first);
            }
            self.wrong.insert(guesser, 1);
            self.forgotten_at.push_back((now + self.allowance.window, guesser));
        }
    }

    /// Forgets what is old enough.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        while let Some((_, guesser)) = self.forgotten_at.pop_front_if(|(at, _)| *at <= now) {
            self.wrong.remove(&guesser);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.forgotten_at.front().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
    fn a_full_table_forgets_the_oldest_count_and_refuses_nobody() {
        let window = Duration::from_mins(10);
        let allowance = Allowance { per_session: 1, per_origin: 2, window, counts: 2 };
        let mut limiter = AttemptLimiter::new(allowance);
        let [first, second, third] = [1, 2, 3].map(|origin| [Guesser::Origin(Origin(origin))]);
        let start = Instant::now();
        assert_eq!(limiter.poll_timeout(), None);
        limiter.note_wrong(start, &first);
        assert_eq!((limiter.check(&first), limiter.poll_timeout()), (Ok(()), Some(start + window)));
        limiter.note_wrong(start, &first);
        assert_eq!(limiter.check(&first), Err(Reject::TooManyAttempts));
        let later = start + Duration::from_secs(1);
        limiter.note_wrong(later, &second);
        assert_eq!(limiter.check(&third), Ok(()), "an address without failures");
        limiter.note_wrong(later, &third);
        assert_eq!((limiter.check(&first), limiter.poll_timeout()), (Ok(()), Some(later + window)));
        limiter.note_wrong(later, &third);
        assert_eq!(limiter.check(&third), Err(Reject::TooManyAttempts));
        limiter.handle_timeout(later + window);
        assert_eq!((limiter.check(&third), limiter.poll_timeout()), (Ok(()), None));
    }
}
