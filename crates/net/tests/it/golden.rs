//! The golden vectors: the bytes and the JSON of every message, in a file that no code writes.

use std::collections::BTreeMap;

use net::proto::{MAX_JSON, MAX_MESSAGE};

use crate::{Message, Side, hex, samples, unhex};

/// Reads the bytes of the file by name.
///
/// The encoding is bincode 2 through serde: little-endian, integers from 251 on behind a tag byte, variants by their
/// position, texts and sequences behind their lengths.
#[track_caller]
pub(crate) fn vectors() -> BTreeMap<&'static str, Vec<u8>> {
    lines().into_iter().map(|(name, (bytes, _))| (name, bytes)).collect()
}

/// Reads the bytes and the JSON of the file by name.
#[track_caller]
pub(crate) fn lines() -> BTreeMap<&'static str, (Vec<u8>, &'static str)> {
    let mut vectors = BTreeMap::new();
    for line in include_str!("golden.txt").lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or_else(|| panic!("no hex: {line}"));
        let json_at = rest.find('{').unwrap_or_else(|| panic!("no JSON: {line}"));
        let (digits, json) = rest.split_at(json_at);
        let earlier = vectors.insert(name, (unhex(digits), json));
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
        // The fields of the next variant are unknown, so every likely length is tried.
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
fn every_message_has_the_json_that_is_written_down() {
    let lines = lines();
    for (name, message) in samples::all() {
        let (_, json) = lines[name.as_str()];
        assert_eq!(message.to_json(), json, "{name}");
        let decoded =
            Message::from_json(message.side(), json).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(decoded.encode(), message.encode(), "{name}");
    }
}

/// Checks tags inside messages that are equal up to the tag, which stands where the first two differ.
#[track_caller]
fn check_inner_tags(names: &[&str]) {
    let vectors = vectors();
    let (first, second) = (&vectors[names[0]], &vectors[names[1]]);
    let offset = first.iter().zip(second).position(|(left, right)| left != right);
    check_tags(offset.expect("two variants differ"), names);
}

#[test]
fn every_variant_has_its_vector_in_the_order_of_the_wire() {
    check_tags(0, &["hello", "leave", "pong", "goodbye", "ask-rooms"]);
    check_tags(1, &["ask-rooms", "ask-code"]);
    check_tags(0, &["welcome", "seated-host", "ping", "close-goodbye", "answer"]);
    let commands = ["quick-match", "create", "join", "watch", "leave", "play", "resign", "rematch"];
    let others = ["offer-draw", "accept", "decline", "claim-win", "say-line", "set-public", "browse"];
    check_tags(1, &[&commands[..], &others, &["stop-browsing"]].concat());
    let events = ["seated-host", "snapshot-waiting", "rejected-no-match", "unseated-left", "watching"];
    check_tags(1, &[&events[..], &["said-by-host", "rooms", "adjourned", "not-saving"]].concat());

    let kinds = [
        "already-seated",
        "too-many-rooms",
        "room-full",
        "not-watchable",
        "match-at-stake",
        "not-your-turn",
        "no-match",
        "match-running",
        "offer-pending",
        "too-soon",
        "no-such-offer",
        "not-absent",
        "too-fast",
        "not-owner",
        "too-many-browsers",
        "stop-browsing",
    ];
    let kinds = kinds.map(|name| format!("rejected-{name}"));
    check_tags(2, &kinds.each_ref().map(String::as_str));
    let rejects = samples::REJECTS.map(|(name, ..)| format!("rejected-{name}"));
    check_tags(3, &rejects.each_ref().map(String::as_str));
    let closes = samples::CLOSE_REASONS.map(|(name, _)| format!("close-{name}"));
    check_tags(1, &closes.each_ref().map(String::as_str));
}

#[test]
fn every_variant_inside_a_command_or_an_event_has_its_vector_too() {
    check_tags(10, &["seated-host", "seated-guest"]);
    check_tags(
        2,
        &[
            "unseated-left",
            "unseated-room-closed",
            "unseated-not-watchable",
            "unseated-made-room",
            "unseated-blocked",
        ],
    );
    check_tags(2, &["said-by-host", "said-by-watcher"]);
    check_tags(3, &["said-by-host", "said-by-guest"]);
    check_tags(7, &["said-by-watcher", "said-wow"]);
    check_tags(3, &["offer-draw", "offer-takeback", "offer-adjourn"]);
    check_tags(3, &["claim-win", "claim-draw", "claim-adjourn"]);
    check_tags(2, &["say-line", "say-hi"]);
    check_tags(3, &["say-hi", "say-good-game", "say-oops", "say-wow", "say-thanks", "say-rematch"]);
    check_tags(2, &["set-public", "set-watchable", "set-watchers-mute", "set-open-chat", "set-block"]);
    check_tags(3, &["set-public", "set-hidden", "set-locked"]);
    // Behind the rules and the length of the series: none, or two bytes.
    check_tags(8, &["create-misere", "create-hidden", "create-locked"]);
    for (name, offset, tag) in [("create", 7, 0), ("create-per-move", 8, 1), ("create-fischer", 8, 2)] {
        assert_eq!(vectors()[name][offset], tag, "{name}");
    }
}

#[test]
fn every_variant_inside_a_snapshot_has_its_vector_too() {
    check_inner_tags(&["snapshot-waiting", "snapshot-playing", "snapshot-adjourned", "snapshot-over"]);
    let endings = ["won", "resigned", "out-of-time", "abandoned", "draw-agreed", "draw-called"];
    let endings = endings.map(|name| format!("snapshot-{name}"));
    check_inner_tags(&endings.each_ref().map(String::as_str));
    check_inner_tags(&["snapshot-heard", "snapshot-silent", "snapshot-away"]);
    check_inner_tags(&["snapshot-public", "snapshot-hidden", "snapshot-locked"]);
    check_inner_tags(&["snapshot-draw-offered", "snapshot-takeback-offered", "snapshot-adjourn-offered"]);
    let host = b"\x03ana\0\0".as_slice();
    for (name, tag) in [("snapshot-waiting", 0), ("snapshot-heard", 1), ("snapshot-gone", 2)] {
        let vector = &vectors()[name];
        let start = vector.windows(host.len()).position(|window| window == host).unwrap();
        assert_eq!(vector[start + host.len()], tag, "{name}");
    }
}

#[test]
fn the_longest_messages_are_as_long_as_they_are_said_to_be_and_fit() {
    for (name, message, length) in samples::longest() {
        let bytes = message.encode();
        assert_eq!(bytes.len(), length, "{name}");
        assert!(bytes.len() <= MAX_MESSAGE, "{name}");
        let decoded = Message::decode(message.side(), &bytes).unwrap();
        assert_eq!(decoded.encode(), bytes, "{name}");
        let json = message.to_json();
        assert!(message.side() == Side::Server || json.len() <= MAX_JSON / 2, "{name}: {json}");
        assert_eq!(Message::from_json(message.side(), &json).unwrap().encode(), bytes, "{name}");
    }
}
