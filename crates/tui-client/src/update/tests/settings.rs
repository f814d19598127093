//! The page of the settings.

use crossterm::event::KeyCode;
use game_core::Rules;
use ratatui::layout::Size;

use crate::{
    cmd::{Cmd, Signal},
    config::Bell,
    env::TerminalEnv,
    keymap::Keymap,
    msg::Msg,
    new_game::Field,
    setting::{Place, Setting},
    test_harness::Harness,
    theme::ThemeName,
    update::Start,
};

/// The menu of somebody with a terminal of 256 colours.
fn menu() -> Harness {
    let mut harness = Harness::new(Rules::default());
    harness.model.env = TerminalEnv {
        term: Some("xterm-256color".into()),
        locale: Some(("LANG", "C.UTF-8".into())),
        ..TerminalEnv::default()
    };
    harness.model.apply_config();
    harness.begin(Start::Menu);
    harness
}

/// Presses a key some times.
fn press(harness: &mut Harness, key: KeyCode, times: usize) {
    for _ in 0..times {
        harness.key(key);
    }
}

/// The settings that were to be saved since the last call, as they are written.
fn kept(harness: &mut Harness) -> Vec<(Place, String)> {
    let cmds = std::mem::take(&mut harness.other_cmds);
    cmds.into_iter()
        .filter_map(|cmd| if let Cmd::KeepConfig(kept) = cmd { Some(kept) } else { None })
        .flatten()
        .collect()
}

#[test]
fn a_change_takes_effect_at_once_and_is_kept() {
    let mut harness = menu();
    harness.keys("s");
    harness.sees("Your name");
    harness.key(KeyCode::Down);
    harness.sees("\u{25c2} auto \u{25b8}");
    harness.key(KeyCode::Right);
    assert_eq!(harness.model.theme.name, ThemeName::Dark);
    assert_eq!(kept(&mut harness), [(Place::Top(Setting::Theme), "dark".into())]);
    press(&mut harness, KeyCode::Left, 2);
    assert_eq!(harness.model.theme.name, ThemeName::Edsac, "the choices are a ring");
    press(&mut harness, KeyCode::Down, 2);
    harness.keys(" ");
    assert!(harness.model.theme.is_ascii);
    harness.sees("< yes >");
    harness.key(KeyCode::Esc);
    harness.sees("s  Settings");
    assert!(harness.model.overlay.is_none());
}

#[test]
fn the_terminal_is_asked_for_its_background_when_the_theme_depends_on_it() {
    let mut harness = menu();
    let is_asked = |harness: &mut Harness, key| {
        harness.other_cmds.clear();
        harness.key(key);
        harness.wanted(|cmd| matches!(cmd, Cmd::Signal(Signal::AskBackground)))
    };
    harness.keys("s");
    harness.key(KeyCode::Down);
    assert!(!is_asked(&mut harness, KeyCode::Right), "dark");
    assert!(is_asked(&mut harness, KeyCode::Left), "auto");
}

#[test]
fn a_name_is_typed_and_nonsense_stays_to_be_mended() {
    let mut harness = menu();
    harness.keys("sbo?");
    assert!(kept(&mut harness).is_empty(), "it is not taken yet");
    harness.key(KeyCode::Backspace);
    harness.keys("b");
    harness.key(KeyCode::Down);
    assert_eq!(kept(&mut harness), [(Place::Top(Setting::Name), "bob".into())]);
    assert_eq!(harness.model.me.as_str(), "bob");
    harness.key(KeyCode::Up);
    harness.keys(" is a name of too many letters");
    harness.key(KeyCode::Enter);
    harness.sees("`name` takes a name of at most 16 columns, or nothing");
    harness.key(KeyCode::Down);
    harness.sees("`name` takes a name");
    harness.key(KeyCode::Esc);
    assert_eq!(harness.model.me.as_str(), "bob", "the name of before stays");
    harness.keys("s");
    press(&mut harness, KeyCode::Backspace, 3);
    harness.key(KeyCode::Esc);
    assert!(kept(&mut harness).is_empty(), "Esc leaves it as it was");
    assert_eq!(harness.model.me.as_str(), "bob");
    harness.keys("s");
    press(&mut harness, KeyCode::Backspace, 3);
    harness.sees("your login name");
    harness.key(KeyCode::Enter);
    assert_eq!(kept(&mut harness), [(Place::Top(Setting::Name), String::new())]);
    assert_eq!(harness.model.me.as_str(), "ana", "the login name");
}

