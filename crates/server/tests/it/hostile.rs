//! The server among hostile peers, over real TCP: each meets its proper end, and a match that two honest
//! players play on the same server all the while notices nothing. [`arena`](crate::arena) says how.

use net::{
    proto::{
        ClientMessage, CloseReason, Command, Event, PROTOCOL, Preface, Presence, ProtocolRange, Reject,
        SECRET_BYTES, ServerMessage, ServerTime, SessionId, Snapshot, Token, codec,
    },
    tcp::Stranger,
};
use server::{
    lobby::Limits,
    shell::{Config, Ended},
};
use tokio::{io::AsyncWriteExt, net::TcpSocket, time::Instant};

use crate::{
    arena::{Arena, Peer, create, framed, hello, join},
    text,
};

/// Runs an attack against a server of these settings, and checks how the server says its links ended: as
/// expected, and those of the honest players by its own shutdown, and no other.
#[track_caller]
pub(crate) fn check_with(config: Config, attack: impl AsyncFnOnce(&Arena), expected: &[Ended]) {
    let summary = Arena::run(config, attack);
    let honest = [Ended::ByServer(CloseReason::ShuttingDown); 2];
    let expected: Vec<Ended> = expected.iter().chain(&honest).copied().collect();
    for &ended in &expected {
        let count = expected.iter().filter(|&&other| other == ended).count();
        assert_eq!(summary.tally.count(ended), u64::try_from(count).unwrap(), "{ended}; in all {summary}");
    }
    assert_eq!(summary.tally.total(), u64::try_from(expected.len()).unwrap(), "{summary}");
}

#[track_caller]
fn check(attack: impl AsyncFnOnce(&Arena), expected: &[Ended]) {
    check_with(config(), attack, expected);
}

fn config() -> Config {
    Config::new("attic".parse().unwrap())
}

const fn by_server(reason: CloseReason) -> Ended {
    Ended::ByServer(reason)
}

/// A stranger says something that is no preface, and hears this much of an answer.
async fn say_strange(arena: &Arena, bytes: &[u8], answer: &[u8]) {
    let mut peer = Peer::connect(arena.addr).await;
    peer.raw(bytes).await;
    assert_eq!(peer.everything().await.escape_ascii().to_string(), answer.escape_ascii().to_string());
}

async fn garbage(arena: &Arena) {
    say_strange(arena, &[0xba, 0xad, 0xbe, 0xef, 0, 1, 2, 3, 4, 5], b"").await;
}

async fn wrong_preface(arena: &Arena) {
    say_strange(arena, b"\x8fOXO\0\x02\0\x01", b"").await;
}

