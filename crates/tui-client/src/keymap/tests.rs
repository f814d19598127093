//! The table has one meaning a key, and keys have many encodings.

use crossterm::event::{
    KeyCode::{self, Char, Esc},
    KeyEvent, KeyEventKind, KeyEventState, KeyModifiers,
};

use super::{table::BINDINGS, *};
use crate::key::Key;

#[track_caller]
fn check(context: Context, code: KeyCode, modifiers: KeyModifiers, expected: Option<Action>) {
    let action = Keymap::default().action(context, &Key::new(code, modifiers));
    assert_eq!(action, expected, "{context:?} {code:?}");
}

#[test]
fn no_offer_shares_its_letter_with_a_claim() {
    let letters = |actions: [Action; 3]| {
        let bound = BINDINGS.iter().filter(move |binding| actions.contains(&binding.action));
        bound.flat_map(|binding| binding.label.chars().map(|letter| letter.to_ascii_lowercase()))
    };
    let claims: Vec<char> = letters([Action::ClaimWin, Action::CallDraw, Action::Adjourn]).collect();
    assert_eq!(claims, ['w', 'c', 'p']);
    let mut offers = letters([Action::OfferDraw, Action::OfferTakeback, Action::OfferAdjourn]);
    assert!(offers.all(|letter| !claims.contains(&letter)));
}

#[test]
fn a_footer_shows_each_key_once() {
    for context in BINDINGS.iter().map(|binding| binding.context) {
        for is_called in [false, true] {
            let keymap = Keymap::default();
            let shown: Vec<_> = keymap.footer(context, is_called, When::ALL).collect();
            for (index, binding) in shown.iter().enumerate() {
                let earlier = || shown[..index].iter().filter(|other| other.modifiers == binding.modifiers);
                let is_new = |key| earlier().all(|other| !other.keys.contains(key));
                assert!(binding.keys.iter().all(is_new), "{binding:?}");
            }
        }
    }
}

#[test]
fn every_key_acts_in_some_context() {
    let keymap = Keymap::default();
    for binding in BINDINGS {
        let is_live = |key: &KeyCode| {
            let contexts = BINDINGS.iter().map(|other| other.context);
            contexts.filter(|context| *context != Context::Everywhere).any(|context| {
                let first = keymap
                    .bindings(context)
                    .find(|other| other.modifiers == binding.modifiers && other.keys.contains(key));
                first.is_some_and(|first| (first.context, &first.keys) == (binding.context, &binding.keys))
            })
        };
        assert!(binding.keys.iter().all(is_live), "{binding:?}");
    }
}

#[test]
fn the_help_leaves_out_keys_that_never_act() {
    let is_muting = |binding: &&Binding| binding.action == Action::Mute;
    let keymap = Keymap::default();
    assert_eq!(keymap.help(Context::Match, When::ALL).filter(is_muting).count(), 1);
    let local = [When::Always, When::MayPlace];
    assert_eq!(keymap.help(Context::Match, &local).filter(is_muting).count(), 0, "there is nobody to mute");
}

#[test]
fn a_match_keeps_its_keys_while_something_is_offered_or_somebody_is_away() {
    for context in [Context::Offer, Context::Absent] {
        check(context, Char('5'), KeyModifiers::NONE, Some(Action::Numpad(5)));
        check(context, Char('?'), KeyModifiers::NONE, Some(Action::Help));
    }
    check(Context::Offer, Char('Y'), KeyModifiers::SHIFT, Some(Action::Accept));
    check(Context::Absent, Char('W'), KeyModifiers::SHIFT, Some(Action::ClaimWin));
    for letter in ['Y', 'N', 'W', 'C', 'P'] {
        check(Context::Match, Char(letter), KeyModifiers::SHIFT, None);
    }
}

#[test]
fn the_particular_wins_over_the_general() {
    check(Context::Confirm, Esc, KeyModifiers::NONE, Some(Action::No));
    check(Context::Connecting, Char('?'), KeyModifiers::NONE, Some(Action::Help));
}

#[test]
fn modifiers_match_exactly_and_shift_belongs_to_the_letter() {
    check(Context::Match, Char('R'), KeyModifiers::SHIFT, Some(Action::Resign));
    check(Context::Match, Char('r'), KeyModifiers::NONE, None);
    check(Context::Match, Char('i'), KeyModifiers::ALT, None);
    check(Context::Match, Char('c'), KeyModifiers::CONTROL, Some(Action::Quit));
    check(Context::Match, KeyCode::Up, KeyModifiers::SHIFT, None);
}

