//! The form for a new game: one setting a row.

use crate::{
    keymap::Action,
    new_game::{Field, Kind, NewGame},
    request::Request,
    text_input::{InputError, TextInput},
};

/// A new game, as it is chosen.
#[derive(Debug)]
pub struct NewGameForm {
    /// Its kind.
    pub kind: Kind,
    /// Its settings so far.
    pub game: NewGame,
    /// The field that the keys change.
    pub chosen: Field,
    /// The value of that field, while it is typed.
    pub input: Option<TextInput>,
}

/// The most characters of a value: a passcode has 32.
const MAX_TYPED: usize = 32;

impl NewGameForm {
    /// A form that is filled with the settings of the last game.
    pub(crate) const fn new(kind: Kind, last: NewGame) -> Self {
        Self { kind, game: last, chosen: kind.fields()[0], input: None }
    }

    /// The fields in their order: those that mean something with these values.
    pub(crate) fn fields(&self) -> impl Iterator<Item = Field> {
        let has_passcode = self.game.shown_passcode().is_some();
        self.kind.fields().iter().copied().filter(move |field| *field != Field::Passcode || has_passcode)
    }

    /// The value that is typed. The first key empties the field.
    pub(crate) fn input_mut(&mut self) -> Option<&mut TextInput> {
        self.chosen.is_typed().then(|| self.input.get_or_insert_with(|| TextInput::new(MAX_TYPED)))
    }

    /// Does what a key asks for.
    pub(crate) fn handle_action(&mut self, action: Action) -> Vec<Request> {
        match action {
            Action::Back if self.input.take().is_none() => return vec![Request::Menu],
            Action::Select if self.input.is_none() => return vec![Request::Begin],
            Action::Select => self.take_typed(),
            Action::Up | Action::Down => {
                self.take_typed();
                if self.input.is_none() {
                    self.choose_next(action == Action::Down);
                }
            }
            Action::Left | Action::Right => self.change(action == Action::Right),
            _ => {}
        }
        Vec::new()
    }

    /// Takes the typed value if it is one. An empty text changes nothing.
    fn take_typed(&mut self) {
        let Some(input) = &mut self.input else { return };
        let is_empty = input.text().trim().is_empty();
        match self.chosen.set(&mut self.game, input.text()) {
            Err(error) if !is_empty => input.error = Some(InputError::Setting(error)),
            Ok(()) | Err(_) => self.input = None,
        }
    }

    /// Moves the cursor to a row, and tells whether it was there.
    pub(crate) fn choose(&mut self, row: usize) -> bool {
        let field = self.fields().nth(row);
        if field == Some(self.chosen) {
            return self.input.is_none();
        }
        self.take_typed();
        self.chosen = field.filter(|_| self.input.is_none()).unwrap_or(self.chosen);
        false
    }

    fn choose_next(&mut self, is_down: bool) {
        let fields: Vec<Field> = self.fields().collect();
        let index = fields.iter().position(|field| *field == self.chosen).unwrap_or(0);
        let next = if is_down { index + 1 } else { index.wrapping_sub(1) };
        self.chosen = *fields.get(next).unwrap_or(&self.chosen);
    }

    /// Goes to the next choice or to the one before.
    fn change(&mut self, is_next: bool) {
        let choices = self.chosen.choices(&self.game);
        if choices.len() < 2 {
            // A wish for what does not work with these values stays for others.
            return;
        }
        if let Some(choice) = next_choice(choices, &self.chosen.text(&self.game), is_next) {
            self.chosen.set(&mut self.game, choice).expect("a choice is a value");
        }
    }
}

/// The choice after a value or before it, in a ring. A value that is no choice stands before the first.
pub(crate) fn next_choice<'a, T: AsRef<str>>(choices: &'a [T], value: &str, is_next: bool) -> Option<&'a T> {
    let index = choices.iter().position(|choice| choice.as_ref() == value);
    let last = choices.len().checked_sub(1)?;
    let next = match index {
        Some(index) if is_next => index + 1,
        Some(index) => index + last,
        None if is_next => 0,
        None => last,
    };
    choices.iter().cycle().nth(next)
}
