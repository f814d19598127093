//! The door for those who watch over a server: what it counts, against the real program, and what it refuses.

#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

use std::{
    io::{BufRead, BufReader, Read, pipe},
    net::SocketAddr,
    process::{Command as Process, Stdio},
    time::Instant,
};

use net::{
    link::Transport,
    proto::{ClientMessage, CloseReason, Command, Event, Reject},
};
use server::shell::{self, Admin, Sockets};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UdpSocket},
};

use crate::{
    arena::{Peer, create, join},
    browser::{Answer, Browser, ask, get},
    logs::{TALKATIVE, chat},
    openmetrics::{Exposition, Family, parse},
    program::Program,
    table::{PATIENCE, config, play, seated},
};

const OPERATING: &str = include_str!("../../../../docs/OPERATING.md");

const QUIET: [&str; 3] = ["--listen=127.0.0.1:0", "--no-discovery", "--name=attic"];

/// A program, and where it tells its figures.
struct Watched {
    program: Program,
    admin: SocketAddr,
}

impl Watched {
    fn start(stderr: impl Into<Stdio>, args: &[&str]) -> Self {
        let mut child = Process::new(env!("CARGO_BIN_EXE_oxo-server"))
            .args(args)
            .args(["--admin", "127.0.0.1:0", "--no-store"])
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
        let mut said = |start| lines.find_map(|line| Some(line.strip_prefix(start)?.to_owned())).unwrap();
        let addr = said("listening tcp ").parse().unwrap();
        let admin = said("metrics http://").strip_suffix("/metrics").unwrap().parse().unwrap();
        Self { program: Program { child, addr }, admin }
    }

    fn quiet() -> Self {
        Self::start(Stdio::null(), &QUIET)
    }

    async fn text(&self) -> String {
        let answer = get(self.admin, "/metrics", "").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let kind = "\r\ncontent-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n";
        assert!(answer.head.contains(kind), "{}", answer.head);
        answer.body
    }

    async fn metrics(&self) -> Exposition {
        parse(&self.text().await)
    }

    /// Checks samples, which a link that is just ending may bring about a moment later.
    async fn check(&self, expected: &[(&str, f64)]) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let metrics = self.metrics().await;
            let found: Vec<_> = expected.iter().map(|(sample, _)| (*sample, metrics[sample])).collect();
            if found == expected {
                return;
            }
            assert!(Instant::now() < deadline, "{found:?} and not {expected:?}");
        }
    }
}

