//! Performs a play with a lobby and records the messages that each participant receives.
//!
//! A play is a text of lines. Most lines are actions, and the messages that an action causes follow it, indented and in
//! order:
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
//! Cells are numbered like a numeric keypad, 5 in the middle and 7 at the top left. A move carries the match and the number
//! of the move, taken from the last snapshot as a client does; `play 5 as move 3` and `play 5 in match 1` override them. An
//! answer to an offer means the last offer received. A line in parentheses is performed, but the messages that it causes
//! are not recorded. A line that begins with `#` is a comment. Participants connect with their first line. `+31s` lets time
//! pass. `the server dies` forgets everything but what was to be kept, and starts another one from that.
//! `(ann and ben play 3x3: 7 3)` stands for the lines of a match with these moves, which ann has opened.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    time::{Duration, Instant},
};

use game_core::Cell;
use net::{
    heartbeat::SILENT_AFTER,
    proto::{
        Access, ChatMessage, Claim, CloseReason, Command, Emote, Event, Hello, OfferKind, RoomCode,
        SessionId, Setting, Terms, Token,
    },
};
use server::lobby::{Admission, DisconnectReason, Effect, Keep, KeptRoom, Limits, Lobby, Origin};

use crate::narration;

/// Performs a play and checks the messages.
#[track_caller]
pub(crate) fn check(play: &str) {
    let mut harness = Harness::new();
    let mut performed = String::new();
    let mut written = String::new();
    for line in play.lines().map(str::trim).filter(|line| !line.is_empty()).flat_map(scene) {
        let line = line.as_str();
        let is_heard = [" hears: ", " hear: ", " has to go"].iter().any(|words| line.contains(words));
        let indent = if is_heard { "    " } else { "" };
        writeln!(written, "{indent}{line}").unwrap();
        if is_heard {
            continue;
        }
        writeln!(performed, "{line}").unwrap();
        for heard in harness.perform(line) {
            writeln!(performed, "    {heard}").unwrap();
        }
    }
    assert!(performed == written, "the play is written\n\n{written}\nand performed\n\n{performed}");
}

/// The lines for which one may stand.
fn scene(line: &str) -> Vec<String> {
    let Some(scene) = line.strip_prefix("(ann and ben play ").and_then(|rest| rest.strip_suffix(')')) else {
        return vec![line.to_owned()];
    };
    let (terms, moves) = scene.split_once(": ").unwrap_or((scene, ""));
    let moves = moves.split_whitespace().zip(["ann", "ben"].iter().cycle());
    let opened = [format!("(ann> create {terms})"), "(ben> join room 1)".to_owned()];
    opened.into_iter().chain(moves.map(|(cell, who)| format!("({who}> play {cell})"))).collect()
}

/// A lobby, its clock and the participants.
struct Harness {
    lobby: Lobby,
    limits: Limits,
    now: Instant,
    participants: BTreeMap<String, Participant>,
    /// The rooms in the order in which they are first mentioned; their codes are random.
    rooms: Vec<RoomCode>,
    returns: u8,
    /// The kept rooms, as a store would write them.
    kept: BTreeMap<RoomCode, String>,
    finished: usize,
}

/// The knowledge of a participant.
struct Participant {
    token: Token,
    /// The token from before the last return.
    earlier_token: Option<Token>,
    /// The match, the branch and the ply of the last snapshot.
    match_number: u32,
    branch: u16,
    ply: u16,
    /// The last offer received.
    offer: u32,
}

impl Harness {
    fn new() -> Self {
        let now = Instant::now();
        let lobby = Lobby::new(now, Limits::default(), 1);
        Self {
            lobby,
            limits: Limits::default(),
            now,
            participants: BTreeMap::new(),
            rooms: Vec::new(),
            returns: 0,
            kept: BTreeMap::new(),
            finished: 0,
        }
    }

