//! Messages as JSON: the second encoding, for browsers and for programs that somebody writes in an evening.
//!
//! Both encodings come from the same types. Here a variant is an object whose `type` is its name; the fields of a variant, or
//! of the struct in it, stand beside the `type`, and everything else that is in it is its `value`. A variant of an enum in
//! which no variant holds anything is a string. Values with a notation are strings.

mod reader;
mod writer;

use thiserror::Error;

use self::{reader::Reader, writer::Writer};
use super::codec::Message;

/// Bytes of the longest text that a client may send: twice those of the longest message in which every character is escaped.
pub const MAX_JSON: usize = 4096;

/// The reason why a text is no message: it is not JSON, or not of that type.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct JsonError(#[from] serde_json::Error);

/// Encodes a message.
///
/// # Panics
///
/// Never: our messages consist of structs, enums, sequences, texts and numbers.
pub fn encode(message: &impl Message) -> String {
    let mut writer = Writer::default();
    message.serialize(&mut writer).expect("a message is JSON");
    writer.into_text()
}

/// Decodes a message, of which the caller has bounded the length.
///
/// # Errors
///
/// [`JsonError`], also for fields that the message of a client does not have.
pub fn decode<M: Message>(text: &str) -> Result<M, JsonError> {
    Ok(M::deserialize(Reader::new(serde_json::from_str(text)?))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::ClientMessage;

    #[track_caller]
    fn check_refused(text: &str, reason: &str) {
        let error = decode::<ClientMessage>(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }

    #[test]
    fn what_is_no_message_is_refused() {
        check_refused("", "EOF");
        check_refused("hello", "expected value");
        check_refused("null", "expected an object with a `type`");
        check_refused("[]", "expected an object with a `type`");
        check_refused("\"hello\"", "expected an object with a `type`");
        check_refused("{}", "expected an object with a `type`");
        check_refused(r#"{"type":7}"#, "expected an object with a `type`");
        check_refused(r#"{"type":"Pong","nonce":1}"#, "unknown variant `Pong`");
        check_refused(r#"{"type":"pong"}"#, "missing field `nonce`");
        check_refused(r#"{"type":"pong","nonce":-1}"#, "invalid value: integer `-1`");
        check_refused(r#"{"type":"pong","nonce":1.5}"#, "invalid type: floating point");
        check_refused(r#"{"type":"pong","nonce":1}{"#, "trailing characters");
        check_refused(&"[".repeat(1000), "recursion limit");
    }

    #[test]
    fn unknown_fields_are_refused_everywhere() {
        check_refused(r#"{"type":"pong","nonce":1,"x":1}"#, "unknown field `x`");
        check_refused(r#"{"type":"hello","name":"ana","resume":null,"x":1}"#, "unknown field `x`");
        check_refused(r#"{"type":"command","value":{"type":"leave","x":1}}"#, "nothing beside");
        check_refused(r#"{"type":"command","value":{"type":"leave"},"x":1}"#, "nothing beside");
        check_refused(r#"{"type":"command","value":{"type":"quick-match","x":1}}"#, "unknown field `x`");
        let terms = r#"{"rules":"3x3","best_of":null,"time":"off","x":1}"#;
        check_refused(
            &format!(r#"{{"type":"command","value":{{"type":"quick-match","terms":{terms}}}}}"#),
            "unknown field `x`",
        );
        check_refused(r#"{"type":"ask","value":{"type":"rooms","first":0,"x":1}}"#, "unknown field `x`");
        check_refused(r#"{"type":"close","value":"goodbye","x":1}"#, "nothing beside");
    }

    #[test]
    fn one_thing_has_one_form() {
        check_refused(r#"{"type":"close","value":{"type":"goodbye"}}"#, "expected a string");
        check_refused(r#"{"type":"command","value":"leave"}"#, "expected an object with a `type`");
        check_refused(r#"{"type":"hello","value":{"name":"ana","resume":null}}"#, "unknown field `value`");
        check_refused(r#"{"hello":{"name":"ana","resume":null}}"#, "expected an object with a `type`");
        check_refused(r#"{"type":"hello","name":"ana","resume":{"session":5}}"#, "expected a string");
    }

    #[test]
    fn a_value_with_a_notation_is_checked_like_a_typed_one() {
        let hello =
            |name: &str, resume: &str| format!(r#"{{"type":"hello","name":{name},"resume":{resume}}}"#);
        check_refused(&hello("\"\\u001b[2J\"", "null"), "U+001B");
        check_refused(&hello("\"\"", "null"), "at least one visible character");
        check_refused(&hello(&format!("{:?}", "x".repeat(65)), "null"), "invalid length");
        check_refused(&hello("\"ana\"", "\"5-a0\""), "a token is");
        check_refused(&hello("\"ana\"", &format!("\"5-+{}\"", "0".repeat(31))), "a token is");
        let create = |terms: &str| {
            format!(
                r#"{{"type":"command","value":{{"type":"create","terms":{terms},"access":{{"type":"public"}}}}}}"#
            )
        };
        let terms = |rules: &str, best_of: u8, time: &str| {
            create(&format!(r#"{{"rules":"{rules}","best_of":{best_of},"time":"{time}"}}"#))
        };
        assert!(decode::<ClientMessage>(&terms("15x15", 3, "60s")).is_ok());
        check_refused(&terms("2x3", 3, "off"), "a board has from 3");
        check_refused(&terms("3x3 misère", 3, "off"), "write rules as");
        check_refused(&terms("3x3", 2, "off"), "odd number");
        check_refused(&terms("3x3", 3, "0s"), "a clock is");
        let play =
            r#"{"type":"command","value":{"type":"play","match_number":1,"branch":0,"ply":0,"cell":"t1"}}"#;
        check_refused(play, "not a cell");
    }

    /// A client that leaves out such a field means null.
    #[test]
    fn a_field_that_may_be_null_may_be_missing() {
        assert!(decode::<ClientMessage>(r#"{"type":"hello","name":"ana"}"#).is_ok());
        assert!(decode::<ClientMessage>(r#"{"type":"command","value":{"type":"quick-match"}}"#).is_ok());
    }
}
