//! Phrases about a room: cells, positions, rules, offers, absence and results.
//!
//! The line protocol and the terminal client build their sentences from the same phrases.

use std::fmt::Write as _;

use game_core::{Cell, Mark, Outcome, Rules};
use net::proto::{Ending, OfferKind, Presence, Seat, Snapshot, Terms, TimeControl};

/// The person a sentence is for: one seat is "you", the others go by name.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// The room.
    pub snapshot: &'a Snapshot,
    /// The reader's seat; `None` for a spectator, and for two people at one screen.
    pub seat: Option<Seat>,
    /// The phrase begins a sentence, so "you" is written with a capital.
    pub begins_sentence: bool,
}

impl<'a> Reader<'a> {
    /// `you`, the name of a seat, or `nobody`.
    pub fn name(&self, seat: Seat) -> &'a str {
        match (self.seat == Some(seat), self.begins_sentence) {
            (true, true) => "You",
            (true, false) => "you",
            (false, begins) => match name(self.snapshot, seat) {
                BOT if begins => "The bot",
                name => name,
            },
        }
    }

    /// The result of a match: `You won`, `You lost`, `Draw`, or for a reader without a seat `ben won`.
    pub fn headline(&self) -> String {
        match self.snapshot.winner() {
            None => self.phrase("draw", "Draw"),
            Some(winner) if self.seat.is_none_or(|seat| seat == winner) => {
                format!("{} won", self.name(winner))
            }
            Some(_) => self.phrase("you lost", "You lost"),
        }
    }

    /// The reason why a match is over: `ben resigned`, `X has the row 7-8-9`.
    ///
    /// `cell_name` names the cells of the deciding line.
    pub fn reason(&self, ending: Ending, cell_name: impl Fn(Cell) -> String) -> String {
        match ending {
            Ending::Resigned(seat) => format!("{} resigned", self.name(seat)),
            Ending::OutOfTime(seat) => format!("{} ran out of time", self.name(seat)),
            Ending::Abandoned(seat) | Ending::DrawCalled(seat) => format!("{} stayed away", self.name(seat)),
            Ending::DrawAgreed => self.phrase("both players agreed", "Both players agreed"),
            Ending::OnBoard => deciding_line(self.snapshot, cell_name)
                .unwrap_or_else(|| self.phrase("the board is full", "The board is full")),
        }
    }

    /// The winner of the series, once it is decided: `you won the series 2 to 1`.
    pub fn series_result(&self) -> Option<String> {
        let winner = self.snapshot.series_winner()?;
        let wins = self.snapshot.score.wins;
        Some(format!("{} won the series {} to {}", self.name(winner), wins[winner], wins[winner.other()]))
    }

    fn phrase(&self, inside: &str, beginning: &str) -> String {
        if self.begins_sentence { beginning } else { inside }.to_owned()
    }
}

/// The name of the program as a player.
pub const BOT: &str = "the bot";

/// The name of a seat, or `nobody`.
pub fn name(snapshot: &Snapshot, seat: Seat) -> &str {
    snapshot.seats[seat].name().map_or("nobody", |name| name.as_str())
}

/// The line that decided a match: `X has the diagonal 7-5-3`; `None` for a draw.
fn deciding_line(snapshot: &Snapshot, cell_name: impl Fn(Cell) -> String) -> Option<String> {
    let Outcome::Win { winner, lines } = snapshot.record.position().outcome()? else { return None };
    let is_misere = snapshot.record.rules().is_misere();
    let (maker, verb) = if is_misere { (winner.other(), "completed") } else { (winner, "has") };
    let line = lines.iter().next()?;
    let cells: Vec<String> = line.cells().map(cell_name).collect();
    let direction = match (line.from().column() == line.to().column(), line.from().row() == line.to().row()) {
        (true, _) => "column",
        (_, true) => "row",
        (false, false) => "diagonal",
    };
    Some(format!("{maker} {verb} the {direction} {}", cells.join("-")))
}

/// The absence of a player: `left` or `lost the connection`; `None` while the link is up.
pub const fn absence(presence: Presence) -> Option<&'static str> {
    match presence {
        Presence::Away { is_on_purpose: true, .. } => Some("left"),
        Presence::Away { is_on_purpose: false, .. } => Some("lost the connection"),
        Presence::Present | Presence::Silent { .. } => None,
    }
}

/// An offer as a verb phrase: `offers a draw`, and after "you" `offer a draw`.
pub const fn offers(kind: OfferKind, is_own: bool) -> &'static str {
    match (kind, is_own) {
        (OfferKind::Draw, false) => "offers a draw",
        (OfferKind::Draw, true) => "offer a draw",
        (OfferKind::Takeback, false) => "asks for a takeback",
        (OfferKind::Takeback, true) => "ask for a takeback",
        (OfferKind::Adjourn, false) => "asks to adjourn",
        (OfferKind::Adjourn, true) => "ask to adjourn",
    }
}