    /// Performs a line and returns the messages that it causes.
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
            ["limit", field, value] => {
                limit(&mut self.limits, field, value);
                self.lobby = Lobby::new(self.now, self.limits.clone(), 1);
            }
            ["there", "are" | "is", sessions, "sessions" | "session", "and", rooms, "rooms" | "room"] => {
                let counted = (self.lobby.session_count(), self.lobby.room_count());
                assert_eq!(counted, (number(sessions), number(rooms)), "sessions and rooms");
            }
            ["nothing", "is", "left"] => self.check_nothing_left(),
            ["there", "are" | "is", rooms, "room" | "rooms", "and", matches, "match" | "matches", "kept"] => {
                heard.extend(self.drain());
                let counted = (self.kept.len(), self.finished);
                assert_eq!(counted, (number(rooms), number(matches)), "kept rooms and finished matches");
            }
            ["the", "server", "dies"] => self.die(),
            [time] if time.starts_with('+') => heard.extend(self.wait(time)),
            // The shell is busy: the lobby is not called before the next line.
            [time, "while", "the", "server", "is", "busy"] => {
                self.now += duration(time.trim_start_matches('+'));
            }
            [who, "comes"] => heard.extend(self.come(who, who, self.participants.len())),
            [who, "comes", "as", name] => heard.extend(self.come(who, name, self.participants.len())),
            [who, "comes", "as", name, "from", origin] => heard.extend(self.come(who, name, number(origin))),
            [who, "comes", "from", origin] => heard.extend(self.come(who, who, number(origin))),
            [who, "drops"] => self.lobby.disconnect(self.now, self.session(who), DisconnectReason::Lost),
            [who, "quits"] => self.lobby.disconnect(self.now, self.session(who), DisconnectReason::OnPurpose),
            [who, "has", "a", "round", "trip", "of", time] => {
                self.lobby.handle_rtt(self.session(who), duration(time));
            }
            [who, "falls", "silent"] => {
                let since = self.now.checked_sub(SILENT_AFTER);
                self.lobby.handle_silence(self.now, self.session(who), since);
            }
            [who, "is", "heard", "again"] => self.lobby.handle_silence(self.now, self.session(who), None),
            [who, "returns"] => heard.extend(self.return_with(who, self.participants[who].token)),
            [who, "returns", "with", "the", "token", "from", "before"] => {
                heard.extend(self.return_with(who, self.participants[who].earlier_token.unwrap()));
            }
            [who, "does", "not", "hear", "of", "the", "new", "token"] => self.lose_token(who),
            ["the", "server", "sleeps", "for", time] => self.sleep(duration(time)),
            [who, "returns", "with", whose, "session", "and", "a", "wrong", "secret"] => {
                let whose = whose.strip_suffix("'s").unwrap();
                let mut token = self.participants[whose].token;
                token.secret[15] ^= 1;
                heard.extend(self.return_with(who, token));
            }
            [who, ref command @ ..] if who.ends_with('>') => {
                let who = who.trim_end_matches('>');
                if !self.participants.contains_key(who) {
                    let origin = self.participants.len();
                    assert_eq!(self.come(who, who, origin), None, "{who} could not come");
                }
                let command = self.command(who, command);
                self.lobby.handle(self.now, self.session(who), command);
            }
            _ => panic!("not a line of a play: {line}"),
        }
        heard.extend(self.drain());
        heard
    }

    fn check_nothing_left(&self) {
        let counted = (self.lobby.session_count(), self.lobby.room_count(), self.lobby.poll_timeout());
        assert_eq!(counted, (0, 0, None), "sessions, rooms and deadlines");
    }

    /// Starts another server from what was kept.
    fn die(&mut self) {
        let kept = self.kept.values().map(|room| serde_json::from_str::<KeptRoom>(room).unwrap()).collect();
        self.lobby = Lobby::restore(self.now, self.limits.clone(), 2, kept).unwrap();
    }

    fn keep(&mut self, keep: Keep) {
        match keep {
            Keep::Room(room) => {
                self.kept.insert(room.code, serde_json::to_string(&*room).unwrap());
            }
            Keep::Gone(code) => {
                self.kept.remove(&code).expect("only what is kept can go");
            }
            Keep::Finished(_) => self.finished += 1,
        }
    }

    fn lose_token(&mut self, who: &str) {
        let participant = self.participants.get_mut(who).unwrap();
        participant.token = participant.earlier_token.unwrap();
    }

    /// Lets time pass in which nothing is done.
    fn sleep(&mut self, slept: Duration) {
        self.now += slept;
        self.lobby.handle_sleep(self.now, slept);
    }

    /// Lets time pass, and calls the lobby at each of its deadlines.
    fn wait(&mut self, time: &str) -> Vec<String> {
        let until = self.now + duration(time.trim_start_matches('+'));
        let mut heard = Vec::new();
        let mut last = None;
        while let Some(deadline) = self.lobby.poll_timeout().filter(|&deadline| deadline <= until) {
            assert_ne!(last, Some(deadline), "nothing came of a deadline");
            last = Some(deadline);
            self.now = self.now.max(deadline);
            self.lobby.handle_timeout(self.now);
            heard.extend(self.drain());
        }
        self.now = until;
        heard
    }

    fn come(&mut self, who: &str, name: &str, origin: usize) -> Option<String> {
        let hello = Hello { name: name.parse().unwrap(), resume: None };
        let secret = [u8::try_from(self.participants.len()).unwrap(); 16];
        match self.lobby.connect(self.now, &hello, secret, Origin(origin.try_into().unwrap())) {
            Ok(Admission { token, name, is_return }) => {
                assert!(!is_return, "{who} has never been here");
                let participant =
                    Participant { token, earlier_token: None, match_number: 1, branch: 0, ply: 0, offer: 0 };
                self.participants.insert(who.to_owned(), participant);
                (name != hello.name).then(|| format!("{who} hears: you are called {name}"))
            }
            Err(refused) => Some(hears_refusal(who, refused)),
        }
    }

    fn return_with(&mut self, who: &str, token: Token) -> Option<String> {
        let hello = Hello { name: who.parse().unwrap(), resume: Some(token) };
        self.returns += 1;
        let fresh = [0xff - self.returns; 16];
        match self.lobby.connect(self.now, &hello, fresh, Origin(0)) {
            Ok(admission) => {
                assert!(admission.is_return, "a right token returns");
                assert_eq!(admission.token.session, token.session);
                assert_eq!(admission.token.secret, fresh, "each return has a new secret");
                let participant = self.participants.get_mut(who).unwrap();
                participant.earlier_token = Some(token);
                participant.token = admission.token;
                None
            }
            Err(refused) => Some(hears_refusal(who, refused)),
        }
    }

    /// Parses a command and fills in what a client knows.
    fn command(&self, who: &str, words: &[&str]) -> Command {
        let Participant { match_number, branch, ply, offer, .. } = self.participants[who];
        match *words {
            ["quick", "match"] => Command::QuickMatch { terms: None },
            ["quick", "match", ref wish @ ..] => Command::QuickMatch { terms: Some(terms(wish)) },
            ["create", ref wish @ ..] => create(wish),
            ["join", "room", room] | ["continue", "in", "room", room] => {
                Command::Join { code: self.code(room), passcode: None }
            }
            ["join", "room", room, "with", passcode] => {
                Command::Join { code: self.code(room), passcode: Some(passcode.parse().unwrap()) }
            }
            ["join", code] => Command::Join { code: code.parse().unwrap(), passcode: None },
            ["watch", "room", room] => Command::Watch { code: self.code(room), passcode: None },
            ["watch", "room", room, "with", passcode] => {
                Command::Watch { code: self.code(room), passcode: Some(passcode.parse().unwrap()) }
            }
            ["watch", code] => Command::Watch { code: code.parse().unwrap(), passcode: None },
            ["leave"] => Command::Leave,
            ["play", at] => Command::Play { match_number, branch, ply, cell: cell(at) },
            ["play", at, "as", "move", nth] => {
                Command::Play { match_number, branch, ply: number::<u16>(nth) - 1, cell: cell(at) }
            }
            ["play", at, "as", "move", nth, "before", "the", "takeback"] => Command::Play {
                match_number,
                branch: branch - 1,
                ply: number::<u16>(nth) - 1,
                cell: cell(at),
            },
            ["play", at, "in", "match", nth] => {
                Command::Play { match_number: number(nth), branch, ply, cell: cell(at) }
            }
            ["resign"] => Command::Resign { match_number },
            ["resign", "match", nth] => Command::Resign { match_number: number(nth) },
            ["rematch"] => Command::Rematch { match_number },
            ["rematch", "after", "match", nth] => Command::Rematch { match_number: number(nth) },
            ["offer", "a", "draw"] => Command::Offer { match_number, kind: OfferKind::Draw },
            ["ask", "for", "a", "takeback"] => Command::Offer { match_number, kind: OfferKind::Takeback },
            ["offer", "to", "adjourn"] => Command::Offer { match_number, kind: OfferKind::Adjourn },
            ["accept"] => Command::Accept { number: offer },
            ["decline" | "withdraw"] => Command::Decline { number: offer },
            ["claim", "win"] => Command::Claim { match_number, claim: Claim::Win },
            ["claim", "draw"] => Command::Claim { match_number, claim: Claim::Draw },
            ["claim", "adjournment"] => Command::Claim { match_number, claim: Claim::Adjourn },
            ["say", ref line @ ..] => {
                Command::Say { message: ChatMessage::Line(line.join(" ").parse().unwrap()) }
            }
            ["emote", word] => {
                let emote = Emote::ALL.into_iter().find(|emote| emote.as_str() == word).unwrap();
                Command::Say { message: ChatMessage::Emote(emote) }
            }
            ["browse"] => Command::Browse { rules: None },
            ["browse", rules] => Command::Browse { rules: Some(rules.parse().unwrap()) },
            ["stop", "browsing"] => Command::StopBrowsing,
            _ => Command::Set { setting: setting(words) },
        }
    }

    fn code(&self, room: &str) -> RoomCode {
        self.rooms[number::<usize>(room) - 1]
    }

    /// Drains the lobby and returns the messages with their recipients.
    fn drain(&mut self) -> Vec<String> {
        let mut heard = Vec::new();
        while let Some(effect) = self.lobby.poll_effect() {
            if let Effect::Dismiss { session } = effect {
                heard.push(format!("{} has to go", self.who_is(session)));
            }
            if let Effect::Keep(keep) = &effect {
                self.keep(keep.clone());
            }
            let Some((to, event)) = effect.into_event() else { continue };
            let names: Vec<String> = to.iter().map(|&session| self.who_is(session)).collect();
            if let Event::Snapshot(snapshot) = &event {
                for name in &names {
                    let participant = self.participants.get_mut(name).unwrap();
                    participant.match_number = snapshot.match_number;
                    participant.branch = snapshot.branch;
                    participant.ply = snapshot.record.position().ply();
                    participant.offer = snapshot.offer.map_or(participant.offer, |offer| offer.number);
                }
            }
            let hear = if names.len() == 1 { "hears" } else { "hear" };
            let told = narration::event(&event, &mut |code| self.room(code));
            heard.push(format!("{} {hear}: {told}", names.join(" and ")));
        }
        heard
    }

    /// The number of a room in the play.
    fn room(&mut self, code: RoomCode) -> usize {
        if !self.rooms.contains(&code) {
            self.rooms.push(code);
        }
        self.rooms.iter().position(|&known| known == code).unwrap() + 1
    }

    #[track_caller]
    fn session(&self, who: &str) -> SessionId {
        self.participants.get(who).unwrap_or_else(|| panic!("{who} has not come")).token.session
    }

    fn who_is(&self, session: SessionId) -> String {
        let (name, _) =
            self.participants.iter().find(|(_, participant)| participant.token.session == session).unwrap();
        name.clone()
    }
}

