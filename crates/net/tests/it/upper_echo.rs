//! The lab's programs, an example of the crate, over real sockets of the loopback. `cargo xtask lan` tries them with other
//! programs.

#[path = "../../examples/upper_echo/client.rs"]
mod client;
#[path = "../../examples/upper_echo/line.rs"]
mod line;
#[path = "../../examples/upper_echo/server.rs"]
mod server;
#[path = "../../examples/upper_echo/upper.rs"]
mod upper;

use std::{error::Error, io, net::SocketAddr, time::Duration};

use net::{
    bind::{Bound, bind},
    connect::{ConnectError, TransportChoice},
    link::Transport,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream, UdpSocket},
    task::{JoinHandle, JoinSet},
    time::{Instant, timeout},
};

use line::MAX_LINE;

/// Bytes beyond what two systems' buffers hold for one connection (Linux: 10 MiB each way, tcp(7)).
const ENOUGH: usize = 64 * 1024 * 1024;

const UDP: TransportChoice = TransportChoice::Only(Transport::Udp);
const TCP: TransportChoice = TransportChoice::Only(Transport::Tcp);

/// A server that runs until this is dropped.
struct Server {
    task: JoinHandle<io::Result<std::convert::Infallible>>,
    port: u16,
}

impl Server {
    fn start() -> Self {
        Self::start_on("[::]:0")
    }

    fn start_on(addr: &str) -> Self {
        let Bound { tcp, udp, local, .. } = bind(&addr.parse().unwrap()).unwrap();
        Self { task: tokio::spawn(server::serve(tcp, udp)), port: local.port() }
    }

    async fn start_and_connect() -> (Self, TcpStream) {
        let server = Self::start();
        let stream = server.stream().await;
        (server, stream)
    }

    fn at(&self, host: &str) -> String {
        format!("{host}:{}", self.port)
    }

    async fn stream(&self) -> TcpStream {
        TcpStream::connect(self.at("127.0.0.1")).await.unwrap()
    }

    async fn datagrams(&self) -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.connect(self.at("127.0.0.1")).await.unwrap();
        socket
    }

    /// Checks that new clients are served.
    #[track_caller]
    fn check_serves(&self) -> impl Future<Output = ()> {
        let target = self.at("127.0.0.1");
        async move {
            for choice in [UDP, TCP] {
                assert_eq!(ask(&target, choice, b"still there?\n").await.unwrap().0, b"STILL THERE?\n");
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Runs the client. Returns the answers, one after the other, and its report.
async fn ask(
    target: &str,
    choice: TransportChoice,
    lines: &[u8],
) -> Result<(Vec<u8>, String), Box<dyn Error>> {
    let (target, mut answers) = (target.parse()?, Vec::new());
    let take = |answer: &[u8]| {
        answers.extend_from_slice(answer);
        Ok(())
    };
    let report = client::send(&target, choice, lines, take).await?;
    Ok((answers, report))
}

/// Checks the exact answer to bytes that are sent in one piece.
async fn check_exchange(stream: &mut TcpStream, said: &[u8], expected: &[u8]) {
    stream.write_all(said).await.unwrap();
    let mut answer = vec![0; expected.len()];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, expected);
}

/// The hosts by which this machine reaches itself.
fn loopbacks() -> Vec<&'static str> {
    let has_ipv6 = std::net::UdpSocket::bind("[::1]:0").is_ok();
    if has_ipv6 { vec!["127.0.0.1", "[::1]", "localhost"] } else { vec!["127.0.0.1", "localhost"] }
}

#[tokio::test]
async fn lines_come_back_in_upper_case_over_both_families_and_transports() {
    let server = Server::start();
    for host in loopbacks() {
        for choice in [UDP, TCP, TransportChoice::Auto] {
            let (answers, report) = ask(&server.at(host), choice, b"hello\n\nlast").await.unwrap();
            assert_eq!(answers, b"HELLO\n\nLAST\n", "{host}");
            assert!(report.contains("lines: 3, "), "{report}");
        }
    }
}

#[tokio::test]
async fn fifty_clients_at_once_each_get_their_own_answers() {
    let server = Server::start();
    let mut clients = JoinSet::new();
    for number in 0..50 {
        let target = server.at(loopbacks()[number % 2]);
        let choice = if number % 3 == 0 { TCP } else { UDP };
        clients.spawn(async move {
            let lines = format!("this is number {number}\n").repeat(20);
            let (answers, _report) = ask(&target, choice, lines.as_bytes()).await.unwrap();
            assert_eq!(answers, lines.to_ascii_uppercase().as_bytes());
        });
    }
    clients.join_all().await;
}

#[tokio::test]
async fn a_client_too_many_waits_for_a_place() {
    let server = Server::start();
    let mut clients = Vec::new();
    for _ in 0..server::CLIENTS {
        let mut stream = server.stream().await;
        check_exchange(&mut stream, b"a\n", b"A\n").await;
        clients.push(stream);
    }
    let mut waiting = server.stream().await;
    waiting.write_all(b"b\n").await.unwrap();
    check_exchange(&mut clients[0], b"c\n", b"C\n").await;
    let too_early = waiting.try_read(&mut [0; 2]).unwrap_err();
    assert_eq!(too_early.kind(), io::ErrorKind::WouldBlock);
    clients.pop();
    check_exchange(&mut waiting, b"d\n", b"B\nD\n").await;
}

/// Many programs send no newline and read once.
#[tokio::test]
async fn what_has_come_is_answered_as_it_comes() {
    let (_server, mut stream) = Server::start_and_connect().await;
    check_exchange(&mut stream, b"hello", b"HELLO").await;
    check_exchange(&mut stream, b" you\ntwo\nthr", b" YOU\nTWO\nTHR").await;
    check_exchange(&mut stream, b"ee\n", b"EE\n").await;
}

#[tokio::test]
async fn a_character_in_two_pieces_is_one() {
    let (_server, mut stream) = Server::start_and_connect().await;
    for (piece, answer) in [
        (&b"caf\xc3"[..], &b"CAF"[..]),
        (b"\xa9\xf0\x90", "É".as_bytes()),
        (b"\x90\xa8\xe1\xbf", "\u{10400}".as_bytes()),
        // The beginning was none.
        (b"x", b"\xe1\xbfX"),
    ] {
        check_exchange(&mut stream, piece, answer).await;
    }
    stream.write_all(b"\xc3").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"\xc3");
}

