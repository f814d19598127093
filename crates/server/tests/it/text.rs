//! The line protocol over real sockets: a client that sends a line and reads once, beside honest players and full
//! clients, and what becomes of one that does anything else.

use std::{net::SocketAddr, time::Duration};

use net::{
    link::Transport,
    proto::{CloseReason, Command, Event, Presence, RoomCode, Seat, Snapshot},
};
use server::{
    shell::{Config, Ended},
    text::MAX_REPLY,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::{
    arena::{Arena, create, join},
    hostile::check_with,
    table::{Player, Server, config},
};

/// A program of ten lines.
struct Student(TcpStream);

impl Student {
    async fn connect(addr: SocketAddr) -> Self {
        Self(TcpStream::connect(addr).await.unwrap())
    }

    async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads once, as much as there is.
    async fn recv(&mut self) -> String {
        let mut bytes = [0; MAX_REPLY];
        let count = self.0.read(&mut bytes).await.unwrap();
        String::from_utf8(bytes[..count].to_vec()).unwrap()
    }

    /// Sends a line and reads once, which is the whole reply.
    async fn ask(&mut self, line: &str) -> String {
        self.say(format!("{line}\n")).await;
        let reply = self.recv().await;
        assert!(reply.ends_with("\n\n"), "{line}: {reply}");
        assert_eq!(reply.matches("\n\n").count(), 1, "{line}: {reply}");
        reply
    }

    /// The code of the room that it opens.
    async fn create(&mut self) -> RoomCode {
        let reply = self.ask("create 3x3").await;
        let code = reply.trim_end().rsplit(' ').next().unwrap();
        code.parse().unwrap_or_else(|_| panic!("{reply}"))
    }

    /// Hears the end of the connection behind these words.
    async fn ends_with(&mut self, words: &str) {
        let mut bytes = Vec::new();
        self.0.read_to_end(&mut bytes).await.unwrap();
        let heard = String::from_utf8(bytes).unwrap();
        assert!(heard.ends_with(&format!("{words}\n= closed\n\n")), "{heard}");
    }
}

/// The state before a player has a room.
const NO_ROOM: &str = "= no room: list, quick, create, join or watch";

/// The last line that is none of the empty ones.
fn state(reply: &str) -> &str {
    reply.trim_end().lines().last().unwrap_or_default()
}

#[tokio::test]
async fn who_sends_a_line_and_reads_once_plays_a_match_against_a_full_client() {
    let server = Server::start(config());
    let mut ann = Player::enter(server.addr, Transport::Udp, "ann", None).await;
    ann.ask(create("3x3"));
    let code = ann.seat().await;
    let mut ben = Student::connect(server.addr).await;
    assert!(ben.ask("name ben").await.starts_with("- you are ben on "));
    assert_eq!(state(&ben.ask(&format!("join {code}")).await), "= turn of ann: you are O");
    let moves = ["b2", "a1", "c3", "b1", "c1", "a2", "c2"];
    for (ply, cell) in (0..).zip(moves) {
        if ply % 2 == 0 {
            ann.ask(Command::Play { match_number: 1, branch: 0, ply, cell: cell.parse().unwrap() });
            let reply = ben.ask("").await;
            assert!(reply.starts_with(&format!("- ann played {cell}\n")), "{reply}");
            let expected =
                if ply < 6 { "= your turn: you are O" } else { "= over: ann won, 0:1; rematch or leave" };
            assert_eq!(state(&reply), expected);
        } else {
            assert_eq!(state(&ben.ask(cell).await), "= turn of ann: you are O");
            assert_eq!(ann.sees(ply + 1).await.record.last(), cell.parse().ok());
        }
    }
    assert_eq!(ben.ask("quit").await, "bye\n= closed\n\n");
    server.stop().await;
}

#[tokio::test]
async fn two_of_them_play_by_keys_and_talk() {
    let server = Server::start(config());
    let [mut ann, mut ben] = [Student::connect(server.addr).await, Student::connect(server.addr).await];
    let code = ann.create().await;
    ben.ask(&format!("join {code}")).await;
    for (ply, key) in ["5", "1", "9", "2", "3", "7", "6"].into_iter().enumerate() {
        let (mover, other) = if ply % 2 == 0 { (&mut ann, &mut ben) } else { (&mut ben, &mut ann) };
        mover.ask(key).await;
        assert!(other.ask("wait").await.contains(" played "));
    }
    assert_eq!(state(&ann.ask("board").await), "= over: you won, 1:0; rematch or leave");
    ben.ask("say gg").await;
    assert!(ann.ask("").await.starts_with("- guest 2: gg\n"));
    server.stop().await;
}

#[tokio::test]
async fn each_line_has_its_reply_and_a_new_one_ends_the_wait() {
    let server = Server::start(config());
    let mut ann = Student::connect(server.addr).await;
    let code = ann.create().await;
    ann.say("\nboard\nhelp\n").await;
    let mut heard = String::new();
    while heard.matches("\n\n").count() < 3 {
        heard.push_str(&ann.recv().await);
    }
    let waiting = format!("= waiting for somebody to join {code}");
    let replies: Vec<&str> = heard.trim_end().split("\n\n").collect();
    assert_eq!(replies[0], format!("nothing new\n{waiting}"));
    assert!(replies[1].starts_with("3  . . .\n") && replies[2].starts_with("list ["), "{heard}");
    // Each byte alone, and a line that ends as in telnet.
    for byte in "BOARD\r\n".bytes() {
        ann.say([byte]).await;
    }
    assert!(ann.recv().await.starts_with("3  . . .\n"));
    server.stop().await;
}

#[tokio::test]
async fn who_wants_to_be_told_is_told_unasked() {
    let server = Server::start(config());
    let mut ann = Student::connect(server.addr).await;
    let code = ann.create().await;
    ann.ask("push on").await;
    let mut ben = Player::enter(server.addr, Transport::Tcp, "ben", None).await;
    ben.ask(join(code));
    let reply = ann.recv().await;
    assert!(reply.starts_with("- ben has come\n3  . . .\n"), "{reply}");
    ann.ask("push off").await;
    server.stop().await;
}

/// The other player's presence as a full client sees it, once it has changed.
async fn presence_of_guest(player: &mut Player) -> Presence {
    loop {
        let Event::Snapshot(shown) = player.event().await else { continue };
        let Snapshot { seats, .. } = *shown;
        match seats[Seat::Guest].occupant().map(|occupant| occupant.presence) {
            Some(presence) if presence != Presence::Present => return presence,
            Some(_) | None => {}
        }
    }
}

#[tokio::test]
async fn who_quits_means_to_go_and_who_is_cut_off_does_not() {
    for (is_on_purpose, last) in [(true, "quit\n"), (false, "")] {
        let server = Server::start(config());
        let mut ann = Player::enter(server.addr, Transport::Tcp, "ann", None).await;
        ann.ask(create("3x3"));
        let code = ann.seat().await;
        let mut ben = Student::connect(server.addr).await;
        ben.ask(&format!("join {code}")).await;
        let cell = "b2".parse().unwrap();
        ann.ask(Command::Play { match_number: 1, branch: 0, ply: 0, cell });
        ann.sees(1).await;
        ben.ask("a1").await;
        ben.say(last).await;
        drop(ben);
        let presence = presence_of_guest(&mut ann).await;
        let Presence::Away { is_on_purpose: is_seen, .. } = presence else { panic!("{presence:?}") };
        assert_eq!(is_seen, is_on_purpose, "{last:?}");
        server.stop().await;
    }
}

#[tokio::test]
async fn lines_before_the_end_are_answered() {
    let server = Server::start(config());
    let mut ann = Student::connect(server.addr).await;
    ann.say("name ann\nlist\nboard").await;
    ann.0.shutdown().await.unwrap();
    let mut heard = String::new();
    ann.0.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard.matches("= no room").count(), 3, "{heard}");
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let server = Server::start(config());
    let mut ann = Student::connect(server.addr).await;
    ann.create().await;
    let (_summary, ()) = tokio::join!(server.stop(), ann.ends_with("error: the server is shutting down"));
}

