//! Numbers of packets and messages, and the window of those that have arrived.

use std::num::NonZeroU32;

/// The number of a packet or of a message: counted from 1, used once, never wrapping.
///
/// On the wire, 0 stands for none. A session ends as exhausted before it uses [`Seq::LAST`]: at one packet a
/// millisecond that takes 24 days, and without wrapping every comparison is plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(NonZeroU32);

/// The numbers that have arrived: the largest, and which of the 32 before it.
///
/// ```text
///  bits   31 … 2  1  0   largest
///          │   │  │  │      │
/// number  n-32 … n-2 n-1    n
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) largest: Option<Seq>,
    pub(crate) bits: u32,
}

impl Seq {
    /// The first number.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The end of the numbers, 2^31. The number after the last usable one is still a number.
    pub const LAST: Self = Self(NonZeroU32::new(1 << 31).expect("2^31 is not 0"));

    /// Returns the number for a value on the wire; `None` for 0 and beyond [`LAST`](Self::LAST).
    pub const fn new(wire: u32) -> Option<Self> {
        match NonZeroU32::new(wire) {
            Some(number) if number.get() <= Self::LAST.0.get() => Some(Self(number)),
            _ => None,
        }
    }

    /// Returns the value on the wire.
    pub const fn get(self) -> u32 {
        self.0.get()
    }

    /// Returns the next number; `None` after the last.
    pub const fn next(self) -> Option<Self> {
        Self::new(self.get() + 1)
    }

    /// Returns the distance from `base`; `None` if this number is before it.
    pub const fn beyond(self, base: Self) -> Option<u32> {
        self.get().checked_sub(base.get())
    }
}

impl Seen {
    /// Notes a number; returns `false` if it was noted before or is too old to tell.
    pub(crate) fn note(&mut self, number: Seq) -> bool {
        let Some(largest) = self.largest else {
            self.largest = Some(number);
            return true;
        };
        match number.beyond(largest) {
            Some(0) => false,
            Some(ahead) => {
                // The old largest becomes the bit `ahead - 1`; what is shifted out is forgotten.
                let shifted = self.bits.checked_shl(ahead).unwrap_or(0);
                let old = 1_u32.checked_shl(ahead - 1).unwrap_or(0);
                self.bits = shifted | old;
                self.largest = Some(number);
                true
            }
            None => {
                let bit = largest.get() - number.get() - 1;
                let mask = 1_u32.checked_shl(bit).unwrap_or(0);
                let is_new = mask != 0 && self.bits & mask == 0;
                self.bits |= mask;
                is_new
            }
        }
    }

    /// Returns whether a number is known to have arrived.
    pub(crate) fn contains(self, number: Seq) -> bool {
        let Some(largest) = self.largest else { return false };
        match largest.beyond(number) {
            None => false,
            Some(0) => true,
            Some(behind) => 1_u32.checked_shl(behind - 1).is_some_and(|mask| self.bits & mask != 0),
        }
    }

    /// Returns whether no bit stands for a number below 1.
    pub(super) const fn is_possible(self) -> bool {
        match self.largest {
            None => self.bits == 0,
            Some(largest) if largest.get() > u32::BITS => true,
            Some(largest) => self.bits >> (largest.get() - 1) == 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn seq(number: u32) -> Seq {
        Seq::new(number).unwrap()
    }

    #[test]
    fn numbers_begin_at_1_and_end_at_2_to_the_31() {
        assert_eq!(Seq::new(0), None);
        assert_eq!(Seq::new(1), Some(Seq::FIRST));
        assert_eq!(Seq::new(1 << 31), Some(Seq::LAST));
        assert_eq!(Seq::new((1 << 31) + 1), None);
        assert_eq!(Seq::new(u32::MAX), None);
        assert_eq!(Seq::LAST.next(), None);
        assert_eq!(seq((1 << 31) - 1).next(), Some(Seq::LAST));
    }

    /// Every pair of numbers near both ends, in both orders, agrees with plain integers.
    #[test]
    fn distances_are_exact_at_both_ends() {
        let near: Vec<u32> = (1..200).chain((1 << 31) - 199..=1 << 31).collect();
        for &a in &near {
            for &b in &near {
                let expected = (i64::from(a) - i64::from(b)).try_into().ok();
                assert_eq!(seq(a).beyond(seq(b)), expected, "{a} beyond {b}");
                assert_eq!(seq(a) < seq(b), a < b);
            }
        }
    }

    /// The window against a set of all noted numbers, for pairs and triples of arrivals near both ends.
    #[test]
    fn the_window_agrees_with_a_set_at_both_ends() {
        for base in [1, (1 << 31) - 39] {
            for first in 0..40 {
                for second in 0..40 {
                    for third in [0, 1, 7, 31, 32, 33, 39] {
                        check_against_a_set(&[base + first, base + second, base + third]);
                    }
                }
            }
        }
    }

    #[track_caller]
    fn check_against_a_set(arrivals: &[u32]) {
        let mut seen = Seen::default();
        let mut set = BTreeSet::new();
        for &number in arrivals {
            let largest = set.last().copied().unwrap_or(0);
            let is_remembered = largest < number || largest - number <= 32;
            assert_eq!(seen.note(seq(number)), set.insert(number) && is_remembered, "{arrivals:?}");
            assert!(seen.is_possible());
        }
        let largest = *set.last().unwrap();
        assert_eq!(seen.largest, Some(seq(largest)));
        for number in largest.saturating_sub(45).max(1)..=(largest + 3).min(1 << 31) {
            let expected = set.contains(&number) && largest - number.min(largest) <= 32;
            assert_eq!(seen.contains(seq(number)), expected, "{number} of {arrivals:?}");
        }
    }

    #[test]
    fn bits_before_the_first_number_are_impossible() {
        let seen = |largest: u32, bits| Seen { largest: Seq::new(largest), bits };
        assert!(!seen(0, 1).is_possible());
        assert!(!seen(1, 1).is_possible());
        assert!(seen(2, 1).is_possible());
        assert!(!seen(2, 2).is_possible());
        assert!(seen(32, u32::MAX >> 1).is_possible());
        assert!(!seen(32, u32::MAX).is_possible());
        assert!(seen(33, u32::MAX).is_possible());
    }
}
