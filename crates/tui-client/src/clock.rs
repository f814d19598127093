//! The times on the screen: what they show now, and when they change next.
//!
//! The server's clock decides. A snapshot says what was left when it was made, and from there the screen counts on.

use std::time::{Duration, Instant};

use net::proto::{Claimable, Offer, Phase, Presence, Seat, ServerTime};

use crate::model::{Game, LinkState, MoveId, Place};

/// How often a time on the screen changes.
const SECOND: Duration = Duration::from_secs(1);

/// How old a snapshot may be when it comes, at most. What says more is a server whose clock has been mistaken.
const OLDEST: Duration = Duration::from_secs(10);

/// When a player is warned that their time runs out.
pub const WARN_AT: Duration = Duration::from_secs(10);

/// What a player's clock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// The time left.
    pub left: Duration,
    /// Whether it runs.
    pub state: ClockState,
}

/// Whether a clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockState {
    /// It does.
    Running,
    /// It will: the first move of a player has some time for free.
    Starting {
        /// After how long.
        after: Duration,
    },
    /// It is the other's turn, or the match is over.
    Stopped,
    /// Both stand still, since somebody is not there.
    Paused,
}

impl Game {
    /// What a seat's clock shows; `None` without clocks.
    pub fn clock(&self, seat: Seat, now: Instant) -> Option<Clock> {
        let clocks = self.snapshot.clocks?;
        let left = millis(clocks.left_millis[seat]);
        let is_playing = self.snapshot.phase == Phase::Playing;
        // Over a lost link the server hears nothing of us, and has stopped the clocks.
        let lost_at = self.down().map(|down| down.since);
        let is_running = is_playing && clocks.running == Some(seat);
        let until = lost_at.map_or(now, |lost_at| lost_at.min(now));
        let run = if is_running { until.saturating_duration_since(self.shown_at) } else { Duration::ZERO };
        let grace = millis(clocks.grace_millis);
        let state = match (is_playing, clocks.running) {
            (true, None) => ClockState::Paused,
            (true, Some(_)) if lost_at.is_some() => ClockState::Paused,
            (true, Some(running)) if running == seat && run < grace => {
                ClockState::Starting { after: grace.saturating_sub(run) }
            }
            (true, Some(running)) if running == seat => ClockState::Running,
            (true, Some(_)) | (false, _) => ClockState::Stopped,
        };
        Some(Clock { left: left.saturating_sub(run.saturating_sub(grace)), state })
    }

    /// What is left on the clock of who plays here, if it runs and is nearly over.
    pub fn hurry(&self, now: Instant) -> Option<Duration> {
        if self.is_watching() {
            return None;
        }
        let clock = self.clock(self.acting_seat(), now)?;
        (clock.state == ClockState::Running && clock.left <= WARN_AT).then_some(clock.left)
    }

    /// Whether the bell is to ring: once for a move whose time was more than enough before.
    pub fn rings(&mut self, now: Instant) -> bool {
        let id = self.move_id();
        let seat = self.acting_seat();
        let had_more = self.snapshot.clocks.is_some_and(|clocks| millis(clocks.left_millis[seat]) > WARN_AT);
        let rings = had_more && self.hurry(now).is_some() && self.rung_for != Some(id);
        if rings {
            self.rung_for = Some(id);
        }
        rings
    }

    /// The half-move that is made next.
    pub const fn move_id(&self) -> MoveId {
        MoveId {
            match_number: self.snapshot.match_number,
            branch: self.snapshot.branch,
            ply: self.snapshot.record.position().ply(),
        }
    }

    /// The absence of the other player, if this one may claim for it now or soon.
    pub fn claim(&self) -> Option<Claimable> {
        self.snapshot.claim.filter(|claim| {
            claim.absent == self.viewpoint().other() && self.online().is_some() && !self.is_watching()
        })
    }

    /// How long until this player may claim; `None` if nobody is absent.
    pub fn claim_in(&self, now: Instant) -> Option<Duration> {
        Some(self.left_of(self.claim()?.in_millis, now))
    }

