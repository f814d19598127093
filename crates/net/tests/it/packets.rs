//! The golden vectors of packets: the bytes of every kind of datagram, in a file that no code writes.

use std::{collections::BTreeMap, time::Duration};

use bytes::{Bytes, BytesMut};
use net::{
    arq::{
        Accept, Ask, Cid, CloseCode, Config, Data, Hello, MAX_DATAGRAM, MessageAcks, Messages, Packet,
        PacketAcks, Refuse, RefuseCode, Seq, Session,
    },
    proto::PROTOCOL,
    sim::Clock,
};

use crate::{hex, unhex};

/// Reads the vectors of the file by name. Those that end in `…` are padded with zeros to the longest datagram; here
/// they come without the padding.
pub(crate) fn vectors() -> BTreeMap<&'static str, Vec<u8>> {
    let lines = include_str!("packets.txt").lines().map(str::trim);
    let written = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    written
        .map(|line| {
            let (name, digits) =
                line.split_once(char::is_whitespace).unwrap_or_else(|| panic!("no hex: {line}"));
            (name, unhex(digits.trim_end_matches('…')))
        })
        .collect()
}

const CLIENT: Cid = Cid(0xc1c2_c3c4_c5c6_c7c8);
const SERVER: Cid = Cid(0x5152_5354_5556_5758);

const fn seq(number: u32) -> Seq {
    Seq::new(number).unwrap()
}

/// One packet of each kind, by name.
fn samples() -> Vec<(&'static str, BytesMut)> {
    let hello = Hello { protocols: PROTOCOL, client_cid: CLIENT, cookie: None };
    let cookie = std::array::from_fn(|index| u8::try_from(0xa0 + index).unwrap());
    let with_cookie = Hello { cookie: Some(cookie), ..hello };
    let accept = Accept { client_cid: CLIENT, server_cid: SERVER, protocol: 2 };
    let refuse = |code| Packet::Refuse(Refuse { client_cid: CLIENT, code, protocols: PROTOCOL });
    let close = |code| Packet::Close { cid: SERVER, code };
    let acks = PacketAcks { largest: Some(seq(9)), bits: 0b101, delay: Duration::from_micros(96) };
    let received = MessageAcks { next: seq(4), bits: 0b10 };
    let ack =
        Data { cid: SERVER, number: seq(7), acks, received, wants_ack: false, messages: Messages::default() };
    let probe = Data { wants_ack: true, ..ack.clone() };
    let packets = [
        ("packet-hello", Packet::Hello(hello)),
        ("packet-retry", Packet::Retry { client_cid: CLIENT, cookie }),
        ("packet-hello-with-cookie", Packet::Hello(with_cookie)),
        ("packet-accept", Packet::Accept(accept)),
        ("packet-refuse-version", refuse(RefuseCode::Version)),
        ("packet-refuse-full", refuse(RefuseCode::Full)),
        ("packet-data-ack", Packet::Data(ack)),
        ("packet-data-probe", Packet::Data(probe)),
        ("packet-close-done", close(CloseCode::Done)),
        ("packet-close-abandoned", close(CloseCode::Abandoned)),
        ("packet-close-exhausted", close(CloseCode::Exhausted)),
        ("packet-close-silent", close(CloseCode::Silent)),
        ("packet-close-ack", Packet::CloseAck { cid: SERVER }),
        ("packet-reset", Packet::Reset { cid: SERVER }),
        ("packet-ask", Packet::Ask(Ask { hello, message: &[4, 0, 0] })),
        ("packet-ask-with-cookie", Packet::Ask(Ask { hello: with_cookie, message: &[4, 0, 0] })),
        ("packet-answer", Packet::Answer { client_cid: CLIENT, message: b"\x04\x03den\0\0\0\0" }),
    ];
    let encode = |(name, packet): (_, Packet<'_>)| {
        let mut datagram = BytesMut::new();
        packet.encode(&mut datagram);
        (name, datagram)
    };
    packets.into_iter().map(encode).chain([("packet-data-messages", first_words())]).collect()
}

/// The first packet of a client that sends two messages.
fn first_words() -> BytesMut {
    let now = Clock::new().now();
    let mut session = Session::new(now, &Config::client(), CLIENT, SERVER, None);
    for payload in [&b"\x00\x03ana\x00"[..], b"\x02\x07"] {
        session.send(now, Bytes::from_static(payload)).unwrap();
    }
    let mut datagram = BytesMut::new();
    assert!(session.poll_transmit(now, &mut datagram));
    datagram
}

#[test]
fn every_packet_has_the_bytes_that_are_written_down() {
    let written = vectors();
    let samples = samples();
    for (name, datagram) in &samples {
        let packet = Packet::decode(datagram).unwrap();
        let is_padded = matches!(packet, Packet::Hello(_) | Packet::Accept(_) | Packet::Ask(_));
        assert_eq!(datagram.len() == MAX_DATAGRAM, is_padded, "{name}");
        let Some(vector) = written.get(name) else { panic!("{name} {}", hex(datagram)) };
        let (head, padding) = datagram.split_at(vector.len().min(datagram.len()));
        assert_eq!(hex(head), hex(vector), "{name}");
        assert!(padding.is_empty() || is_padded && padding.iter().all(|byte| *byte == 0), "{name} goes on");
    }
    assert_eq!(written.len(), samples.len(), "a vector of nothing");
}
