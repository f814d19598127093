//! The words of plain mode: another keymap of the same actions, and the sentences of the status line without the keys of
//! the screen.

use crate::keymap::{Action, Binding, Context, Keymap, replace_names};

/// A word for each action, where its context has one. Of two actions with a word, the first that the context has is meant.
const WORDS: &[(&str, Action)] = &[
    ("quick", Action::QuickMatch),
    ("list", Action::Browse),
    ("host", Action::Host),
    ("join", Action::Join),
    ("watch", Action::Watch),
    ("bot", Action::Bot),
    ("local", Action::TwoPlayers),
    ("replays", Action::Replays),
    ("replay", Action::Replay),
    ("next", Action::Forward),
    ("previous", Action::Backward),
    ("first", Action::First),
    ("last", Action::Last),
    ("run", Action::Run),
    ("faster", Action::Faster),
    ("slower", Action::Slower),
    ("mistake", Action::NextMistake),
    ("branch", Action::Branch),
    ("export", Action::Export),
    ("settings", Action::Settings),
    ("return", Action::Resume),
    ("leave", Action::LeaveGame),
    ("forget", Action::Forget),
    ("visibility", Action::Visibility),
    ("say", Action::Chat),
    ("emote", Action::Emotes),
    ("hint", Action::Hint),
    ("draw", Action::OfferDraw),
    ("takeback", Action::OfferTakeback),
    ("adjourn", Action::OfferAdjourn),
    ("resign", Action::Resign),
    ("accept", Action::Accept),
    ("decline", Action::Decline),
    ("claim win", Action::ClaimWin),
    ("claim draw", Action::CallDraw),
    ("claim adjourn", Action::Adjourn),
    ("go on", Action::GoOn),
    ("rematch", Action::Rematch),
    ("next", Action::Rematch),
    ("host", Action::Rematch),
    ("copy", Action::Copy),
    ("retry", Action::TryNow),
    ("match", Action::GoToMatch),
    ("mute", Action::Mute),
    ("block", Action::Block),
    ("talk", Action::OpenChat),
    ("watchable", Action::Watchable),
    ("watchers", Action::WatchersTalk),
    ("link", Action::XRay),
    ("rescan", Action::Rescan),
    ("doctor", Action::Doctor),
    ("yes", Action::Yes),
    ("no", Action::No),
    ("back", Action::Back),
    ("menu", Action::Back),
    ("leave", Action::Back),
    ("help", Action::Help),
    ("quit", Action::Quit),
    ("exit", Action::Quit),
];

/// The sentences of the screen that are said in other words here. Elsewhere the word of an action stands for its key.
const OTHERWISE: &[(&str, &str)] = &[
    ("Shift-<offer.accept> accepts, Shift-<offer.decline> declines", "`accept` or `decline`"),
    (
        "<absent.claim-win> claims the win, <absent.call-draw> calls a draw, <absent.adjourn> puts it off; or wait",
        "`claim win`, `claim draw`, `claim adjourn`, or wait",
    ),
    ("The command is copied, if your terminal allows it.", "The command:"),
    ("The result is copied, if your terminal allows it.", "The result:"),
    (" A bell and the window's title call you.", ""),
    ("Press <over.rematch> for the next game", "`next` begins the next game"),
    ("Press <over.rematch> for a rematch", "`rematch` asks for a rematch"),
    ("Press <over.rematch> to host again", "`host` hosts again"),
    ("wants a rematch: <over.rematch> within", "wants a rematch: `rematch` within"),
    (": <over.rematch> within", ": `next` within"),
    ("<menu.select> returns to your game", "`return` goes back to your game"),
    ("<menu.select> returns to it; Esc there closes it", "`return` goes back to it, `leave` there closes it"),
    ("<menu.select> returns", "`return` goes back"),
    ("<rooms.select> looks again", "`list` looks again"),
    (". Enter tries it, Esc gives up", ", and type it; `back` gives up"),
    (", then Enter", ""),
    ("<replays.select> replays the match", "Type the number of a match to replay it; `list` says them"),
    ("Esc gives up", "`back` gives up"),
    ("Esc leaves", "`leave` leaves"),
    ("Esc goes back", "`back` goes back"),
    ("Esc keeps it", "`menu` keeps it"),
    ("Esc for the menu", "`menu` for the menu"),
    (
        "Digits play on 3x3 only. Name a cell, as in <match.type-cell>c4, or use the arrows and <match.place>.",
        "A cell here is a letter and a number, as in c4.",
    ),
];

