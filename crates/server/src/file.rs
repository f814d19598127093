//! The configuration file: TOML, in which every mistake is said with its line and with what is allowed.

use std::{
    fmt::{self, Write as _},
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
};

use net::{addr::ListenAddr, proto::Name};
use thiserror::Error;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::settings::{Chosen, OutOfRange, SETTINGS, Setting};

/// What a file says.
#[derive(Debug, Default)]
pub(crate) struct File {
    pub(crate) listen: Option<Vec<ListenAddr>>,
    pub(crate) name: Option<Name>,
    pub(crate) is_announced: Option<bool>,
    pub(crate) chosen: Vec<Chosen>,
}

/// Why a file cannot be used.
#[derive(Debug, Error)]
pub(crate) enum FileError {
    /// The system does not give it.
    #[error("cannot read {}", .path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// Something in it is wrong.
    #[error("{}:{line}: {mistake}", .path.display())]
    Wrong { path: PathBuf, line: usize, mistake: Mistake },
}

/// What is wrong in a file.
#[derive(Debug, Error)]
pub(crate) enum Mistake {
    #[error("this is not TOML: {}", one_line(.0.message()))]
    Syntax(toml::de::Error),
    #[error("there is no table {0:?}")]
    UnknownTable(String),
    #[error("{} has no setting {key:?}", named(.table))]
    UnknownKey { table: &'static str, key: String },
    #[error("[{0}] is a table")]
    NotATable(&'static str),
    #[error("{0}, not {1}")]
    OutOfRange(OutOfRange, Found),
    #[error("`name` is a text of 1 to 16 columns, not {0}")]
    Name(Found),
    #[error("`discovery` is `true` or `false`, not {0}")]
    Discovery(Found),
    #[error("`listen` is a list of addresses, such as `[\"[::]:1952\"]`, not {0}")]
    Listen(Found),
}

/// What stands in a file instead of what should.
#[derive(Debug)]
pub(crate) struct Found(String);

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_char('`')?;
        for character in self.0.chars() {
            // It may steer a terminal; what is visible stands for itself.
            let is_harmless = character == ' ' || character.is_alphanumeric() || character.is_ascii_graphic();
            if is_harmless {
                formatter.write_char(character)?;
            } else {
                write!(formatter, "{}", character.escape_unicode())?;
            }
        }
        formatter.write_char('`')
    }
}

impl FileError {
    /// What there is instead.
    pub(crate) fn hint(&self) -> Option<String> {
        let Self::Wrong { mistake, .. } = self else { return None };
        match mistake {
            Mistake::UnknownTable(_) => Some(format!("the tables are {}", list(&TABLES))),
            Mistake::UnknownKey { table: "", key } => {
                let table = SETTINGS.iter().find(|setting| setting.key == key).map(|setting| setting.table);
                Some(table.map_or_else(
                    || format!("before the first table stand {}", list(&ROOT_KEYS)),
                    |table| format!("`{key}` belongs into [{table}]"),
                ))
            }
            Mistake::UnknownKey { table, .. } => {
                let keys: Vec<&str> = SETTINGS
                    .iter()
                    .filter(|setting| setting.table == *table)
                    .map(|setting| setting.key)
                    .collect();
                Some(format!("the settings of [{table}] are {}", list(&keys)))
            }
            Mistake::Syntax(_)
            | Mistake::NotATable(_)
            | Mistake::OutOfRange(..)
            | Mistake::Name(_)
            | Mistake::Discovery(_)
            | Mistake::Listen(_) => None,
        }
    }
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<File, FileError> {
    let text =
        fs::read_to_string(path).map_err(|source| FileError::Read { path: path.to_owned(), source })?;
    parse(&text).map_err(|(at, mistake)| FileError::Wrong {
        path: path.to_owned(),
        line: line_at(&text, at),
        mistake,
    })
}

/// Reads the text of a file. A mistake comes with its place in bytes.
pub(crate) fn parse(text: &str) -> Result<File, (usize, Mistake)> {
    let root = DeTable::parse(text)
        .map_err(|error| (error.span().map_or(0, |span| span.start), Mistake::Syntax(error)))?;
    let mut file = File::default();
    for (key, value) in in_order(root.get_ref()) {
        let at = |mistake| (key.span().start, mistake);
        let found = || found(text, value.span());
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("name", DeValue::String(name)) => {
                file.name = Some(name.parse().map_err(|_no_name| at(Mistake::Name(found())))?);
            }
            ("name", _) => return Err(at(Mistake::Name(found()))),
            ("discovery", DeValue::Boolean(is_announced)) => file.is_announced = Some(*is_announced),
            ("discovery", _) => return Err(at(Mistake::Discovery(found()))),
            ("listen", value) => {
                file.listen = Some(addresses(value).ok_or_else(|| at(Mistake::Listen(found())))?);
            }
            (name, value) => match (TABLES.into_iter().find(|table| *table == name), value) {
                (Some(table), DeValue::Table(settings)) => {
                    read_table(text, table, settings, &mut file.chosen)?;
                }
                (Some(table), _) => return Err(at(Mistake::NotATable(table))),
                (None, DeValue::Table(_)) => return Err(at(Mistake::UnknownTable(name.to_owned()))),
                (None, _) => return Err(at(Mistake::UnknownKey { table: "", key: name.to_owned() })),
            },
        }
    }
    Ok(file)
}

