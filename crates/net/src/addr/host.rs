//! The parts of an address: a name, a literal, and the scope of a link-local literal.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::str::FromStr;

use super::{
    canonical::canonical,
    error::{MAX_NAME_BYTES, ParseAddrError},
};

/// A scope as one is typed on this kind of system: Windows tells interfaces by number.
pub const EXAMPLE_SCOPE: &str = if cfg!(windows) { "12" } else { "eth0" };

/// A machine, by name or by address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name, which has to be looked up.
    Name(HostName),
    /// An address.
    Literal(Literal),
}

impl FromStr for Host {
    type Err = ParseAddrError;

    /// Reads a name or an IPv4 address, which need no brackets before a port.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains('%') {
            return Err(ParseAddrError::ScopeNotLinkLocal);
        }
        match text.parse() {
            Ok(ip) => Ok(Self::Literal(Literal::V4(ip))),
            Err(_) => text.parse().map(Self::Name),
        }
    }
}

/// A host name that can be looked up: lower case, ASCII, bounded as in RFC 1035 section 2.3.4.
///
/// An underscore is accepted, because people name their machines so, and a final dot, because it stops a resolver from
/// trying its search list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, derive_more::Display)]
pub struct HostName(Box<str>);

impl HostName {
    /// The name in lower case.
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HostName {
    type Err = ParseAddrError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bare = text.strip_suffix('.').unwrap_or(text);
        if bare.is_empty() {
            return Err(ParseAddrError::MissingHost);
        }
        if bare.len() > MAX_NAME_BYTES {
            return Err(ParseAddrError::TooLong);
        }
        if let Some(illegal) = bare.chars().find(|c| !c.is_ascii_alphanumeric() && !"-_.".contains(*c)) {
            return Err(ParseAddrError::IllegalCharacter(illegal));
        }
        if ends_in_number(bare) {
            return Err(ParseAddrError::BadIpv4);
        }
        if !bare.split('.').all(is_label) {
            return Err(ParseAddrError::BadLabel);
        }
        Ok(Self(text.to_ascii_lowercase().into_boxed_str()))
    }
}

/// An address that needs no lookup.
///
/// # Invariants
///
/// A parsed or converted literal holds no v4-mapped address in `V6`, and a scope only on link-local addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Literal {
    /// An IPv4 address, typed as such or v4-mapped.
    V4(Ipv4Addr),
    /// An IPv6 address.
    V6 {
        /// The address.
        addr: Ipv6Addr,
        /// The interface of a link-local address (`fe80::/10`). Without it the address may stand for a machine on each
        /// network that this one is attached to.
        scope: Option<Scope>,
    },
}

impl Literal {
    /// Reads an IPv6 address and its scope, without brackets.
    pub(super) fn parse_v6(text: &str) -> Result<Self, ParseAddrError> {
        let (addr, scope) = match text.split_once('%') {
            Some((addr, scope)) => (addr, Some(scope)),
            None => (text, None),
        };
        let addr: Ipv6Addr = addr.parse().or(Err(ParseAddrError::BadIpv6))?;
        let scope = match scope {
            Some(_) if !addr.is_unicast_link_local() => return Err(ParseAddrError::ScopeNotLinkLocal),
            Some(scope) => Some(scope.parse()?),
            None => None,
        };
        Ok(match addr.to_canonical() {
            IpAddr::V4(addr) => Self::V4(addr),
            IpAddr::V6(addr) => Self::V6 { addr, scope },
        })
    }

    /// The address without its scope.
    pub(super) const fn ip(&self) -> IpAddr {
        match self {
            Self::V4(addr) => IpAddr::V4(*addr),
            Self::V6 { addr, .. } => IpAddr::V6(*addr),
        }
    }

    /// Writes the literal so that a port can follow it.
    pub(super) fn fmt_with_port(&self, f: &mut fmt::Formatter<'_>, port: u16) -> fmt::Result {
        match self {
            Self::V4(addr) => write!(f, "{addr}:{port}"),
            Self::V6 { addr, scope: None } => write!(f, "[{addr}]:{port}"),
            Self::V6 { addr, scope: Some(scope) } => write!(f, "[{addr}%{scope}]:{port}"),
        }
    }
}

impl From<SocketAddr> for Literal {
    fn from(addr: SocketAddr) -> Self {
        match canonical(addr) {
            SocketAddr::V4(v4) => Self::V4(*v4.ip()),
            SocketAddr::V6(v6) => {
                Self::V6 { addr: *v6.ip(), scope: NonZeroU32::new(v6.scope_id()).map(Scope::Index) }
            }
        }
    }
}

