//! Durable state: its order among the effects, its form in JSON, and that a lobby restored from it shows the same.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use game_core::Cell;
use net::proto::{
    Access, Claim, Clocks, Command, Ending, Event, Hello, Name, OfferKind, PerSeat, Phase, Presence,
    RoomCode, Seat, SeatView, SessionId, Setting, Snapshot, Terms, Token,
};
use proptest::prelude::*;
use server::lobby::{
    DisconnectReason, Effect, FinishedMatch, Hold, Keep, KeptRoom, Limits, Lobby, Origin, RestoreError, Unfit,
};

/// Two players, their lobby and what it has kept.
struct Table {
    lobby: Lobby,
    now: Instant,
    tokens: [Token; 2],
    code: RoomCode,
    kept: BTreeMap<RoomCode, KeptRoom>,
    finished: Vec<FinishedMatch>,
    /// The last snapshot that somebody was shown.
    shown: Option<Box<Snapshot>>,
    secrets: u8,
}

impl Table {
    fn new(terms: &str) -> Self {
        let now = Instant::now();
        let mut lobby = Lobby::new(now, Limits::default(), 1);
        let mut connect = |name: &str, secret| {
            let hello = Hello { name: name.parse().unwrap(), resume: None };
            lobby.connect(now, &hello, [secret; 16], Origin(0)).unwrap().token
        };
        let tokens = [connect("ann", 1), connect("ben", 2)];
        let mut table = Self {
            lobby,
            now,
            tokens,
            code: RoomCode::nth(0),
            kept: BTreeMap::new(),
            finished: Vec::new(),
            shown: None,
            secrets: 2,
        };
        let terms = Terms { time: terms.parse().unwrap(), ..Terms::default() };
        table.say(0, Command::Create { terms, access: Access::Passcode("fern".parse().unwrap()) });
        table.code = table.shown.as_ref().unwrap().code;
        table.say(1, Command::Join { code: table.code, passcode: Some("fern".parse().unwrap()) });
        table
    }

    const fn session(&self, who: usize) -> SessionId {
        self.tokens[who].session
    }

    fn say(&mut self, who: usize, command: Command) {
        self.lobby.handle(self.now, self.session(who), command);
        self.drain();
    }

    fn play(&mut self, who: usize, ply: u16, cell: &str) {
        let cell = cell.parse().unwrap();
        self.say(who, Command::Play { match_number: 1, branch: 0, ply, cell });
    }

    /// Takes the effects, as a store and clients would. All that is to be kept comes first.
    fn drain(&mut self) {
        let mut is_told = false;
        while let Some(effect) = self.lobby.poll_effect() {
            match effect {
                Effect::Keep(keep) => {
                    assert!(!is_told, "{keep:?} comes after what is told");
                    self.keep(keep);
                }
                Effect::Show { snapshot, .. } => {
                    self.shown = Some(snapshot);
                    is_told = true;
                }
                Effect::Tell { .. } | Effect::Unseat { .. } | Effect::Dismiss { .. } => is_told = true,
            }
        }
    }

    fn keep(&mut self, keep: Keep) {
        match keep {
            Keep::Room(room) => {
                self.kept.insert(room.code, KeptRoom::clone(&room));
            }
            Keep::Gone(code) => assert!(self.kept.remove(&code).is_some(), "nothing goes that was not kept"),
            Keep::Finished(finished) => self.finished.push(*finished),
        }
    }

    fn come_back(&mut self, who: usize) {
        self.secrets += 1;
        let hello = Hello { name: "any".parse().unwrap(), resume: Some(self.tokens[who]) };
        let back = self.lobby.connect(self.now, &hello, [self.secrets; 16], Origin(0));
        self.tokens[who] = back.expect("the token is good").token;
        self.drain();
    }

    /// Starts another server from what was kept, by way of JSON.
    fn die(&mut self) {
        let json = serde_json::to_string(&self.kept.values().collect::<Vec<_>>()).unwrap();
        let kept = serde_json::from_str(&json).unwrap();
        self.lobby = Lobby::restore(self.now, Limits::default(), 2, kept).unwrap();
        assert_eq!(self.lobby.poll_effect(), None, "nothing has changed by a restart");
    }

    fn room(&self) -> KeptRoom {
        self.kept[&self.code].clone()
    }
}

#[test]
fn nothing_is_made_to_be_kept_for_a_shell_without_a_store() {
    for is_off in [false, true] {
        let mut table = Table::new("off");
        if is_off {
            table.lobby.keep_nothing();
        }
        for (ply, cell) in ["a1", "b1", "a2", "b2", "a3"].into_iter().enumerate() {
            table.play(ply % 2, u16::try_from(ply).unwrap(), cell);
        }
        assert_eq!(table.shown.as_ref().unwrap().phase, Phase::Over(Ending::OnBoard));
        assert_eq!((table.kept.is_empty(), table.finished.is_empty()), (is_off, is_off));
    }
}

