//! The lobby under random commands of six people who come, lose their links, return and let time pass.
//!
//! After each step everything that is told is held against what was told before: a second, much smaller
//! account of the rules of a lobby, from outside.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use game_core::{Cell, Rules};
use net::proto::{
    Command, Event, Hello, Phase, RoomCode, Seat, SeatView, ServerMessage, SessionId, Snapshot, Token, codec,
};
use proptest::prelude::*;
use server::lobby::{Effect, Limits, Lobby};

const PEOPLE: usize = 6;
const LIMITS: Limits = Limits { sessions: 5, rooms: 2, grace: Duration::from_secs(30) };

/// What happens in one step. A step that makes no sense when its turn has come is passed over.
#[derive(Debug, Clone)]
enum Step {
    /// Somebody comes, or comes back with their token.
    Come(usize),
    /// Somebody's link is lost.
    Drop(usize),
    /// Somebody falls silent, or is heard again.
    Silence(usize, bool),
    /// Somebody says something.
    Say(usize, Saying),
    /// Seconds pass.
    Wait(u64),
}

#[derive(Debug, Clone)]
enum Saying {
    QuickMatch(Option<Rules>),
    Create(Rules),
    /// One of the rooms that were ever heard of.
    Join(prop::sample::Index),
    Leave,
    /// A cell; how far the ply is from the next, and the match from the running one.
    Play(Cell, i8, i8),
    Resign,
    Rematch,
}

/// The lobby, and what has been told about it.
struct World {
    lobby: Lobby,
    now: Instant,
    people: [Person; PEOPLE],
    /// The last snapshot of each room.
    rooms: BTreeMap<RoomCode, Snapshot>,
}

#[derive(Clone, Copy, Default)]
struct Person {
    /// What they were given when they came, as long as the lobby can know it.
    token: Option<Token>,
    has_link: bool,
    place: Option<(RoomCode, Seat)>,
}

impl World {
    fn new() -> Self {
        Self {
            lobby: Lobby::new(LIMITS, 7),
            now: Instant::now(),
            people: [Person::default(); PEOPLE],
            rooms: BTreeMap::new(),
        }
    }

    fn step(&mut self, step: &Step) {
        let mut mover = None;
        match *step {
            Step::Come(who) => self.come(who),
            Step::Drop(who) => self.lose_link(who),
            Step::Silence(who, is_silent) => {
                if let Some(session) = self.session_with_link(who) {
                    self.lobby.handle_silence(self.now, session, is_silent.then_some(self.now));
                }
            }
            Step::Say(who, ref saying) => {
                if let Some(session) = self.session_with_link(who) {
                    let command = self.command(who, saying);
                    mover = matches!(command, Command::Play { .. }).then_some(who);
                    self.lobby.handle(self.now, session, command);
                }
            }
            Step::Wait(seconds) => self.now += Duration::from_secs(seconds),
        }
        self.lobby.handle_timeout(self.now);
        self.hear(mover);
        self.check_counts();
    }

    fn come(&mut self, who: usize) {
        let hello = Hello { name: "ann".parse().unwrap(), resume: self.people[who].token };
        let is_known = hello.resume.is_some();
        match self.lobby.connect(self.now, &hello, [u8::try_from(who).unwrap(); 16]) {
            Ok(admission) => {
                assert_eq!(admission.is_return, is_known);
                self.people[who].token = Some(admission.token);
                self.people[who].has_link = true;
            }
            Err(_) if is_known => self.people[who] = Person::default(),
            Err(_) => assert_eq!(self.lobby.session_count(), LIMITS.sessions, "refused for being full"),
        }
    }

    fn lose_link(&mut self, who: usize) {
        if let Some(session) = self.session_with_link(who) {
            self.lobby.disconnect(self.now, session);
            self.people[who].has_link = false;
        }
    }

