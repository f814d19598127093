//! What players do in a room: moves, offers, claims, and what comes after a match.

use std::time::Instant;

use game_core::{Cell, IllegalMove, Record};
use net::proto::{Claim, Ending, OfferKind, Phase, Reject, Score, Seat};

use super::{
    super::{clock::MatchClock, offer::Offers},
    Change, Room,
};

/// A move as a command names it.
#[derive(Debug, Clone, Copy)]
pub(in crate::lobby) struct Move {
    pub(in crate::lobby) match_number: u32,
    pub(in crate::lobby) branch: u16,
    pub(in crate::lobby) ply: u16,
    pub(in crate::lobby) cell: Cell,
}

impl Room {
    /// Plays a move.
    ///
    /// A move names the match, the branch and the ply that it answers, so one that comes twice is known for what it
    /// is, even after the match was over, and one that comes late cannot be taken for another.
    pub(in crate::lobby) fn play(&mut self, now: Instant, seat: Seat, mv: Move) -> Result<Change, Reject> {
        self.check_match(mv.match_number)?;
        if mv.branch != self.branch {
            return Err(Reject::OtherPly);
        }
        let is_mine = self.seat_at(mv.ply) == seat;
        if is_mine && self.record.moves().get(usize::from(mv.ply)) == Some(&mv.cell) {
            return Ok(Change::MadeBefore);
        }
        self.check_playing()?;
        if mv.ply != self.record.position().ply() {
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
        if let Some(clock) = &mut self.clock {
            clock.handle_move(now, seat);
        }
        if self.record.position().outcome().is_some() {
            self.end(now, Ending::OnBoard);
        }
        Ok(Change::Made)
    }

    /// Gives up the running match.
    pub(in crate::lobby) fn resign(
        &mut self,
        now: Instant,
        seat: Seat,
        match_number: u32,
    ) -> Result<Change, Reject> {
        self.check_match(match_number)?;
        match self.phase {
            Phase::Playing | Phase::Adjourned => {
                self.end(now, Ending::Resigned(seat));
                Ok(Change::Made)
            }
            Phase::Over(Ending::Resigned(resigned)) if resigned == seat => Ok(Change::MadeBefore),
            Phase::Waiting | Phase::Over(_) => Err(Reject::NoMatch),
        }
    }

    /// Notes that a player wants another match, and begins it once both do.
    pub(in crate::lobby) fn want_rematch(
        &mut self,
        now: Instant,
        seat: Seat,
        match_number: u32,
    ) -> Result<Change, Reject> {
        self.check_match(match_number)?;
        match self.phase {
            Phase::Waiting => return Err(Reject::NoMatch),
            Phase::Playing | Phase::Adjourned => return Err(Reject::MatchRunning),
            Phase::Over(_) => {}
        }
        let until = now + self.limits.offer_lifetime;
        let theirs = match self.seats[seat.other()].sitter() {
            Some(theirs) => theirs.rematch_until,
            None => return Err(Reject::OpponentGone),
        };
        let Some(mine) = self.seats[seat].sitter_mut() else { return Err(Reject::OpponentGone) };
        if mine.rematch_until.is_some() {
            return Ok(Change::MadeBefore);
        }
        mine.rematch_until = Some(until);
        if theirs.is_some() {
            self.begin_next(now);
        }
        Ok(Change::Made)
    }

    /// Offers the other player something.
    pub(in crate::lobby) fn offer(
        &mut self,
        now: Instant,
        seat: Seat,
        match_number: u32,
        kind: OfferKind,
    ) -> Result<Change, Reject> {
        self.check_match(match_number)?;
        self.check_playing()?;
        if kind == OfferKind::Takeback && self.last_own_ply(seat).is_none() {
            return Err(Reject::NothingToTakeBack);
        }
        self.offers.make(now, seat, (self.offer_number + 1, kind), &self.limits)?;
        self.offer_number += 1;
        Ok(Change::Made)
    }

    /// Accepts what the other player offers. `may_adjourn` says whether one more match may be adjourned.
    pub(in crate::lobby) fn accept(
        &mut self,
        now: Instant,
        seat: Seat,
        number: u32,
        may_adjourn: bool,
    ) -> Result<Change, Reject> {
        let (kind, by) = self.offers.acceptable(now, seat, number)?;
        self.check_playing()?;
        match kind {
            OfferKind::Draw => self.end(now, Ending::DrawAgreed),
            OfferKind::Takeback => self.take_back(by)?,
            OfferKind::Adjourn if may_adjourn => self.enter(now, Phase::Adjourned),
            OfferKind::Adjourn => return Err(Reject::TooManyAdjourned),
        }
        self.offers.clear();
        Ok(Change::Made)
    }

    /// Declines what the other player offers, or withdraws what this one did.
    pub(in crate::lobby) fn decline(&mut self, number: u32) -> Result<Change, Reject> {
        self.offers.decline(number)?;
        Ok(Change::Made)
    }

    /// Decides a match whose other player has stayed away for too long. `may_adjourn` says whether one more match
    /// may be adjourned.
    pub(in crate::lobby) fn claim(
        &mut self,
        now: Instant,
        seat: Seat,
        claim: Claim,
        may_adjourn: bool,
    ) -> Result<Change, Reject> {
        if self.phase != Phase::Playing {
            return Err(Reject::NoMatch);
        }
        let absent = seat.other();
        let claimable_at = self.claimable_at(absent).ok_or(Reject::NotAbsent)?;
        if now < claimable_at {
            return Err(Reject::ClaimTooEarly);
        }
        match claim {
            Claim::Win => self.end(now, Ending::Abandoned(absent)),
            Claim::Draw => self.end(now, Ending::DrawCalled(absent)),
            Claim::Adjourn if may_adjourn => {
                self.enter(now, Phase::Adjourned);
                // Who asks for it waits there for the other.
                self.want_to_go_on(now, seat);
            }
            Claim::Adjourn => return Err(Reject::TooManyAdjourned),
        }
        Ok(Change::Made)
    }

    /// Restores the position before the last move of a player, and the clocks as they were then.
    fn take_back(&mut self, by: Seat) -> Result<(), Reject> {
        let ply = self.last_own_ply(by).ok_or(Reject::NothingToTakeBack)?;
        self.branch = self.branch.checked_add(1).ok_or(Reject::NothingToTakeBack)?;
        self.record.truncate(ply);
        if let Some(clock) = &mut self.clock {
            clock.take_back(ply);
        }
        Ok(())
    }

    pub(super) fn end(&mut self, now: Instant, ending: Ending) {
        self.enter(now, Phase::Over(ending));
        match ending.winner(&self.record, self.x) {
            Some(seat) => self.score.wins[seat] = self.score.wins[seat].saturating_add(1),
            None => self.score.draws = self.score.draws.saturating_add(1),
        }
    }

    /// Begins the next match, of the same series or, once that is decided, of a new one.
    fn begin_next(&mut self, now: Instant) {
        self.match_number += 1;
        self.branch = 0;
        self.x = self.x.other();
        self.record = Record::new(self.terms.rules);
        self.clock = MatchClock::new(self.terms.time, &self.limits);
        self.offers = Offers::default();
        if self.terms.best_of.is_some_and(|best_of| self.score.series_winner(best_of).is_some()) {
            self.score = Score::default();
        }
        self.enter(now, Phase::Playing);
    }

    pub(in crate::lobby) const fn check_match(&self, match_number: u32) -> Result<(), Reject> {
        if match_number == self.match_number { Ok(()) } else { Err(Reject::OtherMatch) }
    }

    /// Whether the match runs and is not paused.
    fn check_playing(&self) -> Result<(), Reject> {
        if self.phase != Phase::Playing {
            return Err(Reject::NoMatch);
        }
        if self.sitters().any(|(_, sitter)| sitter.is_away()) { Err(Reject::Paused) } else { Ok(()) }
    }

    /// The ply of the last move that a player has on the board.
    fn last_own_ply(&self, seat: Seat) -> Option<u16> {
        (0..self.ply()).rev().find(|&ply| self.seat_at(ply) == seat)
    }
}
