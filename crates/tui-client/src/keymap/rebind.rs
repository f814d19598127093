//! Keys that the player binds anew. Whatever is asked for, a key has one meaning in a context, each context keeps its way
//! back, and no key that decides something is one that is pressed for something else.

#[cfg(test)]
mod tests;

use crossterm::event::KeyCode;
use unicode_width::UnicodeWidthChar;

use super::{
    binding::{Action, Binding},
    context::Context,
    map::Keymap,
    names,
    table::BINDINGS,
};
use crate::format::escaped;

/// The most keys of an action: more would not fit beside its meaning in the help.
const MAX_KEYS: usize = 3;

/// The most characters of a name or a key that a complaint repeats.
const MAX_QUOTED: usize = 40;

impl Keymap {
    /// The table with the keys of some names bound anew, and the complaints about those that are left as they were, each with
    /// the index of its entry. All entries count at once, so two actions can exchange their keys.
    pub fn rebound(entries: &[(String, Vec<String>)]) -> (Self, Vec<(usize, String)>) {
        let mut problems = Vec::new();
        let mut accepted = Vec::new();
        for (index, (name, keys)) in entries.iter().enumerate() {
            match parse(name, keys) {
                Ok(keys) => accepted.push((index, name.as_str(), keys)),
                Err(error) => problems.push((index, error)),
            }
        }
        loop {
            let keymap = Self::with(&accepted);
            let is_entry = |binding: &Binding| accepted.iter().any(|(_, name, _)| *name == binding.name());
            // An entry that the table itself refuses refuses no other.
            let of_two = |(one, other, _): &(&Binding, &Binding, _)| is_entry(one) && is_entry(other);
            let Some((one, other, key)) = keymap.clashes().min_by_key(of_two) else {
                problems.sort_by_key(|(index, _)| *index);
                return (keymap, problems);
            };
            let (one, other) = (one.name(), other.name());
            // The later entry gives way. The table has no clash by itself, so one of the two is an entry.
            let Some(last) = accepted.iter().rposition(|(_, name, _)| [&*one, &*other].contains(name)) else {
                return (Self::default(), problems);
            };
            let (index, name, keys) = accepted.remove(last);
            let own = keys.into_iter().find(|own| in_small(*own) == in_small(key)).unwrap_or(key);
            let by = if name == one { other } else { one };
            problems.push((index, taken(own, &by)));
        }
    }

    /// The table with the keys of some names, each with the index of its entry, and labels that say them.
    fn with(entries: &[(usize, &str, Vec<KeyCode>)]) -> Self {
        let mut keymap = Self::default();
        for (_, name, keys) in entries {
            for binding in keymap.bindings.iter_mut().filter(|binding| binding.name() == *name) {
                let kept = binding.keys.iter().filter(|key| is_reserved(**key) && !keys.contains(key));
                binding.keys = keys.iter().chain(kept).copied().collect();
            }
        }
        let groups = BINDINGS.chunk_by(|_, next| next.label.is_empty());
        let mut rest = &mut *keymap.bindings;
        for group in groups {
            let (own, after) = rest.split_at_mut(group.len());
            if own.iter().zip(group).any(|(own, row)| own.keys != row.keys) {
                own[0].label = names::label(own).into();
            }
            rest = after;
        }
        keymap
    }

    /// Each two bindings that cannot both have their keys, and a key of the first that shows it.
    fn clashes(&self) -> impl Iterator<Item = (&Binding, &Binding, KeyCode)> {
        let pairs = self.bindings.iter().flat_map(|one| self.bindings.iter().map(move |other| (one, other)));
        pairs.filter_map(|(one, other)| Some((one, other, one.key_against(other)?)))
    }
}

impl Binding {
    /// A key that keeps another binding from having its own.
    fn key_against(&self, other: &Self) -> Option<KeyCode> {
        let decides = || {
            use Action::{Accept, Adjourn, CallDraw, ClaimWin, Decline};
            matches!(self.action, Accept | Decline | ClaimWin | CallDraw | Adjourn)
        };
        let offers =
            || matches!(other.action, Action::OfferDraw | Action::OfferTakeback | Action::OfferAdjourn);
        let asks = || matches!(other.action, Action::Resign | Action::Back | Action::AskToQuit);
        let is_shared = |key: &&KeyCode| other.keys.contains(key);
        let is_alike = |key: &&KeyCode| other.keys.iter().any(|other| in_small(*other) == in_small(**key));
        if self.modifiers != other.modifiers {
            return None;
        }
        let shared = self.keys.iter().find(is_shared).filter(|_| {
            // A game changes while a key is on its way, and a key that is held answers its own question.
            let is_mistaken = decides() && other.context.is_game() || self.action == Action::Yes && asks();
            (self.context.is_below(other.context) || is_mistaken) && self.name() != other.name()
        });
        let alike = || self.keys.iter().find(is_alike).filter(|_| decides() && offers());
        shared.or_else(alike).copied()
    }
}

/// The keys that a text of the settings file gives to a name.
///
/// # Errors
///
/// The complaint about it.
fn parse(name: &str, keys: &[String]) -> Result<Vec<KeyCode>, String> {
    let Some(row) = BINDINGS.iter().find(|binding| binding.name() == name) else {
        return Err(format!("no action is called `{}`", escaped(name, MAX_QUOTED)));
    };
    if row.is_fixed() {
        return Err(format!("the keys of `{name}` are fixed"));
    }
    match (row.by_digit, row.keys.len()) {
        (Some(_), count) if keys.len() != count => {
            return Err(format!("`{name}` takes {count} keys, in the order of the digits"));
        }
        (None, _) if !(1..=MAX_KEYS).contains(&keys.len()) => {
            return Err(format!("`{name}` takes one to {MAX_KEYS} keys"));
        }
        _ => {}
    }
    let mut parsed = Vec::new();
    for text in keys {
        let Some(key) = names::parse(text).filter(|key| has_a_column(*key)) else {
            let text = escaped(text, MAX_QUOTED);
            return Err(format!(
                "`{text}` is no key: name a character, or one such as Enter, Space, Tab, PgUp or F5"
            ));
        };
        let written = names::written(key);
        if is_reserved(key) && !row.keys.contains(&key) {
            return Err(format!("`{written}` keeps its meaning"));
        }
        if row.context == Context::Everywhere && is_text(key) {
            return Err(format!("`{written}` is text in a form: take another key, such as F1"));
        }
        if parsed.contains(&key) {
            return Err(taken(key, name));
        }
        parsed.push(key);
    }
    Ok(parsed)
}

fn taken(key: KeyCode, by: &str) -> String {
    format!("`{}` is taken by `{by}`", names::written(key))
}

/// Tells whether a label can show a key. A space has a name.
fn has_a_column(key: KeyCode) -> bool {
    let KeyCode::Char(typed) = key else { return true };
    typed.is_ascii_graphic() || typed == ' ' || typed.is_alphanumeric() && typed.width() == Some(1)
}

/// Tells whether a key keeps its meaning: it leads back, or on.
const fn is_reserved(key: KeyCode) -> bool {
    matches!(key, KeyCode::Esc | KeyCode::Up | KeyCode::Down | KeyCode::Left | KeyCode::Right)
}

/// Tells whether the name of a place can hold what a key types.
fn is_text(key: KeyCode) -> bool {
    matches!(key, KeyCode::Char(typed) if typed.is_alphanumeric() || "@.:-_[]% ".contains(typed))
}

fn in_small(key: KeyCode) -> KeyCode {
    match key {
        KeyCode::Char(letter) => KeyCode::Char(letter.to_lowercase().next().unwrap_or(letter)),
        other => other,
    }
}
