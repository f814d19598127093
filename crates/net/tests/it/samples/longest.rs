//! The longest message of each kind, with every text at its longest and every number at its largest.

use game_core::{Cell, Record};
use net::proto::{
    Access, AdjournedLine, Answer, BestOf, ChatMessage, Claimable, ClientMessage, Clocks, Command, Ending,
    Event, Hello, MAX_ADJOURNED, MAX_CHAT_COLUMNS, MAX_PASSCODE_BYTES, Name, Occupant, Offer, OfferKind,
    PerSeat, Phase, Presence, ROOMS_PER_ANSWER, ROOMS_PER_MESSAGE, RoomCode, RoomLine, RoomList, Score, Seat,
    SeatView, Seconds, ServerMessage, ServerTime, SessionId, Snapshot, Speaker, Terms, TimeControl, Token,
    Visibility, codec,
};

use super::{line, name, passcode, rules};
use crate::Message;

/// A character of one column and four bytes.
const LONG: &str = "\u{1d54f}";

/// The longest messages, with the number of bytes each takes.
pub(crate) fn longest() -> [(&'static str, Message, usize); 9] {
    let client = |command| Message::Client(ClientMessage::Command(command));
    let server = |event| Message::Server(ServerMessage::Event(event));
    let token = Token { session: SessionId(u64::MAX), secret: [0xff; 16] };
    let locked = Access::Passcode(passcode(&"x".repeat(MAX_PASSCODE_BYTES)));
    let message = ChatMessage::Line(line(&LONG.repeat(MAX_CHAT_COLUMNS)));
    let said =
        Event::Said { speaker: Speaker::Player(Seat::Guest), name: long_name(), message: message.clone() };
    let list = RoomList { first: u16::MAX, total: u16::MAX, rooms: vec![long_line(); ROOMS_PER_MESSAGE] };
    let adjourned =
        AdjournedLine { code: long_code(), opponent: long_name(), is_opponent_there: true, ply: u16::MAX };
    let answer = codec::fitted(Answer {
        server: long_name(),
        people: u16::MAX,
        first: u16::MAX,
        total: u16::MAX,
        rooms: vec![long_line(); ROOMS_PER_ANSWER],
    });
    let hello = Hello { name: long_name(), resume: Some(token) };
    [
        ("hello", Message::Client(ClientMessage::Hello(hello)), 92),
        ("create", client(Command::Create { terms: long_terms(), access: locked }), 47),
        ("say", client(Command::Say { message }), 486),
        ("snapshot", server(Event::Snapshot(Box::new(long_snapshot()))), 985),
        ("said", server(said), 553),
        ("rooms", server(Event::Rooms(list)), 975),
        ("adjourned", server(Event::Adjourned(vec![adjourned; MAX_ADJOURNED])), 627),
        ("answer", Message::Server(ServerMessage::Answer(answer)), 881),
        ("ping", ping(), 21),
    ]
}

const fn ping() -> Message {
    let at = ServerTime(u64::MAX);
    Message::Server(ServerMessage::Ping { nonce: u32::MAX, rtt_micros: Some(u32::MAX), at })
}

/// The end of a match that filled the largest board, with everything else that a room can have.
fn long_snapshot() -> Snapshot {
    let mut record = Record::new(rules("19x19:19"));
    let mut cells: Vec<Cell> = record.rules().all_cells().collect();
    // In this order X has both diagonals; O takes an end of each, and nobody has nineteen in a row.
    cells.swap(0, 1);
    cells.swap(17, 18);
    for cell in cells {
        record.play(cell).unwrap();
    }
    let presence = Presence::Away { millis: u32::MAX, is_on_purpose: true };
    let occupant = Occupant { name: long_name(), presence, rematch_millis: Some(u32::MAX) };
    let seat = SeatView::Taken(occupant);
    Snapshot {
        at: ServerTime(u64::MAX),
        code: long_code(),
        match_number: u32::MAX,
        branch: u16::MAX,
        x: Seat::Guest,
        phase: Phase::Over(Ending::Resigned(Seat::Guest)),
        record,
        seats: PerSeat { host: seat, guest: seat },
        score: Score { wins: PerSeat { host: u16::MAX, guest: u16::MAX }, draws: u16::MAX },
        best_of: long_terms().best_of,
        time: long_terms().time,
        clocks: Some(Clocks {
            left_millis: PerSeat { host: u32::MAX, guest: u32::MAX },
            running: Some(Seat::Guest),
            grace_millis: u32::MAX,
        }),
        offer: Some(Offer {
            number: u32::MAX,
            kind: OfferKind::Adjourn,
            by: Seat::Guest,
            opens_in_millis: u32::MAX,
            gone_in_millis: u32::MAX,
        }),
        claim: Some(Claimable { absent: Seat::Guest, in_millis: u32::MAX }),
        visibility: Visibility::Locked,
        watchers: u16::MAX,
        is_watchable: true,
        is_chat_open: true,
        watchers_may_chat: true,
    }
}

fn long_line() -> RoomLine {
    RoomLine {
        code: long_code(),
        host: long_name(),
        guest: Some(long_name()),
        terms: long_terms(),
        is_locked: true,
        is_watchable: true,
        watchers: u16::MAX,
        seconds: u32::MAX,
    }
}

fn long_terms() -> Terms {
    let initial = Seconds::new(Seconds::MAX).unwrap();
    Terms {
        rules: rules("19x19:19"),
        best_of: BestOf::new(BestOf::MAX),
        time: TimeControl::Fischer { initial, increment: u8::MAX },
    }
}

fn long_code() -> RoomCode {
    "ZEBRA-99".parse().unwrap()
}

fn long_name() -> Name {
    let name = name(&LONG.repeat(16));
    assert_eq!(name.as_str().len(), 64, "each of the 16 columns takes four bytes");
    name
}
