//! Checks the clocks of a match against earlier snapshots.

use std::time::{Duration, Instant};

use net::proto::{Clocks, PerSeat, Phase, Seat, Snapshot};
use server::lobby::Limits;

use crate::sim::server::LATE;

/// The running turn.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// The time of the last snapshot.
    at: Option<Instant>,
    /// The clocks at the beginning of each ply.
    history: Vec<PerSeat<u32>>,
    /// The credit of each player in this match.
    credited: PerSeat<Duration>,
    /// The match and its phase.
    phase: Option<(u32, Phase)>,
}

/// The difference allowed between shown and kept times, in milliseconds: shown times are rounded down.
const CUT: u32 = 2;

impl Turn {
    /// Begins a match.
    pub(super) fn begin(&mut self, now: Instant, next: &Snapshot) {
        self.at = Some(now);
        self.history.clear();
        self.credited = PerSeat::default();
        if let Some(clocks) = next.clocks {
            let initial = u32::try_from(next.time.initial().expect("it has clocks").as_millis()).unwrap();
            assert_eq!(clocks.left_millis, PerSeat { host: initial, guest: initial }, "full clocks");
            self.history.push(clocks.left_millis);
        }
    }

    /// Notes that no clock ran for a time.
    pub(super) fn sleep(&mut self, slept: Duration) {
        self.at = self.at.map(|at| at + slept);
    }

    /// Notes the phase of a match; `true` if it differs from the previous snapshot.
    pub(super) fn is_new_phase(&mut self, next: &Snapshot) -> bool {
        let phase = Some((next.match_number, next.phase));
        let is_new = self.phase != phase;
        self.phase = phase;
        is_new
    }

    /// Checks that the clocks follow from the earlier ones.
    pub(super) fn follow(
        &mut self,
        (now, limits): (Instant, &Limits),
        (last, next): (&Snapshot, &Snapshot),
        mover: Option<Seat>,
        longest_rtt: PerSeat<Duration>,
    ) {
        let before = self.at.replace(now).expect("a snapshot came before");
        let (Some(last_clocks), Some(clocks)) = (last.clocks, next.clocks) else { return };
        if next.branch != last.branch {
            self.history.truncate(next.record.moves().len() + 1);
            let then = self.history.last().expect("a clock at the beginning");
            assert_eq!(clocks.left_millis, *then, "a takeback restores the clocks");
            return;
        }
        for seat in Seat::BOTH {
            let (had, has) = (last_clocks.left_millis[seat], clocks.left_millis[seat]);
            let used = used(&last_clocks, seat, now - before);
            match mover {
                Some(mover) if mover == seat => {
                    let most = longest_rtt[seat].min(limits.lag_per_move);
                    self.follow_move((had, has, used), next, seat, most);
                    let credited = self.credited[seat];
                    // One rounding per move of a short match.
                    let bound = limits.lag_per_match + Duration::from_millis(u64::from(CUT) * 40);
                    assert!(credited <= bound, "{credited:?} are credited in one match");
                }
                Some(_) | None => {
                    let expected = had.saturating_sub(used);
                    assert!(
                        has.abs_diff(expected) <= CUT,
                        "{seat:?} had {had} ms, used {used} and has {has}"
                    );
                }
            }
        }
        if mover.is_some() {
            self.history.push(clocks.left_millis);
        }
        if next.phase == Phase::Playing && next.record.moves().len() >= 2 {
            assert_eq!(clocks.grace_millis, 0, "a grace after the first moves");
        }
    }

    /// Checks the credit for delay: it gives back time that this move has used, whether that was shown or not.
    fn follow_move(
        &mut self,
        (had, has, used): (u32, u32, u32),
        next: &Snapshot,
        seat: Seat,
        most: Duration,
    ) {
        let most = u32::try_from(most.as_millis()).unwrap();
        assert!(used <= had + most + CUT, "a move {used} ms into {had} and {most}: the flag had fallen");
        let after = |left: u32| {
            let left = next.time.after_move(Duration::from_millis(left.into()));
            u32::try_from(left.as_millis()).unwrap()
        };
        let left = had.saturating_sub(used);
        let begun_with = self.history.last().expect("a clock at the beginning")[seat];
        let (least, full) = (after(left), after(begun_with.min(left + most)));
        assert!(has + CUT >= least && has <= full + CUT, "{seat:?} had {had} ms, used {used} and has {has}");
        self.credited[seat] += Duration::from_millis(has.saturating_sub(least).into());
    }

    /// Checks that a fallen flag was due.
    pub(super) fn check_flag_fallen(&self, now: Instant, last: &Snapshot, seat: Seat) {
        let clocks = last.clocks.expect("a flag without a clock");
        assert_eq!(clocks.running, Some(seat), "a flag falls whose clock does not run");
        let used = used(&clocks, seat, now - self.at.expect("a snapshot came before"));
        let left = clocks.left_millis[seat];
        assert!(used + CUT >= left, "a flag falls {used} ms into {left}");
    }

    /// Checks that a due flag has fallen.
    pub(super) fn check_flag_hanging(&self, now: Instant, last: &Snapshot, limits: &Limits) {
        let Some((clocks, seat)) = last.clocks.and_then(|clocks| Some((clocks, clocks.running?))) else {
            return;
        };
        let used = used(&clocks, seat, now - self.at.expect("a snapshot came before"));
        let credit = u32::try_from((limits.lag_per_move + LATE).as_millis()).unwrap();
        let left = clocks.left_millis[seat] + credit;
        assert!(used <= left + CUT, "a flag hangs {used} ms into {left}");
    }
}

/// The milliseconds that a clock has run since it was shown.
fn used(shown: &Clocks, seat: Seat, elapsed: Duration) -> u32 {
    let elapsed = u32::try_from(elapsed.as_millis()).unwrap_or(u32::MAX);
    if shown.running == Some(seat) { elapsed.saturating_sub(shown.grace_millis) } else { 0 }
}
