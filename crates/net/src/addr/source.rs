//! The unit that limits per address count.

use std::hash::{Hash as _, Hasher as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use siphasher::sip::SipHasher24;

/// The unit that a limit per address counts: an IPv4 address, v4-mapped or not, or the /64 of an IPv6 address, since the
/// owner of one address in it has all (RFC 4291 section 2.5.1).
///
/// All link-local addresses of one interface are one source. A machine can take any number of them without asking anybody,
/// so they tell nothing about the number of machines behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    bits: u128,
    scope_id: u32,
}

impl Source {
    /// The source of an address.
    pub const fn of(peer: SocketAddr) -> Self {
        let (ip, scope_id) = match peer {
            SocketAddr::V4(v4) => (v4.ip().to_ipv6_mapped(), 0),
            SocketAddr::V6(v6) => (*v6.ip(), v6.scope_id()),
        };
        if ip.is_unicast_link_local() {
            return Self { bits: LINK_LOCAL.to_bits(), scope_id };
        }
        let bits = match ip.to_ipv4_mapped() {
            Some(v4) if v4.is_link_local() => LINK_LOCAL_V4.to_ipv6_mapped().to_bits(),
            Some(_) => ip.to_bits(),
            None => ip.to_bits() >> 64 << 64,
        };
        Self { bits, scope_id: 0 }
    }

    /// The hash under a secret key, so that nobody can choose an address that shares it with a certain other one.
    pub fn keyed_hash(self, key: &[u8; 16]) -> u64 {
        let mut hasher = SipHasher24::new_with_key(key);
        self.hash(&mut hasher);
        hasher.finish()
    }
}

/// Stands for all link-local addresses of an interface (RFC 4291 section 2.5.6).
const LINK_LOCAL: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0);

/// Stands for all link-local addresses of IPv4 (RFC 3927), which come without their interface.
const LINK_LOCAL_V4: Ipv4Addr = Ipv4Addr::new(169, 254, 0, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_an_ipv4_address_a_64_or_all_that_is_link_local_on_an_interface() {
        let of = |peer: &str| Source::of(peer.parse().unwrap());
        assert_eq!(of("[fd4d::1]:1"), of("[fd4d::ffff:1]:2"));
        assert_ne!(of("[fd4d::1]:1"), of("[fd4d:0:0:1::1]:1"));
        assert_ne!(of("10.0.0.1:1"), of("10.0.0.2:1"));
        assert_ne!(of("[::ffff:10.0.0.1]:1"), of("[::ffff:10.0.0.2]:1"));
        assert_eq!(of("[::ffff:10.0.0.1]:1"), of("10.0.0.1:2"));
        assert_eq!(of("[fe80::1%2]:1"), of("[fe80::2%2]:1"));
        assert_eq!(of("[fe80::1%2]:1"), of("[febf:1:2:3::2%2]:1"));
        assert_ne!(of("[fe80::1%2]:1"), of("[fe80::1%3]:1"));
        assert_eq!(of("169.254.1.1:1"), of("[::ffff:169.254.2.2]:1"));
        assert_ne!(of("169.254.1.1:1"), of("169.253.1.1:1"));
    }
}
