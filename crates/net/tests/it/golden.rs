//! The golden vectors: what every message looks like on the wire, in a file that no code writes.

use std::collections::BTreeMap;

use net::proto::MAX_MESSAGE;

use crate::{Message, Side, hex, samples, unhex};

/// The vectors of the file by name.
///
/// The encoding is bincode 2 through serde: little-endian, integers from 251 on behind a tag byte, an enum's
/// variant by its place, texts and sequences behind their lengths.
#[track_caller]
pub(crate) fn vectors() -> BTreeMap<&'static str, Vec<u8>> {
    let mut vectors = BTreeMap::new();
    for line in include_str!("golden.txt").lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, digits) = line.split_once(char::is_whitespace).unwrap_or_else(|| panic!("no hex: {line}"));
        let earlier = vectors.insert(name, unhex(digits));
        assert!(earlier.is_none(), "two vectors are called {name}");
    }
    vectors
}

/// Checks that these vectors have the tags 0, 1, 2 and so on at `offset`, and that no message has the next.
#[track_caller]
fn check_tags(offset: usize, names: &[&str]) {
    let vectors = vectors();
    let next = u8::try_from(names.len()).unwrap();
    let samples: BTreeMap<String, Message> = samples::all().into_iter().collect();
    for (name, tag) in names.iter().zip(0_u8..) {
        let bytes = &vectors[name];
        assert_eq!(bytes[offset], tag, "the tag of {name} in {}", hex(bytes));
        // What the next variant would carry is not known, so anything of a likely length is tried.
        for carried in 0..16 {
            for replaced in offset + 1..=bytes.len() {
                let beyond = [&bytes[..offset], &[next], &[0; 16][..carried], &bytes[replaced..]].concat();
                let decoded = Message::decode(samples[*name].side(), &beyond);
                assert!(decoded.is_err(), "a variant without a golden vector: {decoded:?}");
            }
        }
    }
}

#[test]
fn every_message_has_the_bytes_that_are_written_down() {
    let written: BTreeMap<String, String> =
        vectors().into_iter().map(|(name, bytes)| (name.to_owned(), hex(&bytes))).collect();
    let sent: BTreeMap<String, String> =
        samples::all().into_iter().map(|(name, message)| (name, hex(&message.encode()))).collect();
    for (name, bytes) in &sent {
        assert_eq!(Some(bytes), written.get(name), "{name} {bytes}");
    }
    assert_eq!(written.keys().collect::<Vec<_>>(), sent.keys().collect::<Vec<_>>());
}

#[test]
fn the_bytes_that_are_written_down_are_those_messages() {
    let vectors = vectors();
    for (name, message) in samples::all() {
        let decoded = Message::decode(message.side(), &vectors[name.as_str()]).unwrap();
        assert_eq!(format!("{decoded:?}"), format!("{message:?}"), "{name}");
        assert_eq!(decoded.encode(), message.encode(), "{name}, with what `Debug` hides");
    }
}

#[test]
fn every_variant_has_its_vector_in_the_order_of_the_wire() {
    check_tags(0, &["hello", "leave", "pong", "goodbye"]);
    check_tags(0, &["welcome", "seated-host", "ping", "close-goodbye"]);
    check_tags(1, &["quick-match", "create", "join", "leave", "play", "resign", "rematch"]);
    check_tags(1, &["seated-host", "snapshot-waiting", "rejected-no-match", "unseated-left"]);
    check_tags(2, &["unseated-left", "unseated-room-closed"]);
    check_tags(10, &["seated-host", "seated-guest"]);

    let kinds = ["already-seated", "too-many-rooms", "room-full", "not-seated", "not-your-turn", "no-match"];
    let kinds = kinds.into_iter().chain(["match-running"]).map(|name| format!("rejected-{name}"));
    check_tags(2, &kinds.collect::<Vec<_>>().iter().map(String::as_str).collect::<Vec<_>>());
    let rejects = samples::REJECTS.map(|(name, ..)| format!("rejected-{name}"));
    check_tags(3, &rejects.each_ref().map(String::as_str));
    let closes = samples::CLOSE_REASONS.map(|(name, _)| format!("close-{name}"));
    check_tags(1, &closes.each_ref().map(String::as_str));
}

/// Behind the code and the number of the match; the second seat stands behind what comes before it.
#[test]
fn every_variant_inside_a_snapshot_has_its_vector_too() {
    check_tags(12, &["snapshot-waiting", "snapshot-playing", "snapshot-won"]);
    check_tags(13, &["snapshot-won", "snapshot-resigned", "snapshot-left"]);
    let guest = |moves: usize| 12 + 1 + 4 + 1 + 2 * moves + 7;
    let seats = ["snapshot-waiting", "snapshot-silent", "snapshot-left"];
    for (name, (offset, tag)) in seats.into_iter().zip([(guest(0), 0), (guest(1), 1), (guest(0) + 2, 2)]) {
        assert_eq!(vectors()[name][offset], tag, "{name}");
    }
    let presence = guest(1) + 5;
    for (name, tag) in [("snapshot-silent", 1), ("snapshot-away", 2)] {
        assert_eq!(vectors()[name][presence], tag, "{name}");
    }
}

#[test]
fn the_longest_message_fits() {
    let bytes = Message::Server(samples::longest()).encode();
    assert!(bytes.len() < MAX_MESSAGE, "{} bytes", bytes.len());
    assert!(bytes.len() > 850, "{} bytes: this is not the longest any more", bytes.len());
    assert!(Message::decode(Side::Server, &bytes).is_ok());
}
