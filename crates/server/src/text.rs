//! The line protocol: the lobby for people with `netcat`, and for programs of ten lines.
//!
//! One line in, one reply out. A [`TextSession`] turns lines into commands, and messages of the lobby into replies, as a
//! client does with a screen. It is pure, and it receives the same messages as any client.
//!
//! The order of calls: [`handle_line`](TextSession::handle_line); then the [`Action`] that it returns; then
//! [`handle_message`](TextSession::handle_message) for every message of the lobby; then [`reply`](TextSession::reply),
//! once.
//!
//! `docs/LINES.md` describes the lines and the replies.

mod board;
mod news;
mod reply;
mod request;
mod words;

use std::collections::VecDeque;

use net::{
    line::LineTooLong,
    proto::{
        AdjournedLine, CloseReason, Command, Event, Name, Phase, RoomLine, RoomList, Seat, ServerMessage,
        ServerTime, Snapshot, Speaker, Unseating,
    },
};

pub use self::reply::MAX_REPLY;
use self::{
    news::Change,
    reply::Draft,
    request::{Request, RequestError, Target},
};

/// The state of one client of the line protocol, and the news that it has not been told yet.
#[derive(Debug, Default)]
pub struct TextSession {
    /// Its name, once it has a session.
    name: Option<Name>,
    /// Its part in its room.
    part: Option<Part>,
    /// The last snapshot of its room.
    snapshot: Option<Box<Snapshot>>,
    rooms: Vec<RoomLine>,
    news: News,
    /// The offer in the last reply, so that nobody accepts an offer without having read it.
    told_offer: Option<u32>,
    /// The direct answer to the line.
    answer: Answer,
    /// True if the reply shows the board.
    shows_board: bool,
    /// True if news is sent without a request.
    is_pushing: bool,
    /// True once a line was a command, and more than a wait.
    is_useful: bool,
}

/// The work between a line and its reply.
#[derive(Debug, PartialEq, Eq)]
pub struct Action {
    /// First, open a session under this name, which replaces the previous one.
    pub opens: Option<Name>,
    /// Then, this.
    pub then: Then,
}

/// The second part of an [`Action`].
#[derive(Debug, PartialEq, Eq)]
pub enum Then {
    /// Reply at once.
    Reply,
    /// Send commands to the lobby, and reply when it has handled them.
    Ask(Vec<Command>),
    /// Reply when there is [news](TextSession::has_news), or after [`WAIT_SECONDS`].
    Wait,
    /// Say goodbye.
    Quit,
}

/// The time for which a line waits for news. Below the half minute after which programs, routers and people take a
/// silent connection for dead.
pub const WAIT_SECONDS: u64 = 25;

/// A part in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Player(Seat),
    Watcher,
}

/// The direct answer to a line.
#[derive(Debug, Default)]
enum Answer {
    #[default]
    Nothing,
    Text(String),
    /// The rooms from this position of the list on, counted from 1.
    List {
        from: usize,
    },
}

/// Lines that have not been sent yet.
#[derive(Debug, Default)]
struct News {
    /// At most [`MAX_NEWS`].
    lines: VecDeque<String>,
    /// The number of older lines that were dropped for newer ones.
    forgotten: usize,
}

/// Lines of news that are kept for one reply: more than fit into it, even if they are short.
const MAX_NEWS: usize = 24;

impl TextSession {
    /// Handles a line, without its newline. It may hold any bytes.
    ///
    /// # Panics
    ///
    /// Never: the default name is a valid one.
    pub fn handle_line(&mut self, line: &[u8]) -> Action {
        let asked = Request::parse(line);
        self.is_useful |= asked.as_ref().is_ok_and(|request| *request != Request::Wait);
        let opens = match (&asked, self.name, self.part) {
            (Ok(Request::Name(name)), _, None) => Some(*name),
            // None of these needs a session, and a client that sends no command may be no player.
            (Ok(Request::Help | Request::Wait | Request::Quit) | Err(_), ..) | (_, Some(_), _) => None,
            (Ok(_), None, _) => Some(NAMELESS.parse().expect("five letters are a name")),
        };
        if let Some(name) = opens {
            // The lobby may change it when it opens the session.
            self.name = Some(name);
        }
        let then =
            asked.map_err(|error: RequestError| error.to_string()).and_then(|request| self.ask(request));
        let then = then.unwrap_or_else(|error| self.answered(format!("error: {error}")));
        Action { opens, then }
    }

