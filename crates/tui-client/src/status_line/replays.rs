//! The sentences about finished matches: the list, and each move of a replay.

use game_core::{Bitboard, Mark};
use server::phrases::{self, Reader};

use crate::{
    analysis::{Remark, Worth},
    format,
    history::{History, KeptMatch},
    replay::{Move, Replay},
};

/// The most cells that a sentence names.
const MOST_NAMED: usize = 3;

/// The matches beside their entry in the menu: `41 games, 23 won`.
pub(crate) fn kept_matches(history: &History) -> String {
    match (history.matches.len(), history.tally().won) {
        (0, _) => "your finished matches; none yet".into(),
        (count, won) => format!("{}, {won} won", format::counted(count, "game")),
    }
}

/// The status line of the list.
pub(super) fn list(history: &History) -> String {
    let remarks = history.remarks();
    let keys = if history.matches.is_empty() {
        "Matches are kept here once they are over."
    } else {
        "<replays.select> replays the match."
    };
    format!("{keys} {remarks}").trim_end().to_owned()
}

/// The result of a match from its player's side, and its reason.
pub(crate) fn result(kept: &KeptMatch) -> String {
    let snapshot = kept.snapshot(kept.moves.len());
    let reader = Reader { snapshot: &snapshot, seat: kept.own, begins_sentence: true };
    let reason = reader.reason(kept.ending, |cell| phrases::short_cell(kept.terms.rules, cell));
    format!("{}. {reason}.", reader.headline())
}

/// The status line of a replay: the move that stands last, and what it was worth.
pub(super) fn replay(replay: &Replay) -> String {
    if let Some(notice) = &replay.notice {
        return notice.clone();
    }
    let (kept, count) = (&replay.kept, replay.kept.moves.len());
    let Some(last) = replay.last() else {
        let [x, o] = [Mark::X, Mark::O].map(|mark| kept.player(mark));
        let moves = format::counted(count, "move");
        return format!("{x} plays X, {o} plays O, {moves}. {}", result(kept));
    };
    let took = last.took.map(|took| format!(", after {}", format::took(took))).unwrap_or_default();
    let cell = phrases::cell(kept.terms.rules, last.cell);
    let mut line = format!("Move {} of {count}: {} at {cell}{took}.", replay.plies, last.mark);
    for said in [verdict(replay), replay.is_at_end().then(|| result(kept))].into_iter().flatten() {
        line.push(' ');
        line.push_str(&said);
    }
    line
}

/// The move in 18 columns: `4/7 O 4 ? X wins`.
pub(super) fn replay_briefly(replay: &Replay) -> String {
    let count = replay.kept.moves.len();
    let Some(last) = replay.last() else { return format!("0/{count} moves") };
    let cell = phrases::short_cell(replay.kept.terms.rules, last.cell);
    format!("{}/{count} {} {cell} {} {}", replay.plies, last.mark, sign(last.remark), worth(replay, &last))
}

/// The sign of a remark.
pub(crate) const fn sign(remark: Option<Remark>) -> char {
    match remark {
        Some(Remark::Mistake) => '?',
        Some(Remark::Only) => '!',
        Some(Remark::Winning) => '#',
        None => ' ',
    }
}

/// The worth of the position after a move: `X wins`, `draw`, `X won`, or `-` where it is not certain.
pub(crate) fn worth(replay: &Replay, mv: &Move<'_>) -> String {
    match (mv.worth, mv.remark) {
        (Some(Worth::Wins(winner)), Some(Remark::Winning)) => format!("{winner} won"),
        (Some(Worth::Wins(winner)), _) => format!("{winner} wins"),
        (Some(Worth::Draw), _) => "draw".into(),
        (None, _) if replay.analysis.is_exact => String::new(),
        (None, _) => "-".into(),
    }
}

/// The worth of the last move in a sentence; `None` if it only kept what there was.
pub(crate) fn verdict(replay: &Replay) -> Option<String> {
    let last = replay.last()?;
    let cells = cells(replay, last.before.keeping);
    Some(match (last.remark?, last.before.worth?, last.worth) {
        (Remark::Winning, ..) => return None,
        (Remark::Only, Worth::Draw, _) => "The only move that holds the draw.".into(),
        (Remark::Only, Worth::Wins(_), _) => "The only move that wins.".into(),
        (Remark::Mistake, Worth::Draw, _) => format!("It loses; {cells} held the draw."),
        (Remark::Mistake, Worth::Wins(_), Some(Worth::Draw)) => format!("It lets the win go; {cells} won."),
        (Remark::Mistake, Worth::Wins(_), Some(Worth::Wins(_))) => format!("It loses; {cells} won."),
        (Remark::Mistake, Worth::Wins(_), None) => format!("It misses a win; {cells} won at once."),
    })
}

/// The best next move in words; `None` where every move is as good, or nothing is certain.
pub(crate) fn next_move(replay: &Replay) -> Option<String> {
    let position = replay.position()?;
    let side = replay.snapshot.record.position().to_move().filter(|_| !replay.is_at_end())?;
    let best = position.best;
    if best.is_empty() || best.len() == position.choices {
        return None;
    }
    let cells = cells(replay, best);
    Some(match position.worth {
        Some(Worth::Wins(winner)) if winner == side => format!("{side} wins with {cells}."),
        Some(Worth::Wins(_)) => format!("{side} holds out longest with {cells}."),
        Some(Worth::Draw) => format!("{side} should play {cells}."),
        None => format!("{side} must block {cells}."),
    })
}

/// `5`, `3 or 5`, `1, 3 or 5`, and of more some.
fn cells(replay: &Replay, cells: Bitboard) -> String {
    let named: Vec<String> = cells
        .cells()
        .take(MOST_NAMED)
        .map(|cell| phrases::short_cell(replay.kept.terms.rules, cell))
        .collect();
    match named.split_last() {
        _ if cells.len() > MOST_NAMED => format!("{} or another", named.join(", ")),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} or {last}", before.join(", ")),
        None => String::new(),
    }
}
