//! Whether the peer is still there, as far as can be told from when it was heard and when it answered.

use std::time::{Duration, Instant};

use super::config::Timing;

/// The signs of life of one peer, and our questions for them.
#[derive(Debug)]
pub(super) struct Liveness {
    /// When something was heard last.
    heard_at: Instant,
    /// When a packet that wants an acknowledgement went out last.
    asked_at: Instant,
    /// Since when such packets have gone out and none has been acknowledged.
    unanswered_since: Option<Instant>,
    /// Whether the peer's machine has said that nobody listens there, since something was heard.
    is_refused: bool,
    /// When we were called last, by which a suspended process finds out that it was.
    driven_at: Instant,
}

impl Liveness {
    /// The peer was just heard.
    pub(super) const fn new(now: Instant) -> Self {
        Self { heard_at: now, asked_at: now, unanswered_since: None, is_refused: false, driven_at: now }
    }

    /// Takes note that the session is being driven, before anything else is done at `now`.
    ///
    /// A process that was suspended finds the world older than it left it. It asks once whether the peer is still there
    /// before it believes that it is not.
    pub(super) fn drive(&mut self, now: Instant, timing: &Timing) {
        let slept = now.saturating_duration_since(self.driven_at);
        self.driven_at = self.driven_at.max(now);
        // Awake, we are called for a keepalive at least.
        if slept > timing.keepalive + SUSPENDED {
            let patience = timing.refused_timeout.min(timing.idle_timeout);
            let heard_at = now.checked_sub(timing.idle_timeout.saturating_sub(patience)).unwrap_or(now);
            self.heard_at = self.heard_at.max(heard_at);
            self.unanswered_since = self.unanswered_since.map(|since| since.max(heard_at));
        }
    }

    /// Something new has come from the peer.
    pub(super) const fn hear(&mut self, now: Instant) {
        self.heard_at = now;
        self.is_refused = false;
    }

    /// A packet that wants an acknowledgement goes out.
    pub(super) fn ask(&mut self, now: Instant) {
        self.asked_at = now;
        self.unanswered_since.get_or_insert(now);
    }

    /// Such a packet was acknowledged.
    pub(super) const fn answer(&mut self) {
        self.unanswered_since = None;
    }

    /// The peer's machine says that nobody listens there.
    pub(super) const fn refuse(&mut self) {
        self.is_refused = true;
    }

    /// Whether it has said so since the peer was heard.
    pub(super) const fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// When a packet that wants an acknowledgement went out last.
    pub(super) const fn asked_at(&self) -> Instant {
        self.asked_at
    }

    /// When the peer is asked whether it is there; again soon if it has not answered the last time.
    pub(super) fn asks_at(&self, timing: &Timing) -> Instant {
        let wait = if self.unanswered_since.is_some() { timing.resend_cap } else { timing.keepalive };
        self.asked_at + wait.min(timing.keepalive)
    }

    /// When the peer is believed to be gone: nothing was heard of it, or it has not heard of us. The second is how a path
    /// that is dead in one direction ends both ends.
    pub(super) fn gives_up_at(&self, timing: &Timing) -> Instant {
        let idle = timing.idle_timeout;
        let patience = if self.is_refused { timing.refused_timeout.min(idle) } else { idle };
        let unanswered = self.unanswered_since.map(|since| since + idle);
        unanswered.into_iter().fold(self.heard_at + patience, Instant::min)
    }
}

/// A process that comes so much too late was stopped. (While the whole machine sleeps, Linux's clock for this stands still,
/// and nothing is noticed but that the peer is gone.)
const SUSPENDED: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Clock;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn who_is_not_heard_or_does_not_answer_is_given_up_after_the_idle_timeout() {
        let timing = Timing::default();
        let mut clock = Clock::new();
        let start = clock.now();
        let mut liveness = Liveness::new(start);
        assert_eq!(liveness.gives_up_at(&timing), start + timing.idle_timeout);
        liveness.ask(start + SECOND);
        clock.advance(5 * SECOND);
        liveness.hear(clock.now());
        liveness.ask(clock.now());
        assert_eq!(
            liveness.gives_up_at(&timing),
            start + SECOND + timing.idle_timeout,
            "heard, but no answer"
        );
        liveness.answer();
        assert_eq!(liveness.gives_up_at(&timing), clock.now() + timing.idle_timeout);
    }

    #[test]
    fn a_refusal_counts_until_the_peer_is_heard() {
        let timing = Timing::default();
        let start = Clock::new().now();
        let mut liveness = Liveness::new(start);
        liveness.refuse();
        assert_eq!(liveness.gives_up_at(&timing), start + timing.refused_timeout);
        liveness.hear(start + SECOND);
        assert_eq!(liveness.gives_up_at(&timing), start + SECOND + timing.idle_timeout);
    }

    #[test]
    fn a_question_without_an_answer_is_soon_asked_again() {
        let timing = Timing::default();
        let start = Clock::new().now();
        let mut liveness = Liveness::new(start);
        assert_eq!(liveness.asks_at(&timing), start + timing.keepalive);
        liveness.ask(start);
        assert_eq!(liveness.asks_at(&timing), start + timing.resend_cap);
    }

    #[test]
    fn who_was_suspended_asks_before_giving_up() {
        let timing = Timing::default();
        let mut clock = Clock::new();
        let mut liveness = Liveness::new(clock.now());
        liveness.ask(clock.now());
        clock.advance(Duration::from_hours(1));
        liveness.drive(clock.now(), &timing);
        assert!(liveness.asks_at(&timing) <= clock.now());
        assert_eq!(liveness.gives_up_at(&timing), clock.now() + timing.refused_timeout);
    }
}
