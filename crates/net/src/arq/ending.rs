//! How a session ends: closes and their answers, and what is told when it is over.

use std::{
    fmt,
    time::{Duration, Instant},
};

use super::packet::CloseCode;

/// How far a session is on its way to its end.
///
/// ```text
/// open ── finish ──▶ finishing ── all is delivered ──▶ closing ── answered, or said three times ──▶ closed
///   └──────────────── close ─────────────────────────────▲                                          ▲
///   └──────────────── the peer closes, resets, or is silent ──────────────────────────────────────────┘
/// ```
#[derive(Debug)]
pub(super) struct Ending(State);

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// We closed it, and the peer knows or was told as often as is of use.
    ByUs,
    /// The peer closed it.
    ByPeer(CloseCode),
    /// The peer does not know the session: it was restarted.
    Reset,
    /// Nothing was heard for the idle timeout.
    Silent,
    /// The peer is silent, and its machine says that nobody listens there.
    Refused,
    /// The numbers are used up.
    Exhausted,
}

/// What is said to the peer at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastWord {
    /// That the session ends.
    Close(CloseCode),
    /// That we have heard that it does.
    CloseAck,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Everything is to be delivered, then closed.
    Finishing,
    /// Closes are being sent.
    Closing {
        code: CloseCode,
        sent: u8,
        next_at: Instant,
        closed: Closed,
    },
    /// It is over; a last word to the peer may be owed.
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

    /// Whether new messages are taken.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.0, State::Open)
    }

    /// Whether it is to be closed once everything is delivered.
    pub(super) const fn is_finishing(&self) -> bool {
        matches!(self.0, State::Finishing)
    }

    /// Whether messages still travel.
    pub(super) const fn is_running(&self) -> bool {
        matches!(self.0, State::Open | State::Finishing)
    }

    /// Whether it is over and nothing is owed.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.0, State::Closed { owed: None, .. })
    }

    /// Takes no more messages.
    pub(super) const fn finish(&mut self) {
        if self.is_open() {
            self.0 = State::Finishing;
        }
    }

    /// Begins to say that it ends, unless it has ended.
    pub(super) const fn close(&mut self, now: Instant, code: CloseCode, closed: Closed) {
        if self.is_running() {
            self.0 = State::Closing { code, sent: 0, next_at: now, closed };
        }
    }

    /// It is over at once.
    pub(super) const fn end(&mut self, closed: Closed) {
        if !matches!(self.0, State::Closed { .. }) {
            self.0 = State::Closed { closed, owed: None, is_told: false };
        }
    }

    /// The peer is gone, as far as we know. It is told once, in case it hears us: so both ends are over together.
    pub(super) const fn give_up(&mut self, closed: Closed) {
        self.end(closed);
        self.owe(LastWord::Close(CloseCode::Silent));
    }

    /// The peer closes. It is answered each time, since the answer may be lost.
    pub(super) const fn handle_close(&mut self, code: CloseCode) {
        let closed = match self.0 {
            State::Closing { closed, .. } => closed,
            State::Open | State::Finishing | State::Closed { .. } => Closed::ByPeer(code),
        };
        self.end(closed);
        self.owe(LastWord::CloseAck);
    }

    /// The peer has heard our close; `false` if there was none.
    pub(super) const fn handle_close_ack(&mut self) -> bool {
        let State::Closing { closed, .. } = self.0 else { return false };
        self.end(closed);
        true
    }

    /// Stops waiting for an answer that does not come.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if let State::Closing { sent, next_at, closed, .. } = self.0
            && sent >= CLOSES
            && now >= next_at
        {
            self.end(closed);
        }
    }

    /// What to say now; closes are `interval` apart at first.
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

    /// How it ended, once.
    pub(super) const fn poll_event(&mut self) -> Option<Closed> {
        match &mut self.0 {
            State::Closed { closed, is_told, .. } if !*is_told => {
                *is_told = true;
                Some(*closed)
            }
            State::Open | State::Finishing | State::Closing { .. } | State::Closed { .. } => None,
        }
    }

    /// When the next close is due, or no answer is waited for any more.
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

impl fmt::Display for Closed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ByUs => "closed here",
            Self::ByPeer(_) => "closed by the peer",
            Self::Reset => "the peer does not know it any more",
            Self::Silent => "the peer is silent",
            Self::Refused => "the peer is silent, and nobody listens there",
            Self::Exhausted => "its numbers are used up",
        })
    }
}

/// Closes that are sent, 50 and 100 ms apart: all three are lost once in 125 times at 20 % loss, and then the peer
/// finds out by its idle timeout, or by a reset.
const CLOSES: u8 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Clock;

    const INTERVAL: Duration = Duration::from_millis(50);

    #[test]
    fn a_close_is_said_three_times_and_then_it_is_over() {
        let mut clock = Clock::new();
        let start = clock.now();
        let mut ending = Ending::new();
        ending.close(start, CloseCode::Done, Closed::ByUs);
        let mut said = Vec::new();
        while let Some(next) = ending.poll_timeout() {
            clock.advance_to(next);
            ending.handle_timeout(clock.now());
            while let Some(word) = ending.poll_transmit(clock.now(), INTERVAL) {
                assert_eq!(word, LastWord::Close(CloseCode::Done));
                said.push((clock.now() - start).as_millis());
            }
        }
        assert_eq!(said, [0, 50, 150]);
        assert_eq!(clock.now() - start, 6 * INTERVAL, "an answer is waited for until then");
        assert_eq!((ending.poll_event(), ending.poll_event()), (Some(Closed::ByUs), None));
        assert!(ending.is_over());
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
    fn who_gives_up_says_so_once() {
        let now = Clock::new().now();
        let mut ending = Ending::new();
        ending.give_up(Closed::Silent);
        assert_eq!(ending.poll_transmit(now, INTERVAL), Some(LastWord::Close(CloseCode::Silent)));
        assert_eq!(ending.poll_transmit(now, INTERVAL), None);
        assert_eq!(ending.poll_event(), Some(Closed::Silent));
        assert!(!ending.handle_close_ack(), "no answer is waited for");
    }
}
