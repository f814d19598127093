//! Floods from many addresses, while honest players come, play and return; the time until they are served is printed.
//!
//! The addresses are those of 127.0.0.0/8, of which Linux lets a program use any. `cargo xtask lan` does the same between
//! machines.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use net::{
    arq::{Cid, Dialer},
    link::Transport,
    proto::{ClientMessage, CloseReason, PROTOCOL, Preface, SECRET_BYTES, SessionId, Token, codec},
    tcp,
};
use server::shell::{Config, Ended};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream, UdpSocket},
    task::JoinHandle,
};

use crate::arena::{create, framed, hello};
use crate::table::{Player, Server, config, play, seated};

/// Hostile addresses, each of which holds as many connections as it can.
const SOURCES: u8 = 12;

/// The time within which an honest player is served. It takes milliseconds; the rest is for a busy machine.
const SERVED: Duration = Duration::from_secs(3);

/// The state in which a hostile connection is left.
#[derive(Debug, Clone)]
enum Kind {
    /// Over TCP, after these bytes.
    Sends(Vec<u8>),
    /// Over UDP, after the handshake.
    ShakesHands,
}

/// A flood that goes on until it is dropped.
struct Flood {
    task: JoinHandle<()>,
    /// Connections so far.
    count: Arc<AtomicU32>,
}

