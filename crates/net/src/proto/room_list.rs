//! The lists that a session is shown: rooms that may be joined or watched, and its own adjourned matches.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, SeqAccess, Visitor},
};

use super::{Name, RoomCode, Terms};

/// Rooms in one message. The longest line takes 161 bytes, so six fit beside everything else.
pub const ROOMS_PER_MESSAGE: usize = 6;

/// Adjourned matches in one message, and so of one session. The longest line takes 78 bytes.
pub const MAX_ADJOURNED: usize = 8;

/// A part of the list of rooms. The list comes whole after each change, in as many parts as it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomList {
    /// The place of the first of these rooms in the list, from 0. The list begins anew with 0.
    pub first: u16,
    /// How many rooms the list has.
    pub total: u16,
    /// The rooms that wait, newest first, then those in play, likewise; at most [`ROOMS_PER_MESSAGE`].
    #[serde(deserialize_with = "at_most::<ROOMS_PER_MESSAGE, _, _>")]
    pub rooms: Vec<RoomLine>,
}

/// A room as the list shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomLine {
    /// The code under which it is joined or watched.
    pub code: RoomCode,
    /// Who opened it.
    pub host: Name,
    /// Who plays against them; `None` while nobody does.
    pub guest: Option<Name>,
    /// What is played.
    pub terms: Terms,
    /// Whether it needs a passcode.
    pub is_locked: bool,
    /// Whether it may be watched.
    pub is_watchable: bool,
    /// How many watch.
    pub watchers: u16,
    /// How long it has been waiting, or how long its match has run, in seconds.
    pub seconds: u32,
}

/// An adjourned match of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjournedLine {
    /// The code under which it is joined again.
    pub code: RoomCode,
    /// Against whom.
    pub opponent: Name,
    /// Whether they are in the room and want to go on.
    pub is_opponent_there: bool,
    /// How many moves have been made.
    pub ply: u16,
}

/// Reads a sequence of at most `MAX` elements. A longer one is refused by its length, and no memory is reserved for
/// elements before they are there.
pub(super) fn at_most<'de, const MAX: usize, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct AtMost<T, const MAX: usize>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for AtMost<T, MAX> {
        type Value = Vec<T>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(formatter, "at most {MAX} elements")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
            if let Some(length) = elements.size_hint()
                && length > MAX
            {
                return Err(A::Error::invalid_length(length, &self));
            }
            let mut taken = Vec::new();
            while let Some(element) = elements.next_element()? {
                if taken.len() == MAX {
                    return Err(A::Error::invalid_length(MAX + 1, &self));
                }
                taken.push(element);
            }
            Ok(taken)
        }
    }

    deserializer.deserialize_seq(AtMost::<T, MAX>(PhantomData))
}