async fn tls_hello(arena: &Arena) {
    say_strange(arena, b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", b"\x15\x03\x03\0\x02\x02\x28").await;
}

/// A stranger says something, and reads in its own protocol how to play.
async fn is_told_how_to_play(arena: &Arena, bytes: &[u8], begin: &[u8]) {
    let mut peer = Peer::connect(arena.addr).await;
    peer.raw(bytes).await;
    let answer = peer.everything().await;
    assert!(answer.starts_with(begin), "{}", answer.escape_ascii());
    assert!(
        String::from_utf8_lossy(&answer).contains("To play, run `oxo join`"),
        "{}",
        answer.escape_ascii()
    );
}

async fn ssh_client(arena: &Arena) {
    is_told_how_to_play(arena, b"SSH-2.0-OpenSSH_9.6\r\n\0\0\x05\xdc", b"SSH-2.0-oxo\r\n\0\0").await;
}

async fn http2_preface(arena: &Arena) {
    let bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    is_told_how_to_play(arena, bytes, b"\0\0\0\x04\0").await;
}

async fn other_version(arena: &Arena) {
    let theirs = ProtocolRange { oldest: 4, newest: 7 };
    say_strange(arena, &Preface(theirs).encode(), &Preface(PROTOCOL).encode()).await;
}

async fn nothing_at_all(arena: &Arena) {
    let mut peer = Peer::connect(arena.addr).await;
    assert_eq!(arena.pass_until(peer.everything()).await, b"");
}

async fn half_a_preface(arena: &Arena) {
    let mut peer = Peer::connect(arena.addr).await;
    peer.raw(b"\x8fOXO\0").await;
    assert_eq!(arena.pass_until(peer.everything()).await, b"");
}

async fn no_hello(arena: &Arena) {
    let mut peer = Peer::greet(arena.addr).await;
    assert_eq!(arena.pass_until(peer.close_reason()).await, CloseReason::HelloTimeout);
}

async fn half_a_frame(arena: &Arena) {
    let (mut peer, _) = Peer::enter(arena.addr, "half").await;
    peer.raw(&[0, 9, 1, 2]).await;
    assert_eq!(arena.pass_until(peer.close_reason()).await, CloseReason::FrameTimeout);
}

async fn silent_session(arena: &Arena) {
    let (mut peer, _) = Peer::enter(arena.addr, "silent").await;
    assert_eq!(arena.pass_until(peer.close_reason()).await, CloseReason::Silent);
}

/// Waits in the menu for 25 s, and is pinged at the beginning and every 10 s.
async fn idle_session(arena: &Arena) {
    let (mut peer, _) = Peer::enter(arena.addr, "idle").await;
    // The first ping may have come before the welcome.
    let mut pings = 0;
    let waiting = async {
        for _ in 0..25 {
            arena.pass().await;
        }
    };
    let answering = async {
        loop {
            match peer.hear().await {
                Some(ServerMessage::Ping { nonce, .. }) => {
                    pings += 1;
                    peer.say(&ClientMessage::Pong { nonce }).await;
                }
                other => panic!("an idle session hears {other:?}"),
            }
        }
    };
    tokio::select! {
        () = waiting => {}
        () = answering => {}
    }
    assert!((2..=3).contains(&pings), "{pings} pings in 25 s");
    goodbye(peer).await;
}

/// Opens a room and is gone without a word. Who joins sees within 3 s that nobody is there.
async fn absent_host(arena: &Arena) {
    let (mut host, _) = Peer::enter(arena.addr, "host").await;
    host.command(create("3x3")).await;
    let code = host.seat().await;
    for _ in 0..8 {
        arena.pass().await;
    }
    let (mut guest, _) = Peer::enter(arena.addr, "guest").await;
    guest.command(join(code)).await;
    assert_eq!(guest.seat().await, code);
    let begun = Instant::now();
    let silence = async {
        loop {
            let shown = guest.snapshot().await;
            let host = shown.seats.host.occupant().unwrap();
            if matches!(host.presence, Presence::Silent { .. }) {
                return;
            }
        }
    };
    arena.pass_until(silence).await;
    let seen_after = begun.elapsed();
    assert!((3..=5).contains(&seen_after.as_secs()), "{seen_after:?}");
    goodbye(guest).await;
    goodbye(host).await;
}

/// Says bytes as a session, and hears why the link ends.
async fn say_once_in(arena: &Arena, bytes: &[u8], reason: CloseReason) {
    let (mut peer, _) = Peer::enter(arena.addr, "once in").await;
    peer.raw(bytes).await;
    assert_eq!(peer.close_reason().await, reason);
}

/// Says bytes in the place of the hello, and hears why the link ends.
async fn say_for_a_hello(arena: &Arena, bytes: &[u8], reason: CloseReason) {
    let mut peer = Peer::greet(arena.addr).await;
    peer.raw(bytes).await;
    assert_eq!(peer.close_reason().await, reason);
}

async fn frame_too_long(arena: &Arena) {
    say_once_in(arena, &[0x04, 0x01, 0, 0, 0], CloseReason::FrameLength).await;
}

async fn frame_of_nothing(arena: &Arena) {
    say_once_in(arena, &[0, 0], CloseReason::FrameLength).await;
}

async fn garbage_in_a_frame(arena: &Arena) {
    say_once_in(arena, &framed(&[0xff; 64]), CloseReason::Malformed).await;
}

/// A name, in the hello, of 2^60 bytes.
async fn enormous_name(arena: &Arena) {
    let bomb = [0, 253, 0, 0, 0, 0, 0, 0, 0, 0x10, b'a'];
    say_for_a_hello(arena, &framed(&bomb), CloseReason::Malformed).await;
}

/// A room code, in the command to join, of 2^60 bytes.
async fn enormous_code(arena: &Arena) {
    let bomb = [1, 2, 253, 0, 0, 0, 0, 0, 0, 0, 0x10, b'K'];
    say_once_in(arena, &framed(&bomb), CloseReason::Malformed).await;
}

async fn hello_twice(arena: &Arena) {
    let bytes = framed(&codec::encode(&hello("again", None)));
    say_once_in(arena, &bytes, CloseReason::OutOfTurn).await;
}

async fn command_before_hello(arena: &Arena) {
    let leave = framed(&codec::encode(&ClientMessage::Command(Command::Leave)));
    say_for_a_hello(arena, &leave, CloseReason::OutOfTurn).await;
}

async fn pong_before_hello(arena: &Arena) {
    let pong = framed(&codec::encode(&ClientMessage::Pong { nonce: 1 }));
    say_for_a_hello(arena, &pong, CloseReason::OutOfTurn).await;
}

async fn close_before_hello(arena: &Arena) {
    let mut peer = Peer::connect(arena.addr).await;
    peer.raw(&Preface(PROTOCOL).encode()).await;
    peer.say(&ClientMessage::Close(CloseReason::Goodbye)).await;
    assert_eq!(peer.everything().await, Preface(PROTOCOL).encode());
}

async fn guessed_token(arena: &Arena) {
    // The honest host is the first session that the server opened.
    let token = Token { session: SessionId(1), secret: [0; SECRET_BYTES] };
    let bytes = framed(&codec::encode(&hello("mallory", Some(token))));
    say_for_a_hello(arena, &bytes, CloseReason::UnknownSession).await;
}

/// A message ten thousand times at once, far beyond what a link may send.
async fn flood(arena: &Arena, message: &ClientMessage) {
    let (mut peer, _) = Peer::enter(arena.addr, "flood").await;
    peer.raw(&framed(&codec::encode(message)).repeat(10_000)).await;
    assert_eq!(peer.close_reason().await, CloseReason::Flood);
}

async fn ten_thousand_pongs(arena: &Arena) {
    flood(arena, &ClientMessage::Pong { nonce: 0 }).await;
}

async fn ten_thousand_commands(arena: &Arena) {
    flood(arena, &ClientMessage::Command(Command::Resign { match_number: 1 })).await;
}

/// Goes without a word, inside a frame.
async fn gone_inside_a_frame(arena: &Arena) {
    let (mut peer, _) = Peer::enter(arena.addr, "gone").await;
    peer.raw(&[0, 9, 1, 2]).await;
}

/// Goes without a word, between two frames.
async fn gone_between_frames(arena: &Arena) {
    let _dropped = Peer::enter(arena.addr, "gone too").await;
}

async fn goodbye(mut peer: Peer) {
    peer.say(&ClientMessage::Close(CloseReason::Goodbye)).await;
    while peer.hear().await.is_some() {}
}

/// Wants to play in the match of others.
async fn meddler(arena: &Arena) {
    let (mut peer, _) = Peer::enter(arena.addr, "meddler").await;
    peer.command(join(arena.honest_room)).await;
    assert_eq!(peer.reject().await, Reject::RoomFull);
    for ply in 0..4 {
        peer.command(Command::Play { match_number: 1, branch: 0, ply, cell: "k10".parse().unwrap() }).await;
        assert_eq!(peer.reject().await, Reject::NotSeated);
    }
    peer.command(Command::Resign { match_number: 1 }).await;
    assert_eq!(peer.reject().await, Reject::NotSeated);
    peer.command(Command::Leave).await;
    assert_eq!(peer.reject().await, Reject::NotSeated);
    goodbye(peer).await;
}

/// Plays every move wrong that can be, in a room of its own.
async fn cheat(arena: &Arena) {
    let (mut host, _) = Peer::enter(arena.addr, "cheat").await;
    let (mut guest, _) = Peer::enter(arena.addr, "victim").await;
    host.command(create("3x3")).await;
    let (code, _waiting) = (host.seat().await, host.snapshot().await);
    guest.command(join(code)).await;
    assert_eq!(guest.seat().await, code);
    assert_eq!(host.snapshot().await, guest.snapshot().await);
    let play = |match_number, ply, cell: &str| Command::Play {
        match_number,
        branch: 0,
        ply,
        cell: cell.parse().unwrap(),
    };

    host.command(play(1, 0, "b2")).await;
    let shown = host.snapshot().await;
    assert_eq!(guest.snapshot().await, shown);
    // Repeated: told again, played once.
    host.command(play(1, 0, "b2")).await;
    assert_eq!(timeless(host.snapshot().await), timeless(shown));
    for (command, reject) in [
        (play(1, 1, "a1"), Reject::NotYourTurn),
        (play(1, 0, "a1"), Reject::OtherPly),
        (play(1, 2, "a1"), Reject::OtherPly),
        (play(1, u16::MAX, "a1"), Reject::OtherPly),
        (play(2, 1, "a1"), Reject::OtherMatch),
    ] {
        host.command(command.clone()).await;
        assert_eq!(host.reject().await, reject, "{command:?}");
    }
    for (cell, reject) in [("b2", Reject::CellTaken), ("s19", Reject::NoSuchCell)] {
        guest.command(play(1, 1, cell)).await;
        assert_eq!(guest.reject().await, reject, "{cell}");
    }
    tokio::join!(goodbye(host), goodbye(guest));
}

/// Asks and asks, and reads no answer.
async fn slow_consumer(arena: &Arena) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let stream = socket.connect(arena.addr).await.unwrap();
    let mut peer = Peer::over(stream);
    peer.exchange_prefaces().await;
    peer.introduce("slow", None).await;
    peer.command(create("19x19")).await;
    let question = framed(&codec::encode(&ClientMessage::Command(Command::Resign { match_number: 1 })));
    let ask_until_cut_off = async { while peer.stream.write_all(&question).await.is_ok() {} };
    arena.pass_until(ask_until_cut_off).await;
}

