//! Texts as people write them: characters from the keyboards of the world, and notations in formats for people.

/// Returns the ASCII character that a typed one stands for: a full-width form (U+FF01 to U+FF5E and the ideographic space) or
/// a dash. Every other character stands for itself.
pub fn ascii_form(typed: char) -> char {
    match typed {
        '\u{3000}' => ' ',
        // Hyphens, dashes and the minus sign; the soft hyphen comes with texts copied from a page.
        '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(typed) - FULL_WIDTH_OFFSET).unwrap_or(typed),
        _ => typed,
    }
}

/// Implements serde for a type with `#[serde(remote = "Self")]`: by its notation and `FromStr` in formats for people, and as
/// derived in those for programs.
macro_rules! serde_by_notation {
    ($type:ty, $notation:expr) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(&$notation(self))
                } else {
                    Self::serialize(self, serializer)
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                } else {
                    Self::deserialize(deserializer)
                }
            }
        }
    };
}

/// Parses what comes over the wire as text of so many bytes at most.
macro_rules! parsed_within {
    ($type:ty, $bytes:expr) => {
        impl TryFrom<arrayvec::ArrayString<$bytes>> for $type {
            type Error = <Self as std::str::FromStr>::Err;

            fn try_from(text: arrayvec::ArrayString<$bytes>) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
    };
}

pub(super) use {parsed_within, serde_by_notation};

/// The distance of a full-width form from its ASCII character (Unicode, Halfwidth and Fullwidth Forms).
const FULL_WIDTH_OFFSET: u32 = 0xfee0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_other_keyboards_have_an_ascii_form() {
        for (typed, expected) in
            [('５', '5'), ('Ｒ', 'R'), ('？', '?'), ('\u{3000}', ' '), ('–', '-'), ('—', '-'), ('−', '-')]
        {
            assert_eq!(ascii_form(typed), expected, "{typed}");
        }
        for other in ['5', 'q', 'é', 'й', '\u{66a}', '\u{ff5f}'] {
            assert_eq!(ascii_form(other), other);
        }
    }
}
