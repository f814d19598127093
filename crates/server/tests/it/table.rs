//! A table: a server on a port of its own and players who speak to it over any link, in real time.

use std::{net::SocketAddr, time::Duration};

use game_core::Cell;
use net::{
    bind::{Bound, bind},
    connect::{Candidate, dial_link},
    link::{Link, Transport},
    proto::{
        ClientMessage, CloseReason, Command, Event, Hello, Phase, RoomCode, ServerMessage, Snapshot, Token,
        codec,
    },
};
use server::shell::{self, Config, Sockets, Summary};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

use crate::arena::{create, join};

/// A test that waits longer has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Summary>,
}

impl Server {
    pub(crate) fn start(config: Config) -> Self {
        let Bound { tcp, udp, local: addr, .. } = bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
        let (stop, stopped) = oneshot::channel();
        let sockets = Sockets { tcp: vec![tcp], udp: vec![udp], ..Sockets::default() };
        let running = tokio::spawn(shell::run(sockets, config, None, async { stopped.await.unwrap() }));
        Self { addr, stop, running }
    }

    pub(crate) async fn stop(self) -> Summary {
        self.stop.send(()).unwrap();
        timeout(PATIENCE, self.running).await.expect("the server ends").unwrap()
    }
}

/// A player who speaks over any link and answers pings.
pub(crate) struct Player {
    pub(crate) link: Link,
    pub(crate) token: Token,
}

impl Player {
    pub(crate) async fn enter(
        addr: SocketAddr,
        transport: Transport,
        name: &str,
        resume: Option<Token>,
    ) -> Self {
        let link = dial_link(Candidate { addr, transport }).await.unwrap();
        assert_eq!(link.transport(), transport);
        Self::over(link, name, resume).await
    }

    pub(crate) async fn over(mut link: Link, name: &str, resume: Option<Token>) -> Self {
        let hello = ClientMessage::Hello(Hello { name: name.parse().unwrap(), resume });
        link.send(&codec::encode(&hello)).unwrap();
        loop {
            match hear(&mut link).await.expect("a welcome") {
                ServerMessage::Welcome(welcome) => return Self { link, token: welcome.token },
                ServerMessage::Ping { .. } => {}
                other => panic!("{name} is not welcomed but hears {other:?}"),
            }
        }
    }

    pub(crate) fn ask(&mut self, command: Command) {
        self.link.send(&codec::encode(&ClientMessage::Command(command))).unwrap();
    }

    /// Hears the next snapshot of a match that has come to `ply`, past all else.
    pub(crate) async fn sees(&mut self, ply: u16) -> Snapshot {
        loop {
            if let Event::Snapshot(snapshot) = self.event().await
                && snapshot.record.position().ply() == ply
                && snapshot.phase != Phase::Waiting
            {
                return *snapshot;
            }
        }
    }

    pub(crate) async fn seat(&mut self) -> RoomCode {
        loop {
            if let Event::Seated { code, .. } = self.event().await {
                return code;
            }
        }
    }

    pub(crate) async fn event(&mut self) -> Event {
        loop {
            match hear(&mut self.link).await.expect("the server goes on") {
                ServerMessage::Event(event) => return event,
                ServerMessage::Ping { nonce, .. } => {
                    self.link.send(&codec::encode(&ClientMessage::Pong { nonce })).unwrap();
                }
                other => panic!("no event but {other:?}"),
            }
        }
    }

    pub(crate) async fn close_reason(&mut self) -> CloseReason {
        close_reason(&mut self.link).await
    }
}

pub(crate) async fn hear(link: &mut Link) -> Option<ServerMessage> {
    let received = timeout(PATIENCE, link.recv()).await.expect("not in time").expect("the link holds");
    received.map(|payload| codec::decode(&payload).unwrap())
}

pub(crate) async fn close_reason(link: &mut Link) -> CloseReason {
    loop {
        if let ServerMessage::Close(reason) = hear(link).await.expect("a word before the end") {
            assert!(hear(link).await.is_none(), "nothing comes behind the last word");
            return reason;
        }
    }
}

pub(crate) fn config() -> Config {
    Config::new("den".parse().unwrap())
}

/// Nine moves without a winner, as digits of a numeric keypad.
const DRAW: [u8; 9] = [1, 3, 2, 4, 6, 5, 7, 8, 9];

/// Plays the moves from `from` to before `to` of [`DRAW`]; both see each of them once.
pub(crate) async fn play(players: &mut [Player; 2], from: u16, to: u16) {
    for ply in from..to {
        let cell = Cell::from_numpad(DRAW[usize::from(ply)]).unwrap();
        players[usize::from(ply % 2)].ask(Command::Play { match_number: 1, branch: 0, ply, cell });
        // Both at once: who waits sends again what was lost, and only who waits.
        let [ann, ben] = &mut *players;
        let (ann_sees, ben_sees) = tokio::join!(ann.sees(ply + 1), ben.sees(ply + 1));
        for snapshot in [ann_sees, ben_sees] {
            assert_eq!(snapshot.record.last(), Some(cell));
        }
    }
}

/// A match of 3x3 that has begun.
pub(crate) async fn seated(addr: SocketAddr, transports: [Transport; 2]) -> [Player; 2] {
    let mut ann = Player::enter(addr, transports[0], "ann", None).await;
    ann.ask(create("3x3"));
    let code = ann.seat().await;
    let mut ben = Player::enter(addr, transports[1], "ben", None).await;
    ben.ask(join(code));
    let mut players = [ann, ben];
    for player in &mut players {
        player.sees(0).await;
    }
    players
}
