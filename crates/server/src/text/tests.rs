use std::{
    collections::BTreeMap,
    fmt::Write as _,
    time::{Duration, Instant},
};

use net::proto::{Hello, SessionId, Welcome};
use proptest::prelude::*;

use super::*;
use crate::lobby::{Effect, Epoch, Limits, Lobby, Origin, Parting};

/// A lobby and people who type lines.
struct Table {
    lobby: Lobby,
    now: Instant,
    epoch: Epoch,
    people: BTreeMap<String, Person>,
}

struct Person {
    text: TextSession,
    session: Option<SessionId>,
}

impl Default for Person {
    fn default() -> Self {
        Self { text: TextSession::new(true), session: None }
    }
}

impl Table {
    fn new() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
        let now = Instant::now();
        let lobby = Lobby::new(now, Limits::default(), 1);
        Self { lobby, now, epoch: Epoch::new(now), people: BTreeMap::new() }
    }

    /// What somebody is answered. Who waits is answered as if the time were over.
    fn line(&mut self, who: &str, line: &[u8]) -> Reply {
        let person = self.people.entry(who.to_owned()).or_default();
        let Deed { opens, then } = person.text.handle_line(line);
        let old = person.session;
        if let Some(name) = opens {
            if let Some(old) = old {
                self.lobby.disconnect(self.now, old, Parting::OnPurpose);
            }
            let origin = Origin(self.people.len().try_into().unwrap());
            let admission =
                self.lobby.connect(self.now, &Hello { name, resume: None }, [7; 16], origin).unwrap();
            let person = self.people.get_mut(who).unwrap();
            person.session = Some(admission.token.session);
            person.text.handle_message(ServerMessage::Welcome(Welcome {
                token: admission.token,
                name: admission.name,
                server: "den".parse().unwrap(),
                grace_millis: 30_000,
            }));
        }
        let session = self.people[who].session.unwrap();
        match then {
            Then::Reply | Then::Wait => {}
            Then::Ask(commands) => {
                commands.into_iter().for_each(|command| self.lobby.handle(self.now, session, command));
            }
            Then::Quit => {
                self.lobby.disconnect(self.now, session, Parting::OnPurpose);
                self.drain();
                return TextSession::farewell(CloseReason::Goodbye);
            }
        }
        self.drain();
        let now = self.epoch.time(self.now);
        self.people.get_mut(who).unwrap().text.reply(now)
    }

    /// Lets seconds pass.
    fn wait(&mut self, time: &str) -> bool {
        let seconds = time.trim_matches(['+', 's']).parse().unwrap();
        self.now += Duration::from_secs(seconds);
        self.lobby.handle_timeout(self.now);
        self.drain();
        true
    }

    fn drop(&mut self, who: &str) -> bool {
        let session = self.people.get_mut(who).unwrap().session.take().unwrap();
        self.lobby.disconnect(self.now, session, Parting::Lost);
        self.drain();
        true
    }

    fn drain(&mut self) {
        while let Some(Effect::Tell { to, event } | Effect::Show { to, event }) = self.lobby.poll_effect() {
            for person in self.people.values_mut() {
                if person.session.is_some_and(|session| to.contains(&session)) {
                    person.text.handle_message(ServerMessage::Event(event.clone()));
                }
            }
        }
    }
}

/// Plays what is written as `ann> line` with the reply below, up to an empty line. `+5s` lets time pass, and `ben drops`
/// cuts a connection.
#[track_caller]
fn check(transcript: &str) {
    let mut table = Table::new();
    let mut performed = String::new();
    for line in transcript.trim().lines() {
        let is_done = match line.split_once('>') {
            Some((who, typed)) => {
                let reply = table.line(who, typed.trim_start().as_bytes());
                write!(performed, "{line}\n{reply}").unwrap();
                continue;
            }
            None if line.starts_with('+') => table.wait(line),
            None => line.strip_suffix(" drops").is_some_and(|who| table.drop(who)),
        };
        if is_done {
            writeln!(performed, "{line}\n").unwrap();
        }
    }
    assert!(
        performed.trim() == transcript.trim(),
        "the transcript is written\n\n{transcript}\n\nand performed\n\n{performed}"
    );
}

/// The transcript of the document, word for word.
#[test]
fn the_transcript_of_the_document_is_what_happens() {
    let document = include_str!("../../../../docs/PROTOCOL.md");
    let (_, part) = document.split_once("\n## The line protocol\n").unwrap();
    let (_, transcript) = part.split_once("```text\n").unwrap();
    check(transcript.split_once("```").unwrap().0);
}

