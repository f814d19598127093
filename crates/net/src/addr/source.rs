//! The unit that limits per address count.

use std::net::SocketAddr;

/// The unit that a limit per address counts: an IPv4 address, v4-mapped or not; the /64 of an IPv6 address, since the owner
/// of one address in it has all (RFC 4291 section 2.5.1); but each link-local address by itself, since all addresses of a
/// link share that prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    bits: u128,
    scope_id: u32,
}

impl Source {
    /// The source of an address.
    pub const fn of(peer: SocketAddr) -> Self {
        match peer {
            SocketAddr::V4(v4) => Self { bits: v4.ip().to_ipv6_mapped().to_bits(), scope_id: 0 },
            SocketAddr::V6(v6) => {
                let ip = *v6.ip();
                if ip.is_unicast_link_local() {
                    Self { bits: ip.to_bits(), scope_id: v6.scope_id() }
                } else if ip.to_ipv4_mapped().is_some() {
                    Self { bits: ip.to_bits(), scope_id: 0 }
                } else {
                    Self { bits: ip.to_bits() >> 64 << 64, scope_id: 0 }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_an_ipv4_address_a_64_or_a_link_local_address() {
        let of = |peer: &str| Source::of(peer.parse().unwrap());
        assert_eq!(of("[fd4d::1]:1"), of("[fd4d::ffff:1]:2"));
        assert_ne!(of("[fd4d::1]:1"), of("[fd4d:0:0:1::1]:1"));
        assert_ne!(of("10.0.0.1:1"), of("10.0.0.2:1"));
        assert_ne!(of("[::ffff:10.0.0.1]:1"), of("[::ffff:10.0.0.2]:1"));
        assert_eq!(of("[::ffff:10.0.0.1]:1"), of("10.0.0.1:2"));
        assert_ne!(of("[fe80::1%2]:1"), of("[fe80::2%2]:1"));
        assert_ne!(of("[fe80::1%2]:1"), of("[fe80::1%3]:1"));
    }
}
