//! What the two sides say to each other: the messages, the types they are made of, and their encoding.
//!
//! Everything here is pure. A message does not know how it travels; [`codec`] alone knows how it is written
//! down. Every type that arrives is a parsed type: a [`Name`] that cannot hold an escape sequence, a
//! [`RoomCode`] that is one, a record in which every move was legal. Decoding fails where a value is
//! impossible, so nothing behind it is left to validate.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod codec;
mod message;
mod name;
mod room_code;
mod snapshot;
mod text;
mod token;
mod version;

pub use codec::{DecodeError, MAX_MESSAGE};
pub use message::{
    ClientMessage, CloseReason, Command, CommandKind, Event, Hello, Reject, ServerMessage, Unseating, Welcome,
};
pub use name::{MAX_NAME_COLUMNS, Name, ParseNameError};
pub use room_code::{CODE_WORDS, ParseRoomCodeError, RoomCode};
pub use snapshot::{Ending, Occupant, PerSeat, Phase, Presence, Score, Seat, SeatView, Snapshot};
pub use token::{SECRET_BYTES, SessionId, Token};
pub use version::{MAGIC, PREFACE_BYTES, PROTOCOL, Preface, ProtocolRange};
