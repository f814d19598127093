//! The settings by their names in the file.

use crate::new_game::Field;

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The name of the player.
    Name,
    /// The theme.
    Theme,
    /// The use of colours.
    Color,
    /// The use of ASCII alone.
    Ascii,
    /// The mode without a screen.
    Plain,
    /// The use of the mouse.
    Mouse,
    /// The occasions for the bell.
    Bell,
    /// The hints of the perfect player.
    Hints,
    /// The transports to other machines.
    Transport,
    /// The address of the own server.
    Listen,
    /// The announcement of the own server.
    Announce,
    /// The page of the own server for browsers.
    Web,
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
    pub const fn key(self) -> &'static str {
        match self {
            Self::Top(setting) => setting.key(),
            Self::NewGame(field) => field.key(),
        }
    }
}

impl Setting {
    /// All settings, in the order of the file.
    pub const ALL: [Self; 12] = [
        Self::Name,
        Self::Theme,
        Self::Color,
        Self::Ascii,
        Self::Plain,
        Self::Mouse,
        Self::Bell,
        Self::Hints,
        Self::Transport,
        Self::Listen,
        Self::Announce,
        Self::Web,
    ];

    /// The key in the file.
    pub const fn key(self) -> &'static str {
        self.words()[0]
    }

    /// The meaning in words, without a full stop.
    pub const fn meaning(self) -> &'static str {
        self.words()[1]
    }

    const fn words(self) -> [&'static str; 2] {
        match self {
            Self::Name => ["name", "Your name; without one, your login name"],
            Self::Theme => ["theme", "The colours"],
            Self::Color => ["color", "When colours are used"],
            Self::Ascii => ["ascii", "Draw with ASCII characters only"],
            Self::Plain => ["plain", "Tell and ask by lines, without a screen"],
            Self::Mouse => ["mouse", "Where a click acts"],
            Self::Bell => ["bell", "When the bell calls you"],
            Self::Hints => ["hints", "Show a perfect move on request"],
            Self::Transport => ["transport", "The transport of a connection"],
            Self::Listen => ["listen", "The address of your own games"],
            Self::Announce => ["announce", "Announce your own games on the network"],
            Self::Web => ["web", "Let browsers play in your own games"],
        }
    }
}
