//! The server: it sends back in upper case whatever comes, as it comes.

use std::convert::Infallible;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use net::addr::canonical;
use net::tcp;
use net::token_bucket::TokenBucket;
use net::udp::{Batch, Socket};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::{JoinSet, consume_budget};
use tokio::time::{sleep, timeout};

use super::line::MAX_LINE;
use super::upper::{Growth, UpperCase, upper_case};

/// Clients over TCP at once; further ones wait in the system's queue. Over UDP nothing is kept of a client.
pub(crate) const CLIENTS: usize = 100;

/// Time for a client over TCP to send something and take the answer: a person needs less.
const IDLE: Duration = Duration::from_mins(1);

/// Answers a second over UDP: a bound on the waste of two servers that answer each other.
const ANSWERS: u32 = 10_000;

/// Ports of the system's servers, some of which answer whatever comes (7 is echo, RFC 862), as we do.
const SYSTEM_PORTS: Range<u16> = 0..1024;

/// Serves both transports until a socket fails.
pub(crate) async fn serve(tcp: TcpListener, udp: UdpSocket) -> io::Result<Infallible> {
    tokio::try_join!(serve_streams(tcp), serve_datagrams(udp)).map(|(never, _)| never)
}

async fn serve_streams(listener: TcpListener) -> io::Result<Infallible> {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if clients.len() < CLIENTS => match accepted {
                Ok((stream, peer)) => drop(clients.spawn(async move {
                    if let Err(error) = serve_stream(stream).await {
                        eprintln!("{} is closed: {error}", canonical(peer));
                    }
                })),
                Err(error) => {
                    eprintln!("a client could not be accepted: {error}");
                    // Too many files are open, perhaps, and will be for a while.
                    sleep(Duration::from_millis(100)).await;
                }
            },
            Some(_ended) = clients.join_next() => {}
        }
    }
}

/// Answers a client as its bytes come, with or without a newline. It reads more once the last answer is written, so that a
/// client that does not read is held up, and nothing piles up here.
async fn serve_stream(mut stream: TcpStream) -> io::Result<()> {
    tcp::set_options(&stream)?;
    let mut upper = UpperCase::default();
    let mut buffer = vec![0; MAX_LINE];
    loop {
        let exchange = async {
            let count = stream.read(&mut buffer).await?;
            let answer = if count == 0 { upper.end() } else { upper.push(&buffer[..count]) };
            stream.write_all(&answer).await?;
            Ok::<_, io::Error>(count > 0)
        };
        if !timeout(IDLE, exchange).await?? {
            return Ok(());
        }
    }
}

/// Answers a datagram from the address that it was sent to, with no more bytes than it had: its sender may be forged, and the
/// owner of that address must not get more from us than was sent to us.
async fn serve_datagrams(socket: UdpSocket) -> io::Result<Infallible> {
    let own_port = socket.local_addr()?.port();
    let socket = Socket::new(socket, Arc::default())?;
    let mut batch = Batch::<1>::new(&socket);
    let mut answers = TokenBucket::new(Instant::now(), ANSWERS, ANSWERS);
    loop {
        // Without this, a flood would keep the thread from everything else.
        consume_budget().await;
        socket.inner().readable().await?;
        let received = socket.receive(&mut batch, |path, question| {
            // Two servers would answer each other for ever, after one forged datagram.
            let is_server = SYSTEM_PORTS.contains(&path.peer.port()) || path.peer.port() == own_port;
            if !is_server && question.len() <= MAX_LINE + 1 && answers.take(Instant::now()) {
                socket.send(path, &upper_case(question, Growth::Forbidden));
            }
        });
        if let Err(error) = received
            && error.kind() != io::ErrorKind::WouldBlock
        {
            eprintln!("a datagram could not be received: {error}");
        }
    }
}
