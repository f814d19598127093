//! The form for a new game.

use crossterm::event::KeyCode::{self, Down, Left, Right, Up};
use net::proto::{Terms, Visibility};

use super::*;

/// A form, opened by this key of the menu, on a screen that shows all of it.
fn form(key: &str) -> Harness {
    let mut harness = Harness::new(Rules::default());
    harness.is_cut = true;
    harness.model.new_game.level = game_core::Level::Perfect;
    harness.begin(Start::Menu);
    harness.keys(key);
    harness
}

/// Asserts that keys on a field lead to a command.
#[track_caller]
fn check(opened_by: &str, field: usize, keys: &[KeyCode], command: &str) {
    let mut harness = form(opened_by);
    for _ in 0..field {
        harness.key(Down);
    }
    for key in keys {
        harness.key(*key);
    }
    harness.sees(&format!("{command} Enter"));
}

fn typed(text: &str) -> Vec<KeyCode> {
    text.chars().map(KeyCode::Char).chain([KeyCode::Enter]).collect()
}

#[test]
fn arrows_change_each_value_and_go_round() {
    for (opened_by, field, keys, command) in [
        ("h", 0, &[][..], "oxo host"),
        ("h", 0, &[Right], "oxo host --board 5x5:4"),
        ("h", 0, &[Right, Right, Right, Right], "oxo host"),
        ("h", 0, &[Left], "oxo host --board 15x15:5"),
        ("h", 0, &[Up, Right, Left], "oxo host"),
        ("h", 1, &[Right], "oxo host --misere"),
        ("h", 1, &[Left, KeyCode::Char(' ')], "oxo host"),
        ("h", 2, &[Right], "oxo host --best-of 3"),
        ("h", 3, &[Left], "oxo host --clock 5m+3s"),
        ("h", 4, &[Right], "oxo host --hidden"),
        ("h", 4, &[Left], "oxo host --passcode 0042"),
        ("o", 4, &[Left], "oxo bot --level easy"),
        ("o", 5, &[Right], "oxo bot --first bot"),
        ("t", 4, &[Right], "oxo local"),
        ("t", 9, &[Left], "oxo local"),
    ] {
        check(opened_by, field, keys, command);
    }
}

#[test]
fn values_are_typed_where_the_choices_are_not_all() {
    for (opened_by, field, text, command) in [
        ("h", 0, "7X6:4", "oxo host --board 7x6:4"),
        ("h", 2, "11", "oxo host --best-of 11"),
        ("h", 2, "off", "oxo host"),
        ("h", 3, " 90s ", "oxo host --clock 90s"),
        ("t", 4, "ann bo", "oxo local --names 'ann bo' 'Player 2'"),
        ("t", 5, "o'neil", r"oxo local --names 'Player 1' 'o'\''neil'"),
        ("t", 5, "", "oxo local"),
    ] {
        check(opened_by, field, &typed(text)[usize::from(text.is_empty())..], command);
    }
    let mut harness = form("h");
    for key in [Down, Down, Down, Down, Left, Down] {
        harness.key(key);
    }
    harness.keys("-tu na?\r");
    harness.sees("Not taken: a passcode has");
    for _ in 0..4 {
        harness.key(KeyCode::Backspace);
    }
    harness.keys("na\r");
    harness.sees("oxo host --passcode=-tuna Enter");
}

#[test]
fn what_is_no_value_stays_until_it_is_corrected_or_left() {
    for (field, text, said) in [
        (0, "2x2", "Not taken: a board has from 3 to 19 columns."),
        (0, "5x5:6", "Not taken: in a row must be from 3 to 5"),
        (2, "4", "Not taken: a series is the best of an odd number"),
        (3, "soon", "Not taken: a clock is `off`, a time"),
    ] {
        for leave in [KeyCode::Enter, Down] {
            let mut harness = form("h");
            for _ in 0..field {
                harness.key(Down);
            }
            harness.keys(text);
            harness.key(leave);
            harness.sees(said);
            harness.keys("x");
            harness.sees(&format!("{text}x"));
            harness.key(KeyCode::Esc);
            harness.sees("oxo host Enter starts the game.");
        }
    }
}

