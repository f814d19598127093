//! A test of multicast on a network: a query of multicast DNS, and its replies.
//!
//! A LAN may carry everything else and drop multicast, as some guest Wi-Fi does; then games are found by their address alone.
//! A program that hears its own query knows that this machine can do multicast. Only the reply of another machine shows that
//! the network can.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    net::UdpSocket,
    time::{Instant, sleep, sleep_until},
};

use super::interfaces::local_addresses;
use crate::{
    addr::canonical,
    failure::is_refusal,
    lan::dns::{self, PORT},
};

/// An interface and a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interface {
    /// IPv4, on the interface that has this address.
    V4(Ipv4Addr),
    /// IPv6, on the interface with this number.
    V6(u32),
}

/// The replies to a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replies {
    /// The time until our own query came back; `None` if it did not.
    pub own: Option<Duration>,
    /// Other machines that replied, at most [`MAX_OTHERS`].
    pub others: Vec<IpAddr>,
    /// True if the sought machine replied: a reply came from one of its addresses, or contains one.
    pub is_found: bool,
}

/// Sends a query by multicast, and collects replies for as long as `patience` says. `sought` are the addresses of a machine
/// of interest: over IPv6 it replies from its link-local address, and lists the others.
///
/// # Errors
///
/// The system's: another program may hold the port alone, or the interface has no multicast.
pub async fn query(via: Interface, sought: &[IpAddr], patience: Duration) -> io::Result<Replies> {
    let socket = join(via)?;
    let own_addresses: Vec<IpAddr> = local_addresses()?.into_iter().map(|address| address.ip).collect();
    let mut id = [0; 2];
    getrandom::fill(&mut id)?;
    let query_packet = query_packet(id);
    let group = via.group();

    let mut replies = Replies::default();
    let start = Instant::now();
    let mut query_at = start;
    let mut buffer = vec![0; MAX_MESSAGE];
    loop {
        tokio::select! {
            received = receive(&socket, &mut buffer) => {
                let (length, from) = received?;
                let (datagram, from) = (&buffer[..length], canonical(from).ip());
                let is_own = own_addresses.contains(&from);
                if datagram == query_packet && is_own && replies.own.is_none() {
                    replies.own = Some(start.elapsed());
                }
                if is_answer(datagram) && !is_own {
                    note(&mut replies, from);
                    replies.is_found |= sought.iter().any(|ip| *ip == from || holds(datagram, *ip));
                }
            }
            () = sleep_until(query_at) => {
                socket.send_to(&query_packet, group).await?;
                // Repeated, since any datagram may be lost.
                query_at += patience / 3;
            }
            () = sleep_until(start + patience) => return Ok(replies),
        }
    }
}

impl Interface {
    /// The group of multicast DNS.
    pub(super) fn group(self) -> SocketAddr {
        match self {
            Self::V4(_) => (GROUP_V4, PORT).into(),
            Self::V6(index) => std::net::SocketAddrV6::new(GROUP_V6, PORT, 0, index).into(),
        }
    }
}

/// Waits for a datagram. tokio's `recv_from` would keep the thread if a system reported a socket as readable for good.
pub(super) async fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
    loop {
        socket.readable().await?;
        match socket.try_recv_from(buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock || is_refusal(&error) => {
                sleep(RETRY_PAUSE).await;
            }
            received => return received,
        }
    }
}

/// Adds a machine that has replied.
fn note(replies: &mut Replies, ip: IpAddr) {
    if !replies.others.contains(&ip) && replies.others.len() < MAX_OTHERS {
        replies.others.push(ip);
    }
}

/// Searches a reply for the bytes of an address. A match by chance is one in millions, and only a note depends on it.
fn holds(datagram: &[u8], ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => datagram.windows(4).any(|bytes| bytes == ip.octets()),
        IpAddr::V6(ip) => datagram.windows(16).any(|bytes| bytes == ip.octets()),
    }
}

