//! The parts that all packets share: the size limit, the first byte, connection ids, and the error.

use bytes::{Buf as _, TryGetError};
use thiserror::Error;

/// Bytes of the largest datagram: the smallest IPv6 MTU (1,280, RFC 8200 section 5) less the headers of IPv6 and UDP
/// (48), and room for a tunnel's.
pub const MAX_DATAGRAM: usize = 1200;

/// The first byte of each type. Its two highest bits tell a packet from our TCP preface (`0x8f`) and from text.
pub(super) const HELLO: u8 = 0x50;
pub(super) const RETRY: u8 = 0x51;
pub(super) const ACCEPT: u8 = 0x52;
pub(super) const REFUSE: u8 = 0x53;
pub(super) const DATA: u8 = 0x54;
pub(super) const CLOSE: u8 = 0x55;
pub(super) const CLOSE_ACK: u8 = 0x56;
pub(super) const RESET: u8 = 0x57;
pub(super) const ASK: u8 = 0x58;
pub(super) const ANSWER: u8 = 0x59;

/// A connection id: 64 random bits, chosen by the side that receives under it. Nobody who has not seen one can guess
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, derive_more::Display)]
#[display("{_0:016x}")]
pub struct Cid(pub u64);

/// The reason why a datagram is no packet. It changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PacketError {
    /// The datagram is empty, of another version, or of an unknown type.
    #[error("no packet of ours")]
    Type,
    /// The length does not fit the type.
    #[error("a packet of an impossible length")]
    Length,
    /// A field has an impossible value.
    #[error("a packet with an impossible value")]
    Value,
}

impl From<TryGetError> for PacketError {
    fn from(_too_short: TryGetError) -> Self {
        Self::Length
    }
}

/// Reads the next `N` bytes.
pub(super) fn array<const N: usize>(body: &mut &[u8]) -> Result<[u8; N], PacketError> {
    let mut array = [0; N];
    body.try_copy_to_slice(&mut array)?;
    Ok(array)
}