    fn command(&self, who: usize, saying: &Saying) -> Command {
        let room = self.people[who].place.and_then(|(code, _)| self.rooms.get(&code));
        let match_number = room.map_or(1, |room| room.match_number);
        match *saying {
            Saying::QuickMatch(rules) => Command::QuickMatch { rules },
            Saying::Create(rules) => Command::Create { rules },
            Saying::Join(index) => {
                let codes: Vec<RoomCode> = self.rooms.keys().copied().collect();
                let code = if codes.is_empty() { RoomCode::nth(0) } else { *index.get(&codes) };
                Command::Join { code }
            }
            Saying::Leave => Command::Leave,
            Saying::Play(cell, ply_off, match_off) => {
                let next = room.map_or(0, |room| room.record.position().ply());
                Command::Play {
                    match_number: match_number.saturating_add_signed(i32::from(match_off)),
                    ply: next.saturating_add_signed(i16::from(ply_off)),
                    cell,
                }
            }
            Saying::Resign => Command::Resign { match_number },
            Saying::Rematch => Command::Rematch { match_number },
        }
    }

    /// Takes all effects, as the drain rule says. `mover` is who tried to play in this step, if anybody.
    fn hear(&mut self, mover: Option<usize>) {
        while let Some(Effect::Tell { to, event }) = self.lobby.poll_effect() {
            assert!(!to.is_empty(), "nobody is told {event:?}");
            let people: Vec<usize> = to.iter().map(|&session| self.who_is(session)).collect();
            for &who in &people {
                assert!(self.people[who].has_link, "{who} has lost the link and is told {event:?}");
            }
            let length = codec::encode(&ServerMessage::Event(event.clone())).len();
            assert!(length < 1024, "{length} bytes");
            match event {
                Event::Seated { code, seat } => {
                    let is_return = self.people[people[0]].place == Some((code, seat));
                    assert!(is_return || self.people[people[0]].place.is_none(), "one seat each");
                    self.people[people[0]].place = Some((code, seat));
                }
                Event::Unseated(_) => self.people[people[0]].place = None,
                Event::Rejected { .. } => {}
                Event::Snapshot(snapshot) => {
                    for &who in &people {
                        let place = self.people[who].place.map(|(code, _)| code);
                        assert_eq!(place, Some(snapshot.code), "{who} is shown another's room");
                    }
                    self.check_snapshot(&snapshot, mover);
                    self.rooms.insert(snapshot.code, *snapshot);
                }
            }
        }
    }

    fn check_snapshot(&self, now: &Snapshot, mover: Option<usize>) {
        let is_over = matches!(now.phase, Phase::Over(_));
        let finished = now.match_number - 1 + u32::from(is_over);
        let score = now.score.wins.host + now.score.wins.guest + now.score.draws;
        assert_eq!(u32::from(score), finished, "every finished match counts once");
        if now.record.position().outcome().is_some() {
            assert!(is_over, "a decided board ends the match");
        }
        match now.phase {
            Phase::Waiting => assert_eq!(now.seats.guest, SeatView::Vacant),
            Phase::Playing => {
                assert!(Seat::BOTH.iter().all(|&seat| now.seats[seat].occupant().is_some()), "two play");
            }
            Phase::Over(_) => assert!(now.seats.guest != SeatView::Vacant),
        }

        // A code may be drawn again for another room.
        let Some(before) = self.rooms.get(&now.code).filter(|_| now.phase != Phase::Waiting) else { return };
        assert_eq!(before.record.rules(), now.record.rules(), "a room keeps its rules");
        if before.match_number != now.match_number {
            assert_eq!(now.match_number, before.match_number + 1);
            assert!(matches!(before.phase, Phase::Over(_)), "a running match is not replaced");
            assert_eq!(now.x, before.x.other(), "who begins changes");
            assert!(now.record.moves().is_empty(), "a match begins on an empty board");
            return;
        }
        let (before_moves, moves) = (before.record.moves(), now.record.moves());
        assert!(moves.starts_with(before_moves), "a move that was made stays made");
        if moves.len() > before_moves.len() {
            assert_eq!(moves.len(), before_moves.len() + 1, "one move at a time");
            let seat = mover.and_then(|who| self.people[who].place).filter(|(code, _)| *code == now.code);
            assert_eq!(seat.map(|(_, seat)| seat), before.to_move(), "only the side to move moves");
        }
    }

