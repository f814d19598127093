//! The stage: performs a play with a lobby and writes down what everybody hears.
//!
//! A play is lines of text. Most are what somebody does, and under each stands, further in, what that makes
//! people hear, in order:
//!
//! ```text
//! ann> create 3x3
//!     ann hears: you are the host of room 1
//!     ann hears: match 1: ann 0:0 nobody | waiting
//! ben> join room 1
//!     ...
//! ann> play 5
//! ```
//!
//! The cells are those of a numeric keypad, 5 in the middle and 7 at the top left. Who plays names the match
//! and the number of the move, as their client does from the last that it heard; `play 5 as move 3` and
//! `play 5 in match 1` say otherwise. A line in brackets is done as well, but what is heard of it is not
//! written down. A line behind `#` is for the reader. Everybody comes with their first line.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    time::{Duration, Instant},
};

use game_core::Cell;
use net::{
    heartbeat::SILENT_AFTER,
    proto::{
        CloseReason, Command, Ending, Event, Hello, Phase, Presence, RoomCode, Seat, SeatView, SessionId,
        Snapshot, Token, Unseating,
    },
};
use server::lobby::{Admission, Effect, Limits, Lobby};

/// Performs a play and checks that everybody hears what is written.
#[track_caller]
pub(crate) fn check(play: &str) {
    let mut stage = Stage::new();
    let mut performed = String::new();
    let mut written = String::new();
    for line in play.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let is_heard = line.contains(" hears: ") || line.contains(" hear: ");
        let indent = if is_heard { "    " } else { "" };
        writeln!(written, "{indent}{line}").unwrap();
        if is_heard {
            continue;
        }
        writeln!(performed, "{line}").unwrap();
        for heard in stage.perform(line) {
            writeln!(performed, "    {heard}").unwrap();
        }
    }
    assert!(performed == written, "the play is written\n\n{written}\nand performed\n\n{performed}");
}

/// A lobby, its clock and the people before it.
struct Stage {
    lobby: Lobby,
    now: Instant,
    actors: BTreeMap<String, Actor>,
    /// The rooms in the order in which anybody heard of them; their codes are drawn.
    rooms: Vec<RoomCode>,
}

/// What somebody knows of the play.
struct Actor {
    token: Token,
    /// The match and the ply of the last snapshot heard.
    match_number: u32,
    ply: u16,
}

impl Stage {
    fn new() -> Self {
        let lobby = Lobby::new(Limits::default(), 1);
        Self { lobby, now: Instant::now(), actors: BTreeMap::new(), rooms: Vec::new() }
    }

