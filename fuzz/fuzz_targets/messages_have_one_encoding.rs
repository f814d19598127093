//! Whatever arrives is refused, or is a message whose one encoding is exactly the bytes that arrived.

#![no_main]

use libfuzzer_sys::fuzz_target;
use net::proto::{ClientMessage, Event, ServerMessage, codec};

fuzz_target!(|input: &[u8]| {
    if let Ok(message) = codec::decode::<ClientMessage>(input) {
        assert_eq!(codec::encode(&message), input);
    }
    if let Ok(message) = codec::decode::<ServerMessage>(input) {
        assert_eq!(codec::encode(&message), input);
        if let ServerMessage::Event(Event::Snapshot(snapshot)) = message {
            // What a screen asks of a snapshot has an answer, however strange the snapshot.
            let _ = (snapshot.winner(), snapshot.to_move());
            assert!(snapshot.seats.host.name().is_none_or(|name| name.columns() <= 16));
        }
    }
});
