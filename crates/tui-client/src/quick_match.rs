//! A quick match that is alone keeps looking: while its own room waits, and after a game that was found turned it away.
//!
//! Two players who ask for a quick match at the same instant find nobody, and both host. Then each finds the other's room.
//! The one with the greater code goes there at once; the other one goes later, if that room still waits: its player may have
//! hosted on purpose, and then waits for ever.

use std::time::{Duration, Instant};

use net::proto::{RoomCode, Terms};

use crate::lan_games::{LanGame, LanGames};

/// A quick match that has not begun yet.
#[derive(Debug, Clone, Default)]
pub struct Quick {
    /// Rooms that turned it away, the latest last.
    refused: Vec<RoomCode>,
}

impl Quick {
    /// Leaves a room that turned it away out of the search.
    pub(crate) fn turn_from(&mut self, code: RoomCode) {
        if self.refused.len() == MAX_REFUSED {
            self.refused.remove(0);
        }
        self.refused.push(code);
    }

    /// The open game with these terms, or with any, that has waited longest and has not turned it away.
    pub(crate) fn find<'a>(
        &self,
        now: Instant,
        games: &'a LanGames,
        terms: Option<Terms>,
        own: Option<RoomCode>,
    ) -> Option<LanGame<'a>> {
        games.quick(now, terms, |code| Some(code) != own && !self.refused.contains(&code))
    }

    /// The game to leave our own room for, once it is time to go.
    pub(crate) fn company<'a>(
        &self,
        now: Instant,
        games: &'a LanGames,
        terms: Option<Terms>,
        own: RoomCode,
    ) -> Option<LanGame<'a>> {
        let other = self.find(now, games, terms, Some(own))?;
        let patience = if own > other.room.code { Duration::ZERO } else { PATIENCE };
        (other.found.route().is_some() && now >= other.found_at + patience).then_some(other)
    }
}

/// The time for which the room with the smaller code waits for the player of the other one: both find each other within a
/// second, and the way there takes less than another one.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// Rooms that are left out at most: more than turn one player away before others leave.
const MAX_REFUSED: usize = 8;
