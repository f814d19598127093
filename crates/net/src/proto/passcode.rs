//! The passcode of a room.

use std::str::FromStr;

use arrayvec::ArrayString;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    typed::{ascii_form, parsed_within},
    visible::{is_allowed, visible_part},
};

/// Maximum bytes of a passcode in UTF-8.
pub const MAX_PASSCODE_BYTES: usize = 32;

/// A word that opens a locked room.
///
/// A server compares hashes of passcodes, in constant time, and `Debug` keeps them out of logs.
///
/// # Invariants
///
/// One to [`MAX_PASSCODE_BYTES`] bytes of visible characters without spaces.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, derive_more::Debug)]
#[debug("Passcode(..)")]
#[serde(try_from = "ArrayString<MAX_PASSCODE_BYTES>")]
pub struct Passcode(ArrayString<MAX_PASSCODE_BYTES>);

/// The error for a text that is no [`Passcode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a passcode has 1 to {MAX_PASSCODE_BYTES} bytes of visible characters without spaces")]
pub struct ParsePasscodeError;

impl Passcode {
    /// Parses a typed passcode, without what carries no meaning in it, and with ASCII for full-width characters and dashes: two
    /// keyboards may spell one word differently.
    ///
    /// # Errors
    ///
    /// [`ParsePasscodeError`] if the rest is no passcode.
    pub fn parse_typed(typed: &str) -> Result<Self, ParsePasscodeError> {
        visible_part(typed).chars().map(ascii_form).collect::<String>().parse()
    }

    /// Returns the passcode as text, for the host's screen.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed_within!(Passcode, MAX_PASSCODE_BYTES);

impl FromStr for Passcode {
    type Err = ParsePasscodeError;

    fn from_str(text: &str) -> Result<Self, ParsePasscodeError> {
        if text.is_empty() || !text.chars().all(is_allowed) {
            return Err(ParsePasscodeError);
        }
        ArrayString::from(text).map(Self).map_err(|_too_long| ParsePasscodeError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passcodes_are_the_same_byte_by_byte() {
        let code = |text: &str| text.parse::<Passcode>().unwrap();
        assert_eq!(code("1234"), code("1234"));
        for other in ["1235", "12345", "123", "0234"] {
            assert_ne!(code("1234"), code(other));
        }
        assert_eq!(code(&"x".repeat(32)), code(&"x".repeat(32)));
    }

    #[test]
    fn a_passcode_is_short_and_visible() {
        for bad in ["", " ", "a b", "a\n", "\u{1b}[m", &"x".repeat(33)] {
            assert!(bad.parse::<Passcode>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_passcode_is_the_same_from_every_keyboard() {
        let typed = |text| Passcode::parse_typed(text).unwrap();
        assert_eq!(typed("cafe\u{301}✌\u{fe0f}"), typed("café✌"));
        assert_eq!(typed("００４２"), typed("0042"));
        assert_eq!(typed("well–read"), typed("well-read"));
        assert!(Passcode::parse_typed("a\u{a0}b").is_err());
        assert!(Passcode::parse_typed("a\u{3000}b").is_err());
    }

    #[test]
    fn a_passcode_stays_out_of_logs() {
        assert_eq!(format!("{:?}", "secret".parse::<Passcode>().unwrap()), "Passcode(..)");
    }
}