#[test]
fn what_cannot_be_saved_is_said_until_the_next_key() {
    let mut harness = menu();
    harness.keys("s");
    harness
        .tell(Msg::ConfigNotKept("config.toml: it is read-only. The change holds for this run only.".into()));
    harness.sees("it is read-only. The change holds for this run only.");
    harness.key(KeyCode::Down);
    assert!(!harness.screen().contains("read-only"));
}

#[test]
fn a_key_with_a_long_name_leaves_the_entries_of_the_menu_aligned() {
    let mut harness = menu();
    let entries = [("menu.host".to_owned(), vec!["F2".to_owned()])];
    harness.model.keymap = Keymap::rebound(&entries).0;
    harness.sees("F2  Host          choose");
    harness.sees("q   Quick match   join");
}

#[test]
fn the_smallest_screens_say_their_state_in_whole_words() {
    let mut harness = menu();
    harness.model.size = Size { width: 20, height: 7 };
    harness.sees("Enter selects.");
    let mut harness = Harness::new(Rules::default()).join();
    harness.model.size = Size { width: 20, height: 7 };
    harness.sees("Waiting for guest.");
}

#[test]
fn the_page_is_one_block_with_the_line_in_words() {
    let mut harness = menu();
    harness.keys("s");
    harness.model.size = Size { width: 120, height: 40 };
    let screen = harness.screen();
    let row = |text: &str| screen.lines().position(|line| line.contains(text)).unwrap();
    assert!(row("Settings") > 5, "{screen}");
    assert!(row("Type it, then Enter") < row("Settings") + 18, "{screen}");
}

#[test]
fn the_page_is_whole_at_every_size() {
    let mut harness = menu();
    harness.keys("s");
    for _ in 0..12 {
        for (width, height) in [(80, 24), (40, 12), (20, 7)] {
            harness.model.size = Size { width, height };
            let crate::overlay::Overlay::Settings(page) = harness.model.overlay.clone().unwrap() else {
                panic!()
            };
            harness.sees(&page.setting().key());
        }
        harness.key(KeyCode::Down);
    }
}

#[test]
fn the_bell_rings_never_when_away_or_always() {
    for (bell, away, here) in [(Bell::Never, 0, 0), (Bell::WhenAway, 1, 0), (Bell::Always, 1, 1)] {
        for (is_focused, expected) in [(false, away), (true, here)] {
            let mut harness = Harness::new(Rules::default()).join();
            harness.model.config.bell = bell;
            harness.model.apply_config();
            harness.tell(Msg::Focus(is_focused));
            harness.bells();
            let mut harness = harness.with_friend();
            assert_eq!(harness.bells(), expected, "{bell:?}, looking: {is_focused}");
        }
    }
}

#[test]
fn a_game_that_is_begun_by_the_form_is_kept_without_its_passcode() {
    let mut harness = menu();
    harness.keys("t");
    harness.key(KeyCode::Right);
    harness.keys("\r");
    let kept = kept(&mut harness);
    assert_eq!(kept[0], (Place::NewGame(Field::Board), "5x5:4".into()));
    assert_eq!(kept.len(), Field::KEPT.len());
}

#[test]
fn without_hints_their_key_does_nothing_and_is_not_shown() {
    for has_hints in [true, false] {
        let mut harness = menu();
        harness.model.config.hints = has_hints;
        harness.keys("o\r");
        harness.keys("g");
        assert_eq!(harness.model.game().unwrap().shown_hint().is_some(), has_hints);
        assert_eq!(harness.screen().contains("g hint"), has_hints);
    }
}
