//! A datagram is refused, or is the encoding of the packet that it decodes to.

#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use net::arq::{MAX_DATAGRAM, Packet};

fuzz_target!(|datagram: &[u8]| {
    let Ok(packet) = Packet::decode(datagram) else { return };
    assert!(datagram.len() <= MAX_DATAGRAM);
    let mut again = BytesMut::new();
    packet.encode(&mut again);
    assert_eq!(again, datagram);
});
