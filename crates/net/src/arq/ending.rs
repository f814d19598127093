//! The end of a session: closes, their answers, and the final event.

use std::time::{Duration, Instant};

use thiserror::Error;

use super::packet::CloseCode;

/// The progress of a session towards its end.
///
/// ```text
/// open ── finish ──▶ finishing ── all is delivered ──▶ closing ── answered, or sent three times ──▶ closed
///   └──────────────── close ─────────────────────────────▲                                          ▲
///   └──────────────── the peer closes, resets, or is silent ──────────────────────────────────────────┘
/// ```
#[derive(Debug)]
pub(super) struct Ending(State);

/// The way in which a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Closed {
    /// We closed it; the peer has confirmed, or was told three times.
    #[error("closed here")]
    ByUs,
    /// The peer closed it.
    #[error("closed by the peer")]
    ByPeer(CloseCode),
    /// The peer does not know the session: it has restarted.
    #[error("the peer no longer knows it")]
    Reset,
    /// Nothing was heard for the idle timeout.
    #[error("the peer is silent")]
    Silent,
    /// The peer is silent, and its machine reports that nobody listens there.
    #[error("the peer is silent, and nobody listens there")]
    Refused,
    /// The numbers are used up.
    #[error("its numbers are used up")]
    Exhausted,
}

/// The last packet to the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastWord {
    /// The session ends.
    Close(CloseCode),
    /// The answer to the peer's close.
    CloseAck,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The session closes once everything is delivered.
    Finishing,
    /// Closes are being sent.
    Closing {
        code: CloseCode,
        sent: u8,
        next_at: Instant,
        closed: Closed,
    },
    /// The session is over; the last packet to the peer may still be due.
    Closed {
        closed: Closed,
        owed: Option<LastWord>,
        is_told: bool,
    },
}

impl Ending {
    pub(super) const fn new() -> Self {
        Self(State::Open)
    }

    /// Returns whether the session accepts new messages.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.0, State::Open)
    }

    /// Returns whether the session closes once everything is delivered.
    pub(super) const fn is_finishing(&self) -> bool {
        matches!(self.0, State::Finishing)
    }

    /// Returns whether messages still travel.
    pub(super) const fn is_running(&self) -> bool {
        matches!(self.0, State::Open | State::Finishing)
    }

    /// Returns whether the session is over and nothing is left to send.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.0, State::Closed { owed: None, .. })
    }

    /// Accepts no more messages.
    pub(super) const fn finish(&mut self) {
        if self.is_open() {
            self.0 = State::Finishing;
        }
    }

    /// Begins to close the session, unless it has ended.
    pub(super) const fn close(&mut self, now: Instant, code: CloseCode, closed: Closed) {
        if self.is_running() {
            self.0 = State::Closing { code, sent: 0, next_at: now, closed };
        }
    }

    /// Ends the session at once.
    pub(super) const fn end(&mut self, closed: Closed) {
        if !matches!(self.0, State::Closed { .. }) {
            self.0 = State::Closed { closed, owed: None, is_told: false };
        }
    }

    /// Gives the peer up. It is told once, in case it still hears us, so that both ends end together.
    pub(super) const fn give_up(&mut self, closed: Closed) {
        self.end(closed);
        self.owe(LastWord::Close(CloseCode::Silent));
    }

    /// Handles the peer's close, and answers each one, since an answer may be lost.
    pub(super) const fn handle_close(&mut self, code: CloseCode) {
        let closed = match self.0 {
            State::Closing { closed, .. } => closed,
            State::Open | State::Finishing | State::Closed { .. } => Closed::ByPeer(code),
        };
        self.end(closed);
        self.owe(LastWord::CloseAck);
    }

    /// Handles the answer to our close; returns `false` if there was no close.
    pub(super) const fn handle_close_ack(&mut self) -> bool {
        let State::Closing { closed, .. } = self.0 else { return false };
        self.end(closed);
        true
    }

    /// Gives up waiting for an answer.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if let State::Closing { sent, next_at, closed, .. } = self.0
            && sent >= CLOSES
            && now >= next_at
        {
            self.end(closed);
        }
    }

    /// Returns the next packet to send; the first two closes are `interval` apart.
    pub(super) fn poll_transmit(&mut self, now: Instant, interval: Duration) -> Option<LastWord> {
        match &mut self.0 {
            State::Closing { code, sent, next_at, .. } if *sent < CLOSES && *next_at <= now => {
                *sent += 1;
                *next_at = now + interval * u32::from(*sent);
                Some(LastWord::Close(*code))
            }
            State::Closed { owed, .. } => owed.take(),
            State::Open | State::Finishing | State::Closing { .. } => None,
        }
    }

    /// Returns how the session ended, once.
    pub(super) const fn poll_event(&mut self) -> Option<Closed> {
        match &mut self.0 {
            State::Closed { closed, is_told, .. } if !*is_told => {
                *is_told = true;
                Some(*closed)
            }
            State::Open | State::Finishing | State::Closing { .. } | State::Closed { .. } => None,
        }
    }

    /// The time of the next close, or of giving up on an answer.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        match self.0 {
            State::Closing { next_at, .. } => Some(next_at),
            State::Open | State::Finishing | State::Closed { .. } => None,
        }
    }

    const fn owe(&mut self, word: LastWord) {
        if let State::Closed { owed, .. } = &mut self.0 {
            *owed = Some(word);
        }
    }
}

