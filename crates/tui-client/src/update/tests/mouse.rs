//! The mouse: what looks like a button is one, and no stray click destroys anything.

use crossterm::event::KeyCode;
use game_core::Rules;
use net::proto::{ChatMessage, Command, OfferKind, Phase};
use ratatui::layout::Position;

use crate::{
    buttons::Target,
    keymap::Action,
    lan_games::LanGames,
    model::Screen,
    msg::Msg,
    test_harness::{Harness, lan_room},
    update::Start,
};

fn with_ben() -> Harness {
    Harness::new(Rules::default()).join().with_ben()
}

/// The list of three games on the network.
fn list() -> Harness {
    let mut harness = Harness::new(Rules::default());
    harness.begin(Start::Games { watches: false });
    let mut games = LanGames::searching(harness.now);
    for (id, code) in [(1, "KITE-42"), (2, "LIME-19"), (3, "RUBY-07")] {
        lan_room(id, code, "ben", None).is_found(&mut games, harness.now);
    }
    harness.tell(Msg::Lan(games));
    harness
}

#[test]
fn entries_of_the_menu_and_keys_of_a_footer_are_buttons() {
    let mut harness = Harness::new(Rules::default());
    harness.click("Join by code");
    harness.sees("join a game");
    harness.click("Esc back");
    harness.sees("Quick match");
}

#[test]
fn a_row_of_a_form_is_chosen_by_a_click_and_changed_by_another() {
    let mut harness = Harness::new(Rules::default());
    harness.click("Two players");
    harness.click("Series");
    harness.sees("one game after another");
    harness.click("Series");
    harness.sees("best of 3");
    harness.click("◂");
    harness.sees("one game after another");
    harness.click("Series");
    harness.click("start   Esc");
    harness.sees("Your turn, Player 1.");
}

#[test]
fn a_setting_is_chosen_by_a_click_and_changed_by_another() {
    let mut harness = Harness::new(Rules::default());
    harness.keys("s");
    let before = harness.model.config.bell;
    harness.click("bell");
    assert_eq!(harness.model.config.bell, before);
    harness.click("bell");
    assert_ne!(harness.model.config.bell, before);
    harness.click("< ");
    assert_eq!(harness.model.config.bell, before);
    harness.click("Esc");
    harness.sees("Quick match");
}

#[test]
fn a_click_chooses_a_game_and_another_one_enters_it() {
    let mut harness = list();
    let chosen = |harness: &Harness| {
        let Screen::Lan(list) = &harness.model.screen else { panic!("{:?}", harness.model.screen) };
        let rows = list.rows(&harness.model.lan);
        rows[list.chosen(&rows)].room.code.to_string()
    };
    let other = if chosen(&harness) == "LIME-19" { "KITE-42" } else { "LIME-19" };
    harness.click(other);
    assert_eq!(chosen(&harness), other);
    harness.click(other);
    // It was asked for, at a server that does not have it.
    harness.sees("Not let in: no room has this code.");
}

#[test]
fn a_click_on_a_row_counts_only_for_the_game_that_was_seen_there() {
    let mut harness = list();
    let seen = Target::Game { row: 0, code: "OAKEN-55".parse().unwrap() };
    for position in (0..24).map(|y| Position::new(20, y)) {
        harness.tell(Msg::Click { position, target: seen });
    }
    assert!(matches!(harness.model.screen, Screen::Lan(_)));
}

#[test]
fn a_question_is_answered_by_a_click_on_its_footer() {
    let mut harness = with_ben();
    harness.both_move();
    harness.click("R resign");
    harness.sees("Resign the match");
    harness.click("n no");
    assert!(harness.model.overlay.is_none());
    harness.click("R resign");
    harness.click("y yes");
    harness.sees("You resigned.");
    harness.click("r  rematch");
    harness.sees("waiting for ben");
}

#[test]
fn an_offer_is_answered_by_a_click_and_no_words_of_the_other_player_are_a_button() {
    let mut harness = Harness::new(Rules::default()).join().with_friend();
    harness.both_move();
    harness.ben_asks(Command::Say { message: ChatMessage::Line("Y  free marks".parse().unwrap()) });
    harness.ben_offers(OfferKind::Draw);
    harness.pass(2);
    harness.click("free marks");
    assert_eq!(harness.model.game().unwrap().snapshot.phase, Phase::Playing);
    harness.click("accept the draw");
    harness.sees("Draw. Both players agreed.");
    assert!(matches!(harness.model.game().unwrap().snapshot.phase, Phase::Over(_)));
}

#[test]
fn a_running_game_is_left_by_two_clicks() {
    let mut harness = Harness::new(Rules::default());
    harness.begin(Start::Connect(crate::goal::Goal::Local {
        opponent: crate::cmd::Opponent::Person { names: ["ann", "bob"].map(crate::test_harness::name) },
    }));
    harness.keys("5");
    harness.key(KeyCode::Esc);
    harness.click("Leave it");
    assert!(harness.model.game().is_some(), "a stray click");
    harness.click("Leave it");
    assert!(harness.model.game().is_none());
}

#[test]
fn a_click_on_what_is_gone_does_nothing() {
    let mut harness = with_ben();
    let position = Position::new(4, 23);
    let target = Target::Act(Action::Resign);
    harness.tell(Msg::Click { position, target });
    assert!(harness.model.overlay.is_none());
    harness.keys("?");
    harness.click("Esc close");
    assert!(harness.model.overlay.is_none());
}

#[test]
fn a_line_is_said_by_a_click_and_an_emote_is_one() {
    let mut harness = Harness::new(Rules::default()).join().with_friend();
    harness.click("t chat");
    harness.keys("hello");
    harness.click("Enter say it");
    harness.sees("ana   hello");
    harness.keys("e");
    harness.click("2 gg");
    harness.sees("ana   gg");
}
