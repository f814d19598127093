//! The announcement of a room: the TXT record (RFC 6763 section 6) and the names around it.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, str};

use game_core::Rules;
use thiserror::Error;

use crate::proto::{BestOf, Name, PROTOCOL, ProtocolRange, RoomCode, RoomLine, Terms};

/// The service type (RFC 6763 section 7). It says `_tcp`, as for every service that is not of UDP alone; the port serves
/// both.
pub const SERVICE_TYPE: &str = "_oxo._tcp.local.";

/// An announced room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advert {
    /// The code to join or watch it.
    pub code: RoomCode,
    /// The player who opened it.
    pub host: Name,
    /// The opponent, once there is one.
    pub guest: Option<Name>,
    /// The terms of its matches.
    pub terms: Terms,
    /// True if it needs a passcode.
    pub is_locked: bool,
    /// True if it may be watched.
    pub is_watchable: bool,
    /// The protocols of its server.
    pub protocol: ProtocolRange,
}

/// The state of a room, in the order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoomState {
    /// It waits for a second player.
    Open,
    /// Two players are in it.
    InPlay,
    /// It needs a passcode, and waits or is in play.
    Locked,
}

/// The reason why a record is no room.
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
    /// The announcement of a room on this program's list.
    pub const fn of_line(line: &RoomLine) -> Self {
        let RoomLine { code, host, guest, terms, is_locked, is_watchable, watchers: _, seconds: _ } = *line;
        Self { code, host, guest, terms, is_locked, is_watchable, protocol: PROTOCOL }
    }

    /// The state for a list.
    pub const fn state(&self) -> RoomState {
        match (self.is_locked, self.guest) {
            (true, _) => RoomState::Locked,
            (false, Some(_)) => RoomState::InPlay,
            (false, None) => RoomState::Open,
        }
    }

    /// True if this program shares a protocol with its server.
    pub fn is_understood(&self) -> bool {
        self.protocol.common(PROTOCOL).is_some()
    }

    /// The keys and values of the TXT record. A key without a value is a flag that is set (RFC 6763 section 6.4).
    pub(crate) fn to_txt(self) -> Vec<(&'static str, Option<String>)> {
        let Terms { rules, best_of, time } = self.terms;
        let mut txt = vec![
            // First, as section 6.7 demands.
            (KEY_VERSION, Some(TXT_VERSION.to_owned())),
            (KEY_PROTOCOL, Some(range_text(self.protocol))),
            (KEY_CODE, Some(self.code.to_string())),
            (KEY_HOST, Some(self.host.to_string())),
            (KEY_STATE, Some(self.state().key().to_owned())),
            (KEY_RULES, Some(rules.to_string())),
            (KEY_CLOCK, Some(time.to_string())),
        ];
        txt.extend(best_of.map(|best_of| (KEY_SERIES, Some(best_of.to_string()))));
        txt.extend(self.guest.map(|guest| (KEY_GUEST, Some(guest.to_string()))));
        txt.extend(rules.is_misere().then_some((KEY_MISERE, None)));
        txt.extend(self.is_watchable.then_some((KEY_WATCH, None)));
        txt
    }

    /// Reads a TXT record that anybody may have sent.
    ///
    /// Keys are compared without regard to case, the first of equal ones counts, and unknown ones are ignored (section 6.4).
    /// At most 33 are read. Characters that a name cannot have are dropped.
    ///
    /// # Errors
    ///
    /// [`AdvertError`] when the record is no room.
    pub fn from_txt<'a>(
        txt: impl IntoIterator<Item = (&'a str, Option<&'a [u8]>)>,
    ) -> Result<Self, AdvertError> {
        let mut values = BTreeMap::new();
        for (key, value) in txt.into_iter().take(MAX_KEYS) {
            // The first of equal keys counts, even without a value.
            values.entry(key.to_ascii_lowercase()).or_insert_with(|| value.unwrap_or_default());
        }
        Keys(values).advert()
    }

    /// The first label of the service's name, such as `kite-42 ana 1a2b3c4d`: readable, and unique by `tag`.
    ///
    /// In small letters and without dots, since some programs lose the case of names or do not escape dots.
    pub(crate) fn instance(&self, tag: u32) -> String {
        let host = self.host.as_str().to_lowercase();
        let mut instance = self.code.as_str().to_ascii_lowercase();
        let mut is_first = true;
        for character in host.chars().filter(|&character| character.is_alphanumeric() || character == ' ') {
            if instance.len() + character.len_utf8() + usize::from(is_first) > MAX_NAMED_BYTES {
                break;
            }
            if is_first {
                instance.push(' ');
                is_first = false;
            }
            instance.push(character);
        }
        format!("{} {tag:08x}", instance.trim_end())
    }

    /// The host name of the service's addresses. Each room has its own, since a goodbye takes the addresses with it.
    pub(crate) fn host_name(&self, tag: u32) -> String {
        format!("oxo-{tag:08x}-{}.local.", self.code.as_str().to_ascii_lowercase())
    }
}