/// Opens a socket on the port of multicast DNS, beside those of other programs, for one family.
pub(super) fn open(unspecified: IpAddr) -> io::Result<Socket> {
    let addr = SocketAddr::new(unspecified, PORT);
    let socket = Socket::new(Domain::for_address(addr), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    socket.set_reuse_port(true)?;
    if addr.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.bind(&addr.into())?;
    Ok(socket)
}

/// Opens such a socket that hears the group on one interface.
pub(super) fn join(via: Interface) -> io::Result<UdpSocket> {
    let socket = match via {
        Interface::V4(_) => open(Ipv4Addr::UNSPECIFIED.into())?,
        Interface::V6(_) => open(Ipv6Addr::UNSPECIFIED.into())?,
    };
    socket.set_nonblocking(true)?;
    match via {
        Interface::V4(own) => {
            // Otherwise Linux delivers what other programs have joined on other interfaces (ip(7)).
            #[cfg(target_os = "linux")]
            socket.set_multicast_all_v4(false)?;
            socket.join_multicast_v4(&GROUP_V4, &own)?;
            socket.set_multicast_if_v4(&own)?;
            socket.set_multicast_ttl_v4(HOPS)?;
            socket.set_multicast_loop_v4(true)?;
        }
        Interface::V6(index) => {
            #[cfg(target_os = "linux")]
            socket.set_multicast_all_v6(false)?;
            socket.join_multicast_v6(&GROUP_V6, index)?;
            socket.set_multicast_if_v6(index)?;
            socket.set_multicast_hops_v6(HOPS)?;
            socket.set_multicast_loop_v6(true)?;
        }
    }
    UdpSocket::from_std(socket.into())
}

/// A query for every kind of service, which every host with any service answers (RFC 6763 section 9), and for ours. The id is
/// 0 in the queries of others (RFC 6762 section 18.1) and ignored; ours is known by it.
fn query_packet(id: [u8; 2]) -> Vec<u8> {
    const FLAGS_AND_COUNTS: [u8; 10] = [0, 0, 0, 2, 0, 0, 0, 0, 0, 0];
    const PTR_IN: [u8; 4] = [0, 12, 0, 1];
    let types = dns::name(["_services", "_dns-sd", "_udp", "local"]);
    let ours = dns::name(["_oxo", "_tcp", "local"]);
    [&id[..], &FLAGS_AND_COUNTS, &types, &PTR_IN, &ours, &PTR_IN].concat()
}

/// Tests for a response in DNS (RFC 1035 section 4.1.1).
fn is_answer(datagram: &[u8]) -> bool {
    datagram.len() >= 12 && datagram[2] & 0x80 != 0
}

/// Most machines that are counted: more prove no more.
pub const MAX_OTHERS: usize = 64;

/// The groups of multicast DNS (RFC 6762 section 3).
const GROUP_V4: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);

/// Hop limit of our queries (RFC 6762 section 11). No router forwards them all the same.
const HOPS: u32 = 255;

/// Time until a socket that had nothing is read again: short against any patience.
const RETRY_PAUSE: Duration = Duration::from_millis(1);

/// Bytes of a message that are read (RFC 6762 section 17); the rest is cut.
pub(super) const MAX_MESSAGE: usize = 9000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_one_that_dns_knows() {
        let packet = query_packet([0xab, 0xcd]);
        assert_eq!(packet[..12], [0xab, 0xcd, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0]);
        let services = b"\x09_services\x07_dns-sd\x04_udp\x05local\0\0\x0c\0\x01";
        assert_eq!(packet[12..][..services.len()], services[..]);
        assert_eq!(packet[12 + services.len()..], b"\x04_oxo\x04_tcp\x05local\0\0\x0c\0\x01"[..]);
        assert!(!is_answer(&packet));
    }

    #[test]
    fn each_machine_that_answers_is_counted_once_and_the_list_ends() {
        let mut replies = Replies::default();
        for last in [3, 3].into_iter().chain(0..=255) {
            note(&mut replies, IpAddr::from([10, 0, 0, last]));
        }
        assert_eq!(replies.others[..2], [[10, 0, 0, 3], [10, 0, 0, 0]].map(IpAddr::from));
        assert_eq!(replies.others.len(), MAX_OTHERS);
    }

    #[test]
    fn an_answer_may_hold_the_address_that_is_sought() {
        let ip: Ipv6Addr = "fd4d:77::1".parse().unwrap();
        let answer = [&[0, 0, 0x84, 0][..], &[0; 9], &ip.octets(), &[10, 0, 0, 1]].concat();
        assert!(holds(&answer, ip.into()));
        assert!(holds(&answer, [10, 0, 0, 1].into()));
        assert!(!holds(&answer, [10, 0, 0, 2].into()));
        assert!(!holds(b"", ip.into()));
    }

    #[test]
    fn rubbish_is_no_answer() {
        assert!(!is_answer(b""));
        assert!(!is_answer(&[0xff; 11]));
        assert!(is_answer(&[0, 0, 0x84, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    }
}
