//! Detection of a peer that is gone, by what is heard from it and by what it acknowledges.

use std::time::{Duration, Instant};

use super::config::Timing;

/// The signs of life of one peer, and our questions to it.
#[derive(Debug)]
pub(super) struct Liveness {
    /// The time at which the peer was last heard.
    heard_at: Instant,
    /// The time of the last packet that wants an acknowledgement.
    asked_at: Instant,
    /// The time of the first such packet since the last acknowledgement of one.
    unanswered_since: Option<Instant>,
    /// True if the peer's machine has reported since then that nobody listens there.
    is_refused: bool,
    /// The silence that is expected, by which everything waits longer.
    leniency: Duration,
    /// The time of the last call, by which a suspended process finds out that it was suspended.
    driven_at: Instant,
}

impl Liveness {
    /// A peer that was heard just now.
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            heard_at: now,
            asked_at: now,
            unanswered_since: None,
            is_refused: false,
            leniency: Duration::ZERO,
            driven_at: now,
        }
    }

    /// Notes that the session is being driven, before anything else happens at `now`.
    ///
    /// A process that was suspended finds the world older than it left it. It asks the peer once before it considers it
    /// gone.
    pub(super) fn drive(&mut self, now: Instant, timing: &Timing) {
        let slept = now.saturating_duration_since(self.driven_at);
        self.driven_at = self.driven_at.max(now);
        // A process that is awake is called at least for each keepalive.
        if slept > timing.keepalive + self.leniency + SUSPENDED {
            let patience = timing.refused_timeout.min(timing.idle_timeout);
            let heard_at = now.checked_sub(timing.idle_timeout.saturating_sub(patience)).unwrap_or(now);
            self.heard_at = self.heard_at.max(heard_at);
            self.unanswered_since = self.unanswered_since.map(|since| since.max(heard_at));
        }
    }

    /// Sets how long a silence is expected. The peer is asked, and given up, so much later.
    pub(super) const fn expect_silence(&mut self, leniency: Duration) {
        self.leniency = leniency;
    }

    /// Notes that something new has arrived from the peer.
    pub(super) const fn hear(&mut self, now: Instant) {
        self.heard_at = now;
        self.is_refused = false;
    }

    /// Notes that a packet is sent that wants an acknowledgement.
    pub(super) fn ask(&mut self, now: Instant) {
        self.asked_at = now;
        self.unanswered_since.get_or_insert(now);
    }

    /// Notes that such a packet was acknowledged.
    pub(super) const fn answer(&mut self) {
        self.unanswered_since = None;
    }

    /// Notes a report from the peer's machine that nobody listens there.
    pub(super) const fn refuse(&mut self) {
        self.is_refused = true;
    }

    /// Returns whether there was such a report since the peer was heard.
    pub(super) const fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// The time of the last packet that wants an acknowledgement.
    pub(super) const fn asked_at(&self) -> Instant {
        self.asked_at
    }

    /// The time of the next question to the peer; soon, if the last one is unanswered.
    pub(super) fn asks_at(&self, timing: &Timing) -> Instant {
        let keepalive = timing.keepalive + self.leniency;
        let wait = if self.unanswered_since.is_some() { timing.resend_cap } else { keepalive };
        self.asked_at + wait.min(keepalive)
    }

    /// The time at which the peer counts as gone: we have heard nothing from it, or it has not heard from us. The
    /// second case ends both ends of a path that is dead in one direction.
    pub(super) fn gives_up_at(&self, timing: &Timing) -> Instant {
        let idle = timing.idle_timeout + self.leniency;
        let patience =
            if self.is_refused { (timing.refused_timeout + self.leniency).min(idle) } else { idle };
        let unanswered = self.unanswered_since.map(|since| since + idle);
        unanswered.into_iter().fold(self.heard_at + patience, Instant::min)
    }
}

/// A process that is this late was suspended. (While the whole machine sleeps, Linux stops this clock, and we notice
/// only that the peer is gone.)
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
    fn an_expected_silence_moves_every_deadline_and_no_repetition() {
        let timing = Timing::default();
        let start = Clock::new().now();
        let mut liveness = Liveness::new(start);
        liveness.expect_silence(10 * SECOND);
        assert_eq!(liveness.asks_at(&timing), start + timing.keepalive + 10 * SECOND);
        assert_eq!(liveness.gives_up_at(&timing), start + timing.idle_timeout + 10 * SECOND);
        liveness.refuse();
        assert_eq!(liveness.gives_up_at(&timing), start + timing.refused_timeout + 10 * SECOND);
        liveness.ask(start);
        assert_eq!(liveness.asks_at(&timing), start + timing.resend_cap);
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
