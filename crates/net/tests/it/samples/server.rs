//! Every kind of message from a server except the rejects and the close reasons.

use game_core::{Record, Rules};
use net::proto::{
    AdjournedLine, Answer, ChatMessage, Claimable, Clocks, CommandKind, Emote, Ending, Event, Occupant,
    Offer, OfferKind, PerSeat, Phase, Presence, Reject, RoomLine, RoomList, Score, Seat, SeatView,
    ServerMessage, ServerTime, Snapshot, Speaker, Terms, TimeControl, Unseating, Visibility, Welcome,
};

use super::{cell, code, line, name, rules, series, token};

pub(super) fn all() -> Vec<(&'static str, ServerMessage)> {
    let welcome = Welcome {
        token: token(),
        name: name("ana 2"),
        server: name("李's attic"),
        grace_millis: 30_000,
        grace_on_purpose_millis: 10_000,
    };
    let mut samples = vec![("welcome", ServerMessage::Welcome(welcome))];
    let snapshots =
        phases().into_iter().chain(presences()).chain(settings()).chain(endings()).chain(offers());
    let snapshots = snapshots.map(|(name, snapshot)| (name, Event::Snapshot(Box::new(snapshot))));
    let events = places().into_iter().chain(snapshots).chain(said()).chain(lists());
    samples.extend(events.map(|(name, event)| (name, ServerMessage::Event(event))));
    let first = ServerMessage::Ping { nonce: 1, rtt_micros: None, at: ServerTime(250) };
    let second = ServerMessage::Ping { nonce: 7, rtt_micros: Some(843), at: ServerTime(4_000_000_000) };
    samples.extend([("ping", first), ("ping-with-rtt", second)]);
    let server = name("李's attic");
    let answer = Answer { server, people: 3, first: 0, total: 2, rooms: room_lines().into() };
    samples.push(("answer", ServerMessage::Answer(answer)));
    samples
}

