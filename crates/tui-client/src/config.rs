//! The settings of the program: their values, and the file that keeps them.
//!
//! A file is read line by line as far as it goes: each mistake is one sentence, and the rest counts. It is changed key by
//! key, so that the comments of its owner and the keys of another run stay.

use std::fmt;

use clap::ColorChoice;
use net::{addr::ListenAddr, connect::TransportChoice, link::Transport, proto::Name};
use thiserror::Error;
use toml_edit::{Array, Document, DocumentMut, Item, Key, TableLike, Value};

use crate::{
    env::{ColorDepth, TerminalEnv},
    keymap::Keymap,
    new_game::{Field, NewGame},
    setting::{Place, Setting},
    theme::{Theme, ThemeName},
};

/// The settings of the program.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the file")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The name of the player; `None` for the login name.
    pub name: Option<Name>,
    /// The theme.
    pub theme: ThemeName,
    /// The use of colours.
    pub color: ColorChoice,
    /// True if only ASCII is drawn, whatever the locale.
    pub ascii: bool,
    /// True for the mode without a screen, also where there is one.
    pub plain: bool,
    /// The use of the mouse.
    pub mouse: MouseUse,
    /// The occasions for the bell.
    pub bell: Bell,
    /// True if hints can be asked for.
    pub hints: bool,
    /// The transports for a connection to another machine.
    pub transport: TransportChoice,
    /// The address our own server listens on; `None` for the usual one, or a free port if that is busy.
    pub listen: Option<ListenAddr>,
    /// True if our own server is announced to the network.
    pub announce: bool,
    /// True if our own server gives browsers a page.
    pub web: bool,
}

/// The use of the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseUse {
    /// It is left to the terminal.
    Off,
    /// It places marks.
    Board,
    /// It presses whatever looks like a button.
    Everywhere,
}

/// The occasions for the bell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Bell {
    /// None.
    Never,
    /// The player is needed, and looks elsewhere.
    #[default]
    WhenAway,
    /// The player is needed.
    Always,
}

/// The content of a file.
#[derive(Debug, Clone)]
pub struct Read {
    /// The settings.
    pub config: Config,
    /// The last new game, but for its passcode, which is kept nowhere.
    pub new_game: NewGame,
    /// The keys, some of which may be bound anew.
    pub keymap: Keymap,
    /// The mistakes, in their order.
    pub problems: Vec<Problem>,
}

/// A mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its line, from 1.
    pub line: usize,
    /// The mistake in words.
    pub what: String,
}

/// A value that a setting does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("`{}` takes {}", .0.key(), Config::takes(*.0))]
pub struct WrongValue(pub Setting);

/// A file that cannot be changed, since it is not TOML from this line on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("its line {0} is not TOML")]
pub struct NotToml(pub usize);

/// Mistakes that are told of one file. Past them it is no settings file.
const MAX_PROBLEMS: usize = 20;

/// Names that can be bound anew: more than the command table has.
const MAX_KEYS: usize = 256;

/// Characters of a file that a sentence quotes.
const MAX_QUOTED: usize = 160;

/// The table of the last new game.
const NEW_GAME: &str = "new-game";

/// The table of the keys.
const KEYS: &str = "keys";

const THEMES: [(&str, ThemeName); 6] = [
    ("auto", ThemeName::Auto),
    ("dark", ThemeName::Dark),
    ("light", ThemeName::Light),
    ("high-contrast", ThemeName::HighContrast),
    ("mono", ThemeName::Mono),
    ("edsac", ThemeName::Edsac),
];

const COLORS: [(&str, ColorChoice); 3] =
    [("auto", ColorChoice::Auto), ("always", ColorChoice::Always), ("never", ColorChoice::Never)];

const MICE: [(&str, MouseUse); 3] =
    [("off", MouseUse::Off), ("board", MouseUse::Board), ("everywhere", MouseUse::Everywhere)];

const BELLS: [(&str, Bell); 3] =
    [("never", Bell::Never), ("when-away", Bell::WhenAway), ("always", Bell::Always)];

const TRANSPORTS: [(&str, TransportChoice); 3] = [
    ("auto", TransportChoice::Auto),
    ("udp", TransportChoice::Only(Transport::Udp)),
    ("tcp", TransportChoice::Only(Transport::Tcp)),
];

const SWITCH: [(&str, bool); 2] = [("true", true), ("false", false)];

