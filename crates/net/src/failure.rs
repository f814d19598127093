//! The failure of one attempt to connect, in the words that a player reads.

use std::io;

use strum::IntoStaticStr;
use thiserror::Error;

use crate::{addr::EXAMPLE_SCOPE, proto::ProtocolRange};

/// The reason why one address did not answer, for any transport.
///
/// The variants are in the order of how far the attempt came: the further, the more its advice is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Error, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Failure {
    /// A rarer error of the system.
    #[error("{0}")]
    Other(io::ErrorKind),
    /// No interface leads there, as to an IPv6 address from a network without IPv6.
    #[error("no route to that network from here")]
    NetworkUnreachable,
    /// A link-local address came without its interface.
    #[error("a link-local address needs its interface, as in `fe80::1%{EXAMPLE_SCOPE}`")]
    ScopeMissing,
    /// The last router, or ARP, finds no such machine.
    #[error("no route to that machine (is it on?)")]
    HostUnreachable,
    /// Nothing came back before the deadline.
    #[error("no answer in time (a firewall, or another network)")]
    TimedOut,
    /// This machine's own firewall forbids it (`EPERM`, `EACCES`).
    #[error("forbidden by this machine's firewall")]
    Denied,
    /// The machine reports that the port is closed (TCP RST, ICMP port unreachable).
    #[error("refused (nobody listens on that port)")]
    Refused,
    /// The peer closed before it answered.
    #[error("closed before it answered")]
    Closed,
    /// The answer was not in our protocol.
    #[error("answered, but is not oxo")]
    NotOxo,
    /// It took the connection, and never admitted this player.
    #[error("answered, but does not let anybody in")]
    NoWelcome,
    /// It is oxo, of a version that shares no protocol with this one.
    #[error("speaks protocol {theirs}, this oxo {ours}")]
    Version {
        /// The protocols of this program.
        ours: ProtocolRange,
        /// The protocols of the peer.
        theirs: ProtocolRange,
    },
    /// It is oxo, and full.
    #[error("the server is full")]
    ServerFull,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind as Kind;
        match error.kind() {
            Kind::ConnectionRefused => Self::Refused,
            Kind::HostUnreachable => Self::HostUnreachable,
            Kind::NetworkUnreachable | Kind::NetworkDown => Self::NetworkUnreachable,
            // This machine has no address of that family: the same to a player.
            _ if is_missing_here(&error) => Self::NetworkUnreachable,
            Kind::TimedOut => Self::TimedOut,
            Kind::PermissionDenied => Self::Denied,
            Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe | Kind::UnexpectedEof => {
                Self::Closed
            }
            kind => Self::Other(kind),
        }
    }
}

impl Failure {
    /// The failure of an attempt over UDP, which has no connection that could be reset.
    pub fn of_datagram(error: io::Error) -> Self {
        if is_refusal(&error) { Self::Refused } else { error.into() }
    }
}

/// Tests for the system's report that nobody listens on the port to which a datagram was sent. Windows and some others call
/// it a reset. Only the peer that refuses is gone: the socket goes on.
pub(crate) fn is_refusal(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset)
}

/// Tests for an error that means that this machine lacks the address, or its whole family.
pub(crate) fn is_missing_here(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(EAFNOSUPPORT)
}

/// "Address family not supported", for which `io::ErrorKind` has no name.
pub(crate) const EAFNOSUPPORT: i32 = if cfg!(windows) {
    10_047 // WSAEAFNOSUPPORT
} else if cfg!(any(target_os = "linux", target_os = "android")) {
    97 // asm-generic/errno.h; MIPS and SPARC differ
} else {
    47 // 4.4BSD, macOS
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::PROTOCOL;

    #[cfg(target_os = "linux")]
    #[test]
    fn errno_becomes_a_clause() {
        #[track_caller]
        fn check(errno: i32, expected: Failure) {
            assert_eq!(Failure::from(io::Error::from_raw_os_error(errno)), expected, "errno {errno}");
        }
        check(1, Failure::Denied); // EPERM, from nftables
        check(13, Failure::Denied); // EACCES
        check(97, Failure::NetworkUnreachable); // EAFNOSUPPORT
        check(99, Failure::NetworkUnreachable); // EADDRNOTAVAIL
        check(100, Failure::NetworkUnreachable); // ENETDOWN
        check(101, Failure::NetworkUnreachable); // ENETUNREACH
        check(104, Failure::Closed); // ECONNRESET
        check(110, Failure::TimedOut); // ETIMEDOUT
        check(111, Failure::Refused); // ECONNREFUSED
        check(113, Failure::HostUnreachable); // EHOSTUNREACH
        check(12, Failure::Other(io::ErrorKind::OutOfMemory));
    }

    #[test]
    fn a_datagram_is_refused_by_either_name() {
        for kind in [io::ErrorKind::ConnectionRefused, io::ErrorKind::ConnectionReset] {
            assert_eq!(Failure::of_datagram(kind.into()), Failure::Refused, "{kind}");
        }
        assert_eq!(Failure::of_datagram(io::ErrorKind::TimedOut.into()), Failure::TimedOut);
    }

    #[test]
    fn versions_are_told_apart() {
        let failure = Failure::Version { ours: PROTOCOL, theirs: ProtocolRange { oldest: 4, newest: 5 } };
        assert_eq!(failure.to_string(), "speaks protocol 4 to 5, this oxo 3");
    }
}
