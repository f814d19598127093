//! Agreements during a match: offers, and adjourned matches.

use std::time::Duration;

use crossterm::event::KeyCode;
use net::proto::{Claim, Command, OfferKind, Phase};

use super::playing;
use crate::{
    cmd::{Cmd, Opponent},
    goal::Goal,
    model::Screen,
    msg::NetMsg,
    test_harness::Harness,
    update::Start,
};

#[test]
fn a_draw_is_offered_and_agreed_on() {
    let mut harness = playing();
    harness.keys("d");
    harness.sees("You offer a draw: ben has 0:30, d withdraws.");
    harness.sees("ben has 0:30 to answer");
    harness.pass(2);
    let number = harness.model.game().unwrap().snapshot.offer.unwrap().number;
    harness.ben_asks(Command::Accept { number });
    harness.sees("Draw. Both players agreed.");
}

#[test]
fn the_end_of_an_offer_is_told() {
    let mut harness = playing();
    harness.keys("d");
    let number = harness.model.game().unwrap().snapshot.offer.unwrap().number;
    harness.ben_asks(Command::Decline { number });
    harness.sees("ben declined the draw offer. Your turn.");
    harness.keys("d");
    harness.sees("Not done: you have made an offer since your last move; make a move first.");
    harness.keys("7");
    harness.keys("d");
    harness.ben_plays("b2");
    harness.sees("ben played on, which declines the draw offer. Your turn.");
    harness.keys("8");
    harness.keys("a");
    harness.sees("You ask to adjourn: ben has 0:30, a withdraws.");
    harness.keys("a");
    harness.sees("You withdrew the offer to adjourn.");
    harness.ben_plays("b1");
    harness.keys("4u");
    harness.pass(30);
    harness.sees("The takeback request has expired.");
}

#[test]
fn an_offer_is_accepted_by_its_own_key_and_not_in_its_first_second() {
    let mut harness = playing();
    harness.keys("Y");
    harness.ben_offers(OfferKind::Draw);
    harness.sees("ben offers a DRAW");
    harness.sees("(Y works after 1 second)");
    harness.sees("ben offers a draw. Shift-Y accepts, Shift-N declines, a move declines. Your turn.");
    harness.keys("y");
    harness.keys("Y");
    harness.sees("An offer can be accepted after one second.");
    harness.pass(1);
    harness.sees("(0:29 to answer)");
    harness.keys("Y");
    harness.sees("Draw. Both players agreed.");
}

#[test]
fn an_offer_is_declined_by_its_key_or_by_a_move() {
    for keys in ["N", "5"] {
        let mut harness = playing();
        harness.ben_offers(OfferKind::Draw);
        harness.keys(keys);
        assert_eq!(harness.model.game().unwrap().snapshot.offer, None, "{keys}");
        assert_eq!(harness.model.game().unwrap().snapshot.phase, Phase::Playing);
    }
}

#[test]
fn a_takeback_takes_the_move_from_the_board() {
    let mut harness = playing();
    harness.keys("u");
    harness.sees("Not done: you have no move to take back.");
    harness.keys("7u");
    harness.pass(2);
    let number = harness.model.game().unwrap().snapshot.offer.unwrap().number;
    harness.ben_asks(Command::Accept { number });
    harness.sees("You took your last move back. Your turn.");
    harness.keys("5");
    harness.sees("Waiting for ben to play O. You played the center (5).");
}

#[test]
fn offers_of_a_muted_player_are_declined_and_told() {
    let mut harness = playing();
    harness.keys("m");
    harness.sees("Muted: the chat of others is hidden, and offers are declined. m shows it again.");
    harness.ben_offers(OfferKind::Draw);
    assert_eq!(harness.model.game().unwrap().snapshot.offer, None);
    harness.sees("ben is muted: the draw offer was declined.");
    harness.keys("m7");
    harness.ben_plays("b2");
    harness.ben_offers(OfferKind::Draw);
    harness.sees("ben offers a DRAW");
    harness.keys("m");
    assert_eq!(harness.model.game().unwrap().snapshot.offer, None, "to mute answers what is open");
}

fn at_one_keyboard() -> Harness {
    let mut harness = Harness::new("3x3:3".parse().unwrap());
    harness.begin(Start::Connect(Goal::Local {
        opponent: Opponent::Person { names: harness.model.new_game.names },
    }));
    harness
}

#[test]
fn a_takeback_at_one_keyboard_asks_nobody() {
    let mut harness = at_one_keyboard();
    harness.keys("7u");
    harness.sees("Player 1 took their last move back. Your turn, Player 1.");
    harness.keys("7519u");
    harness.sees("Player 2 took their last move back. Your turn, Player 2.");
    harness.keys("uuu");
    harness.sees("Player 1 took their last move back. Your turn, Player 1.");
    assert!(harness.model.game().unwrap().snapshot.record.moves().is_empty(), "as far as one likes");
    harness.keys("u");
    harness.sees("Not done: you have no move to take back.");
}

