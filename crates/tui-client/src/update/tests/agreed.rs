//! What two players agree on during a match: offers, and matches that are put off and gone on with.

use std::time::Duration;

use crossterm::event::KeyCode;
use net::proto::{Claim, Command, OfferKind, Phase};

use super::playing;
use crate::{
    cmd::{Cmd, Opponent},
    model::Screen,
    msg::NetMsg,
    stage::Stage,
    update::Start,
};

#[test]
fn a_draw_is_offered_and_agreed_on() {
    let mut stage = playing();
    stage.keys("d");
    stage.sees("You offer a draw: ben has 0:30, d withdraws.");
    stage.sees("ben has 0:30 to answer");
    stage.pass(2);
    let number = stage.model.game().unwrap().snapshot.offer.unwrap().number;
    stage.ben_asks(Command::Accept { number });
    stage.sees("Draw. Both players agreed.");
}

#[test]
fn what_became_of_an_offer_is_said() {
    let mut stage = playing();
    stage.keys("d");
    let number = stage.model.game().unwrap().snapshot.offer.unwrap().number;
    stage.ben_asks(Command::Decline { number });
    stage.sees("ben declined the draw. Your turn.");
    stage.keys("d");
    stage.sees("Not done: you have made an offer since your last move; make a move first.");
    stage.keys("7");
    stage.keys("d");
    stage.ben_plays("b2");
    stage.sees("ben played on, which declines the draw. Your turn.");
    stage.keys("8");
    stage.keys("a");
    stage.sees("You ask to adjourn: ben has 0:30, a withdraws.");
    stage.keys("a");
    stage.sees("You withdrew: the adjournment is offered no more.");
    stage.ben_plays("b1");
    stage.keys("4u");
    stage.pass(30);
    stage.sees("The time to answer is over: the takeback is offered no more.");
}

#[test]
fn an_offer_is_accepted_by_its_own_key_and_not_in_its_first_second() {
    let mut stage = playing();
    stage.keys("Y");
    stage.ben_offers(OfferKind::Draw);
    stage.sees("ben offers a DRAW");
    stage.sees("(Y works after 1 second)");
    stage.sees("ben offers a draw. Shift-Y accepts, Shift-N declines, a move declines. Your turn.");
    stage.keys("y");
    stage.keys("Y");
    stage.sees("An offer can be accepted after one second.");
    stage.pass(1);
    stage.sees("(0:29 to answer)");
    stage.keys("Y");
    stage.sees("Draw. Both players agreed.");
}

#[test]
fn an_offer_is_declined_by_its_key_or_by_a_move() {
    for keys in ["N", "5"] {
        let mut stage = playing();
        stage.ben_offers(OfferKind::Draw);
        stage.keys(keys);
        assert_eq!(stage.model.game().unwrap().snapshot.offer, None, "{keys}");
        assert_eq!(stage.model.game().unwrap().snapshot.phase, Phase::Playing);
    }
}

#[test]
fn a_takeback_takes_the_move_from_the_board() {
    let mut stage = playing();
    stage.keys("u");
    stage.sees("Not done: you have no move to take back.");
    stage.keys("7u");
    stage.pass(2);
    let number = stage.model.game().unwrap().snapshot.offer.unwrap().number;
    stage.ben_asks(Command::Accept { number });
    stage.sees("You took your last move back. Your turn.");
    stage.keys("5");
    stage.sees("Waiting for ben to play O. You played the center (5).");
}

#[test]
fn who_is_muted_offers_in_vain_and_that_is_said() {
    let mut stage = playing();
    stage.keys("m");
    stage.sees("Muted: what others say is not shown, and offers are declined. m hears them again.");
    stage.ben_offers(OfferKind::Draw);
    assert_eq!(stage.model.game().unwrap().snapshot.offer, None);
    stage.sees("ben is muted and offered the draw; it was declined.");
    stage.keys("m7");
    stage.ben_plays("b2");
    stage.ben_offers(OfferKind::Draw);
    stage.sees("ben offers a DRAW");
    stage.keys("m");
    assert_eq!(stage.model.game().unwrap().snapshot.offer, None, "to mute answers what is open");
}

#[test]
fn offers_at_one_keyboard_are_answered_by_the_other_player() {
    let mut stage = Stage::new("3x3:3".parse().unwrap());
    stage.begin(Start::Local { opponent: Opponent::Person });
    stage.keys("7u");
    stage.sees("Player 1 asks for a TAKEBACK");
    stage.keys("N");
    stage.sees("Your turn, Player 2.");
    stage.keys("d");
    stage.sees("Player 2 offers a draw.");
    stage.keys("a");
    stage.sees("Only a match on a server can be adjourned.");
}

