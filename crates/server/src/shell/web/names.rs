//! The names under which a browser may reach this server.
//!
//! A foreign page can give its own name the address of this machine, and is then, for the browser, the origin of whatever is
//! served there (DNS rebinding). The name still stands in each request: it is not one of this machine.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::http::{HeaderMap, Uri, header, uri::Authority};

use crate::machine;

/// Tests for a request to an address, to a name of this machine, or to one of `others`.
pub(super) fn is_for_us(uri: &Uri, headers: &HeaderMap, others: &[String]) -> bool {
    let machine = machine_names();
    let is_name = |name: &str| machine.iter().chain(others).any(|known| known.eq_ignore_ascii_case(name));
    // A request by a proxy names the host twice.
    let is_proxied_right = uri.authority().is_none_or(|authority| is_known(authority.as_str(), is_name));
    is_proxied_right && single(headers, header::HOST).is_some_and(|host| is_known(host, is_name))
}

/// Tests for a request of a page that was served under the name that it asks for, or of no page at all.
pub(super) fn is_from_us(headers: &HeaderMap) -> bool {
    if !headers.contains_key(header::ORIGIN) {
        return true;
    }
    let origin = single(headers, header::ORIGIN).unwrap_or_default();
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    authority
        .zip(single(headers, header::HOST))
        .is_some_and(|(origin, host)| origin.eq_ignore_ascii_case(host))
}

/// The value of a header that stands there once.
fn single(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Tests the host of `HOST` or `HOST:PORT`.
fn is_known(authority: &str, is_name: impl Fn(&str) -> bool) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else { return false };
    let host = authority.host();
    let is_address = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(ip) => ip.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<Ipv4Addr>().is_ok(),
    };
    !authority.as_str().contains('@') && (is_address || is_name(host))
}

/// The names of this machine, now.
fn machine_names() -> Vec<String> {
    let node = machine::name();
    let short = node.split('.').next().unwrap_or_default().to_owned();
    let local = format!("{short}.local");
    vec!["localhost".to_owned(), node, short, local]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_under_any_port_and_a_name_only_if_it_is_ours() {
        let is_attic = |name: &str| name == "attic";
        for known in ["127.0.0.1", "192.168.1.7:1952", "[::1]:1952", "[fd4d::7]", "attic", "attic:80"] {
            assert!(is_known(known, is_attic), "{known}");
        }
        for foreign in
            ["", "evil.example", "attic.evil.example", "evil.example:1952", "127.0.0.1.evil.example", "::1"]
        {
            assert!(!is_known(foreign, is_attic), "{foreign}");
        }
        for wrong in ["127.1", "2130706433", "[attic]", "evil@127.0.0.1", "127.0.0.1@evil.example", "attic "]
        {
            assert!(!is_known(wrong, is_attic), "{wrong}");
        }
    }

    #[test]
    fn an_origin_is_ours_if_it_is_the_host() {
        for (origin, host, expected) in [
            (None, "10.0.0.1:1952", true),
            (Some("http://10.0.0.1:1952"), "10.0.0.1:1952", true),
            (Some("https://attic"), "Attic", true),
            (Some("http://10.0.0.1"), "10.0.0.1:1952", false),
            (Some("http://10.0.0.2:1952"), "10.0.0.1:1952", false),
            (Some("http://evil.example"), "10.0.0.1:1952", false),
            (Some("null"), "10.0.0.1:1952", false),
            (Some("10.0.0.1:1952"), "10.0.0.1:1952", false),
            (Some(""), "10.0.0.1:1952", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            assert_eq!(is_from_us(&headers), expected, "{origin:?} at {host}");
            headers.append(header::ORIGIN, "http://10.0.0.1:1952".parse().unwrap());
            assert_eq!(is_from_us(&headers), origin.is_none() && host == "10.0.0.1:1952", "two of them");
        }
    }
}
