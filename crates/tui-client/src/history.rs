//! The finished matches of this player: a match as a line of JSON keeps it, all of them, and the account of wins and losses.

use game_core::{Cell, Mark, Record};
use net::proto::{
    Ending, Name, PerSeat, Phase, RoomCode, Score, Seat, SeatView, ServerTime, Snapshot, Terms, Visibility,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The version of a line. A later one may mean something else by the same fields.
const VERSION: u32 = 1;

/// Bytes of a line at most: more than twice what the longest match takes (361 moves of 19x19, each with its time).
pub const MAX_LINE_BYTES: usize = 16 * 1024;

/// A finished match of this player.
///
/// Its fields have the names and forms of those of a snapshot ([PROTOCOL.md](../../../docs/PROTOCOL.md)).
///
/// # Invariants
///
/// The moves are legal, each has a time, known or not, and the ending fits what they led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptMatch {
    /// The version of the line.
    v: u32,
    /// The end, in seconds since 1970 (UTC), by the clock of this machine.
    pub ended: u64,
    /// The place where it was played.
    pub place: Played,
    /// The code of its room.
    pub code: RoomCode,
    /// The number of the match in that room, from 1.
    pub match_number: u32,
    /// The number of the game in its series, from 1.
    pub game_number: u32,
    /// The names of the players; the host opened the room.
    #[serde(flatten)]
    pub names: PerSeat<Name>,
    /// The seat that played X.
    pub x: Seat,
    /// The seat of the player who kept it; `None` for two at one keyboard.
    pub own: Option<Seat>,
    /// The terms of its room.
    #[serde(flatten)]
    pub terms: Terms,
    /// The end of the match.
    pub ending: Ending,
    /// The winner; `None` for a draw. It is written for those who read the file, and follows from the rest.
    #[serde(skip_deserializing)]
    winner: Option<Seat>,
    /// The moves, the first one first.
    pub moves: Vec<Cell>,
    /// The milliseconds that each move took, as this client saw it; `None` where it did not see it.
    pub took_millis: Vec<Option<u32>>,
}

/// The place where a match was played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Played {
    /// On a server, between two people.
    Server,
    /// At one keyboard, between two people.
    Keyboard,
    /// At this machine, against the bot.
    Bot,
}

/// The reason why a line is no match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadLine {
    /// It is not what a client has written.
    #[error("it is no record of a match")]
    Damaged,
    /// A newer client has written it.
    #[error("it was written by a newer version of oxo")]
    Newer,
}

/// The result of a match for its player.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The player won.
    Won,
    /// Nobody won.
    Drawn,
    /// The other one won.
    Lost,
}

/// The account of several matches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, derive_more::Display)]
#[display("{won} won, {drawn} drawn, {lost} lost")]
pub struct Tally {
    /// Matches won.
    pub won: u32,
    /// Matches drawn.
    pub drawn: u32,
    /// Matches lost.
    pub lost: u32,
}

/// All finished matches that were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The matches, the newest last.
    pub matches: Vec<KeptMatch>,
    /// Lines that were skipped because they are damaged or too long.
    pub damaged: usize,
    /// Lines that were skipped because a newer version has written them.
    pub newer: usize,
    /// True if the file has more than is read, so that the oldest matches are missing.
    pub is_cut: bool,
    /// The reason why the file could not be read.
    pub problem: Option<String>,
}

impl KeptMatch {
    /// The match of a snapshot that shows its end; `None` while it is not over. Its end is not dated yet.
    pub(crate) fn of(
        snapshot: &Snapshot,
        (place, own): (Played, Option<Seat>),
        took_millis: Vec<Option<u32>>,
    ) -> Option<Self> {
        let Phase::Over(ending) = snapshot.phase else { return None };
        let name = |seat| snapshot.seats[seat].name().copied();
        Some(Self {
            v: VERSION,
            ended: 0,
            place,
            code: snapshot.code,
            match_number: snapshot.match_number,
            game_number: snapshot.game_number(),
            names: PerSeat { host: name(Seat::Host)?, guest: name(Seat::Guest)? },
            x: snapshot.x,
            own,
            terms: snapshot.terms(),
            ending,
            winner: snapshot.winner(),
            moves: snapshot.record.moves().to_vec(),
            took_millis,
        })
    }

    /// Reads a line.
    ///
    /// # Errors
    ///
    /// [`BadLine`] if it is no match, or that of a newer version.
    pub fn parse(line: &str) -> Result<Self, BadLine> {
        /// The one field that every version has.
        #[derive(Deserialize)]
        struct Versioned {
            v: u32,
        }
        if line.len() > MAX_LINE_BYTES {
            return Err(BadLine::Damaged);
        }
        let version = serde_json::from_str(line).map(|Versioned { v }| v);
        match version {
            Ok(VERSION) => {}
            Ok(newer) if newer > VERSION => return Err(BadLine::Newer),
            Ok(_) | Err(_) => return Err(BadLine::Damaged),
        }
        let mut kept: Self = serde_json::from_str(line).ok().ok_or(BadLine::Damaged)?;
        let mut record = Record::new(kept.terms.rules);
        let is_legal = kept.moves.iter().all(|cell| record.play(*cell).is_ok());
        let is_decided = record.position().outcome().is_some();
        let fits =
            is_decided == (kept.ending == Ending::OnBoard) && kept.took_millis.len() == kept.moves.len();
        if !is_legal || !fits {
            return Err(BadLine::Damaged);
        }
        kept.winner = kept.ending.winner(&record, kept.x);
        Ok(kept)
    }

