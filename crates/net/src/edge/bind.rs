//! The listening sockets: one port for IPv4 and IPv6, TCP and UDP.
//!
//! The default of `IPV6_V6ONLY` is a file on Linux (`net.ipv6.bindv6only`) and the opposite on Windows, so it is always set
//! here. A machine without IPv6 gets the IPv4 sockets, and a log line that says so.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use socket2::{Domain, Protocol, Socket, Type};
use thiserror::Error;
use tokio::net::{TcpListener, UdpSocket};

use super::interfaces::{self, ScopeError};
use crate::addr::{ListenAddr, ListenTwice, Literal};
use crate::failure::is_missing_here;
use crate::transport::Transport;

/// Two sockets that listen on one port.
#[derive(Debug)]
pub struct Bound {
    /// The socket for streams.
    pub tcp: TcpListener,
    /// The socket for datagrams.
    pub udp: UdpSocket,
    /// Their address, with the port that the system gave if 0 was asked for. At `[::]`, IPv4 peers appear v4-mapped;
    /// [`canonical`](crate::addr::canonical) gives the address to show.
    pub local: SocketAddr,
    /// IPv4 alone reaches them, although `[::]` was asked for: this machine has no IPv6.
    pub is_v4_only: bool,
}

/// The reason why a port cannot be had, with the address that was asked for.
#[derive(Debug, Error)]
pub enum BindError {
    /// Another program has the port.
    #[error("port {} is already in use", .0.port())]
    PortBusy(SocketAddr, #[source] io::Error),
    /// The system keeps the port for the administrator.
    #[error("this user may not listen on port {}", .0.port())]
    Denied(SocketAddr, #[source] io::Error),
    /// The address is another machine's, or of a family that this machine does not have.
    #[error("{} is not an address of this machine", .0.ip())]
    NotHere(SocketAddr, #[source] io::Error),
    /// The scope of a link-local address means nothing here.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// One of two addresses is a part of the other.
    #[error(transparent)]
    Twice(#[from] ListenTwice),
    /// Another refusal of the system, such as for too many open files.
    #[error("cannot listen on {0}")]
    Other(SocketAddr, #[source] io::Error),
}

impl BindError {
    /// The address to type instead, where one is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::PortBusy(..) => Some("`--listen '[::]:0'` asks the system for a free port".into()),
            Self::Denied(addr, _) if addr.port() < FIRST_UNPRIVILEGED_PORT => Some(format!(
                "ports below {FIRST_UNPRIVILEGED_PORT} are the administrator's; `--listen '[::]:1952'` needs no rights"
            )),
            Self::NotHere(..) => {
                Some("`--listen '[::]:1952'` listens on every address of this machine".into())
            }
            Self::Scope(ScopeError::Unknown { usable, .. }) if !usable.is_empty() => {
                Some(format!("this machine has {}", usable.join(", ")))
            }
            Self::Twice(twice) => Some(twice.hint()),
            Self::Denied(..) | Self::Scope(_) | Self::Other(..) => None,
        }
    }

    fn new(addr: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::PortBusy(addr, source),
            io::ErrorKind::PermissionDenied => Self::Denied(addr, source),
            _ if is_missing_here(&source) => Self::NotHere(addr, source),
            _ => Self::Other(addr, source),
        }
    }
}

/// Binds TCP and UDP to one port of `addr`. For port 0, finds a port that is free for both.
///
/// # Errors
///
/// [`BindError`], which names the port or the address at fault.
///
/// # Panics
///
/// Outside a tokio runtime, with which the sockets are registered.
pub fn bind(addr: &ListenAddr) -> Result<Bound, BindError> {
    bind_with(socket_addr(addr)?, |addr| bind_pair(addr, false))
}

/// Binds every address of a list, in any order: `[::]` leaves IPv4 to `0.0.0.0` at the same port.
///
/// # Errors
///
/// [`BindError`] for the first address that cannot be had, and for one that is a part of another.
///
/// # Panics
///
/// As [`bind`].
pub fn bind_all(list: &[ListenAddr]) -> Result<Vec<Bound>, BindError> {
    ListenAddr::check_all(list)?;
    let bind_one = |addr: &ListenAddr| {
        if !list.iter().any(|other| other.takes_ipv4_from(addr)) {
            return bind(addr).map(Some);
        }
        let wanted = socket_addr(addr)?;
        match bind_pair(wanted, true) {
            Err(error) if is_missing_here(&error) => {
                tracing::info!(%error, "no IPv6 on this machine, listening on IPv4 alone");
                Ok(None)
            }
            outcome => bound(wanted, outcome).map(Some),
        }
    };
    list.iter().filter_map(|addr| bind_one(addr).transpose()).collect()
}

/// The outcome of taking a port with one kind of socket. It is given back at once.
#[derive(Debug)]
pub struct PortCheck {
    /// The kind of the socket.
    pub transport: Transport,
    /// The family: true for `[::]` without IPv4, false for `0.0.0.0`.
    pub is_ipv6: bool,
    /// The reason, if the port cannot be had.
    pub outcome: Result<(), BindError>,
}

/// Tries `port` on all addresses of this machine, for each transport and each family by itself. A server takes both
/// families at once; this shows which of them is in the way.
pub fn check_port(port: u16) -> [PortCheck; 4] {
    let v4 = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    let v6 = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    [(Transport::Tcp, v4), (Transport::Tcp, v6), (Transport::Udp, v4), (Transport::Udp, v6)].map(
        |(transport, addr)| PortCheck {
            transport,
            is_ipv6: addr.is_ipv6(),
            outcome: open(transport, addr, true).map(drop).map_err(|error| BindError::new(addr, error)),
        },
    )
}

/// Binds by `bind_pair`, and falls back to IPv4 where the machine has no IPv6 for `[::]`.
fn bind_with(
    wanted: SocketAddr,
    bind_pair: impl Fn(SocketAddr) -> io::Result<(TcpListener, UdpSocket)>,
) -> Result<Bound, BindError> {
    match bind_pair(wanted) {
        Err(error) if is_missing_here(&error) && wanted.is_ipv6() && wanted.ip().is_unspecified() => {
            tracing::info!(%error, "no IPv6 on this machine, listening on IPv4 alone");
            let fallback = SocketAddr::from((Ipv4Addr::UNSPECIFIED, wanted.port()));
            Ok(Bound { is_v4_only: true, ..bound(fallback, bind_pair(fallback))? })
        }
        outcome => bound(wanted, outcome),
    }
}

fn bound(addr: SocketAddr, outcome: io::Result<(TcpListener, UdpSocket)>) -> Result<Bound, BindError> {
    let bound = |(tcp, udp): (TcpListener, UdpSocket)| {
        Ok(Bound { local: tcp.local_addr()?, tcp, udp, is_v4_only: false })
    };
    outcome.and_then(bound).map_err(|error| BindError::new(addr, error))
}

fn bind_pair(wanted: SocketAddr, is_only_v6: bool) -> io::Result<(TcpListener, UdpSocket)> {
    let is_only_v6 = is_only_v6 || !wanted.ip().is_unspecified();
    let mut tries = 0..PORT_TRIES;
    loop {
        let tcp = TcpListener::from_std(open(Transport::Tcp, wanted, is_only_v6)?.into())?;
        match open(Transport::Udp, tcp.local_addr()?, is_only_v6) {
            Ok(udp) => return Ok((tcp, UdpSocket::from_std(udp.into())?)),
            Err(error) if wanted.port() == 0 && is_busy(&error) && tries.next().is_some() => {}
            Err(error) => return Err(error),
        }
    }
}

/// Opens a socket on a port. `is_only_v6` leaves IPv4 to other sockets on `[::]`, and changes nothing on a single address.
fn open(transport: Transport, addr: SocketAddr, is_only_v6: bool) -> io::Result<Socket> {
    let (kind, protocol) = match transport {
        Transport::Tcp => (Type::STREAM, Protocol::TCP),
        Transport::Udp => (Type::DGRAM, Protocol::UDP),
    };
    let socket = Socket::new(Domain::for_address(addr), kind, Some(protocol))?;
    if addr.is_ipv6() {
        socket.set_only_v6(is_only_v6)?;
    }
    // A restarted server takes its port back while connections of the last one linger in TIME-WAIT. On Windows the option
    // would let another program take the port from us, and over UDP it would take our datagrams without a word.
    #[cfg(unix)]
    if transport == Transport::Tcp {
        socket.set_reuse_address(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&addr.into())?;
    if transport == Transport::Tcp {
        socket.listen(BACKLOG)?;
    }
    Ok(socket)
}

fn is_busy(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrInUse
}

/// The address in the system's form, with the scope as a number.
fn socket_addr(listen: &ListenAddr) -> Result<SocketAddr, ScopeError> {
    let (addr, scope_id) = match &listen.literal {
        Literal::V4(addr) => return Ok(SocketAddr::from((*addr, listen.port))),
        Literal::V6 { addr, scope: Some(scope) } => (*addr, interfaces::scope_index(scope)?),
        Literal::V6 { addr, scope: None } if addr.is_unicast_link_local() => {
            // Only an address of ours can be bound, so its interface can be found.
            let addresses = interfaces::local_addresses().map_err(ScopeError::List)?;
            let own = addresses.iter().find(|own| own.ip == *addr).and_then(|own| own.index);
            (*addr, own.unwrap_or(0))
        }
        Literal::V6 { addr, scope: None } => (*addr, 0),
    };
    Ok(SocketAddrV6::new(addr, listen.port, 0, scope_id).into())
}

/// Connections that wait for `accept`. After a restart every client of a full server comes back within a second, and behind a
/// flood it is better to wait than to be dropped and to try again after a second; the system lowers the number to its own
/// limit (Linux: `net.core.somaxconn`, 4096 since 5.4).
const BACKLOG: i32 = 4096;

/// Tries to find a port that is free for both. With half of all UDP ports taken, 16 failures in a row happen once in
/// 65,000 starts.
const PORT_TRIES: u32 = 16;

/// The first port that needs no rights (Linux: `net.ipv4.ip_unprivileged_port_start`).
const FIRST_UNPRIVILEGED_PORT: u16 = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::EAFNOSUPPORT;
    use socket2::SockRef;
    use tokio::net::TcpStream;

    fn bind(addr: &str) -> Result<Bound, BindError> {
        super::bind(&addr.parse().unwrap())
    }

    /// Binds an IPv6 address where `::1` is there to be reached by, or says that the sandbox has none.
    fn bind_v6(addr: &str) -> Option<Bound> {
        if let Err(error) = std::net::TcpListener::bind("[::1]:0") {
            eprintln!("skipped, no IPv6 here: {error}");
            return None;
        }
        Some(bind(addr).unwrap())
    }

    #[test]
    fn a_port_that_is_taken_for_one_transport_and_family_is_free_for_the_others() {
        let held = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
        let port = held.local_addr().unwrap().port();
        for PortCheck { transport, is_ipv6, outcome } in check_port(port) {
            let is_held = transport == Transport::Udp && !is_ipv6;
            match outcome {
                Ok(()) => assert!(!is_held),
                Err(BindError::PortBusy(addr, _)) => assert!(is_held && addr.port() == port),
                Err(BindError::NotHere(..)) => assert!(is_ipv6, "IPv6 alone may be missing"),
                Err(error) => panic!("{transport}: {error}"),
            }
        }
        drop(held);
    }

    /// Checks that a client which dials `from` is accepted, under the address `seen_as`.
    async fn check_accepts_from(bound: &Bound, from: &str, seen_as: &str) {
        let target: SocketAddr = format!("{from}:{}", bound.local.port()).parse().unwrap();
        // `try_join`: a client that fails must not leave the test waiting for `accept`.
        let both = async { tokio::try_join!(TcpStream::connect(target), bound.tcp.accept()) };
        let (client, (_server, peer)) = both.await.unwrap_or_else(|error| panic!("{target}: {error}"));
        assert_eq!(peer.ip().to_string(), seen_as);
        assert_eq!(crate::addr::canonical(peer), client.local_addr().unwrap());
    }

    #[tokio::test]
    async fn one_socket_takes_ipv4_and_ipv6() {
        let Some(bound) = bind_v6("[::]:0") else { return };
        assert!(bound.local.is_ipv6() && !bound.is_v4_only);
        assert_ne!(bound.local.port(), 0);
        assert!(!SockRef::from(&bound.tcp).only_v6().unwrap());
        check_accepts_from(&bound, "127.0.0.1", "::ffff:127.0.0.1").await;
        check_accepts_from(&bound, "[::1]", "::1").await;
    }

    #[tokio::test]
    async fn one_address_serves_one_family() {
        let v4 = bind("127.0.0.1:0").unwrap();
        assert!(v4.local.is_ipv4() && !v4.is_v4_only);
        check_accepts_from(&v4, "127.0.0.1", "127.0.0.1").await;
        let Some(v6) = bind_v6("[::1]:0") else { return };
        assert!(v6.local.is_ipv6() && SockRef::from(&v6.tcp).only_v6().unwrap());
        check_accepts_from(&v6, "[::1]", "::1").await;
    }

    #[tokio::test]
    async fn a_machine_without_ipv6_listens_on_ipv4_and_says_so() {
        let without_v6 = |addr: SocketAddr| match addr {
            SocketAddr::V4(_) => bind_pair(addr, false),
            SocketAddr::V6(_) => Err(io::Error::from_raw_os_error(EAFNOSUPPORT)),
        };
        let bound = bind_with("[::]:0".parse().unwrap(), without_v6).unwrap();
        assert!(bound.local.is_ipv4() && bound.is_v4_only);
        check_accepts_from(&bound, "127.0.0.1", "127.0.0.1").await;

        let error = bind_with("[::1]:0".parse().unwrap(), without_v6).unwrap_err();
        assert_eq!(error.to_string(), "::1 is not an address of this machine");
    }

    #[tokio::test]
    async fn a_busy_port_is_named() {
        let first = bind("127.0.0.1:0").unwrap();
        let error = bind(&first.local.to_string()).unwrap_err();
        assert_eq!(error.to_string(), format!("port {} is already in use", first.local.port()));
        assert!(error.hint().unwrap().contains("[::]:0"));
    }

    #[tokio::test]
    async fn both_families_are_listened_to_one_by_one_in_either_order() {
        let Some(probe) = bind_v6("[::]:0") else { return };
        let port = probe.local.port();
        drop(probe);
        for order in [["0.0.0.0", "[::]"], ["[::]", "0.0.0.0"]] {
            let list = order.map(|host| format!("{host}:{port}").parse().unwrap());
            let listeners = bind_all(&list).unwrap();
            for bound in &listeners {
                if bound.local.is_ipv4() {
                    check_accepts_from(bound, "127.0.0.1", "127.0.0.1").await;
                } else {
                    assert!(SockRef::from(&bound.tcp).only_v6().unwrap(), "{order:?}");
                    check_accepts_from(bound, "[::1]", "::1").await;
                }
            }
            assert_eq!(listeners.len(), 2);
        }
        let list = ["[::]", "127.0.0.1"].map(|host| format!("{host}:{port}").parse().unwrap());
        let error = bind_all(&list).unwrap_err();
        assert!(error.hint().unwrap().contains("IPv4 and IPv6"), "{error}");
    }

    #[tokio::test]
    async fn tcp_and_udp_share_a_port() {
        let Bound { tcp, udp, local, .. } = bind("127.0.0.1:0").unwrap();
        assert_eq!((udp.local_addr().unwrap(), tcp.local_addr().unwrap()), (local, local));
        assert_ne!(local.port(), 0);
        drop(tcp);
        let error = bind(&local.to_string()).unwrap_err();
        assert_eq!(error.to_string(), format!("port {} is already in use", local.port()));
    }

    #[tokio::test]
    async fn one_udp_socket_takes_ipv4_and_ipv6() {
        let Some(bound) = bind_v6("[::]:0") else { return };
        for (from, seen_as) in [("127.0.0.1", "::ffff:127.0.0.1"), ("::1", "::1")] {
            let client = UdpSocket::bind((from, 0)).await.unwrap();
            client.send_to(b"x", (from, bound.local.port())).await.unwrap();
            let (_, peer) = bound.udp.recv_from(&mut [0; 8]).await.unwrap();
            assert_eq!(peer.ip().to_string(), seen_as);
        }
    }

    #[tokio::test]
    async fn a_port_is_taken_back_while_old_connections_linger() {
        let first = bind("127.0.0.1:0").unwrap();
        let local = first.local;
        let (client, accepted) = tokio::try_join!(TcpStream::connect(local), first.tcp.accept()).unwrap();
        // The side that closes first is the one that keeps the port in TIME-WAIT.
        drop(accepted);
        drop(first);
        drop(client);
        assert_eq!(bind(&local.to_string()).unwrap().local, local);
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_refused() {
        // TEST-NET-3, RFC 5737: nobody has it.
        let error = bind("203.0.113.77:0").unwrap_err();
        assert!(matches!(error, BindError::NotHere(..)), "{error:?}");
        assert_eq!(error.to_string(), "203.0.113.77 is not an address of this machine");
    }

    #[tokio::test]
    async fn an_unknown_scope_is_refused() {
        let error = bind("[fe80::1%no-such-if]:0").unwrap_err();
        assert_eq!(error.to_string(), "no network interface here is called `no-such-if`");
    }

    #[tokio::test]
    async fn a_link_local_address_of_ours_needs_no_scope() {
        let own = interfaces::local_addresses().unwrap().into_iter().find_map(|own| match own.ip {
            std::net::IpAddr::V6(ip) if ip.is_unicast_link_local() => Some((ip, own.index)),
            _ => None,
        });
        let Some((ip, index)) = own else { return eprintln!("skipped, no link-local address here") };
        let bound = bind(&format!("[{ip}]:0")).unwrap();
        let SocketAddr::V6(local) = bound.local else { panic!("bound to {}", bound.local) };
        assert_eq!(Some(local.scope_id()), index);
    }

    #[test]
    fn low_ports_are_explained() {
        let addr = "[::]:80".parse().unwrap();
        let error = BindError::new(addr, io::ErrorKind::PermissionDenied.into());
        assert_eq!(error.to_string(), "this user may not listen on port 80");
        assert!(error.hint().unwrap().starts_with("ports below 1024"));
    }
}
