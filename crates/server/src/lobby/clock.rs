//! The clocks of one match. Only the server's time counts.
//!
//! A clock runs for the side to move, from the moment at which the snapshot that gives it the turn is made. Network delay
//! is credited according to the round trip that the server has measured, up to one limit per move and one per match.
//! Unused credit is not kept. The flag falls only after the credit is used up too, so a move that reaches the lobby before
//! then always counts.

use std::time::{Duration, Instant};

use net::proto::{Clocks, PerSeat, Seat, TimeControl};

use super::{Limits, keep::KeptClocks};

/// Both clocks of a match.
#[derive(Debug)]
pub(super) struct MatchClock {
    control: TimeControl,
    /// The remaining time of each side when its clock last started or stopped.
    left: PerSeat<Duration>,
    /// The remaining time before the clock of each side's first move starts.
    grace_left: PerSeat<Duration>,
    /// The remaining credit of each side in this match.
    lag_left: PerSeat<Duration>,
    /// The credit already used for the current move. A pause does not renew the limit per move.
    lag_used: Duration,
    running: Option<Turn>,
    /// The remaining times at the beginning of each ply, for takebacks.
    history: Vec<PerSeat<Duration>>,
}

/// A running clock.
#[derive(Debug, Clone, Copy)]
struct Turn {
    seat: Seat,
    since: Instant,
    /// The credit still available for this move.
    credit: Duration,
}

impl MatchClock {
    /// The clocks of a new match; `None` if it has no time control.
    pub(super) fn new(control: TimeControl, limits: &Limits) -> Option<Self> {
        let initial = control.initial()?;
        let both = |time| PerSeat { host: time, guest: time };
        Some(Self {
            control,
            left: both(initial),
            grace_left: both(limits.first_move_grace),
            lag_left: both(limits.lag_per_match),
            lag_used: Duration::ZERO,
            running: None,
            history: vec![both(initial)],
        })
    }

    /// Starts the clock of the side to move unless one is running. `rtt` is that side's round trip.
    pub(super) fn start(&mut self, now: Instant, seat: Seat, rtt: Duration, limits: &Limits) {
        let credit = rtt.min(limits.lag_per_move).saturating_sub(self.lag_used).min(self.lag_left[seat]);
        self.running.get_or_insert(Turn { seat, since: now, credit });
    }

    /// Leaves out a time in which the server did not run.
    pub(super) fn handle_sleep(&mut self, slept: Duration) {
        if let Some(turn) = &mut self.running {
            turn.since += slept;
        }
    }

    /// Stops the running clock. Its remaining time is used up before its credit.
    pub(super) fn pause(&mut self, now: Instant) {
        if let Some(turn) = self.running.take() {
            let used = now.saturating_duration_since(turn.since).saturating_sub(self.grace_left[turn.seat]);
            let credit = used.saturating_sub(self.left[turn.seat]).min(turn.credit);
            self.spend(now, turn, credit);
        }
    }

    /// Stops the clock of the mover and adds the increment.
    pub(super) fn handle_move(&mut self, now: Instant, mover: Seat) {
        if let Some(turn) = self.running.take() {
            self.spend(now, turn, turn.credit);
        }
        self.left[mover] = self.control.after_move(self.left[mover]);
        self.grace_left[mover] = Duration::ZERO;
        self.lag_used = Duration::ZERO;
        self.history.push(self.left);
    }

    /// Charges the time of a turn to the grace, then to at most `credit` of the credit, then to the clock.
    fn spend(&mut self, now: Instant, turn: Turn, credit: Duration) {
        let used = now.saturating_duration_since(turn.since);
        let after_grace = used.saturating_sub(self.grace_left[turn.seat]);
        let credit = after_grace.min(credit);
        self.grace_left[turn.seat] = self.grace_left[turn.seat].saturating_sub(used);
        self.lag_left[turn.seat] = self.lag_left[turn.seat].saturating_sub(credit);
        self.lag_used += credit;
        self.left[turn.seat] = self.left[turn.seat].saturating_sub(after_grace.saturating_sub(credit));
    }

