//! How large a datagram may be on the way to a server, for who asks why a handshake fails.

use std::{io, net::SocketAddr, time::Duration};

use bytes::BytesMut;
use tokio::time::{Instant, timeout_at};

use super::socket::{Batch, Socket};
use crate::{
    arq::{Cid, MAX_DATAGRAM, Packet, encode_stray},
    connect::{Failure, dial_udp},
};

/// Finds how many bytes a datagram can have that reaches a server at `addr` unfragmented, of those that are tried: 64 to the
/// largest of ours. `None` if none does.
///
/// A handshake is made of the largest datagrams alone, so that where it fails this tells a path that is too narrow from
/// one that is closed. Each datagram is for a session that there is not; a server answers it by saying so. The answer is
/// short: nothing is learned of the way back.
///
/// # Errors
///
/// [`Failure`], when no way leads there, or the machine says that nobody listens.
pub async fn largest_passed(addr: SocketAddr, patience: Duration) -> Result<Option<usize>, Failure> {
    let socket = dial_udp(addr).await?;
    socket.writable().await?;
    let socket = Socket::new(socket)?;
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::from)?;
    let first = u64::from_be_bytes(random);
    // A size for each cid: the answer says which one it is for.
    let cid = |index: usize| Cid(first.wrapping_add(index as u64));

    let mut batch = Box::new(Batch::<1>::new(&socket));
    let mut datagram = BytesMut::new();
    let mut passed = None;
    // What this machine itself forbids, a handshake takes for lost on the way.
    encode_stray(cid(0), PROBE_BYTES[0], &mut datagram);
    match socket.inner().try_send(&datagram) {
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error.into()),
        Ok(_) | Err(_) => {}
    }
    for _ in 0..ROUNDS {
        for (index, &size) in PROBE_BYTES.iter().enumerate() {
            encode_stray(cid(index), size, &mut datagram);
            if socket.send_connected(addr, &datagram) {
                return Err(Failure::Refused);
            }
        }
        let until = Instant::now() + patience / ROUNDS;
        while passed < Some(MAX_DATAGRAM) {
            let Ok(ready) = timeout_at(until, socket.inner().readable()).await else { break };
            ready?;
            let received = socket.receive(&mut batch, |_, datagram| {
                if let Ok(Packet::Reset { cid: answered }) = Packet::decode(datagram)
                    && let Some(index) = (0..PROBE_BYTES.len()).find(|&index| cid(index) == answered)
                {
                    passed = passed.max(Some(PROBE_BYTES[index]));
                }
            });
            if received.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused) {
                return Err(Failure::Refused);
            }
        }
        if passed == Some(MAX_DATAGRAM) {
            break;
        }
    }
    Ok(passed)
}

/// Bytes of UDP payload that are tried: next to nothing; what every IPv4 host takes (576 bytes, RFC 791, less the
/// headers); and what a path may narrow to on the way to ours.
const PROBE_BYTES: [usize; 5] = [64, 548, 1000, 1100, MAX_DATAGRAM];

/// How often each is sent, since any may be lost.
const ROUNDS: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{arq::Config, udp::Listener};

    #[tokio::test]
    async fn a_server_answers_the_largest_at_once() {
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let addr = socket.local_addr().unwrap();
        let _listener = Listener::new(socket, Config::default()).unwrap();
        assert_eq!(largest_passed(addr, Duration::from_secs(5)).await, Ok(Some(MAX_DATAGRAM)));
    }

    #[tokio::test]
    async fn who_does_not_answer_has_let_nothing_pass() {
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let addr = socket.local_addr().unwrap();
        assert_eq!(largest_passed(addr, Duration::from_millis(90)).await, Ok(None));
    }

    #[tokio::test]
    async fn a_closed_port_says_so() {
        let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = held.local_addr().unwrap();
        assert_eq!(largest_passed(addr, Duration::from_secs(5)).await, Err(Failure::Refused));
    }
}
