//! Answers to what is asked for: the board, the cells near the last move, the moves, the clocks, the score.

use std::time::Instant;

use game_core::{Cell, Mark};
use net::{
    proto::{Seat, Snapshot},
    xray::LinkPicture,
};
use server::phrases::{self, Reader};

use crate::{
    format::{countdown, exact},
    game::{Game, clocks::ClockState},
    xray::{Sight, UNKNOWN},
};

/// Columns and rows on each side of the last move that are near it.
const NEAR: u8 = 2;

/// Moves in a line.
const MOVES_IN_LINE: usize = 6;

/// The answer to a question about a game; `None` if the word asks for nothing.
pub(super) fn answer(game: &Game, now: Instant, word: &str) -> Option<Vec<String>> {
    Some(match word {
        "clock" | "clocks" => vec![clocks(game, now)],
        "score" => vec![score(game)],
        "link" if game.online().is_none() => vec!["This game is at this machine: it has no link.".into()],
        _ => return position(&game.snapshot, word),
    })
}

/// The answer to a question about a position; `None` if the word asks for nothing.
pub(super) fn position(snapshot: &Snapshot, word: &str) -> Option<Vec<String>> {
    Some(match word {
        "board" => board(snapshot),
        "near" => near(snapshot),
        "moves" => moves(snapshot),
        _ => return None,
    })
}

/// The board, row by row from the top. Of a large one the rows that have marks.
fn board(snapshot: &Snapshot) -> Vec<String> {
    let rules = snapshot.record.rules();
    if rules.cells() <= 9 {
        return phrases::position(snapshot)
            .split_inclusive(". ")
            .map(|row| row.trim_end().to_owned())
            .collect();
    }
    let marks = |row: u8| {
        let marks = cells(snapshot, 0..rules.columns(), row).filter_map(|(cell, mark)| Some((cell, mark?)));
        marks.map(|(cell, mark)| format!("{mark} at {cell}")).collect::<Vec<_>>().join(", ")
    };
    let rows = (0..rules.rows()).rev().map(|row| (row, marks(row))).filter(|(_, marks)| !marks.is_empty());
    let mut lines: Vec<String> = rows.map(|(row, marks)| format!("Row {}: {marks}.", row + 1)).collect();
    if lines.is_empty() {
        lines.push("The board is empty.".into());
    }
    lines.extend(last(snapshot));
    lines
}

/// The cells around the last move.
fn near(snapshot: &Snapshot) -> Vec<String> {
    let rules = snapshot.record.rules();
    let Some(middle) = snapshot.record.last() else { return vec!["The board is empty.".into()] };
    let around = |at: u8, sides: u8| at.saturating_sub(NEAR)..(at + NEAR + 1).min(sides);
    let rows = around(middle.row(), rules.rows()).rev().map(|row| {
        let cells = cells(snapshot, around(middle.column(), rules.columns()), row);
        let said = cells.map(|(cell, mark)| {
            let cell = phrases::short_cell(rules, cell);
            mark.map_or_else(|| format!("{cell} free"), |mark| format!("{cell} {mark}"))
        });
        format!("{}.", said.collect::<Vec<_>>().join(", "))
    });
    rows.chain(last(snapshot)).collect()
}

fn cells(
    snapshot: &Snapshot,
    columns: std::ops::Range<u8>,
    row: u8,
) -> impl Iterator<Item = (Cell, Option<Mark>)> {
    let board = snapshot.record.position().board();
    columns.filter_map(move |column| Cell::new(column, row)).map(|cell| (cell, board.mark_at(cell)))
}

fn last(snapshot: &Snapshot) -> Option<String> {
    let cell = snapshot.record.last()?;
    let mark = snapshot.record.position().board().mark_at(cell)?;
    Some(format!("Last: {mark} at {}.", phrases::short_cell(snapshot.record.rules(), cell)))
}

/// The moves of both players.
fn moves(snapshot: &Snapshot) -> Vec<String> {
    let rules = snapshot.record.rules();
    let said = |(ply, cell): (usize, &Cell)| {
        let mark = if ply.is_multiple_of(2) { Mark::X } else { Mark::O };
        format!("{} {mark} {}", ply + 1, phrases::short_cell(rules, *cell))
    };
    let moves: Vec<String> = snapshot.record.moves().iter().enumerate().map(said).collect();
    if moves.is_empty() {
        return vec!["No move yet.".into()];
    }
    moves.chunks(MOVES_IN_LINE).map(|moves| format!("{}.", moves.join(", "))).collect()
}

/// The times on the clocks.
fn clocks(game: &Game, now: Instant) -> String {
    let of = |seat: Seat| {
        let clock = game.clock(seat, now)?;
        let runs = if clock.state == ClockState::Running { ", running" } else { "" };
        Some(format!("{} {}{runs}", game.reader().name(seat), countdown(clock.left)))
    };
    match (of(game.viewpoint()), of(game.other())) {
        (Some(own), Some(other)) => format!("{own}. {other}."),
        _ => "There is no clock.".into(),
    }
}

/// The numbers of the link, once somebody has looked.
pub(super) fn link(sight: &Sight) -> Option<Vec<String>> {
    Some(match sight {
        Sight::Unseen => return None,
        Sight::Unknown => vec![UNKNOWN.into()],
        Sight::Seen(LinkPicture::Udp(picture)) => {
            let (counts, srtt) = (picture.vitals.counts, picture.vitals.srtt);
            let rtt =
                srtt.map_or_else(|| "is not measured yet".into(), |srtt| format!("takes {}", exact(srtt)));
            let lost =
                picture.conditions.map(|it| [it.outbound, it.inbound].map(|it| it.lost + it.corrupted));
            let lost = lost.map(|[out, came]| format!("Lost by the dial: {out} sent, {came} coming."));
            let said = [
                format!("Over UDP a round trip {rtt}."),
                format!("Packets sent: {}, of them only copies: {}.", counts.sent, counts.copies),
                format!(
                    "Packets received: {}; messages that came twice: {}.",
                    counts.received, counts.duplicates
                ),
            ];
            said.into_iter().chain(lost).collect()
        }
        Sight::Seen(LinkPicture::Tcp(picture)) => vec![
            format!("Over TCP a round trip takes {}.", exact(picture.rtt)),
            format!(
                "Segments sent again: {}, not acknowledged yet: {}.",
                picture.retransmits, picture.unacknowledged
            ),
        ],
    })
}

/// The results so far.
pub(super) fn score(game: &Game) -> String {
    let score = game.snapshot.score;
    let reader = Reader { begins_sentence: false, ..game.reader() };
    let [own, other] =
        [game.viewpoint(), game.other()].map(|seat| format!("{} {}", reader.name(seat), score.wins[seat]));
    format!("Score: {own}, {other}, drawn {}.", score.draws)
}
