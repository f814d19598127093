//! A text field: what is typed into it, how much it takes, and what was wrong with it.

use tui_input::{Input, InputRequest};

/// One line of text, as it is typed.
#[derive(Debug, Clone)]
pub struct Field {
    /// The text and the cursor in it.
    pub input: Input,
    /// What was wrong with it.
    pub error: Option<String>,
    /// Characters that it takes at most.
    room: usize,
}

impl Field {
    /// An empty field for so many characters.
    pub fn new(room: usize) -> Self {
        Self { input: Input::default(), error: None, room }
    }

    /// The same with a text in it, as far as that fits.
    pub fn with_text(room: usize, text: &str) -> Self {
        Self { input: text.chars().take(room).collect::<String>().into(), error: None, room }
    }

    /// What is typed now.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Edits what is typed. A full field takes no more and says so.
    pub fn edit(&mut self, request: InputRequest) {
        self.error = None;
        let is_full = self.text().chars().count() >= self.room;
        if is_full && matches!(request, InputRequest::InsertChar(_)) {
            self.error = Some(format!("No more than {} characters.", self.room));
        } else {
            self.input.handle(request);
        }
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.input.reset();
        self.error = None;
    }

    /// Takes in pasted text, without what cannot be typed.
    pub fn paste(&mut self, text: &str) {
        for character in text.chars().filter(|character| !character.is_control()).take(self.room) {
            self.edit(InputRequest::InsertChar(character));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_field_takes_no_more_and_says_so() {
        let mut field = Field::new(5);
        field.paste("abc\x1b[2Jdef");
        assert_eq!(field.text(), "abc[2");
        assert_eq!(field.error, None);
        field.edit(InputRequest::InsertChar('x'));
        assert_eq!(field.error.as_deref(), Some("No more than 5 characters."));
        field.edit(InputRequest::DeletePrevChar);
        assert_eq!((field.text(), &field.error), ("abc[", &None));
    }
}
