//! The machine to reach.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::str::FromStr;

use super::{
    endpoint::{DEFAULT_PORT, parse_endpoint},
    error::ParseAddrError,
    host::{Host, Literal},
};

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
    /// Never 0, on which nobody can listen.
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

    /// Takes an address from a machine, such as one found on the LAN.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::addr::error::MAX_TEXT_BYTES;

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
    fn the_hint_holds_three_right_examples() {
        let hint = ParseAddrError::Empty.hint();
        let examples: Vec<_> = hint.split('`').skip(1).step_by(2).collect();
        assert_eq!(examples.len(), 3);
        for example in examples {
            example.parse::<HostPort>().unwrap();
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
    }
}
