//! Calls of a lobby that no play can make.

use std::time::{Duration, Instant};

use net::proto::{Access, Command, Event, Hello, OfferKind, SessionId, Terms};
use server::lobby::{Effect, Limits, Lobby, Origin};

fn connect(lobby: &mut Lobby, now: Instant, name: &str) -> SessionId {
    let hello = Hello { name: name.parse().unwrap(), resume: None };
    lobby.connect(now, &hello, [0; 16], Origin(0)).unwrap().token.session
}

/// Opens a room and returns the list of rooms: each host, and whether the room is locked.
fn open(lobby: &mut Lobby, now: Instant, name: &str, access: Access) -> Vec<(String, bool)> {
    let session = connect(lobby, now, name);
    lobby.handle(now, session, Command::Create { terms: Terms::default(), access });
    while lobby.poll_effect().is_some() {}
    lobby.listed_rooms().map(|line| (line.host.to_string(), line.is_locked)).collect()
}

#[test]
fn public_and_locked_rooms_are_listed_and_hidden_ones_are_not() {
    let now = Instant::now();
    let mut lobby = Lobby::new(now, Limits::default(), 1);
    assert_eq!(open(&mut lobby, now, "ann", Access::Public), [("ann".into(), false)]);
    let locked = Access::Passcode("fern".parse().unwrap());
    let both = [("ben".into(), true), ("ann".into(), false)];
    assert_eq!(open(&mut lobby, now, "ben", locked), both);
    let changes = lobby.list_changes();
    assert_eq!(open(&mut lobby, now, "eve", Access::Hidden), both);
    assert_eq!(lobby.list_changes(), changes, "the list has not changed");
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
    let effects = std::iter::from_fn(|| lobby.poll_effect()).map(Effect::into_event);
    let told: Vec<usize> = effects
        .filter(|(to, _)| to.contains(&ann))
        .filter_map(|(_, event)| match event {
            Event::Adjourned(lines) => Some(lines.len()),
            _ => None,
        })
        .collect();
    assert_eq!(told, [1, 0], "the match was adjourned, and then was not");
}
