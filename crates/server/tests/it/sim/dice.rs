//! Where chance comes from: one seed.

use std::time::Duration;

use game_core::SplitMix64;

/// A generator with the words in which the rest asks.
#[derive(Debug, Clone)]
pub(super) struct Dice(SplitMix64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(SplitMix64::new(seed))
    }

    /// Another one, that draws its own numbers.
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

    /// Whether something happens that does so `percent` times in a hundred.
    pub(super) const fn percent(&mut self, percent: u64) -> bool {
        self.0.below(100) < percent
    }

    /// One of them, all equally likely.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let count = u64::try_from(from.len()).unwrap();
        &from[usize::try_from(self.0.below(count)).unwrap()]
    }

    /// One of them, each as often as the number beside it says.
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

    /// A time from `low` to `high`, short ones as likely as long ones: its magnitude is drawn.
    pub(super) fn pause(&mut self, low: Duration, high: Duration) -> Duration {
        let [low, high] = [low, high].map(|time| u64::try_from(time.as_millis()).unwrap());
        let mut top = high;
        while top / 2 > low && self.percent(50) {
            top /= 2;
        }
        Duration::from_millis(self.between(low, top))
    }
}
