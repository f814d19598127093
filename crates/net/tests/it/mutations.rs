//! Damaged messages are refused, or are other messages in their one encoding. Nothing panics.

use net::proto::{DecodeError, MAX_MESSAGE};
use proptest::prelude::*;

use crate::{Message, Side, golden, hex, samples};

const SIDES: [Side; 2] = [Side::Client, Side::Server];

/// Decodes bytes for both sides; every decoded message must encode to exactly these bytes.
#[track_caller]
fn check(bytes: &[u8]) {
    for side in SIDES {
        if let Ok(message) = Message::decode(side, bytes) {
            assert_eq!(hex(&message.encode()), hex(bytes), "two encodings of {message:?}");
        }
    }
}

#[track_caller]
fn check_refused(side: Side, bytes: &[u8]) {
    let decoded = Message::decode(side, bytes);
    assert!(decoded.is_err(), "{} is taken for {decoded:?}", hex(bytes));
}

#[test]
fn every_change_of_a_single_byte_is_refused_or_another_message() {
    for original in golden::vectors().into_values() {
        let mut bytes = original.clone();
        for index in 0..bytes.len() {
            for change in 1..=u8::MAX {
                bytes[index] = original[index] ^ change;
                check(&bytes);
            }
            bytes[index] = original[index];
        }
    }
}

#[test]
fn truncated_messages_are_refused() {
    for (_, message) in samples::all() {
        let bytes = message.encode();
        for end in 0..bytes.len() {
            check_refused(message.side(), &bytes[..end]);
        }
    }
}

#[test]
fn trailing_bytes_are_refused() {
    for (_, message) in samples::all() {
        for trailing in 0..=u8::MAX {
            let mut bytes = message.encode();
            bytes.push(trailing);
            check_refused(message.side(), &bytes);
        }
    }
}

#[test]
fn integers_that_are_written_too_long_are_refused() {
    let pong = |nonce: &[u8]| [&[2], nonce].concat();
    assert!(Message::decode(Side::Client, &pong(&[250])).is_ok());
    assert!(Message::decode(Side::Client, &pong(&[251, 251, 0])).is_ok());
    assert!(Message::decode(Side::Client, &pong(&[252, 0, 0, 1, 0])).is_ok());
    for too_long in
        [&[251, 250, 0][..], &[252, 251, 0, 0, 0], &[252, 255, 255, 0, 0], &[253, 7, 0, 0, 0, 0, 0, 0, 0]]
    {
        check_refused(Side::Client, &pong(too_long));
    }
    for value in 0..251 {
        check_refused(Side::Client, &pong(&[251, value, 0]));
    }
}

/// The longer forms of an integer are refused at every place; at places of other values they are damage.
#[test]
fn a_longer_integer_at_any_place_is_refused_or_another_message() {
    for original in golden::vectors().into_values() {
        for (index, &byte) in original.iter().enumerate() {
            for longer in [&[251, byte, 0][..], &[252, byte, 0, 0, 0], &[253, byte, 0, 0, 0, 0, 0, 0, 0]] {
                check(&[&original[..index], longer, &original[index + 1..]].concat());
            }
        }
    }
}

#[test]
fn bytes_beyond_the_largest_message_are_refused_unread() {
    for side in SIDES {
        let decoded = Message::decode(side, &[0; MAX_MESSAGE + 1]);
        assert!(
            matches!(decoded, Err(DecodeError::TooLong(length)) if length == MAX_MESSAGE + 1),
            "{decoded:?}"
        );
    }
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_a_message(bytes in prop::collection::vec(any::<u8>(), 0..=MAX_MESSAGE + 1)) {
        check(&bytes);
    }

    /// Random bytes are refused early, so this starts from valid ones.
    #[test]
    fn flipped_bits_are_refused_or_another_message(
        sample in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0_u32..8), 1..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let vectors: Vec<Vec<u8>> = golden::vectors().into_values().collect();
        let mut bytes = sample.get(&vectors).clone();
        for (index, bit) in flips {
            let index = index.index(bytes.len());
            bytes[index] ^= 1 << bit;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        check(&bytes);
    }
}
