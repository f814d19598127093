//! The menu: the seats to return to, and what works beside a game.

use crossterm::event::KeyCode;
use game_core::Rules;
use net::proto::{CloseReason, CommandKind, Event, Reject, SessionId, Token};

use super::{
    ended::{cut, refused, silent},
    playing,
};
use crate::{
    cmd::{Cmd, SavedSeat},
    model::Screen,
    msg::NetMsg,
    test_harness::Harness,
    update::Start,
};

fn seat(code: &str) -> SavedSeat {
    let token = Token { session: SessionId(5), secret: [code.as_bytes()[0]; 16] };
    let target = "192.168.1.7".parse().unwrap();
    SavedSeat {
        target,
        hosted: None,
        code: code.parse().unwrap(),
        token,
        opponent: None,
        is_adjourned: false,
    }
}

/// A menu with two seats of earlier runs.
fn with_seats() -> Harness {
    let mut harness = Harness::new(Rules::default());
    harness.is_cut = true;
    harness.begin(Start::Menu);
    harness.model.saved_seats = vec![seat("MOOSE-57"), seat("KITE-42")];
    harness
}

fn listed(harness: &Harness) -> Vec<String> {
    harness.model.saved_seats.iter().map(|seat| seat.code.to_string()).collect()
}

#[test]
fn a_saved_seat_is_chosen_only_on_purpose() {
    let mut harness = with_seats();
    harness.sees("▌ q Quick match");
    harness.sees("Your seat in MOOSE-57 at 192.168.1.7:1952 may still be kept: 1 returns.");
    harness.key(KeyCode::Enter);
    assert!(matches!(harness.model.screen, Screen::Searching(_)), "{}", harness.screen());
}

#[test]
fn a_saved_seat_is_forgotten_by_a_key() {
    let mut harness = with_seats();
    harness.keys("f");
    assert_eq!(listed(&harness), ["MOOSE-57", "KITE-42"], "none is chosen");
    harness.key(KeyCode::Up);
    harness.sees("Your seat in KITE-42 at 192.168.1.7:1952 may still be kept: Enter returns, f forgets it.");
    harness.key(KeyCode::Up);
    harness.keys("f");
    assert_eq!(listed(&harness), ["KITE-42"]);
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::ForgetSeat(token) if token.secret[0] == b'M')));
    harness.key(KeyCode::Delete);
    assert!(listed(&harness).is_empty());
    harness.sees("▌ q Quick match");
}

#[test]
fn a_saved_seat_that_is_not_there_is_dropped() {
    let gone = || NetMsg::Closed(Some(CloseReason::UnknownSession));
    let rejected =
        || NetMsg::Event(Event::Rejected { command: CommandKind::Join, reject: Reject::NoSuchRoom });
    for message in [gone(), rejected()] {
        let told = format!("{message:?}");
        let mut harness = with_seats();
        harness.keys("1");
        harness.net(message);
        assert_eq!(listed(&harness), ["KITE-42"], "{told}");
        assert!(harness.wanted(|cmd| matches!(cmd, Cmd::ForgetSeat(_))), "{told}");
    }
    // The server lives and knows the session, which has no place there any more.
    let mut harness = with_seats();
    harness.keys("1");
    harness.connects_in_vain();
    harness.ping();
    harness.pass(60);
    harness.sees("That match is not kept any more");
    assert_eq!(listed(&harness), ["KITE-42"]);

    for loss in [silent(), refused()] {
        let mut harness = with_seats();
        harness.keys("1");
        harness.net(loss);
        assert_eq!(
            listed(&harness).len(),
            2,
            "a machine that sleeps, or a server that starts again, may keep it"
        );
    }
}

#[test]
fn a_lost_match_is_left_from_the_menu_and_returned_to() {
    let mut harness = cut();
    harness.key(KeyCode::Esc);
    harness.sees("RECONNECTING");
    harness.sees("x Leave it stop trying; you can return from here");
    harness.keys("x");
    harness.sees("against ben, 192.168.1.7:1952");
    assert!(!harness.wanted(|cmd| matches!(cmd, Cmd::ForgetSeat(_))));
}

#[test]
fn a_seat_at_a_server_that_is_gone_is_not_kept_in_the_menu() {
    for (loss, is_kept) in [(refused(), false), (silent(), true)] {
        let mut harness = cut();
        harness.pass(31);
        harness.net(loss);
        harness.key(KeyCode::Esc);
        harness.sees("Quick match");
        assert_eq!(!harness.model.saved_seats.is_empty(), is_kept);
        assert_eq!(!harness.wanted(|cmd| matches!(cmd, Cmd::ForgetSeat(_))), is_kept);
    }
}

#[test]
fn the_menu_offers_what_works_beside_the_game() {
    let mut harness = playing();
    harness.model.saved_seats = vec![seat("MOOSE-57")];
    harness.key(KeyCode::Esc);
    harness.sees("▌ r Resume");
    for absent in ["Quick match", "Return", "Host", "Play the bot"] {
        assert!(!harness.screen().contains(absent), "{absent} on\n{}", harness.screen());
    }
    harness.key(KeyCode::Enter);
    harness.keys("Ry");
    harness.key(KeyCode::Esc);
    harness.sees("Quick match");

    harness.keys("t\r5");
    harness.key(KeyCode::Esc);
    for entry in ["Resume", "Leave it", "Return", "Quick match", "Host"] {
        harness.sees(entry);
    }
    for absent in ["Play the bot", "Two players"] {
        assert!(!harness.screen().contains(absent), "{absent} on\n{}", harness.screen());
    }
}