fn read_table(
    text: &str,
    table: &'static str,
    settings: &DeTable<'_>,
    chosen: &mut Vec<Chosen>,
) -> Result<(), (usize, Mistake)> {
    for (key, value) in in_order(settings) {
        let at = |mistake| (key.span().start, mistake);
        let setting = Setting::find(table, key.get_ref())
            .ok_or_else(|| at(Mistake::UnknownKey { table, key: key.get_ref().to_string() }))?;
        let choice = match value.get_ref() {
            DeValue::String(typed) if setting.is_time() => setting.choose(typed),
            DeValue::Boolean(is_on) if setting.is_switch() => setting.choose(&is_on.to_string()),
            DeValue::Integer(number)
                if !setting.is_time() && !setting.is_switch() && number.radix() == 10 =>
            {
                setting.choose(number.as_str())
            }
            _ => Err(OutOfRange(setting)),
        };
        chosen.push(choice.map_err(|error| at(Mistake::OutOfRange(error, found(text, value.span()))))?);
    }
    Ok(())
}

/// The line of a place in bytes, from 1.
fn line_at(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// The addresses of a list that is one and is not empty.
fn addresses(value: &DeValue<'_>) -> Option<Vec<ListenAddr>> {
    let list = value.as_array()?;
    let addresses: Option<Vec<ListenAddr>> =
        list.iter().map(|address| address.get_ref().as_str()?.parse().ok()).collect();
    addresses.filter(|addresses| !addresses.is_empty())
}

/// The entries of a table in the order of the file, so that the first mistake is the one that is said.
fn in_order<'a, 'i>(
    table: &'a DeTable<'i>,
) -> Vec<(&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// What stands at a place of the text, as far as it fits into a sentence.
fn found(text: &str, span: Range<usize>) -> Found {
    const MOST: usize = 40;
    Found(text.get(span).unwrap_or_default().chars().take(MOST).collect())
}

/// The place of a table in a sentence.
fn named(table: &str) -> String {
    if table.is_empty() { "the file".to_owned() } else { format!("[{table}]") }
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A message of the parser, which may have several lines, in one.
fn one_line(message: &str) -> String {
    message.lines().map(str::trim).collect::<Vec<_>>().join(", ")
}

const TABLES: [&str; 3] = ["limits", "links", "udp"];

const ROOT_KEYS: [&str; 3] = ["name", "listen", "discovery"];

#[cfg(test)]
mod tests {
    use server::shell::Config;

    use super::*;

    /// The file that comes with the program.
    const DEFAULT: &str = include_str!("../../../assets/oxo-server.toml");

    #[track_caller]
    fn check(text: &str, sentence: &str, hint: Option<&str>) {
        let (at, mistake) = parse(text).unwrap_err();
        let error = FileError::Wrong { path: "oxo.toml".into(), line: line_at(text, at), mistake };
        assert_eq!(error.to_string(), sentence);
        assert_eq!(error.hint().as_deref(), hint);
    }

    #[test]
    fn a_mistake_is_said_with_its_line_and_what_is_allowed() {
        check("[limits]\nrooms = 0\n", "oxo.toml:2: `rooms` is a whole number from 1 to 5000, not `0`", None);
        check(
            "\n[limits]\nrooms = 3\ngrace = \"1 day\"\n",
            "oxo.toml:4: `grace` is a time from 1s to 1h, such as `30s`, not `\"1 day\"`",
            None,
        );
        check(
            "[limits]\ngrace = 30\n",
            "oxo.toml:2: `grace` is a time from 1s to 1h, such as `30s`, not `30`",
            None,
        );
        check("name = \"\"\n", "oxo.toml:1: `name` is a text of 1 to 16 columns, not `\"\"`", None);
        check(
            "listen = []\n",
            "oxo.toml:1: `listen` is a list of addresses, such as `[\"[::]:1952\"]`, not `[]`",
            None,
        );
        check("limits = 3\n", "oxo.toml:1: [limits] is a table", None);
        for bad in ["-1", "1.5", "0x10", "true", "\"7\"", "[7]", "99999999999999999999", "1979-05-27"] {
            assert!(parse(&format!("[limits]\nrooms = {bad}\n")).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_unknown_setting_is_refused_with_the_known_ones() {
        check(
            "[links]\nlinkz = 3\n",
            "oxo.toml:2: [links] has no setting \"linkz\"",
            Some(
                "the settings of [links] are `links`, `hello-timeout`, `text-idle-timeout`, \
                 `messages-per-second`, `message-burst`, `drain-timeout`",
            ),
        );
        check(
            "grace = \"5s\"\n",
            "oxo.toml:1: the file has no setting \"grace\"",
            Some("`grace` belongs into [limits]"),
        );
        check(
            "a = 1\n",
            "oxo.toml:1: the file has no setting \"a\"",
            Some("before the first table stand `name`, `listen`, `discovery`"),
        );
        check(
            "[tcp]\n",
            "oxo.toml:1: there is no table \"tcp\"",
            Some("the tables are `limits`, `links`, `udp`"),
        );
        check(
            "[limits]\n\"a\\u001b[2J\" = 1\n",
            "oxo.toml:2: [limits] has no setting \"a\\u{1b}[2J\"",
            hint_of_limits().as_deref(),
        );
    }

    fn hint_of_limits() -> Option<String> {
        let mistake = Mistake::UnknownKey { table: "limits", key: String::new() };
        FileError::Wrong { path: PathBuf::new(), line: 1, mistake }.hint()
    }

    #[test]
    fn what_is_not_toml_is_said_in_one_line() {
        for text in ["[limits\n", "rooms\n", "[limits]\nrooms = 1\nrooms = 2\n", "a = \"\u{1b}\"\n"] {
            let (_, mistake) = parse(text).unwrap_err();
            let sentence = mistake.to_string();
            assert!(matches!(mistake, Mistake::Syntax(_)), "{sentence}");
            assert!(!sentence.contains(char::is_control), "{sentence:?}");
        }
        let (at, _) = parse("[limits]\nrooms = 1\nrooms = 2\n").unwrap_err();
        assert!(at > 18, "the second of the two is the mistake");
    }

    /// The default file with the lines that are remarks because their default follows from other settings.
    fn uncommented() -> String {
        let mut text = String::new();
        for line in DEFAULT.lines() {
            let line = line.strip_prefix("#=").unwrap_or(line);
            writeln!(text, "{line}").unwrap();
        }
        text
    }

    #[test]
    fn the_file_that_is_shipped_has_every_setting_and_is_the_default() {
        let name: Name = "den".parse().unwrap();
        for text in [DEFAULT, &uncommented()] {
            let mut config = Config::new(name);
            parse(text).unwrap().chosen.into_iter().for_each(|chosen| chosen.apply(&mut config));
            assert_eq!(format!("{config:#?}"), format!("{:#?}", Config::new(name)));
        }
        let file = parse(&uncommented()).unwrap();
        let named: Vec<&str> = file.chosen.iter().map(|chosen| chosen.setting.key).collect();
        let known: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
        assert_eq!(named, known, "in the order of the table");
        assert!(file.name.is_some());
        assert_eq!(file.is_announced, Some(Config::new(name).is_announced));
        assert_eq!(file.listen, Some(vec![ListenAddr::default()]));
    }

    /// Above each setting stands what it is.
    #[test]
    fn the_file_that_is_shipped_explains_every_setting() {
        let mut before = "";
        for line in DEFAULT.lines() {
            if line.contains(" = ") && !line.starts_with("# ") {
                assert!(before.starts_with("# "), "nothing explains {line}");
            }
            before = line;
        }
    }
}
