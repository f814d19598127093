//! A new game: what is played, who may come, and who plays; and the notation of each of these in a form, on the command
//! line, and in the file of settings.

use std::error::Error;

use clap::ValueEnum;
use game_core::{Level, Rules};
use net::proto::{Access, Name, Passcode, Terms, Visibility};

use crate::format::word;

/// The settings of the next game that is begun from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewGame {
    /// The terms.
    pub terms: Terms,
    /// The visibility of a room.
    pub visibility: Visibility,
    /// Its passcode, if it is locked.
    pub passcode: Passcode,
    /// The strength that is wanted of the bot.
    pub level: Level,
    /// True if the bot plays X in the first match.
    pub bot_begins: bool,
    /// The names of two people at this keyboard; the first plays X in the first match.
    pub names: [Name; 2],
}

/// The kind of a game that is begun from the menu. Its name is the subcommand of `oxo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A room on this machine.
    Host,
    /// A game against the bot.
    Bot,
    /// A game of two people at this keyboard.
    Local,
}

/// One setting of a [`NewGame`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Field {
    /// The board, and the number in a row.
    Board,
    /// The rule that a line loses.
    Misere,
    /// The length of a series.
    BestOf,
    /// The time for moves.
    Clock,
    /// The people who may come.
    Visibility,
    /// The passcode of a locked room.
    Passcode,
    /// The strength of the bot.
    Level,
    /// The player of X in the first match against the bot.
    First,
    /// The name of the first player at this keyboard.
    X,
    /// The name of the second one.
    O,
}

impl NewGame {
    /// The classic game, for everybody.
    ///
    /// # Panics
    ///
    /// Never: `Player 1` is a name.
    pub fn new(passcode: Passcode) -> Self {
        Self {
            terms: Terms::default(),
            visibility: Visibility::Public,
            passcode,
            level: Level::Perfect,
            bot_begins: false,
            names: ["Player 1", "Player 2"].map(|name| name.parse().expect("a plain name")),
        }
    }

    /// The access to a room.
    pub(crate) const fn access(&self) -> Access {
        match self.visibility {
            Visibility::Public => Access::Public,
            Visibility::Hidden => Access::Hidden,
            Visibility::Locked => Access::Passcode(self.passcode),
        }
    }

    /// The strength of the bot on this board. The perfect one knows boards of nine cells alone.
    pub(crate) const fn bot_level(&self) -> Level {
        if self.level.supports(&self.terms.rules) { self.level } else { Level::Easy }
    }

    /// The passcode that a room asks for.
    pub(crate) fn shown_passcode(&self) -> Option<Passcode> {
        (self.visibility == Visibility::Locked).then_some(self.passcode)
    }

    /// The command that begins the same game.
    pub fn command(&self, kind: Kind) -> String {
        let options = kind.fields().iter().filter_map(|field| self.option(*field));
        options.fold(format!("oxo {}", word(&kind)), |command, option| format!("{command} {option}"))
    }

    /// The option of a setting that differs from the usual one.
    fn option(&self, field: Field) -> Option<String> {
        let game = Self { level: self.bot_level(), ..*self };
        let usual = Self::new(self.passcode);
        let is_usual = field.text(&game) == field.text(&usual);
        match field {
            Field::Board | Field::BestOf | Field::Clock | Field::Level | Field::First => {
                (!is_usual).then(|| format!("--{} {}", field.key(), field.text(&game)))
            }
            Field::Misere => (!is_usual).then(|| "--misere".to_owned()),
            Field::Visibility => (self.visibility == Visibility::Hidden).then(|| "--hidden".to_owned()),
            Field::Passcode => self.shown_passcode().map(|passcode| {
                // A word behind a space that begins with a hyphen would be an option of its own.
                let separator = if passcode.as_str().starts_with('-') { '=' } else { ' ' };
                format!("--passcode{separator}{}", quoted(passcode.as_str()))
            }),
            Field::X => (self.names != usual.names).then(|| {
                let [x, o] = self.names.map(|name| quoted(name.as_str()));
                format!("--names {x} {o}")
            }),
            // Both names are one option.
            Field::O => None,
        }
    }
}

impl Kind {
    /// The settings that matter, in their order.
    pub const fn fields(self) -> &'static [Field] {
        use Field::{BestOf, Board, Clock, First, Level, Misere, O, Passcode, Visibility, X};
        match self {
            Self::Host => &[Board, Misere, BestOf, Clock, Visibility, Passcode],
            Self::Bot => &[Board, Misere, BestOf, Clock, Level, First],
            Self::Local => &[Board, Misere, BestOf, Clock, X, O],
        }
    }
}

