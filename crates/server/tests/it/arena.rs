//! The arena: a server on a port of its own, two honest players in a match on it, and peers that send whatever
//! bytes a test chooses.
//!
//! Time stands still but for [`Arena::pass`], so no test waits for a clock and none depends on one.

use std::{future::Future, net::SocketAddr, pin::pin, time::Duration};

use bytes::BytesMut;
use net::{
    frame,
    heartbeat::PING_EVERY,
    proto::{
        Access, ClientMessage, CloseReason, Command, Ending, Event, Hello, PREFACE_BYTES, PROTOCOL, Phase,
        Preface, Presence, Reject, RoomCode, Seat, ServerMessage, Snapshot, Terms, Token, Welcome, codec,
    },
};
use server::shell::{self, Config, Sockets, Summary};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Mutex, oneshot, watch},
    task::JoinHandle,
    time::advance,
};

/// A server and the honest match on it.
pub(crate) struct Arena {
    pub(crate) addr: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Summary>,
    pub(crate) honest_room: RoomCode,
    honest: [JoinHandle<()>; 2],
    /// Tells the honest players to bring their match to its end.
    finish: watch::Sender<bool>,
    clock: Mutex<Clock>,
}

/// The state of the passing time.
struct Clock {
    /// The ping that both honest players have answered, one for each second.
    nonce: u32,
    /// The last ping that each has answered, [`MATCH_ENDED`] once their match has ended.
    answered: [watch::Receiver<u32>; 2],
}

const MATCH_ENDED: u32 = u32::MAX;

impl Arena {
    /// Runs an attack against a server of these settings while the honest players play, until the server has
    /// been shut down.
    pub(crate) fn run(config: Config, attack: impl AsyncFnOnce(&Self)) -> Summary {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let (_time_stands_still, until_dropped) = std::sync::mpsc::channel::<()>();
            // Tokio lets paused time jump when all tasks wait, but not while a blocking call is under way.
            tokio::task::spawn_blocking(move || until_dropped.recv().is_err());
            let arena = Self::open(config).await;
            attack(&arena).await;
            arena.close().await
        })
    }

    async fn open(config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async { stopped.await.unwrap() };
        let server = tokio::spawn(shell::run(
            Sockets { tcp: vec![listener], ..Sockets::default() },
            config,
            None,
            shutdown,
        ));

        let [mut ann, mut ben] = [Peer::enter(addr, "ann").await.0, Peer::enter(addr, "ben").await.0];
        ann.command(create("19x19:19")).await;
        let (honest_room, _waiting) = (ann.seat().await, ann.snapshot().await);
        ben.command(join(honest_room)).await;
        assert_eq!(ben.seat().await, honest_room);
        let shown = [ann.snapshot().await, ben.snapshot().await];

        let (finish, finished) = watch::channel(false);
        let [(to_ann, ann_answered), (to_ben, ben_answered)] = [watch::channel(0), watch::channel(0)];
        let [ann_sees, ben_sees] = shown;
        let honest = [
            tokio::spawn(play_honestly(ann, Seat::Host, ann_sees, finished.clone(), to_ann)),
            tokio::spawn(play_honestly(ben, Seat::Guest, ben_sees, finished, to_ben)),
        ];
        let clock = Mutex::new(Clock { nonce: 1, answered: [ann_answered, ben_answered] });
        let arena = Self { addr, stop, server, honest_room, honest, finish, clock };
        arena.pass().await;
        arena
    }

    /// Lets a second pass, in which the honest players hear a ping, answer it and make a move.
    pub(crate) async fn pass(&self) {
        let mut clock = self.clock.lock().await;
        let Clock { nonce, answered } = &mut *clock;
        *nonce += 1;
        // A little more than a second, for tokio's timers count in whole milliseconds.
        advance(PING_EVERY + Duration::from_millis(2)).await;
        for answered in answered {
            answered.wait_for(|answered| answered >= nonce).await.unwrap();
        }
    }

    /// Lets time pass until something has come about.
    pub(crate) async fn pass_until<T>(&self, what: impl Future<Output = T>) -> T {
        /// Seconds: longer than any timeout of the server.
        const PATIENCE: usize = 60;

        let mut what = pin!(what);
        for _ in 0..PATIENCE {
            tokio::select! {
                biased;
                done = &mut what => return done,
                () = self.pass() => {}
            }
        }
        panic!("it does not come about")
    }

    /// Lets the honest match end, then the server.
    async fn close(self) -> Summary {
        self.finish.send(true).unwrap();
        for mut answered in self.clock.into_inner().answered {
            answered.wait_for(|&answered| answered == MATCH_ENDED).await.unwrap();
        }
        self.stop.send(()).unwrap();
        for player in self.honest {
            player.await.unwrap();
        }
        self.server.await.unwrap()
    }
}

