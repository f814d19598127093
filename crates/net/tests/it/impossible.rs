//! Impossible values at the right places: a decoder refuses them.

use net::proto::{
    ClientMessage, Command, Event, MAX_ADJOURNED, MAX_CHAT_COLUMNS, MAX_PASSCODE_BYTES, ROOMS_PER_MESSAGE,
    ServerMessage,
};

use crate::{Message, golden, hex, samples};

/// A sample with one part of its bytes replaced by others.
#[track_caller]
fn replaced(name: &str, part: &[u8], with: &[u8]) -> (Vec<u8>, bool) {
    let vector = &golden::vectors()[name];
    let place = vector.windows(part.len()).position(|window| window == part);
    let place = place.unwrap_or_else(|| panic!("{} is not in {name}", hex(part)));
    let bytes = [&vector[..place], with, &vector[place + part.len()..]].concat();
    let (_, sample) = samples::all().into_iter().find(|(sample, _)| sample == name).unwrap();
    let is_decoded = Message::decode(sample.side(), &bytes).is_ok();
    (bytes, is_decoded)
}

#[track_caller]
fn check_refused(name: &str, part: &[u8], with: &[u8]) {
    let (bytes, is_decoded) = replaced(name, part, with);
    assert!(!is_decoded, "{name} as {}", hex(&bytes));
}

#[track_caller]
fn check_taken(name: &str, part: &[u8], with: &[u8]) {
    let (bytes, is_decoded) = replaced(name, part, with);
    assert!(is_decoded, "{name} as {}", hex(&bytes));
}

/// Encodes a text.
fn text(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    // A length from 251 on takes three bytes.
    let length = if length < 251 { vec![length] } else { vec![251, length, 0] };
    [&length, text.as_bytes()].concat()
}

#[test]
fn a_series_of_an_even_length_or_of_none_is_refused() {
    // Behind the classic rules: a series, and a time for each move.
    let series = |matches| [0, 1, matches, 1, 30];
    for matches in [1, 5, 99] {
        check_taken("create-per-move", &series(3), &series(matches));
    }
    for matches in [0, 2, 4, 98, 100, 101, 255] {
        check_refused("create-per-move", &series(3), &series(matches));
    }
}

#[test]
fn a_clock_of_no_time_or_of_more_than_an_hour_is_refused() {
    for seconds in [&[1][..], &[250], &[251, 251, 0], &[251, 0x10, 0x0e]] {
        check_taken("create-per-move", &[1, 30, 0], &[&[1], seconds, &[0]].concat());
        check_taken("create-fischer", &[2, 251, 44, 1, 3], &[&[2], seconds, &[255]].concat());
    }
    for seconds in [&[0][..], &[251, 0x11, 0x0e], &[251, 255, 255]] {
        check_refused("create-per-move", &[1, 30, 0], &[&[1], seconds, &[0]].concat());
        check_refused("create-fischer", &[2, 251, 44, 1, 3], &[&[2], seconds, &[255]].concat());
    }
}

#[test]
fn a_line_that_could_steer_a_terminal_or_fill_it_is_refused() {
    for (name, said) in [("say-line", "good luck, 李!"), ("said-by-host", "gl hf")] {
        for fine in ["x", "a b", "e2-e4?", &"x".repeat(MAX_CHAT_COLUMNS), &"李".repeat(MAX_CHAT_COLUMNS / 2)]
        {
            check_taken(name, &text(said), &text(fine));
        }
        for bad in ["", " ", " a", "a ", "a\u{1b}[2J", "a\nb", "a\0", "\u{202e}abc", "e\u{301}", "a\u{200b}b"]
        {
            check_refused(name, &text(said), &text(bad));
        }
        check_refused(name, &text(said), &text(&"x".repeat(MAX_CHAT_COLUMNS + 1)));
        check_refused(name, &text(said), &text(&"李".repeat(MAX_CHAT_COLUMNS / 2 + 1)));
        // Not UTF-8.
        check_refused(name, &text(said), &[2, 0xc3, 0x28]);
    }
    check_refused("said-by-host", &text("ana"), &text("a\u{1b}c"));
}

#[test]
fn a_passcode_with_a_space_or_too_many_bytes_is_refused() {
    for name in ["create-locked", "join-locked", "watch-locked", "set-locked"] {
        check_taken(name, &text("sesame"), &text(&"x".repeat(MAX_PASSCODE_BYTES)));
        let too_long = "x".repeat(MAX_PASSCODE_BYTES + 1);
        for bad in ["", "a b", " ", "\u{7}", "\u{200b}", &too_long] {
            check_refused(name, &text("sesame"), &text(bad));
        }
    }
}

/// A full list is accepted; one line more is refused, though the bytes would have room for it.
#[test]
fn a_list_of_too_many_lines_is_refused() {
    let of = |name: &str| samples::all().into_iter().find(|(sample, _)| sample == name).unwrap().1;
    let Message::Server(ServerMessage::Event(Event::Rooms(mut list))) = of("rooms") else {
        panic!("no rooms")
    };
    list.rooms = vec![list.rooms[0]; ROOMS_PER_MESSAGE];
    let mut rooms = Message::Server(ServerMessage::Event(Event::Rooms(list.clone())));
    assert!(Message::decode(rooms.side(), &rooms.encode()).is_ok());
    list.rooms.push(list.rooms[0]);
    rooms = Message::Server(ServerMessage::Event(Event::Rooms(list)));
    assert!(Message::decode(rooms.side(), &rooms.encode()).is_err());

    let Message::Server(ServerMessage::Event(Event::Adjourned(lines))) = of("adjourned") else {
        panic!("nothing is adjourned")
    };
    for (count, is_taken) in [(MAX_ADJOURNED, true), (MAX_ADJOURNED + 1, false)] {
        let event = Event::Adjourned(vec![lines[0]; count]);
        let adjourned = Message::Server(ServerMessage::Event(event));
        assert_eq!(Message::decode(adjourned.side(), &adjourned.encode()).is_ok(), is_taken, "{count} lines");
    }
}

/// The debug output of a command does not show the passcode.
#[test]
fn a_passcode_is_not_written_out() {
    for name in ["create-locked", "join-locked", "watch-locked", "set-locked"] {
        let (_, message) = samples::all().into_iter().find(|(sample, _)| sample == name).unwrap();
        let Message::Client(ClientMessage::Command(command)) = message else { panic!("no command: {name}") };
        let written = format!("{:?}", Command::clone(&command));
        assert!(!written.contains("sesame"), "{written}");
    }
}
