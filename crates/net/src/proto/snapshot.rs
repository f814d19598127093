//! The state of a room as its sessions see it. It is sent whole after each change, so nothing can drift.

use std::ops::{Index, IndexMut};

use game_core::{Mark, Outcome, Record};
use serde::{Deserialize, Serialize};

use super::{BestOf, Name, RoomCode, Terms, TimeControl};

/// One of the two seats of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seat {
    /// The seat of the player who opened the room.
    Host,
    /// The seat of the second player.
    Guest,
}

impl Seat {
    /// Both seats, the host's first.
    pub const BOTH: [Self; 2] = [Self::Host, Self::Guest];

    /// Returns the other seat.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Host => Self::Guest,
            Self::Guest => Self::Host,
        }
    }
}

/// One value for each seat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerSeat<T> {
    /// The host's.
    pub host: T,
    /// The guest's.
    pub guest: T,
}

/// The whole state of a room.
///
/// Every duration in it counts from [`at`](Self::at).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The time at which the snapshot was made.
    pub at: ServerTime,
    /// The code of the room.
    pub code: RoomCode,
    /// The number of the match in the room, from 1.
    pub match_number: u32,
    /// The number of takebacks in this match; a move names the branch that it belongs to.
    pub branch: u16,
    /// The seat that plays X, and so begins, in this match.
    pub x: Seat,
    /// The phase of the match.
    pub phase: Phase,
    /// The rules and the moves so far.
    pub record: Record,
    /// The two seats.
    pub seats: PerSeat<SeatView>,
    /// The results of the finished matches of the running series, or of all matches without a series.
    pub score: Score,
    /// The length of a series.
    pub best_of: Option<BestOf>,
    /// The time for moves.
    pub time: TimeControl,
    /// The clocks, if there are any.
    pub clocks: Option<Clocks>,
    /// The pending offer.
    pub offer: Option<Offer>,
    /// The absence for which a player may claim, now or later.
    pub claim: Option<Claimable>,
    /// The visibility of the room.
    pub visibility: Visibility,
    /// The number of watchers.
    pub watchers: u16,
    /// True if watching is allowed.
    pub is_watchable: bool,
    /// The chat between the players is open. It is closed after a quick match of strangers until one of them opens it.
    pub is_chat_open: bool,
    /// True if the players hear the watchers.
    pub watchers_may_chat: bool,
}

/// A time on the server's monotonic clock: milliseconds since the server started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ServerTime(pub u64);

/// The phase of a match.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Phase {
    /// Nobody has taken the guest's seat yet.
    Waiting,
    /// The match runs.
    Playing,
    /// The match was adjourned. It goes on when both players are back.
    Adjourned,
    /// The match has ended.
    Over(Ending),
}

/// The end of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// On the board; the record tells the outcome.
    OnBoard,
    /// This player resigned.
    Resigned(Seat),
    /// This player's time ran out.
    OutOfTime(Seat),
    /// This player stayed away, and the other one claimed the win.
    Abandoned(Seat),
    /// The players agreed on a draw.
    DrawAgreed,
    /// This player stayed away, and the other one called it a draw.
    DrawCalled(Seat),
}

/// The two clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// Milliseconds left.
    pub left_millis: PerSeat<u32>,
    /// The seat whose clock runs; `None` while the match is paused, adjourned or over.
    pub running: Option<Seat>,
    /// Milliseconds until that clock begins to run: the grace of a first move.
    pub grace_millis: u32,
}

/// A pending offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The number of the offer in the room, so that an answer cannot be taken for another's.
    pub number: u32,
    /// The kind of the offer.
    pub kind: OfferKind,
    /// The seat that offers.
    pub by: Seat,
    /// Milliseconds until the offer can be accepted, so that nobody accepts what they had no time to read.
    pub opens_in_millis: u32,
    /// Milliseconds until the offer expires.
    pub gone_in_millis: u32,
}

/// The kind of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfferKind {
    /// A draw.
    Draw,
    /// A takeback of the last move of the player who offers, and of what came after it.
    Takeback,
    /// An adjournment.
    Adjourn,
}

/// The absence of a player for which the other one may claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimable {
    /// The seat of the absent player.
    pub absent: Seat,
    /// Milliseconds until the other player may claim; 0 from then on.
    pub in_millis: u32,
}

/// The visibility of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::EnumString)]
#[strum(serialize_all = "lowercase")]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// Everybody may come in: the room is on the list, and open to quick matches.
    Public,
    /// Anybody who knows the code may come in: the room is on no list.
    Hidden,
    /// Anybody who knows the passcode may come in: the room is on the list.
    Locked,
}