    /// What is offered to who plays here.
    pub fn incoming_offer(&self) -> Option<Offer> {
        let is_mine = |offer: &Offer| match self.place {
            Place::Keyboard => true,
            Place::Bot | Place::Server(_) => offer.by != self.viewpoint() && !self.is_watching(),
        };
        self.snapshot.offer.filter(|offer| is_mine(offer) && !self.is_muted)
    }

    /// What this player has offered.
    pub fn own_offer(&self) -> Option<Offer> {
        self.snapshot.offer.filter(|offer| self.is_own(offer.by))
    }

    /// What is left now of a time that the snapshot names.
    pub fn left_of(&self, millis_then: u32, now: Instant) -> Duration {
        (self.shown_at + millis(millis_then)).saturating_duration_since(now)
    }

    /// When the snapshot that comes now was made, by our clock.
    pub fn made_at(&self, at: ServerTime, now: Instant) -> Instant {
        let said = self.online().and_then(|online| online.clock).and_then(|clock| clock.instant(at));
        made_at(said, now)
    }

    /// When a time on the screen changes next, if one is counted there. All that is shown at once ticks together.
    pub(crate) fn next_tick(&self, now: Instant) -> Option<Instant> {
        if let Some(online) = self.online() {
            match &online.link {
                LinkState::Down(down) => return Some(after_second(down.since, now)),
                LinkState::Silent { since } => return Some(after_second(*since, now)),
                LinkState::Up { .. } => {}
            }
        }
        let opens = self.incoming_offer().map(|offer| self.shown_at + millis(offer.opens_in_millis));
        let opens = opens.filter(|opens| *opens > now);
        self.countdown(now).into_iter().chain(opens).min()
    }

    fn countdown(&self, now: Instant) -> Option<Instant> {
        let ends = [self.clock_end(now), self.claim().map(|claim| claim.in_millis).map(|at| self.later(at))];
        let offer = self.snapshot.offer.map(|offer| self.later(offer.gone_in_millis));
        let wishes = Seat::BOTH.map(|seat| {
            let occupant = self.snapshot.seats[seat].occupant();
            occupant.and_then(|occupant| occupant.rematch_millis).map(|at| self.later(at))
        });
        let mut counted_down = ends.into_iter().chain([offer]).chain(wishes).flatten();
        if let Some(next) = counted_down.find_map(|end| before_second(end, now)) {
            return Some(next);
        }
        let is_out = |seat: Seat| {
            let presence = self.snapshot.seats[seat].occupant().map(|occupant| occupant.presence);
            matches!(presence, Some(Presence::Silent { .. } | Presence::Away { .. }))
        };
        let is_counted = Seat::BOTH.into_iter().any(|seat| !self.is_own(seat) && is_out(seat));
        (self.snapshot.phase == Phase::Waiting || is_counted).then(|| after_second(self.shown_at, now))
    }

    /// When the clock that runs is over, or begins to run.
    fn clock_end(&self, now: Instant) -> Option<Instant> {
        let clock = self.clock(self.snapshot.clocks?.running?, now)?;
        match clock.state {
            ClockState::Running => Some(now + clock.left),
            ClockState::Starting { after } => Some(now + after),
            ClockState::Stopped | ClockState::Paused => None,
        }
    }

    fn later(&self, millis_then: u32) -> Instant {
        self.shown_at + millis(millis_then)
    }
}

/// When a snapshot was made that comes now: not after, and not long before.
pub(crate) fn made_at(said: Option<Instant>, now: Instant) -> Instant {
    let oldest = now.checked_sub(OLDEST).unwrap_or(now);
    said.map_or(now, |said| said.clamp(oldest, now))
}

/// The next instant after `now` that is whole seconds after `since`.
pub(crate) fn after_second(since: Instant, now: Instant) -> Instant {
    let elapsed = now.saturating_duration_since(since);
    since + Duration::from_secs(elapsed.as_secs()) + SECOND
}

/// The next instant after `now` that is whole seconds before `end`, `None` when that is over.
fn before_second(end: Instant, now: Instant) -> Option<Instant> {
    let left = end.checked_duration_since(now).filter(|left| !left.is_zero())?;
    let whole = left.as_secs() - u64::from(left.subsec_nanos() == 0);
    end.checked_sub(Duration::from_secs(whole))
}

fn millis(count: u32) -> Duration {
    Duration::from_millis(count.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::start;

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
