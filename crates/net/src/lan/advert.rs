//! The announcement of a server: the TXT record (RFC 6763 section 6) and the names around it.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, str};

use thiserror::Error;

use crate::proto::{Name, ProtocolRange};

/// The service type (RFC 6763 section 7). It says `_tcp`, as for every service that is not of UDP alone; the port serves
/// both.
pub const SERVICE_TYPE: &str = "_oxo._tcp.local.";

/// An announced server. Nothing in it changes while the server runs; its rooms are asked of the server itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advert {
    /// The name of the server.
    pub name: Name,
    /// The protocols that it speaks.
    pub protocol: ProtocolRange,
}

/// The reason why a record is no server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AdvertError {
    /// A required key is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A key has a value that it cannot have.
    #[error("`{0}` has a value that makes no sense")]
    Value(&'static str),
}

impl Advert {
    /// The strings of the TXT record.
    pub(crate) fn to_txt(self) -> [String; 3] {
        [
            // First, as section 6.7 demands.
            format!("{KEY_VERSION}={TXT_VERSION}"),
            format!("{KEY_PROTOCOL}={}", range_text(self.protocol)),
            format!("{KEY_NAME}={}", self.name),
        ]
    }

    /// Reads a TXT record that anybody may have sent.
    ///
    /// Keys are compared without regard to case, the first of equal ones counts, and unknown ones are ignored (section 6.4).
    /// At most 9 are read. Characters that a name cannot have are dropped.
    ///
    /// # Errors
    ///
    /// [`AdvertError`] when the record is no server.
    pub fn from_txt<'a>(
        txt: impl IntoIterator<Item = (&'a str, Option<&'a [u8]>)>,
    ) -> Result<Self, AdvertError> {
        let mut values = BTreeMap::new();
        for (key, value) in txt.into_iter().take(MAX_KEYS) {
            // The first of equal keys counts, even without a value.
            values.entry(key.to_ascii_lowercase()).or_insert_with(|| value.unwrap_or_default());
        }
        // In a record of another version the same keys may mean other things.
        needed(&values, KEY_VERSION, |text| (text == TXT_VERSION).then_some(()))?;
        Ok(Self {
            name: needed(&values, KEY_NAME, Name::sanitize)?,
            protocol: needed(&values, KEY_PROTOCOL, parse_range)?,
        })
    }

    /// The first label of the service's name, such as `ana 1a2b3c4d`: readable, and unique by `tag`.
    ///
    /// In small letters and without dots, since some programs lose the case of names or do not escape dots.
    pub(crate) fn instance(&self, tag: u32) -> String {
        let name = self.name.as_str().to_lowercase();
        let mut instance = String::new();
        for character in name.chars().filter(|&character| character.is_alphanumeric() || character == ' ') {
            if instance.len() + character.len_utf8() > MAX_NAMED_BYTES {
                break;
            }
            instance.push(character);
        }
        format!("{} {tag:08x}", instance.trim()).trim_start().to_owned()
    }
}

fn needed<T>(
    values: &BTreeMap<String, &[u8]>,
    key: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, AdvertError> {
    let value = values.get(key).ok_or(AdvertError::Missing(key))?;
    str::from_utf8(value).ok().and_then(read).ok_or(AdvertError::Value(key))
}

fn range_text(ProtocolRange { oldest, newest }: ProtocolRange) -> String {
    if oldest == newest { newest.to_string() } else { format!("{oldest}-{newest}") }
}

fn parse_range(text: &str) -> Option<ProtocolRange> {
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
    let (oldest, newest) = text.split_once('-').unwrap_or((text, text));
    let range = ProtocolRange { oldest: number(oldest)?, newest: number(newest)? };
    (range.oldest <= range.newest).then_some(range)
}

/// The version of the record, which fixes the meaning of its keys.
const TXT_VERSION: &str = "1";

// At most nine letters each, as RFC 6763 section 6.4 advises.
const KEY_VERSION: &str = "txtvers";
const KEY_PROTOCOL: &str = "protovers";
const KEY_NAME: &str = "name";

/// Keys of a record that are read: three times as many as there are, for the sake of newer programs. A record of 64 KiB has
/// room for thirty thousand.
const MAX_KEYS: usize = 9;

/// Bytes of the name in a label. A label has 63 (RFC 1035 section 2.3.4): nine are for the tag, and ten are left for programs
/// that append a number to make a name unique.
const MAX_NAMED_BYTES: usize = 44;