fn places() -> [(&'static str, Event); 9] {
    let command = CommandKind::StopBrowsing;
    [
        ("seated-host", Event::Seated { code: code(), seat: Seat::Host }),
        ("seated-guest", Event::Seated { code: code(), seat: Seat::Guest }),
        ("watching", Event::Watching { code: code() }),
        ("unseated-left", Event::Unseated(Unseating::Left)),
        ("unseated-room-closed", Event::Unseated(Unseating::RoomClosed)),
        ("unseated-not-watchable", Event::Unseated(Unseating::NotWatchable)),
        ("unseated-made-room", Event::Unseated(Unseating::MadeRoom)),
        ("unseated-blocked", Event::Unseated(Unseating::Blocked)),
        // The one kind of command without a reject in the list.
        ("rejected-stop-browsing", Event::Rejected { command, reject: Reject::NotSeated }),
    ]
}

fn said() -> [(&'static str, Event); 4] {
    let player = |seat| Speaker::Player(seat);
    let said = |speaker, by, message| Event::Said { speaker, name: name(by), message };
    [
        ("said-by-host", said(player(Seat::Host), "ana", ChatMessage::Line(line("gl hf")))),
        ("said-by-guest", said(player(Seat::Guest), "ben", ChatMessage::Emote(Emote::Hi))),
        ("said-by-watcher", said(Speaker::Watcher, "cyd", ChatMessage::Line(line("e2-e4?")))),
        ("said-wow", said(Speaker::Watcher, "cyd", ChatMessage::Emote(Emote::Wow))),
    ]
}

/// A room that waits, and one in play.
fn room_lines() -> [RoomLine; 2] {
    let waiting = RoomLine {
        code: code(),
        host: name("ana"),
        guest: None,
        terms: series("3", "30s"),
        is_locked: false,
        is_watchable: true,
        watchers: 0,
        seconds: 12,
    };
    let playing = RoomLine {
        code: "LARK-07".parse().unwrap(),
        host: name("cyd"),
        guest: Some(name("dov")),
        terms: Terms { rules: rules("15x15:5"), ..Terms::default() },
        is_locked: true,
        watchers: 2,
        seconds: 300,
        ..waiting
    };
    [waiting, playing]
}

fn lists() -> [(&'static str, Event); 5] {
    let adjourned = AdjournedLine { code: code(), opponent: name("ben"), is_opponent_there: true, ply: 4 };
    [
        ("rooms-none", Event::Rooms(RoomList { first: 0, total: 0, rooms: Vec::new() })),
        ("rooms", Event::Rooms(RoomList { first: 6, total: 8, rooms: room_lines().into() })),
        ("adjourned-none", Event::Adjourned(Vec::new())),
        ("adjourned", Event::Adjourned(vec![adjourned])),
        ("not-saving", Event::NotSaving),
    ]
}

fn phases() -> [(&'static str, Snapshot); 4] {
    let waiting = Snapshot { seats: PerSeat { guest: SeatView::Vacant, ..seats() }, ..snapshot("") };
    let with = |phase| Snapshot { phase, ..snapshot("") };
    [
        ("snapshot-waiting", Snapshot { phase: Phase::Waiting, ..waiting }),
        ("snapshot-playing", with(Phase::Playing)),
        ("snapshot-adjourned", with(Phase::Adjourned)),
        ("snapshot-over", with(Phase::Over(Ending::DrawAgreed))),
    ]
}

fn presences() -> [(&'static str, Snapshot); 5] {
    let with = |guest| Snapshot { seats: PerSeat { guest, ..seats() }, ..snapshot("b2") };
    let away = |millis, is_on_purpose| taken("ben", Presence::Away { millis, is_on_purpose });
    let claim = Some(Claimable { absent: Seat::Guest, in_millis: 8_000 });
    [
        ("snapshot-heard", with(taken("ben", Presence::Present))),
        ("snapshot-silent", with(taken("ben", Presence::Silent { millis: 3_000 }))),
        ("snapshot-away", with(away(70_000, false))),
        ("snapshot-away-on-purpose", Snapshot { claim, ..with(away(2_000, true)) }),
        ("snapshot-gone", with(SeatView::Gone { name: name("ben") })),
    ]
}

fn settings() -> [(&'static str, Snapshot); 6] {
    let on_time = |time: &str, clocks| Snapshot {
        best_of: Some("3".parse().unwrap()),
        time: time.parse().unwrap(),
        clocks: Some(clocks),
        ..snapshot("b2 a1")
    };
    let clocks = Clocks {
        left_millis: PerSeat { host: 30_000, guest: 12_345 },
        running: Some(Seat::Host),
        grace_millis: 0,
    };
    let paused = Clocks { running: None, grace_millis: 9_000, ..clocks };
    let watched = Snapshot {
        watchers: 3,
        is_watchable: false,
        is_chat_open: false,
        watchers_may_chat: true,
        ..snapshot("b2 a1")
    };
    [
        ("snapshot-per-move", on_time("30s", clocks)),
        ("snapshot-fischer", on_time("5m+3s", paused)),
        ("snapshot-public", snapshot("b2 a1")),
        ("snapshot-hidden", Snapshot { visibility: Visibility::Hidden, ..snapshot("b2 a1") }),
        ("snapshot-locked", Snapshot { visibility: Visibility::Locked, ..snapshot("b2 a1") }),
        ("snapshot-watched", watched),
    ]
}

fn endings() -> [(&'static str, Snapshot); 7] {
    let over = |ending, moves| Snapshot { phase: Phase::Over(ending), ..snapshot(moves) };
    let again = Occupant { rematch_millis: Some(30_000), ..occupant("ben", Presence::Present) };
    let seats = PerSeat { guest: SeatView::Taken(again), ..seats() };
    [
        ("snapshot-won", over(Ending::OnBoard, "a1 a3 b1 b3 c1")),
        ("snapshot-resigned", over(Ending::Resigned(Seat::Host), "b2")),
        ("snapshot-out-of-time", over(Ending::OutOfTime(Seat::Guest), "b2")),
        ("snapshot-abandoned", over(Ending::Abandoned(Seat::Guest), "b2")),
        ("snapshot-draw-agreed", over(Ending::DrawAgreed, "b2")),
        ("snapshot-draw-called", over(Ending::DrawCalled(Seat::Guest), "b2")),
        ("snapshot-rematch", Snapshot { seats, ..over(Ending::Resigned(Seat::Host), "b2") }),
    ]
}

fn offers() -> [(&'static str, Snapshot); 3] {
    let offered = |kind, by| {
        let offer = Offer { number: 4, kind, by, opens_in_millis: 1_000, gone_in_millis: 30_000 };
        Snapshot { branch: 1, offer: Some(offer), ..snapshot("b2 a1") }
    };
    [
        ("snapshot-draw-offered", offered(OfferKind::Draw, Seat::Host)),
        ("snapshot-takeback-offered", offered(OfferKind::Takeback, Seat::Host)),
        ("snapshot-adjourn-offered", offered(OfferKind::Adjourn, Seat::Host)),
    ]
}

/// A running match of `ana` and `ben` after these moves, without clocks.
fn snapshot(moves: &str) -> Snapshot {
    let mut record = Record::new(Rules::default());
    for name in moves.split_whitespace() {
        record.play(cell(name)).unwrap();
    }
    Snapshot {
        at: ServerTime(1_000),
        code: code(),
        match_number: 3,
        branch: 0,
        x: Seat::Host,
        phase: Phase::Playing,
        record,
        seats: seats(),
        score: Score { wins: PerSeat { host: 1, guest: 300 }, draws: 2 },
        best_of: None,
        time: TimeControl::Off,
        clocks: None,
        offer: None,
        claim: None,
        visibility: Visibility::Public,
        watchers: 0,
        is_watchable: true,
        is_chat_open: true,
        watchers_may_chat: false,
    }
}

fn seats() -> PerSeat<SeatView> {
    PerSeat { host: taken("ana", Presence::Present), guest: taken("ben", Presence::Present) }
}

fn taken(text: &str, presence: Presence) -> SeatView {
    SeatView::Taken(occupant(text, presence))
}

fn occupant(text: &str, presence: Presence) -> Occupant {
    Occupant { name: name(text), presence, rematch_millis: None }
}
