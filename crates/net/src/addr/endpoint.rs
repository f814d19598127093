//! The grammar of a host with a port.

use super::{
    error::{MAX_PORT_BYTES, MAX_TEXT_BYTES, ParseAddrError},
    host::{Host, Literal},
};

/// The port of oxo, TCP and UDP: the year in which OXO ran on the EDSAC.
pub const DEFAULT_PORT: u16 = 1952;

/// Parses a host and an optional port.
///
/// Two colons make it IPv6, so `fd4d::5:1952` is an address of seven zero groups and no port. That ambiguity
/// is why RFC 3986 section 3.2.2 asks for brackets.
pub(super) fn parse_endpoint(text: &str) -> Result<(Host, Option<u16>), ParseAddrError> {
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

/// Parses an IPv6 address without brackets, and recognises the usual mistake.
fn parse_bare_v6(text: &str) -> Result<Literal, ParseAddrError> {
    Literal::parse_v6(text).map_err(|error| match text.rsplit_once(':') {
        Some((addr, port)) if Literal::parse_v6(addr).is_ok() && parse_port(port).is_ok() => {
            ParseAddrError::NeedsBrackets
        }
        _ => error,
    })
}

pub(super) fn parse_port(text: &str) -> Result<u16, ParseAddrError> {
    // `u16::from_str` takes a sign.
    if text.len() > MAX_PORT_BYTES || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ParseAddrError::BadPort);
    }
    text.parse().or(Err(ParseAddrError::BadPort))
}
