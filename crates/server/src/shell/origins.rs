//! Where sessions come from, as the lobby may know it: a number that tells nothing of the address.

use std::{
    hash::{Hash as _, Hasher as _},
    net::SocketAddr,
};

use net::addr::Source;
use siphasher::sip::SipHasher24;

use super::random::random;
use crate::lobby::Origin;

/// Makes origins of addresses, by a hash whose key is drawn at each start.
///
/// Who knows an origin cannot find the address by trying all of them, and nobody can choose addresses that meet in one
/// origin.
pub(super) struct Origins {
    key: [u8; 16],
}

impl Origins {
    pub(super) fn new() -> Self {
        Self { key: random() }
    }

    /// The origin that an address counts to: that of its IPv4 address, its /64 of IPv6, or its link-local address.
    pub(super) fn of(&self, peer: SocketAddr) -> Origin {
        let mut hasher = SipHasher24::new_with_key(&self.key);
        Source::of(peer).hash(&mut hasher);
        Origin(hasher.finish())
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
        let peer = "192.168.1.9:5000".parse().unwrap();
        assert_ne!(origins.of(peer), others.of(peer));
    }
}
