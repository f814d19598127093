//! Who may say lines by datagrams: who has proven that it receives at the address it sends from.
//!
//! ```text
//! client                                  server
//!   0 hello, and spaces up to 32 bytes ──▶         (nothing is kept of it)
//!   ◀────────────────────── cookie 4711 ──         (no longer than what it answers)
//!   4711 1 list ─────────────────────────▶         (its address is proven)
//!   ◀────────────── 1, newline, the reply ──
//! ```

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{Hash as _, Hasher as _},
    net::SocketAddr,
    time::Instant,
};

use siphasher::sip::SipHasher24;
use subtle::ConstantTimeEq as _;

use crate::{
    addr::{Source, canonical},
    token_bucket::TokenBucket,
};

/// Clients at most: a large class. When full, who comes is told so.
pub(crate) const CLIENTS: usize = 64;

/// Clients of one address at most: some windows on one machine.
const CLIENTS_OF_ONE: usize = 16;

/// Answers a second, and at once, to who is no client: cookies, and that there is no place. They keep nothing and are no
/// longer than what they answer; this bounds what a forger can have us send.
const ANSWERS: u32 = 100;

/// Looks who says something.
#[derive(Debug)]
pub(crate) struct Door {
    /// Drawn at each start, and secret.
    key: [u8; 16],
    answers: TokenBucket,
    clients: BTreeSet<SocketAddr>,
    clients_by_source: BTreeMap<Source, usize>,
}

/// What is to be done about a datagram.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen<'a> {
    /// Nothing.
    Nothing,
    /// To send this back.
    Answer(String),
    /// To hand what follows the cookie to the client, who is a new one or not.
    Line { is_new: bool, numbered: &'a [u8] },
}

impl Door {
    pub(crate) fn new(now: Instant, key: [u8; 16]) -> Self {
        Self {
            key,
            answers: TokenBucket::new(now, ANSWERS, ANSWERS),
            clients: BTreeSet::new(),
            clients_by_source: BTreeMap::new(),
        }
    }

    /// Looks at a datagram.
    pub(crate) fn handle<'a>(&mut self, now: Instant, peer: SocketAddr, datagram: &'a [u8]) -> Seen<'a> {
        let peer = canonical(peer);
        let Some((claimed, numbered)) = number(datagram) else { return Seen::Nothing };
        let cookie = self.cookie(peer);
        if !bool::from(cookie.to_be_bytes().ct_eq(&claimed.to_be_bytes())) {
            let answer = format!("cookie {cookie}\n");
            // An address that is not proven is never sent more than came from it.
            let is_paid_for = answer.len() <= datagram.len();
            return if is_paid_for { self.answer(now, answer) } else { Seen::Nothing };
        }
        let is_new = !self.clients.contains(&peer);
        if is_new {
            let of_source = self.clients_by_source.entry(Source::of(peer)).or_default();
            if self.clients.len() >= CLIENTS || *of_source >= CLIENTS_OF_ONE {
                if *of_source == 0 {
                    self.clients_by_source.remove(&Source::of(peer));
                }
                return self.answer(now, FULL.to_owned());
            }
            *of_source += 1;
            self.clients.insert(peer);
        }
        Seen::Line { is_new, numbered }
    }

    /// Forgets a client that has ended.
    pub(crate) fn forget(&mut self, peer: SocketAddr) {
        let source = Source::of(peer);
        if self.clients.remove(&peer)
            && let Some(count) = self.clients_by_source.get_mut(&source)
        {
            *count -= 1;
            if *count == 0 {
                self.clients_by_source.remove(&source);
            }
        }
    }

    fn answer(&mut self, now: Instant, answer: String) -> Seen<'static> {
        if self.answers.take(now) { Seen::Answer(answer) } else { Seen::Nothing }
    }

    /// What proves an address and port, until the server ends. Never 0, which stands for none.
    fn cookie(&self, peer: SocketAddr) -> u64 {
        let mut hasher = SipHasher24::new_with_key(&self.key);
        peer.hash(&mut hasher);
        hasher.finish().max(1)
    }
}

/// What is said to who finds no place.
const FULL: &str = "0\nerror: the server is full\n= closed\n\n";