/// A snapshot without when it was made, to compare with one that was made later.
fn timeless(snapshot: Snapshot) -> Snapshot {
    Snapshot { at: ServerTime::default(), ..snapshot }
}

/// Returns over a second link while the first still stands.
async fn returning_twice(arena: &Arena) {
    let (mut old, welcome) = Peer::enter(arena.addr, "twice").await;
    old.command(create("5x5:4")).await;
    let (code, shown) = (old.seat().await, old.snapshot().await);
    let mut new = Peer::greet(arena.addr).await;
    let again = new.introduce("twice", Some(welcome.token)).await;
    assert_eq!((again.session(), again.name), (welcome.session(), welcome.name));
    assert_eq!(new.seat().await, code);
    assert_eq!(timeless(new.snapshot().await), timeless(shown));
    assert_eq!(old.close_reason().await, CloseReason::Replaced);
    drop(old);
    // The end of the old link is not the end of the session.
    new.command(Command::Leave).await;
    assert!(matches!(new.event().await, Event::Unseated(_)));
    goodbye(new).await;
}

#[test]
fn garbage_is_a_stranger() {
    check(garbage, &[Ended::Stranger(Stranger::Rubbish)]);
    check(wrong_preface, &[Ended::Stranger(Stranger::Rubbish)]);
}

