//! The door for browsers: what it serves, and each of its defences, on a server on which two honest players play.

use std::net::SocketAddr;

use net::{
    proto::{
        ChatMessage, ClientMessage, CloseReason, Command, Event, Phase, Presence, Reject, ServerMessage, json,
    },
    tcp::Stranger,
};
use server::shell::{Config, Ended};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::Instant,
};

use crate::{
    arena::{Arena, Peer, create, hello, join},
    browser::{Answer, BINARY, Browser, CONTINUATION, LAST, PING, TEXT, UPGRADE, ask, frame, get},
    hostile::check_with,
};

fn config() -> Config {
    Config::new("attic".parse().unwrap())
}

#[track_caller]
fn check(attack: impl AsyncFnOnce(&Arena), expected: &[Ended]) {
    check_with(config(), attack, expected);
}

/// Checks an attack that comes as a WebSocket, and why the server ends it.
#[track_caller]
fn check_socket(attack: impl AsyncFnOnce(&Arena, &mut Browser), reason: CloseReason) {
    let attack = async |arena: &Arena| {
        let (mut browser, _) = Browser::enter(arena.addr, "mallory").await;
        attack(arena, &mut browser).await;
        assert_eq!(arena.pass_until(browser.close_reason()).await, reason);
    };
    check(attack, &[Ended::ByServer(reason)]);
}

/// Checks a status, and that the head has what every answer has.
#[track_caller]
fn check_answer(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    for line in [
        "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cross-origin-resource-policy: same-origin",
    ] {
        assert!(answer.head.contains(&format!("\r\n{line}")), "no {line}: {}", answer.head);
    }
    assert!(!answer.head.contains("set-cookie"), "{}", answer.head);
    assert!(!answer.head.contains("access-control"), "{}", answer.head);
}

/// Checks that a request gets this status and one sentence.
async fn is_refused(addr: SocketAddr, request: &str, status: u16) {
    let answer = ask(addr, request).await;
    check_answer(&answer, status);
    assert!(answer.body.len() < 100 && answer.body.lines().count() == 1, "{answer:?}");
}

/// A request under a name that is not ours.
pub(crate) async fn foreign_host(arena: &Arena) {
    is_refused(arena.addr, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421).await;
}

#[test]
fn the_page_is_served_for_the_list_and_for_a_room() {
    let attack = async |arena: &Arena| {
        let page = get(arena.addr, "/", "").await;
        check_answer(&page, 200);
        assert!(page.head.contains("\r\ncontent-type: text/html; charset=utf-8"), "{}", page.head);
        assert!(page.body.to_ascii_lowercase().starts_with("<!doctype html>"), "{}", page.body);
        for path in ["/KITE-42", "/kite-42", "/kite42", "/Kite%2042", "/?x"] {
            let room = get(arena.addr, path, "").await;
            check_answer(&room, 200);
            assert_eq!(room.body, page.body, "{path}");
        }
        for (path, kind) in [("/style.css", "text/css"), ("/page.js", "text/javascript")] {
            let file = get(arena.addr, path, "").await;
            check_answer(&file, 200);
            assert!(file.head.contains(&format!("\r\ncontent-type: {kind}")), "{}", file.head);
        }
        for path in ["/favicon.ico", "/KITE-4", "/KITE-42/", "/../etc/passwd", "/%00", "/ws/", "/metrics"] {
            let answer = get(arena.addr, path, "").await;
            check_answer(&answer, 404);
            assert_eq!(answer.body, "There is no such page; the games are at /\n", "{path}");
        }
        let head =
            ask(arena.addr, &format!("HEAD / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", arena.addr))
                .await;
        check_answer(&head, 200);
        assert_eq!(head.body, "");
    };
    check(attack, &[Ended::Browsed; 16]);
}