#[test]
fn only_a_press_acts() {
    for kind in [KeyEventKind::Release, KeyEventKind::Repeat] {
        let key = KeyEvent::new_with_kind(Char('5'), KeyModifiers::NONE, kind);
        assert_eq!(Keymap::default().action(Context::Match, &key.into()), None);
    }
}

#[test]
fn the_keypad_without_numlock_places_marks_and_its_arrows_move() {
    for (code, digit) in [
        (KeyCode::Home, 7),
        (KeyCode::PageUp, 9),
        (KeyCode::KeypadBegin, 5),
        (KeyCode::End, 1),
        (KeyCode::PageDown, 3),
    ] {
        check(Context::Match, code, KeyModifiers::NONE, Some(Action::Numpad(digit)));
        check(Context::LinkDown, code, KeyModifiers::NONE, Some(Action::Numpad(digit)));
        check(Context::Menu, code, KeyModifiers::NONE, None);
    }
    check(Context::Rooms, KeyCode::PageUp, KeyModifiers::NONE, Some(Action::PageUp));
    check(Context::Match, KeyCode::Up, KeyModifiers::NONE, Some(Action::Up));
}

#[test]
fn digits_and_letters_of_every_script_act() {
    check(Context::Match, Char('５'), KeyModifiers::NONE, Some(Action::Numpad(5)));
    check(Context::Match, Char('\u{665}'), KeyModifiers::NONE, Some(Action::Numpad(5)));
    check(Context::Menu, Char('ｈ'), KeyModifiers::NONE, Some(Action::Host));
    check(Context::Menu, Char('？'), KeyModifiers::NONE, Some(Action::Help));
    check(Context::Chat, Char('５'), KeyModifiers::NONE, None);
}

#[test]
fn with_caps_lock_small_letters_act_and_no_capital_decides() {
    check(Context::Menu, Char('H'), KeyModifiers::SHIFT, Some(Action::Host));
    check(Context::Lan, Char('R'), KeyModifiers::SHIFT, Some(Action::Rescan));
    check(Context::Match, Char('T'), KeyModifiers::SHIFT, Some(Action::Chat));
    // A match that has ended, and one whose other player is back.
    check(Context::Over, Char('R'), KeyModifiers::SHIFT, None);
    check(Context::Match, Char('W'), KeyModifiers::SHIFT, None);
    check(Context::Menu, Char('H'), KeyModifiers::ALT, None);
}

#[test]
fn caps_lock_that_the_terminal_tells_is_no_shift() {
    let with_caps_lock = |letter, modifiers| {
        let state = KeyEventState::CAPS_LOCK;
        let key = KeyEvent { state, ..KeyEvent::new(Char(letter), modifiers) };
        Keymap::default().action(Context::Absent, &key.into())
    };
    assert_eq!(with_caps_lock('W', KeyModifiers::NONE), Some(Action::Watchable));
    assert_eq!(with_caps_lock('w', KeyModifiers::SHIFT), Some(Action::ClaimWin));
}

#[test]
fn a_letter_of_another_script_acts_by_its_position() {
    let act = |context, typed, by_position, modifiers| {
        let event = KeyEvent::new(Char(typed), modifiers);
        Keymap::default().action(context, &Key { event, by_position: Some(by_position) })
    };
    assert_eq!(act(Context::Menu, 'р', 'h', KeyModifiers::NONE), Some(Action::Host));
    assert_eq!(act(Context::Match, 'К', 'r', KeyModifiers::SHIFT), Some(Action::Resign));
    assert_eq!(act(Context::Everywhere, 'с', 'c', KeyModifiers::CONTROL), Some(Action::Quit));
    assert_eq!(act(Context::Match, 'é', '2', KeyModifiers::NONE), Some(Action::Numpad(2)));
    // A Latin letter is itself wherever it stands.
    assert_eq!(act(Context::Menu, 'q', 'a', KeyModifiers::NONE), Some(Action::QuickMatch));
    assert_eq!(act(Context::Chat, 'р', 'h', KeyModifiers::NONE), None);
}
