//! The keys as they are bound, and their meanings.

use crossterm::event::KeyCode;

use super::{
    binding::{Action, Binding, When},
    context::Context,
    names,
    table::BINDINGS,
};
use crate::key::Key;

/// The keys of the program, as they are bound in this run.
#[derive(Debug, Clone)]
pub struct Keymap {
    /// The rows of the command table, in its order.
    pub(super) bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self { bindings: BINDINGS.to_vec() }
    }
}

impl Keymap {
    /// The action of a key in a context.
    pub fn action(&self, context: Context, key: &Key) -> Option<Action> {
        // Typed text reaches no binding.
        if !key.is_pressed() || context.is_typing() && key.is_text() {
            return None;
        }
        self.readings(context, key).find_map(|code| {
            let binding = self.bindings(context).find(|binding| binding.matches(code, key))?;
            Some(binding.action_of(code))
        })
    }

    /// The binding of an action in a context, whatever its keys are. Actions of digits have none.
    pub(crate) fn binding(&self, context: Context, action: Action) -> Option<&Binding> {
        self.bindings(context).find(|binding| binding.action == action && binding.by_digit.is_none())
    }

    /// Tells whether a context itself, without those below it, binds a key.
    pub fn is_bound(&self, context: Context, key: &Key) -> bool {
        let binds = |code| {
            let mut own = self.bindings.iter().filter(|binding| binding.context == context);
            own.any(|binding| binding.matches(code, key))
        };
        key.is_pressed() && self.readings(context, key).any(binds)
    }

    /// The readings of a key in a context, the closest first: those of the key itself, a digit of the keypad, and small
    /// letters.
    fn readings(&self, context: Context, key: &Key) -> impl Iterator<Item = KeyCode> {
        let typed = key.readings().into_iter().flatten();
        // Without NumLock the keypad types other keys, which most terminals do not tell from those beside it.
        let on_keypad =
            context.takes_moves().then(|| self.digit_on_keypad(context, key.event.code)).flatten();
        let small =
            typed.clone().filter(|_| !key.is_held()).filter_map(move |code| self.small_letter(context, code));
        typed.chain(on_keypad).chain(small)
    }

    /// The key of the cell that a key of the keypad stands for without `NumLock`. Its arrows move the cursor.
    fn digit_on_keypad(&self, context: Context, code: KeyCode) -> Option<KeyCode> {
        let digit: usize = match code {
            KeyCode::Home => 7,
            KeyCode::PageUp => 9,
            KeyCode::KeypadBegin => 5,
            KeyCode::End => 1,
            KeyCode::PageDown => 3,
            _ => return None,
        };
        let digits = self.bindings(context).find(|binding| binding.by_digit.is_some())?;
        digits.keys.get(digit - 1).copied()
    }

    /// The small letter that a capital stands for, as with Caps Lock: not in a game if any game binds the capital, since one
    /// decides what the other only offers, and a game may have changed while the key was on its way.
    fn small_letter(&self, context: Context, code: KeyCode) -> Option<KeyCode> {
        let KeyCode::Char(capital @ 'A'..='Z') = code else { return None };
        let is_of_a_game =
            || self.bindings.iter().any(|binding| binding.context.is_game() && binding.keys.contains(&code));
        (!context.is_game() || !is_of_a_game()).then(|| KeyCode::Char(capital.to_ascii_lowercase()))
    }

    /// The bindings in the help of a context, its own first. `possible` are the conditions that may hold there at all.
    pub(crate) fn help(&self, context: Context, possible: &[When]) -> impl Iterator<Item = &Binding> {
        self.bindings(context)
            .filter(move |binding| !binding.label.is_empty() && possible.contains(&binding.when))
    }

    /// The bindings in the footer of a context, the help first. `is_called` is true while a match waits behind another game.
    pub(crate) fn footer(
        &self,
        context: Context,
        is_called: bool,
        facts: &[When],
    ) -> impl Iterator<Item = &Binding> {
        // A page of settings shows all its keys.
        let has_help = !matches!(context, Context::Help | Context::Settings) && !context.is_typing();
        let help = self.bindings(Context::Everywhere).filter(move |_| has_help);
        let call =
            self.bindings.iter().filter(move |binding| is_called && binding.context == Context::Called);
        // The keys of the X-ray stand before those of the board while it is open: the board's are known by then.
        let is_seen_through = facts.contains(&When::XRayIsOpen) && !facts.contains(&When::XRayIsClosed);
        let is_of_link = move |binding: &&Binding| is_seen_through && binding.context == Context::Link;
        let link = self.bindings(context).filter(is_of_link);
        let own = self.bindings(context).filter(|binding| binding.context != Context::Everywhere);
        let own = link.chain(own);
        // A key that goes to the match has its place already.
        let mut taken: Vec<KeyCode> = Vec::new();
        help.chain(call).chain(own).filter(move |binding| {
            let is_shown = !binding.footer.is_empty()
                && facts.contains(&binding.when)
                && !binding.keys.iter().any(|key| taken.contains(key));
            if is_shown {
                taken.extend(&*binding.keys);
            }
            is_shown
        })
    }

    /// All bindings of a context, the most particular first.
    pub fn bindings(&self, context: Context) -> impl Iterator<Item = &Binding> {
        let layers = std::iter::successors(Some(context), |context| context.below());
        layers.flat_map(|layer| self.bindings.iter().filter(move |binding| binding.context == layer))
    }

    /// The key of an action in writing, the first if it has several; empty if it has none.
    pub fn key(&self, context: Context, action: Action) -> String {
        let is_meant = |binding: &Binding, key: KeyCode| binding.action_of(key) == action;
        let mut keys = self
            .bindings(context)
            .flat_map(|binding| binding.keys.iter().filter(move |key| is_meant(binding, **key)));
        keys.next().map(|key| names::written(*key)).unwrap_or_default()
    }

    /// The bindings that can have other keys, in the order of the table: their name, keys and meaning.
    pub fn rows(&self) -> Vec<(String, Vec<String>, &'static str)> {
        let mut rows: Vec<(String, Vec<String>, &'static str)> = Vec::new();
        let mut help = "";
        for binding in self.bindings.iter().filter(|binding| !binding.is_fixed()) {
            // A row without words is described by the one above it.
            help = if binding.help.is_empty() { help } else { binding.help };
            let name = binding.name();
            if rows.last().is_none_or(|(last, ..)| *last != name) {
                rows.push((name, binding.keys.iter().map(|key| names::written(*key)).collect(), help));
            }
        }
        rows
    }

    /// The command table for a reader: the context of each row, its keys in writing, and their meaning.
    pub fn table(&self) -> impl Iterator<Item = (String, &str, &'static str)> {
        let rows = self.bindings.iter().filter(|binding| !binding.label.is_empty());
        rows.map(|row| (row.context.to_string(), &*row.label, row.help))
    }

    /// Replaces the names of bindings in a sentence by their keys: `<over.rematch>` by `r`, and `<match.numpad 9>` by the key
    /// of the ninth cell. Where the context has the action itself, its own key is meant. A player's name that looks like one
    /// becomes a key too, which does no harm.
    pub(crate) fn fill(&self, context: Context, sentence: &str) -> String {
        names::replace_names(sentence, |named, action| {
            let own = self.key(context, action);
            if own.is_empty() { self.key(named, action) } else { own }
        })
    }
}