    /// Handles a message of the lobby.
    pub fn handle_message(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::Welcome(welcome) => {
                self.name = Some(welcome.name);
                self.news.push(format!("- you are {} on {}", welcome.name, welcome.server));
            }
            ServerMessage::Event(event) => self.handle_event(event),
            // The host task sends none: pings are a link's own, the end of the link is not a message, and answers are for
            // people without a session.
            ServerMessage::Ping { .. } | ServerMessage::Close(_) | ServerMessage::Answer(_) => {}
        }
    }

    /// Returns `true` if anything has happened since the last reply.
    #[must_use]
    pub fn has_news(&self) -> bool {
        !self.news.lines.is_empty()
    }

    /// Returns `true` if news is sent without a request.
    #[must_use]
    pub const fn is_pushing(&self) -> bool {
        self.is_pushing
    }

    /// Returns `true` once a line was a command, and more than a wait.
    #[must_use]
    pub const fn is_useful(&self) -> bool {
        self.is_useful
    }

    /// The reply to the last line: its answer, and the news since the previous reply, in at most [`MAX_REPLY`] bytes.
    #[must_use]
    pub fn reply(&mut self, now: ServerTime) -> String {
        let news = std::mem::take(&mut self.news);
        let has_news = !news.lines.is_empty();
        let state = self.state(now);
        let answer = match std::mem::take(&mut self.answer) {
            Answer::Nothing if has_news || self.shows_board => String::new(),
            Answer::Nothing => "nothing new".to_owned(),
            Answer::Text(text) => text,
            Answer::List { from } => self.list(from, state.len() + news.bytes().min(NEWS_BESIDE_LIST)),
        };
        let board = std::mem::take(&mut self.shows_board).then(|| self.board(now)).flatten();
        self.told_offer =
            self.snapshot.as_ref().and_then(|snapshot| snapshot.offer).map(|offer| offer.number);
        let lines: Vec<String> = news.lines.into();
        Draft { answer: &answer, news: &lines, forgotten: news.forgotten, board, state: &state }.reply()
    }

    /// The last line to a client that leaves or is disconnected.
    #[must_use]
    pub fn farewell(reason: CloseReason) -> String {
        let answer = if reason == CloseReason::Goodbye {
            "bye".to_owned()
        } else if reason == CloseReason::FrameLength {
            format!("error: {LineTooLong}")
        } else {
            format!("error: {reason}")
        };
        Draft { answer: &answer, state: "= closed", ..Draft::default() }.reply()
    }

    /// The commands for a request, or the error in it.
    fn ask(&mut self, request: Request) -> Result<Then, String> {
        let snapshot = self.snapshot.as_deref();
        let in_room = || snapshot.ok_or_else(|| "you are in no room".to_owned());
        let match_number = || in_room().map(|snapshot| snapshot.match_number);
        let command = match request {
            Request::Help => return Ok(self.answered(words::HELP)),
            Request::Name(_) if self.part.is_some() => return Err("leave the room first".to_owned()),
            Request::Name(_) => return Ok(Then::Reply),
            Request::Board => {
                in_room()?;
                self.shows_board = true;
                return Ok(Then::Reply);
            }
            // Nothing happens to a client without a session.
            Request::Wait if self.name.is_none() => return Ok(self.answered(words::HELP)),
            Request::Wait => return Ok(Then::Wait),
            Request::Push(is_on) => {
                self.is_pushing = is_on;
                return Ok(self.answered(if is_on { "push is on" } else { "push is off" }));
            }
            Request::Quit => return Ok(Then::Quit),
            Request::List { from } => {
                // Within a second of the last list the server sends no other, and the last one is shown again.
                self.answer = Answer::List { from };
                // Shown once; a list that goes on changing would be news that nobody asked for.
                return Ok(Then::Ask(vec![Command::Browse { rules: None }, Command::StopBrowsing]));
            }
            Request::Command(command) => command,
            Request::Play(target) => play(in_room()?, target)?,
            Request::Resign => Command::Resign { match_number: match_number()? },
            Request::Rematch => Command::Rematch { match_number: match_number()? },
            Request::Offer(kind) => Command::Offer { match_number: match_number()?, kind },
            Request::Accept => Command::Accept { number: self.told_offer.ok_or(NO_OFFER)? },
            Request::Decline => Command::Decline { number: self.told_offer.ok_or(NO_OFFER)? },
            Request::Claim(claim) => Command::Claim { match_number: match_number()?, claim },
        };
        Ok(Then::Ask(vec![command]))
    }

    fn answered(&mut self, answer: impl Into<String>) -> Then {
        self.answer = Answer::Text(answer.into());
        Then::Reply
    }

    fn handle_event(&mut self, event: Event) {
        match event {
            Event::Seated { seat, .. } => self.enter(Part::Player(seat)),
            Event::Watching { .. } => self.enter(Part::Watcher),
            Event::Snapshot(snapshot) => self.handle_snapshot(snapshot),
            Event::Rejected { reject, .. } => self.answer = Answer::Text(format!("error: {reject}")),
            Event::Unseated(why) => {
                self.part = None;
                self.snapshot = None;
                self.shows_board = false;
                self.news.push(format!("- {}", left(why)));
            }
            Event::Said { speaker, name, message } => {
                let part = match speaker {
                    Speaker::Player(_) => "",
                    Speaker::Watcher => " (watching)",
                };
                self.news.push(format!("- {name}{part}: {}", message.as_str()));
            }
            Event::Rooms(RoomList { first, rooms, .. }) => {
                self.rooms.truncate(first.into());
                self.rooms.extend(rooms);
            }
            Event::NotSaving => self.news.push(
                "- the server cannot save just now; what you asked for and have no answer to is not done yet"
                    .to_owned(),
            ),
            Event::Adjourned(adjourned) => {
                // In the room itself, the last line says it.
                let is_elsewhere = |line: &&AdjournedLine| {
                    self.snapshot.as_ref().is_none_or(|snapshot| snapshot.code != line.code)
                };
                let lines: Vec<String> =
                    adjourned.iter().filter(is_elsewhere).map(words::adjourned).collect();
                self.news.extend(lines);
            }
        }
    }

    fn enter(&mut self, part: Part) {
        self.part = Some(part);
        self.snapshot = None;
    }

    fn handle_snapshot(&mut self, now: Box<Snapshot>) {
        let me = self.me();
        let (lines, is_of_board) = match &self.snapshot {
            Some(before) => {
                let change = Change { before, now: &now, me };
                (change.lines(), change.is_of_board())
            }
            None => (news::entered(&now), now.phase != Phase::Waiting),
        };
        self.shows_board |= is_of_board;
        self.news.extend(lines);
        self.snapshot = Some(now);
    }

    const fn me(&self) -> Option<Seat> {
        match self.part {
            Some(Part::Player(seat)) => Some(seat),
            Some(Part::Watcher) | None => None,
        }
    }

    fn state(&self, now: ServerTime) -> String {
        match &self.snapshot {
            Some(snapshot) => words::state(snapshot, self.me(), now),
            None => "= no room: list, quick, create, join or watch".to_owned(),
        }
    }

    fn board(&self, now: ServerTime) -> Option<String> {
        let snapshot = self.snapshot.as_deref()?;
        let clocks = words::clocks(snapshot, self.me(), now).unwrap_or_default();
        Some(board::draw(snapshot.record.position().board()) + &clocks)
    }

    /// The rooms from a position on, as many as fit beside so many bytes, and how to see the rest.
    fn list(&self, from: usize, beside: usize) -> String {
        let mut text = String::new();
        let room_for = MAX_REPLY.saturating_sub(beside + LIST_MARGIN);
        let mut next = from;
        for room in self.rooms.iter().skip(from - 1) {
            let line = words::room(room);
            if text.len() + line.len() > room_for {
                break;
            }
            text.push_str(&line);
            next += 1;
        }
        match (self.rooms.len(), self.rooms.len().saturating_sub(next - 1)) {
            (0, _) => "no rooms; `create` opens one\n".to_owned(),
            (_, 0) if text.is_empty() => "no more rooms\n".to_owned(),
            (_, 0) => text,
            (_, rest) => format!("{text}and {rest} more: `list {next}`\n"),
        }
    }
}

