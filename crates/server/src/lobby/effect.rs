//! The effects of a lobby: messages for its sessions, and what is to be kept before they are told.

use net::proto::{Event, SessionId, Snapshot, Unseating};

use super::keep::Keep;

/// A message that the lobby wants sent to sessions with a link, the end of a session, or a change of the durable state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send the same event to some sessions.
    Tell {
        /// One session, or some of those in one room.
        to: Vec<SessionId>,
        /// Any event but the two that have effects of their own.
        event: Event,
    },
    /// Send a snapshot to some sessions. It is complete, so only the newest one matters to each recipient: nobody can
    /// fill another player's link by changing a room again and again.
    Show {
        /// The players and watchers of one room.
        to: Vec<SessionId>,
        /// The room as it is now.
        snapshot: Box<Snapshot>,
    },
    /// Tell a session that it has lost its place, and discard any snapshot for it that has not been sent yet.
    Unseat {
        /// The session that has left or lost its place.
        session: SessionId,
        /// The reason.
        why: Unseating,
    },
    /// Close the link of a session that had to give way to another one, if it has a link. The session does not exist any more.
    Dismiss {
        /// The session.
        session: SessionId,
    },
    /// Keep something, so that it outlives the server. It comes before the effects that tell of it; a shell with a store hands
    /// out none of the later effects, and no [`Admission`](super::Admission) of the same call, until it is kept. One without a
    /// store leaves it, or asks for [none](super::Lobby::keep_nothing).
    Keep(Keep),
}

impl Effect {
    /// Splits the effect into its recipients and the event that each of them receives; `None` if there is none.
    pub fn into_event(self) -> Option<(Vec<SessionId>, Event)> {
        match self {
            Self::Tell { to, event } => Some((to, event)),
            Self::Show { to, snapshot } => Some((to, Event::Snapshot(snapshot))),
            Self::Unseat { session, why } => Some((vec![session], Event::Unseated(why))),
            Self::Dismiss { .. } | Self::Keep(_) => None,
        }
    }
}
