//! Where somebody is, as a person types it and as our tables key it.
//!
//! The lab's client asks its user to choose between `AF_INET` and `AF_INET6` and dies of a wrong choice. Here
//! a person types what they have ([`HostPort`], [`ListenAddr`]) and this module finds out what it is, without
//! a socket or a lookup. What a scope or a name *means* on this machine is left to [`crate::interfaces`] and
//! [`crate::connect`].

mod host;
mod listen;
mod source;

use std::fmt;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::num::NonZeroU16;
use std::str::FromStr;

use thiserror::Error;

pub use host::{Host, HostName, Literal, Scope, ScopeName};
pub use listen::{ListenAddr, ParseListenError};
pub use source::Source;

/// The port of oxo, TCP and UDP: the year in which OXO ran on the EDSAC.
pub const DEFAULT_PORT: u16 = 1952;

/// The machine to reach, as typed after `oxo join`.
///
/// `Display` gives the one canonical spelling, always with the port, and that spelling parses back.
///
/// # Examples
///
/// ```
/// use net::addr::HostPort;
///
/// for (typed, canonical) in [
///     ("192.168.1.7", "192.168.1.7:1952"),
///     ("Laptop.local:4000", "laptop.local:4000"),
///     ("fd4d::5", "[fd4d::5]:1952"),
///     ("fe80::1%eth0", "[fe80::1%eth0]:1952"),
/// ] {
///     assert_eq!(typed.parse::<HostPort>().unwrap().to_string(), canonical);
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostPort {
    host: Host,
    /// Nobody listens on port 0, so it cannot be written down.
    port: NonZeroU16,
}

impl HostPort {
    /// The machine.
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// The port, never 0.
    pub const fn port(&self) -> u16 {
        self.port.get()
    }
}

impl FromStr for HostPort {
    type Err = ParseAddrError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, port) = parse_endpoint(text.trim())?;
        let port = NonZeroU16::new(port.unwrap_or(DEFAULT_PORT)).ok_or(ParseAddrError::PortZero)?;
        Ok(Self { host, port })
    }
}

impl TryFrom<SocketAddr> for HostPort {
    type Error = ParseAddrError;

    /// Takes an address that a machine said, not a person: one found on the LAN, for instance.
    fn try_from(addr: SocketAddr) -> Result<Self, Self::Error> {
        let port = NonZeroU16::new(addr.port()).ok_or(ParseAddrError::PortZero)?;
        Ok(Self { host: Host::Literal(Literal::from(addr)), port })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Name(name) => write!(f, "{name}:{}", self.port),
            Host::Literal(literal) => literal.fmt_with_port(f, self.port.get()),
        }
    }
}

/// Why a typed address is none. Each message is one clause, and repeats nothing that could move a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParseAddrError {
    /// When nothing was typed, or only blanks.
    #[error("an address is missing")]
    Empty,
    /// When the text is longer than any address can be.
    #[error("an address has at most {MAX_TEXT_BYTES} characters")]
    TooLong,
    /// When a character belongs to no spelling of an address.
    #[error("{} cannot stand in an address", Shown(*.0))]
    IllegalCharacter(char),
    /// When there is a port without a host before it.
    #[error("the host is missing before the port")]
    MissingHost,
    /// When what follows the colon is not a number of 16 bits.
    #[error("a port is a number from 1 to 65535")]
    BadPort,
    /// When a port to connect to is 0.
    #[error("nobody can be reached on port 0")]
    PortZero,
    /// When an IPv6 address is followed by a port, but the two are not told apart.
    #[error("an IPv6 address needs brackets before a port")]
    NeedsBrackets,
    /// When one bracket of the two is there.
    #[error("a bracket is missing")]
    MissingBracket,
    /// When something other than a port follows the closing bracket.
    #[error("only a colon and a port can follow the bracket")]
    AfterBracket,
    /// When a text has two colons or brackets, but is no IPv6 address.
    #[error("that is not an IPv6 address")]
    BadIpv6,
    /// When a text ends in a number, as only an IPv4 address does, but is none.
    #[error("an IPv4 address is four numbers from 0 to 255")]
    BadIpv4,
    /// When what follows `%` is neither an interface name nor an index.
    #[error("a scope is the name or the number of a network interface")]
    BadScope,
    /// When a scope follows an address that needs none.
    #[error("only a link-local IPv6 address (fe80::) takes a scope")]
    ScopeNotLinkLocal,
    /// When a part of a host name between two dots is empty, too long, or edged by a hyphen.
    #[error("each part of a host name has 1 to 63 characters and no hyphen at its ends")]
    BadLabel,
}

