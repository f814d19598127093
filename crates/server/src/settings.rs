//! What an operator can set, and within which bounds: one table for the file, the flags and their tests.

use std::{fmt, time::Duration};

use net::proto::{MAX_ADJOURNED, ROOMS_PER_MESSAGE};
use server::{lobby::Limits, shell::Config};
use thiserror::Error;

/// A number or a time of [`Config`].
#[derive(Debug)]
pub(crate) struct Setting {
    /// The table of the file that it stands in.
    pub(crate) table: &'static str,
    pub(crate) key: &'static str,
    /// The least and the most: a number, or milliseconds.
    range: (u64, u64),
    field: Field,
}

/// Where a setting goes.
#[derive(Debug, Clone, Copy)]
enum Field {
    Count(fn(&mut Config) -> &mut usize),
    Number(fn(&mut Config) -> &mut u32),
    Time(fn(&mut Config) -> &mut Duration),
    Switch(fn(&mut Config) -> &mut bool),
}

/// A setting with the value that was chosen for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chosen {
    pub(crate) setting: &'static Setting,
    /// A number, or milliseconds; within the range of the setting.
    value: u64,
}

/// A value that a setting cannot have.
#[derive(Debug, Clone, Copy, Error)]
#[error("`{}` is {}", .0.key, Allowed(.0))]
pub(crate) struct OutOfRange(pub(crate) &'static Setting);

impl Setting {
    /// The setting of this name.
    pub(crate) fn find(table: &str, key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.table == table && setting.key == key)
    }

    /// Whether it is a time, which is written with a unit.
    pub(crate) const fn is_time(&self) -> bool {
        matches!(self.field, Field::Time(_))
    }

    /// Whether it is on or off.
    pub(crate) const fn is_switch(&self) -> bool {
        matches!(self.field, Field::Switch(_))
    }

    /// Reads a value as it is typed: a whole number, or a time such as `500ms`, `30s`, `5m` or `24h`.
    pub(crate) fn choose(&'static self, typed: &str) -> Result<Chosen, OutOfRange> {
        let value = match self.field {
            Field::Count(_) | Field::Number(_) => digits(typed),
            Field::Time(_) => millis(typed),
            Field::Switch(_) => typed.parse().ok().map(u64::from as fn(bool) -> u64),
        };
        let (least, most) = self.range;
        match value {
            Some(value) if (least..=most).contains(&value) => Ok(Chosen { setting: self, value }),
            Some(_) | None => Err(OutOfRange(self)),
        }
    }
}

impl Chosen {
    pub(crate) fn apply(self, config: &mut Config) {
        match self.setting.field {
            Field::Count(of) => *of(config) = usize::try_from(self.value).unwrap_or(usize::MAX),
            Field::Number(of) => *of(config) = u32::try_from(self.value).unwrap_or(u32::MAX),
            Field::Time(of) => *of(config) = Duration::from_millis(self.value),
            Field::Switch(of) => *of(config) = self.value != 0,
        }
    }
}

/// What a setting may be, in words.
struct Allowed<'a>(&'a Setting);

impl fmt::Display for Allowed<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = self.0.range;
        match self.0.field {
            Field::Count(_) | Field::Number(_) => write!(formatter, "a whole number from {least} to {most}"),
            Field::Time(_) => {
                write!(formatter, "a time from {} to {}, such as `30s`", Time(least), Time(most))
            }
            Field::Switch(_) => formatter.write_str("`true` or `false`"),
        }
    }
}

/// Milliseconds as they are typed.
struct Time(u64);

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, unit): &&(&str, u64)| self.0.is_multiple_of(*unit) && self.0 >= *unit;
        let (name, unit) = UNITS.iter().rfind(fits).unwrap_or(&UNITS[0]);
        write!(formatter, "{}{name}", self.0 / unit)
    }
}

/// The units of time by ascending length, in milliseconds.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", SECOND), ("m", MINUTE), ("h", HOUR)];

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// Reads a time with its unit.
fn millis(typed: &str) -> Option<u64> {
    let count = typed.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let (_, unit) = UNITS.iter().find(|(name, _)| typed.strip_prefix(count) == Some(name))?;
    digits(count)?.checked_mul(*unit)
}

/// Reads a number without a sign.
fn digits(typed: &str) -> Option<u64> {
    if typed.bytes().all(|byte| byte.is_ascii_digit()) { typed.parse().ok() } else { None }
}

/// More of anything than one machine holds.
const MANY: u64 = 1_000_000;

/// Once in 10 ns: a rate that nobody reaches, for who wants none.
const FAST: u64 = 100_000_000;

/// Rooms on the list at most: ten messages, which a link's mailbox and the 16 KiB that wait for a peer have room for.
const MOST_LISTED: u64 = 10 * ROOMS_PER_MESSAGE as u64;

/// Things said at once at most, of which the longest takes 553 bytes, for the same reason.
const MOST_TALK: u64 = 24;