/// Plays a long match as a client should, a move with each ping, and notices nothing else: no reject, nobody
/// silent or away, no move that was not made. Told to finish, the host resigns; then the server stops.
async fn play_honestly(
    mut peer: Peer,
    seat: Seat,
    mut shown: Snapshot,
    mut finish: watch::Receiver<bool>,
    answered: watch::Sender<u32>,
) {
    loop {
        let message = tokio::select! {
            message = peer.hear() => message,
            finished = finish.changed() => {
                finished.unwrap();
                if seat == Seat::Host {
                    peer.command(Command::Resign { match_number: 1 }).await;
                }
                continue;
            }
        };
        match message.expect("the server does not hang up without a word") {
            ServerMessage::Ping { nonce, .. } => {
                peer.say(&ClientMessage::Pong { nonce }).await;
                if shown.to_move() == Some(seat) {
                    let position = shown.record.position();
                    let cell = position.legal_moves().next().unwrap();
                    peer.command(Command::Play { match_number: 1, branch: 0, ply: position.ply(), cell })
                        .await;
                }
                answered.send_modify(|answered| *answered = nonce.max(*answered));
            }
            ServerMessage::Event(Event::Snapshot(now)) => {
                for seat in Seat::BOTH {
                    let occupant = now.seats[seat].occupant().expect("both sit");
                    assert_eq!(occupant.presence, Presence::Present, "{}", occupant.name);
                }
                assert!(now.record.moves().starts_with(shown.record.moves()), "a move was unmade");
                if let Phase::Over(ending) = now.phase {
                    assert_eq!(ending, Ending::Resigned(Seat::Host));
                    assert!(!now.record.moves().is_empty(), "nothing was played");
                    answered.send_replace(MATCH_ENDED);
                }
                shown = *now;
            }
            ServerMessage::Close(reason) => {
                assert_eq!(reason, CloseReason::ShuttingDown);
                assert!(matches!(shown.phase, Phase::Over(_)), "the match did not come to its end");
                return;
            }
            // A move that crossed the host's resignation.
            ServerMessage::Event(Event::Rejected { reject: Reject::NoMatch, .. }) if *finish.borrow() => {}
            other @ (ServerMessage::Welcome(_) | ServerMessage::Event(_) | ServerMessage::Answer(_)) => {
                panic!("an honest player hears {other:?}")
            }
        }
    }
}

/// A connection whose bytes the test chooses.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    inbound: BytesMut,
}

impl Peer {
    pub(crate) async fn connect(addr: SocketAddr) -> Self {
        Self::over(TcpStream::connect(addr).await.unwrap())
    }

    pub(crate) fn over(stream: TcpStream) -> Self {
        Self { stream, inbound: BytesMut::new() }
    }

    /// Connects and exchanges prefaces.
    pub(crate) async fn greet(addr: SocketAddr) -> Self {
        let mut peer = Self::connect(addr).await;
        peer.exchange_prefaces().await;
        peer
    }

    /// Connects and opens a session.
    pub(crate) async fn enter(addr: SocketAddr, name: &str) -> (Self, Welcome) {
        let mut peer = Self::greet(addr).await;
        let welcome = peer.introduce(name, None).await;
        (peer, welcome)
    }

