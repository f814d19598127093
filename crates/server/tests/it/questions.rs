//! Questions without a session, over real sockets.

use std::net::SocketAddr;

use net::{
    connect::ask,
    link::Transport,
    proto::{Access, Answer, Command, Question, RoomCode, Terms},
};
use server::{
    lobby::Limits,
    shell::{self, Config, Ended, Sockets},
};
use tokio::{
    net::{TcpListener, UdpSocket},
    sync::oneshot,
};

use crate::table::{Player, Server, config};

async fn answer(addr: SocketAddr, transport: Transport, question: Question) -> Option<Answer> {
    let (candidate, _, answer) = ask(&[addr], question).await.ok()?;
    assert_eq!(candidate.transport, transport);
    Some(answer)
}

/// A server with a hidden room.
async fn with_a_hidden_room(config: Config) -> (Server, RoomCode, Player) {
    let server = Server::start(config);
    let mut ann = Player::enter(server.addr, Transport::Tcp, "ann", None).await;
    ann.ask(Command::Create { terms: Terms::default(), access: Access::Hidden });
    let code = ann.seat().await;
    (server, code, ann)
}

#[tokio::test]
async fn whoever_asks_is_answered_over_udp_without_a_session() {
    let (server, code, _ann) = with_a_hidden_room(config()).await;
    let list = answer(server.addr, Transport::Udp, Question::Rooms { first: 0 }).await.unwrap();
    assert_eq!((list.server.as_str(), list.people, list.total, list.rooms), ("den", 1, 0, vec![]));
    let found = answer(server.addr, Transport::Udp, Question::Code(code)).await.unwrap();
    assert_eq!(found.rooms.first().map(|room| (room.code, room.host.as_str())), Some((code, "ann")));
    server.stop().await;
}

#[tokio::test]
async fn a_question_over_tcp_is_a_connection_that_ends_with_its_answer() {
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = tcp.local_addr().unwrap();
    // Its port is taken for UDP by somebody who says nothing.
    let _mute = UdpSocket::bind(addr).await.unwrap();
    let (stop, stopped) = oneshot::channel();
    let sockets = Sockets { tcp: vec![tcp], ..Sockets::default() };
    let running = tokio::spawn(shell::run(sockets, config(), None, async { stopped.await.unwrap() }));
    let list = answer(addr, Transport::Tcp, Question::Rooms { first: 0 }).await.unwrap();
    assert_eq!((list.server.as_str(), list.people, list.rooms), ("den", 0, vec![]));
    stop.send(()).unwrap();
    assert_eq!(running.await.unwrap().tally.count(Ended::Answered), 1);
}

/// The twin of a guess in a session: codes are short, and a hidden room has nothing else.
#[tokio::test]
async fn codes_cannot_be_tried_for_long_and_lists_are_told_all_the_same() {
    let config = Config { limits: Limits { code_attempts_per_origin: 3, ..config().limits }, ..config() };
    let (server, code, _ann) = with_a_hidden_room(config).await;
    let wrong = (0..).map(RoomCode::nth).filter(|other| *other != code);
    for (nth, wrong) in wrong.take(3).enumerate() {
        let none = answer(server.addr, Transport::Udp, Question::Code(wrong)).await.unwrap();
        assert_eq!(none.rooms, [], "{nth}");
    }
    assert_eq!(
        answer(server.addr, Transport::Udp, Question::Code(code)).await,
        None,
        "the right one, too late"
    );
    assert!(answer(server.addr, Transport::Udp, Question::Rooms { first: 0 }).await.is_some());
    server.stop().await;
}