/// The interface that makes a link-local address unique, after `%` (RFC 4007 section 11).
#[derive(Debug, Clone, PartialEq, Eq, Hash, derive_more::Display)]
pub enum Scope {
    /// The interface's name, as in `%eth0`.
    Name(ScopeName),
    /// The interface's number in the system, as in `%2`.
    Index(NonZeroU32),
}

impl FromStr for Scope {
    type Err = ParseAddrError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(Self::Index).or(Err(ParseAddrError::BadScope));
        }
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if (1..=MAX_SCOPE_BYTES).contains(&text.len()) && text.bytes().all(legal) {
            Ok(Self::Name(ScopeName(text.into())))
        } else {
            Err(ParseAddrError::BadScope)
        }
    }
}

/// The name of an interface: 1 to 15 bytes of letters, digits, `-`, `_` and `.`, not digits alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, derive_more::Display)]
pub struct ScopeName(Box<str>);

impl ScopeName {
    /// The name as typed: interface names are case-sensitive.
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL_BYTES).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
}

/// Tests for a number as the last label, which no top-level domain is (RFC 3696 section 2).
///
/// Without this test, a resolver would take `192.168.1` for 192.168.0.1 and `0x7f.1` for 127.0.0.1, as `inet_aton` did, and
/// ask the name server for `192.168.1.300`.
fn ends_in_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let hex = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    match hex {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// Bytes of one label of a host name (RFC 1035 section 2.3.4).
const MAX_LABEL_BYTES: usize = 63;

/// Bytes of an interface name: Linux `IFNAMSIZ` is 16 with the final zero; the BSDs have the same.
const MAX_SCOPE_BYTES: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::HostPort;

    #[track_caller]
    fn check_name(typed: &str, expected: Result<&str, ParseAddrError>) {
        let parsed = typed.parse::<HostName>();
        assert_eq!(parsed.as_ref().map(HostName::as_str).map_err(|error| *error), expected, "{typed:?}");
    }

    #[test]
    fn names_are_lower_cased_and_bounded() {
        check_name("Laptop", Ok("laptop"));
        check_name("my_laptop.local.", Ok("my_laptop.local."));
        check_name("3com.example", Ok("3com.example"));
        let label = "a".repeat(MAX_LABEL_BYTES);
        check_name(&label, Ok(&label));
        check_name(&format!("{label}a"), Err(ParseAddrError::BadLabel));
        let longest = [label.as_str(); 4].join(".").split_off(2);
        assert_eq!(longest.len(), MAX_NAME_BYTES);
        check_name(&longest, Ok(&longest));
        check_name(&format!("{longest}a"), Err(ParseAddrError::TooLong));
    }

    #[test]
    fn names_that_no_machine_has_are_refused() {
        for name in ["a..b", ".a", "-a", "a-", "a.-b"] {
            check_name(name, Err(ParseAddrError::BadLabel));
        }
        check_name("münchen", Err(ParseAddrError::IllegalCharacter('ü')));
        check_name("", Err(ParseAddrError::MissingHost));
    }

    #[test]
    fn what_ends_in_a_number_is_no_name() {
        for name in
            ["192.168.1.300", "192.168.1", "192.168.1.7.8", "192.168.001.007", "1952", "0x7f.1", "0x7F000001"]
        {
            check_name(name, Err(ParseAddrError::BadIpv4));
            assert_eq!(name.parse::<HostPort>(), Err(ParseAddrError::BadIpv4), "{name:?}");
        }
    }

    #[test]
    fn scope_is_a_bounded_name_or_an_index() {
        #[track_caller]
        fn check(typed: &str, expected: Result<&str, ParseAddrError>) {
            let shown = typed.parse::<Scope>().map(|scope| scope.to_string());
            assert_eq!(shown.as_deref().map_err(|error| *error), expected, "{typed:?}");
        }
        check("eth0", Ok("eth0"));
        check("br-0a1b2c3d4e5f", Ok("br-0a1b2c3d4e5f"));
        check("wlan0.7", Ok("wlan0.7"));
        check("2", Ok("2"));
        check("002", Ok("2"));
        for bad in ["", "0", "4294967296", "a name", "eth/0", "sixteen-bytes-xx", "eth0:1", "é"] {
            check(bad, Err(ParseAddrError::BadScope));
        }
    }

    #[test]
    fn scope_belongs_to_link_local_literals_alone() {
        for typed in ["fd4d::5%eth0", "::1%lo", "::ffff:10.0.0.1%eth0", "192.168.1.7%eth0", "laptop%eth0"] {
            assert_eq!(typed.parse::<HostPort>(), Err(ParseAddrError::ScopeNotLinkLocal), "{typed:?}");
        }
        assert_eq!("fe80::1%".parse::<HostPort>(), Err(ParseAddrError::BadScope));
    }
}
