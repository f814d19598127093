//! From what a person typed to a connection, or to a sentence about why there is none.
//!
//! The lab's client dies of a traceback when the server is off, when its name is unknown on this router, or
//! when the wrong family was chosen. Here a name is looked up ([`resolve()`]), all its addresses are tried
//! over UDP and TCP ([`race()`]), and what failed is said for each of them ([`ConnectError`]). What a handshake looks
//! like is left to the `dial` that the caller gives; [`dial_link`] is ours.

mod failure;
#[cfg(target_os = "linux")]
mod hasten;
mod ping;
mod program;
mod race;
mod resolve;

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use thiserror::Error;
use tokio::net::{TcpSocket, TcpStream, UdpSocket};

use crate::{
    addr::HostPort,
    arq,
    link::{Link, Transport},
    tcp, udp,
};

pub use failure::{Attempt, Failure};
pub use ping::{PING_TIMEOUT, ping};
pub use program::Program;
pub use race::{Candidate, RaceConfig, race};
pub use resolve::{LOOKUP_TIMEOUT, MAX_ADDRESSES, ResolveError, resolve};

/// Which transports are tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TransportChoice {
    /// Both: UDP, and TCP a little later; whichever answers first.
    #[default]
    Auto,
    /// One alone.
    Only(Transport),
}

/// Looks `target` up and races `dial` over its addresses and the transports of `choice`.
///
/// # Errors
///
/// [`ConnectError`], when there is no address, or none of them answered.
pub async fn connect<T, D, F>(
    target: &HostPort,
    choice: TransportChoice,
    config: RaceConfig,
    dial: D,
) -> Result<(Candidate, T), ConnectError>
where
    D: Fn(Candidate) -> F,
    F: Future<Output = Result<T, Failure>>,
{
    let outcome = match resolve(target).await {
        Ok(addrs) => race(&choice.candidates(&addrs), config, dial).await.map_err(ConnectCause::Attempts),
        Err(error) => Err(ConnectCause::Resolve(error)),
    };
    outcome.map_err(|cause| ConnectError { target: target.clone(), cause })
}

