//! Counters of a lobby, from its beginning on.

use net::proto::Reject;
use strum::VariantArray;

/// The counters of a lobby.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Matches in which a move was made.
    pub matches: u64,
    /// Moves that were made; a repeated one counts once.
    pub moves: u64,
    /// In the order of [`Reject::VARIANTS`].
    rejects: [u64; Reject::VARIANTS.len()],
}

impl Counts {
    /// The rejected commands by the reason, those included that never occurred.
    pub fn rejects(&self) -> impl Iterator<Item = (Reject, u64)> {
        Reject::VARIANTS.iter().copied().zip(self.rejects)
    }

    pub(super) const fn add_move(&mut self, is_first: bool) {
        self.moves += 1;
        self.matches += is_first as u64;
    }

    pub(super) const fn add_reject(&mut self, reject: Reject) {
        self.rejects[reject as usize] += 1;
    }
}

impl Default for Counts {
    fn default() -> Self {
        Self { matches: 0, moves: 0, rejects: [0; _] }
    }
}
