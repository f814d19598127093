//! A small pseudo-random number generator that is the same everywhere.

/// The generator `SplitMix64`: 64 bits of state, one number per step, every number once in 2^64 steps.
///
/// Equal seeds give equal numbers on every machine and in every version of this crate, so that random choices can be
/// replayed. Its numbers can be predicted from any one of them: never use it for secrets.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, with the
/// constants of Vigna's reference implementation `splitmix64.c`.
///
/// # Examples
///
/// ```
/// use game_core::SplitMix64;
///
/// let mut dice = SplitMix64::new(7);
/// let roll = 1 + dice.below(6);
/// assert!((1..=6).contains(&roll));
/// assert_eq!(SplitMix64::new(7).next_u64(), SplitMix64::new(7).next_u64());
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// Makes a generator. Every seed is as good as any other, 0 included.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Returns the next number, any of the 2^64 with equal chance.
    pub const fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN_GAMMA);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number less than `n`, each with exactly the same chance.
    ///
    /// # Panics
    ///
    /// If `n` is 0, as no number is less.
    pub const fn below(&mut self, n: u64) -> u64 {
        let surplus = surplus(n);
        loop {
            let number = self.next_u64();
            if number >= surplus {
                return number % n;
            }
        }
    }
}

/// Step of the state: 2^64 divided by the golden ratio, rounded to an odd number.
const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// Returns how many of the 2^64 numbers must be passed over so that `n` divides the rest: 2^64 modulo `n`.
const fn surplus(n: u64) -> u64 {
    assert!(n > 0, "no number is below 0");
    n.wrapping_neg() % n
}

#[cfg(test)]
mod tests {
    use super::{SplitMix64, surplus};

    /// The first numbers that Vigna's `splitmix64.c` prints for the seed 1234567.
    #[test]
    fn numbers_are_those_of_the_reference() {
        let mut rng = SplitMix64::new(1_234_567);
        for expected in [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ] {
            assert_eq!(rng.next_u64(), expected);
        }
    }

    #[test]
    fn what_is_left_after_the_surplus_is_divisible() {
        for n in
            (1..=1000).chain((0..64).map(|bit| 1 << bit)).chain([u64::MAX, u64::MAX - 1, u64::MAX / 2 + 2])
        {
            let left = (1_u128 << 64) - u128::from(surplus(n));
            assert_eq!(left % u128::from(n), 0, "n = {n}");
            assert!(surplus(n) < n, "n = {n}");
        }
    }

    #[test]
    fn below_reaches_every_number_and_no_other() {
        for n in 1..=64 {
            let mut rng = SplitMix64::new(n);
            let mut seen = 0_u64;
            while seen != u64::MAX >> (64 - n) {
                let number = rng.below(n);
                assert!(number < n, "{number} is not below {n}");
                seen |= 1 << number;
            }
        }
    }

    #[test]
    #[should_panic(expected = "no number is below 0")]
    fn nothing_is_below_0() {
        SplitMix64::new(0).below(0);
    }
}
