//! The settings of the program: their values, and the file that keeps them.
//!
//! A file is read line by line as far as it goes: each mistake is one sentence, and the rest counts. It is changed key by
//! key, so that the comments of its owner and the keys of another run stay.

use std::{fmt::Write as _, ops::Range};

use clap::{ColorChoice, ValueEnum};
use net::{addr::ListenAddr, connect::TransportChoice, link::Transport, proto::Name};
use toml_edit::{Array, Document, DocumentMut, Item, Key, TableLike, TomlError, Value};

use crate::{
    env::{ColorDepth, TerminalEnv},
    format::{escaped, word},
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
    pub transport: Transports,
    /// The address our own server listens on; `None` for the usual one, or a free port if that is busy.
    pub listen: Option<ListenAddr>,
    /// True if our own server is announced to the network.
    pub announce: bool,
    /// True if our own server gives browsers a page.
    pub web: bool,
}

/// The use of the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MouseUse {
    /// It is left to the terminal.
    Off,
    /// It places marks.
    Board,
    /// It presses whatever looks like a button.
    Everywhere,
}

/// The transports for a connection to another machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Transports {
    /// UDP and TCP, whichever answers first
    Auto,
    /// UDP only: faster where the network loses packets
    Udp,
    /// TCP only
    Tcp,
}

/// The occasions for the bell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
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
    /// The mistakes in words, each behind its line, from 1.
    pub problems: Vec<(usize, String)>,
}

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

impl Config {
    /// Sets a value as it is written in the file.
    ///
    /// # Errors
    ///
    /// The values that the setting takes.
    pub fn set(&mut self, setting: Setting, text: &str) -> Result<(), String> {
        let is_taken = match setting {
            Setting::Name => put_typed(&mut self.name, text, |text| Name::parse_typed(text).ok()),
            Setting::Theme => put(&mut self.theme, chosen(text)),
            Setting::Color => put(&mut self.color, chosen(text)),
            Setting::Ascii => put(&mut self.ascii, text.parse().ok()),
            Setting::Plain => put(&mut self.plain, text.parse().ok()),
            Setting::Mouse => put(&mut self.mouse, chosen(text)),
            Setting::Bell => put(&mut self.bell, chosen(text)),
            Setting::Hints => put(&mut self.hints, text.parse().ok()),
            Setting::Transport => put(&mut self.transport, chosen(text)),
            Setting::Listen => put_typed(&mut self.listen, text, |text| text.parse().ok()),
            Setting::Announce => put(&mut self.announce, text.parse().ok()),
            Setting::Web => put(&mut self.web, text.parse().ok()),
        };
        is_taken.ok_or_else(|| Self::refusal(setting))
    }

    /// A value as it is written in the file.
    pub fn text(&self, setting: Setting) -> String {
        match setting {
            Setting::Name => self.name.as_ref().map(ToString::to_string).unwrap_or_default(),
            Setting::Theme => word(&self.theme),
            Setting::Color => word(&self.color),
            Setting::Ascii => self.ascii.to_string(),
            Setting::Plain => self.plain.to_string(),
            Setting::Mouse => word(&self.mouse),
            Setting::Bell => word(&self.bell),
            Setting::Hints => self.hints.to_string(),
            Setting::Transport => word(&self.transport),
            Setting::Listen => self.listen.as_ref().map(ToString::to_string).unwrap_or_default(),
            Setting::Announce => self.announce.to_string(),
            Setting::Web => self.web.to_string(),
        }
    }

    /// A value in words.
    pub fn in_words(&self, setting: Setting) -> String {
        let text = self.text(setting);
        match (&*text, setting) {
            ("", Setting::Listen) => "port 1952".into(),
            ("", _) => "your login name".into(),
            ("true", _) => "yes".into(),
            ("false", _) => "no".into(),
            _ => text,
        }
    }

