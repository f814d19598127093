//! The address that `--listen` takes: one of this machine, never a name.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use thiserror::Error;

use super::{
    endpoint::{DEFAULT_PORT, parse_endpoint, parse_port},
    error::ParseAddrError,
    host::{Host, Literal},
};

/// The address to listen on. The default, `[::]:1952`, takes IPv4 and IPv6 on every interface.
///
/// # Examples
///
/// ```
/// use net::addr::ListenAddr;
///
/// assert_eq!(ListenAddr::default().to_string(), "[::]:1952");
/// assert_eq!(":4000".parse::<ListenAddr>().unwrap().to_string(), "[::]:4000");
/// assert_eq!("127.0.0.1:0".parse::<ListenAddr>().unwrap().port, 0);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListenAddr {
    /// The address; the unspecified ones (`::`, `0.0.0.0`) mean every interface.
    pub literal: Literal,
    /// The port; 0 for a free one of the system's choice.
    pub port: u16,
}

impl ListenAddr {
    /// The address at another port.
    #[must_use]
    pub fn with_port(&self, port: u16) -> Self {
        Self { literal: self.literal.clone(), port }
    }

    /// Checks that no address of a list is a part of another one. `0.0.0.0` beside `[::]` is none, because `[::]` can leave
    /// IPv4 to it.
    ///
    /// # Errors
    ///
    /// [`ListenTwice`] for two addresses of which one takes the connections to the other.
    pub fn check_all(list: &[Self]) -> Result<(), ListenTwice> {
        for (nth, part) in list.iter().enumerate() {
            let mut others = list[..nth].iter().chain(&list[nth + 1..]);
            if let Some(whole) = others.find(|whole| whole.includes(part)) {
                return Err(ListenTwice { whole: whole.clone(), part: part.clone() });
            }
        }
        Ok(())
    }

    /// Tests for `[::]`, which takes IPv4 as well unless another listener does.
    pub fn is_for_both(&self) -> bool {
        self.literal == EVERYWHERE
    }

    /// Tests for `0.0.0.0` at the port of `[::]`.
    pub fn takes_ipv4_from(&self, both: &Self) -> bool {
        let is_any_v4 = matches!(self.literal, Literal::V4(v4) if v4.is_unspecified());
        is_any_v4 && both.is_for_both() && self.port == both.port && self.port != 0
    }

    fn includes(&self, other: &Self) -> bool {
        let is_same = self.literal == other.literal;
        let is_whole = match (self.literal.ip(), other.literal.ip()) {
            (IpAddr::V6(whole), part) if whole.is_unspecified() => !part.is_unspecified(),
            (IpAddr::V4(whole), IpAddr::V4(_)) => whole.is_unspecified(),
            _ => false,
        };
        self.port == other.port && self.port != 0 && (is_same || is_whole)
    }
}

impl Default for ListenAddr {
    fn default() -> Self {
        Self { literal: EVERYWHERE, port: DEFAULT_PORT }
    }
}

impl FromStr for ListenAddr {
    type Err = ParseListenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Some(port) = text.strip_prefix(':')
            && !port.contains(':')
        {
            return Ok(Self { literal: EVERYWHERE, port: parse_port(port)? });
        }
        match parse_endpoint(text)? {
            (Host::Literal(literal), port) => Ok(Self { literal, port: port.unwrap_or(DEFAULT_PORT) }),
            (Host::Name(_), _) => Err(ParseListenError::Name),
        }
    }
}

impl fmt::Display for ListenAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.literal.fmt_with_port(f, self.port)
    }
}

/// A mistake in a typed address to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParseListenError {
    /// A host name, which may have many addresses, or another machine's.
    #[error("an address to listen on is an IP address, not a name")]
    Name,
    /// No address at all.
    #[error(transparent)]
    Address(#[from] ParseAddrError),
}

/// Two addresses to listen on, of which the first takes the connections to the second.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{whole}` takes the connections to `{part}`, too")]
pub struct ListenTwice {
    whole: ListenAddr,
    part: ListenAddr,
}

impl ListenTwice {
    /// The address to leave out.
    pub fn hint(&self) -> String {
        let Self { whole, part } = self;
        match whole.literal {
            _ if whole == part => format!("write `{part}` once"),
            Literal::V6 { .. } => format!("`[::]` listens on IPv4 and IPv6: leave `{part}` out"),
            Literal::V4(_) => format!("leave `{part}` out"),
        }
    }
}

