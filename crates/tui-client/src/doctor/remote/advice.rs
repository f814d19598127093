//! What a failure at one address usually means, beyond what it says itself.

use net::{arq::MAX_DATAGRAM, connect::Failure};

use serde::Serializer;

use super::{Missed, Try};

/// What to think of a failure, and what to do: a line each. `is_answered` tells whether anything at the same address has
/// shown that a machine is there.
pub(super) fn on(tried: &Try, missed: &Missed, is_answered: bool) -> Vec<String> {
    let port = tried.candidate.addr.port();
    let name = tried.transport.name();
    match missed.failure {
        Failure::Refused => {
            vec![format!("that machine is on; start `oxo host` there, or give the port that it shows")]
        }
        Failure::TimedOut => on_silence(tried, missed, is_answered),
        Failure::HostUnreachable => vec![
            "nobody on that network has this address: the machine is off, or has another address now".into(),
        ],
        Failure::NetworkUnreachable if tried.candidate.addr.is_ipv6() => {
            vec!["this machine has no IPv6 address that leads there".into()]
        }
        Failure::NetworkUnreachable => vec!["this machine is not on the network of that one".into()],
        Failure::ScopeMissing => {
            vec!["the address is one of each of your networks; the interface tells which".into()]
        }
        Failure::Denied => vec![format!("let {name} {port} out through the firewall of this machine")],
        Failure::Closed => {
            vec!["it may be stopping, or be another program that waits for other words".into()]
        }
        Failure::ServerFull => vec!["try again when a game there has ended".into()],
        Failure::NotOxo => vec![format!("another program has port {port} there")],
        Failure::Version { ours, theirs } if theirs.newest > ours.newest => {
            vec!["this oxo is the older one: install the version that the host has".into()]
        }
        Failure::Version { .. } => {
            vec!["the host's oxo is the older one: it must be brought up to date".into()]
        }
        Failure::Other(_) => Vec::new(),
    }
}

/// Serializes a failure as one word for a program to compare.
pub(super) fn as_word<S: Serializer>(failure: &Failure, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match failure {
        Failure::Refused => "refused",
        Failure::HostUnreachable => "host_unreachable",
        Failure::NetworkUnreachable => "network_unreachable",
        Failure::TimedOut => "timed_out",
        Failure::ScopeMissing => "scope_missing",
        Failure::Denied => "denied",
        Failure::Closed => "closed",
        Failure::ServerFull => "server_full",
        Failure::NotOxo => "not_oxo",
        Failure::Version { .. } => "version",
        Failure::Other(_) => "other",
    })
}

/// Nothing came back.
fn on_silence(tried: &Try, missed: &Missed, is_answered: bool) -> Vec<String> {
    let Try { candidate, transport, beside, .. } = tried;
    let port = candidate.addr.port();
    if let Some(bytes) = missed.passed_bytes {
        // The headers of UDP and of IPv4 or IPv6.
        let headers = if candidate.addr.is_ipv6() { 48 } else { 28 };
        return vec![
            format!("datagrams of {bytes} bytes arrive, and those of {MAX_DATAGRAM} do not"),
            format!(
                "something on the way has an MTU of less than {}: a tunnel, most likely",
                MAX_DATAGRAM + headers
            ),
        ];
    }
    if is_answered {
        return vec![
            format!("that machine is on, so that a firewall drops {} {port}", transport.name()),
            format!("there, with ufw: sudo ufw allow {port}/{transport}"),
        ];
    }
    match beside {
        Some(_) => vec![format!("the machine is off, or its firewall drops {} {port}", transport.name())],
        None => vec![
            "a firewall on the way or there, or no way back; Wi-Fi for guests often keeps them apart".into(),
        ],
    }
}
