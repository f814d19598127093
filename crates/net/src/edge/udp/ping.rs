//! The shortest exchange with a server: a hello, and the cookie that comes back. It costs the server no memory.

use std::{io, net::SocketAddr, time::Duration};

use bytes::BytesMut;
use tokio::{
    net::UdpSocket,
    time::{Instant, timeout_at},
};

use crate::{
    arq::{Cid, Hello, MAX_DATAGRAM, Packet, RefuseCode},
    connect::{Failure, dial_udp},
    proto::PROTOCOL,
};

/// Measures the round trip to a server at `addr`.
///
/// # Errors
///
/// [`Failure`], when it is none, or none that we can talk to.
pub async fn ping(addr: SocketAddr) -> Result<Duration, Failure> {
    let socket = dial_udp(addr).await?;
    socket.writable().await?;
    let mut sent = Vec::with_capacity(WAITS.len());
    let mut refusals = 0;
    for wait in WAITS {
        // A cid for each, so that the answer tells which one it answers.
        let mut cid = [0; 8];
        getrandom::fill(&mut cid).map_err(io::Error::from)?;
        let client_cid = Cid(u64::from_be_bytes(cid));
        let mut datagram = BytesMut::new();
        Packet::Hello(Hello { protocols: PROTOCOL, client_cid, cookie: None }).encode(&mut datagram);
        let now = Instant::now();
        sent.push((client_cid, now));
        match socket.send(&datagram).await {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => refusals += 1,
            Err(error) => return Err(error.into()),
        }
        if let Ok(answer) = timeout_at(now + wait, answer(&socket, &sent, &mut refusals)).await {
            return answer;
        }
    }
    Err(Failure::TimedOut)
}

/// Waits for the answer to one of the hellos that were sent.
async fn answer(
    socket: &UdpSocket,
    sent: &[(Cid, Instant)],
    refusals: &mut u32,
) -> Result<Duration, Failure> {
    let mut datagram = [0; MAX_DATAGRAM];
    loop {
        let length = match socket.recv(&mut datagram).await {
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                *refusals += 1;
                if *refusals >= REFUSALS {
                    return Err(Failure::Refused);
                }
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let sent_at = |cid| sent.iter().find(|(sent, _)| *sent == cid).map(|(_, at)| *at);
        match Packet::decode(&datagram[..length]) {
            Ok(Packet::Retry { client_cid, cookie: _ }) => {
                if let Some(at) = sent_at(client_cid) {
                    return Ok(at.elapsed());
                }
            }
            Ok(Packet::Refuse(refuse)) if sent_at(refuse.client_cid).is_some() => {
                return Err(match refuse.code {
                    RefuseCode::Full => Failure::ServerFull,
                    RefuseCode::Version => Failure::Version { ours: PROTOCOL, theirs: refuse.protocols },
                });
            }
            // What is no answer to us says nothing.
            Ok(_) | Err(_) => {}
        }
    }
}

/// How long each hello is waited for: an answer within a LAN is there in 10 ms, and over bad Wi-Fi some are lost.
const WAITS: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_millis(400), Duration::from_millis(900)];

/// How often the peer's machine must say that nobody listens there: see [`dial`](super::dial()).
const REFUSALS: u32 = 2;
