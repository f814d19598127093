//! Why something was not done. The order of every enum's variants is the wire format.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a command changed nothing. The text is what a screen says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Error)]
pub enum Reject {
    /// To take a place in a room, or to browse, while in one.
    #[error("you are in a room already")]
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
    /// A move or an offer while a player's link is gone.
    #[error("the match is paused until the other player is back")]
    Paused,
    /// A seat's command from a session that watches.
    #[error("you only watch this room")]
    OnlyWatching,
    /// A setting of the room by somebody who may not.
    #[error("only the player who opened the room may do that")]
    NotOwner,
    /// To come into a locked room without its passcode.
    #[error("this room needs a passcode")]
    NeedsPasscode,
    /// A passcode that is not the room's.
    #[error("that is not the passcode")]
    WrongPasscode,
    /// Too many wrong passcodes from one session or one address.
    #[error("too many wrong passcodes; try again in some minutes")]
    TooManyAttempts,
    /// To watch a room that its owner has closed to it.
    #[error("this room is not open to watchers")]
    NotWatchable,
    /// To watch a room that as many watch as may.
    #[error("as many watch this room as may")]
    TooManyWatchers,
    /// An offer while another one waits for its answer.
    #[error("another offer waits for its answer")]
    OfferPending,
    /// A second offer since one's last move.
    #[error("you have offered something since your last move; play on first")]
    AlreadyOffered,
    /// A takeback by somebody who has no move on the board.
    #[error("you have no move to take back")]
    NothingToTakeBack,
    /// An answer to an offer that was withdrawn, answered, or overtaken by a move.
    #[error("that offer is gone")]
    NoSuchOffer,
    /// To accept one's own offer.
    #[error("that is your own offer")]
    OwnOffer,
    /// To accept an offer before there was time to read it.
    #[error("an offer can be accepted once there was time to read it")]
    TooSoon,
    /// A claim while the other player is heard.
    #[error("the other player is here")]
    NotAbsent,
    /// A claim while the other player's seat is still kept for them.
    #[error("it is too early to claim: the seat is still kept")]
    ClaimTooEarly,
    /// More said than a room has to listen to.
    #[error("not so fast")]
    TooFast,
    /// A chat message between strangers who met by a quick match, before either has opened the chat.
    #[error("chat is off with strangers until one of you opens it")]
    ChatClosed,
    /// To adjourn one match too many.
    #[error("too many matches are adjourned already")]
    TooManyAdjourned,
    /// To leave during a match.
    #[error("a match is running; resign it first")]
    MatchAtStake,
    /// To browse while as many do as may.
    #[error("too many are shown the list of rooms already")]
    TooManyBrowsers,
    /// To join a room whose owner has lost the link.
    #[error("the player who opened the room is away just now")]
    HostAway,
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