    pub(crate) async fn exchange_prefaces(&mut self) {
        self.raw(&Preface(PROTOCOL).encode()).await;
        let mut answer = [0; PREFACE_BYTES];
        self.stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, Preface(PROTOCOL).encode());
    }

    /// Says hello and hears the welcome, which a ping may overtake.
    pub(crate) async fn introduce(&mut self, name: &str, resume: Option<Token>) -> Welcome {
        self.say(&hello(name, resume)).await;
        loop {
            match self.hear().await {
                Some(ServerMessage::Welcome(welcome)) => return welcome,
                Some(ServerMessage::Ping { .. }) => {}
                other => panic!("{name} is not welcomed but hears {other:?}"),
            }
        }
    }

    /// Hears the welcome, or the reason why there is none.
    #[cfg(unix)]
    pub(crate) async fn welcome(&mut self) -> Result<Welcome, CloseReason> {
        loop {
            match self.hear().await {
                Some(ServerMessage::Welcome(welcome)) => return Ok(welcome),
                Some(ServerMessage::Close(reason)) => return Err(reason),
                Some(ServerMessage::Ping { .. }) => {}
                other => panic!("neither a welcome nor a reason but {other:?}"),
            }
        }
    }

    pub(crate) async fn raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    pub(crate) async fn say(&mut self, message: &ClientMessage) {
        self.raw(&framed(&codec::encode(message))).await;
    }

    pub(crate) async fn command(&mut self, command: Command) {
        self.say(&ClientMessage::Command(command)).await;
    }

    /// Hears a message, `None` at the end of the stream.
    pub(crate) async fn hear(&mut self) -> Option<ServerMessage> {
        loop {
            if let Some(payload) = frame::decode(&mut self.inbound).unwrap() {
                return Some(codec::decode(&payload).unwrap());
            }
            if self.stream.read_buf(&mut self.inbound).await.unwrap() == 0 {
                assert!(self.inbound.is_empty(), "the server stopped inside a frame");
                return None;
            }
        }
    }

    /// Hears the next event, past pings.
    pub(crate) async fn event(&mut self) -> Event {
        loop {
            match self.hear().await {
                Some(ServerMessage::Event(event)) => return event,
                Some(ServerMessage::Ping { .. }) => {}
                other => panic!("no event but {other:?}"),
            }
        }
    }

    /// Hears that it has a seat, and in which room.
    pub(crate) async fn seat(&mut self) -> RoomCode {
        match self.event().await {
            Event::Seated { code, .. } => code,
            other => panic!("not seated but {other:?}"),
        }
    }

    /// Hears what a room is like.
    pub(crate) async fn snapshot(&mut self) -> Snapshot {
        match self.event().await {
            Event::Snapshot(snapshot) => *snapshot,
            other => panic!("no snapshot but {other:?}"),
        }
    }

    /// Hears what a room is like, past what is said in it.
    pub(crate) async fn snapshot_past_chat(&mut self) -> Snapshot {
        loop {
            match self.event().await {
                Event::Snapshot(snapshot) => return *snapshot,
                Event::Said { .. } => {}
                other => panic!("no snapshot but {other:?}"),
            }
        }
    }

    /// Hears the answer to a command that changes nothing.
    pub(crate) async fn reject(&mut self) -> Reject {
        match self.event().await {
            Event::Rejected { reject, .. } => reject,
            other => panic!("not rejected but {other:?}"),
        }
    }

    /// Hears why the server ends the link, past all else, and that nothing comes behind it.
    pub(crate) async fn close_reason(&mut self) -> CloseReason {
        loop {
            match self.hear().await.expect("a word before the end") {
                ServerMessage::Close(reason) => {
                    let behind = self.hear().await;
                    assert!(behind.is_none(), "behind the last word comes {behind:?}");
                    return reason;
                }
                ServerMessage::Welcome(_)
                | ServerMessage::Event(_)
                | ServerMessage::Ping { .. }
                | ServerMessage::Answer(_) => {}
            }
        }
    }

    /// Everything that a stranger is sent, to the end.
    pub(crate) async fn everything(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.stream.read_to_end(&mut bytes).await.unwrap();
        bytes
    }
}

pub(crate) fn hello(name: &str, resume: Option<Token>) -> ClientMessage {
    ClientMessage::Hello(Hello { name: name.parse().unwrap(), resume })
}

/// Opens a public room with these rules and nothing else.
pub(crate) fn create(rules: &str) -> Command {
    let terms = Terms { rules: rules.parse().unwrap(), ..Terms::default() };
    Command::Create { terms, access: Access::Public }
}

/// Joins a room that is not locked.
pub(crate) const fn join(code: RoomCode) -> Command {
    Command::Join { code, passcode: None }
}

pub(crate) fn framed(payload: &[u8]) -> Vec<u8> {
    frame::encode(payload).to_vec()
}