#[test]
fn the_list_is_what_oxo_list_prints() {
    let attack = async |arena: &Arena| {
        let (mut host, _) = Browser::enter(arena.addr, "<b>ann</b>").await;
        host.command(create("5x5:4")).await;
        let code = host.seat().await;
        let list = get(arena.addr, "/games.json", "").await;
        check_answer(&list, 200);
        assert!(list.head.contains("\r\ncontent-type: application/json"), "{}", list.head);
        let addr = arena.addr;
        let open = format!(
            "{{\"code\":\"{code}\",\"host\":\"<b>ann</b>\",\"guest\":null,\"state\":\"open\",\"board\":\"5x5:4\",\"misere\":false,\
             \"best_of\":null,\"clock\":\"off\",\"watchable\":true,\"protocol\":[3,3],\"addresses\":[\"{addr}\"],\
             \"address\":\"{addr}\",\"ping_ms\":null,\"found_ms\":0,\"server\":\"attic\",\"watchers\":0,\"age_s\":0}}"
        );
        let lines: Vec<&str> = list.body.lines().collect();
        assert_eq!((lines[0], lines[1].trim_end_matches(','), lines[3]), ("[", open.as_str(), "]"));
        assert!(lines[2].contains("\"state\":\"playing\""), "{}", list.body);
        host.say(&ClientMessage::Close(CloseReason::Goodbye)).await;
        while host.hear().await.is_some() {}
    };
    check(attack, &[Ended::Browsed, Ended::ByClient(CloseReason::Goodbye)]);
}

/// A browser and a client of ours play, talk, and the browser returns in the middle; then it is shown how the match ends.
#[test]
fn a_browser_plays_against_a_client_and_returns() {
    let attack = async |arena: &Arena| {
        let (mut ann, token) = Browser::enter(arena.addr, "ann").await;
        let (mut ben, _) = Peer::enter(arena.addr, "ben").await;
        ann.command(create("3x3")).await;
        let code = ann.seat().await;
        ben.command(join(code)).await;
        assert_eq!(ben.seat().await, code);
        let play =
            |ply, cell: &str| Command::Play { match_number: 1, branch: 0, ply, cell: cell.parse().unwrap() };
        assert_eq!(ann.snapshot(0).await.phase, Phase::Waiting);
        assert_eq!(ann.snapshot(0).await.phase, Phase::Playing);
        ben.snapshot().await;
        ann.command(play(0, "a1")).await;
        assert_eq!(ann.snapshot(1).await, ben.snapshot().await);
        ben.command(play(1, "a2")).await;
        ann.snapshot(2).await;
        ben.snapshot().await;
        ann.command(play(1, "b1")).await;
        let Event::Rejected { reject, .. } = ann.event().await else { panic!("it was ann's turn") };
        assert_eq!(reject, Reject::OtherPly);
        let said = ChatMessage::Line("<script>alert(1)</script> & \"ok\"".parse().unwrap());
        ben.command(Command::Say { message: said.clone() }).await;
        let Event::Said { message, .. } = ann.event().await else { panic!("nothing was said") };
        assert_eq!(message, said);

        drop(ann);
        while ben.snapshot_past_chat().await.seats.host.occupant().unwrap().presence == Presence::Present {}
        let mut ann = Browser::open(arena.addr).await;
        ann.introduce("ann", Some(token)).await;
        assert_eq!(ann.seat().await, code);
        ann.snapshot(2).await;
        ann.command(play(2, "b1")).await;
        ann.snapshot(3).await;
        ann.command(Command::Resign { match_number: 1 }).await;
        while !matches!(ann.snapshot(3).await.phase, Phase::Over(_)) {}
        for mut peer in [ann] {
            peer.say(&ClientMessage::Close(CloseReason::Goodbye)).await;
            while peer.hear().await.is_some() {}
        }
        ben.say(&ClientMessage::Close(CloseReason::Goodbye)).await;
        while ben.hear().await.is_some() {}
    };
    let goodbye = Ended::ByClient(CloseReason::Goodbye);
    check(attack, &[Ended::Broken, goodbye, goodbye]);
}

