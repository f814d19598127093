//! What people say to each other in a room: a line of text or an emote, bounded and safe to draw.

use std::{fmt, str::FromStr};

use arrayvec::ArrayString;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    Seat,
    visible::{columns, is_allowed},
};

/// Terminal columns that a line may take: one line and a half of a usual terminal, enough for a sentence.
pub const MAX_CHAT_COLUMNS: usize = 120;

/// Bytes of UTF-8 that a line may take: four for each column, the most that one character needs.
const MAX_CHAT_BYTES: usize = 4 * MAX_CHAT_COLUMNS;

/// A line that is safe to draw and to log.
///
/// # Invariants
///
/// One to [`MAX_CHAT_COLUMNS`] terminal columns of visible characters and spaces, none at the ends. No
/// control, escape, bidirectional, zero-width, private-use or combining characters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ArrayString<MAX_CHAT_BYTES>")]
pub struct ChatLine(Box<str>);

/// Why a text is not a [`ChatLine`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParseChatLineError {
    /// There is nothing in it, or a space at an end.
    #[error("there is nothing to say")]
    Empty,
    /// It takes more than [`MAX_CHAT_COLUMNS`] columns.
    #[error("a line takes at most {MAX_CHAT_COLUMNS} columns")]
    TooLong,
    /// A character is not allowed; its code point says which, since drawing it would be the harm.
    #[error("a line cannot hold the character U+{0:04X}")]
    Character(u32),
}

/// A word that takes one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Emote {
    /// At the beginning.
    Hi,
    /// A good game, at the end.
    GoodGame,
    /// That was not meant.
    Oops,
    /// That was meant, and well.
    Wow,
    /// Thanks.
    Thanks,
    /// Another one?
    Rematch,
}

/// One thing said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChatMessage {
    /// In words.
    Line(ChatLine),
    /// By one key.
    Emote(Emote),
}

/// Who says something in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Speaker {
    /// One of the players.
    Player(Seat),
    /// Somebody who watches.
    Watcher,
}

impl ChatLine {
    /// Reads what a person typed: spaces at the ends do not count.
    ///
    /// # Errors
    ///
    /// [`ParseChatLineError`] for what cannot be said.
    pub fn parse_typed(typed: &str) -> Result<Self, ParseChatLineError> {
        typed.trim_matches(' ').parse()
    }

    /// The line as text.
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl Emote {
    /// All of them, in the order of their keys 1 to 6.
    pub const ALL: [Self; 6] = [Self::Hi, Self::GoodGame, Self::Oops, Self::Wow, Self::Thanks, Self::Rematch];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hi => "hi",
            Self::GoodGame => "gg",
            Self::Oops => "oops",
            Self::Wow => "wow",
            Self::Thanks => "thx",
            Self::Rematch => "re",
        }
    }
}

impl ChatMessage {
    /// What was said, as text.
    pub const fn as_str(&self) -> &str {
        match self {
            Self::Line(line) => line.as_str(),
            Self::Emote(emote) => emote.as_str(),
        }
    }
}

impl TryFrom<ArrayString<MAX_CHAT_BYTES>> for ChatLine {
    type Error = ParseChatLineError;

    fn try_from(text: ArrayString<MAX_CHAT_BYTES>) -> Result<Self, ParseChatLineError> {
        text.parse()
    }
}

impl FromStr for ChatLine {
    type Err = ParseChatLineError;

    fn from_str(text: &str) -> Result<Self, ParseChatLineError> {
        if text.is_empty() || text.starts_with(' ') || text.ends_with(' ') {
            return Err(ParseChatLineError::Empty);
        }
        if text.len() > MAX_CHAT_BYTES {
            return Err(ParseChatLineError::TooLong);
        }
        if let Some(bad) = text.chars().find(|&character| character != ' ' && !is_allowed(character)) {
            return Err(ParseChatLineError::Character(u32::from(bad)));
        }
        if columns(text) > MAX_CHAT_COLUMNS {
            return Err(ParseChatLineError::TooLong);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for ChatLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl fmt::Debug for ChatLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.as_str())
    }
}

impl fmt::Display for Emote {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_long_as_its_columns() {
        let words = "good luck, have fun!";
        assert_eq!(ChatLine::parse_typed("  good luck, have fun! ").unwrap().as_str(), words);
        assert!("x".repeat(120).parse::<ChatLine>().is_ok());
        assert_eq!("x".repeat(121).parse::<ChatLine>(), Err(ParseChatLineError::TooLong));
        assert!("李".repeat(60).parse::<ChatLine>().is_ok());
        assert_eq!("李".repeat(61).parse::<ChatLine>(), Err(ParseChatLineError::TooLong));
        assert_eq!("x".repeat(100_000).parse::<ChatLine>(), Err(ParseChatLineError::TooLong));
    }

    #[test]
    fn a_line_cannot_steer_a_terminal() {
        for (text, bad) in
            [("a\u{1b}[2J", 0x1b), ("a\nb", 0x0a), ("\u{202e}abc", 0x202e), ("e\u{301}", 0x301)]
        {
            assert_eq!(text.parse::<ChatLine>(), Err(ParseChatLineError::Character(bad)), "{text:?}");
        }
        for nothing in ["", " ", "    ", " a", "a "] {
            assert_eq!(nothing.parse::<ChatLine>(), Err(ParseChatLineError::Empty), "{nothing:?}");
        }
    }
}
