//! Watchers that do not keep up: they miss old snapshots, and nobody else notices.

use std::net::SocketAddr;

use game_core::{Cell, Rules};
use net::{
    connect::{Candidate, dial_link},
    link::{Link, Transport},
    proto::{Command, Event, Reject, RoomCode, Setting, Snapshot, Unseating},
    tcp,
};
use server::shell::{Config, Ended};
use tokio::net::TcpSocket;

use crate::{
    arena::{create, join},
    table::{Player, Server, config},
};

/// A board that nobody wins on within the moves of these tests.
const RULES: &str = "19x19:19";

/// A link of which the system keeps little that its owner has not read.
async fn narrow_link(addr: SocketAddr, transport: Transport) -> Link {
    match transport {
        Transport::Udp => dial_link(Candidate { addr, transport }).await.unwrap(),
        Transport::Tcp => {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_recv_buffer_size(4096).unwrap();
            tcp::open(socket.connect(addr).await.unwrap()).await.unwrap().into()
        }
    }
}

/// Two players in a match, and somebody who watches it over this transport and has seen its beginning.
async fn watched(addr: SocketAddr, transport: Transport) -> ([Player; 2], Player, RoomCode) {
    let mut ann = Player::enter(addr, Transport::Tcp, "ann", None).await;
    ann.ask(create(RULES));
    let code = ann.seat().await;
    let mut ben = Player::enter(addr, Transport::Tcp, "ben", None).await;
    ben.ask(join(code));
    for player in [&mut ann, &mut ben] {
        player.sees(0).await;
    }
    let mut cyd = Player::over(narrow_link(addr, transport).await, "cyd", None).await;
    watch(&mut cyd, code).await;
    assert_eq!(snapshot(&mut cyd).await.record.position().ply(), 0);
    ([ann, ben], cyd, code)
}

async fn watch(watcher: &mut Player, code: RoomCode) {
    watcher.ask(Command::Watch { code, passcode: None });
    assert_eq!(watcher.event().await, Event::Watching { code });
}

async fn snapshot(watcher: &mut Player) -> Snapshot {
    match watcher.event().await {
        Event::Snapshot(snapshot) => *snapshot,
        other => panic!("no snapshot but {other:?}"),
    }
}

/// Plays the moves from `from` to before `to` on the cells of the board in order; both players see each of them.
async fn play(players: &mut [Player; 2], from: u16, to: u16) {
    let cells: Vec<Cell> = RULES.parse::<Rules>().unwrap().all_cells().collect();
    for ply in from..to {
        let play = Command::Play { match_number: 1, branch: 0, ply, cell: cells[usize::from(ply)] };
        players[usize::from(ply % 2)].ask(play);
        for player in &mut *players {
            player.sees(ply + 1).await;
        }
    }
}

/// Settings that let a test play as fast as it can.
fn hasty() -> Config {
    Config { messages_per_second: 100_000, message_burst: 100_000, ..config() }
}

/// Checks a watcher that reads nothing while so many moves are played, and then everything: it sees fewer snapshots than
/// `most`, each newer than the one before, and the newest last.
async fn check_slow_watcher(transport: Transport, moves: u16, most: usize) {
    let server = Server::start(hasty());
    let (mut players, mut cyd, _) = watched(server.addr, transport).await;
    play(&mut players, 0, moves).await;
    let mut seen = Vec::new();
    while seen.last() != Some(&moves) {
        seen.push(snapshot(&mut cyd).await.record.position().ply());
    }
    assert!(seen.is_sorted_by(|one, next| one < next), "{seen:?}");
    assert!(seen.len() < most, "{} snapshots: {seen:?}", seen.len());
    // It is there as before, and so are the players.
    play(&mut players, moves, moves + 1).await;
    assert_eq!(snapshot(&mut cyd).await.record.position().ply(), moves + 1);
    let summary = server.stop().await;
    assert_eq!(summary.tally.count(Ended::ByServer(net::proto::CloseReason::ShuttingDown)), 3, "{summary}");
}

#[tokio::test]
async fn a_watcher_who_does_not_read_over_tcp_sees_the_newest_and_disturbs_nobody() {
    check_slow_watcher(Transport::Tcp, 300, 150).await;
}

#[tokio::test]
async fn a_watcher_who_does_not_read_over_udp_sees_the_newest_and_disturbs_nobody() {
    check_slow_watcher(Transport::Udp, 100, 15).await;
}

/// A snapshot that waits for a watcher is not sent after the watching has ended.
#[tokio::test]
async fn after_the_end_of_the_watching_no_snapshot_comes() {
    for transport in [Transport::Tcp, Transport::Udp] {
        let server = Server::start(hasty());
        let (mut players, mut cyd, code) = watched(server.addr, transport).await;
        play(&mut players, 0, 200).await;
        players[0].ask(Command::Set { setting: Setting::Watchable(false) });
        while players[0].sees(200).await.is_watchable {}
        let mut last = 0;
        loop {
            match cyd.event().await {
                Event::Snapshot(snapshot) => last = snapshot.record.position().ply(),
                Event::Unseated(why) => {
                    assert_eq!(why, Unseating::NotWatchable);
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(last < 200, "{transport}: the newest came, and nothing was kept back");
        cyd.ask(Command::Watch { code, passcode: None });
        let Event::Rejected { reject, .. } = cyd.event().await else {
            panic!("something came behind the end")
        };
        assert_eq!(reject, Reject::NotWatchable);

        players[0].ask(Command::Set { setting: Setting::Watchable(true) });
        while !players[0].sees(200).await.is_watchable {}
        watch(&mut cyd, code).await;
        assert_eq!(snapshot(&mut cyd).await.record.position().ply(), 200);
        server.stop().await;
    }
}
