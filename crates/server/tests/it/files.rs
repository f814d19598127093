//! The server with fewer open files than its links need.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use net::proto::{CloseReason, SECRET_BYTES, SessionId, Token};
use tokio::net::TcpStream;

use crate::{
    arena::{Peer, create, framed, hello, join},
    program::Program,
};

/// Open files of the server.
const FILES: usize = 30;

/// Files beside the standard ones that a shell can open and close by their number.
const NUMBERS: [&str; 7] = ["3", "4", "5", "6", "7", "8", "9"];

/// Starts a server whose files are limited, with some that it inherits and knows nothing of, up to 7. Those that the tests
/// themselves were given are closed first.
fn start(inherited: usize) -> Program {
    let (opened, closed) = NUMBERS.split_at(inherited);
    let opened = opened.iter().flat_map(|number| ["exec ", number, "</dev/null;"]);
    let closed = closed.iter().flat_map(|number| ["exec ", number, "<&-;"]);
    let inherited: String = opened.chain(closed).collect();
    let flags = "--listen 127.0.0.1:0 --no-discovery --no-store --percent-per-address 100";
    let script = format!("ulimit -n {FILES}; {inherited} exec \"$0\" {flags}");
    let mut shell = Command::new("sh");
    Program::spawn(shell.args(["-c", &script, env!("CARGO_BIN_EXE_oxo-server")]).stderr(Stdio::piped()))
}

/// Ends a server, and returns the lines of its log that contain some words.
fn end(mut program: Program, words: &str) -> Vec<String> {
    let log = BufReader::new(program.child.stderr.take().unwrap());
    drop(program);
    log.lines().map(Result::unwrap).filter(|line| line.contains(words)).collect()
}

/// Fills a server with sessions and then with connections that say nothing, while a player returns again and again. Returns
/// the number of sessions.
async fn fill(program: &Program) -> usize {
    let (mut host, mut welcome) = Peer::enter(program.addr, "host").await;
    host.command(create("3x3")).await;
    let code = host.seat().await;
    let (mut guest, _) = Peer::enter(program.addr, "guest").await;
    guest.command(join(code)).await;
    guest.seat().await;

    // Sessions until it takes no more.
    let mut crowd = Vec::new();
    let refused = loop {
        let mut peer = Peer::greet(program.addr).await;
        peer.say(&hello("crowd", None)).await;
        match peer.welcome().await {
            Ok(_welcome) => crowd.push(peer),
            Err(reason) => break reason,
        }
        assert!(crowd.len() < FILES);
    };
    assert!(matches!(refused, CloseReason::ServerFull | CloseReason::AddressFull), "{refused}");
    // Beside them, connections that say nothing.
    let mut idle = Vec::new();
    for _ in 0..3 * FILES {
        idle.push(TcpStream::connect(program.addr).await.unwrap());
    }
    // The host's link is lost, and the host returns, again and again.
    drop(host);
    for _ in 0..20 {
        idle.push(TcpStream::connect(program.addr).await.unwrap());
        let mut back = Peer::greet(program.addr).await;
        let again = back.introduce("host", Some(welcome.token)).await;
        assert_eq!(again.session(), welcome.session());
        welcome = again;
        assert_eq!(back.seat().await, code);
    }
    // A token that nobody was given opens nothing.
    let mut forger = Peer::greet(program.addr).await;
    let forged = Token { session: SessionId(1), secret: [0; SECRET_BYTES] };
    forger.raw(&framed(&net::proto::codec::encode(&hello("forger", Some(forged))))).await;
    assert_eq!(forger.close_reason().await, CloseReason::UnknownSession);
    2 + crowd.len()
}

#[tokio::test]
async fn a_server_with_few_files_lowers_its_links_and_says_so() {
    let program = start(0);
    assert_eq!(fill(&program).await, 12);
    let lines = end(program, "fewer open files");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("sessions=12") && lines[0].contains("handshakes=3"), "{lines:?}");
}

/// The links that the server has counted on are more than there are files, so that the spare ones are used.
#[tokio::test]
async fn a_player_returns_by_the_spare_files_when_there_are_no_others() {
    let program = start(7);
    assert!(fill(&program).await < 12);
    let lines = end(program, "cannot accept a connection");
    assert!((1..=70).contains(&lines.len()), "{lines:?}");
}
