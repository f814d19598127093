//! Lengths that announce more than any memory holds: a decoder must not believe them.

use std::hint::black_box;

use net::proto::Snapshot;

use crate::{Message, Side, golden, hex, samples};

/// Bytes that a refusal may allocate: the boxed error, and a sentence of text in it.
const ERROR_BYTES: u64 = 256;

/// Lengths as bincode writes them: 2^30, 2^60 and the largest there is.
const BOMBS: [&[u8]; 5] = [
    &[252, 0, 0, 0, 0x40],
    &[253, 0, 0, 0, 0x40, 0, 0, 0, 0],
    &[253, 0, 0, 0, 0, 0, 0, 0, 0x10],
    &[253, 255, 255, 255, 255, 255, 255, 255, 255],
    &[254, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
];

/// Decodes bytes and checks how much that allocates.
#[track_caller]
fn check(side: Side, bytes: &[u8], allowed: u64) {
    let mut decoded = None;
    let used = allocation_counter::measure(|| decoded = Some(black_box(Message::decode(side, bytes))));
    assert!(used.bytes_total <= allowed, "{} bytes for {}: {decoded:?}", used.bytes_total, hex(bytes));
}

/// At every place of every message, whether it is a length or not, so that none is forgotten.
#[test]
fn an_enormous_length_at_any_place_allocates_nothing() {
    // The part of a snapshot in front of a damaged score was decoded and boxed before.
    let snapshot_bytes = u64::try_from(size_of::<Snapshot>()).unwrap();
    for (_, message) in samples::all() {
        let original = message.encode();
        for index in 0..original.len() {
            for bomb in BOMBS {
                let tail = &original[index + 1..];
                check(
                    message.side(),
                    &[&original[..index], bomb, tail].concat(),
                    ERROR_BYTES + snapshot_bytes,
                );
            }
        }
    }
}

/// The places of lengths, found by the text or the sequence behind them.
#[test]
fn an_enormous_length_of_a_text_or_a_sequence_is_refused_for_the_price_of_the_error() {
    /// A text of a sample in its encoding, or the elements of a sequence.
    const LENGTHS: [&[u8]; 12] = [
        b"\x03ana",
        b"\x03ben",
        b"\x07KITE-42",
        b"\x05ana 2",
        "\x0b李's attic".as_bytes(),
        b"\x05\0\0\0\x02",
        b"\x02\x01\x01\0\0",
        "\x0fgood luck, 李!".as_bytes(),
        b"\x06sesame",
        b"\x02\x07KITE-42\x03ana",
        b"\x01\x07KITE-42\x03ben",
        b"\x05gl hf",
    ];
    let mut found = [0; LENGTHS.len()];
    for original in golden::vectors().into_values() {
        for (length, found) in LENGTHS.iter().zip(&mut found) {
            let Some(index) = original.windows(length.len()).position(|window| window == *length) else {
                continue;
            };
            *found += 1;
            for bomb in BOMBS {
                let bytes = [&original[..index], bomb, &original[index + 1..]].concat();
                for side in [Side::Client, Side::Server] {
                    assert!(Message::decode(side, &bytes).is_err(), "{}", hex(&bytes));
                    check(side, &bytes, ERROR_BYTES);
                }
            }
        }
    }
    assert!(found.iter().all(|&count| count > 0), "a length stands nowhere: {found:?}");
}

#[test]
fn bytes_without_a_message_allocate_no_more_than_the_error() {
    for side in [Side::Client, Side::Server] {
        for bytes in [&[][..], &[255; 1024], &[0; 1024], &[1; 1024], &[0; 1025]] {
            check(side, bytes, ERROR_BYTES);
        }
    }
}
