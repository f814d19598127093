//! The failure of one attempt to connect, in the words that a player reads.

use std::io;

use thiserror::Error;

use crate::proto::ProtocolRange;

/// The reason why one address did not answer, for any transport.
///
/// The variants are in the order of how far the attempt came: the further, the more its advice is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum Failure {
    /// When the system reports something rarer.
    #[error("{0}")]
    Other(io::ErrorKind),
    /// When no interface leads there, as to an IPv6 address from a network without IPv6.
    #[error("no route to that network from here")]
    NetworkUnreachable,
    /// When a link-local address came without its interface.
    #[error("a link-local address needs its interface, as in `fe80::1%eth0`")]
    ScopeMissing,
    /// When the last router, or ARP, finds no such machine.
    #[error("no route to that machine (is it on?)")]
    HostUnreachable,
    /// When nothing came back before the deadline.
    #[error("no answer in time (a firewall, or another network)")]
    TimedOut,
    /// When this machine's own firewall forbids it (`EPERM`, `EACCES`).
    #[error("forbidden by this machine's firewall")]
    Denied,
    /// When the machine reports that the port is closed (TCP RST, ICMP port unreachable).
    #[error("refused (nobody listens on that port)")]
    Refused,
    /// When the peer closed before it answered.
    #[error("closed before it answered")]
    Closed,
    /// When the answer was not in our protocol.
    #[error("answered, but is not oxo")]
    NotOxo,
    /// When it is oxo, of a version that we cannot talk to.
    #[error("speaks protocol {theirs}, this oxo {ours}")]
    Version {
        /// The protocols that we speak.
        ours: ProtocolRange,
        /// The protocols that the peer speaks.
        theirs: ProtocolRange,
    },
    /// When it is oxo, and has no place for anybody more.
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
            // No address of that family to come from: the same thing to a player.
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

/// Whether an error means that this machine lacks the address, or its whole family.
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
    fn versions_are_told_apart() {
        let failure = Failure::Version { ours: PROTOCOL, theirs: ProtocolRange { oldest: 3, newest: 4 } };
        assert_eq!(failure.to_string(), "speaks protocol 3 to 4, this oxo 2");
    }
}
