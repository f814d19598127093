//! Text in upper case.

use std::mem;

/// Puts a stream in upper case as it comes, however it is cut: the beginning of a character waits for the rest.
#[derive(Debug, Default)]
pub(crate) struct UpperCase {
    /// At most three bytes.
    held: Vec<u8>,
}

impl UpperCase {
    /// The answer to some bytes, and to those that were held back before them.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend(bytes);
        let whole = self.held.len() - incomplete(&self.held);
        let rest = self.held.split_off(whole);
        upper_case(&mem::replace(&mut self.held, rest), Growth::Allowed)
    }

    /// The answer to the end of the stream.
    pub(crate) fn end(&mut self) -> Vec<u8> {
        mem::take(&mut self.held)
    }
}

/// A limit on the length of a text in upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Growth {
    /// None: `ŉ` becomes `ʼN`, which takes a byte more.
    Allowed,
    /// As many bytes as before at most: `ŉ` stays as it is.
    Forbidden,
}

/// Puts bytes in upper case as Unicode has it. What is no UTF-8 stays as it is.
pub(crate) fn upper_case(bytes: &[u8], growth: Growth) -> Vec<u8> {
    let mut upper = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            let becomes: String = character.to_uppercase().collect();
            let stays = growth == Growth::Forbidden && becomes.len() > character.len_utf8();
            let becomes = if stays { character.into() } else { becomes };
            upper.extend(becomes.as_bytes());
        }
        upper.extend(chunk.invalid());
    }
    upper
}

/// The number of bytes at the end that begin a character.
fn incomplete(bytes: &[u8]) -> usize {
    let begins_character = |count: &usize| {
        str::from_utf8(&bytes[bytes.len() - count..])
            .is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
    };
    (1..=bytes.len().min(3)).find(begins_character).unwrap_or(0)
}
