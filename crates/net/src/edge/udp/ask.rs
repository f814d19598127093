//! A question to a server and its answer, without a session. It costs the server no memory.

use std::{net::SocketAddr, time::Duration};

use bytes::{Bytes, BytesMut};
use tokio::time::Instant;

use super::{
    dial::{REFUSALS, fresh_cid},
    peer::{PeerSocket, Received},
};
use crate::{
    arq::{Ask, Cid, Hello, Packet},
    failure::Failure,
    proto::PROTOCOL,
};

/// Asks a server at `addr`. Returns the round trip and the answer, both of which are messages.
///
/// # Errors
///
/// [`Failure`] when there is no server, or none with a common protocol.
pub async fn ask(addr: SocketAddr, message: &[u8]) -> Result<(Duration, Bytes), Failure> {
    exchange(PeerSocket::connect(addr).await?, message).await
}

async fn exchange(mut socket: PeerSocket, message: &[u8]) -> Result<(Duration, Bytes), Failure> {
    let mut sent: Vec<(Cid, Instant)> = Vec::with_capacity(WAITS.len());
    let mut proven: Option<(Hello, Duration)> = None;
    let mut refusals = 0;
    for wait in WAITS {
        let mut hello = if let Some((hello, _)) = proven {
            hello
        } else {
            // A cid for each try, so that a cookie identifies its try.
            let client_cid = fresh_cid()?;
            sent.push((client_cid, Instant::now()));
            Hello { protocols: PROTOCOL, client_cid, cookie: None }
        };
        let until = Instant::now() + wait;
        refusals += u32::from(send(&socket, hello, message));
        while refusals < REFUSALS {
            let mut heard = None;
            let take = |datagram: &[u8]| heard = heard.take().or_else(|| understand(datagram, &sent));
            match socket.receive_until(until, take).await? {
                Some(Received::Datagrams) => {}
                Some(Received::Refused) => refusals += 1,
                Some(Received::Failed(error)) => return Err(error.into()),
                None => break,
            }
            match (heard, proven) {
                (Some(Heard::Cookie(cookie, rtt)), None) => {
                    hello = cookie;
                    proven = Some((hello, rtt));
                    refusals += u32::from(send(&socket, hello, message));
                }
                (Some(Heard::Answer(answer)), Some((_, rtt))) => return Ok((rtt, answer)),
                (Some(Heard::Refusal(failure)), _) => return Err(failure),
                (Some(Heard::Cookie(..) | Heard::Answer(_)) | None, _) => {}
            }
        }
        if refusals >= REFUSALS {
            return Err(Failure::Refused);
        }
    }
    Err(Failure::TimedOut)
}

/// Sends the question. Returns whether the peer's machine has refused an earlier one.
fn send(socket: &PeerSocket, hello: Hello, message: &[u8]) -> bool {
    let mut datagram = BytesMut::new();
    Packet::Ask(Ask { hello, message }).encode(&mut datagram);
    socket.send(&datagram)
}

/// A datagram that belongs to one of our tries.
enum Heard {
    /// The hello with the cookie that the server wants to see, and the round trip.
    Cookie(Hello, Duration),
    Answer(Bytes),
    Refusal(Failure),
}

fn understand(datagram: &[u8], sent: &[(Cid, Instant)]) -> Option<Heard> {
    let sent_at = |cid| sent.iter().find(|(sent, _)| *sent == cid).map(|(_, at)| *at);
    match Packet::decode(datagram) {
        Ok(Packet::Retry { client_cid, cookie }) => sent_at(client_cid).map(|at| {
            Heard::Cookie(Hello { protocols: PROTOCOL, client_cid, cookie: Some(cookie) }, at.elapsed())
        }),
        Ok(Packet::Answer { client_cid, message }) => {
            sent_at(client_cid).map(|_| Heard::Answer(Bytes::copy_from_slice(message)))
        }
        Ok(Packet::Refuse(refuse)) => sent_at(refuse.client_cid).map(|_| Heard::Refusal(refuse.into())),
        Ok(_) | Err(_) => None,
    }
}

/// Time to wait for the answer to each try: on a LAN it takes 10 ms, and over bad Wi-Fi some are lost.
const WAITS: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_millis(400), Duration::from_millis(900)];

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_that_stays_readable_ends_in_time() {
        let (socket, _silent) = PeerSocket::stuck().await;
        assert_eq!(exchange(socket, b"?").await, Err(Failure::TimedOut));
    }
}
