//! The client: one line at a time, and its answer.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use net::addr::HostPort;
use net::connect::{Candidate, Failure, RaceConfig, TransportChoice, connect};
use net::link::Transport;
use net::{tcp, udp};
use thiserror::Error;
use tokio::io::{AsyncBufRead, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::line::{MAX_LINE, read_line};
use super::upper::{Growth, upper_case};

/// Time for an answer over TCP: the system sends a lost segment again six times meanwhile (RFC 6298).
const PATIENCE: Duration = Duration::from_mins(1);

/// Bytes of the longest answer: no character in upper case takes more than three times its bytes.
const MAX_ANSWER: usize = 3 * MAX_LINE;

/// Time until a question over UDP is asked again: on a LAN an answer takes milliseconds.
const RESEND: Duration = Duration::from_millis(500);

/// Most times that a question is asked over UDP. Where each way loses 20 %, 3 of 10,000 questions get no answer. All tries
/// together take 4 s, less than the 5 s of the race of all addresses.
const TRIES: u32 = 8;

/// A line that the server did not answer.
#[derive(Debug, Error)]
#[error("line {line} got no answer from {addr}")]
struct Unanswered {
    line: u32,
    addr: SocketAddr,
    source: Failure,
}

/// Sends each line once the last one is answered, and passes the answers to `take`. Returns a report.
pub(crate) async fn send(
    target: &HostPort,
    choice: TransportChoice,
    mut lines: impl AsyncBufRead + Unpin,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<String, Box<dyn Error>> {
    let Some(mut line) = read_question(&mut lines).await? else { return Ok("there was no line".into()) };
    let dial = |candidate| open(candidate, &line);
    let (at, (mut server, mut first)) = connect(target, &[], choice, RaceConfig::default(), dial).await?;
    let mut count = 0;
    loop {
        count += 1;
        let unanswered = |source| Unanswered { line: count, addr: at.addr, source };
        let answer = match first.take() {
            Some(answer) => answer,
            None => server.ask(&line).await.map_err(unanswered)?,
        };
        take(&answer)?;
        match read_question(&mut lines).await? {
            Some(next) => line = next,
            None => return Ok(server.report(at, count)),
        }
    }
}

/// The connection to the server.
enum Server {
    Tcp(BufReader<TcpStream>),
    /// With the number of questions sent.
    Udp(UdpSocket, u32),
}

/// Connects to the server. A TCP connection shows that it is there; over UDP only the first answer does.
async fn open(candidate: Candidate, line: &[u8]) -> Result<(Server, Option<Vec<u8>>), Failure> {
    match candidate.transport {
        Transport::Tcp => Ok((Server::Tcp(BufReader::new(tcp::connect(candidate.addr).await?)), None)),
        Transport::Udp => {
            let mut server = Server::Udp(udp::connect(candidate.addr).await?, 0);
            let answer = server.ask(line).await?;
            Ok((server, Some(answer)))
        }
    }
}

impl Server {
    async fn ask(&mut self, line: &[u8]) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Tcp(stream) => {
                let exchange = async {
                    stream.write_all(line).await?;
                    read_line(stream, MAX_ANSWER)
                        .await?
                        .ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
                };
                Ok(timeout(PATIENCE, exchange).await.map_err(io::Error::from)??)
            }
            Self::Udp(socket, sent) => {
                for _ in 0..TRIES {
                    *sent += 1;
                    socket.send(line).await.map_err(Failure::of_datagram)?;
                    if let Ok(heard) = timeout(RESEND, hear(socket, line)).await {
                        return heard.map_err(Failure::of_datagram);
                    }
                }
                Err(Failure::TimedOut)
            }
        }
    }

    fn report(&self, at: Candidate, lines: u32) -> String {
        let what = match self {
            Self::Tcp(_) => "what was lost, the system sent again".into(),
            Self::Udp(_, sent) => format!("questions: {sent}, without an answer in time: {}", sent - lines),
        };
        format!("{} over {}: lines: {lines}, {what}", at.addr, at.transport.name())
    }
}

/// Waits for the answer to `question`. Answers to other questions, which come late or twice, are ignored. The socket hears
/// nothing from other addresses.
async fn hear(socket: &UdpSocket, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut buffer = [0; MAX_ANSWER];
    loop {
        let length = socket.recv(&mut buffer).await?;
        if is_answer(&buffer[..length], question) {
            return Ok(buffer[..length].to_vec());
        }
    }
}

/// Tests for the question in upper case: that of Unicode, or as much of it as takes no more bytes, or that of ASCII, as other
/// servers have it. White space at the end does not count.
fn is_answer(answer: &[u8], question: &[u8]) -> bool {
    let (answer, question) = (answer.trim_ascii_end(), question.trim_ascii_end());
    let is_unicode = |growth| answer == upper_case(question, growth);
    is_unicode(Growth::Forbidden) || is_unicode(Growth::Allowed) || answer == question.to_ascii_uppercase()
}

/// Reads a line, and adds a newline to a last one without it, since a server that reads lines would wait for one.
async fn read_question(lines: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut line = read_line(lines, MAX_LINE).await?;
    if let Some(line) = &mut line
        && !line.ends_with(b"\n")
    {
        line.push(b'\n');
    }
    Ok(line)
}
