//! The name of a player or a server.

use std::str::FromStr;

use arrayvec::ArrayString;
use derive_more::{Debug, Display};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use unicode_security::skeleton;

use super::{
    typed::parsed_within,
    visible::{columns, is_allowed, visible_part},
};

/// Maximum terminal columns of a name. Sixteen fit beside a mark, a score and a clock on a screen of 40.
pub const MAX_NAME_COLUMNS: usize = 16;

/// Maximum bytes of a name in UTF-8: four for each column, the most that one character needs.
const MAX_NAME_BYTES: usize = 4 * MAX_NAME_COLUMNS;

/// A name that is safe to draw and to log.
///
/// # Invariants
///
/// One to [`MAX_NAME_COLUMNS`] terminal columns of visible characters, with single spaces between words and none at the
/// ends. No control, escape, bidirectional, invisible, private-use, unassigned or combining characters: a name can neither
/// steer a terminal nor be drawn wider than it is counted. Two names may still look alike; see [`skeleton`](Self::skeleton).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Display, Debug)]
#[debug("{_0:?}")]
#[serde(try_from = "ArrayString<MAX_NAME_BYTES>")]
pub struct Name(ArrayString<MAX_NAME_BYTES>);

/// The look of a [`Name`]. Names that share it are easily taken for each other (Unicode Technical Standard 39, section 4):
/// `Tim` and `Tirn`, `l` and `1`, a Latin and a Cyrillic `a`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skeleton(Box<str>);

/// The reason why a text is no [`Name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParseNameError {
    /// The text is empty.
    #[error("a name needs at least one visible character")]
    Empty,
    /// The text takes more than [`MAX_NAME_COLUMNS`] columns or 64 bytes.
    #[error("a name takes at most {MAX_NAME_COLUMNS} columns")]
    TooLong,
    /// A space stands at an end or beside another space.
    #[error("a name has single spaces between words, and none at its ends")]
    Spacing,
    /// A character is not allowed. The error carries its code point, because drawing it would be the harm.
    #[error("a name cannot hold the character U+{0:04X}")]
    Character(u32),
}

impl Name {
    /// Parses typed text, without what carries no meaning in it and without spaces at the ends.
    ///
    /// # Errors
    ///
    /// [`ParseNameError`] if the rest is no name.
    pub fn parse_typed(typed: &str) -> Result<Self, ParseNameError> {
        visible_part(typed).trim_matches(' ').parse()
    }

    /// Makes the best name of any text: characters that are not allowed are left out, and the rest is cut to fit.
    ///
    /// For names that were not typed for this purpose, such as a login name. `None` if nothing is left.
    pub fn sanitize(text: &str) -> Option<Self> {
        let mut kept = Self(ArrayString::new());
        for word in visible_part(text).split_whitespace() {
            let mut candidate = kept;
            if !kept.0.is_empty() && candidate.0.try_push(' ').is_err() {
                break;
            }
            for character in word.chars().filter(|&character| is_allowed(character)) {
                let before = candidate;
                if candidate.0.try_push(character).is_err() || columns(&candidate.0) > MAX_NAME_COLUMNS {
                    candidate = before;
                    break;
                }
            }
            if !candidate.0.ends_with(' ') {
                kept = candidate;
            }
        }
        Self::from_str(&kept.0).ok()
    }

    /// Returns the name with a number behind it, to tell players of the same name apart: `ana 2`.
    ///
    /// A name too long for the number loses its tail.
    ///
    /// # Panics
    ///
    /// Never: sixteen columns take at most 64 bytes.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        let suffix = format!(" {number}");
        let mut base = self.0;
        while columns(&base) + suffix.len() > MAX_NAME_COLUMNS || base.ends_with(' ') {
            base.pop();
        }
        base.try_push_str(&suffix).expect("sixteen columns of at most four bytes fit");
        Self(base)
    }

    /// Returns the look of the name.
    pub fn skeleton(&self) -> Skeleton {
        Skeleton(skeleton(&self.0).collect::<String>().into())
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the number of terminal columns, 1 to [`MAX_NAME_COLUMNS`].
    pub fn columns(&self) -> usize {
        columns(&self.0)
    }
}

impl FromStr for Name {
    type Err = ParseNameError;

    fn from_str(text: &str) -> Result<Self, ParseNameError> {
        if text.is_empty() {
            return Err(ParseNameError::Empty);
        }
        let Ok(name) = ArrayString::from(text) else { return Err(ParseNameError::TooLong) };
        if let Some(bad) = text.chars().find(|&character| character != ' ' && !is_allowed(character)) {
            return Err(ParseNameError::Character(u32::from(bad)));
        }
        if text.starts_with(' ') || text.ends_with(' ') || text.contains("  ") {
            return Err(ParseNameError::Spacing);
        }
        if columns(text) > MAX_NAME_COLUMNS {
            return Err(ParseNameError::TooLong);
        }
        Ok(Self(name))
    }
}