#[test]
fn a_name_is_taken_by_the_first_line_or_later_and_told_apart() {
    check(
        r"
ann> name ann
- you are ann on den
= no room: list, quick, create, join or watch

ben> list
no rooms; `create` opens one
- you are guest on den
= no room: list, quick, create, join or watch

ben> name ann
- you are ann 2 on den
= no room: list, quick, create, join or watch

ben> name a  b
error: a name has single spaces between words, and none at its ends
= no room: list, quick, create, join or watch

ben> create hidden
- room COMET-65, 3x3
= waiting for somebody to join COMET-65

ben> name ben
error: leave the room first
= waiting for somebody to join COMET-65

ann> name eve
- you are eve on den
= no room: list, quick, create, join or watch
",
    );
}

#[test]
fn a_room_is_joined_by_its_passcode_and_watched() {
    check(
        r"
ann> create passcode sesame best 3 clock 30s
- you are guest on den
- room COMET-65, 3x3 best 3 clock 30s
= waiting for somebody to join COMET-65

ben> name ben
- you are ben on den
= no room: list, quick, create, join or watch

ben> list
COMET-65  3x3 best 3 clock 30s, locked  guest waits for 0 s
= no room: list, quick, create, join or watch

ben> join comet 65
error: this room needs a passcode
= no room: list, quick, create, join or watch

ben> join comet-65 simsim
error: that is not the passcode
= no room: list, quick, create, join or watch

ben> join comet 65 sesame
- room COMET-65, 3x3 best 3 clock 30s
- guest plays X
- ben plays O
3  . . .
2  . . .
1  . . .
   a b c
clock: you 30 s, guest 30 s
= turn of guest: you are O

eve> watch COMET-65 sesame
- you are guest 2 on den
- room COMET-65, 3x3 best 3 clock 30s
- guest plays X
- ben plays O
3  . . .
2  . . .
1  . . .
   a b c
clock: guest 30 s, ben 30 s
= turn of guest: you watch

+3s

ann> b2
- ben has come
- you played b2
3  . . .
2  . X .
1  . . .
   a b c
clock: you 30 s, ben 30 s
= turn of ben: you are X

+2s

eve> board
- guest played b2
3  . . .
2  . X .
1  . . .
   a b c
clock: guest 30 s, ben 30 s
= turn of ben: you watch

eve> a1
error: you only watch this room
= turn of ben: you watch

eve> say hi
- guest 2 (watching): hi
= turn of ben: you watch

ben> board
- guest played b2
3  . . .
2  . X .
1  . . .
   a b c
clock: you 30 s, guest 30 s
= your turn: you are O

ben> list
error: you are in a room already
= your turn: you are O

ann> leave
error: a match is running; resign it first
= turn of ben: you are X
",
    );
}

#[test]
fn strangers_talk_when_one_of_them_wants_to() {
    check(
        r"
ann> quick
- you are guest on den
- room COMET-65, 3x3
= waiting for somebody to join COMET-65

ben> quick 4x4
- you are guest 2 on den
- room SAUNA-19, 4x4:4
= waiting for somebody to join SAUNA-19

eve> quick
- you are guest 3 on den
- room COMET-65, 3x3
- guest plays X
- guest 3 plays O
3  . . .
2  . . .
1  . . .
   a b c
= turn of guest: you are O

eve> say hi
error: talk is off with strangers until one of you opens it
= turn of guest: you are O

eve> talk
- the talk is open
= turn of guest: you are O

eve> say gg
- guest 3: gg
= turn of guest: you are O

ann> wait
- guest 3 has come
- the talk is open
- guest 3: gg
3  . . .
2  . . .
1  . . .
   a b c
= your turn: you are X
",
    );
}

#[test]
fn an_offer_is_accepted_by_who_has_read_it() {
    check(
        r"
ann> create
- you are guest on den
- room COMET-65, 3x3
= waiting for somebody to join COMET-65

ben> join comet-65
- you are guest 2 on den
- room COMET-65, 3x3
- guest plays X
- guest 2 plays O
3  . . .
2  . . .
1  . . .
   a b c
= turn of guest: you are O

ann> b2
- guest 2 has come
- you played b2
3  . . .
2  . X .
1  . . .
   a b c
= turn of guest 2: you are X

ann> offer draw
- you offered a draw
= turn of guest 2: you are X

ben> accept
error: there is no offer
- guest played b2
- guest offered a draw: accept or decline
3  . . .
2  . X .
1  . . .
   a b c
= your turn: you are O

+2s

ben> accept
- a draw was agreed
= over: a draw, 0:0; rematch or leave

ben> wait
nothing new
= over: a draw, 0:0; rematch or leave

ann> offer takeback
error: no match is running
- a draw was agreed
= over: a draw, 0:0; rematch or leave

ann> rematch
- you asked for a rematch
= over: a draw, 0:0; rematch or leave

ben> rematch
- guest asked for a rematch
- match 2 begins
3  . . .
2  . . .
1  . . .
   a b c
= your turn: you are X

ben> 1
- you played a1
3  . . .
2  . . .
1  X . .
   a b c
= turn of guest: you are X

ben> offer takeback
- you asked to take back a move
= turn of guest: you are X

+2s

ann> wait
- match 2 begins
- guest 2 played a1
- guest 2 asked to take back a move: accept or decline
3  . . .
2  . . .
1  X . .
   a b c
= your turn: you are O

ann> accept
- the last move was taken back
3  . . .
2  . . .
1  . . .
   a b c
= turn of guest 2: you are O

ben> wait
- the last move was taken back
3  . . .
2  . . .
1  . . .
   a b c
= your turn: you are X
",
    );
}