/// A text client comes, does something, and ends like this.
#[track_caller]
fn check(attack: impl AsyncFnOnce(&Arena), expected: Ended) {
    let mut config = Config::new("attic".parse().unwrap());
    config.text_idle_timeout = Duration::from_secs(20);
    check_with(config, attack, &[expected]);
}

pub(crate) async fn line_too_long(arena: &Arena) {
    let mut peer = Student::connect(arena.addr).await;
    peer.ask("list").await;
    peer.say([b'x'; 1_024]).await;
    peer.ends_with("error: a line takes at most 1024 bytes").await;
}

#[test]
fn ten_megabytes_without_a_newline_are_not_waited_for() {
    check(line_too_long, Ended::ByServer(CloseReason::FrameLength));
    let flood = async |arena: &Arena| {
        let mut peer = Student::connect(arena.addr).await;
        let megabyte = vec![b'x'; 1 << 20];
        // What is sent to who has hung up is refused at last.
        let sent = async {
            for _ in 0..10 {
                if peer.0.write_all(&megabyte).await.is_err() {
                    return;
                }
            }
        };
        arena.pass_until(sent).await;
    };
    check(flood, Ended::ByServer(CloseReason::FrameLength));
}

/// As the lab's own clients do: they send no newline, and read once.
#[tokio::test]
async fn lines_without_an_end_are_answered() {
    let server = Server::start(config());
    let mut ann = Student::connect(server.addr).await;
    ann.say("hello").await;
    assert_eq!(ann.recv().await, format!("error: no such command; `help` lists them\n{NO_ROOM}\n\n"));
    ann.say("name ann").await;
    assert!(ann.recv().await.starts_with("- you are ann on "));
    ann.say("create").await;
    assert!(state(&ann.recv().await).starts_with("= waiting for somebody"));
    server.stop().await;
}

