//! The round trip to a server, without a session.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::{
    candidate::{Attempt, Candidate, TransportChoice},
    race::{RaceConfig, race},
};
use crate::{
    edge::{tcp, udp},
    failure::Failure,
    transport::Transport,
};

/// Pings a server at its addresses, over UDP and a little later over TCP, until one answers. Returns that candidate and the
/// round trip.
///
/// Over UDP the server keeps nothing for it. Over TCP a connection is opened, exchanges its prefaces, and is closed.
///
/// # Errors
///
/// One [`Attempt`] for each candidate, when none answered.
pub async fn ping(addresses: &[SocketAddr]) -> Result<(Candidate, Duration), Vec<Attempt>> {
    let config = RaceConfig { timeout: PING_TIMEOUT, ..RaceConfig::default() };
    race(&TransportChoice::Auto.candidates(addresses), config, ping_one).await
}

async fn ping_one(Candidate { addr, transport }: Candidate) -> Result<Duration, Failure> {
    match transport {
        Transport::Udp => udp::ping(addr).await,
        Transport::Tcp => {
            let begun = Instant::now();
            let stream = tcp::connect(addr).await?;
            let rtt = begun.elapsed();
            tcp::open(stream).await?;
            Ok(rtt)
        }
    }
}

/// Time for a ping: every server on the LAN answers long before, and the reader of a list does not wait.
pub const PING_TIMEOUT: Duration = Duration::from_millis(1500);

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::net::{TcpListener, UdpSocket};

    use super::*;
    use crate::{arq, proto::Preface};

    #[tokio::test]
    async fn a_server_over_udp_is_pinged_without_a_link() {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = socket.local_addr().unwrap();
        let listener = udp::Listener::new(socket, arq::Config::default()).unwrap();
        let (candidate, rtt) = ping(&[addr]).await.unwrap();
        assert_eq!(candidate, Candidate { addr, transport: Transport::Udp });
        assert!(rtt < PING_TIMEOUT);
        let counts = listener.ended().await;
        assert_eq!((counts.endpoint.retries, counts.endpoint.accepted), (1, 0), "{counts:?}");
    }

    #[tokio::test]
    async fn a_server_that_only_tcp_reaches_is_pinged_by_its_preface() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        // Its port is taken for UDP, too, by somebody who says nothing.
        let _mute = UdpSocket::bind(addr).await.unwrap();
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let preface = Preface(crate::proto::PROTOCOL).encode();
            tokio::io::AsyncWriteExt::write_all(&mut stream, &preface).await.unwrap();
            tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut Vec::new()).await.unwrap();
        };
        let addresses = [addr];
        let (pinged, ()) = tokio::join!(ping(&addresses), serve);
        assert_eq!(pinged.unwrap().0, Candidate { addr, transport: Transport::Tcp });
    }

    #[tokio::test]
    async fn a_closed_port_is_no_server() {
        let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = taken.local_addr().unwrap();
        let attempts = ping(&[addr]).await.unwrap_err();
        assert!(attempts.iter().any(|attempt| attempt.failure == Failure::Refused), "{attempts:?}");
    }
}
