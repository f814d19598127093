//! Calls of a lobby that no play can make.

use std::time::{Duration, Instant};

use net::proto::{
    Access, Answer, Command, Event, Hello, OfferKind, Question, ROOMS_PER_ANSWER, RoomCode, SessionId, Terms,
};
use server::lobby::{Effect, Limits, Lobby, Origin};

fn connect(lobby: &mut Lobby, now: Instant, name: &str) -> SessionId {
    let hello = Hello { name: name.parse().unwrap(), resume: None };
    lobby.connect(now, &hello, [0; 16], Origin(0)).unwrap().token.session
}

/// Opens a room. Returns its code.
fn open(lobby: &mut Lobby, now: Instant, name: &str, access: Access) -> RoomCode {
    let session = connect(lobby, now, name);
    lobby.handle(now, session, Command::Create { terms: Terms::default(), access });
    let events = std::iter::from_fn(|| lobby.poll_effect()).filter_map(Effect::into_event);
    let code = events.filter_map(|(_, event)| match event {
        Event::Seated { code, .. } => Some(code),
        _ => None,
    });
    code.last().expect("a seat")
}

fn ask(lobby: &mut Lobby, now: Instant, question: Question) -> Answer {
    lobby.answer(now, Origin(9), "den".parse().unwrap(), question).expect("few wrong codes")
}

/// The rooms of an answer: each host, and whether the room is locked.
fn rooms(answer: &Answer) -> Vec<(&str, bool)> {
    answer.rooms.iter().map(|line| (line.host.as_str(), line.is_locked)).collect()
}

#[test]
fn whoever_asks_is_told_of_public_and_locked_rooms_and_of_hidden_ones_by_their_code() {
    let start = Instant::now();
    let mut lobby = Lobby::new(start, Limits::default(), 1);
    open(&mut lobby, start, "ann", Access::Public);
    open(&mut lobby, start, "ben", Access::Passcode("fern".parse().unwrap()));
    let hidden = open(&mut lobby, start, "eve", Access::Hidden);
    let now = start + Duration::from_secs(7);
    let answer = ask(&mut lobby, now, Question::Rooms { first: 0 });
    assert_eq!(rooms(&answer), [("ben", true), ("ann", false)]);
    assert_eq!((answer.server.as_str(), answer.people, answer.total), ("den", 3, 2));
    assert!(answer.rooms.iter().all(|room| room.seconds == 7), "{answer:?}");
    assert_eq!(rooms(&ask(&mut lobby, now, Question::Code(hidden))), [("eve", false)]);
    let none = (0..RoomCode::COUNT).map(RoomCode::nth).find(|code| *code != hidden).unwrap();
    assert_eq!(rooms(&ask(&mut lobby, now, Question::Code(none))), []);
}

#[test]
fn codes_that_lead_nowhere_are_counted_by_address_and_forgotten_in_time() {
    let limits = Limits::default();
    let start = Instant::now();
    let mut lobby = Lobby::new(start, limits.clone(), 1);
    let listed = open(&mut lobby, start, "ann", Access::Public);
    let hidden = open(&mut lobby, start, "eve", Access::Hidden);
    let mut asks = |now, origin, code| {
        lobby
            .answer(now, Origin(origin), "den".parse().unwrap(), Question::Code(code))
            .map(|it| it.rooms.len())
    };
    let wrong = (0..).map(RoomCode::nth).filter(|code| ![listed, hidden].contains(code));
    for code in wrong.take(30) {
        assert_eq!(asks(start, 9, hidden), Some(1), "right ones are not counted");
        assert_eq!(asks(start, 9, code), Some(0));
    }
    assert_eq!(asks(start, 9, hidden), None);
    assert_eq!(asks(start, 9, listed), Some(1), "what is on the list is no secret");
    assert_eq!(asks(start, 8, hidden), Some(1), "another address");
    assert_eq!(asks(start + limits.attempt_window, 9, hidden), Some(1));
}

#[test]
fn a_long_list_is_told_in_parts_that_fit_a_message() {
    let now = Instant::now();
    let mut lobby = Lobby::new(now, Limits::default(), 1);
    for number in 0..200 {
        open(&mut lobby, now, &format!("player {number:03}"), Access::Public);
    }
    let mut heard = Vec::new();
    while heard.len() < 200 {
        let first = u16::try_from(heard.len()).unwrap();
        let answer = ask(&mut lobby, now, Question::Rooms { first });
        assert_eq!((answer.first, answer.total), (first, 200));
        assert_eq!(answer.rooms.len(), ROOMS_PER_ANSWER.min(200 - heard.len()));
        heard.extend(answer.rooms.into_iter().map(|room| room.code));
    }
    heard.sort_unstable();
    heard.dedup();
    assert_eq!(heard.len(), 200);
    assert_eq!(rooms(&ask(&mut lobby, now, Question::Rooms { first: u16::MAX })), []);
}

#[test]
fn effects_of_a_call_do_not_depend_on_when_they_are_taken() {
    let start = Instant::now();
    let mut lobby = Lobby::new(start, Limits::default(), 1);
    let [ann, ben] = ["ann", "ben"].map(|name| connect(&mut lobby, start, name));
    let match_number = 1;
    for session in [ann, ben] {
        lobby.handle(start, session, Command::QuickMatch { terms: None });
    }
    lobby.handle(start, ann, Command::Offer { match_number, kind: OfferKind::Adjourn });
    lobby.handle(start + Duration::from_secs(2), ben, Command::Accept { number: 1 });
    lobby.handle(start + Duration::from_secs(2), ben, Command::Resign { match_number });
    let effects = std::iter::from_fn(|| lobby.poll_effect()).filter_map(Effect::into_event);
    let told: Vec<usize> = effects
        .filter(|(to, _)| to.contains(&ann))
        .filter_map(|(_, event)| match event {
            Event::Adjourned(lines) => Some(lines.len()),
            _ => None,
        })
        .collect();
    assert_eq!(told, [1, 0], "the match was adjourned, and then was not");
}
