//! The packet of a running session: acknowledgements of packets and of messages, and messages.
//!
//! ```text
//!  0       1           9        13        17           19         23          27          31      32
//! +-------+-----------+--------+---------+------------+----------+-----------+-----------+-------+----------
//! | type  | cid (u64) | number | largest | ack delay  | ack bits | next      | message   | flags | messages
//! |       |           | (u32)  | (u32)   | (u16)      | (u32)    | (u32)     | bits(u32) | (u8)  |
//! +-------+-----------+--------+---------+------------+----------+-----------+-----------+-------+----------
//! message: number (u32), length (u16), payload
//! ```

use std::time::Duration;

use bytes::{Buf as _, BufMut as _, BytesMut};

use super::parts::{Cid, DATA, MAX_DATAGRAM, PacketError};
use crate::{
    arq::seq::{Seen, Seq},
    proto::MAX_MESSAGE,
};

/// Bytes before the messages.
pub(in crate::arq) const HEADER_BYTES: usize = 32;

/// Bytes before each payload.
pub(in crate::arq) const MESSAGE_HEADER_BYTES: usize = 6;

// The largest message fits one packet: there is no fragmentation.
const _: () = assert!(HEADER_BYTES + MESSAGE_HEADER_BYTES + MAX_MESSAGE <= MAX_DATAGRAM);

/// Messages and acknowledgements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data<'a> {
    /// The receiver's cid.
    pub cid: Cid,
    /// The packet's own number.
    pub number: Seq,
    /// The packets that have arrived.
    pub acks: PacketAcks,
    /// The messages that have arrived.
    pub received: MessageAcks,
    /// Asks the receiver to acknowledge the packet soon; always set if it carries messages.
    pub wants_ack: bool,
    /// The messages, by strictly ascending numbers.
    pub messages: Messages<'a>,
}

/// The packets that have arrived: the largest number, the 32 before it, and the time since the largest arrived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PacketAcks {
    /// The largest number, if any has arrived.
    pub largest: Option<Seq>,
    /// Bit i is set if the packet `largest - 1 - i` has arrived.
    pub bits: u32,
    /// The time since the largest arrived, a multiple of 32 µs.
    pub delay: Duration,
}

/// The messages that have arrived: all before `next`, and some beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageAcks {
    /// The first message that has not arrived.
    pub next: Seq,
    /// Bit i is set if the message `next + 1 + i` has arrived.
    pub bits: u32,
}

/// The messages of one packet, checked but not decoded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Messages<'a>(&'a [u8]);

impl<'a> Data<'a> {
    pub(super) fn decode(body: &mut &'a [u8]) -> Result<Self, PacketError> {
        let cid = Cid(body.try_get_u64()?);
        let number = Seq::new(body.try_get_u32()?).ok_or(PacketError::Value)?;
        let largest = body.try_get_u32()?;
        let delay = DELAY_UNIT * u32::from(body.try_get_u16()?);
        let bits = body.try_get_u32()?;
        let acks = PacketAcks { largest: Seq::new(largest), bits, delay };
        let received = MessageAcks {
            next: Seq::new(body.try_get_u32()?).ok_or(PacketError::Value)?,
            bits: body.try_get_u32()?,
        };
        let wants_ack = match body.try_get_u8()? {
            0 => false,
            WANTS_ACK => true,
            _ => return Err(PacketError::Value),
        };
        let is_none = acks.largest.is_none();
        let is_possible = acks.seen().is_possible() && (!is_none || (largest == 0 && delay.is_zero()));
        let messages = Messages::decode(body)?;
        if !is_possible || (!messages.is_empty() && !wants_ack) {
            return Err(PacketError::Value);
        }
        Ok(Self { cid, number, acks, received, wants_ack, messages })
    }

    /// Appends the header and the messages.
    pub(in crate::arq) fn encode(&self, datagram: &mut BytesMut) {
        let Self { cid, number, acks, received, wants_ack, messages } = self;
        datagram.put_u8(DATA);
        datagram.put_u64(cid.0);
        datagram.put_u32(number.get());
        datagram.put_u32(acks.largest.map_or(0, Seq::get));
        let units = acks.delay.as_micros() / DELAY_UNIT.as_micros();
        datagram.put_u16(u16::try_from(units).unwrap_or(u16::MAX));
        datagram.put_u32(acks.bits);
        datagram.put_u32(received.next.get());
        datagram.put_u32(received.bits);
        datagram.put_u8(if *wants_ack { WANTS_ACK } else { 0 });
        datagram.put_slice(messages.0);
    }
}

impl PacketAcks {
    pub(crate) const fn seen(self) -> Seen {
        Seen { largest: self.largest, bits: self.bits }
    }
}

impl MessageAcks {
    /// Returns whether a message has arrived.
    pub(in crate::arq) fn contains(self, number: Seq) -> bool {
        match number.beyond(self.next) {
            None => true,
            Some(0) => false,
            Some(ahead) => 1_u32.checked_shl(ahead - 1).is_some_and(|mask| self.bits & mask != 0),
        }
    }
}

impl<'a> Messages<'a> {
    fn decode(body: &mut &'a [u8]) -> Result<Self, PacketError> {
        let whole = *body;
        let mut last = None;
        while !body.is_empty() {
            let number = Seq::new(body.try_get_u32()?).ok_or(PacketError::Value)?;
            let length = usize::from(body.try_get_u16()?);
            if !(1..=MAX_MESSAGE).contains(&length) || last.is_some_and(|last| last >= number) {
                return Err(PacketError::Value);
            }
            body.split_off(..length).ok_or(PacketError::Length)?;
            last = Some(number);
        }
        Ok(Self(whole))
    }