#[test]
fn an_adjourned_match_waits_on_the_screen_and_goes_on() {
    let mut stage = playing();
    stage.keys("7");
    stage.ben_drops();
    stage.pass(30);
    stage.keys("A");
    stage.sees("Waiting for ben: the match is adjourned, and goes on when both are back.");
    stage.sees("does not outlive a restart");
    let kept = |cmd: &Cmd| matches!(cmd, Cmd::KeepSeat(seat) if seat.is_adjourned);
    assert!(stage.wanted(kept));
    stage.key(KeyCode::Esc);
    stage.sees("Resume");
    stage.key(KeyCode::Enter);
    stage.ben_returns();
    stage.sees("The match goes on. Waiting for ben to play O.");
}

#[test]
fn an_adjourned_match_is_left_in_the_menu_and_returned_to() {
    let mut stage = playing();
    stage.keys("7");
    stage.ben_drops();
    stage.pass(30);
    stage.keys("A");
    stage.key(KeyCode::Esc);
    // Another game leaves it, and does not give it up.
    stage.keys("t");
    assert_eq!(stage.model.saved_seats.len(), 1);
    assert!(!stage.wanted(|cmd| matches!(cmd, Cmd::ForgetSeat(_))));
    stage.key(KeyCode::Esc);
    stage.keys("x");
    stage.sees("Return");
    stage.sees("against ben, adjourned, 192.168.1.7:1952");
    stage.sees("Enter returns to your adjourned match against ben, until its server stops.");
    stage.keys("1");
    stage.ana_returns();
    stage.sees("Waiting for ben: the match is adjourned");
    assert_eq!(stage.model.saved_seats.len(), 0, "it is on the screen");
    stage.ben_returns();
    stage.sees("The match goes on.");
    stage.ben_plays("b2");
    stage.sees("Your turn. You are X. ben played the center (5).");
}

#[test]
fn who_has_left_the_room_of_an_adjourned_match_joins_it_again() {
    let mut stage = playing();
    stage.ben_drops();
    stage.pass(30);
    stage.keys("A");
    stage.key(KeyCode::Esc);
    stage.keys("t");
    stage.key(KeyCode::Esc);
    stage.keys("x1");
    stage.ana_returns();
    stage.sees("Waiting for ben: the match is adjourned");
}

#[test]
fn who_was_away_finds_the_match_adjourned_and_goes_on() {
    let mut stage = playing();
    stage.net(NetMsg::Closed(None));
    stage.ana_is_lost();
    stage.pass(0);
    stage.now += Duration::from_secs(31);
    stage.ben_asks(Command::Claim { match_number: 1, claim: Claim::Adjourn });
    stage.ana_returns();
    stage.sees("Your turn. You are X.");
    assert!(matches!(stage.model.screen, Screen::Game(_)));
}

#[test]
fn to_adjourn_is_agreed_on_as_well() {
    let mut stage = playing();
    stage.ben_offers(OfferKind::Adjourn);
    stage.sees("ben asks to ADJOURN");
    stage.pass(1);
    stage.keys("Y");
    stage.sees("Adjourned. Enter goes on, once ben wants to as well; Esc for the menu.");
    stage.key(KeyCode::Esc);
    stage.sees("Enter returns to your game. It is adjourned; ben does not wait there.");
    let code = stage.model.game().unwrap().snapshot.code;
    stage.ben_asks(Command::Join { code, passcode: None });
    stage.sees("Enter returns to your game. It is adjourned; ben is there and waits.");
    stage.key(KeyCode::Enter);
    stage.sees("The match goes on. Your turn.");
}

#[test]
fn two_who_stay_go_on_with_an_adjourned_match_when_both_want_to() {
    let mut stage = playing();
    stage.ben_offers(OfferKind::Adjourn);
    stage.pass(1);
    stage.keys("Y");
    stage.key(KeyCode::Enter);
    stage.sees("You want to go on; ben is told.");
    let code = stage.model.game().unwrap().snapshot.code;
    stage.ben_asks(Command::Join { code, passcode: None });
    stage.sees("The match goes on. Your turn.");
}

#[test]
fn an_adjourned_match_can_be_resigned() {
    let mut stage = playing();
    stage.ben_drops();
    stage.pass(30);
    stage.keys("AR");
    stage.sees("Resign the match against ben?");
    stage.keys("y");
    stage.sees("You lost. You resigned.");
}

#[test]
fn the_muted_do_not_ring_the_bell_by_offers() {
    let mut stage = playing();
    stage.keys("7m");
    let _calls_before = stage.bells();
    stage.pass(10);
    stage.ben_offers(OfferKind::Draw);
    assert_eq!(stage.bells(), 0);
}
