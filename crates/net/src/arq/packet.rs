//! Packets: the content of one datagram. A datagram is parsed as a whole, or refused as a whole, before any of it is
//! applied.
//!
//! All numbers are big-endian. The first byte is `0b01vvtttt`: version 1 and the type. `docs/PROTOCOL.md` has the
//! tables.

mod data;
mod parts;

use bytes::{Buf as _, BufMut as _, BytesMut};

pub(crate) use self::data::encode_stray;
pub(super) use self::data::{MESSAGE_HEADER_BYTES, put_message};
use self::parts::{ACCEPT, ANSWER, ASK, CLOSE, CLOSE_ACK, DATA, HELLO, REFUSE, RESET, RETRY, array};
pub use self::{
    data::{Data, MessageAcks, Messages, PacketAcks},
    parts::{Cid, MAX_DATAGRAM, PacketError},
};
use crate::proto::{Preface, ProtocolRange};

/// Bytes of a cookie: a time slot and a hash of 128 bits.
pub(super) const COOKIE_BYTES: usize = 20;

/// A cookie on the wire.
pub(super) type Cookie = [u8; COOKIE_BYTES];

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING-KEBAB-CASE")]
pub enum Packet<'a> {
    /// A client asks for a session.
    Hello(Hello),
    /// The server asks the client to repeat its hello with this cookie.
    Retry {
        /// The client's cid.
        client_cid: Cid,
        /// Opaque to the client.
        cookie: [u8; COOKIE_BYTES],
    },
    /// The server accepts the client.
    Accept(Accept),
    /// The server refuses the client.
    Refuse(Refuse),
    /// Messages and acknowledgements.
    Data(Data<'a>),
    /// One side ends the session.
    Close {
        /// The receiver's cid.
        cid: Cid,
        /// The reason.
        code: CloseCode,
    },
    /// The answer to a close.
    CloseAck {
        /// The cid that the close carried.
        cid: Cid,
    },
    /// The answer to data for a session that does not exist (any more).
    Reset {
        /// The cid that the data carried.
        cid: Cid,
    },
    /// Somebody asks a question without a session.
    Ask(Ask<'a>),
    /// The server answers it.
    Answer {
        /// The asker's cid.
        client_cid: Cid,
        /// The answer: a message, which means nothing here.
        message: &'a [u8],
    },
}

/// A client asks for a session. The packet has the largest size, so that the path is known to carry it and no answer
/// exceeds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hello {
    /// The protocols that the client speaks.
    pub protocols: ProtocolRange,
    /// The cid that the client chose to receive under.
    pub client_cid: Cid,
    /// The cookie, once the server has sent one.
    pub cookie: Option<[u8; COOKIE_BYTES]>,
}

/// A question without a session. The packet has the largest size and asks for a cookie first, so that no answer exceeds it
/// and none goes to a forged address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask<'a> {
    /// The asker's protocols, its cid, and the cookie, as in a hello.
    pub hello: Hello,
    /// The question: a message, which means nothing here.
    pub message: &'a [u8],
}

/// The server accepts the client. The packet has the largest size, so that the way back is known to carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accept {
    /// The client's cid.
    pub client_cid: Cid,
    /// The cid that the server chose to receive under.
    pub server_cid: Cid,
    /// The protocol of the session.
    pub protocol: u16,
}

/// The server refuses the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refuse {
    /// The client's cid.
    pub client_cid: Cid,
    /// The reason.
    pub code: RefuseCode,
    /// The protocols that the server speaks.
    pub protocols: ProtocolRange,
}

/// The reason of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::FromRepr)]
#[repr(u8)]
pub enum RefuseCode {
    /// The two sides have no protocol in common.
    Version = 1,
    /// The server has no room for another session, or none for one from this address.
    Full = 2,
}

/// The reason why a session ends, as far as the transport is concerned. The reason that players see is in the last
/// message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::FromRepr)]
#[repr(u8)]
pub enum CloseCode {
    /// Everything was delivered.
    Done = 1,
    /// The owner of the session dropped it.
    Abandoned = 2,
    /// The numbers are used up.
    Exhausted = 3,
    /// Nothing was heard for the idle timeout.
    Silent = 4,
}