fn hears_refusal(who: &str, refused: CloseReason) -> String {
    format!("{who} hears: refused, {refused}")
}

/// Parses `3x3 best of 3 clock 30s`.
fn terms(words: &[&str]) -> Terms {
    let [rules, rest @ ..] = words else { panic!("no rules") };
    let mut terms = Terms { rules: rules.parse().unwrap(), ..Terms::default() };
    let mut rest = rest;
    while !rest.is_empty() {
        rest = match rest {
            ["best", "of", count, rest @ ..] => {
                terms.best_of = Some(count.parse().unwrap());
                rest
            }
            ["clock", time, rest @ ..] => {
                terms.time = time.parse().unwrap();
                rest
            }
            _ => panic!("no terms: {rest:?}"),
        };
    }
    terms
}

/// Parses terms, followed by nothing, `hidden` or `passcode 1234`.
fn create(words: &[&str]) -> Command {
    match words {
        [wish @ .., "hidden"] => Command::Create { terms: terms(wish), access: Access::Hidden },
        [wish @ .., "passcode", passcode] => {
            Command::Create { terms: terms(wish), access: Access::Passcode(passcode.parse().unwrap()) }
        }
        wish => Command::Create { terms: terms(wish), access: Access::Public },
    }
}

fn setting(words: &[&str]) -> Setting {
    match words {
        ["hide", "the", "room"] => Setting::Access(Access::Hidden),
        ["show", "the", "room"] => Setting::Access(Access::Public),
        ["lock", "the", "room", "with", passcode] => {
            Setting::Access(Access::Passcode(passcode.parse().unwrap()))
        }
        ["let", "nobody", "watch"] => Setting::Watchable(false),
        ["let", "everybody", "watch"] => Setting::Watchable(true),
        ["hear", "who", "watches"] => Setting::WatchersMayChat(true),
        ["do", "not", "hear", "who", "watches"] => Setting::WatchersMayChat(false),
        ["open", "the", "chat"] => Setting::OpenChat,
        ["block", "the", "other"] => Setting::Block(true),
        ["unblock", "the", "other"] => Setting::Block(false),
        _ => panic!("nobody can say {words:?}"),
    }
}

