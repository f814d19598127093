//! The times of a game: what they show now, and when they change next.
//!
//! The server's clock decides. A snapshot holds the times of the instant it was made, and the screen counts on from there.

use std::time::{Duration, Instant};

use net::proto::{Phase, Presence, Seat, ServerTime};

use super::Game;
use crate::{
    online::LinkState,
    ticks::{after_second, before_second, made_at, millis},
};

/// The time left at which a player is warned.
pub const WARN_AT: Duration = Duration::from_secs(10);

/// The display of a player's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// The time left.
    pub left: Duration,
    /// Its state.
    pub state: ClockState,
}

/// The state of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockState {
    /// It runs.
    Running,
    /// It is about to run: the first move of a player has a grace period.
    Starting {
        /// The rest of the grace period.
        after: Duration,
    },
    /// It is the other player's turn, or the match is over.
    Stopped,
    /// Both clocks are paused, since somebody is absent.
    Paused,
}

impl Game {
    /// The clock of a seat; `None` without clocks.
    pub fn clock(&self, seat: Seat, now: Instant) -> Option<Clock> {
        let clocks = self.snapshot.clocks?;
        let left = millis(clocks.left_millis[seat]);
        let is_playing = self.snapshot.phase == Phase::Playing;
        // Over a lost link the server hears nothing of us, and has stopped the clocks; one that cannot save stops them, too.
        let not_saving_since = self.online().and_then(|online| online.not_saving_since);
        let lost_at = self.down().map(|down| down.since).or(not_saving_since);
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

    /// The time left for the seat that acts here, if its clock runs and is nearly over.
    pub fn hurry(&self, now: Instant) -> Option<Duration> {
        if self.is_watching() {
            return None;
        }
        let clock = self.clock(self.acting_seat(), now)?;
        (clock.state == ClockState::Running && clock.left <= WARN_AT).then_some(clock.left)
    }

    /// Tells whether the bell has to ring for the time: once for a move that began with more than enough of it.
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

    /// The time until this player may claim; `None` if nobody is absent.
    pub fn claim_in(&self, now: Instant) -> Option<Duration> {
        Some(self.left_of(self.claim()?.in_millis, now))
    }

    /// The rest of a time in the snapshot.
    pub fn left_of(&self, millis_then: u32, now: Instant) -> Duration {
        (self.shown_at + millis(millis_then)).saturating_duration_since(now)
    }

    /// The instant, by our clock, at which a snapshot that arrives now was made.
    pub fn made_at(&self, at: ServerTime, now: Instant) -> Instant {
        let said = self.online().and_then(|online| online.clock).and_then(|clock| clock.instant(at));
        made_at(said, now)
    }

    /// The next change of a time on the screen, if one is counted. All times that are shown at once tick together.
    pub(crate) fn next_tick(&self, now: Instant) -> Option<Instant> {
        if let Some(online) = self.online() {
            match &online.link {
                LinkState::Down(_) if online.ended().is_some() => return None,
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
        let is_out =
            |seat: Seat| matches!(self.presence(seat), Some(Presence::Silent { .. } | Presence::Away { .. }));
        let is_counted = Seat::BOTH.into_iter().any(|seat| !self.is_own(seat) && is_out(seat));
        let waits = (self.snapshot.phase == Phase::Waiting).then_some(self.phase_since);
        waits.or_else(|| is_counted.then_some(self.shown_at)).map(|since| after_second(since, now))
    }

    /// The end of the clock that runs, or of its grace period.
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

    /// The absence of a seat, and the time since the server last heard from it.
    pub fn unheard_for(&self, seat: Seat, now: Instant) -> Option<(Presence, Duration)> {
        // Over a lost connection nothing is known of the players.
        match self.presence(seat).filter(|_| self.down().is_none())? {
            Presence::Present => None,
            presence @ (Presence::Silent { millis: count } | Presence::Away { millis: count, .. }) => {
                Some((presence, millis(count) + now.saturating_duration_since(self.shown_at)))
            }
        }
    }

    /// The time for which a seat still wants a rematch; `None` if it does not.
    pub fn rematch_left(&self, seat: Seat, now: Instant) -> Option<Duration> {
        let millis = self.snapshot.seats[seat].occupant()?.rematch_millis?;
        Some(self.left_of(millis, now))
    }
}
