//! The effects of a lobby: messages for its sessions.

use net::proto::{Event, SessionId, Snapshot, Unseating};

/// A message that the lobby wants sent. Its recipients all have a link.
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
}

impl Effect {
    /// Splits the effect into its recipients and the event that each of them receives.
    pub fn into_event(self) -> (Vec<SessionId>, Event) {
        match self {
            Self::Tell { to, event } => (to, event),
            Self::Show { to, snapshot } => (to, Event::Snapshot(snapshot)),
            Self::Unseat { session, why } => (vec![session], Event::Unseated(why)),
        }
    }
}