/// Sets one field of the limits by its name.
fn limit(limits: &mut Limits, field: &str, value: &str) {
    match field {
        "sessions" => limits.sessions = number(value),
        "rooms" => limits.rooms = number(value),
        "grace" => limits.grace = duration(value),
        "grace_on_purpose" => limits.grace_on_purpose = duration(value),
        "absence_per_match" => limits.absence_per_match = duration(value),
        "first_move_grace" => limits.first_move_grace = duration(value),
        "lag_per_move" => limits.lag_per_move = duration(value),
        "lag_per_match" => limits.lag_per_match = duration(value),
        "offer_lifetime" => limits.offer_lifetime = duration(value),
        "offer_opens_after" => limits.offer_opens_after = duration(value),
        "watchers_per_room" => limits.watchers_per_room = number(value),
        "chat_burst" => limits.chat_burst = number(value),
        "chat_every" => limits.chat_every = duration(value),
        "room_chat_burst" => limits.room_chat_burst = number(value),
        "room_chat_every" => limits.room_chat_every = duration(value),
        "passcode_attempts_per_session" => limits.passcode_attempts_per_session = number(value),
        "passcode_attempts_per_origin" => limits.passcode_attempts_per_origin = number(value),
        "attempt_window" => limits.attempt_window = duration(value),
        "code_attempts_per_origin" => limits.code_attempts_per_origin = number(value),
        "attempt_counts" => limits.attempt_counts = number(value),
        "rooms_listed" => limits.rooms_listed = number(value),
        "rooms_searched" => limits.rooms_searched = number(value),
        "browsers" => limits.browsers = number(value),
        "list_every" => limits.list_every = duration(value),
        "unstarted_room" => limits.unstarted_room = duration(value),
        "empty_room" => limits.empty_room = duration(value),
        "finished_room" => limits.finished_room = duration(value),
        "adjourned" => limits.adjourned = number(value),
        "percent_per_origin" => limits.percent_per_origin = number(value),
        "adjourned_per_session" => limits.adjourned_per_session = number(value),
        "adjourned_room" => limits.adjourned_room = duration(value),
        _ => panic!("no limit is called {field}"),
    }
}

/// Parses `31s`, `500ms` or `10m`.
fn duration(text: &str) -> Duration {
    if let Some(millis) = text.strip_suffix("ms") {
        return Duration::from_millis(number(millis));
    }
    match text.strip_suffix('m') {
        Some(minutes) => Duration::from_secs(60 * number::<u64>(minutes)),
        None => Duration::from_secs(number(text.trim_end_matches('s'))),
    }
}

/// Parses a key of the keypad, or a name such as `d4` for any other cell.
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
