//! Signs of life: when to ask a peer for one, and when to believe that it is gone.
//!
//! Both sides of a link keep one. The server pings; the client answers, and takes the pings themselves as signs of life
//! of the server. Any message counts as one. Both sides know from the same messages whether a match is on, and count
//! by its [`Pace`].

use std::time::{Duration, Instant};

use crate::proto::{Event, Phase, ServerMessage};

/// Time between two pings during a match, so that a silence is noticed within [`SILENT_AFTER`] of its beginning.
pub const PING_EVERY: Duration = Duration::from_secs(1);

/// Silence after which the other player is told, during a match. Three pings may be late or lost before.
pub const SILENT_AFTER: Duration = Duration::from_secs(3);

/// Silence after which a link is given up during a match, and the seat is kept for its owner's return.
pub const LOST_AFTER: Duration = Duration::from_secs(10);

/// Time between two pings outside a match, and how much longer every silence is borne there. A peer that is gone without a
/// word keeps a room on the list for 20 s instead of 10, and is noticed as in any match once somebody has joined it. Ten
/// seconds cost an idle session a tenth of the bytes that [`PING_EVERY`] does.
pub const IDLE_PING_EVERY: Duration = Duration::from_secs(10);

/// The least delay of a timer that shows that its owner was stopped or asleep. It could not hear the peer meanwhile, so the
/// silence does not count. A busy machine wakes its tasks far sooner.
pub const STOPPED_AFTER: Duration = Duration::from_secs(2);

/// The attention that the two sides of a link pay to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// A match is on, or the server has not said yet that none is.
    Match,
    /// The client is in no room, or in one where no match is on.
    Idle,
}

/// The liveness of one link, as seen from one side of it.
///
/// Follows the drain rule: after each call that may change it, call [`handle_timeout`](Self::handle_timeout)
/// when [`poll_timeout`](Self::poll_timeout) has come.
#[derive(Debug, Clone)]
pub struct Heartbeat {
    pace: Pace,
    heard_at: Instant,
    is_silent: bool,
    /// The time of the next ping; `None` on the side that only listens.
    ping_at: Option<Instant>,
    /// The last ping and when it went out, until its pong comes.
    in_flight: Option<(u32, Instant)>,
    next_nonce: u32,
    rtt: Option<Duration>,
}

/// An event of a [`Heartbeat`] at a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    /// Send a ping with this number.
    Ping {
        /// The number to send.
        nonce: u32,
    },
    /// Nothing has been heard for at least [`SILENT_AFTER`], and outside a match for its [leniency](Pace::leniency) longer.
    Silent {
        /// The time of the last message.
        since: Instant,
    },
    /// Nothing has been heard for [`LOST_AFTER`], and outside a match for its leniency longer: give the link up.
    Lost,
}

impl Pace {
    /// The pace that a message of the server sets; `None` if it leaves the pace as it is.
    pub const fn after(message: &ServerMessage) -> Option<Self> {
        match message {
            ServerMessage::Event(Event::Snapshot(snapshot)) => match snapshot.phase {
                Phase::Playing => Some(Self::Match),
                Phase::Waiting | Phase::Adjourned | Phase::Over(_) => Some(Self::Idle),
            },
            ServerMessage::Welcome(_) | ServerMessage::Event(Event::Unseated(_)) => Some(Self::Idle),
            ServerMessage::Event(_)
            | ServerMessage::Ping { .. }
            | ServerMessage::Close(_)
            | ServerMessage::Answer(_) => None,
        }
    }

    /// The time by which a silence is tolerated longer than during a match.
    pub const fn leniency(self) -> Duration {
        match self {
            Self::Match => Duration::ZERO,
            Self::Idle => IDLE_PING_EVERY,
        }
    }

    const fn ping_every(self) -> Duration {
        match self {
            Self::Match => PING_EVERY,
            Self::Idle => IDLE_PING_EVERY,
        }
    }
}

impl Heartbeat {
    /// The side that pings, from the moment the link is up.
    pub const fn pinging(now: Instant) -> Self {
        Self { ping_at: Some(now), ..Self::listening(now) }
    }

