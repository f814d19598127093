//! Keys and bindings in writing: in the settings file, in labels, and in sentences.

use std::{collections::BTreeMap, sync::LazyLock};

use crossterm::event::KeyCode::{
    self, Backspace, Char, Delete, Down, End, Enter, Esc, F, Home, Insert, Left, PageDown, PageUp, Right,
    Tab, Up,
};
use net::proto::OfferKind;

use super::{
    binding::{Action, Binding},
    context::Context,
    table::BINDINGS,
};

/// Replaces the names of bindings in a sentence by their keys in writing. A capital is what Shift types, so `Shift-` stays
/// only before one.
pub(crate) fn replace_names(sentence: &str, key: impl Fn(Context, Action) -> String) -> String {
    let mut text = String::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let named = after.split_once('>').and_then(|(name, end)| Some((find(name)?, end)));
        if let Some(((context, action), end)) = named {
            let key = key(context, action);
            if !key.starts_with(char::is_uppercase) || key.len() > 1 {
                text.truncate(text.trim_end_matches("Shift-").len());
            }
            text.push_str(&key);
            rest = end;
        } else {
            text.push('<');
            rest = after;
        }
    }
    text + rest
}

/// The first row of each name: every frame looks up many.
static ROWS: LazyLock<BTreeMap<String, &Binding>> =
    LazyLock::new(|| BINDINGS.iter().rev().map(|binding| (binding.name(), binding)).collect());

/// The context and the action of a name, with the number of a digit behind it.
pub(super) fn find(text: &str) -> Option<(Context, Action)> {
    let (name, digit) = text.split_once(' ').map_or((text, None), |(name, digit)| (name, Some(digit)));
    let binding = ROWS.get(name)?;
    match (binding.by_digit, digit) {
        (Some(action), Some(digit)) => Some((binding.context, action(digit.parse().ok()?))),
        (None, None) => Some((binding.context, binding.action)),
        _ => None,
    }
}

impl Binding {
    /// The name in the settings file: `match.offer-draw`.
    pub(super) fn name(&self) -> String {
        let action = self.by_digit.map_or(self.action, |action| action(0));
        format!("{}.{action}", self.context)
    }
}

/// The name, for a sentence, of the key that makes an offer and withdraws it.
pub(crate) const fn offer_key(kind: OfferKind) -> &'static str {
    match kind {
        OfferKind::Draw => "<match.offer-draw>",
        OfferKind::Takeback => "<match.offer-takeback>",
        OfferKind::Adjourn => "<match.offer-adjourn>",
    }
}

/// The keys that have names instead of characters, but F1 to F12.
#[rustfmt::skip]
const NAMED: [KeyCode; 15] = [
    Enter, Char(' '), Tab, Backspace, Delete, Insert, Home, End, PageUp, PageDown, Esc, Up, Down, Left, Right,
];

/// A key in writing.
pub(super) fn written(key: KeyCode) -> String {
    match key {
        Char(' ') => "Space".into(),
        Char(character) => character.into(),
        F(number) => format!("F{number}"),
        PageUp => "PgUp".into(),
        PageDown => "PgDn".into(),
        other => format!("{other:?}"),
    }
}

/// The key that a text names: a character, or a name in letters of either case.
pub(crate) fn parse(text: &str) -> Option<KeyCode> {
    let mut characters = text.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        return Some(Char(character));
    }
    let mut keys = NAMED.into_iter().chain((1..=12).map(F));
    keys.find(|key| written(*key).eq_ignore_ascii_case(text) || format!("{key:?}").eq_ignore_ascii_case(text))
}

/// The label of a row of the table together with those that it describes.
pub(super) fn label(rows: &[Binding]) -> String {
    let is_arrow = |key: &&KeyCode| matches!(key, Up | Down | Left | Right);
    // Of several rows each shows one key.
    let most = if rows.len() > 1 { 1 } else { usize::MAX };
    let others = rows.iter().flat_map(|row| row.keys.iter().filter(|key| !is_arrow(key)).take(most));
    let others: Vec<String> = others.map(|key| written(*key)).collect();
    let is_short = others.len() > 2 && others.iter().all(|key| key.chars().count() == 1);
    let others = others.join(if is_short { "" } else { " " });
    let has_arrows = rows.iter().any(|row| row.keys.iter().any(|key| is_arrow(&key)));
    if has_arrows { format!("arrows {others}").trim_end().to_owned() } else { others }
}
