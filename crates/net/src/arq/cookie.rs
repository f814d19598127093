//! Cookies: a client proves that it receives at its source address before the server keeps any state for it.
//!
//! As in DTLS (RFC 6347 section 4.2.1), a cookie is a keyed hash of everything that must not change between two hellos.
//! The server checks a cookie by computing it again, so a million forged hellos leave nothing behind.

use std::{
    hash::Hasher,
    net::SocketAddr,
    time::{Duration, Instant},
};

use siphasher::sip128::{Hasher128, SipHasher24};
use subtle::ConstantTimeEq;

use super::packet::{COOKIE_BYTES, Cid, Cookie, Hello};

/// The length of a time slot. A cookie is good in its slot and the next: long enough for a round trip with losses,
/// short enough that a recorded one is soon worthless.
const SLOT: Duration = Duration::from_secs(4);

/// The longest lifetime of a cookie: all of its slot, and the next.
pub const COOKIE_LIFETIME: Duration = Duration::from_secs(2 * SLOT.as_secs());

/// Makes and checks cookies.
#[derive(Debug, Clone)]
pub(super) struct CookieKey {
    key: [u8; 16],
    begun_at: Instant,
}

impl CookieKey {
    /// `key` is secret and random, and new at each start.
    pub(super) const fn new(now: Instant, key: [u8; 16]) -> Self {
        Self { key, begun_at: now }
    }

    /// Makes the cookie for a hello from `peer`.
    pub(super) fn make(&self, now: Instant, peer: SocketAddr, hello: &Hello) -> Cookie {
        self.compute(self.slot(now), peer, hello)
    }

    /// Returns whether a hello from `peer` carries a cookie that we made for this client and that has not expired.
    pub(super) fn is_good(&self, now: Instant, peer: SocketAddr, hello: &Hello) -> bool {
        let Some(cookie) = hello.cookie else { return false };
        let slot = self.slot(now);
        let claimed = u32::from_be_bytes([cookie[0], cookie[1], cookie[2], cookie[3]]);
        let is_fresh = claimed == slot || slot.checked_sub(1) == Some(claimed);
        is_fresh && bool::from(self.compute(claimed, peer, hello).ct_eq(&cookie))
    }

    /// Makes a connection id that nobody can guess without the key.
    pub(super) fn cid(&self, serial: u64) -> Cid {
        let mut hasher = SipHasher24::new_with_key(&self.key);
        hasher.write(b"cid");
        hasher.write_u64(serial);
        Cid(hasher.finish128().h1)
    }

    fn slot(&self, now: Instant) -> u32 {
        let slots = now.saturating_duration_since(self.begun_at).as_secs() / SLOT.as_secs();
        u32::try_from(slots).unwrap_or(u32::MAX)
    }

    fn compute(&self, slot: u32, peer: SocketAddr, hello: &Hello) -> Cookie {
        let mut hasher = SipHasher24::new_with_key(&self.key);
        hasher.write(b"cookie");
        // Always sixteen bytes, so that no two inputs have the same form.
        let (ip, scope_id) = match peer {
            SocketAddr::V4(v4) => (v4.ip().to_ipv6_mapped(), 0),
            SocketAddr::V6(v6) => (*v6.ip(), v6.scope_id()),
        };
        hasher.write(&ip.octets());
        hasher.write(&scope_id.to_be_bytes());
        hasher.write(&peer.port().to_be_bytes());
        hasher.write(&hello.client_cid.0.to_be_bytes());
        hasher.write(&hello.protocols.oldest.to_be_bytes());
        hasher.write(&hello.protocols.newest.to_be_bytes());
        hasher.write(&slot.to_be_bytes());
        let hash = hasher.finish128();
        let mut cookie = [0; COOKIE_BYTES];
        cookie[..4].copy_from_slice(&slot.to_be_bytes());
        cookie[4..12].copy_from_slice(&hash.h1.to_be_bytes());
        cookie[12..].copy_from_slice(&hash.h2.to_be_bytes());
        cookie
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{proto::PROTOCOL, sim::Clock};

    fn hello(cid: u64) -> Hello {
        Hello { protocols: PROTOCOL, client_cid: Cid(cid), cookie: None }
    }

    #[test]
    fn a_cookie_is_good_for_two_slots_and_for_its_owner() {
        let mut clock = Clock::new();
        let key = CookieKey::new(clock.now(), [7; 16]);
        let peer: SocketAddr = "192.168.1.9:5000".parse().unwrap();
        let cookie = key.make(clock.now(), peer, &hello(1));
        let with = |cid| Hello { cookie: Some(cookie), ..hello(cid) };
        assert!(key.is_good(clock.now(), peer, &with(1)));
        assert!(!key.is_good(clock.now(), peer, &with(2)), "another cid");
        assert!(!key.is_good(clock.now(), peer, &hello(1)), "no cookie");
        for stranger in ["192.168.1.8:5000", "192.168.1.9:5001", "[fe80::1%2]:5000"] {
            assert!(!key.is_good(clock.now(), stranger.parse().unwrap(), &with(1)), "{stranger}");
        }
        let mut other_protocol = with(1);
        other_protocol.protocols.newest += 1;
        assert!(!key.is_good(clock.now(), peer, &other_protocol));
        assert!(!CookieKey::new(clock.now(), [8; 16]).is_good(clock.now(), peer, &with(1)), "another key");

        clock.advance(COOKIE_LIFETIME.saturating_sub(Duration::from_nanos(1)));
        assert!(key.is_good(clock.now(), peer, &with(1)));
        clock.advance(Duration::from_nanos(1));
        assert!(!key.is_good(clock.now(), peer, &with(1)), "too old");
        clock.advance(Duration::from_hours(1));
        assert!(!key.is_good(clock.now(), peer, &with(1)), "an hour old");
    }

    #[test]
    fn a_cookie_of_a_time_to_come_is_none() {
        let clock = Clock::new();
        let key = CookieKey::new(clock.now(), [7; 16]);
        let peer: SocketAddr = "192.168.1.9:5000".parse().unwrap();
        let cookie = key.make(clock.now() + 10 * SLOT, peer, &hello(1));
        assert!(!key.is_good(clock.now(), peer, &Hello { cookie: Some(cookie), ..hello(1) }));
    }

    #[test]
    fn every_bit_of_a_cookie_counts() {
        let clock = Clock::new();
        let key = CookieKey::new(clock.now(), [7; 16]);
        let peer: SocketAddr = "[fd4d::5]:1952".parse().unwrap();
        let cookie = key.make(clock.now(), peer, &hello(1));
        for bit in 0..8 * COOKIE_BYTES {
            let mut forged = cookie;
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(
                !key.is_good(clock.now(), peer, &Hello { cookie: Some(forged), ..hello(1) }),
                "bit {bit}"
            );
        }
    }
}
