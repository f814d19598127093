//! The shortest exchange with a server: a hello, and the cookie that comes back. It costs the server no memory.

use std::{io, net::SocketAddr, time::Duration};

use bytes::BytesMut;
use tokio::time::Instant;

use super::{
    dial::REFUSALS,
    peer::{PeerSocket, Received},
};
use crate::{
    arq::{Cid, Hello, Packet, RefuseCode},
    failure::Failure,
    proto::PROTOCOL,
};

/// Measures the round trip to a server at `addr`.
///
/// # Errors
///
/// [`Failure`] when there is no server, or none with a common protocol.
pub async fn ping(addr: SocketAddr) -> Result<Duration, Failure> {
    exchange(PeerSocket::connect(addr).await?).await
}

async fn exchange(mut socket: PeerSocket) -> Result<Duration, Failure> {
    let mut sent = Vec::with_capacity(WAITS.len());
    let mut refusals = 0;
    for wait in WAITS {
        // A cid for each hello, so that an answer identifies its hello.
        let mut cid = [0; 8];
        getrandom::fill(&mut cid).map_err(io::Error::from)?;
        let client_cid = Cid(u64::from_be_bytes(cid));
        let mut datagram = BytesMut::new();
        Packet::Hello(Hello { protocols: PROTOCOL, client_cid, cookie: None }).encode(&mut datagram);
        let now = Instant::now();
        sent.push((client_cid, now));
        refusals += u32::from(socket.send(&datagram));
        let mut answer = None;
        while answer.is_none() && refusals < REFUSALS {
            let take = |datagram: &[u8]| answer = answer.or_else(|| understand(datagram, &sent));
            match socket.receive_until(now + wait, take).await? {
                Some(Received::Datagrams) => {}
                Some(Received::Refused) => refusals += 1,
                Some(Received::Failed(error)) => return Err(error.into()),
                None => break,
            }
        }
        match answer {
            Some(answer) => return answer,
            None if refusals >= REFUSALS => return Err(Failure::Refused),
            None => {}
        }
    }
    Err(Failure::TimedOut)
}

/// The outcome, if a datagram answers one of the hellos that were sent.
fn understand(datagram: &[u8], sent: &[(Cid, Instant)]) -> Option<Result<Duration, Failure>> {
    let sent_at = |cid| sent.iter().find(|(sent, _)| *sent == cid).map(|(_, at)| *at);
    match Packet::decode(datagram) {
        Ok(Packet::Retry { client_cid, cookie: _ }) => sent_at(client_cid).map(|at| Ok(at.elapsed())),
        Ok(Packet::Refuse(refuse)) => sent_at(refuse.client_cid).map(|_| {
            Err(match refuse.code {
                RefuseCode::Full => Failure::ServerFull,
                RefuseCode::Version => Failure::Version { ours: PROTOCOL, theirs: refuse.protocols },
            })
        }),
        Ok(_) | Err(_) => None,
    }
}

/// Time to wait for the answer to each hello: on a LAN it takes 10 ms, and over bad Wi-Fi some are lost.
const WAITS: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_millis(400), Duration::from_millis(900)];

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_that_stays_readable_ends_in_time() {
        let (socket, _silent) = PeerSocket::stuck().await;
        assert_eq!(exchange(socket).await, Err(Failure::TimedOut));
    }
}
