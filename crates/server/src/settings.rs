//! The settings of an operator: the file in TOML, and the range of every value, whether from the file or a flag.

use std::{
    fmt::Display,
    fs, io,
    net::SocketAddr,
    ops::{Range, RangeInclusive},
    path::{Path, PathBuf},
    time::Duration,
};

use humantime_serde::re::humantime::format_duration;
use net::{addr::ListenAddr, proto::Name};
use serde::{Deserialize, Deserializer, de::Error as _};
use server::{lobby::Limits, shell::Config};
use thiserror::Error;
use toml::de::DeTable;

/// The settings in the layout of the file. Each field is documented in `assets/oxo-server.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Settings {
    /// The server's name; by default, that of this machine.
    pub(crate) name: Option<Name>,
    #[serde(deserialize_with = "addresses")]
    pub(crate) listen: Vec<ListenAddr>,
    pub(crate) discovery: bool,
    pub(crate) web: bool,
    pub(crate) web_names: Vec<String>,
    pub(crate) admin: Option<SocketAddr>,
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) store: bool,
    pub(crate) limits: LimitSettings,
    pub(crate) links: LinkSettings,
    pub(crate) udp: UdpSettings,
}

/// Makes a table of the file, in which each setting names its place in the configuration, which has its default, and its
/// range, so that a mistake of the operator does not become a fault of the game, such as a seat that is kept for a day.
macro_rules! table {
    ($(#[$doc:meta])* $table:ident: $($(#[$serde:meta])? $name:ident: $type:ty, $($place:ident).+, $check:ident $range:expr;)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
        #[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
        pub(crate) struct $table {
            $($(#[$serde])? pub(crate) $name: $type,)+
        }

        impl Default for $table {
            fn default() -> Self {
                let config = Config::new(fallback_name());
                Self { $($name: config.$($place).+,)+ }
            }
        }

        impl $table {
            const fn apply(&self, config: &mut Config) {
                $(config.$($place).+ = self.$name;)+
            }

            fn validate(&self) -> Result<(), OutOfRange> {
                $($check(stringify!($name), self.$name, $range)?;)+
                Ok(())
            }
        }
    };
}

table! {
    /// The bounds of the lobby that operators set; the others are constant, see [`Limits`].
    LimitSettings:
    sessions: usize, limits.sessions, count 1..=MANY;
    rooms: usize, limits.rooms, count 1..=Limits::MAX_ROOMS;
    percent_per_address: usize, limits.percent_per_origin, count 1..=100;
    #[serde(with = "humantime_serde")]
    grace: Duration, limits.grace, time SECOND..=HOUR;
    #[serde(with = "humantime_serde")]
    grace_on_purpose: Duration, limits.grace_on_purpose, time SECOND..=HOUR;
    watchers_per_room: usize, limits.watchers_per_room, count 0..=10_000;
    adjourned: usize, limits.adjourned, count 0..=Limits::MAX_ROOMS;
    #[serde(with = "humantime_serde")]
    adjourned_room: Duration, limits.adjourned_room, time MINUTE..=30 * DAY;
}

table! {
    /// The bounds of one connection, over TCP or UDP.
    LinkSettings:
    #[serde(with = "humantime_serde")]
    hello_timeout: Duration, hello_timeout, time SECOND..=5 * MINUTE;
    handshakes: usize, unproven_links, count 8..=MANY;
    texts_per_address: usize, texts_per_address, count 1..=MANY;
    #[serde(with = "humantime_serde")]
    text_idle_timeout: Duration, text_idle_timeout, time SECOND..=DAY;
    // What PROTOCOL.md promises to every client, at the least.
    messages_per_second: u32, messages_per_second, count 50..=FAST;
    message_burst: u32, message_burst, count 100..=FAST;
}

table! {
    /// The bounds of sessions over UDP.
    UdpSettings:
    hellos_per_address: u32, arq.hellos_per_address, count 1..=FAST;
    datagrams_per_second: u32, arq.datagrams_per_second, count 1..=FAST;
}

/// A file that cannot be used.
#[derive(Debug, Error)]
pub(crate) enum FileError {
    /// The system cannot read it.
    #[error("cannot read {}", .path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// It holds a mistake.
    #[error("{}:{line}: {mistake}", .path.display())]
    Wrong { path: PathBuf, line: usize, mistake: Box<Mistake> },
}

/// A mistake in a file.
#[derive(Debug, Error)]
pub(crate) enum Mistake {
    /// It is not TOML, or a setting is unknown or of another type.
    #[error("{}", printable(.0.message()))]
    Toml(#[from] toml::de::Error),
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

/// A value outside the range of its setting.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("`{key}` must be from {least} to {most}, not {value}")]
pub(crate) struct OutOfRange {
    key: String,
    least: String,
    most: String,
    value: String,
}

impl Settings {
    /// Reads a file; a setting that is left out has its default.
    pub(crate) fn read(path: &Path) -> Result<Self, FileError> {
        let text =
            fs::read_to_string(path).map_err(|source| FileError::Read { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|(line, mistake)| FileError::Wrong {
            path: path.to_owned(),
            line,
            mistake: Box::new(mistake),
        })
    }

    /// Reads the text of a file. A mistake comes with its line.
    pub(crate) fn parse(text: &str) -> Result<Self, (usize, Mistake)> {
        let line = |place: Option<Range<usize>>| {
            let before = text.bytes().take(place.unwrap_or_default().start);
            1 + before.filter(|byte| *byte == b'\n').count()
        };
        let settings: Self = toml::from_str(text).map_err(|error| (line(error.span()), error.into()))?;
        settings.validate().map_err(|error| (line(place_of(text, &error.key)), error.into()))?;
        Ok(settings)
    }

    /// Checks every value against its range.
    pub(crate) fn validate(&self) -> Result<(), OutOfRange> {
        count("listen", self.listen.len(), 1..=MANY)?;
        self.limits.validate()?;
        self.links.validate()?;
        self.udp.validate()
    }

    /// The configuration of the library.
    pub(crate) fn to_config(&self) -> Config {
        let mut config = Config {
            is_announced: self.discovery,
            is_web_open: self.web,
            web_names: self.web_names.clone(),
            ..Config::new(self.name.unwrap_or_else(machine_name))
        };
        self.limits.apply(&mut config);
        self.links.apply(&mut config);
        self.udp.apply(&mut config);
        config.with_udp_bounds()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: None,
            listen: vec![ListenAddr::default()],
            discovery: true,
            web: true,
            web_names: Vec::new(),
            admin: None,
            data_dir: None,
            store: true,
            limits: LimitSettings::default(),
            links: LinkSettings::default(),
            udp: UdpSettings::default(),
        }
    }
}

/// This machine's name, as far as it makes a name.
fn machine_name() -> Name {
    let node = server::machine::name();
    let host = node.split('.').next().unwrap_or_default();
    Name::sanitize(host).unwrap_or_else(fallback_name)
}

/// The name of a server on a machine whose name makes none.
fn fallback_name() -> Name {
    "oxo-server".parse().expect("ten letters and a hyphen")
}

/// More of anything than one machine holds.
const MANY: usize = 1_000_000;

/// One in 10 ns: a rate that nobody reaches, for benchmarks.
const FAST: u32 = 100_000_000;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

fn count<T: PartialOrd + Display + Copy>(
    setting: &str,
    value: T,
    range: RangeInclusive<T>,
) -> Result<(), OutOfRange> {
    within(setting, value, &range, |count| count.to_string())
}

fn time(setting: &str, value: Duration, range: RangeInclusive<Duration>) -> Result<(), OutOfRange> {
    within(setting, value, &range, |time| format_duration(time).to_string())
}

fn within<T: PartialOrd + Copy>(
    setting: &str,
    value: T,
    range: &RangeInclusive<T>,
    show: impl Fn(T) -> String,
) -> Result<(), OutOfRange> {
    if range.contains(&value) {
        return Ok(());
    }
    let (key, least, most) = (setting.replace('_', "-"), show(*range.start()), show(*range.end()));
    Err(OutOfRange { key, least, most, value: show(value) })
}

fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ListenAddr>, D::Error> {
    let list = Vec::<String>::deserialize(deserializer)?;
    list.iter().map(|address| address.parse().map_err(D::Error::custom)).collect()
}

/// The place of a setting in a file; no two tables have settings of one name.
fn place_of(text: &str, key: &str) -> Option<Range<usize>> {
    let root = DeTable::parse(text).ok()?;
    let tables = root.get_ref().values().filter_map(|value| value.get_ref().as_table());
    let found = tables.chain([root.get_ref()]).find_map(|table| table.get_key_value(key));
    found.map(|(key, _)| key.span())
}

/// A message of the parser on one line, without characters that could steer a terminal.
fn printable(message: &str) -> String {
    let is_harmful =
        |character: char| !(character == ' ' || character.is_alphanumeric() || character.is_ascii_graphic());
    message.lines().map(str::trim).collect::<Vec<_>>().join(", ").replace(is_harmful, "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file that comes with the program.
    const DEFAULT: &str = include_str!("../../../assets/oxo-server.toml");

    /// Checks the sentence about a file, and its line.
    #[track_caller]
    fn check(text: &str, line: usize, sentence: &str) {
        let (found, mistake) = Settings::parse(text).unwrap_err();
        assert_eq!((found, mistake.to_string().as_str()), (line, sentence));
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_its_line_and_the_range() {
        check("[limits]\nrooms = 0\n", 2, "`rooms` must be from 1 to 5000, not 0");
        check("\n[limits]\nrooms = 3\ngrace = \"1 day\"\n", 4, "`grace` must be from 1s to 1h, not 1day");
        check("listen = []\n", 1, "`listen` must be from 1 to 1000000, not 0");
        for bad in ["-1", "1.5", "true", "\"7\"", "[7]", "99999999999999999999", "1979-05-27"] {
            assert!(Settings::parse(&format!("[limits]\nrooms = {bad}\n")).is_err(), "{bad}");
        }
        for bad in ["", "s", "30", "0s", "999ms", "2h", "1d", "-5s", "+5s", "99999999999999999h"] {
            assert!(Settings::parse(&format!("[limits]\ngrace = \"{bad}\"\n")).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_unknown_setting_is_refused_with_the_known_ones() {
        check(
            "[links]\nlinkz = 3\n",
            2,
            "unknown field `linkz`, expected one of `hello-timeout`, `handshakes`, `texts-per-address`, \
             `text-idle-timeout`, `messages-per-second`, `message-burst`",
        );
        check(
            "grace = \"5s\"\n",
            1,
            "unknown field `grace`, expected one of `name`, `listen`, `discovery`, `web`, \
             `web-names`, `admin`, `data-dir`, `store`, `limits`, `links`, `udp`",
        );
        check(
            "[udp]\n\"a\\u001b[2J\" = 1\n",
            2,
            "unknown field `a?[2J`, expected `hellos-per-address` or `datagrams-per-second`",
        );
    }

    #[test]
    fn a_value_of_another_type_is_refused_with_its_line() {
        check("[limits]\ngrace = 30\n", 2, "invalid type: integer `30`, expected a duration");
        check("\nname = \"\"\n", 2, "a name needs at least one visible character");
        check("admin = \"attic:9952\"\n", 1, "invalid socket address syntax");
        check("admin = 9952\n", 1, "invalid type: integer `9952`, expected socket address");
        check("listen = [\"attic\"]\n", 1, "an address to listen on is an IP address, not a name");
    }

    #[test]
    fn text_that_is_not_toml_is_refused_on_one_line() {
        for text in ["[limits\n", "rooms\n", "[limits]\nrooms = 1\nrooms = 2\n", "a = \"\u{1b}\"\n"] {
            let (_, mistake) = Settings::parse(text).unwrap_err();
            let sentence = mistake.to_string();
            assert!(!sentence.contains(char::is_control), "{sentence:?}");
        }
        check("[limits]\nrooms = 1\nrooms = 2\n", 3, "duplicate key");
    }

    /// The settings of the shipped file, those included that are remarks because their default is not a constant.
    fn uncommented() -> String {
        DEFAULT.replace("#=", "")
    }

    #[test]
    fn the_shipped_file_is_the_default() {
        assert_eq!(Settings::parse(DEFAULT).unwrap(), Settings::default());
        let attic = Settings {
            name: Some("attic".parse().unwrap()),
            admin: Some("127.0.0.1:9952".parse().unwrap()),
            data_dir: Some("/var/lib/oxo".into()),
            ..Settings::default()
        };
        assert_eq!(Settings::parse(&uncommented()).unwrap(), attic);
    }

    #[test]
    fn the_shipped_file_has_and_explains_every_setting() {
        let text = uncommented();
        let root: toml::Table = text.parse().unwrap();
        let tables = root.iter().filter_map(|(table, value)| Some((table, value.as_table()?)));
        for (table, keys) in tables {
            // Without this check, a key that is not a setting would be looked for.
            let unknown = format!("[{table}]\nnone = 1\n");
            let known = Settings::parse(&unknown).unwrap_err().1.to_string();
            for key in keys.keys() {
                assert!(known.contains(&format!("`{key}`")), "{key}: {known}");
            }
            assert_eq!(known.matches('`').count(), 2 * (1 + keys.len()), "a setting is missing: {known}");
        }
        let mut before = "";
        for line in text.lines() {
            if line.contains(" = ") && !line.starts_with("# ") {
                assert!(before.starts_with("# "), "nothing explains {line}");
            }
            before = line;
        }
    }

    #[test]
    fn every_setting_reaches_the_configuration() {
        let default = format!("{:#?}", Settings::default().to_config());
        let mut changed_lines = 0;
        for line in uncommented().lines().filter(|line| line.contains(" = ") && !line.starts_with("# ")) {
            let (key, value) = line.split_once(" = ").unwrap();
            let changed = match (key, value) {
                ("listen" | "admin" | "data-dir" | "store", _) => continue,
                ("web-names", _) => "[\"barn\"]",
                (_, "true") => "false",
                (_, text) if key != "name" && text.starts_with('"') => "\"63s\"",
                (_, text) if text.starts_with('"') => "\"barn\"",
                ("percent-per-address", _) => "77",
                _ => "777",
            };
            let text: String = uncommented()
                .lines()
                .map(
                    |other| if other == line { format!("{key} = {changed}\n") } else { format!("{other}\n") },
                )
                .collect();
            let config = Settings::parse(&text).unwrap().to_config();
            assert_ne!(format!("{config:#?}"), default, "{key}");
            changed_lines += 1;
        }
        assert_eq!(changed_lines, 20);
    }
}
