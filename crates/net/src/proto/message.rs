//! The messages. The order of every enum's variants is the wire format: append, never reorder.

use game_core::{Cell, Rules};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Name, RoomCode, Seat, SessionId, Snapshot, Token};

/// What a client says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum ClientMessage {
    /// Once, first.
    Hello(Hello),
    /// Asks the lobby for something.
    Command(Command),
    /// Answers a [`ServerMessage::Ping`] at once, with its number.
    Pong {
        /// The number of the ping.
        nonce: u32,
    },
    /// Last: why the client goes.
    Close(CloseReason),
}

/// What a server says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum ServerMessage {
    /// Answers the hello.
    Welcome(Welcome),
    /// Tells what happened in the lobby.
    Event(Event),
    /// Asks whether the client is there, once a second.
    Ping {
        /// Comes back in the pong.
        nonce: u32,
        /// The last round trip that the server measured, in microseconds; `None` before the first.
        rtt_micros: Option<u32>,
    },
    /// Last: why the server ends the link.
    Close(CloseReason),
}

/// Opens a session or returns to one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Hello {
    /// What the player wants to be called.
    pub name: Name,
    /// The token of an earlier welcome, to take the seat of that session again.
    pub resume: Option<Token>,
}

/// Confirms a session.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Welcome {
    /// What to show in order to return over a new link.
    pub token: Token,
    /// What the player is called here: the name asked for, or one told apart from others'.
    pub name: Name,
    /// What the server is called.
    pub server: Name,
    /// How long a seat is kept for a lost link, in milliseconds.
    pub grace_millis: u32,
}

/// What a session asks of the lobby.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Takes a seat in the room that has waited longest for a second player, or opens one and waits.
    QuickMatch {
        /// The rules wanted; `None` takes any, and opens a room with the default.
        rules: Option<Rules>,
    },
    /// Opens a room and takes its first seat.
    Create {
        /// The rules of its matches.
        rules: Rules,
    },
    /// Takes the second seat of a room.
    Join {
        /// Which room.
        code: RoomCode,
    },
    /// Gives up the seat for good; in a running match the other side wins.
    Leave,
    /// Plays a move. Sent again, it is recognised and played once.
    Play {
        /// Which match of the room, from 1.
        match_number: u32,
        /// Which half-move of that match, from 0.
        ply: u16,
        /// Where.
        cell: Cell,
    },
    /// Gives up a running match.
    Resign {
        /// Which match of the room.
        match_number: u32,
    },
    /// Wants another match in the same room, once this one is over.
    Rematch {
        /// The match that is over.
        match_number: u32,
    },
}

/// A [`Command`] without what it carries, to name it in a [`Event::Rejected`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant is named and documented by the command that it stands for")]
pub enum CommandKind {
    QuickMatch,
    Create,
    Join,
    Leave,
    Play,
    Resign,
    Rematch,
}

impl Command {
    /// Which kind of command this is.
    pub const fn kind(&self) -> CommandKind {
        match self {
            Self::QuickMatch { .. } => CommandKind::QuickMatch,
            Self::Create { .. } => CommandKind::Create,
            Self::Join { .. } => CommandKind::Join,
            Self::Leave => CommandKind::Leave,
            Self::Play { .. } => CommandKind::Play,
            Self::Resign { .. } => CommandKind::Resign,
            Self::Rematch { .. } => CommandKind::Rematch,
        }
    }
}

/// What a session is told by the lobby.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The session has a seat: after a quick match, a create, a join, and after a return.
    Seated {
        /// In which room.
        code: RoomCode,
        /// In which of its seats.
        seat: Seat,
    },
    /// The room as it is now, whole, after each change of it.
    Snapshot(Box<Snapshot>),
    /// A command changed nothing.
    Rejected {
        /// Which kind of command.
        command: CommandKind,
        /// Why.
        reject: Reject,
    },
    /// The session has no seat any more.
    Unseated(Unseating),
}

/// Why a session lost its seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unseating {
    /// It asked to leave.
    Left,
    /// The room was given up.
    RoomClosed,
}

/// Why a command changed nothing. The text is what a screen says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Error)]
pub enum Reject {
    /// To open or take a seat while sitting in another.
    #[error("you already have a seat in a room")]
    AlreadySeated,
    /// A command that needs a seat, from a session without one.
    #[error("you have no seat in a room")]
    NotSeated,
    /// A code that no room has.
    #[error("no room has this code")]
    NoSuchRoom,
    /// Both seats are taken or reserved.
    #[error("both seats of this room are taken")]
    RoomFull,
    /// The server holds as many rooms as it may.
    #[error("the server has no room for another game")]
    TooManyRooms,
    /// A move, or to resign, while no match runs.
    #[error("no match is running")]
    NoMatch,
    /// A command that names an earlier match, or one to come.
    #[error("that was meant for another match")]
    OtherMatch,
    /// A move by the side that is not to move.
    #[error("it is not your turn")]
    NotYourTurn,
    /// A move for a ply that was answered by another cell, or is yet to come.
    #[error("the game has moved on")]
    OtherPly,
    /// A move to a cell that has a mark.
    #[error("that cell is taken")]
    CellTaken,
    /// A move to a cell that the board does not have.
    #[error("the board has no such cell")]
    NoSuchCell,
    /// A rematch while the match still runs.
    #[error("the match is not over")]
    MatchRunning,
    /// A rematch after the other has left for good.
    #[error("the other player has left")]
    OpponentGone,
}

/// Why a link ends, or a hello is refused. The text is what a screen says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Error)]
pub enum CloseReason {
    /// The peer has nothing more to say: a client that quits.
    #[error("the other side hung up")]
    Goodbye,
    /// The server stops.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// The server has as many sessions as it may.
    #[error("the server is full")]
    ServerFull,
    /// No hello came in time.
    #[error("no hello came in time")]
    HelloTimeout,
    /// The first message was no hello, or a later one was.
    #[error("a message came out of turn")]
    OutOfTurn,
    /// A message could not be decoded.
    #[error("a message could not be understood")]
    Malformed,
    /// A frame was empty or announced more than the largest message.
    #[error("a frame was of an impossible length")]
    FrameLength,
    /// A frame began and did not end in time.
    #[error("a frame was not completed in time")]
    FrameTimeout,
    /// More messages came than the server takes from one session.
    #[error("too many messages came at once")]
    Flood,
    /// The peer did not read what it was sent.
    #[error("what was sent was not read in time")]
    SlowConsumer,
    /// Nothing was heard for too long.
    #[error("nothing was heard for too long")]
    Silent,
    /// The session went on over a newer link.
    #[error("the session went on over another connection")]
    Replaced,
    /// The token of a returning client names no session, or does not prove it.
    #[error("the server does not know this session any more")]
    UnknownSession,
}

impl Welcome {
    /// The session that was welcomed.
    pub const fn session(&self) -> SessionId {
        self.token.session
    }
}
