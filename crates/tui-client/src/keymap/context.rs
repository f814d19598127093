//! The contexts in which keys have meanings.

/// The context of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "kebab-case")]
pub enum Context {
    /// Every screen, unless a more particular context takes the key.
    Everywhere,
    /// The menu.
    Menu,
    /// The list of finished matches.
    Replays,
    /// The replay of a match.
    Replay,
    /// The form for a new game.
    NewGame,
    /// A value in that form, while it is typed.
    NewGameText,
    /// The form for a place.
    JoinForm,
    /// The form for a passcode.
    Passcode,
    /// The list of the rooms of a server.
    Rooms,
    /// The list of the games on this network.
    Lan,
    /// The filter of that list.
    Filter,
    /// A connection or a search under way.
    Connecting,
    /// A room that waits for a friend.
    Waiting,
    /// A running match.
    Match,
    /// A room on a server, whose link can be looked at.
    Link,
    /// A running match with an offer of the other player.
    Offer,
    /// A running match whose other player is absent.
    Absent,
    /// An adjourned match.
    Adjourned,
    /// A match between others.
    Watching,
    /// The input for a chat line.
    Chat,
    /// The input for the name of a cell.
    Cell,
    /// The settings.
    Settings,
    /// A setting that is typed.
    SettingText,
    /// The choice of an emote.
    Emotes,
    /// A game at this machine, while a match on a server waits.
    Called,
    /// A game whose connection is lost.
    LinkDown,
    /// A game whose session has ended: its last position is looked at.
    Ended,
    /// A match that is over.
    Over,
    /// A failure.
    Failed,
    /// A question.
    Confirm,
    /// The help, or a text to read.
    Help,
}

impl Context {
    /// The context that takes the keys that are not bound here.
    pub(super) const fn below(self) -> Option<Self> {
        let is_on_link =
            matches!(self, Self::Match | Self::Adjourned | Self::Watching | Self::LinkDown | Self::Over);
        if matches!(self, Self::Offer | Self::Absent) {
            Some(Self::Match)
        } else if is_on_link {
            Some(Self::Link)
        } else if matches!(self, Self::Everywhere) {
            None
        } else {
            Some(Self::Everywhere)
        }
    }

    /// Tells whether a context is another one, or takes the keys that are not bound in that.
    pub(super) fn is_below(self, above: Self) -> bool {
        std::iter::successors(Some(above), |context| context.below()).any(|context| context == self)
    }

    /// Tells whether a match runs.
    pub const fn is_match(self) -> bool {
        matches!(self, Self::Match | Self::Offer | Self::Absent)
    }

    /// Tells whether a move can be made: in a match, and while its connection is lost.
    pub const fn takes_moves(self) -> bool {
        self.is_match() || matches!(self, Self::LinkDown)
    }

    /// Tells whether a room may be on the screen, where a key may decide something between two players.
    pub(super) const fn is_game(self) -> bool {
        !matches!(
            self,
            Self::Menu
                | Self::Replays
                | Self::Replay
                | Self::NewGame
                | Self::NewGameText
                | Self::JoinForm
                | Self::Rooms
                | Self::Lan
                | Self::Settings
                | Self::SettingText
                | Self::Connecting
                | Self::Failed
                | Self::Confirm
                | Self::Help
        )
    }

    /// Tells whether every character is text.
    pub const fn is_typing(self) -> bool {
        matches!(
            self,
            Self::Chat | Self::Cell | Self::NewGameText | Self::Passcode | Self::Filter | Self::SettingText
        )
    }
}