/// Closes sent, 50 and 100 ms apart. All three are lost once in 125 times at 20 % loss; the peer then finds out by its
/// idle timeout, or by a reset.
const CLOSES: u8 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Clock;

    const INTERVAL: Duration = Duration::from_millis(50);

    #[test]
    fn a_close_is_sent_three_times_and_then_it_is_over() {
        let mut clock = Clock::new();
        let start = clock.now();
        let mut ending = Ending::new();
        ending.close(start, CloseCode::Done, Closed::ByUs);
        let mut sent = Vec::new();
        while let Some(next) = ending.poll_timeout() {
            clock.advance_to(next);
            ending.handle_timeout(clock.now());
            while let Some(word) = ending.poll_transmit(clock.now(), INTERVAL) {
                assert_eq!(word, LastWord::Close(CloseCode::Done));
                sent.push((clock.now() - start).as_millis());
            }
        }
        assert_eq!(sent, [0, 50, 150]);
        assert_eq!(clock.now() - start, 6 * INTERVAL, "it waits for an answer until then");
        assert_eq!((ending.poll_event(), ending.poll_event()), (Some(Closed::ByUs), None));
        assert!(ending.is_over());
    }

    #[test]
    fn an_answer_ends_the_closing_at_once() {
        let now = Clock::new().now();
        let mut ending = Ending::new();
        assert!(!ending.handle_close_ack(), "there was no close");
        ending.close(now, CloseCode::Done, Closed::ByUs);
        assert_eq!(ending.poll_transmit(now, INTERVAL), Some(LastWord::Close(CloseCode::Done)));
        assert!(ending.handle_close_ack());
        assert_eq!((ending.poll_transmit(now, INTERVAL), ending.poll_timeout()), (None, None));
        assert_eq!((ending.poll_event(), ending.is_over()), (Some(Closed::ByUs), true));
    }

    #[test]
    fn each_close_of_the_peer_is_answered_and_the_first_counts() {
        let now = Clock::new().now();
        let mut ending = Ending::new();
        for code in [CloseCode::Done, CloseCode::Abandoned] {
            ending.handle_close(code);
            assert!(!ending.is_over(), "an answer is owed");
            assert_eq!(ending.poll_transmit(now, INTERVAL), Some(LastWord::CloseAck));
            assert_eq!(ending.poll_transmit(now, INTERVAL), None);
        }
        assert_eq!((ending.poll_event(), ending.poll_event()), (Some(Closed::ByPeer(CloseCode::Done)), None));
    }

    #[test]
    fn giving_up_is_told_once() {
        let now = Clock::new().now();
        let mut ending = Ending::new();
        ending.give_up(Closed::Silent);
        assert_eq!(ending.poll_transmit(now, INTERVAL), Some(LastWord::Close(CloseCode::Silent)));
        assert_eq!(ending.poll_transmit(now, INTERVAL), None);
        assert_eq!(ending.poll_event(), Some(Closed::Silent));
        assert!(!ending.handle_close_ack(), "no answer is waited for");
    }
}
