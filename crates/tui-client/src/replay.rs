//! The replay of a finished match: the position that is shown, and the run from move to move.

use std::time::{Duration, Instant};

use game_core::{Bitboard, Cell, Mark};
use net::proto::Snapshot;

use crate::{
    analysis::{Analysis, Assessed, Remark, Worth},
    history::KeptMatch,
    keymap::Action,
};

/// The replay of a match.
#[derive(Debug)]
pub struct Replay {
    /// The match.
    pub kept: KeptMatch,
    /// The worth of its moves.
    pub analysis: Analysis,
    /// The number of moves that stand on the board.
    pub plies: usize,
    /// The room after these moves.
    pub snapshot: Snapshot,
    /// The outcome of an export: its file, or the reason why there is none.
    pub notice: Option<String>,
    /// True while its frames are written to a recording, which has no keys.
    pub is_recorded: bool,
    /// The place of the speed in [`SPEEDS`].
    speed: usize,
    /// The next step of the run; `None` while it stands.
    next_at: Option<Instant>,
}

/// A move of the match.
#[derive(Debug, Clone, Copy)]
pub struct Move<'a> {
    /// Its mark.
    pub mark: Mark,
    /// Its cell.
    pub cell: Cell,
    /// The time it took, if that is known.
    pub took: Option<Duration>,
    /// The remark about it.
    pub remark: Option<Remark>,
    /// The position before it.
    pub before: &'a Assessed,
    /// The worth of the position after it.
    pub worth: Option<Worth>,
}

/// The speeds, as factors, and their names. The second one is that of the match.
pub const SPEEDS: [(f32, &str); 4] = [(0.5, "1/2x"), (1.0, "1x"), (2.0, "2x"), (4.0, "4x")];

/// The times for which a move is shown at least and at most, at the speed of the match: nobody wants to think as long as the
/// player did, or to miss a move that came at once.
const SHOWN_FOR: [Duration; 2] = [Duration::from_millis(700), Duration::from_secs(3)];

impl Replay {
    /// The replay of a match, at its beginning.
    pub fn new(kept: KeptMatch) -> Self {
        let analysis = Analysis::of(&kept.record(kept.moves.len()));
        let snapshot = kept.snapshot(0);
        Self { kept, analysis, plies: 0, snapshot, notice: None, is_recorded: false, speed: 1, next_at: None }
    }

    /// Goes to the move that decided the match, or else to its end: where one looks first after a match.
    #[must_use]
    pub fn at_turning_point(mut self) -> Self {
        let plies = self.analysis.turning_point().map_or(self.kept.moves.len(), |ply| ply + 1);
        self.go_to(plies);
        self
    }

    /// Shows the position after so many moves.
    pub fn go_to(&mut self, plies: usize) {
        self.plies = plies.min(self.kept.moves.len());
        self.snapshot = self.kept.snapshot(self.plies);
        self.notice = None;
    }

    /// Does what a key asks for, as far as it concerns the replay alone.
    pub(crate) fn handle_action(&mut self, now: Instant, action: Action) {
        let last = self.kept.moves.len();
        let plies = match action {
            Action::Backward => self.plies.saturating_sub(1),
            Action::Forward => self.plies + 1,
            Action::First => 0,
            Action::Last => last,
            Action::NextMistake => self.analysis.next_mistake(self.plies).unwrap_or(self.plies),
            Action::Run if self.next_at.is_some() => self.plies,
            Action::Run => {
                if self.plies == last {
                    self.go_to(0);
                }
                self.next_at = Some(now + self.pause());
                return;
            }
            Action::Faster => {
                self.speed = (self.speed + 1).min(SPEEDS.len() - 1);
                return;
            }
            Action::Slower => {
                self.speed = self.speed.saturating_sub(1);
                return;
            }
            _ => return,
        };
        self.next_at = None;
        self.go_to(plies);
    }

    /// Goes on with the run, if its next step is due.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.next_at.is_some_and(|at| at <= now) {
            self.go_to(self.plies + 1);
            let goes_on = self.plies < self.kept.moves.len();
            self.next_at = goes_on.then(|| now + self.pause());
        }
    }

    /// The next step of the run.
    pub const fn poll_timeout(&self) -> Option<Instant> {
        self.next_at
    }

    /// Tells whether it runs.
    pub const fn is_running(&self) -> bool {
        self.next_at.is_some()
    }

    /// The name of the speed.
    pub const fn speed(&self) -> &'static str {
        SPEEDS[self.speed].1
    }

    /// The time until the next move, at the speed of the run.
    fn pause(&self) -> Duration {
        self.shown_for(self.plies).div_f32(SPEEDS[self.speed].0)
    }

    /// The time for which a position is shown at the speed of the match: about that which its next move took.
    pub(crate) fn shown_for(&self, plies: usize) -> Duration {
        let [least, most] = SHOWN_FOR;
        let took = self.nth(plies).and_then(|next| next.took);
        took.map_or(least, |took| took.clamp(least, most))
    }

    /// The move that led to the position shown; `None` at the beginning.
    pub fn last(&self) -> Option<Move<'_>> {
        self.nth(self.plies.checked_sub(1)?)
    }

    /// A move by its number, from 0.
    pub fn nth(&self, ply: usize) -> Option<Move<'_>> {
        let cell = *self.kept.moves.get(ply)?;
        let mark = if ply.is_multiple_of(2) { Mark::FIRST } else { Mark::FIRST.other() };
        let millis = self.kept.took_millis.get(ply).copied().flatten();
        Some(Move {
            mark,
            cell,
            took: millis.map(|millis| Duration::from_millis(millis.into())),
            remark: self.analysis.remarks.get(ply).copied().flatten(),
            before: self.analysis.positions.get(ply)?,
            worth: self.analysis.positions.get(ply + 1)?.worth,
        })
    }

    /// The position shown.
    pub fn position(&self) -> Option<&Assessed> {
        self.analysis.positions.get(self.plies)
    }

    /// The cells that would have been better than the last move, if it was a mistake.
    pub fn better(&self) -> Option<Bitboard> {
        let last = self.last().filter(|last| last.remark == Some(Remark::Mistake))?;
        Some(last.before.keeping)
    }

    /// Tells whether the match is over on the board or by its end, at the position shown.
    pub const fn is_at_end(&self) -> bool {
        self.plies == self.kept.moves.len()
    }
}
