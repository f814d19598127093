//! Effects as data: the model returns them, and the runtime carries them out.

use game_core::{Cell, Level};
use net::{
    addr::HostPort,
    proto::{Command, Name, RoomCode, Seat, Terms, Token},
    sim::LinkConfig,
};

use crate::{failure::Failure, history::KeptMatch, setting::Place};

/// One effect.
#[derive(Debug, Clone)]
pub enum Cmd {
    /// End the program.
    Quit,
    /// End the program and say why on standard error.
    Fail(Failure),
    /// Suspend the program, as the shell's job control asks for.
    Suspend,
    /// Draw the whole screen anew.
    Redraw,
    /// Serve a game from this machine, and connect to it; or serve again the room in which this seat is.
    Serve(Option<SavedSeat>),
    /// Connect to a server. An earlier connection is dropped without a goodbye.
    Dial(Dial),
    /// Play at this machine, without a network.
    PlayLocal {
        /// The terms.
        terms: Terms,
        /// The other player.
        opponent: Opponent,
        /// The moves that stand on the board already.
        moves: Vec<Cell>,
    },
    /// Keep a match that is over, and date its end.
    KeepMatch(Box<KeptMatch>),
    /// Read the finished matches that are kept.
    ReadHistory,
    /// Write a recording to a new file in the folder of the player, under a name without its ending.
    Export {
        /// The name.
        name: String,
        /// The recording.
        text: String,
    },
    /// Send a command to the server.
    Send(Command),
    /// Send a command to the game at this machine.
    SendLocal {
        /// The seat that sends it.
        seat: Seat,
        /// The command.
        command: Command,
    },
    /// Say goodbye and end the connection, and the server if it is our own.
    HangUp,
    /// End the game at this machine.
    EndLocal,
    /// Save the token of a seat for the next start of the program.
    KeepSeat(SavedSeat),
    /// Remove the saved token of a session.
    ForgetSeat(Token),
    /// Note for the next start of the program that somebody has played.
    NotePlayed,
    /// Save these settings, as they are written in their file, for the next start of the program.
    KeepConfig(Vec<(Place, String)>),
    /// Begin to search the network for games.
    Search,
    /// Ask each server that is found for the room with this code.
    Seek(RoomCode),
    /// End the search.
    EndSearch,
    /// Check this machine's network.
    CheckNetwork,
    /// Begin or end to show the packets of the connection, and of those that follow it.
    Observe(bool),
    /// Put the connection, and those that follow it, under these conditions; the number is the seed of their chances.
    Degrade(LinkConfig, u64),
    /// Let the bot join this room on our own server.
    SeatBot(RoomCode),
    /// Send a signal to the terminal.
    Signal(Signal),
}

/// A signal to the terminal.
#[derive(Debug, Clone)]
pub enum Signal {
    /// Ring the bell.
    Bell,
    /// Ask for the colour of the background.
    AskBackground,
    /// Name the window.
    Title(String),
    /// Copy a text to the clipboard.
    Copy(String),
}

/// The target of a connection, and the session to resume.
#[derive(Debug, Clone)]
pub struct Dial {
    /// The server; `None` for our own, in this process.
    pub target: Option<HostPort>,
    /// The token of the session to resume, if there is one.
    pub resume: Option<Token>,
}

/// The other player of a local game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opponent {
    /// Two people at one keyboard.
    Person {
        /// Their names; the first plays X in the first match.
        names: [Name; 2],
    },
    /// The bot.
    Bot {
        /// Its strength.
        level: Level,
        /// The seed of its random choices.
        seed: u64,
        /// True if it plays X in the first match.
        begins: bool,
    },
}

/// A seat to which this run of the program, or a later one, can return.
#[derive(Debug, Clone)]
pub struct SavedSeat {
    /// The server.
    pub target: HostPort,
    /// The number of the store, if the server was our own and has to be started again.
    pub hosted: Option<u8>,
    /// The room.
    pub code: RoomCode,
    /// The token that proves it.
    pub token: Token,
    /// The name of the other player, if there is one.
    pub opponent: Option<Name>,
    /// True for an adjourned match, which is kept until both players are back.
    pub is_adjourned: bool,
}

impl SavedSeat {
    /// Tells whether it is the seat of a session. A client may compare secrets of its own directly.
    pub fn is_of(&self, token: &Token) -> bool {
        self.token.session == token.session && self.token.secret == token.secret
    }
}
