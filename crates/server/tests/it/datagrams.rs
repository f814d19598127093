//! The shell over UDP: matches, hostile datagrams beside them, returns over the other transport, the orderly end.

use std::{net::SocketAddr, time::Duration};

use bytes::BytesMut;
use game_core::SplitMix64;
use net::{
    arq::{self, Cid, Packet},
    connect::{Candidate, dial_link},
    link::Transport,
    proto::{ClientMessage, CloseReason, Hello, PROTOCOL, Seat, ServerMessage, SessionId, codec},
};
use server::shell::{Config, Ended};
use tokio::{net::UdpSocket, time::timeout};

use crate::table::{Player, Server, close_reason, config, play, seated};

#[tokio::test]
async fn a_match_is_played_over_udp_and_between_both_transports() {
    for transports in [[Transport::Udp, Transport::Udp], [Transport::Udp, Transport::Tcp]] {
        let server = Server::start(config());
        let mut players = seated(server.addr, transports).await;
        play(&mut players, 0, 9).await;
        let summary = server.stop().await;
        for player in &mut players {
            assert_eq!(player.close_reason().await, CloseReason::ShuttingDown);
        }
        assert_eq!(summary.tally.count(Ended::ByServer(CloseReason::ShuttingDown)), 2);
    }
}

#[tokio::test]
async fn a_session_returns_over_the_other_transport_in_the_middle_of_a_match() {
    for (first, second) in [(Transport::Udp, Transport::Tcp), (Transport::Tcp, Transport::Udp)] {
        let server = Server::start(config());
        let mut players = seated(server.addr, [first, Transport::Udp]).await;
        play(&mut players, 0, 4).await;
        let token = players[0].token;
        let back = Player::enter(server.addr, second, "ann", Some(token)).await;
        let mut replaced = std::mem::replace(&mut players[0], back);
        assert_eq!(replaced.close_reason().await, CloseReason::Replaced);
        let shown = players[0].sees(4).await;
        assert_eq!(shown.to_move(), Some(Seat::Host));
        play(&mut players, 4, 9).await;
        server.stop().await;
    }
}

/// Random bytes, or a packet that is sound and belongs to nobody.
fn hostile_datagram(rng: &mut SplitMix64, round: u32) -> BytesMut {
    let mut datagram = BytesMut::new();
    let cid = Cid(rng.next_u64());
    match round % 5 {
        0 => {
            let length = rng.below(1400);
            datagram.extend((0..length).map(|_| rng.next_u64().to_le_bytes()[0]));
        }
        1 => Packet::Hello(arq::Hello { protocols: PROTOCOL, client_cid: cid, cookie: None })
            .encode(&mut datagram),
        2 => {
            let cookie = Some(std::array::from_fn(|_| rng.next_u64().to_le_bytes()[0]));
            Packet::Hello(arq::Hello { protocols: PROTOCOL, client_cid: cid, cookie }).encode(&mut datagram);
        }
        3 => Packet::Close { cid, code: arq::CloseCode::Done }.encode(&mut datagram),
        _ => Packet::Reset { cid }.encode(&mut datagram),
    }
    datagram
}

/// Everything that a stranger may say to the port while two people play: none of it is answered with more than came, and
/// nothing of it reaches the match.
#[tokio::test]
async fn a_match_goes_on_under_hostile_datagrams() {
    let server = Server::start(config());
    let mut players = seated(server.addr, [Transport::Udp, Transport::Udp]).await;
    let attacker = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    attacker.connect(server.addr).await.unwrap();
    let mut rng = SplitMix64::new(7);
    let (mut sent, mut answered) = (0, 0);
    for ply in 0..9 {
        for round in 0..200 {
            let datagram = hostile_datagram(&mut rng, round);
            attacker.send(&datagram).await.unwrap();
            sent += datagram.len();
        }
        play(&mut players, ply, ply + 1).await;
        let mut answer = [0; 1500];
        while let Ok(length) = attacker.try_recv(&mut answer) {
            answered += length;
        }
    }
    assert!(0 < answered && answered < sent / 10, "{answered} bytes for {sent}");
    let summary = server.stop().await;
    assert_eq!(summary.tally.total(), 2, "nobody but the two was let in: {summary}");
}

/// Opens a session and says one thing; returns why the server ends it.
async fn say_once(addr: SocketAddr, payloads: &[Vec<u8>]) -> CloseReason {
    let mut link = dial_link(Candidate { addr, transport: Transport::Udp }).await.unwrap();
    for payload in payloads {
        while link.send(payload).is_err() {
            // Its queue is full: the acknowledgements have to be heard first.
            if let Ok(Ok(Some(payload))) = timeout(Duration::from_millis(5), link.recv()).await
                && let ServerMessage::Close(reason) = codec::decode(&payload).unwrap()
            {
                return reason;
            }
        }
    }
    close_reason(&mut link).await
}

#[tokio::test]
async fn bad_messages_over_udp_are_closed_with_their_reason() {
    let server = Server::start(config());
    let hello =
        codec::encode(&ClientMessage::Hello(Hello { name: "eve".parse().unwrap(), resume: None })).to_vec();
    let pong = codec::encode(&ClientMessage::Pong { nonce: 7 }).to_vec();
    let cases = [
        (vec![vec![0xff; 40]], CloseReason::Malformed),
        (vec![pong.clone()], CloseReason::OutOfTurn),
        (vec![hello.clone(), hello.clone()], CloseReason::OutOfTurn),
        (std::iter::once(hello).chain(vec![pong; 300]).collect(), CloseReason::Flood),
    ];
    for (payloads, expected) in &cases {
        assert_eq!(say_once(server.addr, payloads).await, *expected);
    }
    let summary = server.stop().await;
    for (_, reason) in &cases {
        assert!(summary.tally.count(Ended::ByServer(*reason)) > 0, "{summary}");
    }
}

#[tokio::test]
async fn who_says_no_hello_over_udp_is_sent_away() {
    let server = Server::start(Config { hello_timeout: Duration::from_millis(100), ..config() });
    assert_eq!(say_once(server.addr, &[]).await, CloseReason::HelloTimeout);
    server.stop().await;
}

/// The loser of the race between the transports: a connection that is made and dropped.
#[tokio::test]
async fn a_connection_that_ends_before_its_hello_is_no_session() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let server = Server::start(config());
        drop(dial_link(Candidate { addr: server.addr, transport }).await.unwrap());
        let winner = Player::enter(server.addr, transport, "ann", None).await;
        assert_eq!(winner.token.session, SessionId(1), "{transport}");
        let summary = server.stop().await;
        assert_eq!(summary.tally.count(Ended::Broken), 1, "{transport}: {summary}");
    }
}

#[tokio::test]
async fn a_full_server_refuses_over_udp() {
    let mut config = config();
    config.arq = arq::Config { sessions: 1, ..config.arq };
    let server = Server::start(config);
    let first = Player::enter(server.addr, Transport::Udp, "ann", None).await;
    let candidate = Candidate { addr: server.addr, transport: Transport::Udp };
    assert_eq!(dial_link(candidate).await.unwrap_err(), net::connect::Failure::ServerFull);
    drop(first);
    server.stop().await;
}
