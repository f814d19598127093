//! Times calls of a lobby that holds as many rooms as it can: `cargo bench -p server --bench lobby`.
//!
//! The figures tell which questions about all rooms may be answered by a search and which need an index.

#![allow(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench is read by a person and may fail")]

use std::{
    collections::BTreeSet,
    hint::black_box,
    time::{Duration, Instant},
};

use game_core::Cell;
use net::proto::{Command, Hello, Name, OfferKind, SessionId, Terms, Token};
use server::lobby::{DisconnectReason, Effect, Limits, Lobby, Origin};

/// Calls of each kind, of which the median counts.
const CALLS: u32 = 200;

struct Bench {
    lobby: Lobby,
    now: Instant,
    names: BTreeSet<Name>,
}

impl Bench {
    fn connect(&mut self, resume: Option<Token>) -> Token {
        let name: Name = format!("p{}", self.names.len()).parse().expect("a name");
        self.names.insert(name);
        self.lobby
            .connect(self.now, &Hello { name, resume }, [7; 16], Origin(1))
            .expect("there is room")
            .token
    }

    fn open(&mut self) -> SessionId {
        self.connect(None).session
    }

    fn handle(&mut self, session: SessionId, command: Command) {
        self.lobby.handle(self.now, session, command);
        while let Some(effect) = self.lobby.poll_effect() {
            black_box(Effect::into_event(effect));
        }
    }

    /// Times `call`, which is given the number of the call.
    fn time(&mut self, what: &str, mut call: impl FnMut(&mut Self, u32)) {
        let mut times: Vec<Duration> = (0..CALLS)
            .map(|number| {
                let before = Instant::now();
                call(self, number);
                before.elapsed()
            })
            .collect();
        times.sort_unstable();
        println!("{what:58} {:>8.1} us", times[times.len() / 2].as_secs_f64() * 1e6);
    }
}

fn main() {
    let rooms = Limits::MAX_ROOMS;
    let limits = Limits {
        sessions: 4 * rooms,
        rooms,
        percent_per_origin: 100,
        list_every: Duration::ZERO,
        ..Limits::default()
    };
    let now = Instant::now();
    let mut bench = Bench { lobby: Lobby::new(now, limits, 1), now, names: BTreeSet::new() };
    let mut hosts = Vec::new();
    for _ in 0..rooms {
        let [host, guest] = [(); 2].map(|()| bench.open());
        bench.handle(host, Command::QuickMatch { terms: None });
        bench.handle(guest, Command::QuickMatch { terms: None });
        hosts.push((host, guest));
    }
    println!("{} rooms with two players each", bench.lobby.room_count());
    let cell = Cell::new(0, 0).expect("a cell of every board");
    bench.time("a move (no search)", |bench, number| {
        let (host, _) = hosts[number as usize];
        bench.handle(host, Command::Play { match_number: 1, branch: 0, ply: 0, cell });
    });
    let newcomer = bench.connect(None);
    let session = newcomer.session;
    bench.time("a hello", |bench, _| _ = black_box(bench.open()));
    bench.time("... with a search through the names for its own", |bench, _| {
        let wanted = bench.names.last().copied();
        black_box(bench.names.iter().filter(|name| wanted == Some(**name)).count());
    });
    bench.time("a quick match: two searches, and no room for a new one", |bench, _| {
        bench.handle(session, Command::QuickMatch { terms: Some(Terms::default()) });
    });
    bench.time("a list: all listed rooms, sorted", |bench, _| {
        bench.handle(session, Command::Browse { rules: None });
    });
    bench.time("a return: a search for adjourned matches", |bench, _| {
        black_box(bench.connect(Some(newcomer)));
        while bench.lobby.poll_effect().is_some() {}
    });
    bench.time("an offer to adjourn, accepted: four searches", |bench, number| {
        let (host, guest) = hosts[number as usize];
        bench.handle(guest, Command::Offer { match_number: 1, kind: OfferKind::Adjourn });
        bench.now += Duration::from_secs(2);
        bench.handle(host, Command::Accept { number: 1 });
    });
    bench.time("a goodbye of somebody who waits for nothing", |bench, _| {
        let session = bench.open();
        bench.lobby.disconnect(bench.now, session, DisconnectReason::OnPurpose);
    });
    while bench.lobby.session_count() < 4 * rooms {
        bench.open();
    }
    bench.time("a hello that is refused, since all sessions are held", |bench, _| {
        let hello = Hello { name: "late".parse().expect("a name"), resume: None };
        let refused = bench.lobby.connect(bench.now, &hello, [7; 16], Origin(1));
        assert!(black_box(refused).is_err(), "the server is full");
    });
}