impl Config {
    /// Sets a value as it is written in the file.
    ///
    /// # Errors
    ///
    /// The values that the setting takes.
    pub fn set(&mut self, setting: Setting, text: &str) -> Result<(), WrongValue> {
        let is_taken = match setting {
            Setting::Name => put_typed(&mut self.name, text, |text| Name::parse_typed(text).ok()),
            Setting::Theme => put(&mut self.theme, find(&THEMES, text)),
            Setting::Color => put(&mut self.color, find(&COLORS, text)),
            Setting::Ascii => put(&mut self.ascii, find(&SWITCH, text)),
            Setting::Plain => put(&mut self.plain, find(&SWITCH, text)),
            Setting::Mouse => put(&mut self.mouse, find(&MICE, text)),
            Setting::Bell => put(&mut self.bell, find(&BELLS, text)),
            Setting::Hints => put(&mut self.hints, find(&SWITCH, text)),
            Setting::Transport => put(&mut self.transport, find(&TRANSPORTS, text)),
            Setting::Listen => put_typed(&mut self.listen, text, |text| text.parse().ok()),
            Setting::Announce => put(&mut self.announce, find(&SWITCH, text)),
            Setting::Web => put(&mut self.web, find(&SWITCH, text)),
        };
        is_taken.ok_or(WrongValue(setting))
    }

    /// A value as it is written in the file.
    pub fn text(&self, setting: Setting) -> String {
        match setting {
            Setting::Name => self.name.as_ref().map(ToString::to_string).unwrap_or_default(),
            Setting::Theme => word(&THEMES, &self.theme),
            Setting::Color => word(&COLORS, &self.color),
            Setting::Ascii => self.ascii.to_string(),
            Setting::Plain => self.plain.to_string(),
            Setting::Mouse => word(&MICE, &self.mouse),
            Setting::Bell => word(&BELLS, &self.bell),
            Setting::Hints => self.hints.to_string(),
            Setting::Transport => word(&TRANSPORTS, &self.transport),
            Setting::Listen => self.listen.as_ref().map(ToString::to_string).unwrap_or_default(),
            Setting::Announce => self.announce.to_string(),
            Setting::Web => self.web.to_string(),
        }
    }

    /// A value in words.
    pub fn in_words(&self, setting: Setting) -> String {
        let text = self.text(setting);
        match &*text {
            "" => "usual".into(),
            "true" => "yes".into(),
            "false" => "no".into(),
            _ => text,
        }
    }