    /// Restores the clocks as they were at the beginning of a ply, and stops them.
    pub(super) fn take_back(&mut self, ply: u16) {
        self.history.truncate(usize::from(ply) + 1);
        if let Some(left) = self.history.last() {
            self.left = *left;
        }
        self.running = None;
        self.lag_used = Duration::ZERO;
    }

    /// The time at which the flag of the running clock falls.
    pub(super) fn flag_at(&self) -> Option<Instant> {
        let turn = self.running.as_ref()?;
        Some(turn.since + self.grace_left[turn.seat] + self.left[turn.seat] + turn.credit)
    }

    /// The clocks to keep, where `mover` is the player of a ply.
    pub(super) fn kept(&self, mover: impl Fn(u16) -> Seat) -> KeptClocks {
        let after_moves = (0..).map(mover).zip(self.history.iter().skip(1));
        KeptClocks {
            left_millis: both(self.left, millis),
            grace_millis: both(self.grace_left, millis),
            lag_millis: both(self.lag_left, millis),
            lag_used_millis: millis(self.lag_used),
            after_moves_millis: after_moves.map(|(mover, left)| millis(left[mover])).collect(),
        }
    }

    /// The clocks as they were kept, standing; `None` if there is no time control.
    pub(super) fn restore(
        control: TimeControl,
        kept: &KeptClocks,
        mover: impl Fn(u16) -> Seat,
    ) -> Option<Self> {
        let initial = control.initial()?;
        let mut left = PerSeat { host: initial, guest: initial };
        let mut history = vec![left];
        for (mover, millis) in (0..).map(mover).zip(&kept.after_moves_millis) {
            left[mover] = duration(*millis);
            history.push(left);
        }
        Some(Self {
            control,
            left: both(kept.left_millis, duration),
            grace_left: both(kept.grace_millis, duration),
            lag_left: both(kept.lag_millis, duration),
            lag_used: duration(kept.lag_used_millis),
            running: None,
            history,
        })
    }

    /// The clocks as they are shown now.
    pub(super) fn view(&self, now: Instant) -> Clocks {
        let mut left = self.left;
        let mut grace = Duration::ZERO;
        if let Some(turn) = self.running {
            // The credit is not shown before it is given.
            let used = now.saturating_duration_since(turn.since);
            let after_grace = used.saturating_sub(self.grace_left[turn.seat]);
            left[turn.seat] = left[turn.seat].saturating_sub(after_grace);
            grace = self.grace_left[turn.seat].saturating_sub(used);
        }
        Clocks {
            left_millis: PerSeat { host: millis(left.host), guest: millis(left.guest) },
            running: self.running.map(|turn| turn.seat),
            grace_millis: millis(grace),
        }
    }
}

/// A duration in a message, in milliseconds: at most 49 days.
pub(super) fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

/// A duration of so many milliseconds.
pub(super) fn duration(millis: u32) -> Duration {
    Duration::from_millis(millis.into())
}