#[test]
fn a_draw_at_one_keyboard_is_answered_by_the_other_player() {
    let mut harness = at_one_keyboard();
    harness.keys("7d");
    harness.sees("Player 2 offers a draw.");
    harness.keys("N");
    harness.sees("Your turn, Player 2.");
    harness.keys("a");
    harness.sees("Only a match on a server can be adjourned.");
}

#[test]
fn an_adjourned_match_waits_on_the_screen_and_goes_on() {
    let mut harness = playing();
    harness.both_move();
    harness.keys("7");
    harness.ben_drops();
    harness.pass(30);
    harness.keys("P");
    harness.sees("Waiting for ben: the match is adjourned, and goes on when both are back.");
    harness.sees("The server keeps it until both");
    let kept = |cmd: &Cmd| matches!(cmd, Cmd::KeepSeat(seat) if seat.is_adjourned);
    assert!(harness.wanted(kept));
    harness.key(KeyCode::Esc);
    harness.sees("Resume");
    harness.key(KeyCode::Enter);
    harness.ben_returns();
    harness.sees("The match goes on. Waiting for ben to play O.");
}

#[test]
fn an_adjourned_match_is_left_in_the_menu_and_returned_to() {
    let mut harness = playing();
    harness.both_move();
    harness.keys("7");
    harness.ben_drops();
    harness.pass(30);
    harness.keys("P");
    harness.key(KeyCode::Esc);
    // Another game leaves it, and does not give it up.
    harness.keys("t");
    assert_eq!(harness.model.saved_seats.len(), 1);
    assert!(!harness.wanted(|cmd| matches!(cmd, Cmd::ForgetSeat(_))));
    harness.key(KeyCode::Esc);
    harness.keys("x");
    harness.sees("Return");
    harness.sees("against ben, adjourned, 192.168.1.7:1952");
    harness.sees("1 returns: your adjourned match against ben, if its server still keeps it.");
    harness.keys("1");
    harness.ana_returns();
    harness.sees("Waiting for ben: the match is adjourned");
    assert_eq!(harness.model.saved_seats.len(), 0, "it is on the screen");
    harness.ben_returns();
    harness.sees("The match goes on.");
    harness.ben_plays("b2");
    harness.sees("Your turn. You are X. ben played the center (5).");
}

#[test]
fn a_player_who_left_the_room_of_an_adjourned_match_joins_it_again() {
    let mut harness = playing();
    harness.both_move();
    harness.ben_drops();
    harness.pass(30);
    harness.keys("P");
    harness.key(KeyCode::Esc);
    harness.keys("t");
    harness.key(KeyCode::Esc);
    harness.keys("x1");
    harness.ana_returns();
    harness.sees("Waiting for ben: the match is adjourned");
}

#[test]
fn an_absent_player_finds_the_match_adjourned_and_goes_on() {
    let mut harness = playing();
    harness.net(NetMsg::Closed(None));
    harness.ana_is_lost();
    harness.pass(0);
    harness.now += Duration::from_secs(31);
    harness.ben_asks(Command::Claim { match_number: 1, claim: Claim::Adjourn });
    harness.ana_returns();
    harness.sees("Your turn. You are X.");
    assert!(matches!(harness.model.screen, Screen::Game(_)));
}

#[test]
fn an_adjournment_is_agreed_on_as_well() {
    let mut harness = playing();
    harness.ben_offers(OfferKind::Adjourn);
    harness.sees("ben asks to ADJOURN");
    harness.pass(1);
    harness.keys("Y");
    harness.sees("Adjourned. Enter goes on, once ben wants to as well; Esc for the menu.");
    harness.key(KeyCode::Esc);
    harness.sees("Enter returns to your game. It is adjourned; ben has not asked to go on.");
    let code = harness.model.game().unwrap().snapshot.code;
    harness.ben_asks(Command::Join { code, passcode: None });
    harness.sees("Enter returns to your game. It is adjourned; ben is there and waits.");
    harness.key(KeyCode::Enter);
    harness.sees("The match goes on. Your turn.");
}

#[test]
fn two_who_stay_go_on_with_an_adjourned_match_when_both_want_to() {
    let mut harness = playing();
    harness.ben_offers(OfferKind::Adjourn);
    harness.pass(1);
    harness.keys("Y");
    harness.key(KeyCode::Enter);
    harness.sees("You want to go on; ben is told.");
    let code = harness.model.game().unwrap().snapshot.code;
    harness.ben_asks(Command::Join { code, passcode: None });
    harness.sees("The match goes on. Your turn.");
}

#[test]
fn an_adjourned_match_can_be_resigned() {
    let mut harness = playing();
    harness.both_move();
    harness.ben_drops();
    harness.pass(30);
    harness.keys("AR");
    harness.sees("Resign the match against ben?");
    harness.keys("y");
    harness.sees("You lost. You resigned.");
}

#[test]
fn the_muted_do_not_ring_the_bell_by_offers() {
    let mut harness = playing();
    harness.keys("7m");
    let _calls_before = harness.bells();
    harness.pass(10);
    harness.ben_offers(OfferKind::Draw);
    assert_eq!(harness.bells(), 0);
}
