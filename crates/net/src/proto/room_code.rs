//! The code of a room: a word and two digits, such as `KITE-42`, easy to say and to type.

use std::{cmp::Ordering, fmt, io, str::FromStr};

use arrayvec::ArrayString;
use serde::{Deserialize, Serialize, Serializer};
use thiserror::Error;

use super::typed::{ascii_form, parsed_within};

/// The number of letters of the word: four or five.
const WORD_LETTERS: std::ops::RangeInclusive<usize> = 4..=5;

/// Bytes of the longest code: five letters, a hyphen, two digits.
const MAX_CODE_BYTES: usize = 8;

/// The words of the codes: short, common, easy to tell apart by ear, and harmless.
///
/// A hundred words and a hundred numbers give 10,000 codes, twice the maximum number of rooms, so that a free one is
/// found in a few draws.
#[rustfmt::skip]
pub const CODE_WORDS: [&str; 100] = [
    "ACORN", "AMBER", "APPLE", "APRON", "ARROW", "ATLAS", "BADGE", "BASIL", "BEACH", "BENCH",
    "BERRY", "BIRCH", "BLOOM", "BRICK", "BROOM", "CABIN", "CAMEL", "CANDY", "CANOE", "CEDAR",
    "CHALK", "CHESS", "CLOUD", "CLOVE", "COMET", "CORAL", "CRANE", "CROWN", "DAISY", "DELTA",
    "DINER", "EAGLE", "EMBER", "FABLE", "FERN",  "FJORD", "FLUTE", "FROST", "GLOBE", "GRAPE",
    "GUAVA", "HAZEL", "HONEY", "IGLOO", "IVORY", "JELLY", "JUMBO", "KAYAK", "KITE",  "KOALA",
    "LEMON", "LILAC", "LIME",  "LOTUS", "LUNAR", "MANGO", "MAPLE", "MELON", "MINT",  "MOOSE",
    "MOTOR", "NACHO", "NINJA", "NOVEL", "OAKEN", "OASIS", "OCEAN", "OLIVE", "ONION", "ORBIT",
    "OTTER", "PANDA", "PAPER", "PEARL", "PIANO", "PIZZA", "PLUM",  "POLAR", "QUILT", "RADIO",
    "RAVEN", "RIVER", "ROBIN", "RUBY",  "SALAD", "SAUNA", "SHELL", "SOLAR", "SUGAR", "SWAN",
    "TANGO", "TIGER", "TULIP", "UNION", "VIOLA", "WAGON", "WHEAT", "YACHT", "ZEBRA", "ZINC",
];

/// A room code in its canonical spelling: capital letters, a hyphen, two digits.
///
/// Text behind which zeros are, so that two codes are compared as two numbers: a server looks rooms up by their code
/// several times a move.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Deserialize, derive_more::Debug)]
#[debug("{self}")]
#[serde(try_from = "ArrayString<MAX_CODE_BYTES>")]
pub struct RoomCode([u8; MAX_CODE_BYTES]);

/// The error for a text that is no room code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a room code is a word of four or five letters, a dash and two digits, such as KITE-42")]
pub struct ParseRoomCodeError;

impl RoomCode {
    /// Returns the `index`-th of the [`RoomCode::COUNT`] codes that a server draws from; the index wraps.
    pub fn nth(index: usize) -> Self {
        let word = CODE_WORDS[index / 100 % CODE_WORDS.len()];
        Self::new(word, index % 100)
    }

    /// The number of codes that a server draws from.
    pub const COUNT: usize = CODE_WORDS.len() * 100;

    /// Parses a typed code: letter case, dashes of any kind, spaces and full-width characters do not matter (`kite42`,
    /// `Kite 42`, `KITE—４２`).
    ///
    /// # Errors
    ///
    /// [`ParseRoomCodeError`] if the text is no code in any spelling.
    pub fn parse_typed(typed: &str) -> Result<Self, ParseRoomCodeError> {
        let mut letters = ArrayString::<MAX_CODE_BYTES>::new();
        let typed = typed.chars().map(ascii_form);
        for character in typed.filter(|character| !character.is_whitespace() && *character != '-') {
            if letters.try_push(character.to_ascii_uppercase()).is_err() {
                return Err(ParseRoomCodeError);
            }
        }
        let digits_at =
            letters.find(|character: char| character.is_ascii_digit()).ok_or(ParseRoomCodeError)?;
        let (word, digits) = letters.split_at(digits_at);
        match digits.parse() {
            Ok(number) if digits.len() == 2 && is_word(word) => Ok(Self::new(word, number)),
            _ => Err(ParseRoomCodeError),
        }
    }

    /// Returns the code as text, such as `KITE-42`.
    pub fn as_str(&self) -> &str {
        let text = self.0.split(|byte| *byte == 0).next().unwrap_or_default();
        // Letters, a dash and digits are always UTF-8.
        str::from_utf8(text).unwrap_or_default()
    }

    fn new(word: &str, number: usize) -> Self {
        let mut code = [0; MAX_CODE_BYTES];
        io::Write::write_fmt(&mut &mut code[..], format_args!("{word}-{number:02}"))
            .expect("eight bytes fit");
        Self(code)
    }
}

impl Ord for RoomCode {
    fn cmp(&self, other: &Self) -> Ordering {
        u64::from_be_bytes(self.0).cmp(&u64::from_be_bytes(other.0))
    }
}

impl PartialOrd for RoomCode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for RoomCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

parsed_within!(RoomCode, MAX_CODE_BYTES);

impl FromStr for RoomCode {
    type Err = ParseRoomCodeError;

    /// Parses the canonical spelling only, as it stands in a message.
    fn from_str(text: &str) -> Result<Self, ParseRoomCodeError> {
        let code = Self::parse_typed(text)?;
        if code.as_str() == text { Ok(code) } else { Err(ParseRoomCodeError) }
    }
}

impl fmt::Display for RoomCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

fn is_word(word: &str) -> bool {
    WORD_LETTERS.contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_distinct_and_parses_back() {
        let codes: BTreeSet<RoomCode> = (0..RoomCode::COUNT).map(RoomCode::nth).collect();
        assert_eq!(codes.len(), RoomCode::COUNT);
        for code in codes {
            assert_eq!(code.as_str().parse(), Ok(code));
            assert_eq!(RoomCode::parse_typed(&code.as_str().to_lowercase().replace('-', "")), Ok(code));
        }
    }

    #[test]
    fn a_person_may_spell_it_loosely_and_a_message_may_not() {
        for typed in [
            "kite-42",
            "KITE42",
            "Kite 42",
            " kite - 42 ",
            "KITE–42",
            "kite—42",
            "KITE\u{2011}42",
            "ＫＩＴＥ－４２",
            "kite\u{a0}\t42",
        ] {
            assert_eq!(
                RoomCode::parse_typed(typed).map(|code| code.to_string()),
                Ok("KITE-42".into()),
                "{typed}"
            );
            assert_eq!(typed.parse::<RoomCode>(), Err(ParseRoomCodeError), "{typed}");
        }
    }

    #[test]
    fn other_texts_are_no_codes() {
        for text in [
            "",
            "KITE",
            "42",
            "KIT-42",
            "KITES-4",
            "KITE-421",
            "KITTEN-42",
            "K1TE-42",
            "KITÉ-42",
            "KITE-4\u{663}",
        ] {
            assert_eq!(RoomCode::parse_typed(text), Err(ParseRoomCodeError), "{text}");
        }
    }
}