impl<'a> Packet<'a> {
    /// Decodes a whole datagram.
    ///
    /// # Errors
    ///
    /// [`PacketError`] if any part of it is not as it has to be.
    pub fn decode(datagram: &'a [u8]) -> Result<Self, PacketError> {
        let Some((&first, mut body)) = datagram.split_first() else { return Err(PacketError::Type) };
        // These have the largest size, and zeros behind their fields.
        let is_padded = matches!(first, HELLO | ACCEPT | ASK);
        if datagram.len() > MAX_DATAGRAM || (is_padded && datagram.len() < MAX_DATAGRAM) {
            return Err(PacketError::Length);
        }
        let body = &mut body;
        let packet = match first {
            HELLO => Self::Hello(Hello::decode(body)?),
            RETRY => Self::Retry { client_cid: Cid(body.try_get_u64()?), cookie: array(body)? },
            ACCEPT => Self::Accept(Accept {
                client_cid: Cid(body.try_get_u64()?),
                server_cid: Cid(body.try_get_u64()?),
                protocol: body.try_get_u16()?,
            }),
            REFUSE => Self::Refuse(Refuse::decode(body)?),
            DATA => Self::Data(Data::decode(body)?),
            CLOSE => {
                let (cid, code) = (Cid(body.try_get_u64()?), CloseCode::from_repr(body.try_get_u8()?));
                Self::Close { cid, code: code.ok_or(PacketError::Value)? }
            }
            CLOSE_ACK => Self::CloseAck { cid: Cid(body.try_get_u64()?) },
            RESET => Self::Reset { cid: Cid(body.try_get_u64()?) },
            ASK => {
                let (hello, length) = (Hello::decode(body)?, body.try_get_u8()?);
                let message = body.split_off(..length.into()).filter(|message| !message.is_empty());
                Self::Ask(Ask { hello, message: message.ok_or(PacketError::Length)? })
            }
            ANSWER => {
                let (client_cid, message) = (Cid(body.try_get_u64()?), std::mem::take(body));
                if message.is_empty() {
                    return Err(PacketError::Length);
                }
                Self::Answer { client_cid, message }
            }
            _ => return Err(PacketError::Type),
        };
        if body.is_empty() || (is_padded && body.iter().all(|byte| *byte == 0)) {
            return Ok(packet);
        }
        Err(if is_padded { PacketError::Value } else { PacketError::Length })
    }

    /// Returns the name of the packet's type in the protocol.
    pub(crate) fn name(&self) -> &'static str {
        self.into()
    }

    /// Encodes the packet in place of the content of `datagram`. It fits [`MAX_DATAGRAM`] if its messages do.
    ///
    /// # Panics
    ///
    /// If a question has more than 255 bytes.
    pub fn encode(&self, datagram: &mut BytesMut) {
        datagram.clear();
        match self {
            Self::Hello(hello) => hello.encode(HELLO, datagram),
            Self::Retry { client_cid, cookie } => {
                put_head(datagram, RETRY, *client_cid);
                datagram.put_slice(cookie);
            }
            Self::Accept(Accept { client_cid, server_cid, protocol }) => {
                put_head(datagram, ACCEPT, *client_cid);
                datagram.put_u64(server_cid.0);
                datagram.put_u16(*protocol);
            }
            Self::Refuse(Refuse { client_cid, code, protocols }) => {
                put_head(datagram, REFUSE, *client_cid);
                datagram.put_u8(*code as u8);
                datagram.put_u16(protocols.oldest);
                datagram.put_u16(protocols.newest);
            }
            Self::Data(data) => data.encode(datagram),
            Self::Close { cid, code } => {
                put_head(datagram, CLOSE, *cid);
                datagram.put_u8(*code as u8);
            }
            Self::CloseAck { cid } => put_head(datagram, CLOSE_ACK, *cid),
            Self::Reset { cid } => put_head(datagram, RESET, *cid),
            Self::Ask(Ask { hello, message }) => {
                hello.encode(ASK, datagram);
                datagram.put_u8(u8::try_from(message.len()).expect("a question takes 11 bytes at most"));
                datagram.put_slice(message);
            }
            Self::Answer { client_cid, message } => {
                put_head(datagram, ANSWER, *client_cid);
                datagram.put_slice(message);
            }
        }
        if matches!(self, Self::Hello(_) | Self::Accept(_) | Self::Ask(_)) {
            datagram.resize(MAX_DATAGRAM, 0);
        }
    }
}

impl Hello {
    fn decode(body: &mut &[u8]) -> Result<Self, PacketError> {
        let Preface(protocols) = Preface::decode(array(body)?).ok_or(PacketError::Value)?;
        let client_cid = Cid(body.try_get_u64()?);
        let cookie = match usize::from(body.try_get_u8()?) {
            0 => None,
            COOKIE_BYTES => Some(array(body)?),
            _ => return Err(PacketError::Value),
        };
        Ok(Self { protocols, client_cid, cookie })
    }

    fn encode(&self, first_byte: u8, datagram: &mut BytesMut) {
        datagram.put_u8(first_byte);
        datagram.put_slice(&Preface(self.protocols).encode());
        datagram.put_u64(self.client_cid.0);
        let cookie = self.cookie.as_ref().map_or(&[][..], |cookie| cookie);
        datagram.put_u8(u8::try_from(cookie.len()).expect("20 or 0"));
        datagram.put_slice(cookie);
    }
}

impl Refuse {
    fn decode(body: &mut &[u8]) -> Result<Self, PacketError> {
        let (client_cid, code) = (Cid(body.try_get_u64()?), RefuseCode::from_repr(body.try_get_u8()?));
        let protocols = ProtocolRange { oldest: body.try_get_u16()?, newest: body.try_get_u16()? };
        match code {
            Some(code) if protocols.oldest <= protocols.newest => Ok(Self { client_cid, code, protocols }),
            Some(_) | None => Err(PacketError::Value),
        }
    }
}

