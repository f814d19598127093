//! A message for every variant of every enum on the wire, named like its golden vector.

/// Messages from a client.
mod client;
/// The longest message of each kind.
mod longest;
/// Messages from a server.
mod server;

use game_core::{Cell, Rules};
use net::proto::{
    ChatLine, CloseReason, CommandKind, Event, Name, Passcode, Reject, RoomCode, SECRET_BYTES, ServerMessage,
    SessionId, Terms, Token,
};

pub(crate) use self::longest::longest;
use crate::Message;

/// All samples, in the order of the file.
pub(crate) fn all() -> Vec<(String, Message)> {
    let client = client::all().into_iter().map(|(name, message)| (name.to_owned(), Message::Client(message)));
    let server = server::all().into_iter().map(|(name, message)| (name.to_owned(), Message::Server(message)));
    let rejects = REJECTS.into_iter().map(|(name, command, reject)| {
        let event = Event::Rejected { command, reject };
        (format!("rejected-{name}"), Message::Server(ServerMessage::Event(event)))
    });
    let closes = CLOSE_REASONS
        .into_iter()
        .map(|(name, reason)| (format!("close-{name}"), Message::Server(ServerMessage::Close(reason))));
    client.chain(server).chain(rejects).chain(closes).collect()
}

fn token() -> Token {
    let mut secret = [0; SECRET_BYTES];
    secret.iter_mut().zip(0xa0..).for_each(|(byte, value)| *byte = value);
    Token { session: SessionId(5), secret }
}

fn code() -> RoomCode {
    "KITE-42".parse().unwrap()
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn line(text: &str) -> ChatLine {
    text.parse().unwrap()
}

fn passcode(text: &str) -> Passcode {
    text.parse().unwrap()
}

fn rules(notation: &str) -> Rules {
    notation.parse().unwrap()
}

/// Terms of a series on the classic board, with a clock in its notation.
fn series(best_of: &str, clock: &str) -> Terms {
    Terms { rules: Rules::default(), best_of: Some(best_of.parse().unwrap()), time: clock.parse().unwrap() }
}

fn cell(name: &str) -> Cell {
    name.parse().unwrap()
}

/// Every reject in the order of the wire, with a kind of command that may get it.
pub(crate) const REJECTS: [(&str, CommandKind, Reject); 39] = [
    ("already-seated", CommandKind::QuickMatch, Reject::AlreadySeated),
    ("not-seated", CommandKind::Leave, Reject::NotSeated),
    ("no-such-room", CommandKind::Join, Reject::NoSuchRoom),
    ("room-full", CommandKind::Join, Reject::RoomFull),
    ("too-many-rooms", CommandKind::Create, Reject::TooManyRooms),
    ("no-match", CommandKind::Resign, Reject::NoMatch),
    ("other-match", CommandKind::Play, Reject::OtherMatch),
    ("not-your-turn", CommandKind::Play, Reject::NotYourTurn),
    ("other-ply", CommandKind::Play, Reject::OtherPly),
    ("cell-taken", CommandKind::Play, Reject::CellTaken),
    ("no-such-cell", CommandKind::Play, Reject::NoSuchCell),
    ("match-running", CommandKind::Rematch, Reject::MatchRunning),
    ("opponent-gone", CommandKind::Rematch, Reject::OpponentGone),
    ("paused", CommandKind::Play, Reject::Paused),
    ("only-watching", CommandKind::Play, Reject::OnlyWatching),
    ("not-owner", CommandKind::Set, Reject::NotOwner),
    ("needs-passcode", CommandKind::Join, Reject::NeedsPasscode),
    ("wrong-passcode", CommandKind::Join, Reject::WrongPasscode),
    ("too-many-attempts", CommandKind::Join, Reject::TooManyAttempts),
    ("not-watchable", CommandKind::Watch, Reject::NotWatchable),
    ("too-many-watchers", CommandKind::Watch, Reject::TooManyWatchers),
    ("offer-pending", CommandKind::Offer, Reject::OfferPending),
    ("already-offered", CommandKind::Offer, Reject::AlreadyOffered),
    ("nothing-to-take-back", CommandKind::Offer, Reject::NothingToTakeBack),
    ("no-such-offer", CommandKind::Decline, Reject::NoSuchOffer),
    ("own-offer", CommandKind::Accept, Reject::OwnOffer),
    ("too-soon", CommandKind::Accept, Reject::TooSoon),
    ("not-absent", CommandKind::Claim, Reject::NotAbsent),
    ("claim-too-early", CommandKind::Claim, Reject::ClaimTooEarly),
    ("too-fast", CommandKind::Say, Reject::TooFast),
    ("chat-closed", CommandKind::Say, Reject::ChatClosed),
    ("too-many-adjourned", CommandKind::Offer, Reject::TooManyAdjourned),
    ("match-at-stake", CommandKind::Leave, Reject::MatchAtStake),
    ("too-many-browsers", CommandKind::Browse, Reject::TooManyBrowsers),
    ("host-away", CommandKind::Join, Reject::HostAway),
    ("room-full-unwatchable", CommandKind::Join, Reject::RoomFullUnwatchable),
    ("barred", CommandKind::Join, Reject::Barred),
    ("address-full", CommandKind::Create, Reject::AddressFull),
    ("not-saving", CommandKind::Play, Reject::NotSaving),
];

/// Every close reason in the order of the wire.
pub(crate) const CLOSE_REASONS: [(&str, CloseReason); 15] = [
    ("goodbye", CloseReason::Goodbye),
    ("shutting-down", CloseReason::ShuttingDown),
    ("server-full", CloseReason::ServerFull),
    ("hello-timeout", CloseReason::HelloTimeout),
    ("out-of-turn", CloseReason::OutOfTurn),
    ("malformed", CloseReason::Malformed),
    ("frame-length", CloseReason::FrameLength),
    ("frame-timeout", CloseReason::FrameTimeout),
    ("flood", CloseReason::Flood),
    ("slow-consumer", CloseReason::SlowConsumer),
    ("silent", CloseReason::Silent),
    ("replaced", CloseReason::Replaced),
    ("unknown-session", CloseReason::UnknownSession),
    ("address-full", CloseReason::AddressFull),
    ("not-saving", CloseReason::NotSaving),
];