/// Opens a link: connects, and exchanges what each transport has to say first.
///
/// # Errors
///
/// [`Failure`], when there is none.
pub async fn dial_link(candidate: Candidate) -> Result<Link, Failure> {
    match candidate.transport {
        Transport::Udp => udp::dial(candidate.addr, arq::Config::client()).await,
        Transport::Tcp => tcp::open(dial_tcp(candidate.addr).await?).await,
    }
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

/// Opens a UDP socket that hears `addr` alone. Nothing is sent, so that it is not known yet whether anybody is there: what
/// is sent to a closed port makes one of the next calls fail with `ConnectionRefused`.
///
/// # Errors
///
/// [`Failure`], when no way leads there.
pub async fn dial_udp(addr: SocketAddr) -> Result<UdpSocket, Failure> {
    let any: SocketAddr = match addr {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).await?;
    // From now on the system drops what comes from anybody else, and says if nobody listens there.
    socket.connect(addr).await?;
    Ok(socket)
}

/// Gives an accepted stream the options that a dialled one has, and has the system keep little of what it cannot send:
/// what is kept here instead can be counted, and a newer snapshot can take the place of an older one.
///
/// # Errors
///
/// The system's: the peer may be gone already.
pub fn configure_tcp(stream: &TcpStream) -> io::Result<()> {
    let socket = SockRef::from(stream);
    #[cfg(target_os = "linux")]
    socket.set_tcp_notsent_lowat(NOT_SENT_BYTES)?;
    configure(&socket)
}

impl TransportChoice {
    /// What is tried, in order: each address over each transport before the next address.
    fn candidates(self, addrs: &[SocketAddr]) -> Vec<Candidate> {
        let transports = match &self {
            Self::Auto => &[Transport::Udp, Transport::Tcp][..],
            Self::Only(transport) => std::slice::from_ref(transport),
        };
        let over = |addr| transports.iter().map(move |&transport| Candidate { addr, transport });
        addrs.iter().copied().flat_map(over).collect()
    }
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
            ConnectCause::Attempts(attempts) => {
                attempts.chunk_by(|a, b| a.candidate.addr == b.candidate.addr).flat_map(one_address).collect()
            }
            ConnectCause::Resolve(error) => error_chain(error),
        }
    }

    /// The most useful thing to do next.
    ///
    /// One attempt that came far says more than five that did not: an address that refuses is a machine that
    /// runs, so its advice comes before that for an address that is silent.
    pub fn hint(&self) -> String {
        self.hint_for(Program::OXO)
    }

    /// The same, for another program than the game.
    pub fn hint_for(&self, program: Program) -> String {
        match &self.cause {
            ConnectCause::Resolve(error) => error.hint_for(program),
            ConnectCause::Attempts(attempts) => attempts
                .chunk_by(|a, b| a.candidate.addr == b.candidate.addr)
                .filter_map(furthest)
                .max_by_key(|failure| failure.progress())
                .map_or_else(|| String::from("check the address"), |f| self.advice(f, program)),
        }
    }

    /// The transports that were tried, for a firewall to let through.
    fn transports(&self) -> &'static str {
        let ConnectCause::Attempts(attempts) = &self.cause else { return "TCP and UDP" };
        let is_tried = |transport| attempts.iter().any(|attempt| attempt.candidate.transport == transport);
        match (is_tried(Transport::Tcp), is_tried(Transport::Udp)) {
            (true, false) => "TCP",
            (false, true) => "UDP",
            (true, true) | (false, false) => "TCP and UDP",
        }
    }

    fn advice(&self, failure: Failure, program: Program) -> String {
        let Program { name, serve, reach: _ } = program;
        let target = &self.target;
        let port = target.port();
        match failure {
            Failure::Version { ours, theirs } if theirs.newest > ours.newest => {
                format!("this {name} is the older one: install the version that the host has")
            }
            Failure::Version { .. } => {
                format!("the host's {name} is the older one: it must be brought up to date")
            }
            Failure::NotOxo => {
                format!("port {port} belongs to another program: `{serve}` shows the right one")
            }
            Failure::ServerFull => "try again when a game there has ended".into(),
            Failure::Closed => "the host may be stopping or full: try again in a moment".into(),
            Failure::Refused => format!("start `{serve}` on that machine, or check that its port is {port}"),
            Failure::Denied => {
                format!("let {name} out through this machine's firewall: port {port}, {}", self.transports())
            }
            Failure::TimedOut => format!(
                "open port {port}, {}, in that machine's firewall, and check that both are on one network",
                self.transports()
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

/// What is told of the attempts at one address: one line if all failed alike, else one for each transport.
fn one_address(attempts: &[Attempt]) -> Vec<String> {
    let is_alike = attempts.windows(2).all(|pair| pair[0].failure == pair[1].failure);
    let told = if is_alike { &attempts[..1] } else { attempts };
    told.iter()
        .map(|Attempt { candidate: Candidate { addr, transport }, failure }| {
            let over = if is_alike { String::new() } else { format!(" over {}", transport.name()) };
            format!("{addr}{over}: {failure}")
        })
        .collect()
}

/// How far the attempts at one address came. That the machine is not there is known only to TCP: a UDP socket hears
/// nothing, which is no second opinion.
fn furthest(attempts: &[Attempt]) -> Option<Failure> {
    let failures = attempts.iter().map(|attempt| attempt.failure);
    let is_gone = failures.clone().any(|failure| failure == Failure::HostUnreachable);
    failures
        .filter(|failure| !(is_gone && *failure == Failure::TimedOut))
        .max_by_key(|failure| failure.progress())
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
    #[cfg(target_os = "linux")]
    hasten::hasten(socket);
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_TIME);
    #[cfg(not(target_os = "openbsd"))]
    let keepalive = keepalive.with_interval(KEEPALIVE_INTERVAL).with_retries(KEEPALIVE_RETRIES);
    socket.set_tcp_keepalive(&keepalive)
}

fn error_chain(error: &dyn std::error::Error) -> Vec<String> {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect()
}

/// Bytes that the system keeps for a peer beyond what is on its way (`TCP_NOTSENT_LOWAT` of tcp(7)), where it would keep
/// megabytes: four of the largest frames, which never hold up a peer that reads.
#[cfg(target_os = "linux")]
const NOT_SENT_BYTES: u32 = 4 * 1024;

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

    const fn over(addr: SocketAddr, transport: Transport) -> Candidate {
        Candidate { addr, transport }
    }

    const TCP: TransportChoice = TransportChoice::Only(Transport::Tcp);

    async fn dial(candidate: Candidate) -> Result<TcpStream, Failure> {
        dial_tcp(candidate.addr).await
    }

    fn target() -> HostPort {
        "laptop.local".parse().unwrap()
    }

    fn error(failures: &[Failure]) -> ConnectError {
        let addr = SocketAddr::from(([192, 168, 1, 7], 1952));
        let attempts: Vec<_> = failures
            .iter()
            .map(|&failure| Attempt { candidate: over(addr, Transport::Tcp), failure })
            .collect();
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
        let error = error(&[Failure::Refused, Failure::Refused]);
        assert_eq!(error.to_string(), "cannot reach laptop.local:1952");
        assert_eq!(
            error.causes(),
            ["192.168.1.7:1952: refused (nobody listens on that port)"],
            "what failed alike over both is told once"
        );
    }

    #[test]
    fn transports_that_fail_differently_are_told_apart() {
        let attempt = |ip: [u8; 4], transport, failure| Attempt {
            candidate: over((ip, 1952).into(), transport),
            failure,
        };
        let attempts = vec![
            attempt([10, 0, 0, 1], Transport::Udp, Failure::TimedOut),
            attempt([10, 0, 0, 1], Transport::Tcp, Failure::Refused),
            attempt([10, 0, 0, 2], Transport::Udp, Failure::TimedOut),
            attempt([10, 0, 0, 2], Transport::Tcp, Failure::TimedOut),
        ];
        let error = ConnectError { target: target(), cause: ConnectCause::Attempts(attempts) };
        assert_eq!(
            error.causes(),
            [
                "10.0.0.1:1952 over UDP: no answer in time (a firewall, or another network)",
                "10.0.0.1:1952 over TCP: refused (nobody listens on that port)",
                "10.0.0.2:1952: no answer in time (a firewall, or another network)",
            ]
        );
    }

    #[test]
    fn silence_over_udp_is_explained_by_what_tcp_knows() {
        let addr = SocketAddr::from(([10, 0, 0, 1], 1952));
        let attempts = vec![
            Attempt { candidate: over(addr, Transport::Udp), failure: Failure::TimedOut },
            Attempt { candidate: over(addr, Transport::Tcp), failure: Failure::HostUnreachable },
        ];
        let error = ConnectError { target: target(), cause: ConnectCause::Attempts(attempts) };
        assert!(error.hint().starts_with("check that the machine is on"), "{}", error.hint());
    }

    #[test]
    fn each_address_is_tried_over_each_transport_before_the_next() {
        let addrs = [[10, 0, 0, 1], [10, 0, 0, 2]].map(|ip| SocketAddr::from((ip, 1952)));
        let both = addrs.map(|addr| [over(addr, Transport::Udp), over(addr, Transport::Tcp)]);
        assert_eq!(TransportChoice::Auto.candidates(&addrs), both.concat());
        assert_eq!(TCP.candidates(&addrs), addrs.map(|addr| over(addr, Transport::Tcp)));
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

    #[test]
    fn a_hint_is_for_the_program_that_asks() {
        let lab = Program { name: "echo", serve: "echo serve", reach: "echo send" };
        let hint = error(&[Failure::Refused]).hint_for(lab);
        assert!(hint.starts_with("start `echo serve` on that machine"), "{hint}");
        let lookup = ResolveError::LookupTimedOut { name: "laptop".parse().unwrap() };
        assert!(
            lookup
                .hint_for(lab)
                .ends_with("`echo serve` shows on that machine, as in `echo send 192.168.1.7`")
        );
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
            let (reached, _stream) = connect(&target, TCP, RaceConfig::default(), dial).await.unwrap();
            assert_eq!(reached.addr, addr);
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
        connect(&target, TCP, RaceConfig::default(), dial).await.unwrap();
    }

    #[tokio::test]
    async fn a_deaf_host_is_told_in_full() {
        let (_held, addr) = deaf_port();
        let error = connect(&addr.try_into().unwrap(), TCP, RaceConfig::default(), dial).await.unwrap_err();
        assert_eq!(error.to_string(), format!("cannot reach {addr}"));
        assert_eq!(error.causes(), [format!("{addr}: refused (nobody listens on that port)")]);
    }
}