#[test]
fn a_question_is_answered_without_a_session() {
    let attack = async |arena: &Arena| {
        let mut browser = Browser::open(arena.addr).await;
        browser.frame(LAST | TEXT, br#"{"type":"ask","value":{"type":"rooms","first":0}}"#).await;
        let Some(ServerMessage::Answer(answer)) = browser.hear().await else { panic!("no answer") };
        assert_eq!((answer.server.as_str(), answer.people, answer.total), ("attic", 2, 1));
        assert!(browser.hear().await.is_none());
    };
    check(attack, &[Ended::Answered]);
}

/// Defence 1: a foreign page that gives its own name our address is not served.
#[test]
fn a_foreign_host_gets_nothing() {
    let attack = async |arena: &Arena| {
        let addr = arena.addr;
        for host in ["evil.example", "evil.example:1952", "127.0.0.1.evil.example", "attic.evil.example"] {
            for path in ["/", "/games.json", "/ws", "/page.js"] {
                is_refused(addr, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{UPGRADE}\r\n"), 421).await;
            }
        }
        is_refused(addr, "GET / HTTP/1.1\r\n\r\n", 421).await;
        is_refused(addr, "GET / HTTP/1.0\r\n\r\n", 421).await;
        is_refused(addr, &format!("GET / HTTP/1.1\r\nHost: {addr}\r\nHost: evil.example\r\n\r\n"), 421).await;
        is_refused(addr, &format!("GET http://evil.example/ HTTP/1.1\r\nHost: {addr}\r\n\r\n"), 421).await;
        for host in ["localhost", "127.0.0.1", "[::1]:1952", "LOCALHOST:80"] {
            let answer =
                ask(addr, &format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
            check_answer(&answer, 200);
        }
    };
    check(attack, &[Ended::Browsed; 24]);
}

/// This machine's name is ours, as are names that the operator configures.
#[test]
fn a_configured_name_and_this_machines_name_are_ours() {
    let attack = async |arena: &Arena| {
        let node = server::machine::name();
        let short = node.split('.').next().unwrap().to_owned();
        for host in [node, format!("{short}.local:1952"), "oxo.example.org".to_owned()] {
            let answer =
                ask(arena.addr, &format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
                    .await;
            check_answer(&answer, 200);
        }
    };
    let config = Config { web_names: vec!["oxo.example.org".to_owned()], ..config() };
    check_with(config, attack, &[Ended::Browsed; 3]);
}

/// Defence 2: a foreign page opens no WebSocket.
#[test]
fn a_foreign_origin_opens_no_socket() {
    let attack = async |arena: &Arena| {
        let addr = arena.addr;
        for origin in [
            "http://evil.example",
            "null",
            "http://127.0.0.1",
            "http://127.0.0.1:1",
            "file://",
            "",
            "http://",
        ] {
            let request = format!("GET /ws HTTP/1.1\r\nHost: {addr}\r\nOrigin: {origin}\r\n{UPGRADE}\r\n");
            is_refused(addr, &request, 403).await;
        }
        // A program has none, and gets no cookie.
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream
            .write_all(format!("GET /ws HTTP/1.1\r\nHost: {addr}\r\n{UPGRADE}\r\n").as_bytes())
            .await
            .unwrap();
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(head, *b"HTTP/1.1 101");
    };
    check(attack, &[[Ended::Browsed; 7].as_slice(), &[Ended::Broken]].concat());
}

#[test]
fn a_socket_of_another_version_is_refused_with_ours() {
    let attack = async |arena: &Arena| {
        let addr = arena.addr;
        for protocol in ["Sec-WebSocket-Protocol: oxo.1\r\n", "Sec-WebSocket-Protocol: chat, oxo\r\n", ""] {
            let upgrade = UPGRADE.replace("Sec-WebSocket-Protocol: oxo.3\r\n", protocol);
            let answer = ask(addr, &format!("GET /ws HTTP/1.1\r\nHost: {addr}\r\n{upgrade}\r\n")).await;
            check_answer(&answer, 400);
            assert_eq!(answer.body, "Ask for the subprotocol oxo.3\n");
        }
        for wrong in ["", "Upgrade: websocket\r\nConnection: Upgrade\r\n"] {
            let answer = ask(addr, &format!("GET /ws HTTP/1.1\r\nHost: {addr}\r\n{wrong}\r\n")).await;
            assert!((400..=426).contains(&answer.status), "{answer:?}");
        }
    };
    check(attack, &[Ended::Browsed; 5]);
}

/// Defence 3: nothing changes by a request.
#[test]
fn a_request_changes_nothing() {
    let attack = async |arena: &Arena| {
        let addr = arena.addr;
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"] {
            for path in ["/", "/ws", "/games.json"] {
                let answer = ask(addr, &format!("{method} {path} HTTP/1.1\r\nHost: {addr}\r\n\r\n")).await;
                check_answer(&answer, 405);
                assert!(answer.head.contains("\r\nallow: get, head"), "{}", answer.head);
            }
        }
    };
    check(attack, &[Ended::Browsed; 18]);
}

/// Defence 6: a head is short, comes soon, and has no body behind it.
#[test]
fn a_head_is_bounded_in_bytes_and_time() {
    let attack = async |arena: &Arena| {
        let addr = arena.addr;
        let long = format!("GET / HTTP/1.1\r\nHost: {addr}\r\nX: {}\r\n\r\n", "x".repeat(9 * 1024));
        assert_eq!(ask(addr, &long).await.status, 431);
        let many = format!("GET / HTTP/1.1\r\nHost: {addr}\r\n{}\r\n", "a: b\r\n".repeat(1_000));
        assert_eq!(ask(addr, &many).await.status, 431);

        let mut slow = TcpStream::connect(addr).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nHost: ").await.unwrap();
        let begun = Instant::now();
        let mut answer = Vec::new();
        arena.pass_until(slow.read_to_end(&mut answer)).await.unwrap();
        let waited = begun.elapsed().as_secs();
        assert!((5..=6).contains(&waited), "{waited} s: {}", answer.escape_ascii());
    };
    check(attack, &[Ended::Browsed; 3]);
}

#[test]
fn a_body_is_refused() {
    let attack = async |arena: &Arena| {
        let addr = arena.addr;
        for body in
            ["Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"]
        {
            is_refused(addr, &format!("GET / HTTP/1.1\r\nHost: {addr}\r\n{body}"), 413).await;
        }
        let answer = get(addr, "/", "Content-Length: 0\r\n").await;
        check_answer(&answer, 200);
    };
    check(attack, &[Ended::Browsed; 3]);
}

#[test]
fn requests_in_a_row_are_answered_in_order_and_too_many_are_refused() {
    let attack = async |arena: &Arena| {
        let addr = arena.addr;
        let request = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\n\r\n");
        let last = format!("GET / HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
        let answer = ask(addr, &[request("/style.css"), request("/games.json"), last].concat()).await;
        let kinds: Vec<usize> = ["text/css", "application/json", "text/html"]
            .map(|kind| answer.head.find(kind).or_else(|| answer.body.find(kind)).unwrap())
            .into();
        assert!(answer.head.contains("text/css") && kinds[1] < kinds[2], "{kinds:?}");
        let answer = ask(addr, &request("/games.json").repeat(200)).await;
        assert_eq!(
            answer.body.matches("HTTP/1.1 200 OK").count(),
            99,
            "with the first, what one may send at once"
        );
        assert!(answer.body.contains("HTTP/1.1 429 "), "{}", answer.body);
    };
    check(attack, &[Ended::Browsed; 2]);
}

#[test]
fn an_idle_connection_is_closed() {
    let attack = async |arena: &Arena| {
        let addr = arena.addr;
        let mut idle = TcpStream::connect(addr).await.unwrap();
        idle.write_all(format!("GET /style.css HTTP/1.1\r\nHost: {addr}\r\n\r\n").as_bytes()).await.unwrap();
        let begun = Instant::now();
        let mut answer = Vec::new();
        arena.pass_until(idle.read_to_end(&mut answer)).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", answer.escape_ascii());
        assert!(begun.elapsed().as_secs() <= 15, "{:?}", begun.elapsed());
    };
    check(attack, &[Ended::Browsed]);
}

/// A page that is asked for and not read takes its place for half a minute.
#[test]
fn a_browser_that_does_not_read_is_cut_off() {
    let attack = async |arena: &Arena| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(arena.addr).await.unwrap();
        let request = format!("GET /page.js HTTP/1.1\r\nHost: {}\r\n\r\n", arena.addr);
        stream.write_all(request.repeat(90).as_bytes()).await.unwrap();
        for _ in 0..31 {
            arena.pass().await;
        }
        // What was on its way may be read, and then there is an end.
        while let Ok(1..) = stream.read(&mut [0; 4096]).await {}
    };
    check(attack, &[Ended::Browsed]);
}

/// A thousand idle connections of one address: the oldest give way, and the next request is served.
#[test]
fn a_thousand_idle_connections_keep_nobody_out() {
    let attack = async |arena: &Arena| {
        let addr = arena.addr;
        let mut idle = Vec::new();
        for _ in 0..1_000 {
            let mut stream = TcpStream::connect(addr).await.unwrap();
            stream
                .write_all(format!("GET /style.css HTTP/1.1\r\nHost: {addr}\r\n\r\n").as_bytes())
                .await
                .unwrap();
            let mut first = [0; 15];
            stream.read_exact(&mut first).await.unwrap();
            assert_eq!(first, *b"HTTP/1.1 200 OK");
            idle.push(stream);
        }
        check_answer(&get(addr, "/", "").await, 200);
        let (browser, _) = Browser::enter(addr, "late").await;
        drop(browser);
    };
    let summary = Arena::run(config(), attack);
    assert!(summary.tally.count(Ended::GaveWay) >= 1_000 - 256, "{summary}");
    assert_eq!(summary.tally.count(Ended::ByServer(CloseReason::ShuttingDown)), 2, "{summary}");
}

#[test]
fn a_socket_that_sends_what_is_no_message_is_closed() {
    let malformed = CloseReason::Malformed;
    check_socket(async |_, browser| browser.frame(LAST | BINARY, b"{}").await, malformed);
    let long = CloseReason::FrameLength;
    check_socket(async |_, browser| browser.frame(LAST | TEXT, "x".repeat(5 * 1024).as_bytes()).await, long);
    check_socket(
        async |_, browser| browser.frame(LAST | TEXT, br#"{"type":"pong","nonce":1,"x":1}"#).await,
        malformed,
    );
    check_socket(async |_, browser| browser.frame(LAST | TEXT, b"{\"type\":\"\xc3").await, malformed);
    check_socket(async |_, browser| browser.frame(LAST | TEXT, b"").await, malformed);
    // A frame of a kind that there is not, one that follows none, and one without a mask.
    check_socket(async |_, browser| browser.frame(LAST | 3, b"{}").await, malformed);
    check_socket(async |_, browser| browser.frame(LAST | CONTINUATION, b"{}").await, malformed);
    check_socket(async |_, browser| browser.stream.write_all(b"\x81\x02{}").await.unwrap(), malformed);
    // More than a message in fragments.
    let many = async |_: &Arena, browser: &mut Browser| {
        let fragments = [frame(TEXT, b" "), frame(CONTINUATION, &[b' '; 100]).repeat(50)].concat();
        browser.stream.write_all(&fragments).await.unwrap();
    };
    check_socket(many, long);
}

#[test]
fn a_socket_that_speaks_out_of_turn_or_too_much_is_closed() {
    check_socket(async |_, browser| browser.say(&hello("again", None)).await, CloseReason::OutOfTurn);
    let flood = async |_: &Arena, browser: &mut Browser| {
        let pong = frame(LAST | TEXT, json::encode(&ClientMessage::Pong { nonce: 0 }).as_bytes());
        browser.stream.write_all(&pong.repeat(1_000)).await.unwrap();
    };
    check_socket(flood, CloseReason::Flood);
    let pings = async |_: &Arena, browser: &mut Browser| {
        browser.stream.write_all(&frame(LAST | PING, b"").repeat(1_000)).await.unwrap();
    };
    check_socket(pings, CloseReason::Flood);
}

#[test]
fn a_message_in_fragments_is_a_message() {
    let attack = async |arena: &Arena| {
        let mut browser = Browser::open(arena.addr).await;
        let text = json::encode(&hello("éva", None));
        let (begin, end) = text.as_bytes().split_at(text.find('é').unwrap() + 1);
        browser.frame(TEXT, begin).await;
        browser.frame(LAST | PING, b"in between").await;
        browser.frame(CONTINUATION, b"").await;
        browser.frame(LAST | CONTINUATION, end).await;
        while !matches!(browser.hear().await, Some(ServerMessage::Welcome(_))) {}
        browser.say(&ClientMessage::Close(CloseReason::Goodbye)).await;
        while browser.hear().await.is_some() {}
    };
    check(attack, &[Ended::ByClient(CloseReason::Goodbye)]);
}

/// Defence 7: pings decide who is silent, and fragments are no sign of life.
#[test]
fn a_socket_that_answers_no_ping_is_silent() {
    check_socket(async |_, _| {}, CloseReason::Silent);
    let fragments = async |arena: &Arena, browser: &mut Browser| {
        browser.frame(TEXT, b"{").await;
        for _ in 0..10 {
            browser.stream.write_all(&frame(CONTINUATION, b"").repeat(100)).await.unwrap();
            arena.pass().await;
        }
    };
    check_socket(fragments, CloseReason::Silent);
}

#[test]
fn a_socket_without_a_hello_is_sent_away_in_time() {
    let attack = async |arena: &Arena| {
        let mut browser = Browser::open(arena.addr).await;
        let begun = Instant::now();
        assert_eq!(arena.pass_until(browser.close_reason()).await, CloseReason::HelloTimeout);
        assert!((5..=6).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    };
    check(attack, &[Ended::ByServer(CloseReason::HelloTimeout)]);
}

/// Defence 7: asks and asks, and reads no answer.
#[test]
fn a_socket_that_does_not_read_is_a_slow_consumer() {
    let attack = async |arena: &Arena| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let stream = socket.connect(arena.addr).await.unwrap();
        let mut browser = Browser::over(stream, arena.addr).await;
        browser.introduce("slow", None).await;
        let resign = json::encode(&ClientMessage::Command(Command::Resign { match_number: 1 }));
        let resign = frame(LAST | TEXT, resign.as_bytes());
        // The server may stop reading before the end of it.
        let _cut_off = arena.pass_until(browser.stream.write_all(&resign.repeat(10_000))).await;
        for _ in 0..3 {
            arena.pass().await;
        }
    };
    let config = Config { messages_per_second: 1_000_000, message_burst: 1_000_000, ..config() };
    check_with(config, attack, &[Ended::ByServer(CloseReason::SlowConsumer)]);
}

/// A socket that ends without a word keeps its seat for a return, as after a reload of the page.
#[test]
fn a_closed_socket_is_a_lost_link() {
    let attack = async |arena: &Arena| {
        let (mut browser, token) = Browser::enter(arena.addr, "ann").await;
        browser.command(create("3x3")).await;
        let code = browser.seat().await;
        browser.frame(LAST | crate::browser::CLOSE, &1001_u16.to_be_bytes()).await;
        while browser.hear().await.is_some() {}
        let mut browser = Browser::open(arena.addr).await;
        browser.introduce("ann", Some(token)).await;
        assert_eq!(browser.seat().await, code);
        browser.say(&ClientMessage::Close(CloseReason::Goodbye)).await;
        while browser.hear().await.is_some() {}
    };
    check(attack, &[Ended::Broken, Ended::ByClient(CloseReason::Goodbye)]);
}

#[test]
fn a_closed_door_says_how_to_play_without_a_page() {
    let attack = async |arena: &Arena| {
        let addr = arena.addr;
        let answer = ask(addr, &format!("GET / HTTP/1.1\r\nHost: {addr}\r\n\r\n")).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("To play, run `oxo join`"), "{answer:?}");
        assert!(answer.head.ends_with(&format!("content-length: {}", answer.body.len())), "{answer:?}");
    };
    let config = Config { is_web_open: false, ..config() };
    check_with(config, attack, &[Ended::Stranger(Stranger::Http)]);
}

/// A stop does not wait for a browser that keeps its connection open.
#[test]
fn a_stop_waits_for_no_idle_browser() {
    let mut left_open = None;
    let attack = async |arena: &Arena| {
        let addr = arena.addr;
        let mut idle = TcpStream::connect(addr).await.unwrap();
        idle.write_all(format!("GET /style.css HTTP/1.1\r\nHost: {addr}\r\n\r\n").as_bytes()).await.unwrap();
        assert_eq!(idle.read_u8().await.unwrap(), b'H');
        left_open = Some(idle);
    };
    // `close` would hang, since time stands still, if the server waited for its drain time-out.
    check(attack, &[Ended::Browsed]);
    assert!(left_open.is_some());
}
