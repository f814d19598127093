//! A stream cut anywhere gives the frames of the whole, and nothing is held but one incomplete frame.

#![no_main]

use bytes::{BufMut, BytesMut};
use libfuzzer_sys::fuzz_target;
use net::frame::{self, MAX_FRAME};

fuzz_target!(|input: (u8, &[u8])| {
    let (cut, stream) = input;
    let mut whole = BytesMut::from(stream);
    let mut arrived = BytesMut::new();
    for piece in stream.chunks(usize::from(cut).max(1)) {
        arrived.put_slice(piece);
        loop {
            match frame::decode(&mut arrived) {
                Ok(Some(payload)) => {
                    assert_eq!(frame::decode(&mut whole), Ok(Some(payload)));
                }
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(frame::decode(&mut whole), Err(error));
                    return;
                }
            }
        }
        assert!(arrived.len() < MAX_FRAME);
    }
    assert_eq!(frame::decode(&mut whole), Ok(None));
});
