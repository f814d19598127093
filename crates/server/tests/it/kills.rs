//! Real kills: a server under load is killed again and again, and an independent record of all that any player was told is
//! compared with what is on disk.
//!
//! `cargo xtask store` runs it with hundreds of kills, and once more with a server that tells first and commits later
//! (feature `tell-first`). That one must lose something, or this test notices nothing.

use std::{
    collections::BTreeMap,
    env,
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use game_core::Cell;
use net::{
    connect::{Candidate, dial_link},
    link::{Link, Transport},
    proto::{
        Access, ClientMessage, CloseReason, Command as Ask, Event, Hello, Phase, RoomCode, Seat,
        ServerMessage, Snapshot, Terms, Token, codec,
    },
};
use server::{
    lobby::KeptRoom,
    store::{Folder, Sqlite, Store as _, Wanted, read_matches},
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use crate::{arena::join, program::Program};

/// Matches at once.
const MATCHES: usize = 50;

/// Kills in a plain run of the tests.
const KILLS: u32 = 5;

/// The longest life of a server, in milliseconds, once players are back.
const LIFE: u64 = 250;

/// A test that waits longer has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// The last news of one room that a player was told.
#[derive(Debug, Clone)]
struct Told {
    match_number: u32,
    moves: Vec<Cell>,
    is_over: bool,
}

/// The state that the players and the test share.
struct World {
    /// The address of the server, while it runs.
    up: watch::Sender<Option<SocketAddr>>,
    connected: watch::Sender<usize>,
    /// Rooms in which both players have moved.
    begun: watch::Sender<usize>,
    rooms: Vec<watch::Sender<Option<RoomCode>>>,
    record: Mutex<Record>,
}

#[derive(Debug, Default)]
struct Record {
    told: BTreeMap<RoomCode, Told>,
    /// The matches that ended, and their moves.
    finished: BTreeMap<(RoomCode, u32), usize>,
    snapshots: u64,
    returns: u64,
    lost: Vec<String>,
}

#[tokio::test]
async fn nothing_that_was_told_is_lost_when_the_server_is_killed() {
    let kills = env::var("OXO_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World {
        up: watch::Sender::new(None),
        connected: watch::Sender::new(0),
        begun: watch::Sender::new(0),
        rooms: (0..MATCHES).map(|_| watch::Sender::new(None)).collect(),
        record: Mutex::default(),
    });
    for pair in 0..MATCHES {
        for seat in Seat::BOTH {
            tokio::spawn(live(Arc::clone(&world), pair, seat));
        }
    }
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut listen = "127.0.0.1:0".parse().unwrap();
    let (mut rooms, mut moves) = (0, 0);
    for kill in 0..kills {
        let mut program = start(listen, folder.path());
        listen = program.addr;
        world.up.send_replace(Some(listen));
        match kill {
            0 => wait_for(&world.begun, |count| count == MATCHES).await,
            // In the middle of their return, or of play.
            _ if kill.is_multiple_of(3) => wait_for(&world.connected, |count| count > 0).await,
            _ => wait_for(&world.connected, |count| count == 2 * MATCHES).await,
        }
        sleep(Duration::from_millis(dice.below(LIFE))).await;
        world.up.send_replace(None);
        program.child.kill().unwrap();
        program.child.wait().unwrap();
        // Every player has read what was sent.
        wait_for(&world.connected, |count| count == 0).await;
        (rooms, moves) = compare(&world, folder.path(), kill);
    }
    let record = world.record.lock().unwrap();
    eprintln!(
        "{kills} kills, {} snapshots told, {} returns to a seat, {rooms} rooms with {moves} moves and {} finished matches on \
         disk at the end, {} lost",
        record.snapshots,
        record.returns,
        record.finished.len(),
        record.lost.len()
    );
    if cfg!(feature = "tell-first") {
        assert!(!record.lost.is_empty() || kills < 50, "the wrong order was not noticed");
    } else {
        assert!(record.lost.is_empty(), "{:#?}", record.lost);
        assert!(record.snapshots > u64::from(kills), "hardly anything was told");
    }
}

fn start(listen: SocketAddr, folder: &Path) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oxo-server"));
    command.args(["--no-discovery", "--percent-per-address", "100", "--messages-per-second", "10000"]);
    command.args(["--listen", &listen.to_string(), "--data-dir"]).arg(folder);
    Program::spawn(command.stderr(Stdio::null()))
}