#[test]
fn who_has_stayed_may_claim() {
    check(
        r"
ann> create
- you are guest on den
- room COMET-65, 3x3
= waiting for somebody to join COMET-65

ben> join comet-65
- you are guest 2 on den
- room COMET-65, 3x3
- guest plays X
- guest 2 plays O
3  . . .
2  . . .
1  . . .
   a b c
= turn of guest: you are O

ann> 5
- guest 2 has come
- you played b2
3  . . .
2  . X .
1  . . .
   a b c
= turn of guest 2: you are X

ben drops

ann> wait
- guest 2 has lost the connection and may come back
= paused, guest 2 is away: you are X; claim in 30 s if guest 2 is not heard

ann> 1
error: the match is paused until the other player is back
= paused, guest 2 is away: you are X; claim in 30 s if guest 2 is not heard

ann> claim win
error: it is too early to claim: the seat is still kept
= paused, guest 2 is away: you are X; claim in 30 s if guest 2 is not heard

+31s

ann> wait
nothing new
= paused, guest 2 is away: you are X; claim win, draw or adjourn, for guest 2 is not heard

ann> claim win
- guest 2 stayed away and lost
= over: you won, 1:0; rematch or leave
",
    );
}

#[test]
fn a_match_is_put_off() {
    check(
        r"
ann> create
- you are guest on den
- room COMET-65, 3x3
= waiting for somebody to join COMET-65

ben> join comet-65
- you are guest 2 on den
- room COMET-65, 3x3
- guest plays X
- guest 2 plays O
3  . . .
2  . . .
1  . . .
   a b c
= turn of guest: you are O

ann> 5
- guest 2 has come
- you played b2
3  . . .
2  . X .
1  . . .
   a b c
= turn of guest 2: you are X

ben> offer adjourn
- guest played b2
- you offered to adjourn the match
3  . . .
2  . X .
1  . . .
   a b c
= your turn: you are O

+2s

ann> wait
- guest 2 offered to adjourn the match: accept or decline
= turn of guest 2: you are X

ann> accept
- the match is adjourned
= adjourned: you are X; `join COMET-65` goes on

ben> leave
- the match is adjourned
- you have left the room
= no room: list, quick, create, join or watch

ben> wait
nothing new
= no room: list, quick, create, join or watch

ann> leave
- guest 2 has quit and may come back
- you have left the room
= no room: list, quick, create, join or watch

ann> join comet-65
- room COMET-65, 3x3
- guest plays X
- guest 2 plays O
- the last move was b2
3  . . .
2  . X .
1  . . .
   a b c
= adjourned: you are X; `join COMET-65` goes on

ben> join comet-65
- adjourned: COMET-65 against guest, who is there, 1 moves; `join COMET-65` goes on
- room COMET-65, 3x3
- guest plays X
- guest 2 plays O
- the last move was b2
3  . . .
2  . X .
1  . . .
   a b c
= your turn: you are O

ann> wait
- guest 2 is back
- the match goes on
= turn of guest 2: you are X
",
    );
}

#[test]
fn a_large_board_has_cells_with_names() {
    check(
        r"
ann> create 6x3:4 misere
- you are guest on den
- room COMET-65, 6x3:4 misere
= waiting for somebody to join COMET-65

ben> join comet-65
- you are guest 2 on den
- room COMET-65, 6x3:4 misere
- guest plays X
- guest 2 plays O
3  . . . . . .
2  . . . . . .
1  . . . . . .
   a b c d e f
= turn of guest: you are O

ann> 5
error: a cell of this board is a letter and a number, such as `b2`
- guest 2 has come
3  . . . . . .
2  . . . . . .
1  . . . . . .
   a b c d e f
= your turn: you are X

ann> f3
- you played f3
3  . . . . . X
2  . . . . . .
1  . . . . . .
   a b c d e f
= turn of guest 2: you are X

ann> f4
error: it is not your turn
= turn of guest 2: you are X
",
    );
}

