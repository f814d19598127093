//! Log lines that peers can cause, limited, so that no flood fills a disk.

use std::time::Instant;

use net::token_bucket::TokenBucket;

/// Lines of one kind a second.
const RATE: u32 = 5;
/// Lines of one kind at once after a pause.
const BURST: u32 = 50;

/// The limit on log lines of one kind. Lines above it are counted.
#[derive(Debug)]
pub(super) struct Limited {
    bucket: TokenBucket,
    unlogged: u64,
}

impl Limited {
    pub(super) fn new(now: Instant) -> Self {
        Self { bucket: TokenBucket::new(now, RATE, BURST), unlogged: 0 }
    }

    /// Returns the number of lines left out since the last one if a line may be logged now; else counts one more.
    pub(super) fn take(&mut self, now: Instant) -> Option<u64> {
        if self.bucket.take(now) {
            Some(std::mem::take(&mut self.unlogged))
        } else {
            self.unlogged += 1;
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_flood_is_counted_and_the_count_is_told_with_the_next_line() {
        let now = Instant::now();
        let mut limited = Limited::new(now);
        let told: Vec<_> = (0..60).filter_map(|_| limited.take(now)).collect();
        assert_eq!(told, [0; 50]);
        let later = now + Duration::from_millis(200);
        assert_eq!((limited.take(later), limited.take(later)), (Some(10), None));
    }
}
