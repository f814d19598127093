//! The options of every TCP socket.

use std::{io, time::Duration};

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
#[cfg(target_os = "linux")]
use tracing::debug;

/// Sets the options of an accepted stream: those of a dialled one, and a small bound on the unsent bytes that the system
/// keeps. Bytes that are kept here instead can be counted, and a newer snapshot can replace an older one.
///
/// # Errors
///
/// The system's: the peer may be gone already.
pub fn set_options(stream: &TcpStream) -> io::Result<()> {
    let socket = SockRef::from(stream);
    #[cfg(target_os = "linux")]
    socket.set_tcp_notsent_lowat(NOT_SENT_BYTES)?;
    #[cfg(not(target_os = "linux"))]
    socket.set_send_buffer_size(UNACKNOWLEDGED_BYTES)?;
    set_common_options(&socket, RTO_MIN_TO_ANY_CLIENT)
}

/// Sets the options of a stream before it is dialled.
pub(super) fn set_dial_options(socket: &SockRef<'_>) -> io::Result<()> {
    set_common_options(socket, RTO_MIN_TO_OUR_SERVER)
}

/// Sets the options that both ends of a connection have, and the shortest time after which a segment counts as lost.
fn set_common_options(socket: &SockRef<'_>, rto_min: Duration) -> io::Result<()> {
    // A move is one small segment; Nagle would hold it back until the last one is acknowledged.
    socket.set_tcp_nodelay(true)?;
    #[cfg(target_os = "linux")]
    retransmit_early(socket, rto_min);
    #[cfg(not(target_os = "linux"))]
    let _other_systems_keep_their_own = rto_min;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_TIME);
    #[cfg(not(target_os = "openbsd"))]
    let keepalive = keepalive.with_interval(KEEPALIVE_INTERVAL).with_retries(KEEPALIVE_RETRIES);
    socket.set_tcp_keepalive(&keepalive)
}

