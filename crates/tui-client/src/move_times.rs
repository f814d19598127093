//! The time that each move of a match took, as this client saw it.

use std::time::{Duration, Instant};

use net::proto::{Phase, Snapshot};

/// The times of a match.
#[derive(Debug, Default)]
pub struct MoveTimes {
    /// The match, and the number of its takebacks.
    branch: Option<(u32, u16)>,
    /// The times of the moves so far; `None` for a move whose beginning or end was not seen.
    took: Vec<Option<Duration>>,
    /// The time of the move under way until the last pause.
    spent: Duration,
    /// The instant from which it counts on; `None` while the match is paused, and before anything was seen.
    since: Option<Instant>,
    /// False if the beginning of the move under way was not seen.
    has_begun: bool,
}

impl MoveTimes {
    /// Takes in the room as it was at an instant. Returns whether it is the first that was seen of the match.
    pub(crate) fn handle_snapshot(&mut self, at: Instant, snapshot: &Snapshot) -> bool {
        let (branch, plies) = ((snapshot.match_number, snapshot.branch), snapshot.record.moves().len());
        let known = self.branch.replace(branch);
        let is_first = known.is_none_or(|known| known.0 != branch.0);
        if is_first {
            // A match that has begun before it was seen.
            self.took = vec![None; plies];
            self.begin(plies == 0);
        } else if known != Some(branch) {
            self.took.truncate(plies);
            self.begin(true);
        }
        self.count(at);
        match plies.saturating_sub(self.took.len()) {
            0 => {}
            1 => {
                self.took.push(Some(self.spent).filter(|_| self.has_begun));
                self.begin(true);
            }
            several => {
                self.took.extend(std::iter::repeat_n(None, several));
                self.begin(false);
            }
        }
        self.took.resize(plies, None);
        let runs = snapshot.phase == Phase::Playing && !snapshot.is_paused();
        self.since = runs.then_some(at);
        is_first
    }

    /// The milliseconds that each move took.
    pub(crate) fn millis(&self) -> Vec<Option<u32>> {
        let millis = |took: Duration| u32::try_from(took.as_millis()).ok();
        self.took.iter().map(|took| took.and_then(millis)).collect()
    }

    const fn begin(&mut self, is_seen: bool) {
        self.spent = Duration::ZERO;
        self.since = None;
        self.has_begun = is_seen;
    }

    fn count(&mut self, at: Instant) {
        let since = self.since.take();
        self.spent += since.map_or(Duration::ZERO, |since| at.saturating_duration_since(since));
    }
}

#[cfg(test)]
mod tests {
    use net::proto::OfferKind;

    use super::*;
    use crate::test_harness::Harness;

    fn millis(harness: &Harness) -> Vec<Option<u32>> {
        harness.model.game().unwrap().times.millis()
    }

    fn later(harness: &mut Harness, seconds: u64) {
        harness.now += Duration::from_secs(seconds);
    }

    #[test]
    fn a_move_took_the_time_since_the_one_before_without_pauses_and_takebacks() {
        let mut harness = Harness::new(game_core::Rules::default()).join().with_ben();
        later(&mut harness, 2);
        harness.keys("7");
        later(&mut harness, 3);
        harness.ben_plays("b2");
        assert_eq!(millis(&harness), [Some(2_000), Some(3_000)]);
        later(&mut harness, 1);
        harness.ben_drops();
        later(&mut harness, 20);
        harness.ben_returns();
        later(&mut harness, 1);
        harness.keys("8");
        assert_eq!(millis(&harness)[2], Some(2_000), "nobody moves while the match is paused");
        later(&mut harness, 1);
        harness.keys("u");
        later(&mut harness, 1);
        let offer = harness.model.game().unwrap().snapshot.offer.unwrap();
        assert_eq!(offer.kind, OfferKind::Takeback);
        harness.ben_asks(net::proto::Command::Accept { number: offer.number });
        assert_eq!(millis(&harness).len(), 2);
        later(&mut harness, 4);
        harness.keys("9");
        assert_eq!(millis(&harness)[2], Some(4_000));
    }
}
