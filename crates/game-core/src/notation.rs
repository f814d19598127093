//! Serde for types that have a notation: a text in formats for people, numbers in those for programs.

use core::fmt::Display;

use arrayvec::ArrayString;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Bytes of the longest notation, `19x19:19 misere`.
const MAX_NOTATION_BYTES: usize = 15;

/// Serializes a value that is written as `notation` for people, and as `fields` for programs.
pub(crate) fn serialize<S: Serializer>(
    fields: &impl Serialize,
    notation: impl Display,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.collect_str(&notation)
    } else {
        fields.serialize(serializer)
    }
}

/// Deserializes a value by its notation from a format for people, and by its fields from one for programs.
pub(crate) fn deserialize<'de, Fields, T, E, D>(
    parse: impl FnOnce(&str) -> Result<T, E>,
    deserializer: D,
) -> Result<T, D::Error>
where
    Fields: Deserialize<'de>,
    T: TryFrom<Fields, Error: Display>,
    E: Display,
    D: Deserializer<'de>,
{
    if deserializer.is_human_readable() {
        let text = ArrayString::<MAX_NOTATION_BYTES>::deserialize(deserializer)?;
        parse(&text).map_err(D::Error::custom)
    } else {
        Fields::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
    }
}