impl ParseAddrError {
    /// Gives three right examples.
    pub const fn hint(&self) -> &'static str {
        "`192.168.1.7`, `laptop.local:1952` and `[fd4d::5]:1952` are addresses"
    }
}

/// The one spelling of `addr` that tables are keyed by and people are shown.
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

/// Tells whether `ip` is this machine itself, also in the v4-mapped form, for which std says no.
pub const fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// A character in an error message: itself where it is sure to sit still, else its code.
struct Shown(char);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_ascii_graphic() || self.0.is_alphanumeric() {
            write!(f, "`{}`", self.0)
        } else {
            write!(f, "the character U+{:04X}", u32::from(self.0))
        }
    }
}

/// Parses a host and, where there is one, a port.
///
/// Two colons make it IPv6, so `fd4d::5:1952` is an address of seven zero groups and no port. That ambiguity
/// is why RFC 3986 section 3.2.2 asks for brackets.
fn parse_endpoint(text: &str) -> Result<(Host, Option<u16>), ParseAddrError> {
    if text.is_empty() {
        return Err(ParseAddrError::Empty);
    }
    if text.len() > MAX_TEXT_BYTES {
        return Err(ParseAddrError::TooLong);
    }
    if let Some(illegal) = text.chars().find(|c| !c.is_ascii_alphanumeric() && !"-_.:%[]".contains(*c)) {
        return Err(ParseAddrError::IllegalCharacter(illegal));
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (inside, after) = rest.split_once(']').ok_or(ParseAddrError::MissingBracket)?;
        let port = match after.strip_prefix(':') {
            Some(port) => Some(parse_port(port)?),
            None if after.is_empty() => None,
            None => return Err(ParseAddrError::AfterBracket),
        };
        return Ok((Host::Literal(Literal::parse_v6(inside)?), port));
    }
    if text.contains(['[', ']']) {
        return Err(ParseAddrError::MissingBracket);
    }
    match text.split_once(':') {
        None => Ok((text.parse()?, None)),
        Some((_, port)) if port.contains(':') => Ok((Host::Literal(parse_bare_v6(text)?), None)),
        Some(("", _)) => Err(ParseAddrError::MissingHost),
        Some((host, port)) => Ok((host.parse()?, Some(parse_port(port)?))),
    }
}

/// Parses an IPv6 address without brackets, and knows the mistake that is made with it.
fn parse_bare_v6(text: &str) -> Result<Literal, ParseAddrError> {
    Literal::parse_v6(text).map_err(|error| match text.rsplit_once(':') {
        Some((addr, port)) if Literal::parse_v6(addr).is_ok() && parse_port(port).is_ok() => {
            ParseAddrError::NeedsBrackets
        }
        _ => error,
    })
}

fn parse_port(text: &str) -> Result<u16, ParseAddrError> {
    // `u16::from_str` takes a sign.
    if text.len() > MAX_PORT_BYTES || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ParseAddrError::BadPort);
    }
    text.parse().or(Err(ParseAddrError::BadPort))
}

/// Bytes of the longest text that can be an address: a full host name, its last dot, a colon and a port.
const MAX_TEXT_BYTES: usize = host::MAX_NAME_BYTES + 1 + 1 + MAX_PORT_BYTES;

