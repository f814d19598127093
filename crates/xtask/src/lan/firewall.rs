//! A firewall on a machine of the LAN that keeps one transport out.

use super::network::{Machine, Network, Temporary};
use crate::netns::ip;
use net::link::Transport;

/// The fate of packets that are not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They vanish, as is the custom.
    Drop,
    /// Their sender is told that nobody listens there (ICMP port unreachable).
    Reject,
}

/// The transport that is left when one does not work.
pub(super) const fn other(transport: Transport) -> Transport {
    match transport {
        Transport::Udp => Transport::Tcp,
        Transport::Tcp => Transport::Udp,
    }
}

/// Lets no packet of `transport` to the server's port into a machine until the returned value is dropped. The machine still
/// sends, as behind most firewalls.
///
/// # Errors
///
/// Names the command that failed, with its error.
pub(super) fn block(
    network: &Network,
    machine: Machine,
    transport: Transport,
    verdict: Verdict,
) -> anyhow::Result<Temporary> {
    let verdict = match verdict {
        Verdict::Drop => "drop",
        Verdict::Reject => "reject with icmpx port-unreachable",
    };
    let rule = format!("{transport} dport 1952 {verdict}");
    // A table of its own for each transport, so that it goes as a whole.
    let table = format!("no_{transport}");
    println!("  {machine:<5} $ nft add rule inet {table} input {rule}");
    let namespace = network.namespace(machine);
    let script = format!(
        "add table inet {table}; \
         add chain inet {table} input {{ type filter hook input priority filter; }}; \
         add rule inet {table} input {rule}"
    );
    ip(&format!("netns exec {namespace} nft {script}"))?;
    Ok(Temporary::new([format!("netns exec {namespace} nft delete table inet {table}")]))
}