impl ParseListenError {
    /// Three correct examples.
    pub const fn hint(&self) -> &'static str {
        "`[::]:1952` listens everywhere, `127.0.0.1:1952` on this machine alone, `:0` on a free port"
    }
}

/// Every interface, both families: see [`crate::bind`].
const EVERYWHERE: Literal = Literal::V6 { addr: Ipv6Addr::UNSPECIFIED, scope: None };

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: Result<&str, ParseListenError>) {
        let parsed = typed.parse::<ListenAddr>().map(|listen| listen.to_string());
        assert_eq!(parsed.as_deref().map_err(|error| *error), expected, "{typed:?}");
    }

    #[test]
    fn every_spelling_of_the_manual_is_read() {
        check("[::]:1952", Ok("[::]:1952"));
        check("::", Ok("[::]:1952"));
        check(":1952", Ok("[::]:1952"));
        check(" :0 ", Ok("[::]:0"));
        check("0.0.0.0", Ok("0.0.0.0:1952"));
        check("0.0.0.0:4000", Ok("0.0.0.0:4000"));
        check("127.0.0.1:0", Ok("127.0.0.1:0"));
        check("[::1]", Ok("[::1]:1952"));
        check("[fe80::1%eth0]:1952", Ok("[fe80::1%eth0]:1952"));
        check("[::ffff:127.0.0.1]:7", Ok("127.0.0.1:7"));
    }

    #[test]
    fn names_and_nonsense_are_refused() {
        use ParseAddrError as E;
        check("laptop.local:1952", Err(ParseListenError::Name));
        check("", Err(E::Empty.into()));
        check(":", Err(E::BadPort.into()));
        check(":http", Err(E::BadPort.into()));
        check("*:1952", Err(E::IllegalCharacter('*').into()));
        check("1.2.3:1952", Err(E::BadIpv4.into()));
    }

    /// Checks a list of addresses in every order of two.
    #[track_caller]
    fn check_list(first: &str, second: &str, expected: Result<(), &str>) {
        let list = [first, second].map(|addr| addr.parse::<ListenAddr>().unwrap());
        let mut reversed = list.clone();
        reversed.reverse();
        for list in [list, reversed] {
            let checked = ListenAddr::check_all(&list).map_err(|twice| twice.to_string());
            assert_eq!(checked, expected.map_err(str::to_owned), "{list:?}");
        }
    }

    #[test]
    fn an_address_within_another_one_is_refused_in_either_order() {
        check_list("[::]:1952", "0.0.0.0:1952", Ok(()));
        check_list("[::]:1952", "127.0.0.1:4000", Ok(()));
        check_list("192.168.1.7", "fd4d::7", Ok(()));
        check_list("[::]:0", "[::]:0", Ok(()));
        check_list(
            "[::]:1952",
            "127.0.0.1",
            Err("`[::]:1952` takes the connections to `127.0.0.1:1952`, too"),
        );
        check_list("::", "::1", Err("`[::]:1952` takes the connections to `[::1]:1952`, too"));
        check_list("0.0.0.0:7", "10.0.0.1:7", Err("`0.0.0.0:7` takes the connections to `10.0.0.1:7`, too"));
        check_list(":7", "[::]:7", Err("`[::]:7` takes the connections to `[::]:7`, too"));
    }

    #[test]
    fn only_the_whole_of_ipv4_is_taken_from_both() {
        let takes = |listen: &str| {
            let both = ":1952".parse().unwrap();
            listen.parse::<ListenAddr>().unwrap().takes_ipv4_from(&both)
        };
        assert!(takes("0.0.0.0:1952"));
        for others in ["0.0.0.0:1953", "127.0.0.1", "[::]", "0.0.0.0:0"] {
            assert!(!takes(others), "{others}");
        }
    }

    #[test]
    fn the_hint_holds_three_right_examples() {
        let examples: Vec<_> = ParseListenError::Name.hint().split('`').skip(1).step_by(2).collect();
        assert_eq!(examples.len(), 3);
        for example in examples {
            example.parse::<ListenAddr>().unwrap();
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in r"(.{0,40}|\[?[0-9a-f:.%]{0,24}\]?(:[0-9]{0,6})?)") {
            if let Ok(listen) = text.parse::<ListenAddr>() {
                prop_assert_eq!(listen.to_string().parse(), Ok(listen));
            }
        }
    }
}