    fn check_counts(&mut self) {
        assert!(self.lobby.session_count() <= LIMITS.sessions);
        assert!(self.lobby.room_count() <= LIMITS.rooms);
        assert!(
            self.lobby.poll_timeout().is_none_or(|deadline| deadline > self.now),
            "a deadline was missed"
        );
        let mut places: Vec<_> = self.people.iter().filter(|person| person.has_link).collect();
        places.retain(|person| person.place.is_some());
        let mut places: Vec<_> = places.into_iter().map(|person| person.place).collect();
        let seated = places.len();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), seated, "two people sit in one seat");
        let linked = self.people.iter().filter(|person| person.has_link).count();
        assert!(linked <= self.lobby.session_count(), "somebody with a link was forgotten");
    }

    /// Everybody goes, by leaving or by a lost link, and time passes: then nothing is left.
    fn end(&mut self) {
        for who in 0..PEOPLE {
            if who % 2 == 0 {
                self.step(&Step::Say(who, Saying::Leave));
            }
            self.step(&Step::Drop(who));
        }
        self.step(&Step::Wait(LIMITS.grace.as_secs()));
        assert_eq!((self.lobby.session_count(), self.lobby.room_count()), (0, 0), "something is left");
        assert_eq!(self.lobby.poll_timeout(), None);
    }

    fn session_with_link(&self, who: usize) -> Option<SessionId> {
        let Person { token, has_link, .. } = self.people[who];
        token.filter(|_| has_link).map(|token| token.session)
    }

    fn who_is(&self, session: SessionId) -> usize {
        let is_theirs = |person: &Person| person.token.is_some_and(|token| token.session == session);
        self.people.iter().position(is_theirs).unwrap_or_else(|| panic!("{session} is nobody"))
    }
}

fn some_rules() -> impl Strategy<Value = Rules> {
    let misere: Rules = Rules::default().with_misere(true);
    prop_oneof![4 => Just(Rules::default()), 1 => Just("4x3:3".parse().unwrap()), 1 => Just(misere)]
}

fn saying() -> impl Strategy<Value = Saying> {
    let cell = (0_u8..4, 0_u8..3).prop_map(|(column, row)| Cell::new(column, row).unwrap());
    let ply_off = prop_oneof![12 => Just(0), 1 => -2_i8..=2];
    let match_off = prop_oneof![20 => Just(0), 1 => -1_i8..=1];
    prop_oneof![
        3 => prop::option::of(some_rules()).prop_map(Saying::QuickMatch),
        1 => some_rules().prop_map(Saying::Create),
        2 => any::<prop::sample::Index>().prop_map(Saying::Join),
        1 => Just(Saying::Leave),
        30 => (cell, ply_off, match_off).prop_map(|(cell, ply, number)| Saying::Play(cell, ply, number)),
        1 => Just(Saying::Resign),
        6 => Just(Saying::Rematch),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..PEOPLE).prop_map(Step::Come),
        1 => (0..PEOPLE).prop_map(Step::Drop),
        1 => (0..PEOPLE, any::<bool>()).prop_map(|(who, is_silent)| Step::Silence(who, is_silent)),
        40 => (0..PEOPLE, saying()).prop_map(|(who, saying)| Step::Say(who, saying)),
        2 => (0_u64..40).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_people_do_the_lobby_keeps_its_rules(steps in prop::collection::vec(step(), 0..200)) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
        }
        world.end();
    }
}
