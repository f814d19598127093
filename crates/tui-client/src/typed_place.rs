//! Places, as people type them.

use net::{
    addr::{HostPort, ParseAddrError},
    proto::{ParseRoomCodeError, RoomCode, ascii_form, visible_part},
};
use thiserror::Error;

/// A place that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypedPlace {
    /// A game somewhere on this network.
    Code {
        /// Its code.
        code: RoomCode,
        /// The machine that is meant if no game has this code: one can be called `pine-64`.
        machine: Option<HostPort>,
    },
    /// A server, and a game on it.
    Server {
        /// The server.
        target: HostPort,
        /// The game.
        code: Option<RoomCode>,
    },
}

/// A text that is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParsePlaceError {
    /// The part before the `@` is no code.
    #[error(transparent)]
    Code(ParseRoomCodeError),
    /// Nothing stands behind the `@` of a code.
    #[error(
        "an address is missing, as in `{0}@192.168.1.7` or `{0}@localhost`; `{0}` alone is found on this network"
    )]
    NoAddress(RoomCode),
    /// The address is none.
    #[error("{error}; {hint}", error = .0, hint = .0.hint())]
    Address(ParseAddrError),
}

/// Parses a place: `CODE`, `HOST`, `HOST:PORT`, or `CODE@` before either. The command that a host's screen shows and copies
/// may stand before it, and quotes around it.
///
/// # Errors
///
/// [`ParsePlaceError`] for a wrong code or address.
pub fn parse_place(typed: &str) -> Result<TypedPlace, ParsePlaceError> {
    let typed: String = visible_part(typed).chars().map(ascii_form).collect();
    let typed = typed.trim_matches(|character: char| character.is_whitespace() || "`'\"".contains(character));
    let typed = COMMANDS.into_iter().find_map(|command| typed.strip_prefix(command)).unwrap_or(typed);
    if let Ok(code) = RoomCode::parse_typed(typed) {
        return Ok(TypedPlace::Code { code, machine: typed.parse().ok() });
    }
    let (code, address) = match typed.split_once('@') {
        Some((code, address)) => (Some(RoomCode::parse_typed(code).map_err(ParsePlaceError::Code)?), address),
        None => (None, typed),
    };
    let target = address.trim().parse().map_err(|error| match (error, code) {
        (ParseAddrError::Empty, Some(code)) => ParsePlaceError::NoAddress(code),
        (error, _) => ParsePlaceError::Address(error),
    })?;
    Ok(TypedPlace::Server { target, code })
}

/// The commands that a screen shows before a place.
const COMMANDS: [&str; 2] = ["oxo join ", "oxo watch "];