    /// Does what a line says, and returns what is heard.
    fn perform(&mut self, line: &str) -> Vec<String> {
        if line.starts_with('#') {
            return Vec::new();
        }
        if let Some(aside) = line.strip_prefix('(') {
            let aside = aside.strip_suffix(')').unwrap_or_else(|| panic!("unclosed: {line}"));
            self.perform(aside);
            return Vec::new();
        }
        let mut heard = Vec::new();
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["the", "server", "holds", sessions, "sessions", "and", rooms, "rooms" | "room"] => {
                let limits = Limits {
                    sessions: number(sessions),
                    rooms: number(rooms),
                    grace: Limits::default().grace,
                };
                self.lobby = Lobby::new(limits, 1);
            }
            ["there", "are" | "is", sessions, "sessions" | "session", "and", rooms, "rooms" | "room"] => {
                let counted = (self.lobby.session_count(), self.lobby.room_count());
                assert_eq!(counted, (number(sessions), number(rooms)), "sessions and rooms");
            }
            [time] if time.starts_with('+') => self.wait(time),
            [who, "comes"] => heard.extend(self.come(who, who)),
            [who, "comes", "as", name] => heard.extend(self.come(who, name)),
            [who, "drops"] => self.lobby.disconnect(self.now, self.session(who)),
            [who, "falls", "silent"] => {
                let since = self.now.checked_sub(SILENT_AFTER).unwrap();
                self.lobby.handle_silence(self.now, self.session(who), Some(since));
            }
            [who, "is", "heard", "again"] => self.lobby.handle_silence(self.now, self.session(who), None),
            [who, "returns"] => heard.extend(self.return_with(who, self.actors[who].token)),
            [who, "returns", "with", whose, "session", "and", "a", "wrong", "secret"] => {
                let whose = whose.strip_suffix("'s").unwrap();
                let mut token = self.actors[whose].token;
                token.secret[15] ^= 1;
                heard.extend(self.return_with(who, token));
            }
            [who, ref command @ ..] if who.ends_with('>') => {
                let who = who.trim_end_matches('>');
                if !self.actors.contains_key(who) {
                    assert_eq!(self.come(who, who), None, "{who} could not come");
                }
                let command = self.command(who, command);
                self.lobby.handle(self.now, self.session(who), command);
            }
            _ => panic!("not a line of a play: {line}"),
        }
        heard.extend(self.drain());
        heard
    }

    /// Lets time pass, and the lobby do at each deadline what is due.
    fn wait(&mut self, time: &str) {
        let until =
            self.now + Duration::from_secs(number(time.trim_start_matches('+').trim_end_matches('s')));
        while let Some(deadline) = self.lobby.poll_timeout().filter(|&deadline| deadline <= until) {
            self.now = self.now.max(deadline);
            self.lobby.handle_timeout(self.now);
        }
        self.now = until;
    }

    fn come(&mut self, who: &str, name: &str) -> Option<String> {
        let hello = Hello { name: name.parse().unwrap(), resume: None };
        let secret = [u8::try_from(self.actors.len()).unwrap(); 16];
        match self.lobby.connect(self.now, &hello, secret) {
            Ok(Admission { token, name, is_return }) => {
                assert!(!is_return, "{who} has never been here");
                self.actors.insert(who.to_owned(), Actor { token, match_number: 1, ply: 0 });
                (name != hello.name).then(|| format!("{who} hears: you are called {name}"))
            }
            Err(refused) => Some(hears_refusal(who, refused)),
        }
    }

    fn return_with(&mut self, who: &str, token: Token) -> Option<String> {
        let hello = Hello { name: who.parse().unwrap(), resume: Some(token) };
        match self.lobby.connect(self.now, &hello, [0xff; 16]) {
            Ok(admission) => {
                assert!(admission.is_return, "a right token returns");
                assert_eq!(admission.token.session, token.session);
                assert_eq!(admission.token.secret, token.secret, "the token stays what it was");
                None
            }
            Err(refused) => Some(hears_refusal(who, refused)),
        }
    }

    /// Reads a command and fills in what a client knows.
    fn command(&mut self, who: &str, words: &[&str]) -> Command {
        let Actor { match_number, ply, .. } = self.actors[who];
        match *words {
            ["quick", "match"] => Command::QuickMatch { rules: None },
            ["quick", "match", rules] => Command::QuickMatch { rules: Some(rules.parse().unwrap()) },
            ["create", rules] => Command::Create { rules: rules.parse().unwrap() },
            ["join", "room", room] => Command::Join { code: self.rooms[number::<usize>(room) - 1] },
            ["join", code] => Command::Join { code: code.parse().unwrap() },
            ["leave"] => Command::Leave,
            ["play", at] => Command::Play { match_number, ply, cell: cell(at) },
            ["play", at, "as", "move", nth] => {
                Command::Play { match_number, ply: number::<u16>(nth) - 1, cell: cell(at) }
            }
            ["play", at, "in", "match", nth] => {
                Command::Play { match_number: number(nth), ply, cell: cell(at) }
            }
            ["resign"] => Command::Resign { match_number },
            ["resign", "match", nth] => Command::Resign { match_number: number(nth) },
            ["rematch"] => Command::Rematch { match_number },
            ["rematch", "after", "match", nth] => Command::Rematch { match_number: number(nth) },
            _ => panic!("{who} cannot say {words:?}"),
        }
    }

    /// Follows the drain rule, and writes down who hears what.
    fn drain(&mut self) -> Vec<String> {
        let mut heard = Vec::new();
        while let Some(Effect::Tell { to, event }) = self.lobby.poll_effect() {
            let names: Vec<String> = to.iter().map(|&session| self.who_is(session)).collect();
            if let Event::Snapshot(snapshot) = &event {
                for name in &names {
                    let actor = self.actors.get_mut(name).unwrap();
                    actor.match_number = snapshot.match_number;
                    actor.ply = snapshot.record.position().ply();
                }
            }
            let hear = if names.len() == 1 { "hears" } else { "hear" };
            heard.push(format!("{} {hear}: {}", names.join(" and "), self.words(&event)));
        }
        heard
    }

    fn words(&mut self, event: &Event) -> String {
        match event {
            Event::Seated { code, seat } => {
                let room = self.room(*code);
                format!("you are the {} of room {room}", if *seat == Seat::Host { "host" } else { "guest" })
            }
            Event::Snapshot(snapshot) => snapshot_words(snapshot),
            Event::Rejected { command: _, reject } => format!("no, {reject}"),
            Event::Unseated(Unseating::Left) => "you have left".to_owned(),
            Event::Unseated(Unseating::RoomClosed) => "the room is given up".to_owned(),
        }
    }

    /// The number that a room has in the play.
    fn room(&mut self, code: RoomCode) -> usize {
        if !self.rooms.contains(&code) {
            self.rooms.push(code);
        }
        self.rooms.iter().position(|&known| known == code).unwrap() + 1
    }

    #[track_caller]
    fn session(&self, who: &str) -> SessionId {
        self.actors.get(who).unwrap_or_else(|| panic!("{who} has not come")).token.session
    }

    fn who_is(&self, session: SessionId) -> String {
        let (name, _) = self.actors.iter().find(|(_, actor)| actor.token.session == session).unwrap();
        name.clone()
    }
}

