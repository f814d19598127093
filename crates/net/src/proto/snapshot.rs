//! A room as its sessions see it. It is sent whole after each change, so there is nothing to drift.

use std::ops::{Index, IndexMut};

use game_core::{Mark, Outcome, Record};
use serde::{Deserialize, Serialize};

use super::{Name, RoomCode};

/// One of the two seats of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Seat {
    /// The seat of who opened the room.
    Host,
    /// The seat of who came second.
    Guest,
}

impl Seat {
    /// Both seats, the host's first.
    pub const BOTH: [Self; 2] = [Self::Host, Self::Guest];

    /// The other seat.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Host => Self::Guest,
            Self::Guest => Self::Host,
        }
    }
}

/// One of something for each seat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerSeat<T> {
    /// The host's.
    pub host: T,
    /// The guest's.
    pub guest: T,
}

/// Everything that there is to know about a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The code under which it is joined.
    pub code: RoomCode,
    /// Which match of the room this is, from 1.
    pub match_number: u32,
    /// Who plays X, and so begins, in this match.
    pub x: Seat,
    /// What the match is at.
    pub phase: Phase,
    /// The rules and every move so far.
    pub record: Record,
    /// Who sits where.
    pub seats: PerSeat<SeatView>,
    /// The results of the finished matches.
    pub score: Score,
}

/// What a match is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// The second seat has not been taken yet.
    Waiting,
    /// Moves are made.
    Playing,
    /// The match has ended.
    Over(Ending),
}

/// How a match ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// On the board; the record's outcome says how.
    OnBoard,
    /// A player gave up.
    Resigned(Seat),
    /// A player left for good while it ran.
    Left(Seat),
}

/// A seat as others see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SeatView {
    /// Nobody has taken it yet.
    Vacant,
    /// Somebody sits there, or is kept the seat.
    Taken(Occupant),
    /// Somebody sat there and left for good.
    Gone {
        /// Who that was.
        name: Name,
    },
}

/// Who sits in a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occupant {
    /// Their name, told apart from everybody else's on the server.
    pub name: Name,
    /// Whether the server hears them.
    pub presence: Presence,
    /// Whether they want a rematch.
    pub wants_rematch: bool,
}

/// Whether the server hears a player.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presence {
    /// It does.
    Present,
    /// The link is up and nothing has come over it for a while.
    Silent {
        /// For how long, in milliseconds, when the snapshot was made.
        millis: u32,
    },
    /// The link is lost and the seat is kept.
    Away {
        /// For how long, in milliseconds, when the snapshot was made.
        millis: u32,
    },
}

/// Matches won and drawn in a room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Matches won.
    pub wins: PerSeat<u16>,
    /// Matches drawn.
    pub draws: u16,
}

impl Snapshot {
    /// The mark of a seat in this match.
    pub fn mark(&self, seat: Seat) -> Mark {
        if seat == self.x { Mark::X } else { Mark::O }
    }

    /// The seat of a mark in this match.
    pub fn seat(&self, mark: Mark) -> Seat {
        if mark == Mark::X { self.x } else { self.x.other() }
    }

    /// The seat to move, `None` unless a match runs.
    pub fn to_move(&self) -> Option<Seat> {
        match self.phase {
            Phase::Playing => self.record.position().to_move().map(|mark| self.seat(mark)),
            Phase::Waiting | Phase::Over(_) => None,
        }
    }

    /// Who won, `None` for a draw and for a match that is not over.
    pub fn winner(&self) -> Option<Seat> {
        match self.phase {
            Phase::Over(ending) => ending.winner(&self.record, self.x),
            Phase::Waiting | Phase::Playing => None,
        }
    }
}

impl Ending {
    /// Who wins by this ending of a match in which `x` plays X; `None` for a draw.
    pub fn winner(self, record: &Record, x: Seat) -> Option<Seat> {
        match self {
            Self::Resigned(seat) | Self::Left(seat) => Some(seat.other()),
            Self::OnBoard => match record.position().outcome()? {
                Outcome::Win { winner: Mark::X, .. } => Some(x),
                Outcome::Win { winner: Mark::O, .. } => Some(x.other()),
                Outcome::Draw => None,
            },
        }
    }
}

impl SeatView {
    /// The name of who sits there or sat there.
    pub const fn name(&self) -> Option<&Name> {
        match self {
            Self::Vacant => None,
            Self::Taken(Occupant { name, .. }) | Self::Gone { name } => Some(name),
        }
    }

    /// Who sits there now.
    pub const fn occupant(&self) -> Option<&Occupant> {
        match self {
            Self::Taken(occupant) => Some(occupant),
            Self::Vacant | Self::Gone { .. } => None,
        }
    }
}

impl<T> Index<Seat> for PerSeat<T> {
    type Output = T;

    fn index(&self, seat: Seat) -> &T {
        match seat {
            Seat::Host => &self.host,
            Seat::Guest => &self.guest,
        }
    }
}

impl<T> IndexMut<Seat> for PerSeat<T> {
    fn index_mut(&mut self, seat: Seat) -> &mut T {
        match seat {
            Seat::Host => &mut self.host,
            Seat::Guest => &mut self.guest,
        }
    }
}