    /// Returns whether there are no messages.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates over the messages with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (Seq, &'a [u8])> + use<'a> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            // `decode` has checked them; anything else would end the iteration.
            let number = Seq::new(rest.try_get_u32().ok()?)?;
            let length = usize::from(rest.try_get_u16().ok()?);
            Some((number, rest.split_off(..length)?))
        })
    }
}

/// Appends one message to a packet.
pub(in crate::arq) fn put_message(datagram: &mut BytesMut, number: Seq, payload: &[u8]) {
    datagram.put_u32(number.get());
    datagram.put_u16(u16::try_from(payload.len()).expect("a payload fits a datagram"));
    datagram.put_slice(payload);
}

/// Encodes a packet of `size` bytes for a session that does not exist, which a server answers with a reset. Two
/// messages fill it, because one may be only half as long as the largest datagram.
///
/// # Panics
///
/// If `size` is less than 64 or more than [`MAX_DATAGRAM`].
pub(crate) fn encode_stray(cid: Cid, size: usize, datagram: &mut BytesMut) {
    assert!((64..=MAX_DATAGRAM).contains(&size), "a datagram that takes two messages");
    let first = Seq::FIRST;
    let second = first.next().expect("a number after the first");
    let header = Data {
        cid,
        number: first,
        acks: PacketAcks::default(),
        received: MessageAcks { next: first, bits: 0 },
        wants_ack: true,
        messages: Messages::default(),
    };
    datagram.clear();
    header.encode(datagram);
    let filling = [0; MAX_DATAGRAM];
    let rest = size - HEADER_BYTES - 2 * MESSAGE_HEADER_BYTES;
    put_message(datagram, first, &filling[..rest / 2]);
    put_message(datagram, second, &filling[..rest - rest / 2]);
}

/// The unit of delays on the wire: 16 bits of it reach 2 s, and it is finer than any timer.
const DELAY_UNIT: Duration = Duration::from_micros(32);

/// The only flag.
const WANTS_ACK: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn header(messages: &[u8]) -> Vec<u8> {
        let seq = |number| Seq::new(number).unwrap();
        let mut datagram = BytesMut::new();
        Data {
            cid: Cid(7),
            number: seq(2),
            acks: PacketAcks::default(),
            received: MessageAcks { next: seq(1), bits: 0 },
            wants_ack: true,
            messages: Messages::default(),
        }
        .encode(&mut datagram);
        assert_eq!(datagram.len(), HEADER_BYTES);
        datagram.put_slice(messages);
        datagram.to_vec()
    }

    #[test]
    fn a_stray_has_the_size_that_was_asked_for() {
        let mut datagram = BytesMut::new();
        for size in 64..=MAX_DATAGRAM {
            encode_stray(Cid(9), size, &mut datagram);
            assert_eq!(datagram.len(), size);
            let packet = crate::arq::Packet::decode(&datagram);
            assert!(
                matches!(packet, Ok(crate::arq::Packet::Data(Data { cid: Cid(9), .. }))),
                "{size}: {packet:?}"
            );
        }
    }

    #[track_caller]
    fn check_refused(datagram: &[u8], expected: PacketError) {
        assert_eq!(super::super::Packet::decode(datagram), Err(expected));
    }

    #[test]
    fn impossible_values_are_refused() {
        let with = |offset: usize, bytes: &[u8]| {
            let mut datagram = header(&[]);
            datagram[offset..offset + bytes.len()].copy_from_slice(bytes);
            datagram
        };
        check_refused(&with(9, &[0; 4]), PacketError::Value); // packet 0
        check_refused(&with(9, &[0x80, 0, 0, 1]), PacketError::Value); // beyond the last
        check_refused(&with(13, &[0x80, 0, 0, 1]), PacketError::Value); // largest beyond the last
        check_refused(&with(17, &[0, 1]), PacketError::Value); // a delay of nothing
        check_refused(&with(19, &[0, 0, 0, 1]), PacketError::Value); // bits of nothing
        check_refused(&with(23, &[0; 4]), PacketError::Value); // next message 0
        check_refused(&with(31, &[2]), PacketError::Value); // a flag that there is not
        check_refused(&header(&[])[..31], PacketError::Length);
    }

    #[test]
    fn impossible_messages_are_refused() {
        let one = [0, 0, 0, 1, 0, 1, b'x'];
        check_refused(&header(&[0, 0, 0, 0, 0, 1, b'x']), PacketError::Value); // message 0
        check_refused(&header(&[0, 0, 0, 1, 0, 0]), PacketError::Value); // empty
        check_refused(&header(&[0, 0, 0, 1, 0, 2, b'x']), PacketError::Length); // cut off
        check_refused(&header(&[one, one].concat()), PacketError::Value); // twice the same
        let mut unasked = header(&one);
        unasked[31] = 0;
        check_refused(&unasked, PacketError::Value); // messages that want no acknowledgement
        let long = [&[0, 0, 0, 1, 4, 1][..], &[7; MAX_MESSAGE + 1]].concat();
        check_refused(&header(&long), PacketError::Value);
    }

    #[test]
    fn acknowledged_messages_are_told_from_the_others() {
        let seq = |number| Seq::new(number).unwrap();
        let acks = MessageAcks { next: seq(5), bits: 0b101 };
        let arrived: Vec<u32> = (1..50).filter(|number| acks.contains(seq(*number))).collect();
        assert_eq!(arrived, [1, 2, 3, 4, 6, 8]);
    }
}
