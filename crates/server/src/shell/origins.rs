//! Origins of sessions as the lobby may know them: numbers that reveal nothing about the addresses.

use std::net::SocketAddr;

use net::addr::Source;

use super::random::random;
use crate::lobby::Origin;

/// Hashes addresses to origins, with a key that is drawn at each start.
///
/// So nobody can find the address of an origin by trying all addresses, or choose addresses that share an origin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origins {
    key: [u8; 16],
}

impl Origins {
    pub(super) fn new() -> Self {
        Self { key: random() }
    }

    /// The origin of a [`Source`]: an IPv4 address, a /64 of IPv6, or all that is link-local on one interface.
    pub(super) fn of(&self, peer: SocketAddr) -> Origin {
        Origin(Source::of(peer).keyed_hash(&self.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_one_for_a_household_and_another_at_each_start() {
        let (origins, others) = (Origins { key: [7; 16] }, Origins { key: [8; 16] });
        let of = |peer: &str| origins.of(peer.parse().unwrap());
        assert_eq!(of("192.168.1.9:5000"), of("192.168.1.9:5001"));
        assert_eq!(of("[2001:db8::1]:5000"), of("[2001:db8::2]:5000"));
        assert_ne!(of("192.168.1.9:5000"), of("192.168.1.8:5000"));
        assert_ne!(of("[2001:db8::1]:5000"), of("[2001:db8:0:1::1]:5000"));
        assert_eq!(of("[fe80::1%2]:5000"), of("[fe80::2%2]:5000"));
        let peer = "192.168.1.9:5000".parse().unwrap();
        assert_ne!(origins.of(peer), others.of(peer));
    }
}