fn hears_refusal(who: &str, refused: CloseReason) -> String {
    format!("{who} hears: no, {refused}")
}

/// A room as `match 2: ann 1:0 ben | 5 1 9 | ben to move`.
fn snapshot_words(snapshot: &Snapshot) -> String {
    let Snapshot { match_number, seats, score, record, .. } = snapshot;
    let name = |seat: Seat| seats[seat].name().map_or_else(|| "nobody".to_owned(), ToString::to_string);
    let state = match (snapshot.phase, snapshot.to_move()) {
        (Phase::Waiting, _) => "waiting".to_owned(),
        (Phase::Playing, to_move) => format!("{} to move", name(to_move.unwrap())),
        (Phase::Over(Ending::OnBoard), _) => {
            snapshot.winner().map_or_else(|| "drawn".to_owned(), |winner| format!("{} has won", name(winner)))
        }
        (Phase::Over(Ending::Resigned(seat)), _) => format!("{} has resigned", name(seat)),
        (Phase::Over(Ending::Left(seat)), _) => format!("{} has left the match", name(seat)),
    };
    let moves: Vec<String> = record.moves().iter().map(|cell| cell_words(*cell)).collect();
    let moves = if moves.is_empty() { String::new() } else { format!("{} | ", moves.join(" ")) };
    let draws = if score.draws == 0 { String::new() } else { format!(" ({} drawn)", score.draws) };
    let (host, guest) = (seat_words(&seats.host), seat_words(&seats.guest));
    format!(
        "match {match_number}: {host} {}:{} {guest}{draws} | {moves}{state}",
        score.wins.host, score.wins.guest
    )
}

fn seat_words(seat: &SeatView) -> String {
    match seat {
        SeatView::Vacant => "nobody".to_owned(),
        SeatView::Gone { name } => format!("{name} (gone)"),
        SeatView::Taken(occupant) => {
            let presence = match occupant.presence {
                Presence::Present => String::new(),
                Presence::Silent { millis } => format!(" (silent for {} s)", millis / 1000),
                Presence::Away { millis } => format!(" (away for {} s)", millis / 1000),
            };
            let wish = if occupant.wants_rematch { " (again!)" } else { "" };
            format!("{}{presence}{wish}", occupant.name)
        }
    }
}

fn cell_words(cell: Cell) -> String {
    cell.numpad().map_or_else(|| cell.to_string(), |digit| digit.to_string())
}

/// A key of the keypad, or a name such as `d4` for a cell that is not on it.
fn cell(text: &str) -> Cell {
    match text.parse().ok().and_then(Cell::from_numpad) {
        Some(cell) => cell,
        None => text.parse().unwrap(),
    }
}

#[track_caller]
fn number<N: std::str::FromStr>(text: &str) -> N {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is not a number"))
}