    /// The values of a setting, if they can be listed.
    pub fn choices(setting: Setting) -> Vec<String> {
        match setting {
            Setting::Name | Setting::Listen => Vec::new(),
            Setting::Theme => words::<ThemeName>(),
            Setting::Color => words::<ColorChoice>(),
            Setting::Mouse => words::<MouseUse>(),
            Setting::Bell => words::<Bell>(),
            Setting::Transport => words::<Transports>(),
            Setting::Ascii | Setting::Plain | Setting::Hints | Setting::Announce | Setting::Web => {
                ["true", "false"].map(str::to_owned).into()
            }
        }
    }

    fn refusal(setting: Setting) -> String {
        format!("`{}` takes {}", setting.key(), Self::takes(setting))
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
        let Read { config, new_game, keymap, .. } = Read::default();
        let mut text = "# The settings of oxo. What is changed in the program is written here.\n".to_owned();
        for setting in Setting::value_variants().iter().copied() {
            let value = value(Place::Top(setting), &config.text(setting));
            let (meaning, takes, key) = (setting.meaning(), Self::takes(setting), setting.key());
            let _written = write!(text, "\n# {meaning}.\n# Takes {takes}.\n{key} = {value}\n");
        }
        text += "\n# The last new game, as the form offers it again.\n[new-game]\n";
        for field in Field::KEPT {
            let value = value(Place::NewGame(field), &field.text(&new_game));
            let choices = field.choices(&new_game).join(", ");
            let remark = if choices.is_empty() { "" } else { "  # " };
            let _written = writeln!(text, "{} = {value}{remark}{choices}", field.key());
        }
        text += "\n# The keys of each name. A line counts without the sign before it.\n[keys]\n";
        for (name, keys, meaning) in keymap.rows() {
            let _written = writeln!(text, "# {name} = {}  # {meaning}", Array::from_iter(keys));
        }
        text
    }

    /// Reads a file.
    pub fn parse(text: &str) -> Read {
        let mut read = Read::default();
        let document = read.toml(text);
        let text = document.raw();
        for (name, item, line) in entries(text, document.as_table()) {
            match (chosen::<Setting>(name), item.as_table_like()) {
                (None, Some(table)) if name == KEYS => read.bind(text, table),
                (None, Some(table)) if name == NEW_GAME => read.take_new_game(text, table),
                (None, _) => read.complain(line, format!("there is no setting {}", quoted(name))),
                (Some(setting), _) => {
                    let given = scalar(item).ok_or_else(|| Self::refusal(setting));
                    let taken = given.and_then(|value| read.config.set(setting, &value));
                    taken.unwrap_or_else(|wrong| read.complain(line, wrong));
                }
            }
        }
        read.problems.sort_by_key(|(line, _)| *line);
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
    pub fn edit(text: &str, changes: &[(Place, String)]) -> Result<String, String> {
        let wrong = |error: TomlError| format!("its line {} is not TOML", line_of(text, error.span()));
        let mut document: DocumentMut = text.parse().map_err(wrong)?;
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
            match table.get_mut(&place.key()).and_then(Item::as_value_mut) {
                Some(old) => {
                    // The remark behind it stays.
                    value.decor_mut().clone_from(old.decor());
                    *old = value;
                }
                None => drop(table.insert(&place.key(), Item::Value(value))),
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
            transport: Transports::Auto,
            listen: None,
            announce: true,
            web: true,
        }
    }
}

impl From<Transports> for TransportChoice {
    fn from(transports: Transports) -> Self {
        match transports {
            Transports::Auto => Self::Auto,
            Transports::Udp => Self::Only(Transport::Udp),
            Transports::Tcp => Self::Only(Transport::Tcp),
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
            let error = match Document::parse(left.clone()) {
                Ok(document) => return document,
                Err(error) => error,
            };
            let line = line_of(&left, error.span());
            self.complain(line, escaped(error.message(), MAX_QUOTED));
            // Of a text that has no end, the last line is the mistake that is found.
            let mistake = lines.iter_mut().take(line).rfind(|line| !line.trim().is_empty());
            let Some(mistake) = mistake else { break };
            *mistake = "";
        }
        Document::parse(String::new()).expect("an empty text is TOML")
    }