impl RoomState {
    /// The word in the record and in `oxo list --json`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InPlay => "playing",
            Self::Locked => "locked",
        }
    }

    /// The word for people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InPlay => "in play",
            Self::Locked => "locked",
        }
    }

    fn of_key(key: &str) -> Option<Self> {
        [Self::Open, Self::InPlay, Self::Locked].into_iter().find(|state| state.key() == key)
    }
}

/// The values of a record by their keys in small letters.
struct Keys<'a>(BTreeMap<String, &'a [u8]>);

impl Keys<'_> {
    fn advert(&self) -> Result<Advert, AdvertError> {
        // In a record of another version the same keys may mean other things.
        if self.optional(KEY_VERSION, |text| (text == TXT_VERSION).then_some(()))?.is_none() {
            return Err(AdvertError::Missing(KEY_VERSION));
        }
        let rules: Rules = self.needed(KEY_RULES, |text| text.parse().ok())?;
        let terms = Terms {
            rules: rules.with_misere(self.0.contains_key(KEY_MISERE)),
            best_of: self.optional(KEY_SERIES, |text| text.parse::<BestOf>().ok())?,
            time: self.needed(KEY_CLOCK, |text| text.parse().ok())?,
        };
        let state = self.needed(KEY_STATE, RoomState::of_key)?;
        let guest = self.optional(KEY_GUEST, Name::sanitize)?;
        match (state, guest) {
            (RoomState::InPlay, None) => return Err(AdvertError::Missing(KEY_GUEST)),
            (RoomState::Open, Some(_)) => return Err(AdvertError::Value(KEY_GUEST)),
            (RoomState::InPlay | RoomState::Locked, Some(_))
            | (RoomState::Open | RoomState::Locked, None) => {}
        }
        Ok(Advert {
            code: self.needed(KEY_CODE, |text| RoomCode::parse_typed(text).ok())?,
            host: self.needed(KEY_HOST, Name::sanitize)?,
            guest,
            terms,
            is_locked: state == RoomState::Locked,
            is_watchable: self.0.contains_key(KEY_WATCH),
            protocol: self.needed(KEY_PROTOCOL, parse_range)?,
        })
    }

    fn needed<T>(&self, key: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, AdvertError> {
        self.optional(key, read)?.ok_or(AdvertError::Missing(key))
    }

    fn optional<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, AdvertError> {
        let Some(value) = self.0.get(key) else { return Ok(None) };
        let read = str::from_utf8(value).ok().and_then(read);
        read.map(Some).ok_or(AdvertError::Value(key))
    }
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
const KEY_CODE: &str = "code";
const KEY_HOST: &str = "host";
const KEY_GUEST: &str = "guest";
const KEY_STATE: &str = "state";
const KEY_RULES: &str = "rules";
const KEY_SERIES: &str = "series";
const KEY_CLOCK: &str = "clock";
const KEY_MISERE: &str = "misere";
const KEY_WATCH: &str = "watch";

/// Keys of a record that are read: three times as many as there are, for the sake of newer programs. A record of 64 KiB has
/// room for thirty thousand.
const MAX_KEYS: usize = 33;

/// Bytes of the code and the host in a label. A label has 63 (RFC 1035 section 2.3.4): nine are for the tag, and ten are left
/// for programs that append a number to make a name unique.
const MAX_NAMED_BYTES: usize = 44;
