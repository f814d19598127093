//! The lists for a session: rooms that can be joined or watched, and its own adjourned matches.

use arrayvec::ArrayVec;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Name, RoomCode, Terms};

/// Maximum number of rooms in one message. The longest line takes 161 bytes, so six fit beside everything else.
pub const ROOMS_PER_MESSAGE: usize = 6;

/// Maximum number of adjourned matches in one message, and so of one session. The longest line takes 78 bytes.
pub const MAX_ADJOURNED: usize = 8;

/// A part of the list of rooms. The list is sent whole after each change, in as many parts as it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomList {
    /// The place of the first of these rooms in the list, from 0. A part with 0 begins a new list.
    pub first: u16,
    /// The number of rooms in the whole list.
    pub total: u16,
    /// The rooms: those that wait, the newest first, then those in play, likewise; at most [`ROOMS_PER_MESSAGE`].
    #[serde(deserialize_with = "at_most::<ROOMS_PER_MESSAGE, _, _>")]
    pub rooms: Vec<RoomLine>,
}

/// A room in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomLine {
    /// The code for joining and watching.
    pub code: RoomCode,
    /// The player who opened the room.
    pub host: Name,
    /// The second player; `None` while there is none.
    pub guest: Option<Name>,
    /// The terms of the room.
    pub terms: Terms,
    /// True if a passcode is needed.
    pub is_locked: bool,
    /// True if watching is allowed.
    pub is_watchable: bool,
    /// The number of watchers.
    pub watchers: u16,
    /// The time that the room has waited, or that its match has run, in seconds.
    pub seconds: u32,
}

/// The state of a room, in the order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoomState {
    /// It waits for a second player.
    Open,
    /// Two players are in it.
    InPlay,
    /// It needs a passcode, and waits or is in play.
    Locked,
}

impl RoomLine {
    /// The state for a list.
    pub const fn state(&self) -> RoomState {
        match (self.is_locked, self.guest) {
            (true, _) => RoomState::Locked,
            (false, Some(_)) => RoomState::InPlay,
            (false, None) => RoomState::Open,
        }
    }
}

impl RoomState {
    /// The word for programs, as in `oxo list --json`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InPlay => "playing",
            Self::Locked => "locked",
        }
    }

    /// The word for people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InPlay => "in play",
            Self::Locked => "locked",
        }
    }
}

/// An adjourned match of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjournedLine {
    /// The code for joining again.
    pub code: RoomCode,
    /// The other player.
    pub opponent: Name,
    /// True if the other player is in the room and wants to go on.
    pub is_opponent_there: bool,
    /// The number of moves made.
    pub ply: u16,
}

/// Deserializes a sequence of at most `MAX` elements. No memory is reserved before all of them have arrived.
pub(super) fn at_most<'de, const MAX: usize, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    ArrayVec::<T, MAX>::deserialize(deserializer).map(|elements| elements.into_iter().collect())
}
