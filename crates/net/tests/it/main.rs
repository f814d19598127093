//! The wire format, checked against recorded bytes, and against bytes that nobody should send.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests stand outside of what they test"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "a failing seed is for whoever runs the tests")]

/// One message of every variant, by name.
mod samples;

mod arq;
mod bombs;
mod discovery;
mod document;
mod golden;
mod impossible;
mod links;
mod mutations;
mod packets;
mod upper_echo;
mod xray;

use net::proto::{
    ClientMessage, DecodeError, ServerMessage, codec,
    json::{self, JsonError},
};

/// A message of either side.
#[derive(Debug, Clone)]
enum Message {
    Client(ClientMessage),
    Server(ServerMessage),
}

/// The sender of a message. The bytes do not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

impl Message {
    fn decode(side: Side, bytes: &[u8]) -> Result<Self, DecodeError> {
        match side {
            Side::Client => codec::decode(bytes).map(Self::Client),
            Side::Server => codec::decode(bytes).map(Self::Server),
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Client(message) => codec::encode(message).to_vec(),
            Self::Server(message) => codec::encode(message).to_vec(),
        }
    }

    fn from_json(side: Side, text: &str) -> Result<Self, JsonError> {
        match side {
            Side::Client => json::decode(text).map(Self::Client),
            Side::Server => json::decode(text).map(Self::Server),
        }
    }

    fn to_json(&self) -> String {
        match self {
            Self::Client(message) => json::encode(message),
            Self::Server(message) => json::encode(message),
        }
    }

    const fn side(&self) -> Side {
        match self {
            Self::Client(_) => Side::Client,
            Self::Server(_) => Side::Server,
        }
    }
}

/// Formats bytes like the data files.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"))
}

/// Parses hexadecimal digits, with white space anywhere.
#[track_caller]
fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|digit| digit.to_digit(16).unwrap_or_else(|| panic!("{digit:?} is no hexadecimal digit")))
        .collect();
    assert!(digits.len().is_multiple_of(2), "half a byte in {text:?}");
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}
