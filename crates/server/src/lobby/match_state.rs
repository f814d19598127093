//! One match: its record and its clocks, and the offers made in it.

use std::time::{Duration, Instant};

use game_core::{Cell, IllegalMove, Mark, Record};
use net::proto::{Reject, Seat, Terms};

use super::{
    clock::{MatchClock, millis},
    keep::KeptRoom,
    limits::Limits,
    offer::Offers,
};

/// The effect of a command on a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// The command changed the room.
    Made,
    /// The command has already been carried out; its sender needs to hear that it counted.
    Repeated,
}

/// A move as a command states it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    pub(super) match_number: u32,
    pub(super) branch: u16,
    pub(super) ply: u16,
    pub(super) cell: Cell,
}

#[derive(Debug)]
pub(super) struct MatchState {
    pub(super) number: u32,
    /// The number of takebacks in this match.
    pub(super) branch: u16,
    /// The player of X. The host begins the first match; each rematch swaps.
    pub(super) x: Seat,
    pub(super) record: Record,
    pub(super) clock: Option<MatchClock>,
    pub(super) offers: Offers,
    /// The time that each move took, in milliseconds.
    pub(super) took_millis: Vec<u32>,
    pub(super) stopwatch: Stopwatch,
}

/// Measures the time that a move takes, with or without a clock. Pauses do not count.
#[derive(Debug, Default)]
pub(super) struct Stopwatch {
    before: Duration,
    running_since: Option<Instant>,
}

impl Stopwatch {
    pub(super) fn start(&mut self, now: Instant) {
        self.running_since.get_or_insert(now);
    }

    pub(super) fn pause(&mut self, now: Instant) {
        if let Some(since) = self.running_since.take() {
            self.before += now.saturating_duration_since(since);
        }
    }

    /// Leaves out a time in which the server did not run.
    pub(super) fn handle_sleep(&mut self, slept: Duration) {
        if let Some(since) = &mut self.running_since {
            *since += slept;
        }
    }

    /// Returns the time that a move took, and stands at zero for the next one.
    fn take(&mut self, now: Instant) -> Duration {
        self.pause(now);
        std::mem::take(&mut self.before)
    }
}

impl MatchState {
    /// The first match of a room.
    pub(super) fn new(terms: &Terms, limits: &Limits) -> Self {
        Self {
            number: 1,
            branch: 0,
            x: Seat::Host,
            record: Record::new(terms.rules),
            clock: MatchClock::new(terms.time, limits),
            offers: Offers::default(),
            took_millis: Vec::new(),
            stopwatch: Stopwatch::default(),
        }
    }

    /// The match of a kept room, without its offers.
    pub(super) fn restore(kept: &KeptRoom) -> Self {
        let clock = |clocks| MatchClock::restore(kept.terms.time, clocks, |ply| mover(kept.x, ply));
        Self {
            number: kept.match_number,
            branch: kept.branch,
            x: kept.x,
            record: kept.record.clone(),
            clock: kept.clocks.as_ref().and_then(clock),
            offers: Offers::after(kept.last_offer),
            took_millis: kept.took_millis.clone(),
            stopwatch: Stopwatch::default(),
        }
    }

    /// The match after this one in the same room. It has a number of its own, so that no late move counts in it, and both
    /// players may make offers.
    pub(super) fn next(&self, x: Seat, terms: &Terms, limits: &Limits) -> Self {
        let offers = Offers::after(self.offers.last_number);
        Self { number: self.number + 1, x, offers, ..Self::new(terms, limits) }
    }

    /// Plays a move, unless the match is over or paused for the reason `is_running`.
    ///
    /// A move states the match, the branch and the ply that it answers. So a repeated move is recognised, even after the
    /// end of the match, and a late one cannot be taken for another.
    pub(super) fn play(
        &mut self,
        now: Instant,
        seat: Seat,
        mv: Move,
        is_running: Result<(), Reject>,
    ) -> Result<Change, Reject> {
        self.check_number(mv.match_number)?;
        if mv.branch != self.branch {
            return Err(Reject::OtherPly);
        }
        let is_mine = self.mover(mv.ply) == seat;
        if is_mine && self.record.moves().get(usize::from(mv.ply)) == Some(&mv.cell) {
            return Ok(Change::Repeated);
        }
        is_running?;
        if mv.ply != self.ply() {
            return Err(Reject::OtherPly);
        }
        if !is_mine {
            return Err(Reject::NotYourTurn);
        }
        self.record.play(mv.cell).map_err(|illegal| match illegal {
            IllegalMove::Finished => Reject::NoMatch,
            IllegalMove::Outside => Reject::NoSuchCell,
            IllegalMove::Occupied => Reject::CellTaken,
        })?;
        self.offers.handle_move(seat);
        self.took_millis.push(millis(self.stopwatch.take(now)));
        if let Some(clock) = &mut self.clock {
            clock.handle_move(now, seat);
        }
        Ok(Change::Made)
    }

    /// Restores the position before the last move of a player, and the clocks as they were then.
    pub(super) fn take_back(&mut self, by: Seat) -> Result<(), Reject> {
        let ply = self.last_ply_of(by).ok_or(Reject::NothingToTakeBack)?;
        self.branch = self.branch.checked_add(1).ok_or(Reject::NothingToTakeBack)?;
        self.record.truncate(ply);
        self.took_millis.truncate(usize::from(ply));
        self.stopwatch = Stopwatch::default();
        if let Some(clock) = &mut self.clock {
            clock.take_back(ply);
        }
        Ok(())
    }

    pub(super) const fn check_number(&self, match_number: u32) -> Result<(), Reject> {
        if match_number == self.number { Ok(()) } else { Err(Reject::OtherMatch) }
    }

    pub(super) const fn ply(&self) -> u16 {
        self.record.position().ply()
    }

    /// The player to move, `None` once the board decides the match.
    pub(super) fn to_move(&self) -> Option<Seat> {
        self.record.position().outcome().is_none().then(|| self.mover(self.ply()))
    }

    /// The player of a ply.
    fn mover(&self, ply: u16) -> Seat {
        mover(self.x, ply)
    }

    /// Tells whether both players have moved, and have not taken it back.
    pub(super) const fn has_begun(&self) -> bool {
        self.ply() >= 2
    }

    /// The ply of the last move of a player.
    pub(super) fn last_ply_of(&self, seat: Seat) -> Option<u16> {
        (0..self.ply()).rev().find(|&ply| self.mover(ply) == seat)
    }
}

/// The player of a ply, in a match in which `x` plays X.
pub(super) fn mover(x: Seat, ply: u16) -> Seat {
    if ply.is_multiple_of(2) == (Mark::FIRST == Mark::X) { x } else { x.other() }
}
