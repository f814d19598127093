//! The instants at which a time on the screen changes.

use std::time::{Duration, Instant};

/// The step of every time on the screen.
const SECOND: Duration = Duration::from_secs(1);

/// The greatest age of a snapshot on arrival. A greater one would come from a wrong estimate of the server's clock.
const OLDEST: Duration = Duration::from_secs(10);

/// The instant a snapshot was made: as the server's clock says, but not after `now` and not long before it.
pub(crate) fn made_at(said: Option<Instant>, now: Instant) -> Instant {
    let oldest = now.checked_sub(OLDEST).unwrap_or(now);
    said.map_or(now, |said| said.clamp(oldest, now))
}

/// The next instant after `now` that is whole seconds after `since`.
pub(crate) fn after_second(since: Instant, now: Instant) -> Instant {
    let elapsed = now.saturating_duration_since(since);
    since + Duration::from_secs(elapsed.as_secs()) + SECOND
}

/// The next instant after `now` that is whole seconds before `end`; `None` once `end` has passed.
pub(crate) fn before_second(end: Instant, now: Instant) -> Option<Instant> {
    let left = end.checked_duration_since(now).filter(|left| !left.is_zero())?;
    let whole = left.as_secs() - u64::from(left.subsec_nanos() == 0);
    end.checked_sub(Duration::from_secs(whole))
}

/// Milliseconds from a message as a duration.
pub(crate) fn millis(count: u32) -> Duration {
    Duration::from_millis(count.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_harness::start;

    #[test]
    fn a_snapshot_is_no_older_than_ten_seconds_and_never_of_the_future() {
        let then = start();
        let now = then + 60 * SECOND;
        let check = |said: Option<Instant>, expected: Instant| assert_eq!(made_at(said, now), expected);
        check(None, now);
        check(Some(then + 59 * SECOND), then + 59 * SECOND);
        check(Some(then + 61 * SECOND), now);
        check(Some(then), then + 50 * SECOND);
    }

    #[test]
    fn a_countdown_changes_at_whole_seconds_before_its_end() {
        let now = start();
        let check = |left: u64, next: Option<u64>| {
            let end = now + Duration::from_millis(left);
            assert_eq!(before_second(end, now), next.map(|next| now + Duration::from_millis(next)), "{left}");
        };
        check(2_300, Some(300));
        check(2_000, Some(1_000));
        check(1_000, Some(1_000));
        check(400, Some(400));
        check(0, None);
    }
}
