//! A key as the terminal told it, and its readings as a command.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers};
use net::proto::ascii_form;

/// A pressed key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The key, or the character that it types.
    pub event: KeyEvent,
    /// The letter or digit at its position on a US keyboard, where the terminal tells it.
    pub by_position: Option<char>,
}

impl Key {
    /// A key with modifiers.
    pub(crate) fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        KeyEvent::new(code, modifiers).into()
    }

    /// Tells whether it acts: its release and its repetition never do.
    pub(crate) fn is_pressed(&self) -> bool {
        self.event.kind == KeyEventKind::Press
    }

    /// Tells whether it types a character.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.event.code, KeyCode::Char(_)) && !self.is_held()
    }

    /// Tells whether a modifier other than Shift is held, so that the key types nothing.
    pub(crate) fn is_held(&self) -> bool {
        !(self.event.modifiers - KeyModifiers::SHIFT).is_empty()
    }

    /// Its readings as a command, the closest first: the key itself, the ASCII character that a full-width letter or a digit
    /// of another script stands for, and the letter or digit at its position where the keyboard types no Latin letter.
    pub(crate) fn readings(&self) -> [Option<KeyCode>; 3] {
        let KeyCode::Char(typed) = self.event.code else { return [Some(self.event.code), None, None] };
        let plain = ascii_digit(typed).unwrap_or_else(|| ascii_form(typed));
        let by_position = self.by_position.filter(|_| !plain.is_ascii_alphanumeric());
        [Some(typed), Some(plain).filter(|plain| *plain != typed), by_position]
            .map(|reading| reading.map(|letter| KeyCode::Char(self.without_caps_lock(letter))))
    }

    /// A letter in the case that Shift asks for, where the terminal tells that Caps Lock is on, or the letter comes from the
    /// position of the key.
    fn without_caps_lock(&self, letter: char) -> char {
        let is_told = self.event.state.contains(KeyEventState::CAPS_LOCK) || self.by_position == Some(letter);
        match (is_told && !self.is_held(), self.event.modifiers.contains(KeyModifiers::SHIFT)) {
            (true, true) => letter.to_ascii_uppercase(),
            (true, false) => letter.to_ascii_lowercase(),
            (false, _) => letter,
        }
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        Self { event, by_position: None }
    }
}

/// The ASCII digit of a digit of another script.
fn ascii_digit(typed: char) -> Option<char> {
    let values = ZEROS.into_iter().filter_map(|zero| u32::from(typed).checked_sub(u32::from(zero)));
    values.min().and_then(|value| char::from_digit(value, 10))
}

/// The zeros of the digits that keyboards have keys for: Arabic-Indic, Persian, Devanagari, Bengali, Tamil, Thai, Lao, Burmese
/// and Khmer. Nine more follow each (Unicode, general category Nd).
const ZEROS: [char; 9] =
    ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{be6}', '\u{e50}', '\u{ed0}', '\u{1040}', '\u{17e0}'];