#[tokio::test]
async fn ten_megabytes_without_a_newline_come_back() {
    const PIECE: usize = 10_000;

    let (server, stream) = Server::start_and_connect().await;
    let (mut read, mut write) = stream.into_split();
    let sends = tokio::spawn(async move {
        for _ in 0..1_000 {
            write.write_all(&[b'a'; PIECE]).await.unwrap();
        }
        write
    });
    let mut answer = vec![0; PIECE];
    for _ in 0..1_000 {
        read.read_exact(&mut answer).await.unwrap();
        assert!(answer.iter().all(|byte| *byte == b'A'));
    }
    drop(sends.await.unwrap());
    server.check_serves().await;
}

#[tokio::test]
async fn the_longest_line_is_answered_and_one_byte_more_is_not() {
    let (server, mut stream) = Server::start_and_connect().await;
    let (mut line, mut expected) = (vec![b'a'; MAX_LINE], vec![b'A'; MAX_LINE]);
    line.push(b'\n');
    expected.push(b'\n');
    check_exchange(&mut stream, &line, &expected).await;
    for choice in [UDP, TCP] {
        assert_eq!(ask(&server.at("127.0.0.1"), choice, &line).await.unwrap().0, expected);
    }
    line.insert(0, b'a');
    let complaint = ask(&server.at("127.0.0.1"), TCP, &line).await.unwrap_err();
    assert_eq!(complaint.to_string(), "a line has at most 1024 bytes");

    let socket = server.datagrams().await;
    socket.send(&line).await.unwrap();
    socket.send(b"short").await.unwrap();
    let mut buffer = [0; 2 * MAX_LINE];
    let length = socket.recv(&mut buffer).await.unwrap();
    assert_eq!(&buffer[..length], b"SHORT", "what is too long gets no answer");
}

/// A datagram may be forged, so its answer takes no more bytes.
#[tokio::test]
async fn upper_case_is_that_of_unicode_and_over_udp_it_is_no_longer_than_the_question() {
    let (server, mut stream) = Server::start_and_connect().await;
    check_exchange(&mut stream, b"a\xff\0\xc3\n", b"A\xff\0\xc3\n").await;
    check_exchange(&mut stream, "straße élan ŉ я\n".as_bytes(), "STRASSE ÉLAN ʼN Я\n".as_bytes()).await;
    let (answer, _report) = ask(&server.at("127.0.0.1"), UDP, "straße ŉ\n".as_bytes()).await.unwrap();
    assert_eq!(answer, "STRASSE ŉ\n".as_bytes());
    let (answer, _report) = ask(&server.at("127.0.0.1"), TCP, "ΐ".repeat(500).as_bytes()).await.unwrap();
    assert_eq!(answer.len(), 3 * 2 * 500 + 1, "longer than any question");
    let socket = server.datagrams().await;
    for (said, expected) in
        [(&b"a\xff"[..], &b"A\xff"[..]), (b"", b""), (b"\n", b"\n"), ("ŉé".as_bytes(), "ŉÉ".as_bytes())]
    {
        socket.send(said).await.unwrap();
        let mut buffer = [0; 8];
        let length = socket.recv(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], expected);
    }
}

