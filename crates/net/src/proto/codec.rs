//! Messages as bytes: the only module that names bincode.
//!
//! bincode 2.0.1 through serde, little-endian, variable-length integers. The crate is final and unmaintained
//! (RUSTSEC-2025-0141), so golden vectors fix the format, and a successor would change this module alone.
//!
//! bincode alone is too lenient: it accepts trailing bytes and integers that are longer than necessary. Here one
//! message has one encoding, so bytes that do not encode back to themselves are refused.

use arrayvec::ArrayVec;
use bincode::{enc::write::Writer, error::EncodeError};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Answer, ClientMessage, ROOMS_PER_ANSWER, ServerMessage};

/// Bytes of the largest message. The largest that we send, the end of a match on 19 by 19 cells between names of 64
/// bytes, with clocks, an offer and a claim, takes 985.
pub const MAX_MESSAGE: usize = 1024;

/// Bytes of memory that a decoder may claim: bincode counts the types, not their encodings. The largest message claims
/// less than 2 KiB.
const MAX_CLAIM: usize = 4096;

/// The reason why bytes are no message.
#[derive(Debug, Error)]
pub enum DecodeError {
    /// There are more than [`MAX_MESSAGE`] bytes.
    #[error("the message has {0} bytes, more than {MAX_MESSAGE}")]
    TooLong(usize),
    /// The bytes end early, or hold an impossible value.
    #[error("the message is malformed")]
    Malformed(#[source] Box<bincode::error::DecodeError>),
    /// The bytes are not the canonical encoding of the message: they have trailing bytes, or an integer that is longer
    /// than necessary.
    #[error("the message is not in its canonical encoding")]
    NotCanonical,
}

/// The bytes of one message.
pub type Encoded = ArrayVec<u8, MAX_MESSAGE>;

/// A message with one encoding.
pub trait Message: Serialize + for<'de> Deserialize<'de> {}

impl Message for ClientMessage {}
impl Message for ServerMessage {}

/// Encodes a message.
///
/// # Panics
///
/// If the message takes more than [`MAX_MESSAGE`] bytes, which no value of our messages does (a test builds the
/// largest).
pub fn encode(message: &impl Message) -> Encoded {
    let mut bytes = Encoded::new();
    encode_into(message, &mut bytes).expect("the largest message fits");
    bytes
}

/// Decodes a message.
///
/// # Errors
///
/// [`DecodeError`] for every byte string except the one that [`encode`] makes of the message.
pub fn decode<M: Message>(bytes: &[u8]) -> Result<M, DecodeError> {
    if bytes.len() > MAX_MESSAGE {
        return Err(DecodeError::TooLong(bytes.len()));
    }
    let (message, _) = bincode::serde::borrow_decode_from_slice::<M, _>(bytes, config())
        .map_err(|error| DecodeError::Malformed(Box::new(error)))?;
    let mut again = Encoded::new();
    match encode_into(&message, &mut again) {
        Ok(()) if again[..] == *bytes => Ok(message),
        _ => Err(DecodeError::NotCanonical),
    }
}

/// Leaves out rooms at the end of an answer until it fits a message.
#[must_use]
pub fn fitted(mut answer: Answer) -> Answer {
    answer.rooms.truncate(ROOMS_PER_ANSWER);
    loop {
        let message = ServerMessage::Answer(answer.clone());
        if encode_into(&message, &mut Encoded::new()).is_ok() || answer.rooms.pop().is_none() {
            return answer;
        }
    }
}

fn encode_into(message: &impl Message, bytes: &mut Encoded) -> Result<(), EncodeError> {
    bincode::serde::encode_into_writer(message, Buffer(bytes), config())
}

/// The bytes of a message that is being encoded.
struct Buffer<'a>(&'a mut Encoded);

impl Writer for Buffer<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.try_extend_from_slice(bytes).map_err(|_full| EncodeError::UnexpectedEnd)
    }
}

const fn config() -> impl bincode::config::Config {
    bincode::config::standard().with_limit::<MAX_CLAIM>()
}