async fn wait_for(count: &watch::Sender<usize>, is_there: impl Fn(usize) -> bool) {
    let mut changes = count.subscribe();
    let reached = timeout(PATIENCE, changes.wait_for(|count| is_there(*count))).await;
    drop(reached.expect("the players come and go").expect("the world stands"));
}

/// Compares what is on disk with what was told. Returns the rooms and their moves on disk.
fn compare(world: &World, folder: &Path, kill: u32) -> (usize, usize) {
    let mut store = Sqlite::open(Folder::lock(folder).unwrap()).unwrap();
    let rooms: BTreeMap<RoomCode, KeptRoom> =
        store.load().unwrap().into_iter().map(|room| (room.code, room)).collect();
    let mut finished: BTreeMap<(RoomCode, u32), Vec<usize>> = BTreeMap::new();
    read_matches(folder, &Wanted::default(), |kept| {
        let key = (kept.finished.code, kept.finished.match_number);
        finished.entry(key).or_default().push(kept.finished.record.moves().len());
        true
    })
    .unwrap();
    let mut record = world.record.lock().unwrap();
    let Record { told, finished: ended, lost, .. } = &mut *record;
    told.retain(|code, told| {
        let is_kept = rooms.get(code).is_some_and(|kept| told.is_in(kept));
        if !is_kept {
            lost.push(format!(
                "kill {kill}: {code}: told {told:?}, kept {:?}",
                rooms.get(code).map(|it| &it.record)
            ));
        }
        is_kept
    });
    ended.retain(|key, moves| {
        let is_kept = finished.get(key).is_some_and(|kept| kept[..] == [*moves]);
        if !is_kept {
            lost.push(format!("kill {kill}: match {key:?} of {moves} moves: {:?}", finished.get(key)));
        }
        is_kept
    });
    (rooms.len(), rooms.values().map(|room| room.record.moves().len()).sum())
}

impl Told {
    fn of(snapshot: &Snapshot) -> Self {
        Self {
            match_number: snapshot.match_number,
            moves: snapshot.record.moves().to_vec(),
            is_over: matches!(snapshot.phase, Phase::Over(_)),
        }
    }

    const fn progress(&self) -> (u32, usize, bool) {
        (self.match_number, self.moves.len(), self.is_over)
    }

    /// Tells whether a room on disk is as far as this, or further.
    fn is_in(&self, kept: &KeptRoom) -> bool {
        let moves = kept.record.moves();
        let is_over = matches!(kept.phase, Phase::Over(_));
        self.progress() <= (kept.match_number, moves.len(), is_over)
            && (self.match_number < kept.match_number || moves.starts_with(&self.moves))
    }
}

impl Record {
    fn note(&mut self, snapshot: &Snapshot) {
        self.snapshots += 1;
        let now = Told::of(snapshot);
        // Before both have moved there is no match to keep.
        if snapshot.phase == Phase::Waiting || (now.match_number == 1 && now.moves.len() < 2) {
            return;
        }
        if now.is_over {
            self.finished.insert((snapshot.code, now.match_number), now.moves.len());
        }
        let told = self.told.entry(snapshot.code).or_insert_with(|| now.clone());
        if told.progress() < now.progress() {
            *told = now;
        }
    }
}

/// A player who plays on as long as there is a server, and comes back to every new one.
async fn live(world: Arc<World>, pair: usize, seat: Seat) {
    let mut token = None;
    let mut changes = world.up.subscribe();
    loop {
        let Ok(addr) = changes.wait_for(Option::is_some).await.map(|addr| addr.expect("it is up")) else {
            return;
        };
        let Ok(link) = dial_link(Candidate { addr, transport: Transport::Tcp }).await else {
            tokio::task::yield_now().await;
            continue;
        };
        world.connected.send_modify(|count| *count += 1);
        let mut player = Player { world: &world, pair, seat, link, is_seated: false };
        let end = player.converse(&mut token).await;
        world.connected.send_modify(|count| *count -= 1);
        if end == Some(CloseReason::UnknownSession) {
            let mut record = world.record.lock().unwrap();
            let code = *world.rooms[pair].borrow();
            if code.is_some_and(|code| record.told.contains_key(&code)) {
                record.lost.push(format!("the seat of {seat:?} in {code:?}"));
            }
            token = None;
        }
    }
}

