//! The largest datagram that reaches a server, as a means to explain a failed handshake.

use std::{io, net::SocketAddr, time::Duration};

use bytes::BytesMut;
use tokio::time::Instant;

use super::{
    dial::fresh_cid,
    peer::{PeerSocket, Received},
};
use crate::{
    arq::{Cid, MAX_DATAGRAM, Packet, encode_stray},
    failure::Failure,
};

/// Finds the largest of the tried datagram sizes, from 64 bytes to the largest of ours, that reaches a server at `addr`
/// unfragmented; `None` if none does. Takes as long as `patience` unless the largest passes.
///
/// The datagrams of a handshake have the largest size. So when it fails, this tells a path that is too narrow from one that is
/// closed. Each datagram names a session that does not exist, which a server answers with a reset. A reset is short: nothing
/// is learned of the way back.
///
/// # Errors
///
/// [`Failure`] when no route leads there, or the machine refuses.
pub async fn largest_passed(addr: SocketAddr, patience: Duration) -> Result<Option<usize>, Failure> {
    exchange(PeerSocket::connect(addr).await?, patience).await
}

async fn exchange(mut socket: PeerSocket, patience: Duration) -> Result<Option<usize>, Failure> {
    let Cid(first) = fresh_cid()?;
    // A cid for each size, so that an answer identifies its size.
    let cid = |index: usize| Cid(first.wrapping_add(index as u64));

    let mut datagram = BytesMut::new();
    let mut passed = None;
    // To a handshake, a datagram that this machine itself forbids is one that was lost.
    encode_stray(cid(0), PROBE_BYTES[0], &mut datagram);
    match socket.try_send(&datagram) {
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(Failure::of_datagram(error)),
        Ok(()) | Err(_) => {}
    }
    for _ in 0..ROUNDS {
        for (index, &size) in PROBE_BYTES.iter().enumerate() {
            encode_stray(cid(index), size, &mut datagram);
            if socket.send(&datagram) {
                return Err(Failure::Refused);
            }
        }
        let until = Instant::now() + patience / ROUNDS;
        while passed < Some(MAX_DATAGRAM) {
            let received = socket.receive_until(until, |datagram| {
                if let Ok(Packet::Reset { cid: answered }) = Packet::decode(datagram)
                    && let Some(index) = (0..PROBE_BYTES.len()).find(|&index| cid(index) == answered)
                {
                    passed = passed.max(Some(PROBE_BYTES[index]));
                }
            });
            match received.await? {
                Some(Received::Datagrams | Received::Failed(_)) => {}
                Some(Received::Refused) => return Err(Failure::Refused),
                None => break,
            }
        }
        if passed == Some(MAX_DATAGRAM) {
            break;
        }
    }
    Ok(passed)
}

/// The tried sizes of a UDP payload: a minimum; the size that every IPv4 host accepts (576 bytes, RFC 791, less the headers);
/// and steps up to the largest of ours.
const PROBE_BYTES: [usize; 5] = [64, 548, 1000, 1100, MAX_DATAGRAM];

/// Rounds in which each size is sent, since any datagram may be lost.
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

    #[tokio::test]
    async fn a_socket_that_stays_readable_ends_in_time() {
        let (socket, _silent) = PeerSocket::stuck().await;
        assert_eq!(exchange(socket, Duration::from_millis(90)).await, Ok(None));
    }
}
