//! Chat in a room: a line of text or an emote, bounded and safe to draw.

use std::str::FromStr;

use arrayvec::ArrayString;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    Seat,
    typed::parsed_within,
    visible::{columns, is_allowed, visible_part},
};

/// Maximum terminal columns of a line: one and a half lines of an ordinary terminal, enough for a sentence.
pub const MAX_CHAT_COLUMNS: usize = 120;

/// Maximum bytes of a line in UTF-8: four for each column, the most that one character needs.
const MAX_CHAT_BYTES: usize = 4 * MAX_CHAT_COLUMNS;

/// A line of chat that is safe to draw and to log.
///
/// # Invariants
///
/// One to [`MAX_CHAT_COLUMNS`] terminal columns of visible characters and spaces, none at the ends. No
/// control, escape, bidirectional, invisible, private-use, unassigned or combining characters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, derive_more::Display, derive_more::Debug)]
#[debug("{_0:?}")]
#[serde(try_from = "ArrayString<MAX_CHAT_BYTES>")]
pub struct ChatLine(Box<str>);

/// The reason why a text is no [`ChatLine`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParseChatLineError {
    /// The text is empty, or has a space at an end.
    #[error("there is nothing to say")]
    Empty,
    /// The text takes more than [`MAX_CHAT_COLUMNS`] columns.
    #[error("a line takes at most {MAX_CHAT_COLUMNS} columns")]
    TooLong,
    /// A character is not allowed. The error carries its code point, because drawing it would be the harm.
    #[error("a line cannot hold the character U+{0:04X}")]
    Character(u32),
}

/// A word that takes a single key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "lowercase")]
pub enum Emote {
    /// A greeting.
    Hi,
    /// Good game, after a match.
    #[strum(serialize = "gg")]
    GoodGame,
    /// An apology for a slip.
    Oops,
    /// Praise for a move.
    Wow,
    /// Thanks.
    #[strum(serialize = "thx")]
    Thanks,
    /// A wish for another match.
    #[strum(serialize = "re")]
    Rematch,
}

/// One chat message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChatMessage {
    /// A line of text.
    Line(ChatLine),
    /// An emote.
    Emote(Emote),
}

/// The speaker of a chat message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Speaker {
    /// One of the players.
    Player(Seat),
    /// A watcher.
    Watcher,
}

impl ChatLine {
    /// Parses typed text, without what carries no meaning in it (such as the selector that makes an emoji of a sign) and
    /// without spaces at the ends.
    ///
    /// # Errors
    ///
    /// [`ParseChatLineError`] if the rest is no line.
    pub fn parse_typed(typed: &str) -> Result<Self, ParseChatLineError> {
        visible_part(typed).trim_matches(' ').parse()
    }

    /// Returns the columns that a typed text takes of [`MAX_CHAT_COLUMNS`].
    pub fn columns_typed(typed: &str) -> usize {
        columns(visible_part(typed).trim_matches(' '))
    }

    /// Returns the line as text.
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl Emote {
    /// All emotes, in the order of their keys 1 to 6.
    pub const ALL: [Self; 6] = [Self::Hi, Self::GoodGame, Self::Oops, Self::Wow, Self::Thanks, Self::Rematch];

    /// Returns the word.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl ChatMessage {
    /// Returns the message as text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Line(line) => line.as_str(),
            Self::Emote(emote) => emote.as_str(),
        }
    }
}

parsed_within!(ChatLine, MAX_CHAT_BYTES);

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
    fn what_carries_no_meaning_is_neither_sent_nor_counted() {
        for (typed, line, columns) in [
            ("✌\u{fe0f}", "✌", 1),
            ("bien joue\u{301}\u{a0}!", "bien joué !", 11),
            ("  \u{200f}👍\u{1f3fd}\u{3000}👩\u{200d}💻 ", "👍 👩💻", 7),
        ] {
            assert_eq!(ChatLine::parse_typed(typed).unwrap().as_str(), line, "{typed:?}");
            assert_eq!(ChatLine::columns_typed(typed), columns, "{typed:?}");
        }
        let long = "❤\u{fe0f}".repeat(120);
        assert_eq!(ChatLine::columns_typed(&long), 120);
        assert!(ChatLine::parse_typed(&long).is_ok());
        assert_eq!(ChatLine::parse_typed("\u{200b} \u{fe0f}"), Err(ParseChatLineError::Empty));
        assert_eq!(ChatLine::parse_typed("a\u{202e}b"), Err(ParseChatLineError::Character(0x202e)));
        assert!("✌\u{fe0f}".parse::<ChatLine>().is_err(), "a message holds it without");
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