#[test]
fn a_finished_match_is_kept_with_the_time_of_each_move_and_the_change_that_ends_it() {
    let mut table = Table::new("off");
    for (who, ply, cell, seconds) in
        [(0, 0, "a1", 3), (1, 1, "a2", 1), (0, 2, "b1", 4), (1, 3, "b2", 1), (0, 4, "c1", 5)]
    {
        table.now += Duration::from_secs(seconds);
        if ply == 2 {
            // A pause is nobody's time.
            table.lobby.disconnect(table.now, table.session(1), DisconnectReason::Lost);
            table.now += Duration::from_secs(9);
            table.come_back(1);
            table.now += Duration::from_millis(500);
        }
        assert_eq!(table.finished, []);
        table.play(who, ply, cell);
    }
    let [finished] = &table.finished[..] else { panic!("one match has ended") };
    assert_eq!(finished.took_millis, [3_000, 1_000, 4_500, 1_000, 5_000]);
    assert_eq!((finished.ending, finished.winner()), (Ending::OnBoard, Some(Seat::Host)));
    assert_eq!((finished.names.host.as_str(), finished.names.guest.as_str()), ("ann", "ben"));
    assert_eq!((finished.code, finished.match_number), (table.code, 1));
    assert_eq!(table.room().phase, Phase::Over(Ending::OnBoard));
    let json = serde_json::to_string(finished).unwrap();
    assert_eq!(serde_json::from_str::<FinishedMatch>(&json).unwrap(), *finished);
}

#[test]
fn talk_presence_offers_and_time_change_nothing_that_is_kept() {
    let mut table = Table::new("off");
    table.play(0, 0, "a1");
    table.play(1, 1, "a2");
    let mut before = table.room();
    table.kept.clear();
    table.say(0, Command::Say { message: net::proto::ChatMessage::Emote(net::proto::Emote::ALL[0]) });
    table.lobby.handle_silence(table.now, table.session(0), Some(table.now));
    table.now += Duration::from_secs(5);
    table.lobby.handle_silence(table.now, table.session(0), None);
    table.lobby.handle_rtt(table.session(0), Duration::from_millis(3));
    table.lobby.handle_timeout(table.now);
    table.play(1, 1, "a2");
    table.drain();
    // The other waited for them meanwhile.
    before.seats.host.absent_millis = 5_000;
    assert_eq!(table.kept.values().cloned().collect::<Vec<_>>(), [before]);
    table.kept.clear();
    table.say(1, Command::Say { message: net::proto::ChatMessage::Emote(net::proto::Emote::ALL[0]) });
    table.say(0, Command::Set { setting: Setting::Watchable(true) });
    table.lobby.handle_timeout(table.now + Duration::from_mins(1));
    table.drain();
    assert_eq!(table.kept, BTreeMap::new());
}

#[test]
fn a_kept_room_reads_like_text_and_has_no_secret() {
    let mut table = Table::new("5m+3s");
    table.play(0, 0, "a1");
    table.now += Duration::from_secs(12);
    table.play(1, 1, "b2");
    let json = serde_json::to_value(table.room()).unwrap();
    assert_eq!(json["terms"], serde_json::json!({"rules": "3x3", "best_of": null, "time": "5m+3s"}));
    assert_eq!(json["record"], serde_json::json!({"rules": "3x3", "moves": ["a1", "b2"]}));
    assert_eq!(json["phase"], "playing");
    assert_eq!(json["took_millis"], serde_json::json!([0, 12_000]));
    assert_eq!(json["clocks"]["left_millis"], serde_json::json!({"host": 303_000, "guest": 301_000}));
    assert_eq!(json["seats"]["host"]["name"], "ann");
    let newest = json["seats"]["guest"]["hold"]["here"]["newest"].as_str().unwrap();
    assert_eq!(newest.len(), 64, "a hash in hexadecimal digits");
    let text = json.to_string();
    assert!(!text.contains("fern") && !text.contains("0202020202"), "{text}");
    assert!(!format!("{:?}", table.room()).contains(newest), "a hash stays out of logs");
}

/// Checks that a kept state is refused, with words that name the room.
#[track_caller]
fn check_refused(change: impl Fn(&mut KeptRoom), limits: Limits, why: Unfit) {
    let mut table = Table::new("5m+3s");
    table.play(0, 0, "a1");
    table.play(1, 1, "b2");
    let mut room = table.room();
    change(&mut room);
    let refused = Lobby::restore(table.now, limits, 1, vec![room.clone()]).unwrap_err();
    assert_eq!(refused, RestoreError { code: room.code, why });
    assert!(refused.to_string().contains(room.code.as_str()), "{refused}");
}