#[tokio::test]
async fn a_client_that_never_reads_is_held_up_and_nobody_else_is() {
    let (server, mut stream) = Server::start_and_connect().await;
    let lines = [&[b'a'; MAX_LINE][..], b"\n"].concat();
    let mut written = 0;
    while let Ok(length) = timeout(Duration::from_secs(1), stream.write(&lines)).await {
        written += length.unwrap();
        assert!(written < ENOUGH, "somebody keeps what nobody reads");
    }
    server.check_serves().await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_nothing_is_left() {
    let (_server, mut stream) = Server::start_and_connect().await;
    let start = Instant::now();
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
    assert!(start.elapsed() >= Duration::from_mins(1), "{:?}", start.elapsed());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_datagram_is_answered_from_the_address_that_was_asked() {
    let server = Server::start();
    // The system would send from 127.0.0.1, and the client would not hear it.
    assert_eq!(ask(&server.at("127.0.0.2"), UDP, b"x\n").await.unwrap().0, b"X\n");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn another_server_is_not_answered() {
    let server = Server::start_on("127.0.0.1:0");
    // The same port on another address, as the default port on another machine is.
    let other = UdpSocket::bind(server.at("127.0.0.2")).await.unwrap();
    other.send_to(b"x", server.at("127.0.0.1")).await.unwrap();
    server.check_serves().await;
    assert_eq!(other.try_recv(&mut [0; 2]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

/// A fake server: it answers each datagram with what `answer` returns, given how many came before.
async fn fake(
    answer: impl Fn(usize, &[u8]) -> Vec<&'static [u8]> + Send + 'static,
) -> (JoinHandle<()>, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let addr = socket.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut buffer = [0; 64];
        for count in 0.. {
            let (length, peer) = socket.recv_from(&mut buffer).await.unwrap();
            for datagram in answer(count, &buffer[..length]) {
                socket.send_to(datagram, peer).await.unwrap();
            }
        }
    });
    (task, addr)
}

#[tokio::test]
async fn what_answers_another_question_is_passed_over() {
    let (_task, addr) = fake(|count, _| match count {
        0 => vec![b"", b"ONE?", b"ONE"],
        // The first answer again, as if its question had been asked twice.
        _ => vec![b"ONE", b"TWO"],
    })
    .await;
    assert_eq!(ask(&addr.to_string(), UDP, b"one\ntwo\n").await.unwrap().0, b"ONETWO");
}

#[tokio::test]
async fn an_answer_in_unicode_is_one() {
    let (_task, addr) = fake(|_, _| vec!["STRASSE ÄÖ".as_bytes()]).await;
    assert_eq!(
        ask(&addr.to_string(), UDP, "straße äö\n".as_bytes()).await.unwrap().0,
        "STRASSE ÄÖ".as_bytes()
    );
}

#[tokio::test]
async fn a_lost_datagram_is_asked_again_and_counted() {
    let (_task, addr) = fake(|count, _| if count == 1 { vec![] } else { vec![b"A\n"] }).await;
    let (answers, report) = ask(&addr.to_string(), UDP, b"a\na\n").await.unwrap();
    assert_eq!(answers, b"A\nA\n");
    assert!(report.ends_with("lines: 2, questions: 3, without an answer in time: 1"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_is_given_up() {
    let (task, addr) = fake(|count, _| if count == 0 { vec![b"A\n"] } else { vec![] }).await;
    let error = ask(&addr.to_string(), UDP, b"a\nb\n").await.unwrap_err();
    task.abort();
    assert_eq!(error.to_string(), format!("line 2 got no answer from {addr}"));
    assert_eq!(error.source().unwrap().to_string(), "no answer in time (a firewall, or another network)");
}

#[tokio::test]
async fn where_nobody_listens_the_client_says_so() {
    // A port that is ours, so that nobody else gets it, and on which nobody listens.
    let held = TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = held.local_addr().unwrap();
    let error = ask(&addr.to_string(), TCP, b"a\n").await.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot reach {addr}"));
    let error = error.downcast_ref::<ConnectError>().unwrap();
    assert_eq!(error.causes(), [format!("{addr}: refused (nobody listens on that port)")]);
}
