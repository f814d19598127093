//! A room as its sessions see it. It is sent whole after each change, so there is nothing to drift.

use std::ops::{Index, IndexMut};

use game_core::{Mark, Outcome, Record};
use serde::{Deserialize, Serialize};

use super::{BestOf, Name, RoomCode, Terms, TimeControl};

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
///
/// Every time in it is counted from [`at`](Self::at).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// When it was made.
    pub at: ServerTime,
    /// The code under which it is joined.
    pub code: RoomCode,
    /// Which match of the room this is, from 1.
    pub match_number: u32,
    /// How many takebacks this match has seen: a move names the branch that it belongs to.
    pub branch: u16,
    /// Who plays X, and so begins, in this match.
    pub x: Seat,
    /// What the match is at.
    pub phase: Phase,
    /// The rules and every move so far.
    pub record: Record,
    /// Who sits where.
    pub seats: PerSeat<SeatView>,
    /// The results of the finished matches of the running series, or of all if there is no series.
    pub score: Score,
    /// How long a series is.
    pub best_of: Option<BestOf>,
    /// The time for moves.
    pub time: TimeControl,
    /// What the clocks show, if there are any.
    pub clocks: Option<Clocks>,
    /// What one player has offered the other.
    pub offer: Option<Offer>,
    /// Who is waited for, and until when.
    pub claim: Option<Claimable>,
    /// Who may come in.
    pub visibility: Visibility,
    /// How many watch.
    pub watchers: u16,
    /// Whether anybody may watch.
    pub is_watchable: bool,
    /// The chat between the players is open. It is closed after a quick match of strangers until one of them opens it.
    pub is_chat_open: bool,
    /// Whether those who watch are heard by the players.
    pub watchers_may_chat: bool,
}

/// A time of the server: milliseconds since it began, on its monotonic clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ServerTime(pub u64);

/// What a match is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// The second seat has not been taken yet.
    Waiting,
    /// Moves are made, or waited for.
    Playing,
    /// The match was put off. It goes on when both are back.
    Adjourned,
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
    /// A player's time was over.
    OutOfTime(Seat),
    /// A player stayed away, and the other claimed the win.
    Abandoned(Seat),
    /// Both agreed on a draw.
    DrawAgreed,
    /// A player stayed away, and the other called it a draw.
    DrawCalled(Seat),
}

/// What the two clocks show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// Milliseconds left.
    pub left_millis: PerSeat<u32>,
    /// Whose clock runs; `None` while the match is paused, adjourned or over.
    pub running: Option<Seat>,
    /// Milliseconds until it begins to run: the grace of a first move.
    pub grace_millis: u32,
}

/// What one player offers the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Which offer of the room this is, so that an answer cannot be taken for another's.
    pub number: u32,
    /// What is offered.
    pub kind: OfferKind,
    /// Who offers.
    pub by: Seat,
    /// Milliseconds until it can be accepted, so that nobody accepts what they had no time to read.
    pub opens_in_millis: u32,
    /// Milliseconds until it is gone.
    pub gone_in_millis: u32,
}

/// What can be offered during a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum OfferKind {
    /// To call the match a draw.
    Draw,
    /// To take back the last move of who offers, and what came after it.
    Takeback,
    /// To put the match off.
    Adjourn,
}

/// The absence of a player for which the other may claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimable {
    /// Who is absent.
    pub absent: Seat,
    /// Milliseconds until the other may claim; 0 when they may.
    pub in_millis: u32,
}

/// Who may come into a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Visibility {
    /// Everybody: it is on the list, and a quick match may lead to it.
    Public,
    /// Who knows the code: it is on no list.
    Hidden,
    /// Who knows the passcode: it is on the list.
    Locked,
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
    /// Whether they want a rematch, and for how many milliseconds yet.
    pub rematch_millis: Option<u32>,
}

/// Whether the server hears a player.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presence {
    /// It does.
    Present,
    /// The link is up and nothing has come over it for a while.
    Silent {
        /// For how long, in milliseconds.
        millis: u32,
    },
    /// There is no link, and the seat is kept.
    Away {
        /// For how long, in milliseconds.
        millis: u32,
        /// Whether they said goodbye, and were not cut off.
        is_on_purpose: bool,
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

    /// What the room plays.
    pub const fn terms(&self) -> Terms {
        Terms { rules: self.record.rules(), best_of: self.best_of, time: self.time }
    }

    /// The seat to move, `None` unless a match runs.
    pub fn to_move(&self) -> Option<Seat> {
        match self.phase {
            Phase::Playing => self.record.position().to_move().map(|mark| self.seat(mark)),
            Phase::Waiting | Phase::Adjourned | Phase::Over(_) => None,
        }
    }

    /// Whether a running match waits for a player whose link is gone; no move is taken meanwhile.
    pub fn is_paused(&self) -> bool {
        let is_away = |seat: Seat| {
            matches!(self.seats[seat].occupant(), Some(Occupant { presence: Presence::Away { .. }, .. }))
        };
        self.phase == Phase::Playing && Seat::BOTH.into_iter().any(is_away)
    }

    /// Who won, `None` for a draw and for a match that is not over.
    pub fn winner(&self) -> Option<Seat> {
        match self.phase {
            Phase::Over(ending) => ending.winner(&self.record, self.x),
            Phase::Waiting | Phase::Playing | Phase::Adjourned => None,
        }
    }

    /// Which match of the series this is, from 1.
    pub const fn game_number(&self) -> u32 {
        let Score { wins, draws } = self.score;
        let finished = wins.host as u32 + wins.guest as u32 + draws as u32;
        if matches!(self.phase, Phase::Over(_)) { finished } else { finished + 1 }
    }

    /// Who has won the series, `None` while it goes on or if there is none.
    pub fn series_winner(&self) -> Option<Seat> {
        self.best_of.and_then(|best_of| self.score.series_winner(best_of))
    }
}

impl Score {
    /// Who has won a series of this length.
    pub fn series_winner(&self, best_of: BestOf) -> Option<Seat> {
        Seat::BOTH.into_iter().find(|&seat| self.wins[seat] >= best_of.wins_needed())
    }
}

impl Occupant {
    /// Whether they want a rematch.
    pub const fn wants_rematch(&self) -> bool {
        self.rematch_millis.is_some()
    }
}

impl Ending {
    /// Who wins by this ending of a match in which `x` plays X; `None` for a draw.
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
