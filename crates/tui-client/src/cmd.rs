//! What the model wants done: effects as data, carried out by the runtime.

use game_core::Level;
use net::{
    addr::HostPort,
    proto::{Command, Name, RoomCode, Seat, Terms, Token},
};

use crate::failure::Failure;

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
    /// Serve a game from this machine, and connect to it.
    Serve,
    /// Connect to a server. Any earlier connection is dropped without a word.
    Dial(Dial),
    /// Play at this machine, without a network.
    PlayLocal {
        /// What is played.
        terms: Terms,
        /// Who plays the other side.
        opponent: Opponent,
    },
    /// Ask the server for something.
    Send(Command),
    /// Ask the game at this machine for something.
    SendLocal {
        /// Who asks.
        seat: Seat,
        /// What.
        command: Command,
    },
    /// End the connection, and the server if it is ours, saying goodbye.
    HangUp,
    /// End the game at this machine.
    EndLocal,
    /// Keep the token of a seat where the next start of the program finds it.
    KeepSeat(SavedSeat),
    /// Forget the kept token of a session.
    ForgetSeat(Token),
    /// Search for games on the network.
    Search,
    /// Search no more.
    EndSearch,
    /// Tell the terminal something besides the screen.
    Signal(Signal),
}

/// A signal to the terminal.
#[derive(Debug, Clone)]
pub enum Signal {
    /// Ring the bell.
    Bell,
    /// Name the window.
    Title(String),
    /// Copy a text to the clipboard.
    Copy(String),
}

/// Where to connect, and as whom.
#[derive(Debug, Clone)]
pub struct Dial {
    /// The server; `None` for our own, in this process.
    pub target: Option<HostPort>,
    /// The session to return to, or none.
    pub resume: Option<Token>,
}

/// Who plays the other side of a local game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opponent {
    /// A second person at the same keyboard.
    Person,
    /// The program.
    Bot {
        /// How well it plays.
        level: Level,
        /// What its choices follow from.
        seed: u64,
    },
}

/// A seat to which this or a later run of the program may return.
#[derive(Debug, Clone)]
pub struct SavedSeat {
    /// The server.
    pub target: HostPort,
    /// The room.
    pub code: RoomCode,
    /// The proof.
    pub token: Token,
    /// Who sits in the other seat, if somebody does.
    pub opponent: Option<Name>,
    /// Whether the match is put off: it is kept until both are back.
    pub is_adjourned: bool,
}

impl SavedSeat {
    /// Whether it is the seat of this session. On its own side a secret may be compared.
    pub fn is_of(&self, token: &Token) -> bool {
        self.token.session == token.session && self.token.secret == token.secret
    }
}
