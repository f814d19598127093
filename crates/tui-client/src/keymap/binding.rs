//! One row of the command table: keys, their action, and the condition under which they have an effect.

use std::borrow::Cow;

use crossterm::event::{KeyCode, KeyModifiers};
use strum::VariantArray;

use super::context::Context;
use crate::key::Key;

/// One row of the table.
#[derive(Debug, Clone)]
pub struct Binding {
    /// Its context.
    pub context: Context,
    /// The keys.
    pub keys: Cow<'static, [KeyCode]>,
    /// The modifiers, exactly; Shift is part of a capital letter.
    pub modifiers: KeyModifiers,
    /// Their action, unless the keys are digits.
    pub action: Action,
    /// The action of the first key, of the second and so on, if they are digits.
    pub(crate) by_digit: Option<fn(u8) -> Action>,
    /// The keys in writing; empty if another row describes them.
    pub label: Cow<'static, str>,
    /// Their action in words.
    pub help: &'static str,
    /// The text of the footer, if there is room; empty for none.
    pub footer: &'static str,
    /// The condition for a place in the footer.
    pub when: When,
}

/// The action of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "the table says what each does, in the words that the help shows")]
pub enum Action {
    Help,
    Back,
    Quit,
    AskToQuit,
    Suspend,
    Redraw,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Select,
    Place,
    Numpad(u8),
    TypeCell,
    Resign,
    OfferDraw,
    OfferTakeback,
    OfferAdjourn,
    Accept,
    Decline,
    ClaimWin,
    CallDraw,
    Adjourn,
    GoOn,
    SayBoard,
    Hint,
    Rematch,
    TryNow,
    Yes,
    No,
    Resume,
    ReturnTo(u8),
    QuickMatch,
    Host,
    Join,
    Filter,
    Doctor,
    Rescan,
    Bot,
    TwoPlayers,
    Browse,
    Watch,
    LeaveGame,
    Forget,
    Chat,
    Emotes,
    Emote(u8),
    Mute,
    Block,
    OpenChat,
    Watchable,
    WatchersTalk,
    Visibility,
    QrCode,
    GoToMatch,
    Settings,
    Copy,
    Replays,
    Replay,
    Backward,
    Forward,
    First,
    Last,
    Run,
    Faster,
    Slower,
    NextMistake,
    Branch,
    Export,
    XRay,
    NextKnob,
    TurnUp,
    TurnDown,
    ResetDial,
}

/// A condition for a key to have an effect in a game.
#[derive(Debug, Clone, Copy, PartialEq, Eq, VariantArray)]
pub enum When {
    /// It always has one.
    Always,
    /// The game is on a server.
    IsOnline,
    /// A mark can be placed.
    MayPlace,
    /// A mark can be placed by a digit.
    MayPlaceByDigit,
    /// A mark can be placed by the name of its cell.
    MayPlaceByName,
    /// Chat is possible.
    MayChat,
    /// The room has a page for browsers on other machines.
    HasPage,
    /// There is a player to block: the other one, or the guest who has left.
    MayBlock,
    /// A draw or a break can be offered, or the offer withdrawn.
    MayOffer,
    /// There is a move to take back.
    MayTakeBack,
    /// A perfect player knows the best move, and nobody across a network minds.
    MayHint,
    /// The match is over, and its series goes on with the player who is there.
    NextGame,
    /// The match is over, and so is its series, if it was part of one; the other player is there.
    Rematch,
    /// The match is over, and nobody is left to play another one in its room.
    HostAgain,
    /// The match is over, and its player may look at it again.
    MayReplay,
    /// A move of the replay is a mistake.
    HasMistakes,
    /// The position of the replay can be played on, and no other game is kept from its player by that.
    MayBranch,
    /// The X-ray is open.
    XRayIsOpen,
    /// The X-ray is closed.
    XRayIsClosed,
    /// The link has a dial.
    HasDial,
}

impl When {
    /// All conditions. Without a game they all hold.
    pub(crate) const ALL: &[Self] = Self::VARIANTS;
}

impl Binding {
    /// Adds a condition.
    pub(super) const fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    /// Tells whether its keys cannot be bound anew: text would, or there would be no way out.
    pub(super) const fn is_fixed(&self) -> bool {
        let is_form = matches!(self.context, Context::JoinForm | Context::NewGame | Context::Settings);
        self.context.is_typing() || is_form || !self.modifiers.is_empty()
    }

    /// The action of one of the keys.
    pub(super) fn action_of(&self, key: KeyCode) -> Action {
        let nth = || self.keys.iter().zip(1..).find(|(own, _)| **own == key);
        match self.by_digit {
            Some(action) => action(nth().map_or(0, |(_, nth)| nth)),
            None => self.action,
        }
    }

    /// Tells whether a click can stand for its key: one action, and no direction.
    pub(crate) const fn is_button(&self) -> bool {
        self.by_digit.is_none() && !matches!(self.action, Action::Up | Action::Left | Action::Backward)
    }

    pub(super) fn matches(&self, code: KeyCode, key: &Key) -> bool {
        let held = key.event.modifiers;
        let modifiers = if key.is_text() { held - KeyModifiers::SHIFT } else { held };
        modifiers == self.modifiers && self.keys.contains(&code)
    }
}
