//! From what a person typed to a connection, or to a sentence about why there is none.
//!
//! The lab's client dies of a traceback when the server is off, when its name is unknown on this router, or
//! when the wrong family was chosen. Here a name is looked up ([`resolve()`]), all its addresses are tried
//! ([`race()`]), and what failed is said for each of them ([`ConnectError`]). What a handshake looks like is left
//! to the `dial` that the caller gives; [`dial_tcp`] is the one for TCP.

mod failure;
mod race;
mod resolve;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use thiserror::Error;
use tokio::net::{TcpSocket, TcpStream};

use crate::addr::HostPort;

pub use failure::{Attempt, Failure};
pub use race::{RaceConfig, race};
pub use resolve::{LOOKUP_TIMEOUT, MAX_ADDRESSES, ResolveError, resolve};

/// Looks `target` up and races `dial` over its addresses.
///
/// # Errors
///
/// [`ConnectError`], when there is no address, or none of them answered.
pub async fn connect<T, D, F>(
    target: &HostPort,
    config: RaceConfig,
    dial: D,
) -> Result<(SocketAddr, T), ConnectError>
where
    D: Fn(SocketAddr) -> F,
    F: Future<Output = Result<T, Failure>>,
{
    let outcome = match resolve(target).await {
        Ok(addrs) => race(&addrs, config, dial).await.map_err(ConnectCause::Attempts),
        Err(error) => Err(ConnectCause::Resolve(error)),
    };
    outcome.map_err(|cause| ConnectError { target: target.clone(), cause })
}

/// Opens one TCP connection, set up by [`configure_tcp`] before its first packet.
///
/// It has no deadline of its own; the race has.
///
/// # Errors
///
/// [`Failure`], when there is none.
pub async fn dial_tcp(addr: SocketAddr) -> Result<TcpStream, Failure> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    configure(&SockRef::from(&socket))?;
    Ok(socket.connect(addr).await?)
}

/// Gives an accepted stream the options that a dialled one has.
///
/// # Errors
///
/// The system's: the peer may be gone already.
pub fn configure_tcp(stream: &TcpStream) -> io::Result<()> {
    configure(&SockRef::from(stream))
}

/// Why there is no connection.
///
/// Its `Display` is one sentence and it has no `source`: [`causes`](Self::causes) is the whole story, one line
/// for each thing that was tried, so that a printed chain does not tell it twice.
#[derive(Debug, Error)]
#[error("cannot reach {target}")]
pub struct ConnectError {
    /// What was typed.
    pub target: HostPort,
    /// How far it went.
    pub cause: ConnectCause,
}

impl ConnectError {
    /// What was tried and how it ended, one line each.
    pub fn causes(&self) -> Vec<String> {
        match &self.cause {
            ConnectCause::Attempts(attempts) => attempts.iter().map(ToString::to_string).collect(),
            ConnectCause::Resolve(error) => error_chain(error),
        }
    }

    /// The most useful thing to do next.
    ///
    /// One attempt that came far says more than five that did not: an address that refuses is a machine that
    /// runs, so its advice comes before that for an address that is silent.
    pub fn hint(&self) -> String {
        match &self.cause {
            ConnectCause::Resolve(error) => error.hint(),
            ConnectCause::Attempts(attempts) => attempts
                .iter()
                .map(|attempt| attempt.failure)
                .max_by_key(|failure| failure.progress())
                .map_or_else(|| String::from("check the address"), |f| self.advice(f)),
        }
    }

    fn advice(&self, failure: Failure) -> String {
        let target = &self.target;
        let port = target.port();
        match failure {
            Failure::Version { ours, theirs } if theirs.newest > ours.newest => {
                "this oxo is the older one: install the version that the host has".into()
            }
            Failure::Version { .. } => {
                "the host's oxo is the older one: it must be brought up to date".into()
            }
            Failure::NotOxo => {
                format!("port {port} belongs to another program: `oxo host` shows the right one")
            }
            Failure::Closed => "the host may be stopping or full: try again in a moment".into(),
            Failure::Refused => format!("start `oxo host` on that machine, or check that its port is {port}"),
            Failure::Denied => {
                format!("let oxo out through this machine's firewall: port {port}, TCP")
            }
            Failure::TimedOut => format!(
                "open port {port}, TCP, in that machine's firewall, and check that both are on one network"
            ),
            Failure::ScopeMissing => resolve::scope_hint(&resolve::usable_interfaces()),
            Failure::HostUnreachable => {
                "check that the machine is on, and on the same network as this one".into()
            }
            Failure::NetworkUnreachable => {
                "check that this machine is on the network of the other one".into()
            }
            Failure::Other(_) => format!("check the address {target}"),
        }
    }
}

/// Where a connection ended before it began.
#[derive(Debug)]
pub enum ConnectCause {
    /// When there was no address to try.
    Resolve(ResolveError),
    /// When each address failed, in the order in which they were tried.
    Attempts(Vec<Attempt>),
}

fn configure(socket: &SockRef<'_>) -> io::Result<()> {
    // A move is one small segment; Nagle would hold it back until the last one is acknowledged.
    socket.set_tcp_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_TIME);
    #[cfg(not(target_os = "openbsd"))]
    let keepalive = keepalive.with_interval(KEEPALIVE_INTERVAL).with_retries(KEEPALIVE_RETRIES);
    socket.set_tcp_keepalive(&keepalive)
}

fn error_chain(error: &dyn std::error::Error) -> Vec<String> {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect()
}

/// Silence before the kernel asks whether the peer is there. With the two below, a machine that lost its power
/// is known after 16 s even where nobody reads or writes; our own heartbeat notices long before. The default
/// of Linux is two hours (tcp(7)).
const KEEPALIVE_TIME: Duration = Duration::from_secs(10);

