//! Any bytes are refused, or are the one encoding of the message that they decode to.

#![no_main]

use libfuzzer_sys::fuzz_target;
use net::proto::{
    ClientMessage, Event, MAX_ADJOURNED, ROOMS_PER_ANSWER, ROOMS_PER_MESSAGE, ServerMessage, codec,
};

fuzz_target!(|input: &[u8]| {
    if let Ok(message) = codec::decode::<ClientMessage>(input) {
        assert_eq!(*codec::encode(&message), *input);
    }
    if let Ok(message) = codec::decode::<ServerMessage>(input) {
        assert_eq!(*codec::encode(&message), *input);
        match message {
            ServerMessage::Event(event) => check(&event),
            ServerMessage::Answer(answer) => assert!(answer.rooms.len() <= ROOMS_PER_ANSWER),
            ServerMessage::Welcome(_) | ServerMessage::Ping { .. } | ServerMessage::Close(_) => {}
        }
    }
});

/// Every question of a screen about an event has an answer, and every list its bound, however strange the event.
fn check(event: &Event) {
    match event {
        Event::Snapshot(snapshot) => {
            let _ = (snapshot.winner(), snapshot.to_move(), snapshot.is_paused());
            let _ = (snapshot.game_number(), snapshot.series_winner(), snapshot.terms());
            assert!(snapshot.seats.host.name().is_none_or(|name| name.columns() <= 16));
        }
        Event::Said { message, .. } => assert!(!message.as_str().chars().any(char::is_control)),
        Event::Rooms(list) => assert!(list.rooms.len() <= ROOMS_PER_MESSAGE),
        Event::Adjourned(lines) => assert!(lines.len() <= MAX_ADJOURNED),
        Event::Seated { .. }
        | Event::Rejected { .. }
        | Event::Unseated(_)
        | Event::Watching { .. }
        | Event::NotSaving => {}
    }
}