    /// The values of a setting, if they can be listed.
    pub fn choices(setting: Setting) -> Vec<&'static str> {
        match setting {
            Setting::Name | Setting::Listen => Vec::new(),
            Setting::Theme => words(&THEMES),
            Setting::Color => words(&COLORS),
            Setting::Mouse => words(&MICE),
            Setting::Bell => words(&BELLS),
            Setting::Transport => words(&TRANSPORTS),
            Setting::Ascii | Setting::Plain | Setting::Hints | Setting::Announce | Setting::Web => {
                words(&SWITCH)
            }
        }
    }

    /// The values that a setting takes, in words.
    fn takes(setting: Setting) -> String {
        match (setting, Self::choices(setting).as_slice()) {
            (_, [first @ .., last]) => format!("{} or {last}", first.join(", ")),
            (Setting::Listen, []) => "an address such as [::]:1952, or nothing".into(),
            (_, []) => "a name of at most 16 columns, or nothing".into(),
        }
    }

    /// The styles and characters of a terminal.
    pub fn theme(&self, env: &TerminalEnv) -> Theme {
        let depth = match self.color {
            ColorChoice::Auto => env.color_depth().0,
            ColorChoice::Always => env.deepest_color().0,
            ColorChoice::Never => ColorDepth::Mono,
        };
        let is_ascii = self.ascii || !env.is_utf8();
        Theme { depth, name: self.theme, is_light: env.is_light(), is_ascii }
    }

    /// A file that sets everything to what it is without one.
    pub fn default_file() -> String {
        let entry = |setting: Setting| {
            let value = value(Place::Top(setting), &Self::default().text(setting));
            let (meaning, takes, key) = (setting.meaning(), Self::takes(setting), setting.key());
            format!("# {meaning}.\n# Takes {takes}.\n{key} = {value}\n")
        };
        let head = "# The settings of oxo. What is changed in the program is written here.\n".to_owned();
        let bound = |(name, keys, meaning): (String, Vec<String>, &str)| {
            let keys: Array = keys.into_iter().collect();
            format!("# {name} = {keys}  # {meaning}\n")
        };
        let keys: String = Keymap::default().rows().into_iter().map(bound).collect();
        let keys =
            format!("# The keys of each name. A line counts without the sign before it.\n[keys]\n{keys}");
        let usual = Read::default().new_game;
        let last = Field::KEPT.map(|field| {
            let value = value(Place::NewGame(field), &field.text(&usual));
            let choices = field.choices(&usual).join(", ");
            format!("{} = {value}{}{choices}\n", field.key(), if choices.is_empty() { "" } else { "  # " })
        });
        let last =
            format!("# The last new game, as the form offers it again.\n[{NEW_GAME}]\n{}", last.concat());
        let entries = Setting::ALL.into_iter().map(entry);
        [head].into_iter().chain(entries).chain([last, keys]).collect::<Vec<_>>().join("\n")
    }

    /// Reads a file.
    pub fn parse(text: &str) -> Read {
        let mut read = Read::default();
        let document = read.toml(text);
        for (name, item, at) in entries(document.as_table()) {
            let line = line_of(text, at);
            match (Setting::ALL.into_iter().find(|setting| setting.key() == name), item.as_table_like()) {
                (None, Some(table)) if name == KEYS => read.bind(text, table),
                (None, Some(table)) if name == NEW_GAME => read.take_new_game(text, table),
                (None, _) => read.complain(line, format!("there is no setting {}", quoted(name))),
                (Some(setting), _) => {
                    let taken = scalar(item).ok_or(WrongValue(setting));
                    if let Err(wrong) = taken.and_then(|value| read.config.set(setting, &value)) {
                        read.complain(line, wrong.to_string());
                    }
                }
            }
        }
        read.problems.sort_by_key(|problem| problem.line);
        read
    }

    /// Changes values in a file, and nothing else in it.
    ///
    /// # Errors
    ///
    /// The first line that is not TOML.
    ///
    /// # Panics
    ///
    /// Never: a table is made where there is none.
    pub fn edit(text: &str, changes: &[(Place, String)]) -> Result<String, NotToml> {
        let mut document: DocumentMut = text.parse().map_err(|error| NotToml(line_of_error(text, &error)))?;
        for (place, text) in changes {
            let mut value = value(*place, text);
            let table = match place {
                Place::Top(_) => document.as_table_mut(),
                Place::NewGame(_) => {
                    let table = document.entry(NEW_GAME).or_insert_with(toml_edit::table);
                    // What is no table means nothing.
                    if !table.is_table_like() {
                        *table = toml_edit::table();
                    }
                    table.as_table_like_mut().expect("it is a table")
                }
            };
            match table.get_mut(place.key()).and_then(Item::as_value_mut) {
                Some(old) => {
                    // The remark behind it stays.
                    value.decor_mut().clone_from(old.decor());
                    *old = value;
                }
                None => drop(table.insert(place.key(), Item::Value(value))),
            }
        }
        Ok(document.to_string())
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            name: None,
            theme: ThemeName::Auto,
            color: ColorChoice::Auto,
            ascii: false,
            plain: false,
            mouse: MouseUse::Everywhere,
            bell: Bell::WhenAway,
            hints: true,
            transport: TransportChoice::Auto,
            listen: None,
            announce: true,
            web: true,
        }
    }
}

impl Default for Read {
    fn default() -> Self {
        Self {
            config: Config::default(),
            new_game: NewGame::new("0000".parse().expect("four digits are a passcode")),
            keymap: Keymap::default(),
            problems: Vec::new(),
        }
    }
}

impl Read {
    /// Parses a text. A line that is not TOML is told and left out.
    fn toml(&mut self, text: &str) -> Document<String> {
        let mut lines: Vec<&str> = text.lines().collect();
        while self.problems.len() < MAX_PROBLEMS {
            let left = lines.join("\n");
            match Document::parse(left.clone()) {
                Ok(document) => return document,
                Err(error) => {
                    let line = line_of_error(&left, &error);
                    self.complain(line, quoted_message(error.message()));
                    // Of a text that has no end, the last line is the mistake that is found.
                    match lines[..line.min(lines.len())].iter().rposition(|line| !line.trim().is_empty()) {
                        Some(index) => lines[index] = "",
                        None => break,
                    }
                }
            }
        }
        Document::parse(String::new()).expect("an empty text is TOML")
    }

