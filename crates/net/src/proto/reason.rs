//! Reasons for rejects and closes. The order of each enum's variants is the wire format.

use serde::{Deserialize, Serialize};
use strum::VariantArray;
use thiserror::Error;

/// The reason why a command changed nothing. The text is shown to players.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, VariantArray, Error)]
#[serde(rename_all = "kebab-case")]
pub enum Reject {
    /// Taking a place in a room, or browsing, while in a room.
    #[error("you are in a room already")]
    AlreadySeated,
    /// A command that needs a seat, from a session without one.
    #[error("you have no seat in a room")]
    NotSeated,
    /// No room has this code.
    #[error("no room has this code")]
    NoSuchRoom,
    /// Both seats are taken or reserved. The room may be watched.
    #[error("both seats of this room are taken")]
    RoomFull,
    /// The server holds as many rooms as it may.
    #[error("the server has no room for another game")]
    TooManyRooms,
    /// A command about a running match, while none runs.
    #[error("no match is running")]
    NoMatch,
    /// A command about another match than the current one.
    #[error("that was meant for another match")]
    OtherMatch,
    /// A move by the player who is not to move.
    #[error("it is not your turn")]
    NotYourTurn,
    /// A move for a ply that was answered with another cell, or is yet to come.
    #[error("the game has moved on")]
    OtherPly,
    /// A move to a cell that has a mark.
    #[error("that cell is taken")]
    CellTaken,
    /// A move to a cell that the board does not have.
    #[error("the board has no such cell")]
    NoSuchCell,
    /// A rematch while the match runs.
    #[error("the match is not over")]
    MatchRunning,
    /// A rematch after the other player has left for good.
    #[error("the other player has left")]
    OpponentGone,
    /// A move or an offer while a player's link is gone.
    #[error("the match is paused until the other player is back")]
    Paused,
    /// A player's command from a watcher.
    #[error("you are only watching this room")]
    OnlyWatching,
    /// A setting that only the host may change.
    #[error("only the player who opened the room may do that")]
    NotOwner,
    /// Joining or watching a locked room without a passcode.
    #[error("this room needs a passcode")]
    NeedsPasscode,
    /// A wrong passcode.
    #[error("that is not the passcode")]
    WrongPasscode,
    /// Too many wrong codes from one address, or too many wrong passcodes from one session or one address.
    #[error("too many wrong codes or passcodes; try again in a few minutes")]
    TooManyAttempts,
    /// Watching a room whose host has forbidden it.
    #[error("this room is not open to watchers")]
    NotWatchable,
    /// Watching a room with the maximum number of watchers.
    #[error("this room cannot take another watcher")]
    TooManyWatchers,
    /// An offer while another one is pending.
    #[error("another offer waits for its answer")]
    OfferPending,
    /// A second offer since the player's last move.
    #[error("you have made an offer since your last move; make a move first")]
    AlreadyOffered,
    /// A takeback by a player without a move on the board.
    #[error("you have no move to take back")]
    NothingToTakeBack,
    /// An answer to an offer that was withdrawn, answered, or ended by a move.
    #[error("that offer is gone")]
    NoSuchOffer,
    /// Accepting one's own offer.
    #[error("that is your own offer")]
    OwnOffer,
    /// Accepting an offer before there was time to read it.
    #[error("you can accept an offer after a second, when you have read it")]
    TooSoon,
    /// A claim while the other player is present.
    #[error("the other player is here")]
    NotAbsent,
    /// A claim while the other player's seat is still kept for them.
    #[error("it is too early to claim: the seat is still kept")]
    ClaimTooEarly,
    /// Speaking more often than the limit allows.
    #[error("not so fast")]
    TooFast,
    /// A chat message between strangers who met by a quick match, before either has opened the chat.
    #[error("chat is off with strangers until one of you opens it")]
    ChatClosed,
    /// Adjourning more matches than the limit allows.
    #[error("too many matches are adjourned already")]
    TooManyAdjourned,
    /// Leaving during a match.
    #[error("a match is running; resign it first")]
    MatchAtStake,
    /// Browsing while the maximum number of sessions do.
    #[error("too many players are browsing the rooms already")]
    TooManyBrowsers,
    /// Joining a room whose host has lost the link.
    #[error("the player who opened the room is away just now")]
    HostAway,
    /// Both seats are taken or reserved, and watching is forbidden.
    #[error("both seats of this room are taken, and it is not open to watchers")]
    RoomFullUnwatchable,
    /// Coming into a room whose host has blocked the player.
    #[error("this room is closed to you")]
    Barred,
    /// One address holds its share of the rooms, of a room's watchers or of the adjourned matches.
    #[error("your address uses as much of this server as it may")]
    AddressFull,
    /// Any command while the server cannot save what it changes.
    #[error("the server cannot save just now, so that was not done")]
    NotSaving,
}

/// The reason why a link ends, or a hello is refused. The text is shown to players.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Error)]
#[serde(rename_all = "kebab-case")]
pub enum CloseReason {
    /// The peer has nothing more to say; a client that quits.
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
    /// A frame was empty, or longer than the largest message.
    #[error("a frame was of an impossible length")]
    FrameLength,
    /// A frame was not completed in time.
    #[error("a frame was not completed in time")]
    FrameTimeout,
    /// The client sent more messages than the server accepts.
    #[error("too many messages came at once")]
    Flood,
    /// The peer did not read in time.
    #[error("what was sent was not read in time")]
    SlowConsumer,
    /// The peer was silent for too long.
    #[error("nothing was heard for too long")]
    Silent,
    /// The session continues over a newer link.
    #[error("the session went on over another connection")]
    Replaced,
    /// The token of a returning client names no session, or its secret is wrong.
    #[error("the server does not know this session any more")]
    UnknownSession,
    /// One address holds its share of the sessions.
    #[error("your address uses as much of this server as it may")]
    AddressFull,
    /// The server cannot save games just now, so it takes in nobody.
    #[error("the server cannot save games just now")]
    NotSaving,
}