#[test]
fn a_text_is_kept_by_going_on_and_dropped_by_escape() {
    let mut harness = form("h");
    harness.keys("4x4");
    harness.key(KeyCode::Esc);
    harness.sees("oxo host Enter");
    harness.keys("4x4");
    harness.key(Down);
    harness.key(Right);
    harness.sees("oxo host --board 4x4:4 --misere Enter");
    harness.tell(Msg::Paste("9x9".into()));
    harness.sees("oxo host --board 4x4:4 --misere Enter");
    harness.key(Up);
    harness.tell(Msg::Paste("9x9\n".into()));
    harness.keys("\r");
    harness.sees("oxo host --board 9x9:5 --misere Enter");
    harness.key(KeyCode::Esc);
    harness.sees("Quick match");
    assert_eq!(harness.model.new_game.terms, Terms::default(), "what was not begun is forgotten");
}

#[test]
fn only_a_bot_that_knows_the_board_is_offered() {
    let mut harness = form("o");
    harness.key(Right);
    harness.sees("oxo bot --board 5x5:4 --level easy Enter");
    for key in [Down, Down, Down, Down, Right] {
        harness.key(key);
    }
    harness.sees("oxo bot --board 5x5:4 --level easy Enter starts the game. The perfect bot plays 3x3 only.");
    for key in [Up, Up, Up, Up, Left] {
        harness.key(key);
    }
    harness.sees("oxo bot Enter");
    harness.key(Right);
    harness.keys("\r");
    harness.sees("Your turn. You are X.");
    assert_eq!(harness.model.new_game.level, game_core::Level::Perfect, "it is wanted where it plays");
}

#[test]
fn whatever_a_form_is_filled_with_begins() {
    let seed = 1952;
    let mut random = game_core::SplitMix64::new(seed);
    let mut pick = |count: usize| usize::try_from(random.below(u64::try_from(count).unwrap())).unwrap();
    let keys = [Up, Down, Left, Right, KeyCode::Tab, KeyCode::Enter, KeyCode::Esc, KeyCode::Backspace];
    let typed: Vec<KeyCode> = "19x:mos+ f".chars().map(KeyCode::Char).collect();
    for walk in 0..200 {
        let mut harness = form(["o", "t"][pick(2)]);
        let mut steps = Vec::new();
        for _ in 0..40 {
            let step = if pick(3) == 0 { typed[pick(typed.len())] } else { keys[pick(keys.len())] };
            let Screen::NewGame(form) = &harness.model.screen else { break };
            let leaves = matches!(step, KeyCode::Enter | KeyCode::Esc) && form.input.is_none();
            if !leaves {
                steps.push(step);
                harness.key(step);
            }
        }
        let Screen::NewGame(form) = &harness.model.screen else { panic!("{steps:?}") };
        if form.input.is_some() {
            harness.key(KeyCode::Esc);
        }
        harness.key(KeyCode::Enter);
        let is_begun = matches!(harness.model.screen, Screen::Game(_));
        assert!(is_begun, "walk {walk} of seed {seed}, {steps:?}:\n{}", harness.screen());
    }
}

#[test]
fn enter_begins_the_game_and_the_next_form_is_filled_with_it() {
    let mut harness = form("h");
    for key in [Left, Down, Down, Right, Down, Right, Down, Right] {
        harness.key(key);
    }
    let command = "oxo host --board 15x15:5 --best-of 3 --clock 30s --hidden";
    harness.sees(command);
    harness.keys("\r");
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::Serve(_))));
    assert_eq!(harness.model.new_game.visibility, Visibility::Hidden);
    harness.key(KeyCode::Esc);
    harness.keys("h");
    harness.sees(command);
    harness.key(KeyCode::Esc);
    harness.keys("t");
    harness.sees("oxo local --board 15x15:5 --best-of 3 --clock 30s Enter");
    for key in [Down, Down, Down, Down] {
        harness.key(key);
    }
    harness.keys("ann\r");
    harness.keys("\r");
    harness.sees("Your turn, ann.");
    let Screen::Game(game) = &harness.model.screen else { panic!("a game") };
    assert_eq!(game.snapshot.terms(), harness.model.new_game.terms);
}

#[test]
fn the_form_is_whole_at_every_size() {
    for (width, height) in [(80, 24), (40, 12), (20, 7)] {
        let mut harness = form("h");
        harness.model.size = (width, height).into();
        for key in [Down, Down, Down, Down, Left] {
            harness.key(key);
        }
        harness.sees("Enter starts");
        for label in ["A line", "Series", "Clock", "Room", "locked"] {
            harness.sees(label);
        }
        harness.key(Down);
        harness.sees("0042");
        harness.keys("tuna");
        harness.sees("tuna");
        harness.sees("Enter takes it");
        harness.keys("\r");
        harness.sees("tuna");
        harness.keys("a b\r");
        harness.sees("Not");
    }
}
