//! The command table. Dispatch, the footer and the help are made from it, so that no key is promised that does nothing,
//! and none works that is not listed.

mod binding;
mod context;
mod table;
#[cfg(test)]
mod tests;

use crossterm::event::KeyCode;
use net::proto::OfferKind;

pub use self::{
    binding::{Action, Binding, When},
    context::Context,
    table::BINDINGS,
};

use crate::key::Key;

/// The action of a key in a context.
pub fn action(context: Context, key: &Key) -> Option<Action> {
    // Typed text reaches no binding.
    if !key.is_pressed() || context.is_typing() && key.is_text() {
        return None;
    }
    readings(context, key).find_map(|code| {
        let binding = bindings(context).find(|binding| binding.matches(code, key))?;
        Some(binding.action_of(code))
    })
}

/// The binding of an action in a context, whatever its keys are. Actions of digits have none.
pub(crate) fn binding(context: Context, action: Action) -> Option<&'static Binding> {
    bindings(context).find(|binding| binding.action == action && binding.by_digit.is_none())
}

/// Tells whether a context itself, without those below it, binds a key.
pub fn is_bound(context: Context, key: &Key) -> bool {
    let binds =
        |code| BINDINGS.iter().any(|binding| binding.context == context && binding.matches(code, key));
    key.is_pressed() && readings(context, key).any(binds)
}

/// The readings of a key in a context, the closest first: those of the key itself, a digit of the keypad, and small letters.
fn readings(context: Context, key: &Key) -> impl Iterator<Item = KeyCode> {
    let typed = key.readings().into_iter().flatten();
    // Without NumLock the keypad types other keys, which most terminals do not tell from those beside it.
    let on_keypad = context.takes_moves().then(|| digit_on_keypad(key.event.code)).flatten();
    let small = typed.clone().filter(|_| !key.is_held()).filter_map(move |code| small_letter(context, code));
    typed.chain(on_keypad).chain(small)
}

/// The digit beside another meaning on a keypad. Its arrows move the cursor.
const fn digit_on_keypad(code: KeyCode) -> Option<KeyCode> {
    Some(KeyCode::Char(match code {
        KeyCode::Home => '7',
        KeyCode::PageUp => '9',
        KeyCode::KeypadBegin => '5',
        KeyCode::End => '1',
        KeyCode::PageDown => '3',
        _ => return None,
    }))
}

/// The small letter that a capital stands for, as with Caps Lock: not in a game if any game binds the capital, since one
/// decides what the other only offers, and a game may have changed while the key was on its way.
fn small_letter(context: Context, code: KeyCode) -> Option<KeyCode> {
    let KeyCode::Char(capital @ 'A'..='Z') = code else { return None };
    let is_of_a_game =
        || BINDINGS.iter().any(|binding| binding.context.is_game() && binding.keys.contains(&code));
    (!context.is_game() || !is_of_a_game()).then(|| KeyCode::Char(capital.to_ascii_lowercase()))
}

/// The bindings in the help of a context, its own first. `possible` are the conditions that may hold there at all.
pub(crate) fn help(context: Context, possible: &[When]) -> impl Iterator<Item = &'static Binding> {
    bindings(context).filter(move |binding| {
        !binding.label.is_empty() && possible.contains(&binding.when) && !is_hidden(binding, context)
    })
}

/// Tells whether a more particular context takes all keys of a binding.
fn is_hidden(binding: &Binding, context: Context) -> bool {
    let is_taken = |key: &KeyCode| {
        let first =
            bindings(context).find(|other| other.modifiers == binding.modifiers && other.keys.contains(key));
        first.is_some_and(|first| first.context != binding.context)
    };
    binding.keys.iter().all(is_taken)
}

/// The bindings in the footer of a context, the help first. `is_called` is true while a match waits behind another game.
pub(crate) fn footer(
    context: Context,
    is_called: bool,
    facts: &[When],
) -> impl Iterator<Item = &'static Binding> {
    let has_help = context != Context::Help && !context.is_typing();
    let help = bindings(Context::Everywhere).filter(move |_| has_help);
    let call = BINDINGS.iter().filter(move |binding| is_called && binding.context == Context::Called);
    let own = bindings(context).filter(|binding| binding.context != Context::Everywhere);
    // A key that does something else here has its place already.
    let mut taken = Vec::new();
    help.chain(call).chain(own).filter(move |binding| {
        let is_shown = !binding.footer.is_empty()
            && facts.contains(&binding.when)
            && !binding.keys.iter().any(|key| taken.contains(key));
        if is_shown {
            taken.extend(binding.keys);
        }
        is_shown
    })
}

/// All bindings of a context, the most particular first.
pub fn bindings(context: Context) -> impl Iterator<Item = &'static Binding> {
    let layers = std::iter::successors(Some(context), |context| context.below());
    layers.flat_map(|layer| BINDINGS.iter().filter(move |binding| binding.context == layer))
}

/// The key of an action in writing.
pub fn label(context: Context, action: Action) -> &'static str {
    binding(context, action).map_or("", |binding| binding.label)
}

/// The key that makes an offer, and withdraws it.
pub(crate) fn offer_key(kind: OfferKind) -> &'static str {
    let action = match kind {
        OfferKind::Draw => Action::OfferDraw,
        OfferKind::Takeback => Action::OfferTakeback,
        OfferKind::Adjourn => Action::OfferAdjourn,
    };
    label(Context::Match, action)
}
