//! Questions about the rooms of a server, which need no session, and their answers.

use serde::{Deserialize, Serialize};

use super::{Name, RoomCode, RoomLine, room_list::at_most};

/// Maximum number of rooms in one answer. Usual lines take some 25 bytes, so that as many fit; of the longest lines five do.
pub const ROOMS_PER_ANSWER: usize = 16;

/// A question about the rooms of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Question {
    /// The rooms on the list.
    Rooms {
        /// The place of the first one that is wanted, from 0.
        first: u16,
    },
    /// The room with this code, which need not be on the list. A server answers only so many wrong codes of one address.
    Code(RoomCode),
}

/// The answer to a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The name of the server.
    pub server: Name,
    /// The number of players and watchers that are connected.
    pub people: u16,
    /// The place of the first of these rooms in the list.
    pub first: u16,
    /// The number of rooms in the whole list.
    pub total: u16,
    /// The rooms: those that wait, the newest first, then those in play, likewise; at most [`ROOMS_PER_ANSWER`].
    #[serde(deserialize_with = "at_most::<ROOMS_PER_ANSWER, _, _>")]
    pub rooms: Vec<RoomLine>,
}