#[test]
fn a_tls_hello_is_a_stranger() {
    check(tls_hello, &[Ended::Stranger(Stranger::Tls)]);
}

#[test]
fn an_ssh_client_and_an_http2_client_are_told_how_to_play() {
    check(ssh_client, &[Ended::Stranger(Stranger::Ssh)]);
    check(http2_preface, &[Ended::Stranger(Stranger::Http2)]);
}

#[test]
fn another_version_gets_our_preface() {
    let theirs = ProtocolRange { oldest: 4, newest: 7 };
    check(other_version, &[Ended::Stranger(Stranger::OtherVersion(theirs))]);
}

#[test]
fn who_says_nothing_is_sent_away_in_time() {
    check(nothing_at_all, &[Ended::Stranger(Stranger::Mute)]);
    check(half_a_preface, &[Ended::Stranger(Stranger::Mute)]);
}

#[test]
fn a_preface_without_a_hello_is_sent_away_in_time() {
    check(no_hello, &[by_server(CloseReason::HelloTimeout)]);
}

#[test]
fn half_a_frame_is_not_waited_for_for_ever() {
    check(half_a_frame, &[by_server(CloseReason::FrameTimeout)]);
}

#[test]
fn a_session_that_answers_no_ping_is_given_up() {
    check(silent_session, &[by_server(CloseReason::Silent)]);
}