impl Field {
    /// The settings that are kept for the next run of the program: all but the passcode, which is a secret.
    pub const KEPT: [Self; 9] = {
        use Field::{BestOf, Board, Clock, First, Level, Misere, O, Visibility, X};
        [Board, Misere, BestOf, Clock, Visibility, Level, First, X, O]
    };

    /// The name in the file of settings; where the command line has an option with a value for it, also that option's.
    pub fn key(self) -> String {
        word(&self)
    }

    /// The value as text.
    pub fn text(self, game: &NewGame) -> String {
        let NewGame { terms, .. } = game;
        match self {
            Self::Board => terms.rules.to_string(),
            Self::Misere => terms.rules.is_misere().to_string(),
            Self::BestOf => terms.best_of.map_or_else(|| OFF.to_owned(), |best_of| best_of.to_string()),
            Self::Clock => terms.time.to_string(),
            Self::Visibility => game.visibility.to_string(),
            Self::Passcode => game.passcode.as_str().to_owned(),
            Self::Level => match game.level {
                Level::Easy => "easy".to_owned(),
                Level::Perfect => "perfect".to_owned(),
            },
            Self::First => if game.bot_begins { "bot" } else { "you" }.to_owned(),
            Self::X => game.names[0].to_string(),
            Self::O => game.names[1].to_string(),
        }
    }

    /// Sets the value that a text means.
    ///
    /// # Errors
    ///
    /// A reason for the player if the text means none. Nothing is changed.
    pub fn set(self, game: &mut NewGame, text: &str) -> Result<(), String> {
        let is_misere = game.terms.rules.is_misere();
        let text = text.trim();
        let small = text.to_lowercase();
        match (self, &*small) {
            (Self::Board, text) => {
                game.terms.rules = text.parse::<Rules>().map_err(said)?.with_misere(is_misere);
            }
            (Self::Misere, "true") => game.terms.rules = game.terms.rules.with_misere(true),
            (Self::Misere, "false") => game.terms.rules = game.terms.rules.with_misere(false),
            (Self::Misere, _) => return Err("the value is true or false".into()),
            (Self::BestOf, OFF) => game.terms.best_of = None,
            (Self::BestOf, text) => game.terms.best_of = Some(text.parse().map_err(said)?),
            (Self::Clock, text) => game.terms.time = text.parse().map_err(said)?,
            (Self::Visibility, text) => {
                let parsed = text.parse();
                game.visibility =
                    parsed.map_err(|_unknown| "the value is public, hidden or locked".to_owned())?;
            }
            (Self::Level, "easy") => game.level = Level::Easy,
            (Self::Level, "perfect") => game.level = Level::Perfect,
            (Self::Level, _) => return Err("the value is easy or perfect".into()),
            (Self::First, "you") => game.bot_begins = false,
            (Self::First, "bot") => game.bot_begins = true,
            (Self::First, _) => return Err("the value is you or bot".into()),
            (Self::Passcode, _) => game.passcode = Passcode::parse_typed(text).map_err(said)?,
            (Self::X, _) => game.names[0] = Name::parse_typed(text).map_err(said)?,
            (Self::O, _) => game.names[1] = Name::parse_typed(text).map_err(said)?,
        }
        Ok(())
    }

    /// The values to choose from: of a field that can be typed, the usual ones. A bot is chosen from those that know the
    /// board.
    pub(crate) const fn choices(self, game: &NewGame) -> &'static [&'static str] {
        match self {
            Self::Board => &["3x3", "5x5:4", "7x7:5", "15x15:5"],
            Self::Misere => &["false", "true"],
            Self::BestOf => &[OFF, "3", "5", "7"],
            Self::Clock => &[OFF, "30s", "1m", "5m+3s"],
            Self::Visibility => &["public", "hidden", "locked"],
            Self::Level if Level::Perfect.supports(&game.terms.rules) => &["easy", "perfect"],
            Self::Level => &["easy"],
            Self::First => &["you", "bot"],
            Self::Passcode | Self::X | Self::O => &[],
        }
    }

    /// Tells whether other values than the choices can be typed.
    pub(crate) const fn is_typed(self) -> bool {
        !matches!(self, Self::Misere | Self::Visibility | Self::Level | Self::First)
    }
}

/// No clock, or no series.
const OFF: &str = "off";

fn said(error: impl Error) -> String {
    error.to_string()
}

/// A word of a command, quoted if a shell would take it for more than that.
fn quoted(word: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | '.');
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
