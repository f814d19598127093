//! The way from a typed address to a connection, or to a sentence that explains why there is none.
//!
//! A name is looked up ([`resolve()`]), all its addresses are tried over UDP and TCP ([`race()`]), and every failure is
//! reported ([`ConnectError`]). The caller's `dial` shakes hands; [`dial_link`] does it for our protocol.

mod advice;
mod ask;
mod candidate;
mod error;
mod race;
mod resolve;

pub use self::{
    ask::{ASK_TIMEOUT, ask},
    candidate::{Attempt, Candidate, TransportChoice},
    error::{ConnectCause, ConnectError},
    race::{RaceConfig, race},
    resolve::{LOOKUP_TIMEOUT, MAX_ADDRESSES, ResolveError, resolve},
};
use std::net::SocketAddr;

use super::{link::Link, tcp, udp};
pub use crate::failure::Failure;
use crate::{addr::HostPort, arq, transport::Transport};

/// Looks `target` up and races `dial` over its addresses and the transports of `choice`. `also` are more addresses of the same
/// server, which are tried behind those.
///
/// # Errors
///
/// [`ConnectError`] when there is no address, or none of them answered.
pub async fn connect<T, D, F>(
    target: &HostPort,
    also: &[SocketAddr],
    choice: TransportChoice,
    config: RaceConfig,
    dial: D,
) -> Result<(Candidate, T), ConnectError>
where
    D: Fn(Candidate) -> F,
    F: Future<Output = Result<T, Failure>>,
{
    let outcome = match resolve(target).await {
        Ok(mut addrs) => {
            addrs.extend(also.iter().filter(|also| !addrs.contains(also)).copied().collect::<Vec<_>>());
            addrs.truncate(MAX_ADDRESSES);
            race(&choice.candidates(&addrs), config, dial).await.map_err(ConnectCause::Attempts)
        }
        Err(error) => Err(ConnectCause::Resolve(error)),
    };
    outcome.map_err(|cause| ConnectError { target: target.clone(), cause })
}

/// Opens a link to a candidate: connects and shakes hands.
///
/// # Errors
///
/// [`Failure`] when there is none.
pub async fn dial_link(candidate: Candidate) -> Result<Link, Failure> {
    Ok(match candidate.transport {
        Transport::Udp => udp::dial(candidate.addr, arq::Config::client()).await?.into(),
        Transport::Tcp => tcp::open(tcp::connect(candidate.addr).await?).await?.into(),
    })
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpSocket, TcpStream};

    use super::*;
    use crate::transport::Transport;

    const TCP: TransportChoice = TransportChoice::Only(Transport::Tcp);

    async fn dial(candidate: Candidate) -> Result<TcpStream, Failure> {
        tcp::connect(candidate.addr).await
    }

    /// A port that is ours and on which nobody listens, for as long as the socket lives.
    fn deaf_port() -> (TcpSocket, SocketAddr) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let addr = socket.local_addr().unwrap();
        (socket, addr)
    }

    #[tokio::test]
    async fn a_port_without_a_listener_refuses() {
        let (_held, addr) = deaf_port();
        assert_eq!(tcp::connect(addr).await.unwrap_err(), Failure::Refused);
    }

    #[tokio::test]
    async fn a_listener_is_reached_by_what_was_typed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        for host in ["127.0.0.1", "[::ffff:127.0.0.1]"] {
            let target = format!("{host}:{}", addr.port()).parse().unwrap();
            let (reached, _stream) = connect(&target, &[], TCP, RaceConfig::default(), dial).await.unwrap();
            assert_eq!(reached.addr, addr);
        }
    }

    #[tokio::test]
    async fn a_link_local_address_is_reached_by_the_name_of_its_interface() {
        let own =
            super::super::interfaces::local_addresses().unwrap().into_iter().find_map(|own| match own.ip {
                std::net::IpAddr::V6(ip) if ip.is_unicast_link_local() => Some((ip, own.interface)),
                _ => None,
            });
        let Some((ip, interface)) = own else { return eprintln!("skipped, no link-local address here") };
        let listener = TcpListener::bind("[::]:0").await.unwrap();
        let typed = format!("[{ip}%{interface}]:{}", listener.local_addr().unwrap().port());
        let target = typed.parse().unwrap();
        connect(&target, &[], TCP, RaceConfig::default(), dial).await.unwrap();
    }

    #[tokio::test]
    async fn another_address_of_the_server_is_tried_as_well() {
        let (_held, deaf) = deaf_port();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let also = [deaf, listener.local_addr().unwrap()];
        let target = deaf.try_into().unwrap();
        let (reached, _stream) = connect(&target, &also, TCP, RaceConfig::default(), dial).await.unwrap();
        assert_eq!(reached.addr, also[1]);
    }

    #[tokio::test]
    async fn a_deaf_host_is_told_in_full() {
        let (_held, addr) = deaf_port();
        let error =
            connect(&addr.try_into().unwrap(), &[], TCP, RaceConfig::default(), dial).await.unwrap_err();
        assert_eq!(error.to_string(), format!("cannot reach {addr}"));
        assert_eq!(error.causes(), [format!("{addr}: refused (nobody listens on that port)")]);
    }
}