/// The state of a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeatView {
    /// Nobody has taken it yet.
    Vacant,
    /// A player has the seat, present or not.
    Taken(Occupant),
    /// The player has left for good.
    Gone {
        /// The name of that player.
        name: Name,
    },
}

/// The player in a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occupant {
    /// The player's name, unique on the server.
    pub name: Name,
    /// The presence of the player.
    pub presence: Presence,
    /// The remaining milliseconds of the player's request for a rematch, if there is one.
    pub rematch_millis: Option<u32>,
}

/// The presence of a player, as far as the server can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// The server hears the player.
    Present,
    /// The link is up, but the player is silent.
    Silent {
        /// The duration in milliseconds.
        millis: u32,
    },
    /// The link is gone, and the seat is kept.
    Away {
        /// The duration in milliseconds.
        millis: u32,
        /// True if the player said goodbye.
        is_on_purpose: bool,
    },
}

/// Matches won and drawn in a room or a series.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Matches won.
    pub wins: PerSeat<u16>,
    /// Matches drawn.
    pub draws: u16,
}

impl Snapshot {
    /// Returns the mark of a seat in this match.
    pub fn mark(&self, seat: Seat) -> Mark {
        if seat == self.x { Mark::X } else { Mark::O }
    }

    /// Returns the seat of a mark in this match.
    pub fn seat(&self, mark: Mark) -> Seat {
        if mark == Mark::X { self.x } else { self.x.other() }
    }

    /// Returns the terms of the room.
    pub const fn terms(&self) -> Terms {
        Terms { rules: self.record.rules(), best_of: self.best_of, time: self.time }
    }

    /// Returns the seat to move; `None` unless a match runs.
    pub fn to_move(&self) -> Option<Seat> {
        match self.phase {
            Phase::Playing => self.record.position().to_move().map(|mark| self.seat(mark)),
            Phase::Waiting | Phase::Adjourned | Phase::Over(_) => None,
        }
    }

    /// Returns whether a running match is paused because a player's link is gone.
    pub fn is_paused(&self) -> bool {
        let is_away = |seat: Seat| {
            matches!(self.seats[seat].occupant(), Some(Occupant { presence: Presence::Away { .. }, .. }))
        };
        self.phase == Phase::Playing && Seat::BOTH.into_iter().any(is_away)
    }

    /// Returns the winner; `None` for a draw and for a match that is not over.
    pub fn winner(&self) -> Option<Seat> {
        match self.phase {
            Phase::Over(ending) => ending.winner(&self.record, self.x),
            Phase::Waiting | Phase::Playing | Phase::Adjourned => None,
        }
    }

    /// Returns the number of the match in the series, from 1.
    pub const fn game_number(&self) -> u32 {
        let Score { wins, draws } = self.score;
        let finished = wins.host as u32 + wins.guest as u32 + draws as u32;
        if matches!(self.phase, Phase::Over(_)) { finished } else { finished + 1 }
    }

    /// Returns the winner of the series; `None` while it goes on or if there is none.
    pub fn series_winner(&self) -> Option<Seat> {
        self.best_of.and_then(|best_of| self.score.series_winner(best_of))
    }
}

impl Score {
    /// Returns the winner of a series of this length.
    pub fn series_winner(&self, best_of: BestOf) -> Option<Seat> {
        Seat::BOTH.into_iter().find(|&seat| self.wins[seat] >= best_of.wins_needed())
    }
}

impl Occupant {
    /// Returns whether the player wants a rematch.
    pub const fn wants_rematch(&self) -> bool {
        self.rematch_millis.is_some()
    }
}

impl Ending {
    /// Returns the winner by this end of a match in which `x` plays X; `None` for a draw.
    pub fn winner(self, record: &Record, x: Seat) -> Option<Seat> {
        match self {
            Self::Resigned(seat) | Self::OutOfTime(seat) | Self::Abandoned(seat) => Some(seat.other()),
            Self::DrawAgreed | Self::DrawCalled(_) => None,
            Self::OnBoard => match record.position().outcome()? {
                Outcome::Win { winner: Mark::X, .. } => Some(x),
                Outcome::Win { winner: Mark::O, .. } => Some(x.other()),
                Outcome::Draw => None,
            },
        }
    }
}

impl SeatView {
    /// Returns the name of the player who has or had the seat.
    pub const fn name(&self) -> Option<&Name> {
        match self {
            Self::Vacant => None,
            Self::Taken(Occupant { name, .. }) | Self::Gone { name } => Some(name),
        }
    }

    /// Returns the player who has the seat.
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