#[test]
fn a_session_that_waits_is_pinged_seldom() {
    check(idle_session, &[Ended::ByClient(CloseReason::Goodbye)]);
}

#[test]
fn a_host_who_is_gone_without_a_word_is_silent_3_s_after_somebody_has_joined() {
    check(absent_host, &[Ended::ByClient(CloseReason::Goodbye); 2]);
}

#[test]
fn a_frame_of_an_impossible_length_ends_the_link() {
    check(frame_too_long, &[by_server(CloseReason::FrameLength)]);
    check(frame_of_nothing, &[by_server(CloseReason::FrameLength)]);
}

#[test]
fn bytes_that_are_no_message_end_the_link() {
    check(garbage_in_a_frame, &[by_server(CloseReason::Malformed)]);
}

#[test]
fn an_enormous_length_inside_a_message_ends_the_link() {
    check(enormous_name, &[by_server(CloseReason::Malformed)]);
    check(enormous_code, &[by_server(CloseReason::Malformed)]);
}

#[test]
fn a_message_out_of_turn_ends_the_link() {
    check(hello_twice, &[by_server(CloseReason::OutOfTurn)]);
    check(command_before_hello, &[by_server(CloseReason::OutOfTurn)]);
    check(pong_before_hello, &[by_server(CloseReason::OutOfTurn)]);
}

#[test]
fn a_close_before_the_hello_is_not_answered() {
    check(close_before_hello, &[Ended::ByClient(CloseReason::Goodbye)]);
}

#[test]
fn a_guessed_token_returns_nowhere() {
    check(guessed_token, &[by_server(CloseReason::UnknownSession)]);
}

#[test]
fn ten_thousand_messages_at_once_are_a_flood() {
    check(ten_thousand_pongs, &[by_server(CloseReason::Flood)]);
    check(ten_thousand_commands, &[by_server(CloseReason::Flood)]);
}

/// All messages that one link may send at once are answered, if it reads the answers.
#[test]
fn a_burst_within_the_allowance_is_answered_in_full() {
    check(
        async |arena| {
            let (mut peer, _) = Peer::enter(arena.addr, "burst").await;
            let leave = framed(&codec::encode(&ClientMessage::Command(Command::Leave)));
            let allowance = usize::try_from(config().message_burst).unwrap() - 1;
            peer.raw(&leave.repeat(allowance)).await;
            for _ in 0..allowance {
                assert_eq!(peer.reject().await, Reject::NotSeated);
            }
            goodbye(peer).await;
        },
        &[Ended::ByClient(CloseReason::Goodbye)],
    );
}

#[test]
fn who_goes_without_a_word_is_noticed() {
    check(gone_inside_a_frame, &[Ended::Broken]);
    check(gone_between_frames, &[Ended::Broken]);
}

#[test]
fn nobody_plays_in_the_match_of_others() {
    check(meddler, &[Ended::ByClient(CloseReason::Goodbye)]);
}

#[test]
fn wrong_moves_are_refused_one_by_one() {
    check(cheat, &[Ended::ByClient(CloseReason::Goodbye), Ended::ByClient(CloseReason::Goodbye)]);
}

#[test]
fn a_peer_that_does_not_read_is_cut_off() {
    let config = Config { messages_per_second: 1_000_000, message_burst: 1_000_000, ..config() };
    check_with(config, slow_consumer, &[by_server(CloseReason::SlowConsumer)]);
}

