//! The messages. The order of each enum's variants is the wire format: append, never reorder.

use game_core::{Cell, Rules};
use serde::{Deserialize, Serialize};
use strum::EnumDiscriminants;

use super::{
    AdjournedLine, Answer, ChatMessage, CloseReason, MAX_ADJOURNED, Name, OfferKind, Passcode, Question,
    Reject, RoomCode, RoomList, Seat, ServerTime, SessionId, Snapshot, Speaker, Terms, Token,
    room_list::at_most,
};

/// A message from a client.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ClientMessage {
    /// The first message, sent once.
    Hello(Hello),
    /// A command to the lobby.
    Command(Command),
    /// The immediate answer to a [`ServerMessage::Ping`].
    Pong {
        /// The nonce of the ping.
        nonce: u32,
    },
    /// The last message: the reason why the client ends the link.
    Close(CloseReason),
    /// The first message in place of a hello: a question, upon whose answer the link ends.
    Ask(Question),
}

/// A message from a server.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerMessage {
    /// The answer to the hello.
    Welcome(Welcome),
    /// An event of the lobby.
    Event(Event),
    /// A request for a sign of life, sent once a second.
    Ping {
        /// The number that the pong repeats.
        nonce: u32,
        /// The last round trip that the server measured, in microseconds; `None` before the first.
        rtt_micros: Option<u32>,
        /// The time at which the ping was sent, from which the client estimates the server's clock.
        at: ServerTime,
    },
    /// The last message: the reason why the server ends the link.
    Close(CloseReason),
    /// The answer to a question, and the last message.
    Answer(Answer),
}

/// Opens a session or returns to one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// The name that the player asks for.
    pub name: Name,
    /// The token of an earlier welcome, to return to its session.
    pub resume: Option<Token>,
}

/// Confirms a session.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Welcome {
    /// The proof for returning over a new link.
    pub token: Token,
    /// The player's name on this server: the one asked for, or that one with a number to tell it from others.
    pub name: Name,
    /// The name of the server.
    pub server: Name,
    /// The grace period after a lost link, in milliseconds: the time until the other player may claim.
    pub grace_millis: u32,
    /// The grace period after a [`CloseReason::Goodbye`], in milliseconds.
    pub grace_on_purpose_millis: u32,
}

/// A command from a session to the lobby.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, EnumDiscriminants)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[strum_discriminants(
    name(CommandKind),
    doc = "The kind of a [`Command`], without its fields, for [`Event::Rejected`].",
    derive(PartialOrd, Ord, Serialize, Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Command {
    /// Takes a seat in the public room that has waited longest for a second player, or opens a room and waits.
    QuickMatch {
        /// The terms; `None` accepts any, and opens a room with the default ones.
        terms: Option<Terms>,
    },
    /// Opens a room and takes the host's seat.
    Create {
        /// The terms of the room.
        terms: Terms,
        /// The access to the room.
        access: Access,
    },
    /// Takes the guest's seat of a room, or goes on with one's own adjourned match there.
    Join {
        /// The room.
        code: RoomCode,
        /// The passcode, if the room is locked.
        passcode: Option<Passcode>,
    },
    /// Watches a room.
    Watch {
        /// The room.
        code: RoomCode,
        /// The passcode, if the room is locked.
        passcode: Option<Passcode>,
    },
    /// Gives up the seat for good, or stops watching. Rejected during a match; the seat of an adjourned match is kept.
    Leave,
    /// Plays a move. A repeated command is recognised, and the move is played once.
    Play {
        /// The number of the match in the room, from 1.
        match_number: u32,
        /// The number of takebacks in that match so far.
        branch: u16,
        /// The index of the half-move in that match, from 0.
        ply: u16,
        /// The cell.
        cell: Cell,
    },
    /// Resigns a running match.
    Resign {
        /// The number of the match in the room.
        match_number: u32,
    },
    /// Asks for another match in the same room, once this one is over.
    Rematch {
        /// The number of the match that is over.
        match_number: u32,
    },
    /// Makes an offer to the other player.
    Offer {
        /// The number of the match in the room.
        match_number: u32,
        /// The kind of the offer.
        kind: OfferKind,
    },
    /// Accepts the other player's offer.
    Accept {
        /// The number of the offer.
        number: u32,
    },
    /// Declines the other player's offer, or withdraws one's own.
    Decline {
        /// The number of the offer.
        number: u32,
    },
    /// Decides a match whose other player has been absent for too long.
    Claim {
        /// The number of the match in the room.
        match_number: u32,
        /// The decision.
        claim: Claim,
    },
    /// Speaks in the room.
    Say {
        /// The line or the emote.
        message: ChatMessage,
    },
    /// Changes a setting of the room.
    Set {
        /// The setting.
        setting: Setting,
    },
    /// Subscribes to the list of rooms, until the session takes a place in one.
    Browse {
        /// Limits the list to rooms with these rules; `None` shows all.
        rules: Option<Rules>,
    },
    /// Ends the subscription.
    StopBrowsing,
}

/// The access to a room, as its host sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Everybody may come in.
    Public,
    /// Anybody who knows the code may come in. A code is easy to say, and so no secret.
    Hidden,
    /// Anybody who knows this passcode may come in.
    Passcode(Passcode),
}