/// The number that a datagram begins with, and what follows the space behind it.
pub(crate) fn number(datagram: &[u8]) -> Option<(u64, &[u8])> {
    let length = datagram.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(datagram.len());
    let (digits, rest) = datagram.split_at(length);
    let number = str::from_utf8(digits).ok()?.parse().ok()?;
    Some((number, rest.strip_prefix(b" ").unwrap_or(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Clock;

    fn peer(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 168, 1, 9], port))
    }

    /// The cookie that somebody is told who asks for one.
    #[track_caller]
    fn cookie(door: &mut Door, now: Instant, peer: SocketAddr) -> String {
        let asked = format!("{:32}", "0 hello");
        let Seen::Answer(answer) = door.handle(now, peer, asked.as_bytes()) else { panic!("no cookie") };
        assert!(answer.len() <= asked.len(), "{answer:?}");
        answer.trim().trim_start_matches("cookie ").to_owned()
    }

    #[test]
    fn who_has_no_cookie_is_told_one_and_never_more_than_it_said() {
        let clock = Clock::new();
        let mut door = Door::new(clock.now(), [7; 16]);
        for length in 0..100 {
            let asked = format!("{:length$}", "0");
            match door.handle(clock.now(), peer(5_000), asked.as_bytes()) {
                Seen::Nothing => assert!(length < 28, "{length} bytes are enough"),
                Seen::Answer(answer) => assert!(answer.len() <= asked.len(), "{length}"),
                Seen::Line { .. } => panic!("{length}: no cookie, no line"),
            }
        }
        assert!(door.clients.is_empty());
    }

    #[test]
    fn a_cookie_is_good_for_the_address_and_the_port_it_was_told_to() {
        let clock = Clock::new();
        let mut door = Door::new(clock.now(), [7; 16]);
        let cookie = cookie(&mut door, clock.now(), peer(5_000));
        let line = format!("{cookie} 1 list");
        let mut says = |port, line: &str| match door.handle(clock.now(), peer(port), line.as_bytes()) {
            Seen::Line { is_new, numbered } => Some((is_new, String::from_utf8(numbered.to_vec()).unwrap())),
            Seen::Answer(_) | Seen::Nothing => None,
        };
        assert_eq!(says(5_001, &line), None);
        assert_eq!(says(5_000, &line), Some((true, "1 list".to_owned())));
        assert_eq!(says(5_000, &line), Some((false, "1 list".to_owned())));
        assert_eq!(says(5_000, &format!("1{line}")), None);
        door.forget(peer(5_000));
        assert!(door.clients.is_empty() && door.clients_by_source.is_empty());
    }

    #[test]
    fn there_are_so_many_clients_and_answers_and_no_more() {
        let mut clock = Clock::new();
        let mut door = Door::new(clock.now(), [7; 16]);
        let mut places = 0;
        for port in 1..=20 {
            let line = format!("{} 1 list", door.cookie(peer(port)));
            places += usize::from(matches!(
                door.handle(clock.now(), peer(port), line.as_bytes()),
                Seen::Line { .. }
            ));
        }
        assert_eq!(places, CLIENTS_OF_ONE);
        for number in 1..=100 {
            let peer = SocketAddr::from(([10, 0, 0, number], 5_000));
            let line = format!("{} 1 list", door.cookie(peer));
            places +=
                usize::from(matches!(door.handle(clock.now(), peer, line.as_bytes()), Seen::Line { .. }));
        }
        assert_eq!(places, CLIENTS);
        clock.advance(std::time::Duration::from_secs(10));
        let asked = format!("{:32}", "0");
        let answers = (0..1_000)
            .filter(|_| matches!(door.handle(clock.now(), peer(9), asked.as_bytes()), Seen::Answer(_)));
        assert_eq!(answers.count(), 100);
    }

    #[test]
    fn other_datagrams_are_passed_over() {
        let clock = Clock::new();
        let mut door = Door::new(clock.now(), [7; 16]);
        for datagram in
            [&b""[..], b"list", b" 0 hello and more and more and more", &[0xff; 1_200], &[b'9'; 1_200]]
        {
            assert_eq!(door.handle(clock.now(), peer(5_000), datagram), Seen::Nothing);
        }
    }
}