parsed_within!(Name, MAX_NAME_BYTES);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthChar;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(), ParseNameError>) {
        assert_eq!(text.parse::<Name>().map(|name| assert_eq!(name.as_str(), text)), expected, "{text:?}");
    }

    #[test]
    fn ordinary_names_are_names() {
        for name in [
            "ana",
            "Dad laptop",
            "O'Brien",
            "Åse",
            "Łukasz",
            "李小龙",
            "あき",
            "🦊",
            "x_X-9",
            "1234567890123456",
        ] {
            check(name, Ok(()));
        }
    }

    #[test]
    fn what_steers_or_hides_is_refused() {
        for bad in [
            '\0',
            '\x07',
            '\x08',
            '\t',
            '\n',
            '\r',
            '\x1b',
            '\x7f',
            '\u{80}',
            '\u{85}',
            '\u{9b}',
            '\u{9d}',
            '\u{a0}',
            '\u{ad}',
            '\u{301}',
            '\u{61c}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{2800}',
            '\u{3000}',
            '\u{3164}',
            '\u{e000}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{fff9}',
            '\u{fffd}',
            '\u{e0041}',
            '\u{10ffff}',
            '\u{378}',
            '\u{1d159}',
            '\u{13441}',
            '\u{fdfd}',
            '\u{2e3b}',
            '\u{1f3fb}',
        ] {
            check(&format!("a{bad}b"), Err(ParseNameError::Character(u32::from(bad))));
        }
    }

    #[test]
    fn length_is_counted_in_columns() {
        check("", Err(ParseNameError::Empty));
        check("12345678901234567", Err(ParseNameError::TooLong));
        check("李李李李李李李李", Ok(()));
        check("李李李李李李李李李", Err(ParseNameError::TooLong));
        check(&"a".repeat(4096), Err(ParseNameError::TooLong));
        check(&"🦊".repeat(8), Ok(()));
        check(&"🦊".repeat(9), Err(ParseNameError::TooLong));
    }

    #[test]
    fn spaces_stand_single_and_inside() {
        for text in [" ana", "ana ", "a  b", " "] {
            check(text, Err(ParseNameError::Spacing));
        }
    }

    #[test]
    fn numbers_tell_namesakes_apart_and_fit() {
        let numbered = |text: &str, number| text.parse::<Name>().unwrap().numbered(number).to_string();
        assert_eq!(numbered("ana", 2), "ana 2");
        assert_eq!(numbered("1234567890123456", 2), "12345678901234 2");
        assert_eq!(numbered("123456789012 456", 12), "123456789012 12");
        assert_eq!(numbered("李李李李李李李李", 2), "李李李李李李李 2");
    }

    #[test]
    fn a_typed_name_loses_what_carries_no_meaning() {
        let typed = |text| Name::parse_typed(text).map(|name| name.to_string());
        assert_eq!(typed("E\u{301}va ✌\u{fe0f}"), Ok("Éva ✌".into()));
        assert_eq!(typed(" ana\u{a0}\u{200b}maria\u{3000}"), Ok("ana maria".into()));
        assert_eq!(typed("👩\u{200d}💻👍\u{1f3fd}"), Ok("👩💻👍".into()));
        assert_eq!(typed("\u{3164}\u{200b}"), Err(ParseNameError::Empty));
        assert_eq!(typed("\u{202e}ana"), Err(ParseNameError::Character(0x202e)));
    }

    #[test]
    fn names_that_look_alike_share_a_skeleton() {
        let look = |text: &str| text.parse::<Name>().unwrap().skeleton();
        for (one, other) in [
            ("ana", "аnа"),
            ("ana", "ɑna"),
            ("ana", "ａｎａ"),
            ("Tim", "Tirn"),
            ("BEN", "ΒΕΝ"),
            ("lol", "1o1"),
            ("O'Brien", "0’Brien"),
            ("x-y", "x‐y"),
        ] {
            assert_eq!(look(one), look(other), "{one} and {other}");
        }
        for (one, other) in [("ana", "anna"), ("ana", "Ana"), ("ana", "ána"), ("ana", "ana 2")] {
            assert_ne!(look(one), look(other), "{one} and {other}");
        }
    }

    #[test]
    fn a_login_name_is_made_fit() {
        let sanitize = |text| Name::sanitize(text).map(|name| name.to_string());
        assert_eq!(sanitize("  ana\x1b[31m \t maria "), Some("ana[31m maria".into()));
        assert_eq!(sanitize("\u{202e}\u{200b}"), None);
        assert_eq!(sanitize("averyveryverylongloginname"), Some("averyveryverylon".into()));
    }

    proptest! {
        #[test]
        fn whatever_parses_is_safe_to_draw(text in any::<String>()) {
            if let Ok(name) = text.parse::<Name>() {
                prop_assert!(name.columns() <= MAX_NAME_COLUMNS);
                prop_assert!(!name.as_str().chars().any(|c| c.is_control() || c.width() == Some(0)));
                prop_assert!(name.numbered(4_294_967_295).columns() <= MAX_NAME_COLUMNS);
                prop_assert!(name.numbered(2).as_str().parse::<Name>().is_ok());
            }
            for name in [Name::parse_typed(&text).ok(), Name::sanitize(&text)].into_iter().flatten() {
                prop_assert_eq!(name.as_str().parse::<Name>(), Ok(name));
                prop_assert_eq!(Name::parse_typed(name.as_str()), Ok(name));
            }
        }
    }
}
