//! When to ask a peer whether it is there, and when to believe that it is not.
//!
//! Both sides of a link keep one. The server pings; the client answers, and takes the pings themselves as
//! the sign that the server is there. Any message counts as one.

use std::time::{Duration, Instant};

/// How often the server pings a session. A silence is then noticed within [`SILENT_AFTER`] of its beginning,
/// at 20 bytes a second each way.
pub const PING_EVERY: Duration = Duration::from_secs(1);

/// After this long without a message the other player is told. Three pings may be late or lost before.
pub const SILENT_AFTER: Duration = Duration::from_secs(3);

/// After this long without a message a link is given up and the seat is kept for its owner's return.
pub const LOST_AFTER: Duration = Duration::from_secs(10);

/// The liveness of one link, as seen from one side of it.
///
/// Follows the drain rule: after each call that may change it, call [`handle_timeout`](Self::handle_timeout)
/// when [`poll_timeout`](Self::poll_timeout) has come.
#[derive(Debug, Clone)]
pub struct Heartbeat {
    heard_at: Instant,
    is_silent: bool,
    /// When the next ping is due; `None` on the side that only listens.
    ping_at: Option<Instant>,
    /// The last ping and when it went out, until its pong comes.
    in_flight: Option<(u32, Instant)>,
    next_nonce: u32,
    rtt: Option<Duration>,
}

/// What a [`Heartbeat`] has to say at a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    /// Send a ping with this number.
    Ping {
        /// The number to send.
        nonce: u32,
    },
    /// Nothing has been heard since `since`, for at least [`SILENT_AFTER`].
    Silent {
        /// When something was heard last.
        since: Instant,
    },
    /// Nothing has been heard for [`LOST_AFTER`]: give the link up.
    Lost,
}

impl Heartbeat {
    /// The side that pings, from the moment the link is up.
    pub const fn pinging(now: Instant) -> Self {
        Self { ping_at: Some(now), ..Self::listening(now) }
    }

    /// The side that only listens.
    pub const fn listening(now: Instant) -> Self {
        Self { heard_at: now, is_silent: false, ping_at: None, in_flight: None, next_nonce: 1, rtt: None }
    }

    /// Something was heard. Returns `true` if the peer was silent until now.
    pub fn handle_message(&mut self, now: Instant) -> bool {
        self.heard_at = now;
        std::mem::take(&mut self.is_silent)
    }

    /// The peer answered a ping; any number but that of the last one is ignored.
    pub fn handle_pong(&mut self, now: Instant, nonce: u32) {
        if let Some((_, sent_at)) = self.in_flight.take_if(|(sent, _)| *sent == nonce) {
            self.rtt = Some(now.saturating_duration_since(sent_at));
        }
    }

    /// Says the next thing that is due, `None` when nothing is. Call until then.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Beat> {
        if now >= self.heard_at + LOST_AFTER {
            return Some(Beat::Lost);
        }
        if !self.is_silent && now >= self.heard_at + SILENT_AFTER {
            self.is_silent = true;
            return Some(Beat::Silent { since: self.heard_at });
        }
        if self.ping_at.is_some_and(|ping_at| now >= ping_at) {
            let nonce = self.next_nonce;
            self.next_nonce = nonce.wrapping_add(1);
            self.ping_at = Some(now + PING_EVERY);
            self.in_flight = Some((nonce, now));
            return Some(Beat::Ping { nonce });
        }
        None
    }

    /// When to call [`handle_timeout`](Self::handle_timeout).
    pub fn poll_timeout(&self) -> Instant {
        let verdict_at = self.heard_at + if self.is_silent { LOST_AFTER } else { SILENT_AFTER };
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