impl Flood {
    /// Starts a flood, and waits until it has opened several times as many connections as a server may have.
    async fn start(addr: SocketAddr, kind: Kind, at_least: u32) -> Self {
        let count = Arc::new(AtomicU32::new(0));
        let flood = Self { task: tokio::spawn(flood(addr, kind, Arc::clone(&count))), count };
        while flood.count.load(Ordering::Relaxed) < at_least {
            tokio::task::yield_now().await;
        }
        flood
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn flood(addr: SocketAddr, kind: Kind, count: Arc<AtomicU32>) {
    let (mut streams, mut sockets) = (Vec::new(), Vec::new());
    for index in 0_u32.. {
        let source = Ipv4Addr::new(127, 0, 9, 1 + u8::try_from(index % u32::from(SOURCES)).unwrap());
        match &kind {
            Kind::Sends(bytes) => streams.push(connect(source, addr, bytes).await),
            Kind::ShakesHands => sockets.push(shake_hands(source, addr, index).await),
        }
        // What the server has closed is let go, so that this process does not run out of open files.
        if streams.len() > HELD {
            streams.drain(..HELD / 2);
        }
        if sockets.len() > HELD {
            sockets.drain(..HELD / 2);
        }
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// Opens a connection from an address.
async fn stream_from(source: Ipv4Addr, addr: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((source, 0).into()).unwrap();
    socket.connect(addr).await.unwrap()
}

async fn connect(source: Ipv4Addr, addr: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = stream_from(source, addr).await;
    // The server may have closed it already.
    let _closed = stream.write_all(bytes).await;
    stream
}

/// Opens a session of the ARQ, which nobody drives.
async fn shake_hands(source: Ipv4Addr, addr: SocketAddr, cid: u32) -> UdpSocket {
    let socket = UdpSocket::bind((source, 0)).await.unwrap();
    socket.connect(addr).await.unwrap();
    let now = Instant::now();
    let mut dialer =
        Dialer::new(now, now + SERVED, net::arq::Config::client(), Cid(0xf100_0000 + u64::from(cid)));
    let mut datagram = bytes::BytesMut::new();
    let mut answer = [0; 1500];
    loop {
        while dialer.poll_transmit(Instant::now(), &mut datagram) {
            socket.send(&datagram).await.ok();
        }
        let deadline = tokio::time::Instant::from_std(dialer.poll_timeout());
        if let Ok(Ok(length)) = tokio::time::timeout_at(deadline, socket.recv(&mut answer)).await
            && dialer.handle_datagram(Instant::now(), &answer[..length]).is_some()
        {
            return socket;
        }
        if dialer.handle_timeout(Instant::now()).is_some() {
            return socket;
        }
    }
}

/// Connections that this process holds at most.
const HELD: usize = 2_000;

/// Floods a server, while players come, play and return over both transports.
async fn check(name: &str, kind: Kind) {
    let config = Config { unproven_links: 200, ..config() };
    let server = Server::start(config);
    let mut players = seated(server.addr, [Transport::Tcp, Transport::Udp]).await;
    play(&mut players, 0, 2).await;
    let flood = Flood::start(server.addr, kind, 1_000).await;
    let mut longest = [Duration::ZERO; 3];
    for round in 0..4 {
        let transport = if round % 2 == 0 { Transport::Tcp } else { Transport::Udp };
        let ply = u16::try_from(round).unwrap() + 2;
        for _ in 0..5 {
            let begun = Instant::now();
            drop(Player::enter(server.addr, transport, "newcomer", None).await);
            longest[0] = longest[0].max(begun.elapsed());
            let begun = Instant::now();
            let token = players[round % 2].token;
            players[round % 2] = Player::enter(server.addr, transport, "ann", Some(token)).await;
            players[round % 2].sees(ply).await;
            longest[1] = longest[1].max(begun.elapsed());
            let begun = Instant::now();
            let stream = stream_from(Ipv4Addr::new(127, 0, 9, 1), server.addr).await;
            drop(Player::over(tcp::open(stream).await.unwrap().into(), "neighbour", None).await);
            longest[2] = longest[2].max(begun.elapsed());
        }
        play(&mut players, ply, ply + 1).await;
    }
    let count = flood.count.load(Ordering::Relaxed);
    drop(flood);
    let [came, returned, neighbour] = longest;
    eprintln!(
        "{name}: {count} connections; longest waits: a newcomer {came:.1?}, a returner {returned:.1?}, \
         a newcomer from a hostile address {neighbour:.1?}"
    );
    assert!(longest.iter().all(|wait| *wait < SERVED));
    let summary = server.stop().await;
    assert!(summary.tally.count(Ended::GaveWay) > 500, "{summary}");
}

/// Bytes that begin as a client of ours does, and go on with these messages.
fn ours(messages: &[ClientMessage]) -> Vec<u8> {
    let mut bytes = Preface(PROTOCOL).encode().to_vec();
    for message in messages {
        bytes.extend(framed(&codec::encode(message)));
    }
    bytes
}

#[tokio::test]
async fn connections_that_say_little_keep_nobody_out() {
    for (name, bytes) in [
        ("nothing", Vec::new()),
        ("one byte of a line", b"x".to_vec()),
        ("one byte of a preface", vec![0x8f]),
        ("half a line", b"list, plea".to_vec()),
        ("half a request", b"GET / HTTP/1.1\r\n".to_vec()),
        ("an idle browser", b"GET /style.css HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec()),
        ("a preface", ours(&[])),
        ("a preface and half a frame", [ours(&[]), vec![0, 9, 1]].concat()),
    ] {
        check(name, Kind::Sends(bytes)).await;
    }
}

#[tokio::test]
async fn connections_that_have_no_session_any_more_keep_nobody_out() {
    let forged = Token { session: SessionId(1), secret: [0; SECRET_BYTES] };
    let goodbye = ClientMessage::Close(CloseReason::Goodbye);
    check("a forged token", Kind::Sends(ours(&[hello("eve", Some(forged))]))).await;
    check("hello and goodbye", Kind::Sends(ours(&[hello("eve", None), goodbye]))).await;
}

#[tokio::test]
async fn handshakes_over_udp_without_a_hello_keep_nobody_out() {
    check("a handshake over UDP", Kind::ShakesHands).await;
}

/// Floods a server with sessions that do something, from many addresses, while players come, host, play and return.
async fn check_sessions(name: &str, messages: &[ClientMessage]) {
    let mut config = config();
    (config.limits.sessions, config.limits.rooms) = (120, 60);
    let server = Server::start(config);
    let mut players = seated(server.addr, [Transport::Tcp, Transport::Udp]).await;
    play(&mut players, 0, 2).await;
    let flood = Flood::start(server.addr, Kind::Sends(ours(messages)), 400).await;
    let mut longest = [Duration::ZERO; 2];
    for round in 0_u8..10 {
        let begun = Instant::now();
        let source = Ipv4Addr::new(127, 0, 8, 1 + round);
        let link = tcp::open(stream_from(source, server.addr).await).await.unwrap();
        let mut newcomer = Player::over(link.into(), "newcomer", None).await;
        newcomer.ask(create("3x3"));
        newcomer.seat().await;
        longest[0] = longest[0].max(begun.elapsed());
        let begun = Instant::now();
        let token = players[0].token;
        players[0] = Player::enter(server.addr, Transport::Tcp, "ann", Some(token)).await;
        players[0].sees(2).await;
        longest[1] = longest[1].max(begun.elapsed());
    }
    play(&mut players, 2, 4).await;
    let count = flood.count.load(Ordering::Relaxed);
    drop(flood);
    let [came, returned] = longest;
    eprintln!(
        "{name}: {count} sessions; longest waits: a newcomer who hosts {came:.1?}, a returner {returned:.1?}"
    );
    assert!(longest.iter().all(|wait| *wait < SERVED));
    server.stop().await;
}

#[tokio::test]
async fn sessions_that_do_nothing_or_open_rooms_keep_nobody_out() {
    check_sessions("a session", &[hello("eve", None)]).await;
    let create = ClientMessage::Command(create("3x3"));
    check_sessions("a session with a room", &[hello("eve", None), create]).await;
    let quick = ClientMessage::Command(net::proto::Command::QuickMatch { terms: None });
    check_sessions("a session in a quick match", &[hello("eve", None), quick]).await;
}
