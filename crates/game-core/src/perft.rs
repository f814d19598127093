//! Counts of paths, for checking the rules against known figures.

use crate::Position;

/// Counts the ways to play exactly this many moves from a position. Games that end earlier do not count.
///
/// The name is the chess programmers', from *performance test*.
///
/// # Examples
///
/// ```
/// use game_core::{Position, Rules, perft};
///
/// let start = Position::new(Rules::default());
/// assert_eq!(perft(&start, 2), 9 * 8);
/// ```
pub fn perft(position: &Position, depth: u16) -> u64 {
    if depth == 0 {
        return 1;
    }
    position.legal_moves().map(|cell| perft(&position.after(cell), depth - 1)).sum()
}