/// Nine moves over TCP and UDP, then three between a browser and TCP, with rejects.
#[tokio::test]
async fn matches_over_every_transport_are_counted_exactly() {
    let watched = Watched::quiet();
    let addr = watched.program.addr;
    let mut players = seated(addr, [Transport::Tcp, Transport::Udp]).await;
    play(&mut players, 0, 9).await;
    watched
        .check(&[
            ("oxo_matches_total", 1.0),
            ("oxo_moves_total", 9.0),
            ("oxo_move_latency_seconds_count", 9.0),
            ("oxo_commands_total", 11.0),
            ("oxo_sessions", 2.0),
            ("oxo_links{session=\"yes\"}", 2.0),
            ("oxo_links{session=\"no\"}", 0.0),
            ("oxo_rooms{phase=\"over\"}", 1.0),
        ])
        .await;

    let (mut zoe, _) = Browser::enter(addr, "zoe-on-a-phone").await;
    let (mut yan, _) = Peer::enter(addr, "yan").await;
    zoe.command(create("3x3")).await;
    let code = zoe.seat().await;
    zoe.snapshot(0).await;
    watched.check(&[("oxo_rooms{phase=\"waiting\"}", 1.0)]).await;
    yan.command(join(code)).await;
    yan.seat().await;
    zoe.snapshot(0).await;
    yan.snapshot().await;
    let at = |ply, cell: &str| Command::Play { match_number: 1, branch: 0, ply, cell: cell.parse().unwrap() };
    yan.command(at(0, "a1")).await;
    assert_eq!(yan.reject().await, Reject::NotYourTurn);
    for (ply, cell) in [(0, "b2"), (1, "a1"), (2, "c3")] {
        if ply == 1 {
            yan.command(at(ply, cell)).await;
        } else {
            zoe.command(at(ply, cell)).await;
        }
        zoe.snapshot(ply + 1).await;
        yan.snapshot().await;
    }
    // A repeated move is none, and no reject either.
    zoe.command(at(2, "c3")).await;
    zoe.snapshot(3).await;
    zoe.command(at(4, "a2")).await;
    let Event::Rejected { reject: Reject::OtherPly, .. } = zoe.event().await else { panic!("it was early") };
    let text = watched.text().await;
    let metrics = parse(&text);
    for (sample, expected) in [
        ("oxo_matches_total", 2.0),
        ("oxo_moves_total", 12.0),
        ("oxo_move_latency_seconds_count", 12.0),
        ("oxo_commands_total", 19.0),
        ("oxo_sessions", 4.0),
        ("oxo_rooms{phase=\"playing\"}", 1.0),
        ("oxo_rooms{phase=\"over\"}", 1.0),
        ("oxo_rejects_total{reason=\"not-your-turn\"}", 1.0),
        ("oxo_rejects_total{reason=\"other-ply\"}", 1.0),
        ("oxo_rejects_total{reason=\"cell-taken\"}", 0.0),
        ("oxo_queue_depth{queue=\"inputs\"}", 0.0),
    ] {
        assert_eq!(metrics[sample], expected, "{sample}");
    }
    assert!(metrics["oxo_move_latency_seconds_sum"] > 0.0);
    for direction in ["received", "sent"] {
        for transport in ["tcp", "udp", "web"] {
            assert!(metrics[&format!("oxo_{direction}_bytes_total{{transport=\"{transport}\"}}")] > 100.0);
        }
    }
    let (port, code) = (yan.stream.local_addr().unwrap().port().to_string(), code.to_string());
    for secret in ["zoe", "yan", &code, &port, "127.0.0.1"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

#[tokio::test]
async fn ends_of_links_are_counted_by_their_reason() {
    let watched = Watched::quiet();
    let addr = watched.program.addr;
    let hang_up = async |bytes: &[u8]| {
        let mut stranger = Peer::connect(addr).await;
        stranger.raw(bytes).await;
        stranger.everything().await;
    };
    hang_up(&[0x16, 3, 1, 2, 0, 1, 0, 1]).await;
    hang_up(b"SSH-2.0-OpenSSH_9.2\r\n").await;
    get(addr, "/", "").await;
    ask(addr, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").await;
    let (mut ann, _) = Peer::enter(addr, "ann").await;
    ann.say(&ClientMessage::Close(CloseReason::Goodbye)).await;
    while ann.hear().await.is_some() {}
    for name in ["bea", "cal"] {
        let (mut broken, _) = Peer::enter(addr, name).await;
        broken.raw(&[0, 0]).await;
        assert_eq!(broken.close_reason().await, CloseReason::FrameLength);
    }
    drop(Peer::enter(addr, "dot").await);
    // The versions of strangers are theirs to choose, and make one sample all the same.
    for newest in [60, 61, 62] {
        let mut preface = net::proto::Preface(net::proto::PROTOCOL).encode();
        preface[5] = 60;
        preface[7] = newest;
        hang_up(&preface).await;
    }
    watched
        .check(&[
            ("oxo_links_ended_total{by=\"stranger\",reason=\"tls\"}", 1.0),
            ("oxo_links_ended_total{by=\"stranger\",reason=\"ssh\"}", 1.0),
            ("oxo_links_ended_total{by=\"stranger\",reason=\"other-version\"}", 3.0),
            ("oxo_links_ended_total{by=\"server\",reason=\"browsed\"}", 2.0),
            ("oxo_http_answers_total{status=\"200\"}", 1.0),
            ("oxo_http_answers_total{status=\"421\"}", 1.0),
            ("oxo_links_ended_total{by=\"server\",reason=\"frame-length\"}", 2.0),
            ("oxo_links_ended_total{by=\"client\",reason=\"goodbye\"}", 1.0),
            ("oxo_links_ended_total{by=\"nobody\",reason=\"broken\"}", 1.0),
            ("oxo_links_ended_total{by=\"other\",reason=\"other\"}", 0.0),
            ("oxo_links{session=\"no\"}", 0.0),
        ])
        .await;
}

#[tokio::test]
async fn bytes_are_counted_to_the_last_one() {
    let watched = Watched::quiet();
    let addr = watched.program.addr;
    let mut peer = Peer::greet(addr).await;
    peer.raw(&[0, 0]).await;
    let sent = 8 + peer.everything().await.len();
    let mut line = TcpStream::connect(addr).await.unwrap();
    line.write_all(b"quit\r\n").await.unwrap();
    let mut replies = Vec::new();
    line.read_to_end(&mut replies).await.unwrap();
    let request = format!("GET /style.css HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
    let mut browser = TcpStream::connect(addr).await.unwrap();
    browser.write_all(request.as_bytes()).await.unwrap();
    let mut page = Vec::new();
    browser.read_to_end(&mut page).await.unwrap();
    UdpSocket::bind("127.0.0.1:0").await.unwrap().send_to(&[7; 100], addr).await.unwrap();
    let of = |bytes: usize| f64::from(u32::try_from(bytes).unwrap());
    watched
        .check(&[
            ("oxo_received_bytes_total{transport=\"tcp\"}", 16.0),
            ("oxo_sent_bytes_total{transport=\"tcp\"}", of(sent + replies.len())),
            ("oxo_received_bytes_total{transport=\"web\"}", of(request.len())),
            ("oxo_sent_bytes_total{transport=\"web\"}", of(page.len())),
            ("oxo_received_bytes_total{transport=\"udp\"}", 100.0),
            ("oxo_sent_bytes_total{transport=\"udp\"}", 0.0),
        ])
        .await;
}

#[tokio::test]
async fn dropped_log_lines_are_counted_as_the_log_tells_them() {
    let (reader, writer) = pipe().unwrap();
    let watched = Watched::start(writer, &TALKATIVE);
    chat(&watched.program).await;
    let metrics = watched.metrics().await;
    assert!(metrics["oxo_log_lines_dropped_total"] > 0.0);
    assert!(metrics["oxo_log_waiting_bytes"] > 200_000.0);
    let mut lines = BufReader::new(reader).lines().map(Result::unwrap);
    let notice = "log lines were dropped lines=";
    let told = lines.find_map(|line| line.split_once(notice)?.1.parse().ok()).unwrap();
    watched.check(&[("oxo_log_lines_dropped_total", told), ("oxo_log_waiting_bytes", 0.0)]).await;
}

#[tokio::test]
async fn a_server_that_plays_is_healthy_and_one_without_the_flag_tells_nothing() {
    let watched = Watched::quiet();
    let answer = get(watched.admin, "/healthz", "").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "ok\n"));
    assert_eq!(ask(watched.admin, "HEAD /metrics HTTP/1.0\r\nHost: [::1]\r\n\r\n").await.body, "");
    for path in ["/metrics", "/healthz"] {
        assert_eq!(get(watched.program.addr, path, "").await.status, 404, "{path} on the port of the game");
    }
    let mut without = Program::start_logging_to(Stdio::null(), &QUIET);
    without.child.kill().unwrap();
    let mut rest = String::new();
    without.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("metrics"), "{rest}");
}

#[tokio::test]
async fn a_listener_that_others_can_reach_is_warned_of() {
    let (reader, writer) = pipe().unwrap();
    let args = [&QUIET[..], &["--admin=0.0.0.0:0"]].concat();
    let _program = Program::start_logging_to(writer, &args);
    let mut lines = BufReader::new(reader).lines().map(Result::unwrap);
    let warning = "other machines may read the metrics: nothing protects them but a firewall";
    assert!(lines.any(|line| line.contains(" WARN ") && line.contains(warning)));
}

#[test]
fn an_address_that_cannot_be_bound_is_told_in_one_sentence() {
    let output = Process::new(env!("CARGO_BIN_EXE_oxo-server"))
        .args(QUIET)
        .arg("--no-store")
        .arg("--admin=192.0.2.1:9952")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("oxo-server: cannot serve metrics on 192.0.2.1:9952\n  because: "), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

/// Checks a refusal of one sentence.
#[track_caller]
fn check_refused(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(answer.body.len() < 100 && answer.body.lines().count() <= 1, "{answer:?}");
    assert!(answer.head.contains("\r\nx-content-type-options: nosniff") || status == 431, "{answer:?}");
}

#[tokio::test]
async fn requests_that_are_wrong_get_one_sentence_and_no_figure() {
    let watched = Watched::quiet();
    let addr = watched.admin;
    for path in ["/", "/metrics/", "/healthz/x", "/KITE-42", "/games.json", "/ws", "/%00"] {
        check_refused(&get(addr, path, "").await, 404);
    }
    let request = async |line: &str, head: &str| ask(addr, &format!("{line}\r\n{head}\r\n\r\n")).await;
    check_refused(&request("GET /metrics HTTP/1.1", "Host: evil.example").await, 421);
    check_refused(&request("GET /metrics HTTP/1.1", "X: y").await, 421);
    check_refused(&request("POST /metrics HTTP/1.1", "Host: 127.0.0.1").await, 405);
    check_refused(&request("DELETE /healthz HTTP/1.1", "Host: 127.0.0.1").await, 405);
    check_refused(&request("GET /metrics HTTP/1.1", "Host: 127.0.0.1\r\nContent-Length: 3").await, 413);
    check_refused(
        &request("GET /metrics HTTP/1.1", "Host: 127.0.0.1\r\nTransfer-Encoding: chunked").await,
        413,
    );
    let long = format!("Host: 127.0.0.1\r\nX: {}", "x".repeat(9 * 1024));
    check_refused(&request("GET /metrics HTTP/1.1", &long).await, 431);
    watched.check(&[("oxo_commands_total", 0.0)]).await;
}

#[tokio::test]
async fn connections_that_ask_for_nothing_give_way_to_those_that_ask() {
    let watched = Watched::quiet();
    let mut idle = Vec::new();
    for _ in 0..40 {
        idle.push(TcpStream::connect(watched.admin).await.unwrap());
    }
    assert!(watched.text().await.ends_with("# EOF\n"));
    for stream in &mut idle[..24] {
        // An end or a reset, and long before the time for a head is over.
        let start = Instant::now();
        assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
        assert!(start.elapsed().as_secs() < 4, "it was cut off by the time alone");
    }
}

/// Lets a server run while its watchers do something, in time that passes when all wait.
async fn beside_a_server<T>(watch: impl AsyncFnOnce(SocketAddr) -> T) -> T {
    let log = server::logging::LogQueue::start(std::io::sink()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let game = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let admin = Some(Admin { listener, log: log.writer() });
    let sockets = Sockets { tcp: vec![game], admin, ..Sockets::default() };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(shell::run(sockets, config(), None, async { stopped.await.unwrap() }));
    let watched = watch(addr).await;
    stop.send(()).unwrap();
    running.await.unwrap();
    assert!(TcpStream::connect(addr).await.is_err(), "it is still there");
    watched
}

#[tokio::test(start_paused = true)]
async fn half_a_request_and_an_idle_connection_end_in_seconds() {
    let half = async |addr, bytes: &'static [u8]| {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let start = tokio::time::Instant::now();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(start.elapsed().as_secs() <= 6, "{:?}", start.elapsed());
        answer.len()
    };
    beside_a_server(async |addr| {
        assert!(half(addr, b"GET /metrics HT").await < 200);
        assert!(half(addr, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await > 200, "an answer");
    })
    .await;
}

/// The table in OPERATING and what the server tells are the same.
#[tokio::test]
async fn the_table_of_metrics_is_what_the_server_tells() {
    let watched = Watched::quiet();
    let _ended = get(watched.program.addr, "/", "").await;
    let metrics = watched.metrics().await;
    let rows: Vec<String> = metrics.families.iter().map(Family::row).collect();
    let (_, table) =
        OPERATING.split_once("| Metric | Type | Labels | Meaning |\n| --- | --- | --- | --- |\n").unwrap();
    let written: Vec<&str> = table.lines().take_while(|line| line.starts_with('|')).collect();
    assert_eq!(written, rows, "the table should be\n{}", rows.join("\n"));
}
