//! A message of every variant of every enum that travels, under the name that its golden vector has.

use game_core::{Cell, Record, Rules};
use net::proto::{
    ClientMessage, CloseReason, Command, CommandKind, Ending, Event, Hello, Name, Occupant, PerSeat, Phase,
    Presence, Reject, RoomCode, SECRET_BYTES, Score, Seat, SeatView, ServerMessage, SessionId, Snapshot,
    Token, Unseating, Welcome,
};

use crate::Message;

/// All samples, in the order of the file.
pub(crate) fn all() -> Vec<(String, Message)> {
    let client = client().into_iter().map(|(name, message)| (name.to_owned(), Message::Client(message)));
    let server = server().into_iter().map(|(name, message)| (name.to_owned(), Message::Server(message)));
    let rejects = REJECTS.into_iter().map(|(name, command, reject)| {
        let event = Event::Rejected { command, reject };
        (format!("rejected-{name}"), Message::Server(ServerMessage::Event(event)))
    });
    let closes = CLOSE_REASONS
        .into_iter()
        .map(|(name, reason)| (format!("close-{name}"), Message::Server(ServerMessage::Close(reason))));
    client.chain(server).chain(rejects).chain(closes).collect()
}

fn client() -> Vec<(&'static str, ClientMessage)> {
    let commands = [
        ("quick-match", Command::QuickMatch { rules: None }),
        ("quick-match-with-rules", Command::QuickMatch { rules: Some(Rules::default()) }),
        ("create", Command::Create { rules: rules("7x6:4") }),
        ("create-misere", Command::Create { rules: Rules::default().with_misere(true) }),
        ("join", Command::Join { code: code() }),
        ("leave", Command::Leave),
        ("play", Command::Play { match_number: 1, ply: 0, cell: cell("b2") }),
        ("play-late", Command::Play { match_number: 251, ply: 360, cell: cell("s19") }),
        ("resign", Command::Resign { match_number: 2 }),
        ("rematch", Command::Rematch { match_number: 70_000 }),
    ];
    let hello = Hello { name: name("ana"), resume: None };
    let mut samples = vec![
        ("hello", ClientMessage::Hello(hello)),
        ("hello-again", ClientMessage::Hello(Hello { resume: Some(token()), ..hello })),
    ];
    samples.extend(commands.map(|(name, command)| (name, ClientMessage::Command(command))));
    samples.push(("pong", ClientMessage::Pong { nonce: 7 }));
    samples.push(("goodbye", ClientMessage::Close(CloseReason::Goodbye)));
    samples
}

fn server() -> Vec<(&'static str, ServerMessage)> {
    let welcome =
        Welcome { token: token(), name: name("ana 2"), server: name("李's attic"), grace_millis: 30_000 };
    let ben = || taken("ben", Presence::Present, false);
    let events = [
        ("seated-host", Event::Seated { code: code(), seat: Seat::Host }),
        ("seated-guest", Event::Seated { code: code(), seat: Seat::Guest }),
        ("snapshot-waiting", snapshot(Phase::Waiting, "", SeatView::Vacant)),
        ("snapshot-playing", snapshot(Phase::Playing, "b2 a1", ben())),
        (
            "snapshot-silent",
            snapshot(Phase::Playing, "b2", taken("ben", Presence::Silent { millis: 3_000 }, false)),
        ),
        (
            "snapshot-away",
            snapshot(Phase::Playing, "b2", taken("ben", Presence::Away { millis: 70_000 }, false)),
        ),
        ("snapshot-won", snapshot(Phase::Over(Ending::OnBoard), "a1 a3 b1 b3 c1", ben())),
        (
            "snapshot-resigned",
            snapshot(Phase::Over(Ending::Resigned(Seat::Host)), "b2", taken("ben", Presence::Present, true)),
        ),
        (
            "snapshot-left",
            snapshot(Phase::Over(Ending::Left(Seat::Guest)), "", SeatView::Gone { name: name("ben") }),
        ),
        ("unseated-left", Event::Unseated(Unseating::Left)),
        ("unseated-room-closed", Event::Unseated(Unseating::RoomClosed)),
    ];
    let mut samples = vec![("welcome", ServerMessage::Welcome(welcome))];
    samples.extend(events.map(|(name, event)| (name, ServerMessage::Event(event))));
    samples.push(("ping", ServerMessage::Ping { nonce: 1, rtt_micros: None }));
    samples.push(("ping-with-rtt", ServerMessage::Ping { nonce: 7, rtt_micros: Some(843) }));
    samples
}

/// The longest message: the end of a match that filled the largest board, between names of 64 bytes each,
/// with every number at its largest.
pub(crate) fn longest() -> ServerMessage {
    let mut record = Record::new(rules("19x19:19"));
    let mut cells: Vec<Cell> = record.rules().all_cells().collect();
    // In this order X has both diagonals; O takes an end of each, and nobody has nineteen in a row.
    cells.swap(0, 1);
    cells.swap(17, 18);
    for cell in cells {
        record.play(cell).unwrap();
    }
    let longest_name = name(&"\u{10280}".repeat(16));
    assert_eq!(longest_name.as_str().len(), 64, "each of the 16 columns takes four bytes");
    let seat = SeatView::Taken(Occupant {
        name: longest_name,
        presence: Presence::Away { millis: u32::MAX },
        wants_rematch: true,
    });
    ServerMessage::Event(Event::Snapshot(Box::new(Snapshot {
        code: "ZEBRA-99".parse().unwrap(),
        match_number: u32::MAX,
        x: Seat::Guest,
        phase: Phase::Over(Ending::Resigned(Seat::Guest)),
        record,
        seats: PerSeat { host: seat, guest: seat },
        score: Score { wins: PerSeat { host: u16::MAX, guest: u16::MAX }, draws: u16::MAX },
    })))
}

fn snapshot(phase: Phase, moves: &str, guest: SeatView) -> Event {
    let mut record = Record::new(Rules::default());
    for name in moves.split_whitespace() {
        record.play(cell(name)).unwrap();
    }
    Event::Snapshot(Box::new(Snapshot {
        code: code(),
        match_number: 3,
        x: Seat::Host,
        phase,
        record,
        seats: PerSeat { host: taken("ana", Presence::Present, false), guest },
        score: Score { wins: PerSeat { host: 1, guest: 300 }, draws: 2 },
    }))
}

fn taken(text: &str, presence: Presence, wants_rematch: bool) -> SeatView {
    SeatView::Taken(Occupant { name: name(text), presence, wants_rematch })
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

fn rules(notation: &str) -> Rules {
    notation.parse().unwrap()
}

fn cell(name: &str) -> Cell {
    name.parse().unwrap()
}

/// Every reject in the order of the wire; the kinds of command go round beside them.
pub(crate) const REJECTS: [(&str, CommandKind, Reject); 13] = [
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
];

/// Every close reason in the order of the wire.
pub(crate) const CLOSE_REASONS: [(&str, CloseReason); 13] = [
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
];
