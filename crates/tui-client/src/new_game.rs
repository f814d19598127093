//! A new game: what is played, who may come, and who plays.

use game_core::Level;
use net::proto::{Access, Name, Passcode, Terms, Visibility};

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
}
