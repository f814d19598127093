//! Finished matches: what is kept and when, the replay after a match, and the way back from it.

use net::proto::{Command, Ending, OfferKind, Phase, Seat};

use super::*;
use crate::{
    cmd::Opponent,
    history::{KeptMatch, Played, Tally},
    msg::NetMsg,
};

fn kept(harness: &Harness) -> &[KeptMatch] {
    &harness.model.history.matches
}

/// Ana wins in five moves.
fn won() -> Harness {
    let mut harness = playing();
    for (digit, cell) in [("7", "a1"), ("8", "b1"), ("9", "")] {
        harness.keys(digit);
        if !cell.is_empty() {
            harness.ben_plays(cell);
        }
    }
    harness
}

#[test]
fn a_match_is_kept_once_also_after_a_reconnect_a_takeback_and_a_rematch() {
    let mut harness = playing();
    harness.keys("7");
    harness.ben_plays("a1");
    harness.keys("8");
    harness.pass(1);
    harness.keys("u");
    harness.pass(1);
    let number = harness.model.game().unwrap().snapshot.offer.unwrap().number;
    harness.ben_asks(Command::Accept { number });
    harness.keys("8");
    harness.ben_plays("b1");
    assert_eq!(kept(&harness), []);
    harness.keys("9");
    assert_eq!(kept(&harness).len(), 1);
    harness.sees("v. ben: 1 won, 0 drawn, 0 lost");
    harness.sees("v replay");
    harness.net(NetMsg::Closed(None));
    harness.ana_is_lost();
    harness.pass(1);
    harness.ana_returns();
    harness.keys("r");
    harness.ben_asks(Command::Rematch { match_number: 1 });
    assert_eq!(kept(&harness).len(), 1, "a return and a rematch keep nothing again");
    harness.ben_asks(Command::Resign { match_number: 2 });
    let [first, second] = kept(&harness) else { panic!("two matches") };
    assert_eq!((first.moves.len(), first.ending, first.place), (5, Ending::OnBoard, Played::Server));
    assert_eq!((first.match_number, second.match_number), (1, 2));
    assert_eq!(
        (first.own, second.x, second.ending),
        (Some(Seat::Host), Seat::Guest, Ending::Resigned(Seat::Guest))
    );
    let ben = "ben".parse().unwrap();
    assert_eq!(harness.model.history.against(&ben), Tally { won: 2, drawn: 0, lost: 0 });
}

#[test]
fn a_match_that_is_watched_is_not_kept() {
    let mut harness = Harness::new(Rules::default());
    let (host, guest) = (harness.somebody("kim"), harness.somebody("eve"));
    harness.asks(host, Command::QuickMatch { terms: None });
    let code = harness.code_of(host);
    let target = "192.168.1.7".parse().unwrap();
    harness.asks(guest, Command::Join { code, passcode: None });
    let key = crate::goal::RoomKey { code, passcode: None };
    harness.begin(Start::Connect(Goal::Watch { target, key }));
    harness.asks(host, Command::Resign { match_number: 1 });
    assert!(matches!(harness.model.game().unwrap().snapshot.phase, Phase::Over(_)));
    assert_eq!(kept(&harness), []);
    assert!(!harness.screen().contains("v replay"), "{}", harness.screen());
}

#[test]
fn a_disk_that_is_full_costs_the_match_nothing_but_one_sentence() {
    let mut harness = playing();
    harness.disk_problem = Some("No space left on device (os error 28)".into());
    harness.both_move();
    harness.ben_asks(Command::Resign { match_number: 1 });
    harness.sees("The match is not saved: No space left on device (os error 28).");
    harness.keys("v");
    harness.sees("Move 2 of 2");
    harness.key(KeyCode::Esc);
    harness.sees("You won.");
}

#[test]
fn the_replay_after_a_match_begins_where_it_was_lost_and_leads_back() {
    let mut harness = won();
    harness.sees("v replay: 1 at move 2 lost it");
    harness.keys("v");
    harness.sees("Move 2 of 5: O at bottom left (1)");
    harness.sees("It loses;");
    harness.ben_asks(Command::Rematch { match_number: 1 });
    harness.sees("ben is ready to play again: Esc goes back.");
    harness.key(KeyCode::Esc);
    harness.sees("You won. X has the row 7-8-9.");
    harness.keys("rv");
    assert!(matches!(harness.model.screen, Screen::Game(_)), "the next match has begun");
    harness.sees("Waiting for ben to play X.");
}