    fn take_new_game(&mut self, text: &str, table: &dyn TableLike) {
        for (name, item, at) in entries(table) {
            let field = Field::KEPT.into_iter().find(|field| field.key() == name);
            let what = match (field, scalar(item)) {
                (None, _) => Some(format!("there is no setting {}", quoted(&format!("{NEW_GAME}.{name}")))),
                (Some(_), None) => Some(format!("`{NEW_GAME}.{name}` takes one value")),
                (Some(field), Some(value)) => {
                    let error = field.set(&mut self.new_game, &value).err();
                    error.map(|error| format!("`{NEW_GAME}.{name}`: {error}"))
                }
            };
            if let Some(what) = what {
                self.complain(line_of(text, at), what);
            }
        }
    }

    /// Binds keys anew.
    fn bind(&mut self, text: &str, table: &dyn TableLike) {
        let (mut bound, mut lines) = (Vec::new(), Vec::new());
        for (context, item, at) in entries(table) {
            // The parts of a name are tables in TOML.
            let actions = item.as_table_like().map(|actions| {
                entries(actions).map(|(action, item, at)| (format!("{context}.{action}"), item, at)).collect()
            });
            for (name, item, at) in actions.unwrap_or_else(|| vec![(context.to_owned(), item, at)]) {
                match keys(item) {
                    Some(keys) if bound.len() < MAX_KEYS => {
                        bound.push((name, keys));
                        lines.push(line_of(text, at));
                    }
                    Some(_) => {}
                    None => {
                        let what = format!("{} takes a key such as \"g\", or several", quoted(&name));
                        self.complain(line_of(text, at), what);
                    }
                }
            }
        }
        let (keymap, errors) = Keymap::rebound(&bound);
        self.keymap = keymap;
        for (index, error) in errors {
            self.complain(lines[index], error.to_string());
        }
    }

    /// Notes a mistake.
    fn complain(&mut self, line: usize, what: String) {
        self.problems.push(Problem { line, what });
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// The entries of a table, and where each begins.
fn entries(table: &dyn TableLike) -> impl Iterator<Item = (&str, &Item, usize)> {
    let at = |name| table.key(name).and_then(Key::span).map_or(0, |span| span.start);
    table.iter().map(move |(name, item)| (name, item, at(name)))
}

/// The keys of a name.
fn keys(item: &Item) -> Option<Vec<String>> {
    match item.as_array() {
        Some(keys) => keys.iter().map(|key| key.as_str().map(str::to_owned)).collect(),
        None => item.as_str().map(|key| vec![key.to_owned()]),
    }
}

/// The text of a single value.
fn scalar(item: &Item) -> Option<String> {
    match item.as_value()? {
        Value::String(text) => Some(text.value().clone()),
        Value::Integer(number) => Some(number.value().to_string()),
        Value::Boolean(switch) => Some(switch.value().to_string()),
        _ => None,
    }
}

/// A value as TOML.
fn value(place: Place, text: &str) -> Value {
    let is_switch = match place {
        Place::Top(setting) => !Config::choices(setting).is_empty(),
        Place::NewGame(field) => field == Field::Misere,
    };
    let switch = text.parse::<bool>().ok().filter(|_| is_switch).map(Value::from);
    let number = text.parse::<i64>().ok().filter(|_| place == Place::NewGame(Field::BestOf)).map(Value::from);
    switch.or(number).unwrap_or_else(|| text.into())
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

fn line_of_error(text: &str, error: &toml_edit::TomlError) -> usize {
    line_of(text, error.span().map_or(0, |span| span.start))
}

/// A part of a file that can be shown: it cannot move a cursor, reorder a line, or fill a screen.
fn quoted(text: &str) -> String {
    format!("`{}`", quoted_message(text))
}

fn quoted_message(text: &str) -> String {
    let escaped: String = text.chars().take(MAX_QUOTED).flat_map(char::escape_debug).collect();
    // A quotation mark is harmless.
    escaped.replace("\\\"", "\"").replace("\\'", "'")
}

fn put<T>(field: &mut T, value: Option<T>) -> Option<()> {
    value.map(|value| *field = value)
}

/// Sets what is typed, and may be left empty.
fn put_typed<T>(field: &mut Option<T>, text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<()> {
    let value = parse(text);
    (value.is_some() || text.trim().is_empty()).then(|| *field = value)
}

fn find<T: Copy>(words: &[(&str, T)], text: &str) -> Option<T> {
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
}

fn word<T: PartialEq>(words: &[(&str, T)], value: &T) -> String {
    words.iter().find(|(_, it)| it == value).map(|(word, _)| (*word).to_owned()).unwrap_or_default()
}

fn words<T>(words: &[(&'static str, T)]) -> Vec<&'static str> {
    words.iter().map(|(word, _)| *word).collect()
}

#[cfg(test)]
mod tests;
