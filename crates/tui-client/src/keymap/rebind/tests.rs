//! Whatever is bound to whatever, the program can be left, and nothing is decided by mistake.

use crossterm::event::KeyModifiers;
use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::{
    key::Key,
    keymap::{binding::When, names::parse as key},
};

fn rebound(entries: &[(&str, &[&str])]) -> (Keymap, Vec<(usize, String)>) {
    let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    let entries: Vec<_> = entries.iter().map(|(name, keys)| ((*name).to_owned(), owned(keys))).collect();
    Keymap::rebound(&entries)
}

#[track_caller]
fn check(keymap: &Keymap, context: Context, typed: &str, expected: Option<Action>) {
    let code = key(typed).unwrap();
    assert_eq!(keymap.action(context, &Key::new(code, KeyModifiers::NONE)), expected, "{context:?} {typed}");
}

/// The complaint about the last of some entries.
#[track_caller]
fn check_refused(entries: &[(&str, &[&str])], complaint: &str) {
    let (keymap, problems) = rebound(entries);
    assert_eq!(problems, [(entries.len() - 1, complaint.to_owned())]);
    assert!(keymap.clashes().next().is_none());
}

#[test]
fn no_key_has_two_meanings_in_one_context() {
    let (keymap, problems) = Keymap::rebound(&[]);
    assert!(problems.is_empty() && keymap.clashes().next().is_none());
    assert!(BINDINGS.chunk_by(|_, next| next.label.is_empty()).all(|group| {
        group.iter().all(|row| row.context == group[0].context) && !group[0].label.is_empty()
    }));
}

#[test]
fn a_key_that_is_bound_anew_acts_and_the_one_before_it_does_not() {
    let (keymap, problems) = rebound(&[("match.chat", &["F2", "f"]), ("match.place", &["p"])]);
    assert_eq!(problems, []);
    for typed in ["F2", "f"] {
        check(&keymap, Context::Match, typed, Some(Action::Chat));
        check(&keymap, Context::Absent, typed, Some(Action::Chat));
    }
    check(&keymap, Context::Match, "t", None);
    check(&keymap, Context::Match, "Enter", None);
    check(&keymap, Context::Match, "p", Some(Action::Place));
    check(&keymap, Context::Over, "t", Some(Action::Chat));
}

#[test]
fn two_actions_exchange_their_keys() {
    let (keymap, problems) = rebound(&[("match.chat", &["m"]), ("match.mute", &["t"])]);
    assert_eq!(problems, []);
    check(&keymap, Context::Match, "m", Some(Action::Chat));
    check(&keymap, Context::Match, "t", Some(Action::Mute));
}

#[test]
fn esc_and_the_arrows_are_kept_beside_other_keys() {
    let (keymap, problems) =
        rebound(&[("match.back", &["f"]), ("match.up", &["w"]), ("match.watchable", &["k"])]);
    assert_eq!(problems, []);
    for (typed, action) in [("f", Action::Back), ("Esc", Action::Back), ("w", Action::Up), ("Up", Action::Up)]
    {
        check(&keymap, Context::Match, typed, Some(action));
    }
    check(&keymap, Context::Match, "k", Some(Action::Watchable));
}

#[test]
fn cells_have_nine_keys_and_the_keypad_goes_on_to_play() {
    let keys: &[&str] = &["z", "f", "c", "v", "n", ";", "q", "'", "y"];
    let (keymap, problems) = rebound(&[("match.numpad", keys), ("match.mute", &["7"])]);
    assert_eq!(problems, []);
    check(&keymap, Context::Match, "z", Some(Action::Numpad(1)));
    check(&keymap, Context::Match, "y", Some(Action::Numpad(9)));
    check(&keymap, Context::Match, "Home", Some(Action::Numpad(7)));
    check(&keymap, Context::Match, "7", Some(Action::Mute));
    check(&keymap, Context::LinkDown, "7", Some(Action::Numpad(7)));
    assert_eq!(keymap.fill(Context::Match, "<match.numpad 1> to <match.numpad 9>"), "z to y");
    let footer: Vec<_> =
        keymap.footer(Context::Match, false, When::ALL).map(|binding| &*binding.label).collect();
    assert!(footer.contains(&"zfcvn;q'y"), "{footer:?}");
}

