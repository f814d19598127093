//! The one table of advice for a player who is not connected.

use super::resolve::ResolveError;
use crate::{
    addr::{EXAMPLE_SCOPE, local::usable_names},
    edge::interfaces::{self, ScopeError},
    failure::Failure,
};

/// The advice where nothing better is known.
pub(super) const CHECK_ADDRESS: &str = "check the address";

impl Failure {
    /// The most useful thing to do about a failure on `port`. `transports` names those that were tried, for the owner of a
    /// firewall: `TCP`, or `TCP and UDP`.
    pub(super) fn advice(self, port: u16, transports: &str) -> String {
        match self {
            Self::Version { ours, theirs } if theirs.newest > ours.newest => {
                "this oxo is the older one: install the version that the host has".into()
            }
            Self::Version { .. } => "the host's oxo is the older one: it must be brought up to date".into(),
            Self::NotOxo => format!("port {port} belongs to another program: `oxo host` shows the right one"),
            Self::NoWelcome => "the host may be stuck: start `oxo host` there again".into(),
            Self::ServerFull => "try again when a game there has ended".into(),
            Self::Closed => "the host may be stopping or full: try again in a moment".into(),
            Self::Refused => format!("start `oxo host` on that machine, or check that its port is {port}"),
            Self::Denied => {
                format!("let oxo out through this machine's firewall: port {port}, {transports}")
            }
            Self::TimedOut => format!(
                "open port {port}, {transports}, in that machine's firewall, and check that both are on one network"
            ),
            Self::ScopeMissing => scope_hint(&usable_interfaces()),
            Self::HostUnreachable => {
                "check that the machine is on, and on the same network as this one".into()
            }
            Self::NetworkUnreachable => "check that this machine is on the network of the other one".into(),
            Self::Other(_) => CHECK_ADDRESS.into(),
        }
    }
}

impl ResolveError {
    /// The most useful thing to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::NoSuchName { .. } | Self::LookupTimedOut { .. } => {
                "type the address that `oxo host` shows on that machine, as in `oxo join 192.168.1.7`".into()
            }
            Self::ScopeMissing { usable, .. } | Self::Scope(ScopeError::Unknown { usable, .. }) => {
                scope_hint(usable)
            }
            Self::Scope(ScopeError::List(_)) => "an IPv4 address needs no interface".into(),
        }
    }
}

/// Advice on how to write a scope, with the interfaces of this machine.
fn scope_hint(usable: &[String]) -> String {
    match usable {
        [] => format!(
            "this machine is on no network; an interface is written after the address, as in `fe80::1%{EXAMPLE_SCOPE}`"
        ),
        [only] => format!("write the interface after the address, as in `fe80::1%{only}`"),
        [first, ..] => format!(
            "write the interface after the address, as in `fe80::1%{first}`; this machine has {}{}",
            usable.join(", "),
            if cfg!(windows) { ", and `ipconfig` names them" } else { "" }
        ),
    }
}

/// The interfaces that a scope can name; none if the system does not list them.
fn usable_interfaces() -> Vec<String> {
    interfaces::local_addresses().map(|addresses| usable_names(&addresses)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_hint_can_be_typed() {
        assert_eq!(
            scope_hint(&["wlan0".into()]),
            "write the interface after the address, as in `fe80::1%wlan0`"
        );
        let two = scope_hint(&["eth0".into(), "wlan0".into()]);
        assert!(two.contains("`fe80::1%eth0`") && two.contains("eth0, wlan0"), "{two}");
        assert!(scope_hint(&[]).contains(&format!("`fe80::1%{EXAMPLE_SCOPE}`")));
    }
}
