//! Mistakes in typed addresses.

use thiserror::Error;

/// Bytes of a host name without its last dot (RFC 1035 section 2.3.4: 255 octets on the wire).
pub(super) const MAX_NAME_BYTES: usize = 253;

/// Digits of the largest port, 65535.
pub(super) const MAX_PORT_BYTES: usize = 5;

/// Bytes of the longest address: a full host name, its last dot, a colon and a port.
pub(super) const MAX_TEXT_BYTES: usize = MAX_NAME_BYTES + 1 + 1 + MAX_PORT_BYTES;

/// A mistake in a typed address. Each message is one clause, and repeats nothing that a terminal could act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParseAddrError {
    /// Nothing was typed, or only blanks.
    #[error("an address is missing")]
    Empty,
    /// The text is longer than any address.
    #[error("an address has at most {MAX_TEXT_BYTES} characters")]
    TooLong,
    /// A character belongs to no spelling of an address.
    #[error("{} cannot stand in an address", shown(*.0))]
    IllegalCharacter(char),
    /// A port has no host before it.
    #[error("the host is missing before the port")]
    MissingHost,
    /// The text behind the colon is not a number of 16 bits.
    #[error("a port is a number from 1 to 65535")]
    BadPort,
    /// The port to connect to is 0.
    #[error("nobody can be reached on port 0")]
    PortZero,
    /// An IPv6 address is followed by a port without brackets between them.
    #[error("an IPv6 address needs brackets before a port")]
    NeedsBrackets,
    /// One bracket of the two is missing.
    #[error("a bracket is missing")]
    MissingBracket,
    /// Something other than a port follows the closing bracket.
    #[error("only a colon and a port can follow the bracket")]
    AfterBracket,
    /// A text has two colons or brackets, but is no IPv6 address.
    #[error("that is not an IPv6 address")]
    BadIpv6,
    /// A text ends in a number, as only an IPv4 address does, but is none.
    #[error("an IPv4 address is four numbers from 0 to 255")]
    BadIpv4,
    /// The text behind `%` is neither the name nor the number of an interface.
    #[error("a scope is the name or the number of a network interface")]
    BadScope,
    /// A scope follows an address that takes none.
    #[error("only a link-local IPv6 address (fe80::) takes a scope")]
    ScopeNotLinkLocal,
    /// A part of a host name is empty, too long, or begins or ends with a hyphen.
    #[error("each part of a host name has 1 to 63 characters and no hyphen at its ends")]
    BadLabel,
}

impl ParseAddrError {
    /// Three correct examples.
    pub const fn hint(&self) -> &'static str {
        "`192.168.1.7`, `laptop.local:1952` and `[fd4d::5]:1952` are addresses"
    }
}

/// A character in an error message: itself if no terminal acts on it, else its code.
fn shown(character: char) -> String {
    if character.is_ascii_graphic() || character.is_alphanumeric() {
        format!("`{character}`")
    } else {
        format!("the character U+{:04X}", u32::from(character))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_do_not_move_the_terminal() {
        for hostile in ['\u{1b}', '\r', '\u{202e}', '\u{7f}', '\u{9b}', '\u{200b}'] {
            let said = ParseAddrError::IllegalCharacter(hostile).to_string();
            assert!(said.chars().all(|c| c.is_ascii() && !c.is_ascii_control()), "{said:?}");
        }
        assert_eq!(ParseAddrError::IllegalCharacter('ü').to_string(), "`ü` cannot stand in an address");
    }
}