impl News {
    fn extend(&mut self, lines: Vec<String>) {
        for line in lines {
            self.push(line);
        }
    }

    fn push(&mut self, line: String) {
        if self.lines.len() >= MAX_NEWS {
            self.lines.pop_front();
            self.forgotten += 1;
        }
        self.lines.push_back(line);
    }

    fn bytes(&self) -> usize {
        self.lines.iter().map(|line| line.len() + 1).sum()
    }
}

/// The move in the match that is shown.
fn play(snapshot: &Snapshot, target: Target) -> Result<Command, String> {
    let rules = snapshot.record.rules();
    let cell = match target {
        Target::Cell(cell) => cell,
        Target::Key(cell) if (rules.columns(), rules.rows()) == (3, 3) => cell,
        Target::Key(_) => {
            return Err("a cell of this board is a letter and a number, such as `b2`".to_owned());
        }
    };
    let Snapshot { match_number, branch, .. } = *snapshot;
    Ok(Command::Play { match_number, branch, ply: snapshot.record.position().ply(), cell })
}

const fn left(why: Unseating) -> &'static str {
    match why {
        Unseating::Left => "you have left the room",
        Unseating::RoomClosed => "the room is closed",
        Unseating::NotWatchable => "the room is not open to watchers any more",
        Unseating::MadeRoom => "your place as a watcher went to somebody else",
        Unseating::Blocked => "the player who opened the room has blocked you",
    }
}

/// The error for an answer without an offer.
const NO_OFFER: &str = "there is no offer";

/// The name of a player who gives none. The lobby makes names unique.
const NAMELESS: &str = "guest";

/// Bytes of news for which a list makes room: the welcome, and a match that was put off.
const NEWS_BESIDE_LIST: usize = 250;

/// Bytes reserved beside a list for the hint to the rest of it, and for what any reply reserves.
const LIST_MARGIN: usize = 128;

#[cfg(test)]
mod tests;
