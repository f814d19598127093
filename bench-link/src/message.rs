//! The messages: 32 bytes, about a move and about a small snapshot, with the time at which they were sent.
//!
//! Both ends read the same clock, `CLOCK_MONOTONIC`, which network namespaces share. So the time on the way is
//! measured each way for itself, and not as half of a round trip.

use std::time::Duration;

use anyhow::Context as _;
use rustix::time::{ClockId, clock_gettime};

/// Bytes of a message.
pub(crate) const MESSAGE_BYTES: usize = 32;

/// A move, or its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Message {
    /// The number of the exchange on its connection.
    pub(crate) number: u64,
    /// The time of sending, by [`now`].
    pub(crate) sent_at: Duration,
    /// In an answer, the time that the message took.
    pub(crate) took: Duration,
}

impl Message {
    /// Answers a message that has just arrived.
    pub(crate) fn answer(self) -> Self {
        let now = now();
        Self { sent_at: now, took: now.saturating_sub(self.sent_at), ..self }
    }

    pub(crate) fn encode(self) -> [u8; MESSAGE_BYTES] {
        let mut bytes = [0; MESSAGE_BYTES];
        let fields = [self.number, nanos(self.sent_at), nanos(self.took)];
        for (place, field) in bytes.chunks_exact_mut(8).zip(fields) {
            place.copy_from_slice(&field.to_be_bytes());
        }
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> anyhow::Result<Self> {
        let bytes: &[u8; MESSAGE_BYTES] = bytes.try_into().context("a message of an impossible length")?;
        let (fields, _) = bytes.as_chunks::<8>();
        let field = |index: usize| u64::from_be_bytes(fields[index]);
        let duration = |index| Duration::from_nanos(field(index));
        Ok(Self { number: field(0), sent_at: duration(1), took: duration(2) })
    }
}

/// The time by `CLOCK_MONOTONIC`, the same in every process of this machine.
pub(crate) fn now() -> Duration {
    let now = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).expect("this clock begins at 0");
    Duration::from_secs(seconds) + Duration::from_nanos(now.tv_nsec.unsigned_abs())
}

/// Nanoseconds in 64 bits, which hold 584 years.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_decoded_as_it_was_encoded() {
        let message = Message { number: 7, sent_at: now(), took: Duration::from_micros(1234) };
        assert_eq!(Message::decode(&message.encode()).unwrap(), message);
        assert!(Message::decode(&[0; 31]).is_err());
    }

    #[test]
    fn an_answer_says_how_long_the_message_took() {
        let asked = Message { number: 1, sent_at: now(), took: Duration::ZERO };
        let answer = asked.answer();
        assert_eq!(answer.sent_at, asked.sent_at + answer.took);
        assert_eq!(answer.number, asked.number);
    }
}
