//! The line protocol: the lobby for who has `netcat`, or a program of ten lines.
//!
//! One line in, one reply out. A [`TextSession`] makes commands of lines and replies of what the lobby tells and shows,
//! as a client does with a screen. It is pure, and it knows no more than any client: it is told what they are told.
//!
//! The order of calls: [`handle_line`](TextSession::handle_line); then what its [`Deed`] says; then
//! [`handle_message`](TextSession::handle_message) for all that the lobby had to say to it; then
//! [`reply`](TextSession::reply), once.
//!
//! `docs/LINES.md` says what is typed and what it is answered.

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
        ServerTime, Setting, Snapshot, Speaker, Unseating,
    },
};

pub use self::reply::{MAX_REPLY, Reply};
use self::{
    news::Change,
    reply::Draft,
    request::{Request, RequestError, Target},
};

/// What one client of the line protocol knows, and what it has not been told yet.
#[derive(Debug, Default)]
pub struct TextSession {
    /// What it is called, once the lobby has said so.
    name: Option<Name>,
    /// Its part in the room that it is in.
    part: Option<Part>,
    /// The room, once it was shown.
    snapshot: Option<Box<Snapshot>>,
    rooms: Vec<RoomLine>,
    news: News,
    /// The offer that the last reply told of, so that no other one is ever accepted by who has not read it.
    told_offer: Option<u32>,
    /// What the reply answers the line by itself.
    answer: Answer,
    /// Whether the reply shows the board.
    shows_board: bool,
    /// Whether news are told without being asked for.
    is_pushing: bool,
}

/// What a line wants done before it is answered.
#[derive(Debug, PartialEq, Eq)]
pub struct Deed {
    /// Open a session under this name first, in the place of the one that there was.
    pub opens: Option<Name>,
    /// Then this.
    pub then: Then,
}

/// What a line wants done.
#[derive(Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing: the reply is there.
    Reply,
    /// Ask the lobby, and reply once it has answered.
    Ask(Vec<Command>),
    /// Reply when there is [news](TextSession::has_news), or after [a while](WAIT_SECONDS).
    Wait,
    /// Say goodbye.
    Quit,
}

/// How long a line waits for news until it is told that there is none. Below the half minute after which programs,
/// routers and people take a silent connection for dead.
pub const WAIT_SECONDS: u64 = 25;

/// A part in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Player(Seat),
    Watcher,
}

/// What a reply answers a line by itself.
#[derive(Debug, Default)]
enum Answer {
    #[default]
    Nothing,
    Help,
    /// The rooms from this place on, counted from 1.
    List {
        from: usize,
    },
    Error(String),
    Word(&'static str),
}

/// Lines that were not told yet.
#[derive(Debug, Default)]
struct News {
    /// At most [`MAX_NEWS`].
    lines: VecDeque<String>,
    /// How many older ones were forgotten for newer ones.
    forgotten: usize,
}

/// Lines of news that are kept for one reply: more than it has room for, if they are short ones.
const MAX_NEWS: usize = 24;

impl TextSession {
    /// Takes a line, without its newline. Any bytes will do.
    ///
    /// # Panics
    ///
    /// Never: the name of who gives none is one.
    pub fn handle_line(&mut self, line: &[u8]) -> Deed {
        let asked = Request::parse(line);
        let opens = match (&asked, self.name, self.part) {
            (Ok(Request::Name(name)), _, None) => Some(*name),
            (_, None, _) => Some(NAMELESS.parse().expect("five letters are a name")),
            (_, Some(_), _) => None,
        };
        if let Some(name) = opens {
            // The lobby says what it is, when the session is open.
            self.name = Some(name);
        }
        let then =
            asked.map_err(|error: RequestError| error.to_string()).and_then(|request| self.ask(request));
        let then = then.unwrap_or_else(|error| {
            self.answer = Answer::Error(error);
            Then::Reply
        });
        Deed { opens, then }
    }

    /// Takes in what the lobby says.
    pub fn handle_message(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::Welcome(welcome) => {
                self.name = Some(welcome.name);
                self.news.push(format!("- you are {} on {}", welcome.name, welcome.server));
            }
            ServerMessage::Event(event) => self.handle_event(event),
            // The host task sends neither: pings are a link's own, and its end comes as such.
            ServerMessage::Ping { .. } | ServerMessage::Close(_) => {}
        }
    }

    /// Whether anything has happened since the last reply.
    #[must_use]
    pub fn has_news(&self) -> bool {
        !self.news.lines.is_empty()
    }

    /// Whether to reply to news without being asked.
    #[must_use]
    pub const fn is_pushing(&self) -> bool {
        self.is_pushing
    }