#[test]
fn each_complaint_says_what_is_wrong() {
    check_refused(&[("match.fly", &["f"])], "no action is called `match.fly`");
    check_refused(&[("match", &["f"])], "no action is called `match`");
    check_refused(&[("\u{1b}[2J", &["f"])], "no action is called `\\u{1b}[2J`");
    check_refused(&[("everywhere.quit", &["f"])], "the keys of `everywhere.quit` are fixed");
    check_refused(&[("chat.select", &["f"])], "the keys of `chat.select` are fixed");
    check_refused(&[("match.chat", &[])], "`match.chat` takes one to 3 keys");
    check_refused(&[("match.chat", &["a", "b", "c", "d"])], "`match.chat` takes one to 3 keys");
    check_refused(&[("match.numpad", &["a"])], "`match.numpad` takes 9 keys, in the order of the digits");
    check_refused(&[("match.chat", &["Esc"])], "`Esc` keeps its meaning");
    check_refused(&[("match.chat", &["f", "f"])], "`f` is taken by `match.chat`");
    check_refused(&[("everywhere.help", &["f"])], "`f` is text in a form: take another key, such as F1");
    for typed in ["Ctrl-C", "", "あ", "\u{7}"] {
        let (_, problems) = rebound(&[("match.chat", &[typed])]);
        assert!(matches!(&*problems, [(0, told)] if told.contains("is no key:")), "{problems:?}");
    }
}

#[test]
fn a_clash_leaves_the_earlier_entry_and_the_rest() {
    check_refused(&[("match.chat", &["d"])], "`d` is taken by `match.offer-draw`");
    check_refused(&[("match.chat", &["f"]), ("match.mute", &["f"])], "`f` is taken by `match.chat`");
    check_refused(&[("match.chat", &["?"])], "`?` is taken by `everywhere.help`");
    let (keymap, problems) =
        rebound(&[("match.mute", &["f"]), ("match.chat", &["d"]), ("over.copy", &["z"])]);
    assert_eq!(problems.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [1]);
    check(&keymap, Context::Match, "f", Some(Action::Mute));
    check(&keymap, Context::Match, "t", Some(Action::Chat));
    check(&keymap, Context::Over, "z", Some(Action::Copy));
    // An entry that is refused itself keeps no other from its key.
    let (keymap, problems) = rebound(&[("match.chat", &["f", "d"]), ("match.mute", &["f"])]);
    assert_eq!(problems.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0]);
    check(&keymap, Context::Match, "f", Some(Action::Mute));
}

#[test]
fn what_decides_has_a_key_of_its_own() {
    check_refused(&[("offer.accept", &["t"])], "`t` is taken by `match.chat`");
    check_refused(&[("offer.accept", &["D"])], "`D` is taken by `match.offer-draw`");
    check_refused(&[("absent.claim-win", &["y"])], "`y` is taken by `over.copy`");
    check_refused(&[("over.rematch", &["Y"])], "`Y` is taken by `offer.accept`");
    check_refused(&[("match.offer-draw", &["p"])], "`p` is taken by `absent.adjourn`");
    check_refused(&[("confirm.yes", &["R"])], "`R` is taken by `match.resign`");
    let (keymap, problems) = rebound(&[("offer.accept", &["F5"]), ("match.offer-draw", &["y"])]);
    assert_eq!(problems, []);
    check(&keymap, Context::Offer, "F5", Some(Action::Accept));
}

#[test]
fn sentences_and_labels_say_the_keys_that_are_bound() {
    let keys: &[(&str, &[&str])] = &[
        ("match.up", &["w"]),
        ("match.down", &["s"]),
        ("match.watchers-talk", &["F7"]),
        ("match.watchable", &["F8"]),
        ("over.rematch", &["Space", "n"]),
        ("offer.accept", &["F5"]),
    ];
    let (keymap, problems) = rebound(keys);
    assert_eq!(problems, []);
    let label = |action| &*keymap.binding(Context::Match, action).unwrap().label;
    assert_eq!(label(Action::Up), "arrows wshl");
    assert_eq!(label(Action::WatchersTalk), "F7");
    let over = keymap.binding(Context::Over, Action::Rematch).unwrap();
    assert_eq!(over.label, "Space n");
    let fill = |sentence| keymap.fill(Context::Over, sentence);
    assert_eq!(fill("Press <over.rematch> for a rematch."), "Press Space for a rematch.");
    assert_eq!(fill("Shift-<offer.accept>, Shift-<offer.decline>"), "F5, Shift-N");
    assert_eq!(fill("a < b, <x>, <match.numpad>"), "a < b, <x>, <match.numpad>");
    // The context's own key is meant.
    assert_eq!(keymap.fill(Context::Rooms, "<lan.join>"), "c");
}

