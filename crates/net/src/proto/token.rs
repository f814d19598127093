//! Session ids, and the tokens that prove the ownership of a session.

use std::{fmt, str::FromStr};

use derive_more::{Debug, Display};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::typed::serde_by_notation;

/// Bytes of a token's secret: 128 bits, too many to guess at any rate that a server answers.
pub const SECRET_BYTES: usize = 16;

/// The number of a session, unique for the life of a server, and no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Display)]
#[display("s{_0}")]
pub struct SessionId(pub u64);

/// The proof that a client shows to take its seat again over a new link.
///
/// It has no `PartialEq`, so that nobody compares secrets in a time that depends on them, and its `Debug` keeps the
/// secret out of logs.
#[derive(Clone, Copy, Serialize, Deserialize, Debug)]
#[debug("Token({session}, ..)")]
#[serde(remote = "Self")]
pub struct Token {
    /// The session to return to.
    pub session: SessionId,
    /// The secret, drawn from the system's random source.
    pub secret: [u8; SECRET_BYTES],
}

/// The error for a text that is no [`Token`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a token is the number of a session, a dash and {} hexadecimal digits", 2 * SECRET_BYTES)]
pub struct ParseTokenError;

impl FromStr for Token {
    type Err = ParseTokenError;

    /// Parses the number of the session, a dash and the secret in hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, ParseTokenError> {
        let (session, digits) = text.split_once('-').ok_or(ParseTokenError)?;
        let session = session.parse().map_err(|_not_a_number| ParseTokenError)?;
        if digits.len() != 2 * SECRET_BYTES || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(ParseTokenError);
        }
        let secret = u128::from_str_radix(digits, 16).map_err(|_no_digits| ParseTokenError)?;
        Ok(Self { session: SessionId(session), secret: secret.to_be_bytes() })
    }
}

serde_by_notation!(Token, Token::notation);

impl Token {
    /// One text, which a program keeps and returns as it is. It is not `Display`, so that no log has it by mistake.
    fn notation(&self) -> impl fmt::Display {
        let (session, secret) = (self.session.0, u128::from_be_bytes(self.secret));
        fmt::from_fn(move |f| write!(f, "{session}-{secret:032x}"))
    }
}
