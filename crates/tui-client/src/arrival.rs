//! The arrival in a room: the facts about a session that are known before its first snapshot.

use std::time::Instant;

use net::{link::Transport, proto::Snapshot, server_clock::ClockOffset};

use crate::{
    cmd::Opponent,
    game::{Game, Place, Role},
    goal::Goal,
    online::{LinkState, Online, Session},
    own_place::OwnPlace,
    quick_match::Quick,
    ticks::made_at,
};

/// The facts about a session before its first snapshot.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// The session.
    pub session: Option<Session>,
    /// The transport of the connection.
    pub transport: Option<Transport>,
    /// The role in the room.
    pub role: Option<Role>,
    /// The offset of the server's clock from ours.
    pub clock: Option<ClockOffset>,
    /// The ways to our own server.
    pub own_place: Option<OwnPlace>,
    /// The quick match that it is for.
    pub quick: Option<Quick>,
}

impl Arrival {
    /// The game of the first snapshot, once the session and the role are known.
    pub(crate) fn enter(&self, now: Instant, goal: &Goal, snapshot: Snapshot) -> Option<Game> {
        let place = match goal {
            Goal::Local { opponent: Opponent::Person { .. } } => Place::Keyboard,
            Goal::Local { opponent: Opponent::Bot { .. } } => Place::Bot,
            // A list is no room.
            Goal::Browse { .. } => return None,
            Goal::Host | Goal::Join { .. } | Goal::Watch { .. } | Goal::Return { .. } => {
                Place::Server(Box::new(Online {
                    session: self.session.clone()?,
                    own_place: self.own_place.clone(),
                    hides_qr_code: false,
                    quick: self.quick.clone(),
                    transport: self.transport?,
                    link: LinkState::Up { rtt: None },
                    clock: self.clock,
                    is_in_room: true,
                    adjourned: Vec::new(),
                    is_returning: false,
                    not_saving_since: None,
                    tries: 0,
                }))
            }
        };
        let shown_at = made_at(self.clock.and_then(|clock| clock.instant(snapshot.at)), now);
        Some(Game::new(place, self.role?, snapshot, shown_at))
    }
}