/// The decision about a match whose other player stays away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Claim {
    /// A win.
    Win,
    /// A draw.
    Draw,
    /// No decision yet: the match is kept until both are back.
    Adjourn,
}

/// A setting of a room, and its new value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// The access to the room; set by the host.
    Access(Access),
    /// Allows or forbids watching; set by the host. Forbidding it sends the watchers away.
    Watchable(bool),
    /// Lets the players hear the watchers, or not; set by the host.
    WatchersMayChat(bool),
    /// Opens the chat between strangers; set by either player.
    OpenChat,
    /// Blocks the other player, or the one who has left, for all rooms that this player opens; `false` ends it. Either player
    /// may set it.
    Block(bool),
}

impl Command {
    /// Returns the kind of the command.
    pub fn kind(&self) -> CommandKind {
        self.into()
    }
}

/// An event for a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The session has taken a seat, or has returned to it.
    Seated {
        /// The room.
        code: RoomCode,
        /// The seat.
        seat: Seat,
    },
    /// The whole state of the room, after each change.
    Snapshot(Box<Snapshot>),
    /// A command was rejected and changed nothing.
    Rejected {
        /// The kind of the command.
        command: CommandKind,
        /// The reason.
        reject: Reject,
    },
    /// The session has lost its place in a room.
    Unseated(Unseating),
    /// The session watches a room.
    Watching {
        /// The room.
        code: RoomCode,
    },
    /// Somebody in the room has spoken.
    Said {
        /// The speaker's role in the room.
        speaker: Speaker,
        /// The speaker's name.
        name: Name,
        /// The line or the emote.
        message: ChatMessage,
    },
    /// The list of rooms, or a part of it.
    Rooms(RoomList),
    /// The session's adjourned matches, at most [`MAX_ADJOURNED`]: after a return, and after each change.
    Adjourned(#[serde(deserialize_with = "at_most::<MAX_ADJOURNED, _, _>")] Vec<AdjournedLine>),
    /// The server cannot save games just now. What is not yet told waits, and further commands are rejected, until it can;
    /// then each room is shown anew.
    NotSaving,
}

/// The reason why a session lost its place in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unseating {
    /// The session asked to leave.
    Left,
    /// The room was given up.
    RoomClosed,
    /// The host has forbidden watching.
    NotWatchable,
    /// The room has as many watchers as it may, and a watcher from an address with fewer of them has come.
    MadeRoom,
    /// The host has blocked the player before both had moved.
    Blocked,
}

impl Welcome {
    /// Returns the session that was welcomed.
    pub const fn session(&self) -> SessionId {
        self.token.session
    }
}