/// An offer as a noun: `draw offer`.
pub const fn offered(kind: OfferKind) -> &'static str {
    match kind {
        OfferKind::Draw => "draw offer",
        OfferKind::Takeback => "takeback request",
        OfferKind::Adjourn => "offer to adjourn",
    }
}

/// A cell in words: `left middle (4)` on 3x3, `c4` elsewhere.
pub fn cell(rules: Rules, cell: Cell) -> String {
    const NAMES: [&str; 9] = [
        "bottom left",
        "bottom middle",
        "bottom right",
        "left middle",
        "the center",
        "right middle",
        "top left",
        "top middle",
        "top right",
    ];
    match cell.numpad() {
        Some(digit) if rules.cells() == 9 => format!("{} ({digit})", NAMES[usize::from(digit - 1)]),
        Some(_) | None => cell.to_string(),
    }
}

/// A cell in two or three characters: the numpad's digit on 3x3, `c4` elsewhere.
pub fn short_cell(rules: Rules, cell: Cell) -> String {
    match cell.numpad() {
        Some(digit) if rules.cells() == 9 => digit.to_string(),
        Some(_) | None => cell.to_string(),
    }
}

/// A position in words, row by row from the top, to be read aloud.
pub fn position(snapshot: &Snapshot) -> String {
    let rules = snapshot.record.rules();
    let position = snapshot.record.position();
    let mut text = String::new();
    for row in (0..rules.rows()).rev() {
        let cells: Vec<String> = (0..rules.columns())
            .filter_map(|column| Cell::new(column, row))
            .map(|cell| match position.board().mark_at(cell) {
                Some(mark) => mark.to_string(),
                None => format!("{} free", short_cell(rules, cell)),
            })
            .collect();
        let label = match (rules.rows(), row) {
            (3, 2) => "Top".into(),
            (3, 1) => "Middle".into(),
            (3, 0) => "Bottom".into(),
            _ => format!("Row {}", row + 1),
        };
        write!(text, "{label}: {}. ", cells.join(", ")).expect("writing to a string does not fail");
    }
    if let Some(last) = snapshot.record.last() {
        let mark = if snapshot.record.moves().len() % 2 == 1 { Mark::X } else { Mark::O };
        write!(text, "Last: {mark} at {}.", short_cell(rules, last))
            .expect("writing to a string does not fail");
    }
    text.trim_end().to_owned()
}

/// Rules in words: `3x3`, `5x5, 4 in a row`, `3x3, a line loses`.
pub fn rules(rules: Rules) -> String {
    let mut text = format!("{}x{}", rules.columns(), rules.rows());
    if rules.cells() != 9 {
        write!(text, ", {} in a row", rules.in_row()).expect("writing to a string does not fail");
    }
    if rules.is_misere() {
        text.push_str(", a line loses");
    }
    text
}

/// The rules and the length of the series: `3x3, best of 3`.
pub fn series(terms: &Terms) -> String {
    let series = terms.best_of.map(|best_of| format!(", best of {best_of}")).unwrap_or_default();
    format!("{}{series}", rules(terms.rules))
}

/// All terms of a match in words: `3x3, best of 3, 30 s a move`.
pub fn terms(terms: &Terms) -> String {
    let seconds = |count: u16| {
        if count.is_multiple_of(60) { format!("{} min", count / 60) } else { format!("{count} s") }
    };
    let time = match terms.time {
        TimeControl::Off => "no clock".into(),
        TimeControl::PerMove(time) => format!("{} a move", seconds(time.count())),
        TimeControl::Fischer { initial, increment } => {
            format!("{} and {increment} s more a move", seconds(initial.count()))
        }
    };
    format!("{}, {time}", series(terms))
}

/// The result of a match for somebody who was not there: `oxo 3x3, ana v. ben: ana won as X in 5 moves. …`.
pub fn result_to_copy(snapshot: &Snapshot) -> String {
    let [host, guest] = Seat::BOTH.map(|seat| name(snapshot, seat));
    let winner = match snapshot.winner() {
        Some(seat) => format!("{} won as {}", name(snapshot, seat), snapshot.mark(seat)),
        None => "a draw".to_owned(),
    };
    let score = snapshot.score;
    format!(
        "oxo {}, {host} v. {guest}: {winner} in {} moves. Score {} to {}, {} drawn.",
        rules(snapshot.record.rules()),
        snapshot.record.moves().len(),
        score.wins.host,
        score.wins.guest,
        score.draws,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_read_as_people_say_them() {
        let check = |board: &str, best_of: Option<&str>, time: &str, words: &str| {
            let (rules, time) = (board.parse().unwrap(), time.parse().unwrap());
            let best_of = best_of.map(|best_of| best_of.parse().unwrap());
            assert_eq!(terms(&Terms { rules, best_of, time }), words);
        };
        check("3x3", None, "off", "3x3, no clock");
        check("3x3", Some("3"), "30s", "3x3, best of 3, 30 s a move");
        check("5x5:4", Some("5"), "5m+3s", "5x5, 4 in a row, best of 5, 5 min and 3 s more a move");
    }
}