/// Lets the system send lost segments again early. Older systems keep their own times.
///
/// A lost segment costs a TCP connection 200 ms, because Linux waits at least that long before it retransmits on any path.
/// Since Linux 6.15 a socket may ask for less. Measured over a path of 2 ms that loses a tenth, with one message at a
/// time and 8 ms at both ends: the 99th percentile falls from 276 ms and more to 45 ms and less. A server waits
/// longer, see [`RTO_MIN_TO_ANY_CLIENT`]; that was not measured.
#[cfg(target_os = "linux")]
fn retransmit_early(socket: &SockRef<'_>, rto_min: Duration) {
    for (option, value) in retransmission(rto_min) {
        if let Err(error) = set(socket, option, value) {
            // Older than Linux 6.15: ENOPROTOOPT, for all of them.
            return debug!(%error, option, "this system keeps its own retransmission times");
        }
    }
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "setsockopt(2) for options that neither socket2 nor rustix knows")]
fn set(socket: &SockRef<'_>, option: libc::c_int, value: libc::c_int) -> io::Result<()> {
    use std::os::fd::AsRawFd;

    let length = libc::socklen_t::try_from(size_of::<libc::c_int>()).expect("4 fits");
    // SAFETY: the descriptor is open as long as `socket` borrows it; `value` lives across the call, which reads exactly
    // `length` bytes of it and keeps no pointer.
    let status = unsafe {
        libc::setsockopt(socket.as_raw_fd(), libc::IPPROTO_TCP, option, (&raw const value).cast(), length)
    };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Retransmission options and their values. The numbers are from include/uapi/linux/tcp.h of Linux 6.15.
#[cfg(target_os = "linux")]
fn retransmission(rto_min: Duration) -> [(libc::c_int, libc::c_int); 3] {
    let rto_min = rto_min.as_micros().try_into().expect("far below half an hour");
    [(TCP_RTO_MIN_US, rto_min), (TCP_DELACK_MAX_US, 8_000), (TCP_RTO_MAX_MS, 1_000)]
}

/// The shortest time after which a client's segment counts as lost: twice a LAN's round trip over Wi-Fi, plus the 8 ms by
/// which a server of ours delays an acknowledgement at most; but it answers nearly every command at once.
const RTO_MIN_TO_OUR_SERVER: Duration = Duration::from_millis(8);

/// The shortest time after which a server's segment counts as lost. A client of ours acknowledges within 8 ms, but any other one within 40 ms on Linux
/// (`TCP_DELACK_MIN`), and a player does not answer a snapshot. Any less has every snapshot sent twice, as a tail loss
/// probe (RFC 8985 section 7.2), which waits for two round trips and this time.
const RTO_MIN_TO_ANY_CLIENT: Duration = Duration::from_millis(60);

/// The shortest time, in microseconds, after which a segment counts as lost.
#[cfg(target_os = "linux")]
const TCP_RTO_MIN_US: libc::c_int = 45;

/// The longest delay of an acknowledgement, in microseconds.
#[cfg(target_os = "linux")]
const TCP_DELACK_MAX_US: libc::c_int = 46;

/// The longest time, in milliseconds, between two retransmissions. A second, the least that Linux takes: a cable that is
/// plugged in again is noticed within that.
#[cfg(target_os = "linux")]
const TCP_RTO_MAX_MS: libc::c_int = 44;

/// Unsent bytes that the system keeps (`TCP_NOTSENT_LOWAT` of tcp(7)), where it would keep megabytes: four of the
/// largest frames, which never hold up a peer that reads.
#[cfg(target_os = "linux")]
const NOT_SENT_BYTES: u32 = 4 * 1024;

/// Bytes that another system keeps (`SO_SNDBUF`), sent or not, until the peer has acknowledged them: a page or a large
/// snapshot within one round trip of a LAN, and far below the megabytes that systems allow themselves.
#[cfg(not(target_os = "linux"))]
const UNACKNOWLEDGED_BYTES: usize = 16 * 1024;

/// Silence after which the kernel probes the peer. With the two below, a machine that lost its power is known to be gone
/// after 16 s even where nobody reads or writes; our own heartbeat notices long before. The default of Linux is two hours
/// (tcp(7)).
const KEEPALIVE_TIME: Duration = Duration::from_secs(10);

/// Time between two probes.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(2);

/// Unanswered probes after which the connection is dead.
const KEEPALIVE_RETRIES: u32 = 3;

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd;

    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    #[expect(unsafe_code, reason = "getsockopt(2), as above")]
    fn get(socket: &SockRef<'_>, option: libc::c_int) -> io::Result<libc::c_int> {
        let mut value: libc::c_int = 0;
        let mut length = libc::socklen_t::try_from(size_of::<libc::c_int>()).unwrap();
        // SAFETY: as above; the call writes at most `length` bytes into `value`.
        let status = unsafe {
            libc::getsockopt(
                socket.as_raw_fd(),
                libc::IPPROTO_TCP,
                option,
                (&raw mut value).cast(),
                &raw mut length,
            )
        };
        if status == 0 { Ok(value) } else { Err(io::Error::last_os_error()) }
    }

    #[test]
    fn the_options_are_set_where_the_kernel_has_them() {
        let socket = TcpSocket::new_v4().unwrap();
        let socket = SockRef::from(&socket);
        if let Err(error) = get(&socket, TCP_RTO_MIN_US) {
            return eprintln!("skipped, this kernel has no such option: {error}");
        }
        for rto_min in [RTO_MIN_TO_OUR_SERVER, RTO_MIN_TO_ANY_CLIENT] {
            retransmit_early(&socket, rto_min);
            for (option, value) in retransmission(rto_min) {
                assert_eq!(get(&socket, option).unwrap(), value, "option {option}");
            }
        }
    }

    #[test]
    fn an_option_that_there_is_not_does_no_harm() {
        let socket = TcpSocket::new_v4().unwrap();
        let error = set(&SockRef::from(&socket), 9999, 1).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENOPROTOOPT));
    }

    #[tokio::test]
    async fn both_ends_of_a_connection_get_the_same_options() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dial = super::super::connect(listener.local_addr().unwrap());
        let (client, accepted) = tokio::join!(dial, listener.accept());
        let (client, (server, _)) = (client.unwrap(), accepted.unwrap());
        set_options(&server).unwrap();
        for stream in [client, server] {
            let socket = SockRef::from(&stream);
            assert!(socket.tcp_nodelay().unwrap());
            assert!(socket.keepalive().unwrap());
            assert_eq!(socket.tcp_keepalive_time().unwrap(), KEEPALIVE_TIME);
        }
    }
}