/// Digits of the largest port, 65535.
const MAX_PORT_BYTES: usize = 5;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: &str) {
        let parsed = typed.parse::<HostPort>().map(|target| target.to_string());
        assert_eq!(parsed.as_deref(), Ok(expected), "{typed:?}");
    }

    #[track_caller]
    fn check_err(typed: &str, expected: ParseAddrError) {
        assert_eq!(typed.parse::<HostPort>(), Err(expected), "{typed:?}");
    }

    #[test]
    fn every_spelling_of_the_manual_is_read() {
        check("192.168.1.7", "192.168.1.7:1952");
        check("192.168.1.7:4000", "192.168.1.7:4000");
        check("fd4d::5", "[fd4d::5]:1952");
        check("[fd4d::5]", "[fd4d::5]:1952");
        check("[FD4D:0::5]:4000", "[fd4d::5]:4000");
        check("fe80::1", "[fe80::1]:1952");
        check("fe80::1%eth0", "[fe80::1%eth0]:1952");
        check("[fe80::1%eth0]:4000", "[fe80::1%eth0]:4000");
        check("fe80::1%2", "[fe80::1%2]:1952");
        check("laptop", "laptop:1952");
        check("Laptop.LOCAL", "laptop.local:1952");
        check("laptop.local.:4000", "laptop.local.:4000");
        check("  laptop\t", "laptop:1952");
    }

    #[test]
    fn v4_mapped_literal_is_the_ipv4_address() {
        check("::ffff:192.168.1.7", "192.168.1.7:1952");
        check("[::ffff:192.168.1.7]:4000", "192.168.1.7:4000");
    }

    #[test]
    fn two_colons_without_brackets_are_an_address_without_a_port() {
        check("fd4d::5:1952", "[fd4d::5:1952]:1952");
    }

    #[test]
    fn what_is_wrong_is_named() {
        use ParseAddrError as E;
        check_err("", E::Empty);
        check_err(" \t", E::Empty);
        check_err(&"a".repeat(MAX_TEXT_BYTES + 1), E::TooLong);
        check_err("http://laptop:1952/", E::IllegalCharacter('/'));
        check_err("lap top", E::IllegalCharacter(' '));
        check_err("lap\u{1b}[2Jtop", E::IllegalCharacter('\u{1b}'));
        check_err(":1952", E::MissingHost);
        check_err(".", E::MissingHost);
        for port in ["laptop:", "laptop:x", "laptop:-80", "laptop:65536", "[fd4d::5]:", "192.168.1.7:000080"]
        {
            check_err(port, E::BadPort);
        }
        check_err("laptop:0", E::PortZero);
        check_err("1:2:3:4:5:6:7:8:1952", E::NeedsBrackets);
        check_err("fe80::1%eth0:1952", E::NeedsBrackets);
        check_err("[fd4d::5", E::MissingBracket);
        check_err("fd4d::5]:1952", E::MissingBracket);
        check_err("[fd4d::5]1952", E::AfterBracket);
        check_err("laptop:19:52", E::BadIpv6);
        check_err("[192.168.1.7]:1952", E::BadIpv6);
        check_err("[]:1952", E::BadIpv6);
    }

    #[test]
    fn errors_do_not_move_the_terminal() {
        for hostile in ['\u{1b}', '\r', '\u{202e}', '\u{7f}', '\u{9b}', '\u{200b}'] {
            let said = ParseAddrError::IllegalCharacter(hostile).to_string();
            assert!(said.chars().all(|c| c.is_ascii() && !c.is_ascii_control()), "{said:?}");
        }
        assert_eq!(ParseAddrError::IllegalCharacter('ü').to_string(), "`ü` cannot stand in an address");
    }

    #[test]
    fn the_hint_holds_three_right_examples() {
        let hint = ParseAddrError::Empty.hint();
        let examples: Vec<_> = hint.split('`').skip(1).step_by(2).collect();
        assert_eq!(examples.len(), 3);
        for example in examples {
            example.parse::<HostPort>().unwrap();
        }
    }

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

    #[test]
    fn an_address_from_a_socket_becomes_a_target() {
        let target = HostPort::try_from("[fe80::1%3]:7".parse::<SocketAddr>().unwrap());
        assert_eq!(target.unwrap().to_string(), "[fe80::1%3]:7");
        let zero = HostPort::try_from("127.0.0.1:0".parse::<SocketAddr>().unwrap());
        assert_eq!(zero, Err(ParseAddrError::PortZero));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,300}") {
            if let Ok(target) = text.parse::<HostPort>() {
                prop_assert_eq!(target.to_string().parse(), Ok(target));
            }
        }

        #[test]
        fn what_is_almost_an_address_survives_its_display(text in r"\[?[0-9a-fA-F:.%x_-]{0,24}\]?(:[0-9]{0,6})?") {
            if let Ok(target) = text.parse::<HostPort>() {
                prop_assert_eq!(target.to_string().parse(), Ok(target));
            }
        }

        #[test]
        fn every_socket_address_survives_its_display(addr: SocketAddr) {
            if let Ok(target) = HostPort::try_from(addr) {
                prop_assert_eq!(target.to_string().parse(), Ok(target));
            }
        }

        #[test]
        fn canonical_is_idempotent(addr: SocketAddr) {
            prop_assert_eq!(canonical(canonical(addr)), canonical(addr));
        }
    }
}
