//! The settings by their names in the file.

use clap::ValueEnum;

use crate::{format::word, new_game::Field};

/// One setting, in the order of the file. Its line here is its meaning on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Setting {
    /// Your name; without one, your login name
    Name,
    /// The colours
    Theme,
    /// When colours are used
    Color,
    /// Draw with ASCII characters only
    Ascii,
    /// Where a click acts
    Mouse,
    /// When the bell calls you
    Bell,
    /// Show a perfect move on request
    Hints,
    /// How to connect; auto takes UDP, else TCP
    Transport,
    /// The address at which you host
    Listen,
    /// Tell the network of the games you host
    Announce,
    /// Let browsers play in the games you host
    Web,
    /// Tell and ask by lines, without a screen
    Plain,
}

/// The place of a value in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A setting, at the top.
    Top(Setting),
    /// A field of the last new game, in a table of its own.
    NewGame(Field),
}

impl Place {
    /// The key in the file.
    pub fn key(self) -> String {
        match self {
            Self::Top(setting) => setting.key(),
            Self::NewGame(field) => field.key(),
        }
    }
}

impl Setting {
    /// The key in the file.
    pub fn key(self) -> String {
        word(&self)
    }

    /// The meaning in words, without a full stop.
    pub fn meaning(self) -> String {
        let help = self.to_possible_value().and_then(|value| value.get_help().map(ToString::to_string));
        help.unwrap_or_default()
    }
}