struct Player<'a> {
    world: &'a World,
    pair: usize,
    seat: Seat,
    link: Link,
    is_seated: bool,
}

impl Player<'_> {
    /// Plays until the connection ends.
    async fn converse(&mut self, token: &mut Option<Token>) -> Option<CloseReason> {
        let name = format!("{}{}", if self.seat == Seat::Host { "h" } else { "g" }, self.pair);
        self.say(&ClientMessage::Hello(Hello { name: name.parse().unwrap(), resume: *token }));
        let mut codes = self.world.rooms[self.pair].subscribe();
        loop {
            let received = tokio::select! {
                received = self.link.recv() => received,
                changed = codes.changed(), if !self.is_seated && self.seat == Seat::Guest && token.is_some() => {
                    changed.expect("the world stands");
                    self.come(*codes.borrow());
                    continue;
                }
            };
            let Ok(Some(payload)) = received else { return None };
            match codec::decode(&payload).unwrap() {
                ServerMessage::Welcome(welcome) => {
                    if token.replace(welcome.token).is_some() {
                        self.world.record.lock().unwrap().returns += 1;
                    } else if self.seat == Seat::Host {
                        self.ask(Ask::Create { terms: Terms::default(), access: Access::Hidden });
                    } else {
                        self.come(*codes.borrow_and_update());
                    }
                }
                ServerMessage::Ping { nonce, .. } => self.say(&ClientMessage::Pong { nonce }),
                ServerMessage::Event(Event::Seated { code, .. }) => {
                    self.is_seated = true;
                    if self.seat == Seat::Host && *codes.borrow() != Some(code) {
                        self.world.rooms[self.pair].send_replace(Some(code));
                    }
                }
                ServerMessage::Event(Event::Snapshot(snapshot)) => {
                    let begun = {
                        let mut record = self.world.record.lock().unwrap();
                        record.note(&snapshot);
                        record.told.len()
                    };
                    self.world.begun.send_if_modified(|count| std::mem::replace(count, begun) != begun);
                    self.act(&snapshot).await;
                }
                ServerMessage::Event(Event::Unseated(_)) => {
                    *token = None;
                    return None;
                }
                ServerMessage::Close(reason) => return Some(reason),
                ServerMessage::Event(_) | ServerMessage::Answer(_) => {}
            }
        }
    }

    fn come(&mut self, code: Option<RoomCode>) {
        if let Some(code) = code {
            self.ask(join(code));
        }
    }

    async fn act(&mut self, snapshot: &Snapshot) {
        if snapshot.to_move() == Some(self.seat) && !snapshot.is_paused() {
            let position = snapshot.record.position();
            let (match_number, branch, ply) = (snapshot.match_number, snapshot.branch, position.ply());
            let free: Vec<Cell> = position.legal_moves().collect();
            // The same for the same position, so that a repeated move is one.
            let mut dice =
                Dice(u64::from(match_number) << 20 | u64::from(ply) << 8 | self.pair as u64 | 1 << 40);
            let cell = free[usize::try_from(dice.below(free.len() as u64)).unwrap()];
            sleep(Duration::from_millis(dice.below(4))).await;
            self.ask(Ask::Play { match_number, branch, ply, cell });
        } else if matches!(snapshot.phase, Phase::Over(_)) {
            let me = snapshot.seats[self.seat].occupant();
            if me.is_some_and(|me| !me.wants_rematch()) {
                self.ask(Ask::Rematch { match_number: snapshot.match_number });
            }
        }
    }

    fn ask(&mut self, command: Ask) {
        self.say(&ClientMessage::Command(command));
    }

    fn say(&mut self, message: &ClientMessage) {
        // A link that is broken says so when it is read.
        let _broken = self.link.send(&codec::encode(message));
    }
}

/// Random numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        for _ in 0..3 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
        }
        self.0 % bound
    }
}