    /// The reply to the last line: its answer, and what has happened since the reply before.
    #[must_use]
    pub fn reply(&mut self, now: ServerTime) -> Reply {
        let news = std::mem::take(&mut self.news);
        let has_news = !news.lines.is_empty();
        let state = self.state(now);
        let answer = match std::mem::take(&mut self.answer) {
            Answer::Nothing if has_news || self.shows_board => String::new(),
            Answer::Nothing => "nothing new".to_owned(),
            Answer::Help => words::HELP.to_owned(),
            Answer::List { from } => self.list(from, state.len() + news.bytes().min(NEWS_BESIDE_LIST)),
            Answer::Error(error) => format!("error: {error}"),
            Answer::Word(word) => word.to_owned(),
        };
        let board = std::mem::take(&mut self.shows_board).then(|| self.board(now)).flatten();
        self.told_offer =
            self.snapshot.as_ref().and_then(|snapshot| snapshot.offer).map(|offer| offer.number);
        let lines: Vec<String> = news.lines.into();
        Draft { answer: &answer, news: &lines, forgotten: news.forgotten, board, state: &state }.reply()
    }

    /// The last words, to who says goodbye or is sent away.
    #[must_use]
    pub fn farewell(reason: CloseReason) -> Reply {
        let answer = if reason == CloseReason::Goodbye {
            "bye".to_owned()
        } else if reason == CloseReason::FrameLength {
            format!("error: {LineTooLong}")
        } else {
            format!("error: {reason}")
        };
        Draft { answer: &answer, state: "= closed", ..Draft::default() }.reply()
    }

    /// What is asked of the lobby, or why it is not.
    fn ask(&mut self, request: Request) -> Result<Then, String> {
        let snapshot = self.snapshot.as_deref();
        let in_room = || snapshot.ok_or_else(|| "you are in no room".to_owned());
        let match_number = || in_room().map(|snapshot| snapshot.match_number);
        let command = match request {
            Request::Help => return Ok(self.answered(Answer::Help)),
            Request::Name(_) if self.part.is_some() => return Err("leave the room first".to_owned()),
            Request::Name(_) => return Ok(Then::Reply),
            Request::Board => {
                in_room()?;
                self.shows_board = true;
                return Ok(Then::Reply);
            }
            Request::Wait => return Ok(Then::Wait),
            Request::Push(is_on) => {
                self.is_pushing = is_on;
                return Ok(self.answered(Answer::Word(if is_on { "push is on" } else { "push is off" })));
            }
            Request::Quit => return Ok(Then::Quit),
            Request::List { from } => {
                // Within a second of the last list the server sends no other, and the last one is shown again.
                self.answer = Answer::List { from };
                // Shown once; a list that goes on changing would be news that nobody asked for.
                return Ok(Then::Ask(vec![Command::Browse { rules: None }, Command::StopBrowsing]));
            }
            Request::QuickMatch { terms } => Command::QuickMatch { terms },
            Request::Create { terms, access } => Command::Create { terms, access },
            Request::Join { code, passcode } => Command::Join { code, passcode },
            Request::Watch { code, passcode } => Command::Watch { code, passcode },
            Request::Leave => Command::Leave,
            Request::Play(target) => play(in_room()?, target)?,
            Request::Say(message) => Command::Say { message },
            Request::OpenChat => Command::Set { setting: Setting::OpenChat },
            Request::Resign => Command::Resign { match_number: match_number()? },
            Request::Rematch => Command::Rematch { match_number: match_number()? },
            Request::Offer(kind) => Command::Offer { match_number: match_number()?, kind },
            Request::Accept => Command::Accept { number: self.told_offer.ok_or(NO_OFFER)? },
            Request::Decline => Command::Decline { number: self.told_offer.ok_or(NO_OFFER)? },
            Request::Claim(claim) => Command::Claim { match_number: match_number()?, claim },
        };
        Ok(Then::Ask(vec![command]))
    }

    fn answered(&mut self, answer: Answer) -> Then {
        self.answer = answer;
        Then::Reply
    }

    fn handle_event(&mut self, event: Event) {
        match event {
            Event::Seated { seat, .. } => self.enter(Part::Player(seat)),
            Event::Watching { .. } => self.enter(Part::Watcher),
            Event::Snapshot(snapshot) => self.handle_snapshot(snapshot),
            Event::Rejected { reject, .. } => self.answer = Answer::Error(reject.to_string()),
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

    /// The rooms from a place on, as many as fit beside so many bytes, and how to see the rest.
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
    }
}

/// What is said to an answer for which there is nothing to answer.
const NO_OFFER: &str = "there is no offer";

/// What somebody is called who gives no name. The lobby tells several apart.
const NAMELESS: &str = "guest";

/// Bytes of news for which a list makes room: the welcome, and a match that was put off.
const NEWS_BESIDE_LIST: usize = 250;

/// Bytes kept beside a list for how to see the rest of it, and for what any reply keeps.
const LIST_MARGIN: usize = 128;

#[cfg(test)]
mod tests;