    /// The side that only listens.
    pub const fn listening(now: Instant) -> Self {
        Self {
            pace: Pace::Match,
            heard_at: now,
            is_silent: false,
            ping_at: None,
            in_flight: None,
            next_nonce: 1,
            rtt: None,
        }
    }

    /// Changes the pace. When a match begins, the peer is pinged at once, and a silence counts from then.
    pub fn set_pace(&mut self, now: Instant, pace: Pace) {
        if pace == Pace::Match && self.pace == Pace::Idle {
            self.heard_at = now;
            self.ping_at = self.ping_at.map(|ping_at| ping_at.min(now));
        }
        self.pace = pace;
    }

    /// Notes a message. Returns `true` if the peer was silent before.
    pub fn handle_message(&mut self, now: Instant) -> bool {
        self.heard_at = now;
        std::mem::take(&mut self.is_silent)
    }

    /// Notes an answer to a ping. Any number but that of the last ping is ignored.
    pub fn handle_pong(&mut self, now: Instant, nonce: u32) {
        if let Some((_, sent_at)) = self.in_flight.take_if(|(sent, _)| *sent == nonce) {
            self.rtt = Some(now.saturating_duration_since(sent_at));
        }
    }

    /// Returns the next event that is due. Call until it is `None`. If nobody has called for [`STOPPED_AFTER`] since one was
    /// due, a silence counts anew from now.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Beat> {
        if now >= self.poll_timeout() + STOPPED_AFTER {
            self.heard_at = now;
        }
        if now >= self.heard_at + LOST_AFTER + self.pace.leniency() {
            return Some(Beat::Lost);
        }
        if !self.is_silent && now >= self.heard_at + SILENT_AFTER + self.pace.leniency() {
            self.is_silent = true;
            return Some(Beat::Silent { since: self.heard_at });
        }
        if self.ping_at.is_some_and(|ping_at| now >= ping_at) {
            let nonce = self.next_nonce;
            self.next_nonce = nonce.wrapping_add(1);
            self.ping_at = Some(now + self.pace.ping_every());
            self.in_flight = Some((nonce, now));
            return Some(Beat::Ping { nonce });
        }
        None
    }

    /// The time to call [`handle_timeout`](Self::handle_timeout).
    pub fn poll_timeout(&self) -> Instant {
        let patience = if self.is_silent { LOST_AFTER } else { SILENT_AFTER };
        let verdict_at = self.heard_at + patience + self.pace.leniency();
        self.ping_at.map_or(verdict_at, |ping_at| ping_at.min(verdict_at))
    }

    /// The last round trip measured.
    pub const fn rtt(&self) -> Option<Duration> {
        self.rtt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a heartbeat for a while in virtual time and tells what it said, by milliseconds.
    #[track_caller]
    fn check(mut heartbeat: Heartbeat, start: Instant, until_millis: u64, expected: &[(u64, Beat)]) {
        let mut said = Vec::new();
        while heartbeat.poll_timeout() <= start + Duration::from_millis(until_millis) {
            let now = heartbeat.poll_timeout();
            let beat = heartbeat.handle_timeout(now).expect("a deadline that came has something to say");
            let millis = u64::try_from((now - start).as_millis()).unwrap();
            said.push((millis, beat));
            if beat == Beat::Lost {
                break;
            }
        }
        assert_eq!(said, expected);
    }

    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn a_listener_says_silent_at_3_s_and_lost_at_10_s() {
        let start = start();
        let expected = [(3_000, Beat::Silent { since: start }), (10_000, Beat::Lost)];
        check(Heartbeat::listening(start), start, 60_000, &expected);
    }

    #[test]
    fn a_pinger_pings_each_second_meanwhile() {
        let start = start();
        let expected = [
            (0, Beat::Ping { nonce: 1 }),
            (1_000, Beat::Ping { nonce: 2 }),
            (2_000, Beat::Ping { nonce: 3 }),
            (3_000, Beat::Silent { since: start }),
            (3_000, Beat::Ping { nonce: 4 }),
        ];
        check(Heartbeat::pinging(start), start, 3_500, &expected);
    }

    #[test]
    fn a_time_in_which_nobody_listened_is_no_silence_of_the_peer() {
        let start = start();
        let woken = start + Duration::from_secs(45);
        let mut heartbeat = Heartbeat::pinging(start);
        assert_eq!(heartbeat.handle_timeout(start), Some(Beat::Ping { nonce: 1 }));
        assert_eq!(heartbeat.handle_timeout(woken), Some(Beat::Ping { nonce: 2 }));
        let silent = (3_000, Beat::Silent { since: woken });
        let pings = [3, 4, 5].map(|nonce| (u64::from(nonce - 2) * 1_000, Beat::Ping { nonce }));
        check(heartbeat, woken, 3_500, &[pings[0], pings[1], silent, pings[2]]);
        // A peer that was silent before has the whole time to be heard again.
        let mut heartbeat = Heartbeat::listening(start);
        assert_eq!(heartbeat.handle_timeout(start + SILENT_AFTER), Some(Beat::Silent { since: start }));
        assert_eq!(heartbeat.handle_timeout(woken), None);
        check(heartbeat, woken, 60_000, &[(10_000, Beat::Lost)]);
    }

    fn idle(mut heartbeat: Heartbeat, now: Instant) -> Heartbeat {
        heartbeat.set_pace(now, Pace::Idle);
        heartbeat
    }

    #[test]
    fn outside_a_match_a_ping_goes_out_every_10_s_and_the_patience_is_the_same() {
        let start = start();
        let silent = (13_000, Beat::Silent { since: start });
        let lost = (20_000, Beat::Lost);
        check(idle(Heartbeat::listening(start), start), start, 60_000, &[silent, lost]);
        let expected = [(0, Beat::Ping { nonce: 1 }), (10_000, Beat::Ping { nonce: 2 }), silent, lost];
        check(idle(Heartbeat::pinging(start), start), start, 60_000, &expected);
    }

    #[test]
    fn when_a_match_begins_the_silence_of_a_peer_that_is_gone_is_known_after_3_s() {
        let start = start();
        let mut heartbeat = idle(Heartbeat::pinging(start), start);
        assert_eq!(heartbeat.handle_timeout(start), Some(Beat::Ping { nonce: 1 }));
        let begin = start + Duration::from_secs(9);
        heartbeat.set_pace(begin, Pace::Match);
        let expected = [
            (0, Beat::Ping { nonce: 2 }),
            (1_000, Beat::Ping { nonce: 3 }),
            (2_000, Beat::Ping { nonce: 4 }),
            (3_000, Beat::Silent { since: begin }),
            (3_000, Beat::Ping { nonce: 5 }),
        ];
        check(heartbeat, begin, 3_500, &expected);
    }

    #[test]
    fn a_pace_that_is_set_again_changes_nothing() {
        let start = start();
        let mut heartbeat = Heartbeat::listening(start);
        heartbeat.set_pace(start + SILENT_AFTER, Pace::Match);
        assert_eq!(heartbeat.poll_timeout(), start + SILENT_AFTER);
    }

    #[test]
    fn a_message_ends_the_silence_and_says_so_once() {
        let start = start();
        let mut heartbeat = Heartbeat::listening(start);
        assert!(!heartbeat.handle_message(start));
        let later = start + SILENT_AFTER;
        assert_eq!(heartbeat.handle_timeout(later), Some(Beat::Silent { since: start }));
        assert_eq!(heartbeat.handle_timeout(later), None);
        assert!(heartbeat.handle_message(later));
        assert!(!heartbeat.handle_message(later));
        assert_eq!(heartbeat.poll_timeout(), later + SILENT_AFTER);
    }

    #[test]
    fn only_the_last_ping_measures() {
        let start = start();
        let millis = |count| start + Duration::from_millis(count);
        let mut heartbeat = Heartbeat::pinging(start);
        assert_eq!(heartbeat.handle_timeout(start), Some(Beat::Ping { nonce: 1 }));
        heartbeat.handle_pong(millis(5), 7);
        assert_eq!(heartbeat.rtt(), None, "a number that was never sent");
        heartbeat.handle_pong(millis(8), 1);
        assert_eq!(heartbeat.rtt(), Some(Duration::from_millis(8)));
        heartbeat.handle_pong(millis(900), 1);
        assert_eq!(heartbeat.rtt(), Some(Duration::from_millis(8)), "a pong sent twice");
    }
}
