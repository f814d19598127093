//! The messages of both sides, the types they are made of, and their encoding.
//!
//! Everything here is pure. A message does not know how it travels; [`codec`] knows its bytes, and [`json`] its text. Everything that
//! arrives is parsed into a type that cannot hold an invalid value: a [`Name`] without escape sequences, a [`RoomCode`]
//! in its canonical spelling, a record of legal moves. Decoding fails for impossible values, so nothing is left to
//! validate behind it.

mod chat;
pub mod codec;
mod inquiry;
pub mod json;
mod message;
mod name;
mod passcode;
mod reason;
mod room_code;
mod room_list;
mod snapshot;
mod terms;
mod token;
mod typed;
mod version;
mod visible;

pub use chat::{ChatLine, ChatMessage, Emote, MAX_CHAT_COLUMNS, ParseChatLineError, Speaker};
pub use codec::{DecodeError, MAX_MESSAGE};
pub use inquiry::{Answer, Question, ROOMS_PER_ANSWER};
pub use json::MAX_JSON;
pub use message::{
    Access, Claim, ClientMessage, Command, CommandKind, Event, Hello, ServerMessage, Setting, Unseating,
    Welcome,
};
pub use name::{MAX_NAME_COLUMNS, Name, ParseNameError, Skeleton};
pub use passcode::{MAX_PASSCODE_BYTES, ParsePasscodeError, Passcode};
pub use reason::{CloseReason, Reject};
pub use room_code::{CODE_WORDS, ParseRoomCodeError, RoomCode};
pub use room_list::{AdjournedLine, MAX_ADJOURNED, ROOMS_PER_MESSAGE, RoomLine, RoomList, RoomState};
pub use snapshot::{
    Claimable, Clocks, Ending, Occupant, Offer, OfferKind, PerSeat, Phase, Presence, Score, Seat, SeatView,
    ServerTime, Snapshot, Visibility,
};
pub use terms::{BestOf, ParseBestOfError, ParseTimeControlError, Seconds, Terms, TimeControl};
pub use token::{ParseTokenError, SECRET_BYTES, SessionId, Token};
pub use typed::ascii_form;
pub use version::{MAGIC, PREFACE_BYTES, PROTOCOL, Preface, ProtocolRange};
pub use visible::visible_part;