#[test]
fn a_match_that_begins_takes_its_player_back_from_the_replay() {
    let mut harness = won();
    harness.keys("rv");
    harness.sees("Move 2 of 5");
    harness.ben_asks(Command::Rematch { match_number: 1 });
    harness.sees("Waiting for ben to play X.");
    assert!(matches!(harness.model.screen, Screen::Game(_)));
    assert!(harness.model.below.is_empty());
}

#[test]
fn the_list_is_reached_from_the_menu_over_a_game_that_goes_on() {
    let mut harness = playing();
    harness.key(KeyCode::Esc);
    harness.keys("p");
    harness.sees("No match is kept yet.");
    harness.sees("Your turn against ben: Esc goes back.");
    harness.keys("?");
    harness.key(KeyCode::Esc);
    harness.key(KeyCode::Esc);
    harness.sees("Resume");
    harness.key(KeyCode::Enter);
    harness.sees("Your turn. You are X.");
}

#[test]
fn a_replay_steps_runs_and_ends() {
    let mut harness = won();
    harness.keys("v0");
    harness.sees("ana plays X, ben plays O, 5 moves.");
    harness.keys("hl");
    harness.sees("Move 1 of 5");
    harness.key(KeyCode::Right);
    harness.keys("$l");
    harness.sees("Move 5 of 5");
    harness.keys("n");
    harness.sees("Move 2 of 5");
    harness.keys("0++ ");
    harness.sees("4x");
    for ply in 1..=5 {
        let at = harness.model.poll_timeout(harness.now).expect("it runs");
        harness.now = at;
        harness.tell(Msg::Tick);
        harness.sees(&format!("Move {ply} of 5"));
    }
    assert_eq!(harness.model.poll_timeout(harness.now), None, "it stands at the end");
    harness.click("2  O 1");
    harness.sees("Move 2 of 5");
    harness.keys("x");
    let is_export = |cmd: &Cmd| matches!(cmd, Cmd::Export { name, text } if name == "oxo-2026-11-23-1042" && text.starts_with("{\""));
    assert!(harness.wanted(is_export));
}

#[test]
fn a_branch_is_played_on_against_the_bot_and_not_kept() {
    let mut harness = Harness::new(Rules::default());
    let names = ["ann", "bob"].map(crate::test_harness::name);
    harness.begin(Start::Connect(Goal::Local { opponent: Opponent::Person { names } }));
    harness.keys("71829");
    assert_eq!(kept(&harness).len(), 1);
    assert_eq!((kept(&harness)[0].own, kept(&harness)[0].place), (None, Played::Keyboard));
    harness.keys("v0ll");
    harness.sees("Move 2 of 5");
    harness.sees("b branch");
    harness.keys("b");
    harness.sees("Your turn. You are X.");
    let snapshot = &harness.model.game().unwrap().snapshot;
    assert_eq!((snapshot.record.moves().len(), snapshot.x), (2, Seat::Host));
    harness.keys("Ry");
    harness.sees("You lost.");
    assert_eq!(kept(&harness).len(), 1, "it began in the middle");
}

#[test]
fn a_branch_would_end_no_game_on_a_server() {
    let mut harness = won();
    harness.keys("v");
    assert!(!harness.screen().contains("b branch"), "{}", harness.screen());
    harness.keys("b");
    harness.sees("Move 2 of 5");
}

#[test]
fn the_games_of_the_network_tell_of_earlier_matches_with_their_host() {
    let mut harness = won();
    harness.key(KeyCode::Esc);
    harness.begin(Start::Games { watches: false });
    harness.tell(Msg::Lan(crate::test_harness::lan_games()));
    harness.sees("You v. ben: 1 won, 0 drawn, 0 lost.");
}

#[test]
fn a_draw_offer_that_ends_a_match_keeps_it_as_drawn() {
    let mut harness = playing();
    harness.both_move();
    harness.ben_offers(OfferKind::Draw);
    harness.pass(2);
    harness.keys("Y");
    assert_eq!(kept(&harness)[0].score(), "draw");
    harness.sees("v. ben: 0 won, 1 drawn, 0 lost");
}