const fn count(key: &'static str, range: (u64, u64), of: fn(&mut Config) -> &mut usize) -> Setting {
    Setting { table: "limits", key, range, field: Field::Count(of) }
}

const fn number(
    table: &'static str,
    key: &'static str,
    range: (u64, u64),
    of: fn(&mut Config) -> &mut u32,
) -> Setting {
    Setting { table, key, range, field: Field::Number(of) }
}

const fn time(
    table: &'static str,
    key: &'static str,
    range: (u64, u64),
    of: fn(&mut Config) -> &mut Duration,
) -> Setting {
    Setting { table, key, range, field: Field::Time(of) }
}

/// Every setting, in the order of the file. Why each has its default stands beside its field; the least and the most keep
/// a mistake of the operator from becoming a fault of the game, such as a seat that is kept for a day.
#[rustfmt::skip]
pub(crate) const SETTINGS: &[Setting] = &[
    count("sessions", (1, MANY), |config| &mut config.limits.sessions),
    count("rooms", (1, Limits::MAX_ROOMS as u64), |config| &mut config.limits.rooms),
    time("limits", "grace", (SECOND, HOUR), |config| &mut config.limits.grace),
    time("limits", "grace-on-purpose", (SECOND, HOUR), |config| &mut config.limits.grace_on_purpose),
    time("limits", "absence-per-match", (SECOND, 6 * HOUR), |config| &mut config.limits.absence_per_match),
    time("limits", "first-move-grace", (0, 5 * MINUTE), |config| &mut config.limits.first_move_grace),
    time("limits", "lag-per-move", (0, 5 * SECOND), |config| &mut config.limits.lag_per_move),
    time("limits", "lag-per-match", (0, MINUTE), |config| &mut config.limits.lag_per_match),
    time("limits", "offer-lifetime", (5 * SECOND, 10 * MINUTE), |config| &mut config.limits.offer_lifetime),
    time("limits", "offer-opens-after", (0, 4 * SECOND), |config| &mut config.limits.offer_opens_after),
    count("watchers-per-room", (0, 10_000), |config| &mut config.limits.watchers_per_room),
    number("limits", "talk-burst", (0, 1_000), |config| &mut config.limits.talk_burst),
    time("limits", "talk-every", (100, HOUR), |config| &mut config.limits.talk_every),
    number("limits", "room-talk-burst", (0, MOST_TALK), |config| &mut config.limits.room_talk_burst),
    time("limits", "room-talk-every", (100, HOUR), |config| &mut config.limits.room_talk_every),
    number("limits", "passcode-attempts-per-session", (1, 1_000), |config| &mut config.limits.passcode_attempts_per_session),
    number("limits", "passcode-attempts-per-origin", (1, 1_000), |config| &mut config.limits.passcode_attempts_per_origin),
    time("limits", "passcode-window", (SECOND, 24 * HOUR), |config| &mut config.limits.passcode_window),
    count("passcode-origins", (1, MANY), |config| &mut config.limits.passcode_origins),
    count("rooms-listed", (0, MOST_LISTED), |config| &mut config.limits.rooms_listed),
    count("rooms-searched", (0, Limits::MAX_ROOMS as u64), |config| &mut config.limits.rooms_searched),
    count("browsers", (0, MANY), |config| &mut config.limits.browsers),
    time("limits", "list-every", (100, HOUR), |config| &mut config.limits.list_every),
    time("limits", "unstarted-room", (SECOND, 24 * HOUR), |config| &mut config.limits.unstarted_room),
    time("limits", "empty-room", (SECOND, 24 * HOUR), |config| &mut config.limits.empty_room),
    time("limits", "finished-room", (SECOND, 24 * HOUR), |config| &mut config.limits.finished_room),
    count("adjourned", (0, Limits::MAX_ROOMS as u64), |config| &mut config.limits.adjourned),
    count("adjourned-per-origin", (0, Limits::MAX_ROOMS as u64), |config| &mut config.limits.adjourned_per_origin),
    count("adjourned-per-session", (0, MAX_ADJOURNED as u64), |config| &mut config.limits.adjourned_per_session),
    time("limits", "adjourned-room", (MINUTE, 30 * 24 * HOUR), |config| &mut config.limits.adjourned_room),

    Setting { table: "links", key: "links", range: (1, 2 * MANY), field: Field::Count(|config| &mut config.links) },
    time("links", "hello-timeout", (SECOND, 5 * MINUTE), |config| &mut config.hello_timeout),
    time("links", "text-idle-timeout", (SECOND, 24 * HOUR), |config| &mut config.text_idle_timeout),
    number("links", "messages-per-second", (1, FAST), |config| &mut config.messages_per_second),
    number("links", "message-burst", (1, FAST), |config| &mut config.message_burst),
    time("links", "drain-timeout", (0, MINUTE), |config| &mut config.drain_timeout),

    Setting { table: "udp", key: "sessions-per-address", range: (1, MANY), field: Field::Count(|config| &mut config.arq.sessions_per_address) },
    number("udp", "hellos-per-address", (1, FAST), |config| &mut config.arq.hellos_per_address),
    number("udp", "hellos", (1, FAST), |config| &mut config.arq.hellos),
    number("udp", "stateless-answers", (1, FAST), |config| &mut config.arq.stateless_answers),
    number("udp", "datagrams-per-second", (1, FAST), |config| &mut config.arq.datagrams_per_second),
    number("udp", "datagram-burst", (1, FAST), |config| &mut config.arq.datagram_burst),
    Setting { table: "udp", key: "text-udp", range: (0, 1), field: Field::Switch(|config| &mut config.text_udp) },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn default() -> Config {
        Config::new("den".parse().unwrap())
    }

    /// The fields of a value, in the spelling of the file.
    fn fields(value: &impl fmt::Debug) -> Vec<String> {
        let text = format!("{value:#?}");
        let names = text.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(':'));
        names.filter(|(name, _)| !name.starts_with(' ')).map(|(name, _)| name.replace('_', "-")).collect()
    }

    #[test]
    fn every_field_can_be_set_but_those_that_follow_from_others() {
        let config = default();
        let mut names = fields(&config.limits);
        let links = fields(&config)
            .into_iter()
            .filter(|name| !["name", "is-announced", "limits", "arq"].contains(&&**name));
        names.extend(links);
        // The timing of the ARQ is measured, and both sides have to fit; its sessions are as many as the links.
        let arq = fields(&config.arq).into_iter();
        names.extend(arq.filter(|name| !["timing", "sessions", "first-number"].contains(&&**name)));
        names.sort();
        let mut known: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
        known.sort_unstable();
        assert_eq!(known, names);
    }

    #[test]
    fn a_setting_changes_its_own_field_and_no_other() {
        let before = format!("{:#?}", default());
        for setting in SETTINGS {
            let mut config = default();
            Chosen { setting, value: setting.range.1 }.apply(&mut config);
            let is_default = Chosen { setting, value: setting.range.1 }.is_default();
            let after = format!("{config:#?}");
            let changed: Vec<&str> = after
                .lines()
                .zip(before.lines())
                .filter(|(one, other)| one != other)
                .map(|(one, _)| one)
                .collect();
            assert_eq!(changed.len(), usize::from(!is_default), "{}: {changed:?}", setting.key);
            let key = setting.key.replace('-', "_");
            assert!(
                changed.iter().all(|line| line.trim_start().starts_with(&format!("{key}:"))),
                "{changed:?}"
            );
        }
    }

    #[track_caller]
    fn check(table: &str, key: &str, typed: &str, expected: Option<u64>) {
        let chosen = Setting::find(table, key).unwrap().choose(typed);
        assert_eq!(chosen.ok().map(|chosen| chosen.value), expected, "{key} = {typed}");
    }

    #[test]
    fn a_time_has_a_unit_and_both_have_bounds() {
        for (typed, millis) in [("1s", 1_000), ("1500ms", 1_500), ("5m", 300_000), ("1h", 3_600_000)] {
            check("limits", "grace", typed, Some(millis));
        }
        for bad in
            ["", "s", "30", "0s", "999ms", "2h", "1d", "-5s", "+5s", "1.5s", "5 s", "99999999999999999h"]
        {
            check("limits", "grace", bad, None);
        }
        for (typed, count) in
            [("1", Some(1)), ("5000", Some(5_000)), ("5001", None), ("0", None), ("5s", None)]
        {
            check("limits", "rooms", typed, count);
        }
    }

    #[test]
    fn what_is_allowed_is_said_in_words() {
        let said = |key| OutOfRange(Setting::find("limits", key).unwrap()).to_string();
        assert_eq!(said("grace"), "`grace` is a time from 1s to 1h, such as `30s`");
        assert_eq!(said("talk-every"), "`talk-every` is a time from 100ms to 1h, such as `30s`");
        assert_eq!(said("rooms"), "`rooms` is a whole number from 1 to 5000");
    }

    #[test]
    fn every_default_is_allowed() {
        for setting in SETTINGS {
            let value = setting.value_in(&mut default());
            let (least, most) = setting.range;
            assert!((least..=most).contains(&value), "{}: {value}", setting.key);
        }
    }

    impl Setting {
        /// What a configuration has here: a number, or milliseconds.
        fn value_in(&self, config: &mut Config) -> u64 {
            match self.field {
                Field::Count(of) => u64::try_from(*of(config)).unwrap(),
                Field::Number(of) => u64::from(*of(config)),
                Field::Time(of) => u64::try_from(of(config).as_millis()).unwrap(),
                Field::Switch(of) => u64::from(*of(config)),
            }
        }
    }

    impl Chosen {
        /// Whether it changes nothing.
        fn is_default(self) -> bool {
            self.value == self.setting.value_in(&mut default())
        }
    }
}