    fn take_new_game(&mut self, text: &str, table: &dyn TableLike) {
        for (name, item, line) in entries(text, table) {
            let field = Field::KEPT.into_iter().find(|field| field.key() == name);
            let taken = match (field, scalar(item)) {
                (None, _) => Err(format!("there is no setting {}", quoted(&format!("{NEW_GAME}.{name}")))),
                (Some(_), None) => Err(format!("`{NEW_GAME}.{name}` takes one value")),
                (Some(field), Some(value)) => {
                    let taken = field.set(&mut self.new_game, &value);
                    taken.map_err(|error| format!("`{NEW_GAME}.{name}`: {error}"))
                }
            };
            taken.unwrap_or_else(|wrong| self.complain(line, wrong));
        }
    }

    /// Binds keys anew.
    fn bind(&mut self, text: &str, table: &dyn TableLike) {
        let (mut bound, mut lines) = (Vec::new(), Vec::new());
        for (context, item, line) in entries(text, table) {
            // The parts of a name are tables in TOML.
            let actions = item.as_table_like().map(|actions| {
                let named = |(action, item, line)| (format!("{context}.{action}"), item, line);
                entries(text, actions).map(named).collect()
            });
            for (name, item, line) in actions.unwrap_or_else(|| vec![(context.to_owned(), item, line)]) {
                match keys(item) {
                    Some(_) if bound.len() == MAX_KEYS => {}
                    Some(keys) => {
                        bound.push((name, keys));
                        lines.push(line);
                    }
                    None => {
                        let what = format!("{} takes a key such as \"g\", or several", quoted(&name));
                        self.complain(line, what);
                    }
                }
            }
        }
        let (keymap, errors) = Keymap::rebound(&bound);
        self.keymap = keymap;
        for (index, error) in errors {
            self.complain(lines[index], error);
        }
    }

    /// Notes a mistake.
    fn complain(&mut self, line: usize, what: String) {
        self.problems.push((line, what));
    }
}

/// The entries of a table, each with its line.
fn entries<'a>(text: &'a str, table: &'a dyn TableLike) -> impl Iterator<Item = (&'a str, &'a Item, usize)> {
    table.iter().map(move |(name, item)| (name, item, line_of(text, table.key(name).and_then(Key::span))))
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

/// A value as TOML. A name or an address is a text, whatever it looks like.
fn value(place: Place, text: &str) -> Value {
    let is_text =
        matches!(place, Place::Top(Setting::Name | Setting::Listen) | Place::NewGame(Field::X | Field::O));
    let plain = text.parse().ok().filter(|value: &Value| value.is_bool() || value.is_integer());
    plain.filter(|_| !is_text).unwrap_or_else(|| text.into())
}

fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    let before = text.bytes().take(span.map_or(0, |span| span.start));
    1 + before.filter(|byte| *byte == b'\n').count()
}

fn quoted(text: &str) -> String {
    format!("`{}`", escaped(text, MAX_QUOTED))
}

fn put<T>(field: &mut T, value: Option<T>) -> Option<()> {
    value.map(|value| *field = value)
}

/// Sets what is typed, and may be left empty.
fn put_typed<T>(field: &mut Option<T>, text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<()> {
    let value = parse(text);
    (value.is_some() || text.trim().is_empty()).then(|| *field = value)
}

fn chosen<T: ValueEnum>(text: &str) -> Option<T> {
    T::from_str(text, false).ok()
}

fn words<T: ValueEnum>() -> Vec<String> {
    T::value_variants().iter().map(word).collect()
}

#[cfg(test)]
mod tests;
