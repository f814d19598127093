//! News of a room: the difference of two snapshots, in lines.

use game_core::Cell;
use net::proto::{Ending, Occupant, Offer, Phase, Seat, SeatView, Snapshot};

use super::words::terms;
use crate::phrases::{Reader, absence, offers};

/// The change from one snapshot to a later one of the same room.
pub(super) struct Change<'a> {
    pub(super) before: &'a Snapshot,
    pub(super) now: &'a Snapshot,
    /// The reader's seat; `None` for a watcher.
    pub(super) me: Option<Seat>,
}

impl Change<'_> {
    /// Returns `true` if the board has changed.
    pub(super) fn is_of_board(&self) -> bool {
        let of = |snapshot: &Snapshot| {
            let is_begun = snapshot.phase != Phase::Waiting;
            (snapshot.match_number, snapshot.branch, snapshot.record.position().ply(), is_begun)
        };
        of(self.before) != of(self.now)
    }

    /// The changes that are worth a line.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for seat in Seat::BOTH.into_iter().filter(|seat| Some(*seat) != self.me) {
            lines.extend(self.of_seat(seat));
        }
        lines.extend(self.of_match());
        lines.extend(self.of_moves());
        lines.extend(self.of_offer());
        lines.extend(self.of_phase());
        lines.extend(self.of_wishes());
        if !self.before.is_chat_open && self.now.is_chat_open {
            lines.push("- the talk is open".to_owned());
        }
        lines
    }

    /// A player who has joined, left or come back.
    fn of_seat(&self, seat: Seat) -> Option<String> {
        let name = self.now.seats[seat].name()?;
        let what = match (&self.before.seats[seat], &self.now.seats[seat]) {
            (SeatView::Vacant, SeatView::Taken(_)) => "has come".to_owned(),
            (SeatView::Taken(_), SeatView::Gone { .. }) => "left".to_owned(),
            (SeatView::Taken(before), SeatView::Taken(now)) => {
                match (absence(before.presence), absence(now.presence)) {
                    (Some(_), None) => "is back".to_owned(),
                    (None, Some(absence)) => format!("{absence} and may come back"),
                    (Some(_), Some(_)) | (None, None) => return None,
                }
            }
            (SeatView::Vacant | SeatView::Gone { .. }, _) | (SeatView::Taken(_), SeatView::Vacant) => {
                return None;
            }
        };
        Some(format!("- {name} {what}"))
    }

    fn of_match(&self) -> Option<String> {
        let Snapshot { match_number, .. } = self.now;
        (self.before.match_number != *match_number).then(|| format!("- match {match_number} begins"))
    }

    fn of_moves(&self) -> Vec<String> {
        let moves = self.now.record.moves();
        let is_same = self.before.match_number == self.now.match_number;
        let (mut lines, seen) = match (is_same, self.before.branch == self.now.branch) {
            (false, _) => (Vec::new(), 0),
            (true, true) => (Vec::new(), self.before.record.moves().len()),
            (true, false) => (vec!["- the last move was taken back".to_owned()], moves.len()),
        };
        let played = moves.iter().enumerate().skip(seen);
        lines.extend(played.map(|(ply, cell)| format!("- {} played {cell}", self.mover(ply))));
        lines
    }

    fn of_offer(&self) -> Option<String> {
        let number = |snapshot: &Snapshot| snapshot.offer.map(|offer| offer.number);
        if number(self.before) == number(self.now) {
            return None;
        }
        let Some(Offer { kind, by, .. }) = self.now.offer else {
            let is_overtaken = self.is_of_board() || self.before.phase != self.now.phase;
            return (!is_overtaken).then(|| "- the offer is gone".to_owned());
        };
        let what = offers(kind, self.me == Some(by));
        let answer = if self.me.is_some_and(|me| me != by) { ": accept or decline" } else { "" };
        Some(format!("- {} {what}{answer}", self.who(by)))
    }

    fn of_phase(&self) -> Vec<String> {
        let Snapshot { phase, .. } = self.now;
        if self.before.phase == *phase && self.before.match_number == self.now.match_number {
            return Vec::new();
        }
        match phase {
            Phase::Over(ending) => {
                let series = self.reader().series_result();
                let lines = [Some(self.ending(*ending)), series];
                lines.into_iter().flatten().map(|line| format!("- {line}")).collect()
            }
            Phase::Adjourned => vec!["- the match is adjourned".to_owned()],
            Phase::Playing if self.before.phase == Phase::Adjourned => vec!["- the match goes on".to_owned()],
            Phase::Playing | Phase::Waiting => Vec::new(),
        }
    }

    /// Requests for a rematch, and new claims.
    fn of_wishes(&self) -> Vec<String> {
        let wants = |snapshot: &Snapshot, seat: Seat| {
            snapshot.seats[seat].occupant().is_some_and(Occupant::wants_rematch)
        };
        let news = |seat: &Seat| wants(self.now, *seat) && !wants(self.before, *seat);
        let mut lines: Vec<String> = Seat::BOTH
            .into_iter()
            .filter(news)
            .map(|seat| format!("- {} asked for a rematch", self.who(seat)))
            .collect();
        let may_claim = |snapshot: &Snapshot| {
            snapshot.claim.is_some_and(|claim| claim.in_millis == 0 && self.me == Some(claim.absent.other()))
        };
        if may_claim(self.now) && !may_claim(self.before) {
            lines.push("- you may claim win, draw or adjourn".to_owned());
        }
        lines
    }

    /// The result of the match, and the reason for it.
    fn ending(&self, ending: Ending) -> String {
        let why = self.reader().reason(ending, |cell| cell.to_string());
        match self.now.winner() {
            Some(winner) => format!("{} won: {why}", self.who(winner)),
            None => format!("a draw: {why}"),
        }
    }

    fn mover(&self, ply: usize) -> &str {
        self.who(if ply.is_multiple_of(2) { self.now.x } else { self.now.x.other() })
    }

    fn who(&self, seat: Seat) -> &str {
        self.reader().name(seat)
    }

    const fn reader(&self) -> Reader<'_> {
        Reader { snapshot: self.now, seat: self.me, begins_sentence: false }
    }
}

/// The news of a room for somebody who has just come into it.
pub(super) fn entered(now: &Snapshot) -> Vec<String> {
    let mut lines = vec![format!("- room {}, {}", now.code, terms(&now.terms()))];
    lines.extend(Seat::BOTH.into_iter().filter_map(|seat| {
        let SeatView::Taken(occupant) = now.seats[seat] else { return None };
        (now.phase != Phase::Waiting).then(|| format!("- {} plays {}", occupant.name, now.mark(seat)))
    }));
    let last: Option<Cell> = now.record.last();
    lines.extend(last.map(|cell| format!("- the last move was {cell}")));
    lines
}
