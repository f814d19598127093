//! A packet as its bytes and the fields in them.

use std::{
    fmt::{self, Write as _},
    ops::Range,
};

use crate::{
    arq::{Data, Packet, Seq},
    proto::{ClientMessage, ServerMessage, codec},
};

/// A packet, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Its direction.
    pub way: Way,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its fields in the order of the bytes, without gaps. Empty if it is no packet.
    pub fields: Vec<Field>,
}

/// A field of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its place in the bytes.
    pub range: Range<usize>,
    /// Its name, in the words of the protocol.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// The direction of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the server.
    Out,
    /// From the server.
    In,
}

/// Fields one behind the other.
#[derive(Debug, Default)]
struct Fields(Vec<Field>);

/// Takes a datagram apart.
pub(super) fn decode(way: Way, datagram: &[u8]) -> Decoded {
    let mut fields = Fields::default();
    if let Ok(packet) = Packet::decode(datagram) {
        fields.add(1, "type", &packet.name());
        match packet {
            Packet::Data(data) => fields.add_data(way, &data),
            Packet::Close { cid, code } => {
                fields.add(8, "receiver's cid", &cid);
                fields.add(1, "code", &format_args!("{code:?}"));
            }
            Packet::CloseAck { cid } | Packet::Reset { cid } => fields.add(8, "cid", &cid),
            Packet::Hello(_)
            | Packet::Retry { .. }
            | Packet::Accept(_)
            | Packet::Refuse(_)
            | Packet::Ask(_)
            | Packet::Answer { .. } => fields.add(datagram.len() - 1, "rest", &""),
        }
    }
    Decoded { way, bytes: datagram.to_vec(), fields: fields.0 }
}

impl Fields {
    fn add(&mut self, length: usize, name: &'static str, value: &dyn fmt::Display) {
        let start = self.0.last().map_or(0, |field| field.range.end);
        self.0.push(Field { range: start..start + length, name, value: value.to_string() });
    }

    fn add_data(&mut self, way: Way, data: &Data<'_>) {
        let Data { cid, number, acks, received, wants_ack, messages } = data;
        let (largest, next) = (acks.largest.map_or(0, Seq::get), received.next.get());
        self.add(8, "receiver's cid", &cid);
        self.add(4, "number of this packet", &number.get());
        self.add(4, "largest packet number that has arrived", &largest);
        self.add(2, "time since then", &format_args!("{} µs", acks.delay.as_micros()));
        self.add(4, "packet before it", &numbers(acks.bits, |bit| largest.saturating_sub(1 + bit)));
        self.add(4, "first message number that has not arrived", &next);
        self.add(4, "message after it", &numbers(received.bits, |bit| next + 1 + bit));
        self.add(1, "acknowledge this packet", &if *wants_ack { "yes" } else { "no" });
        for (number, payload) in messages.iter() {
            self.add(4, "number", &number.get());
            self.add(2, "length", &payload.len());
            self.add(payload.len(), "payload", &message(way, payload));
        }
    }
}

/// Lists the numbers that bits stand for, as in `9, 7-4`.
fn numbers(bits: u32, number: impl Fn(u32) -> u32) -> String {
    let is_set = |bit: u32| bits.checked_shr(bit).is_some_and(|rest| rest & 1 == 1);
    let mut text = String::new();
    for bit in (0..u32::BITS).filter(|bit| is_set(*bit)) {
        let is_begun = bit > 0 && is_set(bit - 1);
        if is_begun && is_set(bit + 1) {
            continue;
        }
        let gap = if text.is_empty() {
            ""
        } else if is_begun {
            "-"
        } else {
            ", "
        };
        let _never_fails = write!(text, "{gap}{}", number(bit));
    }
    if text.is_empty() { "none".to_owned() } else { text }
}

/// The name of a message: of its variant, and of the one within, as in `Command Play`. Nothing else, since a message may
/// hold a secret.
fn message(way: Way, payload: &[u8]) -> String {
    let text = match way {
        Way::Out => codec::decode(payload).map(|message: ClientMessage| format!("{message:?}")),
        Way::In => codec::decode(payload).map(|message: ServerMessage| format!("{message:?}")),
    };
    let Ok(text) = text else { return "no message".to_owned() };
    let (outer, inner) = text.split_once('(').unwrap_or((&text, ""));
    let word = |text: &str| text.split(|next: char| !next.is_ascii_alphanumeric()).next().map(str::to_owned);
    let (outer, inner) = (word(outer).unwrap_or_default(), word(inner).unwrap_or_default());
    if text.starts_with(&format!("{outer}({inner}")) && inner != outer {
        format!("{outer} {inner}")
    } else {
        outer
    }
}
