//! Frames: messages on a byte stream, each after its length.
//!
//! ```text
//! +-----------------+------------------------+
//! | length: u16, BE | payload: length bytes  |   1 <= length <= 1024
//! +-----------------+------------------------+
//! ```

use arrayvec::ArrayVec;
use bytes::{Buf, Bytes, BytesMut};
use thiserror::Error;

use crate::proto::MAX_MESSAGE;

/// Bytes of the length in front of a payload.
pub const HEADER_BYTES: usize = 2;

/// Bytes of the largest frame.
pub const MAX_FRAME: usize = HEADER_BYTES + MAX_MESSAGE;

/// An impossible length: zero, or more than [`MAX_MESSAGE`]. The stream cannot be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a frame announces {0} bytes, and 1 to {MAX_MESSAGE} are allowed")]
pub struct FrameError(pub u16);

/// Makes the frame of a payload.
///
/// # Panics
///
/// If the payload is empty or longer than [`MAX_MESSAGE`]; the codec makes no such payload.
pub fn encode(payload: &[u8]) -> ArrayVec<u8, MAX_FRAME> {
    assert!((1..=MAX_MESSAGE).contains(&payload.len()), "a payload of {} bytes", payload.len());
    let length = u16::try_from(payload.len()).expect("1,024 fits 16 bits");
    let mut frame = ArrayVec::from_iter(length.to_be_bytes());
    frame.try_extend_from_slice(payload).expect("the length was checked");
    frame
}

/// Takes the first complete frame from the received part of a stream; `None` while it is incomplete.
///
/// A length is checked as soon as it has arrived: nothing is kept for a frame that will be refused.
///
/// # Errors
///
/// [`FrameError`] for an impossible length.
pub fn decode(stream: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
    let Some(&[high, low]) = stream.first_chunk() else { return Ok(None) };
    let announced = u16::from_be_bytes([high, low]);
    let length = usize::from(announced);
    if !(1..=MAX_MESSAGE).contains(&length) {
        return Err(FrameError(announced));
    }
    if stream.len() < HEADER_BYTES + length {
        return Ok(None);
    }
    stream.advance(HEADER_BYTES);
    // A copy, so that no small message keeps the storage of many.
    let payload = Bytes::copy_from_slice(&stream[..length]);
    stream.advance(length);
    Ok(Some(payload))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn frames_arrive_whole_however_the_stream_is_cut(
            payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..=MAX_MESSAGE), 0..5),
            cuts in prop::collection::vec(1_usize..700, 1..20),
        ) {
            let mut sent = BytesMut::new();
            for payload in &payloads {
                sent.extend_from_slice(&encode(payload));
            }
            let mut arrived = BytesMut::new();
            let mut frames = Vec::new();
            for cut in cuts.iter().cycle() {
                if sent.is_empty() {
                    break;
                }
                arrived.unsplit(sent.split_to((*cut).min(sent.len())));
                while let Some(frame) = decode(&mut arrived).unwrap() {
                    frames.push(frame.to_vec());
                }
                prop_assert!(arrived.len() < MAX_FRAME, "only an incomplete frame is held");
            }
            prop_assert_eq!(frames, payloads);
        }

        #[test]
        fn any_bytes_are_frames_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
            let mut stream = BytesMut::from(&bytes[..]);
            while let Ok(Some(frame)) = decode(&mut stream) {
                prop_assert!((1..=MAX_MESSAGE).contains(&frame.len()));
            }
        }
    }

    #[test]
    fn impossible_lengths_are_refused_before_their_payload_comes() {
        for length in [0_u16, 1025, 0x4745, u16::MAX] {
            let mut stream = BytesMut::from(&length.to_be_bytes()[..]);
            assert_eq!(decode(&mut stream), Err(FrameError(length)));
        }
        for length in [1_u16, 1024] {
            let mut stream = BytesMut::from(&length.to_be_bytes()[..]);
            assert_eq!(decode(&mut stream), Ok(None));
        }
    }
}
