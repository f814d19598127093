//! The one spelling of an address.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};

/// The one spelling of `addr`, which keys tables and is shown to people.
///
/// A v4-mapped address becomes the IPv4 address that it is; the flow label, which a peer may change at will, is
/// dropped; the scope id stays exactly where it is part of the address, on `fe80::/10` (RFC 4007 section 6).
///
/// # Examples
///
/// ```
/// let seen_by_a_dual_stack_socket = "[::ffff:192.168.1.7]:1952".parse().unwrap();
/// assert_eq!(net::addr::canonical(seen_by_a_dual_stack_socket), "192.168.1.7:1952".parse().unwrap());
/// ```
pub const fn canonical(addr: SocketAddr) -> SocketAddr {
    let SocketAddr::V6(v6) = addr else { return addr };
    match v6.ip().to_canonical() {
        IpAddr::V4(_) => SocketAddr::new(v6.ip().to_canonical(), v6.port()),
        IpAddr::V6(ip) => {
            let scope_id = if ip.is_unicast_link_local() { v6.scope_id() } else { 0 };
            SocketAddr::V6(SocketAddrV6::new(ip, v6.port(), 0, scope_id))
        }
    }
}

/// Tests for an address of this machine's loopback, also in the v4-mapped form, which std does not recognise.
pub const fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn canonical_keeps_the_scope_of_link_local_only() {
        #[track_caller]
        fn check(from: SocketAddrV6, to: &str) {
            assert_eq!(canonical(from.into()), to.parse().unwrap());
        }
        let v6 = |ip: &str| SocketAddrV6::new(ip.parse().unwrap(), 7, 99, 3);
        check(v6("::ffff:10.0.0.1"), "10.0.0.1:7");
        check(v6("fe80::1"), "[fe80::1%3]:7");
        check(v6("febf::1"), "[febf::1%3]:7");
        check(v6("fec0::1"), "[fec0::1]:7");
        check(v6("fd4d::5"), "[fd4d::5]:7");
        check(v6("::1"), "[::1]:7");
    }

    #[test]
    fn loopback_is_known_in_every_form() {
        for (ip, expected) in [
            ("127.0.0.1", true),
            ("127.9.9.9", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("::ffff:10.0.0.1", false),
            ("::", false),
        ] {
            assert_eq!(is_loopback(ip.parse().unwrap()), expected, "{ip}");
        }
    }

    proptest! {
        #[test]
        fn canonical_is_idempotent(addr: SocketAddr) {
            prop_assert_eq!(canonical(canonical(addr)), canonical(addr));
        }
    }
}
