//! A bounded number of answers a second to peers that have proven nothing, of which each source has a part of its own.

use std::time::Instant;

use crate::{addr::Source, token_bucket::TokenBucket};

/// Limits answers. A source that asks seldom gets its answer, however often others ask.
#[derive(Debug)]
pub(super) struct Allowance {
    key: [u8; 16],
    /// The answers of each source, by its keyed hash, so that nobody can choose an address that shares them with a certain
    /// other one. There is no memory for each source, since anybody can forge any number of sources.
    own: Box<[TokenBucket]>,
    /// The answers that all sources share once they have taken their own.
    common: TokenBucket,
}

impl Allowance {
    /// Allows `rate` answers a second, beside those that each source has for itself. `key` is secret.
    pub(super) fn new(now: Instant, rate: u32, key: [u8; 16]) -> Self {
        let own = TokenBucket::new(now, OWN_PER_SECOND, OWN_PER_SECOND);
        Self { key, own: vec![own; SLOTS].into(), common: TokenBucket::new(now, rate, rate) }
    }

    /// Takes one answer, or returns `false` if there is none.
    pub(super) fn take(&mut self, now: Instant, source: Source) -> bool {
        let [low, high, ..] = source.keyed_hash(&self.key).to_le_bytes();
        let slot = usize::from(u16::from_le_bytes([low, high])) % SLOTS;
        self.own[slot].take(now) || self.common.take(now)
    }
}

/// Sources that have an allowance of their own, unless two share one by chance: with 12 hostile ones, an honest one does so
/// once in 40.
const SLOTS: usize = 512;

/// Answers a second to one source that are always given: a client repeats its hello ten times in the first two seconds.
const OWN_PER_SECOND: u32 = 10;
