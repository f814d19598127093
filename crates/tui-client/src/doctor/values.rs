//! The facts of a check as JSON values.

use std::time::Duration;

use net::{
    connect::{ConnectError, Failure},
    multicast::Replies,
};
use serde::{Serialize, Serializer};
use serde_json::json;

/// The JSON form of a [`Result`].
#[derive(Serialize)]
#[serde(remote = "Result", rename_all = "lowercase")]
pub(super) enum Outcome<T, E> {
    Ok(T),
    #[serde(rename = "error")]
    Err(E),
}

pub(super) fn text<T: ToString, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.to_string())
}

pub(super) fn word<S: Serializer>(failure: &Failure, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(failure.into())
}

pub(super) fn millis<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(in_millis(*time))
}

pub(super) fn list_of_millis<S: Serializer>(times: &[Duration], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(times.iter().copied().map(in_millis))
}

pub(super) fn replies<S: Serializer>(
    outcome: &Result<Replies, String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let value =
        |replies: &Replies| json!({ "own_millis": replies.own.map(in_millis), "others": replies.others });
    Outcome::serialize(&outcome.as_ref().map(value), serializer)
}

pub(super) fn lookup<T: Serialize, S: Serializer>(
    lookup: &Result<T, ConnectError>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    Outcome::serialize(&lookup.as_ref().map_err(ConnectError::causes), serializer)
}

/// Milliseconds to three places, as fine as they are measured.
fn in_millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// Escapes the characters that could move a cursor or reorder a line of a terminal. They stand in strings alone, where JSON
/// has escapes for all.
pub(super) fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_alphanumeric() || (character.is_ascii() && character != '\x7f') {
            escaped.push(character);
        } else {
            let mut units = [0; 2];
            let units = character.encode_utf16(&mut units);
            escaped.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_strangers_is_escaped_and_none_is_lost() {
        let hostile = "a\x1b[2J\u{202e}b\u{9b}31m\x7f\u{e0001}\r\n\tc \u{e9}\u{301}";
        let escaped = escape(&serde_json::to_string(hostile).unwrap());
        assert_eq!(escaped, r#""a\u001b[2J\u202eb\u009b31m\u007f\udb40\udc01\r\n\tc é\u0301""#);
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), hostile);
    }
}
