//! The system's view of a connection.
//!
//! Linux tells it by `getsockopt(TCP_INFO)`, which no crate wraps, and by `sock_diag(7)`, which takes no `unsafe`: a netlink
//! socket is written the two addresses of a connection, and the answer can be read at once. Nobody needs a privilege for it.
//! The layouts are from include/uapi/linux of Linux: `netlink.h`, `inet_diag.h` and `tcp.h`.

use std::{
    io::{Read, Write},
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;

use crate::xray::TcpPicture;

/// The state of a connection, if the system tells it.
pub(super) fn picture(stream: &TcpStream) -> Option<TcpPicture> {
    let request = request(stream.local_addr().ok()?, stream.peer_addr().ok()?)?;
    let [domain, protocol] = [libc::AF_NETLINK, libc::NETLINK_INET_DIAG];
    let mut socket = Socket::new(Domain::from(domain), Type::RAW, Some(Protocol::from(protocol))).ok()?;
    // The kernel has answered when it has taken the request.
    socket.set_nonblocking(true).ok()?;
    socket.write_all(&request).ok()?;
    let mut answer = [0; ANSWER_BYTES];
    let length = socket.read(&mut answer).ok()?;
    decode(find_info(answer.get(..length)?)?)
}

/// The question for the connection between two addresses: `nlmsghdr` and `inet_diag_req_v2`.
fn request(local: SocketAddr, peer: SocketAddr) -> Option<Vec<u8>> {
    let (family, interface) = match peer {
        SocketAddr::V4(_) => (libc::AF_INET, 0),
        SocketAddr::V6(peer) => (libc::AF_INET6, peer.scope_id()),
    };
    let mut request = Vec::with_capacity(REQUEST_BYTES);
    request.extend(u32::try_from(REQUEST_BYTES).ok()?.to_ne_bytes());
    request.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    request.extend(u16::try_from(libc::NLM_F_REQUEST).ok()?.to_ne_bytes());
    request.extend([0; 8]);
    request.extend([u8::try_from(family).ok()?, u8::try_from(libc::IPPROTO_TCP).ok()?]);
    request.extend([1 << (INET_DIAG_INFO - 1), 0]);
    request.extend([0xff; 4]);
    request.extend(local.port().to_be_bytes());
    request.extend(peer.port().to_be_bytes());
    for ip in [local.ip(), peer.ip()] {
        match ip {
            IpAddr::V4(ip) => request.extend(ip.octets().into_iter().chain([0; 12])),
            IpAddr::V6(ip) => request.extend(ip.octets()),
        }
    }
    request.extend(interface.to_ne_bytes());
    // No cookie: whichever socket has these addresses.
    request.extend([0xff; 8]);
    Some(request)
}

/// The attribute with `tcp_info`, behind `nlmsghdr` and `inet_diag_msg`.
fn find_info(answer: &[u8]) -> Option<&[u8]> {
    if answer.get(4..6)? != SOCK_DIAG_BY_FAMILY.to_ne_bytes() {
        return None;
    }
    let mut rest = answer.get(ATTRIBUTES_AT..)?;
    loop {
        let length = usize::from(u16::from_ne_bytes(number(rest, 0)?));
        let attribute = rest.get(4..length)?;
        if u16::from_ne_bytes(number(rest, 2)?) == INET_DIAG_INFO {
            return Some(attribute);
        }
        rest = rest.get(length.next_multiple_of(4)..)?;
    }
}

/// Reads `tcp_info`. Times are in microseconds.
fn decode(info: &[u8]) -> Option<TcpPicture> {
    let u32_at = |offset| number(info, offset).map(u32::from_ne_bytes);
    let u64_at = |offset| number(info, offset).map(u64::from_ne_bytes);
    let time_at = |offset| u32_at(offset).map(|micros| Duration::from_micros(micros.into()));
    Some(TcpPicture {
        rtt: time_at(68)?,
        rttvar: time_at(72)?,
        interval: time_at(8)?,
        retransmits_now: *info.get(2)?,
        retransmits: u32_at(100)?,
        unacknowledged: u32_at(24)?,
        window: u32_at(80)?,
        bytes_acknowledged: u64_at(120)?,
        bytes_received: u64_at(128)?,
    })
}

fn number<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..)?.first_chunk().copied()
}

/// The type of the request and of its answer (`sock_diag.h`).
const SOCK_DIAG_BY_FAMILY: u16 = 20;

/// The attribute that holds `tcp_info`.
const INET_DIAG_INFO: u16 = 2;

/// Bytes of a request: 16 of `nlmsghdr`, 56 of `inet_diag_req_v2`.
const REQUEST_BYTES: usize = 72;

/// The place of the first attribute: behind 16 bytes of `nlmsghdr` and 72 of `inet_diag_msg`.
const ATTRIBUTES_AT: usize = 88;

/// Bytes of an answer: `tcp_info` has less than 300, the other attributes a few each.
const ANSWER_BYTES: usize = 1024;

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    /// Sends bytes over a connection, and checks what the system tells of it.
    async fn check(addr: &str) {
        let Ok(listener) = TcpListener::bind(addr).await else { return eprintln!("skipped, no {addr} here") };
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        client.write_all(&[7; 100]).await.unwrap();
        server.read_exact(&mut [0; 100]).await.unwrap();
        server.write_all(&[7; 30]).await.unwrap();
        client.read_exact(&mut [0; 30]).await.unwrap();
        let told = picture(&client).unwrap();
        assert!((1..1_000_000).contains(&told.rtt.as_micros()), "{told:?}");
        assert!(told.interval > told.rtt && told.window > 0, "{told:?}");
        // The first byte of a connection is its SYN.
        assert_eq!((told.bytes_acknowledged, told.bytes_received), (101, 30), "{told:?}");
        assert_eq!((told.retransmits, told.unacknowledged), (0, 0), "{told:?}");
    }

    #[tokio::test]
    async fn a_connection_is_told_over_either_family() {
        check("127.0.0.1:0").await;
        check("[::1]:0").await;
    }

    #[test]
    fn an_answer_that_is_cut_off_or_strange_tells_nothing() {
        let mut answer = vec![0; ATTRIBUTES_AT];
        answer[4..6].copy_from_slice(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
        for (length, kind) in [(6_u16, 1_u16), (200, INET_DIAG_INFO)] {
            answer.extend(length.to_ne_bytes());
            answer.extend(kind.to_ne_bytes());
            answer.resize(answer.len() + usize::from(length - 4).next_multiple_of(4), 0);
        }
        assert!(find_info(&answer).and_then(decode).is_some());
        for length in 0..answer.len() {
            assert_eq!(find_info(&answer[..length]).and_then(decode), None, "{length} bytes");
        }
        // An attribute of no length would be found for ever.
        answer[ATTRIBUTES_AT..ATTRIBUTES_AT + 2].copy_from_slice(&[0, 0]);
        assert_eq!(find_info(&answer), None);
    }
}