#[test]
fn an_inconsistent_room_is_refused_by_name() {
    let limits = Limits::default;
    check_refused(|room| room.phase = Phase::Waiting, limits(), Unfit::NoMatch);
    check_refused(|room| room.phase = Phase::Over(Ending::OnBoard), limits(), Unfit::Phase);
    check_refused(|room| room.is_proven = false, limits(), Unfit::Phase);
    check_refused(|room| room.match_number = 0, limits(), Unfit::Number);
    check_refused(|room| room.number = u64::MAX, limits(), Unfit::Number);
    check_refused(|room| room.last_offer = u32::MAX, limits(), Unfit::Number);
    check_refused(|room| room.terms.rules = "4x4".parse().unwrap(), limits(), Unfit::Rules);
    check_refused(|room| room.clocks = None, limits(), Unfit::Clocks);
    check_refused(|room| room.took_millis.push(1), limits(), Unfit::Times);
    check_refused(|room| room.clocks.as_mut().unwrap().after_moves_millis.clear(), limits(), Unfit::Times);
    check_refused(
        |room| room.seats.guest.session = room.seats.host.session,
        limits(),
        Unfit::Session(Seat::Guest),
    );
    check_refused(
        |room| room.seats.guest.name = "ann".parse().unwrap(),
        limits(),
        Unfit::Session(Seat::Guest),
    );
    check_refused(
        |room| {
            let Hold::Here(secrets) = room.seats.host.hold else { panic!("the host is here") };
            room.seats.host.hold = Hold::Elsewhere(secrets);
        },
        limits(),
        Unfit::Phase,
    );
}

#[test]
fn a_kept_state_beyond_the_limits_is_refused() {
    check_refused(|_| {}, Limits { sessions: 1, ..Limits::default() }, Unfit::TooManySessions(1));
    check_refused(|_| {}, Limits { rooms: 0, ..Limits::default() }, Unfit::TooManyRooms(0));
    let adjourn = |room: &mut KeptRoom| room.phase = Phase::Adjourned;
    check_refused(adjourn, Limits { adjourned: 0, ..Limits::default() }, Unfit::TooManyAdjourned(0));
    let one_each = Limits { adjourned_per_session: 0, ..Limits::default() };
    check_refused(adjourn, one_each, Unfit::TooManyAdjourned(0));
}

#[test]
fn two_rooms_of_one_code_or_of_one_session_are_refused() {
    let mut table = Table::new("off");
    table.play(0, 0, "a1");
    table.play(1, 1, "b2");
    let (room, now) = (table.room(), table.now);
    let restore = |rooms| Lobby::restore(now, Limits::default(), 1, rooms).unwrap_err().why;
    assert_eq!(restore(vec![room.clone(), room.clone()]), Unfit::CodeTwice);
    let code = (0..RoomCode::COUNT).map(RoomCode::nth).find(|code| *code != room.code).unwrap();
    let other = KeptRoom { code, ..room.clone() };
    assert_eq!(restore(vec![room, other]), Unfit::Session(Seat::Host), "nobody sits in two seats");
}

/// An action of one of the two.
#[derive(Debug, Clone, Copy)]
enum Action {
    Play(u8),
    Offer(OfferKind),
    Accept,
    Resign,
    Rematch,
    Claim(Claim),
    Leave,
    Set(Setting),
    Silent(bool),
    Drop,
    Return,
    Die,
}

fn action() -> impl Strategy<Value = Action> {
    let offers = [OfferKind::Draw, OfferKind::Takeback, OfferKind::Adjourn];
    let settings = [Setting::Access(Access::Hidden), Setting::Watchable(false), Setting::OpenChat];
    prop_oneof![
        40 => (0..9_u8).prop_map(Action::Play),
        6 => prop::sample::select(offers.to_vec()).prop_map(Action::Offer),
        6 => Just(Action::Accept),
        1 => Just(Action::Resign),
        4 => Just(Action::Rematch),
        2 => prop::sample::select(vec![Claim::Win, Claim::Draw, Claim::Adjourn]).prop_map(Action::Claim),
        1 => Just(Action::Leave),
        2 => prop::sample::select(settings.to_vec()).prop_map(Action::Set),
        3 => any::<bool>().prop_map(Action::Silent),
        3 => Just(Action::Drop),
        8 => Just(Action::Return),
        2 => Just(Action::Die),
    ]
}

