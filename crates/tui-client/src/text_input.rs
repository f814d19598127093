//! A text input: one line, bounded, with the last error.

use net::proto::{ParseChatLineError, ParsePasscodeError, Reject, RoomCode};
use tui_input::{Input, InputRequest};

use crate::typed_place::ParsePlaceError;

/// One line of text, as it is typed.
#[derive(Debug, Clone)]
pub struct TextInput {
    /// The text and the cursor in it.
    pub input: Input,
    /// The reason why the text, or the last key, was not taken.
    pub error: Option<InputError>,
    /// The most characters it takes.
    capacity: usize,
}

/// A reason why a text or a key was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputError {
    /// The input is full, with so many characters; the rest was left out.
    Full(usize),
    /// The text is no place.
    Place(ParsePlaceError),
    /// The text names a game, and a server is asked for.
    NotAServer(RoomCode),
    /// The text is no value of a setting, for this reason.
    Setting(String),
    /// The text names no cell of the board.
    Cell,
    /// The text is no chat line.
    ChatLine(ParseChatLineError),
    /// The text is no passcode.
    Passcode(ParsePasscodeError),
    /// The server refused the passcode.
    NotAdmitted(Reject),
}

impl TextInput {
    /// An empty input for `capacity` characters.
    pub fn new(capacity: usize) -> Self {
        Self::with_text(capacity, "")
    }

    /// An input that holds a text, cut to `capacity` characters.
    pub fn with_text(capacity: usize, text: &str) -> Self {
        Self { input: text.chars().take(capacity).collect::<String>().into(), error: None, capacity }
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Edits the text. A full input takes no more characters.
    pub fn edit(&mut self, request: InputRequest) {
        self.error = None;
        let is_full = self.text().chars().count() >= self.capacity;
        if is_full && matches!(request, InputRequest::InsertChar(_)) {
            self.error = Some(InputError::Full(self.capacity));
        } else {
            self.input.handle(request);
        }
    }

    /// Removes the text and the error.
    pub fn clear(&mut self) {
        self.input.reset();
        self.error = None;
    }

    /// Inserts pasted text as one line without control characters. If it does not fit, the error says so.
    pub fn paste(&mut self, text: &str) {
        let text = text.trim_matches(char::is_control);
        let in_one_line =
            text.chars().map(|character| if character.is_whitespace() { ' ' } else { character });
        for character in in_one_line.filter(|character| !character.is_control()) {
            self.edit(InputRequest::InsertChar(character));
            if self.error.is_some() {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_input_takes_no_more_and_says_so() {
        let mut input = TextInput::new(5);
        input.paste("\tabc\x1b[2\r\n");
        assert_eq!((input.text(), &input.error), ("abc[2", &None));
        input.clear();
        input.paste("a\nb\tc\r\ndef");
        assert_eq!((input.text(), &input.error), ("a b c", &Some(InputError::Full(5))));
        input.edit(InputRequest::InsertChar('x'));
        assert_eq!(input.error, Some(InputError::Full(5)));
        input.edit(InputRequest::DeletePrevChar);
        assert_eq!((input.text(), &input.error), ("a b ", &None));
    }
}
