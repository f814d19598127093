//! Random choices, all from one seed.

use std::time::Duration;

use game_core::SplitMix64;

/// A generator with the kinds of choices that the simulation makes.
#[derive(Debug, Clone)]
pub(super) struct Dice(SplitMix64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(SplitMix64::new(seed))
    }

    /// Another generator, with numbers of its own.
    pub(super) const fn split(&mut self) -> Self {
        Self::new(self.0.next_u64())
    }

    pub(super) const fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from `low` to `high`.
    pub(super) const fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.0.below(high - low + 1)
    }

    /// `true` in `percent` of a hundred cases.
    pub(super) const fn percent(&mut self, percent: u64) -> bool {
        self.0.below(100) < percent
    }

    /// One of the choices, all equally likely.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let count = u64::try_from(from.len()).unwrap();
        &from[usize::try_from(self.0.below(count)).unwrap()]
    }

    /// One of the choices, each weighted by the number beside it.
    pub(super) fn weighed<T: Copy>(&mut self, from: &[(u64, T)]) -> T {
        let mut drawn = self.0.below(from.iter().map(|(weight, _)| weight).sum());
        for &(weight, choice) in from {
            if drawn < weight {
                return choice;
            }
            drawn -= weight;
        }
        unreachable!("less than all of them weigh")
    }

    /// A time from `low` to `high` on a logarithmic scale, so that short ones are as likely as long ones.
    pub(super) fn pause(&mut self, low: Duration, high: Duration) -> Duration {
        let [low, high] = [low, high].map(|time| u64::try_from(time.as_millis()).unwrap());
        let mut top = high;
        while top / 2 > low && self.percent(50) {
            top /= 2;
        }
        Duration::from_millis(self.between(low, top))
    }
}
