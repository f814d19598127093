//! Requests: what a part of the model wants of the whole after a key or a message.

use net::{
    addr::HostPort,
    proto::{RoomCode, Token},
};

use crate::{
    cmd::{Cmd, SavedSeat},
    failure::Failure,
    goal::{Goal, Purpose, RoomKey},
    keymap::Action,
    overlay::Overlay,
};

/// One request.
#[derive(Debug)]
pub(crate) enum Request {
    /// An effect of the runtime.
    Cmd(Cmd),
    /// A layer over the screen.
    Open(Overlay),
    /// The menu.
    Menu,
    /// The menu, while the shown game goes on.
    MenuOverGame,
    /// An entry of the menu, chosen on another screen.
    MenuEntry(Action),
    /// The game that is chosen in the form.
    Begin,
    /// The form for a place.
    JoinForm(Purpose),
    /// A connection.
    Connect(Goal),
    /// A room of the list that is shown, over the connection of the list.
    EnterListed {
        /// The goal.
        goal: Goal,
        /// True if a passcode has to be asked for first.
        is_locked: bool,
    },
    /// A game that was found on this network.
    EnterFound {
        /// The server.
        target: HostPort,
        /// The game.
        key: RoomKey,
        /// True to watch it.
        watches: bool,
    },
    /// A search for the game with a code.
    Seek {
        /// The code.
        code: RoomCode,
        /// The machine that is meant if there is none.
        machine: Option<HostPort>,
        /// True to watch the game.
        watches: bool,
    },
    /// The end of a search that found no game with a code.
    NotFound(RoomCode),
    /// The list of the games with a code.
    Ambiguous {
        /// The code.
        code: RoomCode,
        /// The number of games.
        count: usize,
        /// True to watch one.
        watches: bool,
    },
    /// A new search of the network.
    SearchAgain,
    /// A check of this machine's network.
    CheckNetwork,
    /// The replay of the match that is over.
    Replay,
    /// The end of the shown game.
    Leave,
    /// A new room on this machine, with the terms of the shown game.
    HostAgain,
    /// A game against the bot while the room waits.
    PlayBot,
    /// The next visibility of the room.
    NextVisibility,
    /// A seat that is gone.
    ForgetSeat(Token),
    /// Save the seat under the token that a return has given it, instead of the old one.
    RenewSeat {
        /// The token that was shown.
        old: Token,
        /// The seat with its new token.
        seat: SavedSeat,
    },
    /// The screen of a failure, or the end of the program.
    Fail(Failure),
}

impl From<Cmd> for Request {
    fn from(cmd: Cmd) -> Self {
        Self::Cmd(cmd)
    }
}