/// Whatever text comes first, in one piece or byte by byte: each line of it gets its answer.
#[tokio::test]
async fn a_text_is_answered_whatever_it_begins_with() {
    const UNKNOWN: &str = "error: no such command; `help` lists them";
    const NOT_TEXT: &str = "error: a line is text in UTF-8 without control characters";
    let server = Server::start(config());
    for (text, answers) in [
        ("name Éva\n".as_bytes(), &["- you are Éva on den"][..]),
        ("list\né\n".as_bytes(), &["no rooms; `create` opens one", UNKNOWN]),
        ("李\r\nquit\n".as_bytes(), &[UNKNOWN, "bye"]),
        (b"GET\n", &[UNKNOWN]),
        (b"HEAD\nPOST\n", &[UNKNOWN, UNKNOWN]),
        (b"GET", &[UNKNOWN]),
        (b"hel", &[UNKNOWN]),
        (b"\xff\xfb\x1f\xff\xfd\x03name ann\r\n", &["- you are ann on den"]),
        (b"\xff\xfb\x1f\xff\xfb\x20\xff\xfd\x03", &["list [FROM] - the rooms"]),
        (b"\n", &["list [FROM] - the rooms"]),
        (b"\xef\xbb\xbfquit\n", &["bye"]),
        (b"name \xc9va\n", &[NOT_TEXT]),
        (b"\x1b[A\n", &[NOT_TEXT]),
        (b"quit\r\0", &["bye"]),
        // Half a character, and half a command of telnet.
        (b"\xc3", &[NOT_TEXT]),
        (b"\xff", &["list [FROM] - the rooms"]),
    ] {
        for size in [text.len(), 1] {
            let mut peer = Student::connect(server.addr).await;
            peer.0.set_nodelay(true).unwrap();
            for piece in text.chunks(size) {
                peer.say(piece).await;
                tokio::task::yield_now().await;
            }
            let mut heard = String::new();
            while heard.matches("\n\n").count() < answers.len() {
                heard.push_str(&peer.recv().await);
            }
            let first_lines: Vec<_> = heard.split("\n\n").filter_map(|reply| reply.lines().next()).collect();
            assert_eq!(first_lines, answers, "{} by {size}", text.escape_ascii());
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_line_that_stays_without_an_end_is_answered_at_the_end_of_the_stream() {
    let server = Server::start(config());
    for beginning in ["hel", "GE", "\u{e9}"] {
        let mut peer = Student::connect(server.addr).await;
        peer.say(beginning).await;
        peer.0.shutdown().await.unwrap();
        let mut heard = String::new();
        peer.0.read_to_string(&mut heard).await.unwrap();
        assert!(heard.starts_with("error: no such command"), "{beginning}: {heard}");
    }
    server.stop().await;
}

#[test]
fn who_says_no_whole_line_for_long_is_sent_away() {
    let slowly = async |arena: &Arena| {
        let mut peer = Student::connect(arena.addr).await;
        peer.ask("create").await;
        for _ in 0..15 {
            peer.say("x").await;
            arena.pass().await;
        }
        arena.pass_until(peer.ends_with("error: nothing was heard for too long")).await;
    };
    check(slowly, Ended::ByServer(CloseReason::Silent));
}

/// The honest players see each other all the while, and who plays against this one would see no less.
#[test]
fn who_thinks_is_not_silent() {
    let thinks = async |arena: &Arena| {
        let mut peer = Student::connect(arena.addr).await;
        let mut other = Student::connect(arena.addr).await;
        let code = peer.create().await;
        other.ask(&format!("join {code}")).await;
        peer.ask("wait").await;
        for _ in 0..15 {
            arena.pass().await;
        }
        assert_eq!(peer.ask("5").await.lines().next(), Some("- you played b2"));
        assert_eq!(other.ask("").await.lines().next(), Some("- guest played b2"));
        peer.ask("quit").await;
        other.ask("quit").await;
    };
    let mut config = Config::new("attic".parse().unwrap());
    config.text_idle_timeout = Duration::from_secs(20);
    check_with(config, thinks, &[Ended::ByClient(CloseReason::Goodbye); 2]);
}

#[test]
fn who_waits_is_told_that_there_is_nothing() {
    let waits = async |arena: &Arena| {
        let mut peer = Student::connect(arena.addr).await;
        peer.ask("name ann").await;
        peer.say("wait\n").await;
        let reply = arena.pass_until(peer.recv()).await;
        assert!(reply.starts_with("nothing new\n"), "{reply}");
        peer.ask("quit").await;
    };
    let config = Config::new("attic".parse().unwrap());
    check_with(config, waits, &[Ended::ByClient(CloseReason::Goodbye)]);
}

#[test]
fn who_sends_no_command_is_sent_away_after_a_minute() {
    let chats = async |arena: &Arena| {
        let mut idler = Student::connect(arena.addr).await;
        let mut player = Student::connect(arena.addr).await;
        idler.ask("hello, is anybody there?").await;
        player.ask("list").await;
        for _ in 0..5 {
            for _ in 0..11 {
                arena.pass().await;
            }
            assert!(idler.ask("GET").await.starts_with("error: "));
        }
        arena.pass_until(idler.ends_with("error: nothing was heard for too long")).await;
        assert!(player.ask("list").await.contains("= no room"));
        player.ask("quit").await;
    };
    let config = Config::new("attic".parse().unwrap());
    check_with(config, chats, &[Ended::ByServer(CloseReason::Silent), Ended::ByClient(CloseReason::Goodbye)]);
}

#[test]
fn the_seventeenth_of_an_address_is_told_that_its_address_has_enough() {
    let crowd = async |arena: &Arena| {
        let mut students = Vec::new();
        for _ in 0..16 {
            let mut student = Student::connect(arena.addr).await;
            student.ask("list").await;
            students.push(student);
        }
        let mut last = Student::connect(arena.addr).await;
        last.say("list\n").await;
        last.ends_with("error: your address uses as much of this server as it may").await;
        // A place is free again once another one has gone.
        students.pop().unwrap().ask("quit").await;
        arena.pass().await;
        students.push(Student::connect(arena.addr).await);
        assert!(students.last_mut().unwrap().ask("list").await.contains("= no room"));
        for mut student in students {
            student.ask("quit").await;
        }
    };
    let config = Config::new("attic".parse().unwrap());
    let quit = [Ended::ByClient(CloseReason::Goodbye); 17];
    let ends: Vec<Ended> = quit.into_iter().chain([Ended::ByServer(CloseReason::AddressFull)]).collect();
    check_with(config, crowd, &ends);
}

#[test]
fn too_many_lines_at_once_are_a_flood() {
    let flood = async |arena: &Arena| {
        let mut peer = Student::connect(arena.addr).await;
        peer.say("help\n".repeat(1_000)).await;
        peer.ends_with("error: too many messages came at once").await;
    };
    check(flood, Ended::ByServer(CloseReason::Flood));
}

#[test]
fn rubbish_in_a_line_is_answered_and_does_no_harm() {
    let rubbish = async |arena: &Arena| {
        let mut peer = Student::connect(arena.addr).await;
        peer.ask("list").await;
        for line in
            [&b"\0\0\0\0\n"[..], b"\xff\xfd\x01\xc3\x28\n", b"say \x1b[2J\n", b"\x8fOXO\0\x01\0\x01\n"]
        {
            peer.say(line).await;
            let reply = peer.recv().await;
            assert!(reply.starts_with("error: a line is text in UTF-8"), "{reply}");
        }
        peer.ask("quit").await;
    };
    check(rubbish, Ended::ByClient(CloseReason::Goodbye));
}

#[test]
fn who_does_not_read_is_cut_off() {
    let deaf = async |arena: &Arena| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut stream = socket.connect(arena.addr).await.unwrap();
        let ask_until_cut_off = async {
            while stream.write_all(b"help\n").await.is_ok() {
                arena.pass().await;
            }
        };
        // Within the allowance of lines, and so not by that.
        ask_until_cut_off.await;
    };
    let mut config = Config::new("attic".parse().unwrap());
    config.message_burst = 1_000_000;
    check_with(config, deaf, &[Ended::ByServer(CloseReason::SlowConsumer)]);
}
