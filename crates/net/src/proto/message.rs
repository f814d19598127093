//! The messages. The order of every enum's variants is the wire format: append, never reorder.

use game_core::{Cell, Rules};
use serde::{Deserialize, Serialize};

use super::{
    AdjournedLine, ChatMessage, CloseReason, MAX_ADJOURNED, Name, OfferKind, Passcode, Reject, RoomCode,
    RoomList, Seat, ServerTime, SessionId, Snapshot, Speaker, Terms, Token, room_list::at_most,
};

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
        /// When the ping was sent, for the client to know the server's clock by.
        at: ServerTime,
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
    /// The grace period after a lost link, in milliseconds: the time until the other player may claim.
    pub grace_millis: u32,
    /// The grace period after a [`CloseReason::Goodbye`], in milliseconds.
    pub grace_on_purpose_millis: u32,
}

/// What a session asks of the lobby.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Takes a seat in the public room that has waited longest for a second player, or opens one and waits.
    QuickMatch {
        /// The terms wanted; `None` takes any, and opens a room with the default.
        terms: Option<Terms>,
    },
    /// Opens a room and takes its first seat.
    Create {
        /// What is played in it.
        terms: Terms,
        /// Who may come in.
        access: Access,
    },
    /// Takes the second seat of a room, or wants to go on with one's own adjourned match there.
    Join {
        /// Which room.
        code: RoomCode,
        /// What opens it, if it is locked.
        passcode: Option<Passcode>,
    },
    /// Watches a room.
    Watch {
        /// Which room.
        code: RoomCode,
        /// What opens it, if it is locked.
        passcode: Option<Passcode>,
    },
    /// Gives up the seat for good, or watches no more. Not during a match; the seat of an adjourned one is kept.
    Leave,
    /// Plays a move. Sent again, it is recognised and played once.
    Play {
        /// Which match of the room, from 1.
        match_number: u32,
        /// How many takebacks that match has seen.
        branch: u16,
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
    /// Offers the other player something.
    Offer {
        /// Which match of the room.
        match_number: u32,
        /// What.
        kind: OfferKind,
    },
    /// Accepts what the other player offers.
    Accept {
        /// The offer's number.
        number: u32,
    },
    /// Declines what the other player offers, or withdraws one's own.
    Decline {
        /// The offer's number.
        number: u32,
    },
    /// Decides a match whose other player has stayed away for too long.
    Claim {
        /// Which match of the room.
        match_number: u32,
        /// How.
        claim: Claim,
    },
    /// Says something in the room.
    Say {
        /// What.
        message: ChatMessage,
    },
    /// Changes the room.
    Set {
        /// What about it.
        setting: Setting,
    },
    /// Wants to be shown the list of rooms, and each change of it, until it takes a place in one.
    Browse {
        /// The rules wanted; `None` shows all.
        rules: Option<Rules>,
    },
    /// Wants to be shown the list no more.
    StopBrowsing,
}

/// Who may come into a room, as its owner says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Access {
    /// Everybody.
    Public,
    /// Who knows the code, which is easy to say and so no secret.
    Hidden,
    /// Who knows this passcode.
    Passcode(Passcode),
}

/// How a match is decided whose other player stays away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Claim {
    /// As won.
    Win,
    /// As drawn.
    Draw,
    /// Not yet: it is kept until both are back.
    Adjourn,
}

/// Something about a room that can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Setting {
    /// Who may come in and watch; by its owner.
    Access(Access),
    /// Whether anybody may watch; by its owner. To forbid it sends away those who do.
    Watchable(bool),
    /// Whether those who watch are heard by the players; by its owner.
    WatchersMayChat(bool),
    /// Opens the chat between strangers; by either of them.
    OpenChat,
}

/// A [`Command`] without what it carries, to name it in a [`Event::Rejected`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant is named and documented by the command that it stands for")]
pub enum CommandKind {
    QuickMatch,
    Create,
    Join,
    Watch,
    Leave,
    Play,
    Resign,
    Rematch,
    Offer,
    Accept,
    Decline,
    Claim,
    Say,
    Set,
    Browse,
    StopBrowsing,
}

impl Command {
    /// Which kind of command this is.
    pub const fn kind(&self) -> CommandKind {
        match self {
            Self::QuickMatch { .. } => CommandKind::QuickMatch,
            Self::Create { .. } => CommandKind::Create,
            Self::Join { .. } => CommandKind::Join,
            Self::Watch { .. } => CommandKind::Watch,
            Self::Leave => CommandKind::Leave,
            Self::Play { .. } => CommandKind::Play,
            Self::Resign { .. } => CommandKind::Resign,
            Self::Rematch { .. } => CommandKind::Rematch,
            Self::Offer { .. } => CommandKind::Offer,
            Self::Accept { .. } => CommandKind::Accept,
            Self::Decline { .. } => CommandKind::Decline,
            Self::Claim { .. } => CommandKind::Claim,
            Self::Say { .. } => CommandKind::Say,
            Self::Set { .. } => CommandKind::Set,
            Self::Browse { .. } => CommandKind::Browse,
            Self::StopBrowsing => CommandKind::StopBrowsing,
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
    /// The session has no place in a room any more.
    Unseated(Unseating),
    /// The session watches a room.
    Watching {
        /// Which.
        code: RoomCode,
    },
    /// Somebody in the room says something.
    Said {
        /// Who, by their part in the room.
        speaker: Speaker,
        /// Who, by name.
        name: Name,
        /// What.
        message: ChatMessage,
    },
    /// The list of rooms, or a part of it.
    Rooms(RoomList),
    /// The session's adjourned matches, at most [`MAX_ADJOURNED`]: after a return, and after each change.
    Adjourned(#[serde(deserialize_with = "at_most::<MAX_ADJOURNED, _, _>")] Vec<AdjournedLine>),
}

/// Why a session lost its place in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unseating {
    /// It asked to leave.
    Left,
    /// The room was given up.
    RoomClosed,
    /// The room's owner wants nobody to watch.
    NotWatchable,
}

impl Welcome {
    /// The session that was welcomed.
    pub const fn session(&self) -> SessionId {
        self.token.session
    }
}