impl Table {
    fn act(&mut self, who: usize, action: Action) {
        let session = self.session(who);
        let shown = self.shown.as_ref().expect("a room was shown").clone();
        let match_number = shown.match_number;
        match action {
            Action::Play(cell) => {
                let cell = Cell::new(cell % 3, cell / 3).unwrap();
                let (branch, ply) = (shown.branch, shown.record.position().ply());
                self.say(who, Command::Play { match_number, branch, ply, cell });
            }
            Action::Offer(kind) => self.say(who, Command::Offer { match_number, kind }),
            Action::Accept => {
                self.say(who, Command::Accept { number: shown.offer.map_or(0, |offer| offer.number) });
            }
            Action::Resign => self.say(who, Command::Resign { match_number }),
            Action::Rematch => self.say(who, Command::Rematch { match_number }),
            Action::Claim(claim) => self.say(who, Command::Claim { match_number, claim }),
            Action::Leave => self.say(who, Command::Leave),
            Action::Set(setting) => self.say(who, Command::Set { setting }),
            Action::Silent(is_silent) => {
                self.lobby.handle_silence(self.now, session, is_silent.then_some(self.now));
            }
            Action::Drop => self.lobby.disconnect(self.now, session, DisconnectReason::Lost),
            Action::Return if self.is_known(who) => self.come_back(who),
            Action::Return => {}
            Action::Die => self.die(),
        }
        self.drain();
    }

    /// The lobby knows the session still.
    fn is_known(&self, who: usize) -> bool {
        let is_in = |room: &KeptRoom| {
            Seat::BOTH.into_iter().any(|seat| room.seats[seat].session == self.session(who))
        };
        self.kept.values().any(is_in)
    }
}

/// A snapshot without what a restart changes: presence, offers, claims, watchers and the time.
fn lasting(snapshot: &Snapshot) -> (Snapshot, PerSeat<Option<Name>>) {
    let name = |seat: Seat| snapshot.seats[seat].name().copied();
    let names = PerSeat { host: name(Seat::Host), guest: name(Seat::Guest) };
    let lasting = Snapshot {
        at: net::proto::ServerTime(0),
        seats: PerSeat { host: SeatView::Vacant, guest: SeatView::Vacant },
        offer: None,
        claim: None,
        watchers: 0,
        clocks: snapshot.clocks.map(|clocks| Clocks { running: None, grace_millis: 0, ..clocks }),
        ..snapshot.clone()
    };
    (lasting, names)
}

proptest! {
    #[test]
    fn what_is_restored_shows_what_was_shown(
        has_clock: bool,
        actions in prop::collection::vec((0..2_usize, 0..20_u64, action()), 1..80),
    ) {
        let mut table = Table::new(if has_clock { "30s+1s" } else { "off" });
        for (who, seconds, action) in actions {
            table.now += Duration::from_secs(seconds);
            table.lobby.handle_timeout(table.now);
            table.drain();
            table.act(who, action);
        }
        // Whoever is silent stops the clocks, and a player who repeats a setting is shown the room.
        let Some(before) = table.kept.get(&table.code).cloned() else { return Ok(()) };
        table.shown = None;
        for who in 0..2 {
            table.lobby.handle_silence(table.now, table.session(who), Some(table.now));
        }
        table.drain();
        for who in 0..2 {
            table.say(who, Command::Set { setting: Setting::Watchable(before.is_watchable) });
        }
        let Some(shown) = table.shown.take() else { return Ok(()) };
        prop_assume!(table.kept.contains_key(&table.code));
        table.die();
        for who in 0..2 {
            table.come_back(who);
        }
        table.say(0, Command::Set { setting: Setting::Watchable(before.is_watchable) });
        let Some(again) = table.shown.take() else { return Ok(()) };
        prop_assert_eq!(lasting(&shown), lasting(&again));
        let is_here = |view: &SeatView| matches!(view.occupant(), Some(occupant) if occupant.presence == Presence::Present);
        prop_assert!(shown.phase == Phase::Adjourned || Seat::BOTH.into_iter().all(|seat| is_here(&again.seats[seat])));
    }
}

/// Effects that tell somebody something.
#[test]
fn a_return_is_kept_before_its_seat_is_told() {
    let mut table = Table::new("off");
    table.play(0, 0, "a1");
    table.play(1, 1, "b2");
    let before = table.room();
    table.lobby.disconnect(table.now, table.session(1), DisconnectReason::Lost);
    table.drain();
    assert_eq!(table.room(), before, "an absence is no durable state");
    let hello = Hello { name: "ben".parse().unwrap(), resume: Some(table.tokens[1]) };
    table.lobby.connect(table.now, &hello, [9; 16], Origin(0)).unwrap();
    let Some(Effect::Keep(Keep::Room(kept))) = table.lobby.poll_effect() else {
        panic!("the new secret is kept")
    };
    let secrets = |room: &KeptRoom| match room.seats.guest.hold {
        Hold::Here(secrets) => secrets,
        Hold::Elsewhere(_) | Hold::Dismissed => panic!("the guest is here"),
    };
    assert_eq!(secrets(&kept).shown, Some(secrets(&before).newest));
    let told = table.lobby.poll_effect().and_then(Effect::into_event);
    assert!(matches!(told, Some((_, Event::Seated { .. }))), "{told:?}");
}