/// Time between two such questions.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(2);

/// Questions without an answer after which the connection is dead.
const KEEPALIVE_RETRIES: u32 = 3;

#[cfg(test)]
mod tests {
    const fn only(protocol: u16) -> crate::proto::ProtocolRange {
        crate::proto::ProtocolRange { oldest: protocol, newest: protocol }
    }

    use std::io::ErrorKind;

    use tokio::net::TcpListener;

    use super::*;

    fn target() -> HostPort {
        "laptop.local".parse().unwrap()
    }

    fn error(failures: &[Failure]) -> ConnectError {
        let addr = SocketAddr::from(([192, 168, 1, 7], 1952));
        let attempts: Vec<_> = failures.iter().map(|&failure| Attempt { addr, failure }).collect();
        ConnectError { target: target(), cause: ConnectCause::Attempts(attempts) }
    }

    #[track_caller]
    fn check_hint(failures: &[Failure], expected: &str) {
        let hint = error(failures).hint();
        assert!(hint.contains(expected), "{failures:?}: {hint}");
        assert!(!hint.ends_with('.'), "{hint}");
    }

    #[test]
    fn the_sentence_names_the_target_and_the_lines_the_addresses() {
        let error = error(&[Failure::Refused, Failure::TimedOut]);
        assert_eq!(error.to_string(), "cannot reach laptop.local:1952");
        assert_eq!(
            error.causes(),
            [
                "192.168.1.7:1952: refused (nobody listens on that port)",
                "192.168.1.7:1952: no answer in time (a firewall, or another network)"
            ]
        );
    }

    #[test]
    fn a_failed_lookup_is_told_with_its_cause() {
        let source = io::Error::other("Name or service not known");
        let name = "laptop.local".parse().unwrap();
        let cause = ConnectCause::Resolve(ResolveError::NoSuchName { name, source });
        let error = ConnectError { target: target(), cause };
        assert_eq!(
            error.causes(),
            ["no machine called `laptop.local` is known here", "Name or service not known"]
        );
        assert!(error.hint().contains("oxo join 192.168.1.7"), "{}", error.hint());
    }

    #[test]
    fn the_attempt_that_came_furthest_gives_the_hint() {
        use Failure as F;
        check_hint(&[F::Refused, F::Refused], "start `oxo host`");
        check_hint(&[F::TimedOut, F::Refused], "start `oxo host`");
        check_hint(&[F::NetworkUnreachable, F::TimedOut], "open port 1952, TCP");
        check_hint(&[F::HostUnreachable, F::NetworkUnreachable], "check that the machine is on");
        check_hint(&[F::NetworkUnreachable], "on the network of the other one");
        check_hint(&[F::ScopeMissing], "fe80::1%");
        check_hint(&[F::Denied, F::TimedOut], "this machine's firewall");
        check_hint(&[F::NotOxo, F::Refused], "another program");
        check_hint(&[F::Closed, F::TimedOut], "try again");
        check_hint(&[F::Version { ours: only(1), theirs: only(2) }, F::Refused], "this oxo is the older one");
        check_hint(&[F::Version { ours: only(2), theirs: only(1) }], "the host's oxo is the older one");
        check_hint(&[F::Other(ErrorKind::OutOfMemory)], "check the address");
        check_hint(&[], "check the address");
    }

    #[tokio::test]
    async fn both_ends_of_a_connection_get_the_same_options() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (client, accepted) = tokio::join!(dial_tcp(listener.local_addr().unwrap()), listener.accept());
        let (client, (server, _)) = (client.unwrap(), accepted.unwrap());
        configure_tcp(&server).unwrap();
        for stream in [client, server] {
            let socket = SockRef::from(&stream);
            assert!(socket.tcp_nodelay().unwrap());
            assert!(socket.keepalive().unwrap());
            #[cfg(target_os = "linux")]
            assert_eq!(socket.tcp_keepalive_time().unwrap(), KEEPALIVE_TIME);
        }
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
        assert_eq!(dial_tcp(addr).await.unwrap_err(), Failure::Refused);
    }

    #[tokio::test]
    async fn a_listener_is_reached_by_what_was_typed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        for host in ["127.0.0.1", "[::ffff:127.0.0.1]"] {
            let target = format!("{host}:{}", addr.port()).parse().unwrap();
            let (reached, _stream) = connect(&target, RaceConfig::default(), dial_tcp).await.unwrap();
            assert_eq!(reached, addr);
        }
    }

    #[tokio::test]
    async fn a_link_local_address_is_reached_by_the_name_of_its_interface() {
        let own = crate::interfaces::local_addresses().unwrap().into_iter().find_map(|own| match own.ip {
            std::net::IpAddr::V6(ip) if ip.is_unicast_link_local() => Some((ip, own.interface)),
            _ => None,
        });
        let Some((ip, interface)) = own else { return eprintln!("skipped, no link-local address here") };
        let listener = TcpListener::bind("[::]:0").await.unwrap();
        let typed = format!("[{ip}%{interface}]:{}", listener.local_addr().unwrap().port());
        let target = typed.parse().unwrap();
        connect(&target, RaceConfig::default(), dial_tcp).await.unwrap();
    }

    #[tokio::test]
    async fn a_deaf_host_is_told_in_full() {
        let (_held, addr) = deaf_port();
        let error = connect(&addr.try_into().unwrap(), RaceConfig::default(), dial_tcp).await.unwrap_err();
        assert_eq!(error.to_string(), format!("cannot reach {addr}"));
        assert_eq!(error.causes(), [format!("{addr}: refused (nobody listens on that port)")]);
    }
}