/// The action of a word in a context.
pub(super) fn action(keymap: &Keymap, context: Context, word: &str) -> Option<Action> {
    let meant = |(known, action): &&(&str, Action)| {
        known.eq_ignore_ascii_case(word) && keymap.binding(context, *action).is_some()
    };
    WORDS.iter().find(meant).map(|(_, action)| *action)
}

/// The words that do something now, with their meanings.
pub(super) fn help<'a>(
    bindings: impl Iterator<Item = &'a Binding>,
    is_there: impl Fn(Action) -> bool,
) -> Vec<String> {
    let said = bindings
        .filter(|binding| is_there(binding.action) && binding.action != Action::Help)
        .filter_map(|binding| {
            Some(format!("{}: {}", word(binding.action)?, binding.help.trim_start_matches("emote: ")))
        });
    said.collect()
}

/// A sentence of the status line, with words for its keys.
pub(super) fn spoken(keymap: &Keymap, sentence: &str) -> String {
    let mut text = sentence.to_owned();
    for (keys, words) in OTHERWISE {
        text = text.replace(keys, words);
    }
    replace_names(&text, |context, action| {
        word(action).map_or_else(|| keymap.key(context, action), |word| format!("`{word}`"))
    })
}

fn word(action: Action) -> Option<&'static str> {
    WORDS.iter().find(|(_, known)| *known == action).map(|(word, _)| *word)
}

/// The part of a line that goes before what was said already; `None` if that is not its end.
pub(super) fn before<'a>(line: &'a str, said: &str) -> Option<&'a str> {
    let is_end = |(start, _): &(usize, &str)| {
        line.get(*start + 1..).is_some_and(|end| without_times(end) == without_times(said))
    };
    let (start, _) = line.match_indices(' ').find(is_end)?;
    line.get(..start)
}

/// A line without its running times, by which alone nothing new is said.
pub(super) fn without_times(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_time = |index: usize| {
        let word = words[index].trim_end_matches(['.', ',', ':']);
        let before = index.checked_sub(1).map_or("", |before| words[before]);
        let after = words.get(index + 1).map_or("", |after| after.trim_end_matches(['.', ',', ':']));
        let is_clock = word.split_once(':').is_some_and(|(left, right)| is_number(left) && is_number(right));
        is_clock || is_number(word) && (after == "s" || before == "try")
    };
    let kept = (0..words.len()).map(|index| if is_time(index) { "#" } else { words[index] });
    kept.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_new_by_more_than_its_times() {
        let same = |one: &str, other: &str| without_times(one) == without_times(other);
        assert!(same("Your turn: 0:09 left. You are X.", "Your turn: 0:08 left. You are X."));
        assert!(same("Waiting for ben: no answer for 5 s.", "Waiting for ben: no answer for 12 s."));
        assert_eq!(before("Taken. Your turn: 0:08 left.", "Your turn: 0:09 left."), Some("Taken."));
        assert_eq!(before("Your turn: 0:08 left.", "Your turn: 0:09 left."), None);
        assert!(same("RECONNECTING, try 1.", "RECONNECTING, try 12."));
        assert!(!same("ben played c4.", "ben played c5."));
        assert!(!same("ben played the center (5).", "ben played the center (6)."));
    }

    #[test]
    fn a_word_means_what_its_context_has() {
        let action = |context, word| action(&Keymap::default(), context, word);
        assert_eq!(action(Context::Menu, "leave"), Some(Action::LeaveGame));
        assert_eq!(action(Context::Waiting, "Leave"), Some(Action::Back));
        assert_eq!(action(Context::Match, "draw"), Some(Action::OfferDraw));
        assert_eq!(action(Context::Match, "rematch"), None);
        assert_eq!(action(Context::Over, "rematch"), Some(Action::Rematch));
    }
}
