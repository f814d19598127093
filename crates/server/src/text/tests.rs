//! Transcripts of lines and replies, and arbitrary bytes.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    time::{Duration, Instant},
};

use net::proto::{Hello, SessionId, Welcome};
use proptest::prelude::*;

use super::*;
use crate::lobby::{DisconnectReason, Epoch, Limits, Lobby, Origin};

/// A lobby and people who type lines.
struct Table {
    lobby: Lobby,
    now: Instant,
    epoch: Epoch,
    people: BTreeMap<String, Person>,
}

#[derive(Default)]
struct Person {
    text: TextSession,
    session: Option<SessionId>,
}

impl Table {
    fn new() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
        let now = Instant::now();
        let lobby = Lobby::new(now, Limits::default(), 1);
        Self { lobby, now, epoch: Epoch::new(now), people: BTreeMap::new() }
    }

    /// The reply to somebody. A line that waits is answered as if its time were over.
    fn line(&mut self, who: &str, line: &[u8]) -> String {
        let person = self.people.entry(who.to_owned()).or_default();
        let Action { opens, then } = person.text.handle_line(line);
        let old = person.session;
        if let Some(name) = opens {
            if let Some(old) = old {
                self.lobby.disconnect(self.now, old, DisconnectReason::OnPurpose);
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
                grace_on_purpose_millis: 10_000,
            }));
        }
        let session = self.people[who].session;
        match then {
            Then::Reply | Then::Wait => {}
            Then::Ask(commands) => {
                for command in commands {
                    self.lobby.handle(self.now, session.unwrap(), command);
                }
            }
            Then::Quit => {
                if let Some(session) = session {
                    self.lobby.disconnect(self.now, session, DisconnectReason::OnPurpose);
                }
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
        self.lobby.disconnect(self.now, session, DisconnectReason::Lost);
        self.drain();
        true
    }

    fn drain(&mut self) {
        while let Some(effect) = self.lobby.poll_effect() {
            let Some((to, event)) = effect.into_event() else { continue };
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
    let document = include_str!("../../../../docs/LINES.md");
    let (_, transcript) = document.split_once("```text\n").unwrap();
    check(transcript.split_once("```").unwrap().0);
}

/// So that a program which speaks another protocol never becomes a player.
#[test]
fn a_line_that_is_no_command_opens_no_session() {
    let mut table = Table::new();
    for line in ["Host: oxo", "", "help", "name ann\u{202e}", "User-Agent: x", "wait"] {
        table.line("ann", line.as_bytes());
        assert_eq!(table.lobby.session_count(), 0, "{line}");
    }
    let reply = table.line("ann", b"list");
    assert!(reply.as_str().contains("- you are guest on den\n"), "{reply}");
}

#[test]
fn a_name_is_taken_by_the_first_line_or_later_and_told_apart() {
    check(include_str!("transcripts/a_name_is_taken_by_the_first_line_or_later_and_told_apart.txt"));
}

#[test]
fn a_room_is_joined_by_its_passcode_and_watched() {
    check(include_str!("transcripts/a_room_is_joined_by_its_passcode_and_watched.txt"));
}

#[test]
fn strangers_talk_when_one_of_them_wants_to() {
    check(include_str!("transcripts/strangers_talk_when_one_of_them_wants_to.txt"));
}

#[test]
fn an_offer_is_accepted_by_who_has_read_it() {
    check(include_str!("transcripts/an_offer_is_accepted_by_who_has_read_it.txt"));
}

#[test]
fn who_has_stayed_may_claim() {
    check(include_str!("transcripts/who_has_stayed_may_claim.txt"));
}

#[test]
fn a_match_is_put_off() {
    check(include_str!("transcripts/a_match_is_put_off.txt"));
}

#[test]
fn a_large_board_has_cells_with_names() {
    check(include_str!("transcripts/a_large_board_has_cells_with_names.txt"));
}

#[test]
fn what_cannot_be_done_is_said() {
    check(include_str!("transcripts/what_cannot_be_done_is_said.txt"));
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

/// Every command of the help is understood, and the help fits beside the longest state, with two names of 64 bytes.
#[test]
fn the_help_lists_commands_that_there_are_and_fits() {
    let (commands, terms) = words::HELP.trim_end().rsplit_once('\n').unwrap();
    assert!(terms.starts_with("TERMS: "));
    for line in commands.lines() {
        for words in line.split(" - ").next().unwrap().split(", ") {
            let command = words.split(' ').next().unwrap();
            assert_ne!(Request::parse(command.as_bytes()), Err(RequestError::Unknown), "{line}");
        }
    }
    let longest = format!("= {}", "x".repeat(2 * 64 + 96));
    let reply = Draft { answer: words::HELP, state: &longest, ..Draft::default() }.reply();
    assert!(reply.as_str().starts_with(words::HELP), "{reply}");
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
            prop_assert!(reply.len() <= MAX_REPLY, "{} bytes", reply.len());
            prop_assert!(!reply.as_str().chars().any(|c| c != '\n' && c.is_control()), "{:?}", reply);
            let lines: Vec<&str> = reply.as_str().lines().collect();
            prop_assert!(lines.len() >= 2 && lines[lines.len() - 1].is_empty(), "{:?}", reply);
            prop_assert!(lines[lines.len() - 2].starts_with("= "), "{:?}", reply);
            prop_assert!(!lines[..lines.len() - 2].iter().any(|line| line.is_empty()), "{:?}", reply);
            table.now += Duration::from_millis(700);
        }
    }
}
