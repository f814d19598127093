//! The preface: the eight bytes that open a stream in each direction, in every version of the protocol.

use std::fmt;

/// The first four bytes of a preface. The first one begins no text, no HTTP request and no TLS record, so one byte
/// tells our peers from all others.
pub const MAGIC: [u8; 4] = [0x8f, b'O', b'X', b'O'];

/// Bytes of a preface: [`MAGIC`], the oldest and the newest protocol, each a big-endian `u16`.
pub const PREFACE_BYTES: usize = 8;

/// The protocols that this program speaks.
pub const PROTOCOL: ProtocolRange = ProtocolRange { oldest: 3, newest: 3 };

/// The protocols that one side speaks, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProtocolRange {
    /// The oldest protocol spoken.
    pub oldest: u16,
    /// The newest protocol spoken.
    pub newest: u16,
}

impl ProtocolRange {
    /// Returns the newest protocol that both sides speak; `None` if there is none.
    pub fn common(self, other: Self) -> Option<u16> {
        let newest = self.newest.min(other.newest);
        (newest >= self.oldest.max(other.oldest)).then_some(newest)
    }
}

impl fmt::Display for ProtocolRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.oldest == self.newest {
            write!(formatter, "{}", self.newest)
        } else {
            write!(formatter, "{} to {}", self.oldest, self.newest)
        }
    }
}

/// The bytes that each side sends before its first frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preface(pub ProtocolRange);

impl Preface {
    /// Returns the bytes on the wire.
    pub const fn encode(self) -> [u8; PREFACE_BYTES] {
        let [m0, m1, m2, m3] = MAGIC;
        let [oldest_high, oldest_low] = self.0.oldest.to_be_bytes();
        let [newest_high, newest_low] = self.0.newest.to_be_bytes();
        [m0, m1, m2, m3, oldest_high, oldest_low, newest_high, newest_low]
    }

    /// Decodes a preface; `None` if the bytes are none, or name an empty range.
    pub fn decode(bytes: [u8; PREFACE_BYTES]) -> Option<Self> {
        let [m0, m1, m2, m3, o0, o1, n0, n1] = bytes;
        let range =
            ProtocolRange { oldest: u16::from_be_bytes([o0, o1]), newest: u16::from_be_bytes([n0, n1]) };
        ([m0, m1, m2, m3] == MAGIC && range.oldest <= range.newest).then_some(Self(range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn range(oldest: u16, newest: u16) -> ProtocolRange {
        ProtocolRange { oldest, newest }
    }

    #[test]
    fn the_preface_never_changes() {
        assert_eq!(Preface(range(1, 0x0203)).encode(), [0x8f, 0x4f, 0x58, 0x4f, 0, 1, 2, 3]);
        assert_eq!(Preface::decode(*b"\x8fOXO\0\x01\x02\x03"), Some(Preface(range(1, 0x0203))));
    }

    #[test]
    fn other_bytes_are_no_preface() {
        assert_eq!(Preface::decode(*b"GET / HT"), None);
        assert_eq!(Preface::decode(*b"\x8fOXO\0\x02\0\x01"), None, "an empty range");
    }

    #[test]
    fn the_newest_common_protocol_is_spoken() {
        assert_eq!(range(1, 3).common(range(2, 5)), Some(3));
        assert_eq!(range(2, 5).common(range(1, 3)), Some(3));
        assert_eq!(range(1, 1).common(range(2, 5)), None);
    }
}
