//! Notices: what has just happened, or why a key did nothing. `status_line` makes sentences of them.

use std::time::{Duration, Instant};

use game_core::Bitboard;
use net::proto::{OfferKind, Reject, RoomCode, Seat};

use crate::{failure::Failure, xray::Knob};

/// A notice in a game.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The server refused a command.
    Rejected(Reject),
    /// The server refused a chat line or an emote.
    NotSaid {
        /// The reason.
        reject: Reject,
        /// True if the line is kept for another try.
        is_kept: bool,
    },
    /// A move was tried while another one is unconfirmed.
    MoveUnderWay,
    /// A move was tried on the other player's turn.
    NotYourTurn,
    /// A move or an offer was tried while the match is paused.
    Paused,
    /// A move was tried on a mark.
    CellTaken,
    /// A digit was pressed on a board with more cells than digits.
    DigitsElsewhere,
    /// The best moves, as they were asked for.
    Hint(Bitboard),
    /// A hint was asked for in a match on a server.
    NoHintsBetweenPlayers,
    /// A hint was asked for on a board that nobody plays perfectly.
    NobodyKnows,
    /// Resigning was confirmed after the connection was lost.
    NotResigned,
    /// Chat was tried in a game at this machine.
    NobodyToChatWith,
    /// Chat was tried without a connection.
    ChatNeedsConnection,
    /// Chat was tried while nobody else is in the room.
    NobodyHears,
    /// Chat was tried between strangers.
    ChatIsClosed,
    /// The chat was opened once more.
    ChatIsOpen,
    /// A setting was changed by somebody who did not open the room.
    OwnerOnly,
    /// The others were muted, or unmuted.
    Muted(bool),
    /// The other player was blocked, or is blocked no longer.
    Blocked(bool),
    /// Adjourning was tried in a game at this machine.
    CannotAdjournHere,
    /// An offer was made while one waits for an answer here.
    AnswerFirst,
    /// An offer was made while another own one is open.
    OfferIsOpen(OfferKind),
    /// An offer of the muted player was declined.
    MutedOffer(OfferKind),
    /// An offer was accepted within its first second.
    TooEarlyToAccept,
    /// A claim was made before its time.
    TooEarlyToClaim,
    /// The player wants to go on with an adjourned match.
    WantsToGoOn,
    /// The command for a friend was copied.
    CommandCopied,
    /// The result was copied.
    ResultCopied,
    /// An adjourned match goes on.
    GoesOn,
    /// The other player is back.
    IsBack,
    /// A move was taken back.
    TookBack(Seat),
    /// The other player moved instead of answering an offer.
    PlayedOn(OfferKind),
    /// The other player declined an offer.
    Declined(OfferKind),
    /// An offer was withdrawn.
    Withdrew(Seat, OfferKind),
    /// Nobody answered an offer in time.
    OfferExpired(OfferKind),
    /// A rematch request has expired.
    RematchExpired(Seat),
    /// The chat was opened or closed.
    ChatOpened(bool),
    /// Spectators are admitted, or not any more.
    WatchingAllowed(bool),
    /// Players hear spectators, or not any more.
    WatchersHeard(bool),
    /// A knob of the link was turned to this value.
    Turned(Knob, String),
    /// The match that is over could not be saved, for this reason.
    MatchNotKept(String),
    /// The game that is not shown has ended by a failure.
    Failed(Failure),
}

/// A notice in a list of games.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListNotice {
    /// The server refused a command.
    Rejected(Reject),
    /// The server did not admit the player to a room.
    NotAdmitted(Reject),
    /// A room admits no spectators.
    NotWatchable(RoomCode),
    /// Several games have the code that was typed.
    Ambiguous {
        /// The code.
        code: RoomCode,
        /// The number of games.
        count: usize,
    },
}

/// A notice in the menu: the reason why the game behind it is not left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MenuNotice {
    /// The match runs.
    GameRuns,
    /// A room that waits for a friend would be closed.
    RoomWaits,
    /// The match is adjourned, and its server would end.
    AdjournedWouldEnd,
}

/// The notices of one game.
#[derive(Debug, Default)]
pub struct Notices {
    latest: Option<Notice>,
    /// The end of the latest one; `None` until it is shown.
    until: Option<Instant>,
    /// A notice that goes before, until its own end.
    passing: Option<(Notice, Instant)>,
}

/// The time for which a notice is shown: enough to read two lines twice.
const SHOWN_FOR: Duration = Duration::from_secs(6);

impl Notices {
    /// Replaces the notice.
    pub fn set(&mut self, notice: impl Into<Option<Notice>>) {
        self.latest = notice.into();
        self.until = None;
    }

    /// Shows a notice until an instant, whatever else is noticed.
    pub fn set_until(&mut self, notice: Notice, until: Instant) {
        self.passing = Some((notice, until));
    }

    /// Drops the notice if its time is over.
    pub fn expire(&mut self, now: Instant) {
        if self.until.is_some_and(|until| until <= now) {
            self.set(None);
        }
    }

    /// Counts the time of a notice from `now`, when it is first shown.
    pub fn show(&mut self, now: Instant) {
        if self.latest.is_some() && self.until.is_none() {
            self.until = Some(now + SHOWN_FOR);
        }
    }

    /// The notice to show.
    pub fn current(&self, now: Instant) -> Option<&Notice> {
        let passing = self.passing.as_ref().filter(|(_, until)| now < *until).map(|(notice, _)| notice);
        let is_fresh = self.until.is_none_or(|until| now < until);
        passing.or_else(|| self.latest.as_ref().filter(|_| is_fresh))
    }

    /// The latest notice, even one whose time is over.
    pub const fn latest(&self) -> Option<&Notice> {
        self.latest.as_ref()
    }

    /// The end of the notice.
    pub const fn poll_timeout(&self) -> Option<Instant> {
        self.until
    }
}