/// Writes the first bytes of every packet but HELLO.
fn put_head(datagram: &mut BytesMut, first_byte: u8, cid: Cid) {
    datagram.put_u8(first_byte);
    datagram.put_u64(cid.0);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{arq::Seq, proto::PROTOCOL};

    fn bytes(packet: &Packet<'_>) -> BytesMut {
        let mut datagram = BytesMut::new();
        packet.encode(&mut datagram);
        datagram
    }

    /// One packet of each type, and data of several kinds.
    fn samples() -> Vec<BytesMut> {
        let hello = Hello { protocols: PROTOCOL, client_cid: Cid(0x0102_0304_0506_0708), cookie: None };
        let accept = Accept { client_cid: Cid(1), server_cid: Cid(u64::MAX), protocol: 1 };
        let refuse = Refuse { client_cid: Cid(1), code: RefuseCode::Full, protocols: PROTOCOL };
        let mut samples = vec![
            bytes(&Packet::Hello(hello)),
            bytes(&Packet::Hello(Hello { cookie: Some([9; COOKIE_BYTES]), ..hello })),
            bytes(&Packet::Retry { client_cid: Cid(1), cookie: [9; COOKIE_BYTES] }),
            bytes(&Packet::Accept(accept)),
            bytes(&Packet::Refuse(refuse)),
            bytes(&Packet::Close { cid: Cid(1), code: CloseCode::Done }),
            bytes(&Packet::CloseAck { cid: Cid(1) }),
            bytes(&Packet::Reset { cid: Cid(1) }),
            bytes(&Packet::Ask(Ask { hello, message: b"question" })),
            bytes(&Packet::Answer { client_cid: Cid(1), message: &[7; 1100] }),
        ];
        let seq = |number| Seq::new(number).unwrap();
        for messages in [&[][..], &[(1, &b"x"[..])], &[(1, &b"first"[..]), (3, &[7; 900])]] {
            let mut datagram = BytesMut::new();
            let header = Data {
                cid: Cid(7),
                number: seq(2),
                acks: PacketAcks {
                    largest: Some(seq(40)),
                    bits: 5,
                    delay: std::time::Duration::from_micros(64),
                },
                received: MessageAcks { next: seq(3), bits: 1 },
                wants_ack: true,
                messages: Messages::default(),
            };
            header.encode(&mut datagram);
            for (number, payload) in messages {
                put_message(&mut datagram, seq(*number), payload);
            }
            samples.push(datagram);
        }
        samples
    }

    #[test]
    fn what_is_encoded_decodes_to_the_same_bytes() {
        for sample in samples() {
            let packet = Packet::decode(&sample).unwrap();
            assert_eq!(bytes(&packet), sample, "{packet:?}");
        }
    }

    #[test]
    fn answers_are_smaller_than_what_they_answer() {
        let length = |packet| bytes(&packet).len();
        assert_eq!(length(Packet::Retry { client_cid: Cid(1), cookie: [9; COOKIE_BYTES] }), 29);
        let close = length(Packet::Close { cid: Cid(1), code: CloseCode::Done });
        assert!(length(Packet::CloseAck { cid: Cid(1) }) < close);
        assert!(length(Packet::Reset { cid: Cid(1) }) < data::HEADER_BYTES);
    }

    #[test]
    fn a_truncated_or_extended_packet_is_refused() {
        for sample in samples() {
            for length in 0..sample.len() {
                // Data may end after any of its messages, and an answer is not counted here.
                if let Ok(packet) = Packet::decode(&sample[..length]) {
                    let may_end = matches!(packet, Packet::Data(_) | Packet::Answer { .. });
                    assert!(may_end, "{packet:?} of {length} bytes");
                    assert_eq!(bytes(&packet), sample[..length]);
                }
            }
            let mut extended = sample.clone();
            extended.resize(if sample[0] == ANSWER { MAX_DATAGRAM + 1 } else { sample.len() + 1 }, 0);
            assert!(Packet::decode(&extended).is_err(), "{sample:?}");
        }
    }

    /// Some of them are packets again; those have one encoding, too.
    #[test]
    fn every_flipped_bit_is_refused_or_another_packet() {
        for sample in samples() {
            for bit in 0..8 * sample.len() {
                let mut flipped = sample.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                if let Ok(packet) = Packet::decode(&flipped) {
                    assert_ne!(packet, Packet::decode(&sample).unwrap(), "bit {bit}");
                    assert_eq!(bytes(&packet), flipped, "bit {bit}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_have_one_encoding(
            first in prop_oneof![0x50_u8..0x5a, any::<u8>()],
            rest in prop::collection::vec(any::<u8>(), 0..1300),
        ) {
            let mut datagram = BytesMut::new();
            datagram.put_u8(first);
            datagram.put_slice(&rest);
            if let Ok(packet) = Packet::decode(&datagram) {
                prop_assert_eq!(bytes(&packet), datagram);
            }
        }
    }
}
