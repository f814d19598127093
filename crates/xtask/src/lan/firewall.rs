//! Filters of packets on the LAN: on a machine, as a firewall that keeps one transport out, and in the switch.

use std::fmt::Write as _;

use super::desk::Desk;
use super::network::{Lan, Temporary};
use crate::netns::ip;
use net::link::Transport;

/// The transport that is left when one does not work.
pub(super) const fn other(transport: Transport) -> Transport {
    match transport {
        Transport::Udp => Transport::Tcp,
        Transport::Tcp => Transport::Udp,
    }
}

/// Lets no packet of `transport` to the server's port into the host until the returned value is dropped. The host still
/// sends, as behind most firewalls.
///
/// # Errors
///
/// Names the command that failed, with its error.
pub(super) fn block(lan: &Lan, transport: Transport) -> anyhow::Result<Temporary> {
    let rule = format!("{transport} dport 1952 drop");
    filter(&lan.host, &format!("inet no_{transport}"), "input", &[&rule])
}

/// Drops the frames of multicast DNS in the switch until the returned value is dropped.
///
/// # Errors
///
/// Names the command that failed, with its error.
pub(super) fn drop_multicast(lan: &Lan) -> anyhow::Result<Temporary> {
    let rules = ["ether daddr 01:00:5e:00:00:fb drop", "ether daddr 33:33:00:00:00:fb drop"];
    filter(&lan.switch, "bridge quiet", "forward", &rules)
}

/// Adds a table with these rules to a namespace, until the returned value is dropped. A table goes as a whole, so each filter
/// has its own.
///
/// # Errors
///
/// Names the command that failed, with its error.
pub(super) fn filter(
    Desk { namespace, name }: &Desk,
    table: &str,
    hook: &str,
    rules: &[&str],
) -> anyhow::Result<Temporary> {
    let mut script =
        format!("add table {table}; add chain {table} {hook} {{ type filter hook {hook} priority filter; }}");
    for rule in rules {
        println!("  {name:<5} $ nft add rule {table} {hook} {rule}");
        let _written = write!(script, "; add rule {table} {hook} {rule}");
    }
    ip(&format!("netns exec {namespace} nft {script}"))?;
    Ok(Temporary::new([format!("netns exec {namespace} nft delete table {table}")]))
}
