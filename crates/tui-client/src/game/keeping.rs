//! The record that is kept of a match once it is over.

use net::proto::{Name, Phase, Seat};

use super::{Finished, Game, Place, Role};
use crate::{
    analysis::Analysis,
    cmd::Cmd,
    history::{KeptMatch, Played, Tally},
};

impl Game {
    /// Takes in the times of a snapshot, and keeps its match if that is over: once, and never one that was only watched or that
    /// began in the middle, as a branch of a replay does.
    pub(crate) fn keep_if_over(&mut self) {
        let is_first = self.times.handle_snapshot(self.shown_at, &self.snapshot);
        let number = self.snapshot.match_number;
        if self.finished.as_ref().is_some_and(|finished| finished.kept.match_number != number) {
            self.finished = None;
        }
        let is_branch = is_first && self.online().is_none() && !self.snapshot.record.moves().is_empty();
        if is_branch {
            self.branched = Some(number);
        }
        let is_over = matches!(self.snapshot.phase, Phase::Over(_));
        if !is_over || self.is_watching() || self.finished.is_some() {
            return;
        }
        let (place, own) = match (&self.place, self.role) {
            (Place::Keyboard, _) | (_, Role::Watcher { .. }) => (Played::Keyboard, None),
            (Place::Bot, Role::Player(seat)) => (Played::Bot, Some(seat)),
            (Place::Server(_), Role::Player(seat)) => (Played::Server, Some(seat)),
        };
        let Some(kept) = KeptMatch::of(&self.snapshot, (place, own), self.times.millis()) else { return };
        let turning_point = Analysis::of(&self.snapshot.record).turning_point();
        let finished = Finished { kept: kept.clone(), tally: Tally::default(), turning_point };
        self.finished = Some(Box::new(finished));
        if self.branched != Some(number) {
            self.requests.push(Cmd::KeepMatch(Box::new(kept)).into());
        }
    }

    /// The seat of a match that was kept, if it is the last one here.
    pub(crate) fn handle_kept(&mut self, kept: &KeptMatch, tally: Tally) -> bool {
        let is_it = |it: &KeptMatch| {
            (it.match_number, it.code, it.place) == (kept.match_number, kept.code, kept.place)
        };
        let Some(finished) = self.finished.as_deref_mut().filter(|it| is_it(&it.kept)) else { return false };
        finished.kept = kept.clone();
        finished.tally = tally;
        true
    }

    /// The player across and the account of all matches against them, once one has ended here.
    pub fn tally(&self) -> Option<(Name, Tally)> {
        let finished = self.finished.as_ref()?;
        let opponent = finished.kept.opponent()?;
        (finished.tally.total() > 0).then_some((*opponent, finished.tally))
    }

    /// The move that lost the match that is over: its number from 1, its seat, and its cell.
    pub fn lost_by(&self) -> Option<(usize, Seat, game_core::Cell)> {
        let finished = self.finished.as_ref()?;
        let ply = finished.turning_point?;
        let mark = if ply.is_multiple_of(2) { game_core::Mark::X } else { game_core::Mark::O };
        Some((ply + 1, self.snapshot.seat(mark), *finished.kept.moves.get(ply)?))
    }
}