    /// The match as one line, without its end.
    ///
    /// # Panics
    ///
    /// Never: all its fields can be written.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("numbers, names and cells are JSON")
    }

    /// The record of the first moves.
    ///
    /// # Panics
    ///
    /// Never: the moves are legal.
    pub fn record(&self, plies: usize) -> Record {
        let mut record = Record::new(self.terms.rules);
        for cell in self.moves.iter().take(plies) {
            record.play(*cell).expect("the moves of a kept match are legal");
        }
        record
    }

    /// The room after the first moves, for the sentences about it.
    pub fn snapshot(&self, plies: usize) -> Snapshot {
        let is_over = plies >= self.moves.len();
        let [host, guest] = [self.names.host, self.names.guest].map(|name| SeatView::Gone { name });
        Snapshot {
            at: ServerTime(0),
            code: self.code,
            match_number: self.match_number,
            branch: 0,
            x: self.x,
            phase: if is_over { Phase::Over(self.ending) } else { Phase::Playing },
            record: self.record(plies),
            seats: PerSeat { host, guest },
            score: Score::default(),
            best_of: self.terms.best_of,
            time: self.terms.time,
            clocks: None,
            offer: None,
            claim: None,
            visibility: Visibility::Public,
            watchers: 0,
            is_watchable: false,
            is_chat_open: false,
            watchers_may_chat: false,
        }
    }

    /// The player of a mark.
    pub fn player(&self, mark: Mark) -> &Name {
        &self.names[if mark == Mark::X { self.x } else { self.x.other() }]
    }

    /// Both players, as in `ana v. ben`.
    pub fn players(&self) -> String {
        format!("{} v. {}", self.names.host, self.names.guest)
    }

    /// The mark of the winner; `None` for a draw.
    pub fn winner(&self) -> Option<Mark> {
        self.winner.map(|seat| if seat == self.x { Mark::X } else { Mark::O })
    }

    /// The player across; `None` for two at one keyboard.
    pub fn opponent(&self) -> Option<&Name> {
        self.own.map(|own| &self.names[own.other()])
    }

    /// The result for the player; `None` for two at one keyboard.
    pub fn standing(&self) -> Option<Standing> {
        let own = self.own?;
        Some(match self.winner {
            None => Standing::Drawn,
            Some(winner) if winner == own => Standing::Won,
            Some(_) => Standing::Lost,
        })
    }

    /// `1-0`, `0-1` or `draw`, X first.
    pub fn score(&self) -> &'static str {
        match self.winner() {
            Some(Mark::X) => "1-0",
            Some(Mark::O) => "0-1",
            None => "draw",
        }
    }

    /// Tells whether two records are of one match on a server, which a player who returned to its end may keep again.
    pub fn is_same(&self, other: &Self) -> bool {
        let dated = |kept: &Self, ended| Self { ended, took_millis: Vec::new(), ..kept.clone() };
        self.place == Played::Server
            && self.ended.abs_diff(other.ended) < SEAT_KEPT_SECONDS
            && dated(self, 0) == dated(other, 0)
    }
}

/// Seconds for which a client returns to a seat: the age at which it forgets it (a day), and an hour for clocks that differ.
const SEAT_KEPT_SECONDS: u64 = 25 * 60 * 60;

impl Tally {
    /// The number of matches.
    pub const fn total(self) -> u32 {
        self.won + self.drawn + self.lost
    }
}

impl History {
    /// Reads the lines of a file. Those that are no match are counted.
    pub fn parse(text: &[u8]) -> Self {
        let mut history = Self::default();
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            let parsed = str::from_utf8(line).ok().map_or(Err(BadLine::Damaged), KeptMatch::parse);
            match parsed {
                Ok(kept) => history.matches.push(kept),
                Err(BadLine::Damaged) => history.damaged += 1,
                Err(BadLine::Newer) => history.newer += 1,
            }
        }
        history
    }

    /// A match by its number: 1 is the newest.
    pub fn numbered(&self, number: usize) -> Option<&KeptMatch> {
        self.matches.len().checked_sub(number).and_then(|index| self.matches.get(index))
    }

    /// The account of all matches of the player, but those at one keyboard.
    pub fn tally(&self) -> Tally {
        self.count(|_| true)
    }

    /// The account of the matches against a player, by the name.
    pub fn against(&self, name: &Name) -> Tally {
        self.count(|kept| kept.opponent() == Some(name))
    }

    fn count(&self, is_meant: impl Fn(&KeptMatch) -> bool) -> Tally {
        let mut tally = Tally::default();
        for standing in self.matches.iter().filter(|kept| is_meant(kept)).filter_map(KeptMatch::standing) {
            match standing {
                Standing::Won => tally.won += 1,
                Standing::Drawn => tally.drawn += 1,
                Standing::Lost => tally.lost += 1,
            }
        }
        tally
    }

    /// The sentence about a player whom one has played before: `You v. ben: 4 won, 6 drawn, 3 lost`.
    pub fn record_against(&self, name: &Name) -> Option<String> {
        let tally = self.against(name);
        (tally.total() > 0).then(|| format!("You v. {name}: {tally}"))
    }

    /// The remarks on matches that are missing here, in a sentence or two; empty if none is.
    pub fn remarks(&self) -> String {
        let lines = |count: usize| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
        let remarks = [
            self.problem.clone(),
            (self.damaged > 0).then(|| format!("{} of the file could not be read.", lines(self.damaged))),
            (self.newer > 0).then(|| format!("{} need a newer oxo.", lines(self.newer))),
            self.is_cut.then(|| "The oldest matches are left out.".to_owned()),
        ];
        remarks.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
pub(crate) mod tests;
