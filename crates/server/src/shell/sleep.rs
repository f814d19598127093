//! Notices that the server itself did not run for a time: its process was stopped, or its machine slept.

use std::time::{Duration, Instant, SystemTime};

use net::heartbeat::STOPPED_AFTER;

/// The time between two looks at the clocks.
const EVERY: Duration = Duration::from_secs(1);

/// Compares two clocks with each other and with the last look.
///
/// The monotonic one goes on while a process is stopped, and so the look comes late. It stands still while the machine sleeps,
/// and the other one goes on. A calendar that is set forward counts as sleep, too: it costs nobody anything but patience.
#[derive(Debug)]
pub(super) struct SleepWatch {
    looked_at: Instant,
    calendar: SystemTime,
}

impl SleepWatch {
    pub(super) const fn new(now: Instant, calendar: SystemTime) -> Self {
        Self { looked_at: now, calendar }
    }

    /// The time of the next look.
    pub(super) fn poll_timeout(&self) -> Instant {
        self.looked_at + EVERY
    }

    /// Looks, if it is time. Returns how much of a sleep the monotonic clock shows, if there was one.
    pub(super) fn look(&mut self, now: Instant, calendar: SystemTime) -> Option<Duration> {
        let late = now.checked_duration_since(self.poll_timeout())?;
        let passed = now.saturating_duration_since(self.looked_at);
        let unseen = calendar.duration_since(self.calendar).unwrap_or_default().saturating_sub(passed);
        *self = Self::new(now, calendar);
        let was_stopped = (late >= STOPPED_AFTER).then_some(late);
        was_stopped.or_else(|| (unseen >= STOPPED_AFTER).then_some(Duration::ZERO))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_process_and_a_sleeping_machine_are_noticed() {
        let (start, calendar) = (Instant::now(), SystemTime::UNIX_EPOCH);
        let seconds = Duration::from_secs;
        for (monotonic, wall, expected) in [
            (seconds(1), seconds(1), None),
            (Duration::from_millis(2_900), seconds(3), None),
            // A calendar that is set back.
            (seconds(1), Duration::ZERO, None),
            // SIGSTOP, and a machine that sleeps.
            (seconds(46), seconds(46), Some(seconds(45))),
            (seconds(1), seconds(46), Some(Duration::ZERO)),
            (seconds(3), seconds(3), Some(seconds(2))),
        ] {
            let mut watch = SleepWatch::new(start, calendar);
            assert_eq!(watch.look(start, calendar), None);
            let (now, calendar) = (start + monotonic, calendar + wall);
            assert_eq!(watch.look(now, calendar), expected, "{monotonic:?} and {wall:?}");
            assert_eq!(watch.look(now + EVERY, calendar + EVERY), None, "once");
        }
    }
}
