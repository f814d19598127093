//! Session ids, and the tokens that prove the ownership of a session.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Bytes of a token's secret: 128 bits, too many to guess at any rate that a server answers.
pub const SECRET_BYTES: usize = 16;

/// The number of a session, unique for the life of a server, and no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SessionId(pub u64);

impl fmt::Display for SessionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "s{}", self.0)
    }
}

/// The proof that a client shows to take its seat again over a new link.
///
/// It has no `PartialEq`, so that nobody compares secrets in a time that depends on them, and its `Debug` keeps the
/// secret out of logs.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Token {
    /// The session to return to.
    pub session: SessionId,
    /// The secret, drawn from the system's random source.
    pub secret: [u8; SECRET_BYTES],
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Token({}, ..)", self.session)
    }
}