#[test]
fn what_cannot_be_done_is_said() {
    check(
        r"
ann> resign
error: you are in no room
- you are guest on den
= no room: list, quick, create, join or watch

ann> b2
error: you are in no room
= no room: list, quick, create, join or watch

ann> leave
error: you have no seat in a room
= no room: list, quick, create, join or watch

ann> join kite-42
error: no room has this code
= no room: list, quick, create, join or watch

ann> accept
error: there is no offer
= no room: list, quick, create, join or watch

ann> list 0
error: write `list [FROM]`
= no room: list, quick, create, join or watch

ann> list 7
no rooms; `create` opens one
= no room: list, quick, create, join or watch

ann> hello?
error: no such command; `help` lists them
= no room: list, quick, create, join or watch

ann> push on
push is on
= no room: list, quick, create, join or watch

ann> board
error: you are in no room
= no room: list, quick, create, join or watch

ann> quit
bye
= closed
",
    );
}

#[test]
fn a_list_has_as_many_rooms_as_fit_and_says_how_to_see_the_rest() {
    let mut table = Table::new();
    for number in 0..20 {
        table.line(&format!("host {number}"), b"create best 99 clock 60m+255s hidden");
        let name = format!("name {}{number}", "李".repeat(7));
        table.line(&format!("other {number}"), name.as_bytes());
        table.line(&format!("other {number}"), b"create 19x19 best 99 clock 60m+255s passcode a");
    }
    let (mut seen, mut pages) = (0, 0);
    while seen < 20 {
        let reply = table.line("ann", format!("list {}", seen + 1).as_bytes());
        seen += reply.as_str().lines().filter(|line| line.contains(", locked  李")).count();
        pages += 1;
        let rest = 20 - seen;
        let says = format!("and {rest} more: `list {}`\n", seen + 1);
        assert_eq!(reply.as_str().contains(&says), rest > 0, "{seen} seen\n{reply}");
    }
    assert_eq!(pages, 3);
}

#[test]
fn who_does_not_ask_is_told_the_newest_of_much() {
    let mut table = Table::new();
    table.line("ann", b"create");
    table.line("ben", b"join comet-65");
    let words = "say ".to_owned() + &"x".repeat(120);
    for _ in 0..60 {
        table.wait("+3s");
        table.line("ben", words.as_bytes());
    }
    table.line("ben", b"say that was all");
    let reply = table.line("ann", b"");
    assert!(reply.as_str().starts_with("- 55 earlier lines are left out\n"), "{reply}");
    assert!(reply.as_str().contains("that was all\n3  . . .\n"), "{reply}");
    let reply = table.line("ann", b"");
    assert!(reply.as_str().starts_with("nothing new\n"), "{reply}");
}

/// What the help says is understood.
#[test]
fn the_help_lists_commands_that_there_are() {
    for line in words::HELP.lines() {
        let command = line.split("  ").next().unwrap().split([' ', ',']).next().unwrap();
        let error = Request::parse(command.as_bytes()).err();
        assert_ne!(error, Some(RequestError::Unknown).filter(|_| command != "TERMS:"), "{command}");
    }
}

/// Lines that do something, so that what follows meets more than an empty lobby.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    const KNOWN: [&str; 23] = [
        "",
        "list",
        "quick",
        "create 19x19",
        "join comet-65",
        "watch comet-65",
        "b2",
        "5",
        "a1",
        "c3",
        "say gg",
        "talk",
        "resign",
        "rematch",
        "leave",
        "offer draw",
        "offer adjourn",
        "accept",
        "claim win",
        "board",
        "help",
        "push on",
        "name 李李李李李李李李",
    ];
    prop_oneof![
        3 => prop::sample::select(&KNOWN[..]).prop_map(|line| line.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..1_024),
        1 => "say \\PC{0,200}".prop_map(String::into_bytes),
        1 => "[a-z]{1,7} \\PC{0,30}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn whatever_is_typed_is_answered_within_bounds_and_by_nothing_but_text(
        typed in prop::collection::vec((0_usize..3, lines()), 1..40),
    ) {
        let mut table = Table::new();
        for (who, line) in typed {
            let reply = table.line(["ann", "ben", "eve"][who], &line);
            prop_assert!(reply.as_bytes().len() <= MAX_REPLY, "{} bytes", reply.as_bytes().len());
            prop_assert!(!reply.as_str().chars().any(|c| c != '\n' && c.is_control()), "{:?}", reply);
            let lines: Vec<&str> = reply.as_str().lines().collect();
            prop_assert!(lines.len() >= 2 && lines[lines.len() - 1].is_empty(), "{:?}", reply);
            prop_assert!(lines[lines.len() - 2].starts_with("= "), "{:?}", reply);
            prop_assert!(!lines[..lines.len() - 2].iter().any(|line| line.is_empty()), "{:?}", reply);
            table.now += Duration::from_millis(700);
        }
    }
}