fn both<T, U>(pair: PerSeat<T>, convert: impl Fn(T) -> U) -> PerSeat<U> {
    PerSeat { host: convert(pair.host), guest: convert(pair.guest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const MILLI: Duration = Duration::from_millis(1);

    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
    fn clock(control: &str) -> (MatchClock, Limits, Instant) {
        let limits = Limits { first_move_grace: Duration::ZERO, ..Limits::default() };
        (MatchClock::new(control.parse().unwrap(), &limits).unwrap(), limits, Instant::now())
    }

    #[track_caller]
    fn check(clock: &MatchClock, now: Instant, host: u32, guest: u32) {
        assert_eq!(clock.view(now).left_millis, PerSeat { host, guest });
    }

    #[test]
    fn a_round_trip_is_credited_once_and_not_kept() {
        let (mut clock, limits, t0) = clock("5m+3s");
        clock.start(t0, Seat::Host, 100 * MILLI, &limits);
        // A move after 60 ms with a round trip of 100 ms uses no time, and no credit is left over.
        clock.handle_move(t0 + 60 * MILLI, Seat::Host);
        check(&clock, t0 + SECOND, 303_000, 300_000);
        clock.start(t0, Seat::Host, 100 * MILLI, &limits);
        clock.handle_move(t0 + 1_100 * MILLI, Seat::Host);
        check(&clock, t0 + SECOND, 305_000, 300_000);
    }

    #[test]
    fn credit_has_a_bound_for_a_move_and_one_for_the_match() {
        let (mut clock, limits, mut now) = clock("5m+0s");
        for _ in 0..20 {
            clock.start(now, Seat::Guest, 40 * SECOND, &limits);
            now += SECOND;
            clock.handle_move(now, Seat::Guest);
        }
        // 20 s were used; half a second is credited per move, 5 s in all.
        check(&clock, now, 300_000, 285_000);
    }

    #[test]
    fn the_flag_falls_after_the_grace_the_time_and_the_credit() {
        let (_, _, t0) = clock("30s");
        let limits = Limits::default();
        let mut clock = MatchClock::new("30s".parse().unwrap(), &limits).unwrap();
        clock.start(t0, Seat::Host, 200 * MILLI, &limits);
        assert_eq!(clock.flag_at(), Some(t0 + 40 * SECOND + 200 * MILLI));
        assert_eq!(clock.view(t0 + 4 * SECOND).grace_millis, 6_000);
        check(&clock, t0 + 15 * SECOND, 25_000, 30_000);
        check(&clock, t0 + 60 * SECOND, 0, 30_000);
    }

    #[test]
    fn a_pause_stops_the_clock_and_its_grace() {
        let (_, _, t0) = clock("30s");
        let limits = Limits::default();
        let mut clock = MatchClock::new("30s".parse().unwrap(), &limits).unwrap();
        clock.start(t0, Seat::Host, Duration::ZERO, &limits);
        clock.pause(t0 + 4 * SECOND);
        assert_eq!(clock.flag_at(), None);
        clock.start(t0 + 100 * SECOND, Seat::Host, Duration::ZERO, &limits);
        assert_eq!(clock.flag_at(), Some(t0 + 136 * SECOND));
        clock.pause(t0 + 107 * SECOND);
        check(&clock, t0 + 200 * SECOND, 29_000, 30_000);
    }

    #[test]
    fn a_pause_does_not_renew_the_credit() {
        let (mut clock, limits, t0) = clock("1m+0s");
        clock.start(t0, Seat::Host, 500 * MILLI, &limits);
        // 400 ms of the credit are used when the clock stops, and 100 ms are left when it starts again.
        clock.pause(t0 + 60_400 * MILLI);
        clock.start(t0 + 100 * SECOND, Seat::Host, 500 * MILLI, &limits);
        assert_eq!(clock.flag_at(), Some(t0 + 100_100 * MILLI));
        clock.pause(t0 + 100_100 * MILLI);
        clock.start(t0 + 200 * SECOND, Seat::Host, 500 * MILLI, &limits);
        assert_eq!(clock.flag_at(), Some(t0 + 200 * SECOND));
    }

    #[test]
    fn a_takeback_sets_the_clocks_to_what_they_were() {
        let (mut clock, limits, t0) = clock("5m+3s");
        for (seat, seconds) in [(Seat::Host, 10), (Seat::Guest, 20), (Seat::Host, 30)] {
            clock.start(t0, seat, Duration::ZERO, &limits);
            clock.handle_move(t0 + seconds * SECOND, seat);
        }
        check(&clock, t0, 300_000 + 3_000 - 10_000 + 3_000 - 30_000, 300_000 - 20_000 + 3_000);
        clock.take_back(1);
        check(&clock, t0, 293_000, 300_000);
        clock.take_back(0);
        check(&clock, t0, 300_000, 300_000);
    }
}
