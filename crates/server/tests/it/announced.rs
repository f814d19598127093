//! The rooms that a lobby offers to be announced: those of its list, and nothing else.

use std::time::Instant;

use net::proto::{Access, Command, Hello, Terms};
use server::lobby::{Limits, Lobby, Origin};

/// Has a session open a room, and returns what is offered then: whose rooms, and which are locked.
fn open(lobby: &mut Lobby, now: Instant, name: &str, access: Access) -> Vec<(String, bool)> {
    let hello = Hello { name: name.parse().unwrap(), resume: None };
    let session = lobby.connect(now, &hello, [0; 16], Origin(0)).unwrap().token.session;
    lobby.handle(now, session, Command::Create { terms: Terms::default(), access });
    while lobby.poll_effect().is_some() {}
    lobby.listed_rooms().map(|line| (line.host.to_string(), line.is_locked)).collect()
}

#[test]
fn public_and_locked_rooms_are_offered_and_hidden_ones_are_not() {
    let now = Instant::now();
    let mut lobby = Lobby::new(now, Limits::default(), 1);
    assert_eq!(open(&mut lobby, now, "ann", Access::Public), [("ann".into(), false)]);
    let locked = Access::Passcode("fern".parse().unwrap());
    let both = [("ben".into(), true), ("ann".into(), false)];
    assert_eq!(open(&mut lobby, now, "ben", locked), both);
    let changes = lobby.list_changes();
    assert_eq!(open(&mut lobby, now, "eve", Access::Hidden), both);
    assert_eq!(lobby.list_changes(), changes, "nobody has to look again");
}