#[test]
fn every_binding_that_a_sentence_names_exists() {
    let sources = [
        include_str!("../../overlay.rs"),
        include_str!("../../plain/words.rs"),
        include_str!("../../status_line.rs"),
        include_str!("../../status_line/ending.rs"),
        include_str!("../../status_line/game.rs"),
        include_str!("../../status_line/lists.rs"),
        include_str!("../../status_line/notices.rs"),
        include_str!("../../view.rs"),
        include_str!("../../view/chat.rs"),
        include_str!("../../view/list.rs"),
        include_str!("../../view/side.rs"),
    ];
    let is_name = |text: &&str| {
        text.contains('.') && text.chars().all(|it| it.is_ascii_lowercase() || " .-123456789".contains(it))
    };
    let pieces = sources.iter().flat_map(|source| source.split('<').skip(1));
    let names = pieces.filter_map(|piece| Some(piece.split_once('>')?.0)).filter(is_name);
    let mut count = 0;
    for name in names {
        assert!(names::find(name).is_some(), "<{name}>");
        count += 1;
    }
    assert!(count > 50, "{count} names");
}

#[test]
fn the_list_of_names_is_in_the_manual() {
    let manual = include_str!("../../../../../docs/KEYS.md");
    let lines = Keymap::default().rows().into_iter().map(|(name, keys, meaning)| {
        let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        format!("| `{name}` | {} | {meaning} |\n", keys.join(" "))
    });
    let missing: String = lines.clone().filter(|line| !manual.contains(line)).collect();
    assert!(missing.is_empty(), "missing in docs/KEYS.md:\n{missing}");
    assert_eq!(manual.matches("\n| `").count(), lines.count(), "docs/KEYS.md names a binding that is gone");
}

fn entries() -> impl Strategy<Value = Vec<(String, Vec<String>)>> {
    let names: Vec<String> = Keymap::default().rows().into_iter().map(|(name, ..)| name).collect();
    let keys: Vec<String> = "abdehjkmopqrtuwyARDNPQWY157?/ "
        .chars()
        .map(|key| names::written(KeyCode::Char(key)))
        .chain(["Enter", "Esc", "Up", "PgUp", "F1", "Ctrl-C"].map(str::to_owned))
        .collect();
    vec((select(names), vec(select(keys), 0..10)), 0..60)
}

proptest! {
    #[test]
    fn any_bindings_leave_one_meaning_a_key_and_a_way_out(entries in entries()) {
        let (keymap, problems) = Keymap::rebound(&entries);
        prop_assert!(keymap.clashes().next().is_none());
        // Each entry is refused or acts.
        let (plain, _) = Keymap::rebound(&[]);
        let mut told: Vec<usize> = problems.iter().map(|(index, _)| *index).collect();
        told.dedup();
        prop_assert_eq!(told.len(), problems.len());
        for (own, row) in keymap.bindings.iter().zip(&plain.bindings) {
            let context = own.context;
            for code in &*own.keys {
                let pressed = Key::new(*code, own.modifiers);
                let is_typed = context.is_typing() && pressed.is_text();
                let expected = (!is_typed).then(|| own.action_of(*code));
                prop_assert_eq!(keymap.action(context, &pressed), expected);
            }
            let ctrl_c = Key::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
            prop_assert_eq!(keymap.action(context, &ctrl_c), Some(Action::Quit));
            let is_led_back = row.keys.contains(&KeyCode::Esc);
            prop_assert!(!is_led_back || own.keys.contains(&KeyCode::Esc));
            prop_assert!(!own.keys.is_empty());
        }
    }
}