#[test]
fn a_return_over_a_new_link_replaces_the_old() {
    check(returning_twice, &[by_server(CloseReason::Replaced), Ended::ByClient(CloseReason::Goodbye)]);
}

#[test]
fn a_session_too_many_is_told_that_the_server_is_full() {
    let limits = Limits { sessions: 2, ..Limits::default() };
    check_with(
        Config { limits, ..config() },
        async |arena| {
            let bytes = framed(&codec::encode(&hello("third", None)));
            say_for_a_hello(arena, &bytes, CloseReason::ServerFull).await;
        },
        &[by_server(CloseReason::ServerFull)],
    );
}

/// Beside the honest players, one link without a session may be there.
#[test]
fn a_link_without_a_session_gives_way_to_a_newcomer() {
    check_with(
        Config { unproven_links: 1, ..config() },
        async |arena| {
            let mut idler = Peer::connect(arena.addr).await;
            let (player, _) = Peer::enter(arena.addr, "player").await;
            assert_eq!(idler.everything().await, b"");
            // The player's own link has a session, and stays.
            let idler = Peer::greet(arena.addr).await;
            let (other, _) = Peer::enter(arena.addr, "other").await;
            drop(idler);
            tokio::join!(goodbye(player), goodbye(other));
        },
        &[
            Ended::GaveWay,
            Ended::GaveWay,
            Ended::ByClient(CloseReason::Goodbye),
            Ended::ByClient(CloseReason::Goodbye),
        ],
    );
}

/// Those with a seat and those without one; and `run` returns, with every link's task ended.
#[test]
fn a_shutdown_is_told_to_every_session() {
    const CROWD: usize = 20;

    let (tell, told) = std::sync::mpsc::channel();
    check(
        async |arena| {
            for index in 0..CROWD {
                let (mut peer, _) = Peer::enter(arena.addr, &format!("guest {index}")).await;
                if index % 2 == 0 {
                    peer.command(Command::QuickMatch { terms: None }).await;
                    peer.seat().await;
                }
                let tell = tell.clone();
                tokio::spawn(async move { tell.send(peer.close_reason().await) });
            }
        },
        &[by_server(CloseReason::ShuttingDown); CROWD],
    );
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [CloseReason::ShuttingDown; CROWD]);
}

/// The whole crowd at once, on one server.
#[test]
fn all_at_once_disturb_nobody_either() {
    check(
        async |arena| {
            tokio::join!(
                garbage(arena),
                wrong_preface(arena),
                tls_hello(arena),
                ssh_client(arena),
                http2_preface(arena),
                text::line_too_long(arena),
                crate::web::foreign_host(arena),
                other_version(arena),
                nothing_at_all(arena),
                no_hello(arena),
                half_a_frame(arena),
                silent_session(arena),
                frame_too_long(arena),
                garbage_in_a_frame(arena),
                enormous_name(arena),
                hello_twice(arena),
                guessed_token(arena),
                ten_thousand_pongs(arena),
                gone_inside_a_frame(arena),
                meddler(arena),
                returning_twice(arena),
            );
        },
        &[
            Ended::Stranger(Stranger::Rubbish),
            Ended::Stranger(Stranger::Rubbish),
            Ended::Stranger(Stranger::Tls),
            Ended::Stranger(Stranger::Ssh),
            Ended::Stranger(Stranger::Http2),
            Ended::Browsed,
            Ended::Stranger(Stranger::OtherVersion(ProtocolRange { oldest: 4, newest: 7 })),
            Ended::Stranger(Stranger::Mute),
            by_server(CloseReason::HelloTimeout),
            by_server(CloseReason::FrameTimeout),
            by_server(CloseReason::Silent),
            by_server(CloseReason::FrameLength),
            by_server(CloseReason::FrameLength),
            by_server(CloseReason::Malformed),
            by_server(CloseReason::Malformed),
            by_server(CloseReason::OutOfTurn),
            by_server(CloseReason::UnknownSession),
            by_server(CloseReason::Flood),
            Ended::Broken,
            Ended::ByClient(CloseReason::Goodbye),
            by_server(CloseReason::Replaced),
            Ended::ByClient(CloseReason::Goodbye),
        ],
    );
}
