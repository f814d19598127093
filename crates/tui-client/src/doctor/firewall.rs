//! What the rules of a firewall mean for one port, as far as they can be read from outside of it.
//!
//! Whether a packet comes in depends on more than a list of rules shows. This looks for what decides about a port: the
//! first rule that names it or that takes everything, and else the policy of the chain. Conditions on addresses and
//! interfaces are not weighed.

mod firewalld;
mod iptables;
mod nft;
mod ufw;

use std::collections::BTreeMap;

use net::link::Transport;
use serde::Serialize;

use super::report::{Plain, Section, Status};

pub use self::{firewalld::read_firewalld, iptables::read_iptables, nft::read_nft, ufw::read_ufw};

/// What one firewall does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Firewall {
    /// What it is called.
    pub name: &'static str,
    /// What it does about the port.
    #[serde(flatten)]
    pub stance: Stance,
}

/// What a firewall does about the port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "stance", rename_all = "snake_case")]
pub enum Stance {
    /// It is there and switched off, or has no rules.
    Inactive,
    /// Nothing that it says keeps the port closed.
    Open,
    /// It keeps transports out.
    Closed {
        /// What it says about TCP, if that is kept out.
        tcp: Option<Reason>,
        /// What it says about UDP.
        udp: Option<Reason>,
    },
    /// It does not let itself be read.
    Unknown {
        /// Why.
        why: Plain,
        /// What to type to read it.
        ask: Plain,
    },
}

/// Why a transport is kept out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What the firewall says.
    pub says: Plain,
    /// What to type to let it in.
    pub cure: Plain,
}

impl Stance {
    /// Whether `transport` is kept out.
    pub const fn closes(&self, transport: Transport) -> bool {
        match self {
            Self::Closed { tcp, udp } => match transport {
                Transport::Tcp => tcp.is_some(),
                Transport::Udp => udp.is_some(),
            },
            Self::Inactive | Self::Open | Self::Unknown { .. } => false,
        }
    }

    /// What two reasons make.
    fn of(tcp: Option<Reason>, udp: Option<Reason>) -> Self {
        if tcp.is_none() && udp.is_none() { Self::Open } else { Self::Closed { tcp, udp } }
    }
}

/// Says what the firewalls do.
pub fn tell(firewalls: &[Firewall], port: u16, section: &mut Section) {
    for Firewall { name, stance } in firewalls {
        match stance {
            Stance::Inactive => section.add(Status::Ok, format!("{name} has nothing to say")),
            Stance::Open => section.add(Status::Ok, format!("{name} keeps nobody out of port {port}")),
            Stance::Closed { tcp, udp } => {
                for (transport, reason) in [(Transport::Tcp, tcp), (Transport::Udp, udp)] {
                    let Some(Reason { says, cure }) = reason else { continue };
                    let text = format!("{name} does not let in {} {port}: {says}", transport.name());
                    section.explain(Status::Note, text, &[cure.as_str()]);
                }
            }
            Stance::Unknown { why, ask } => {
                let text = format!("{name} may keep port {port} closed: {why}");
                section.explain(Status::Note, text, &[&format!("look by yourself: {ask}")]);
            }
        }
    }
    if firewalls.is_empty() {
        section.add(Status::Ok, "no firewall of this machine was found");
    }
}

/// A chain of rules.
#[derive(Debug, Default)]
struct Chain {
    /// Where it is, to say so.
    place: String,
    /// Whether packets for this machine come to it by themselves.
    is_input: bool,
    /// Whether it drops what no rule decides.
    drops: bool,
    rules: Vec<Rule>,
}

/// One rule, as far as it matters.
#[derive(Debug)]
struct Rule {
    text: String,
    takes: Takes,
    action: Action,
}

/// Which packets a rule takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// All.
    All,
    /// Those to our port, over these transports.
    Port { tcp: bool, udp: bool },
    /// Others, or it depends on what is not weighed.
    Other,
}

/// What becomes of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Action {
    Accept,
    Drop,
    /// Another chain decides.
    Jump(String),
    /// Nothing: it is counted, or goes back.
    Pass,
}

/// What decided.
#[derive(Debug, Clone, Copy)]
enum Decision<'a> {
    In,
    OutByRule(&'a Chain, &'a Rule),
    OutByPolicy(&'a Chain),
}

/// What each chain that packets come to decides about a transport: the first that keeps it out, if any does.
fn who_closes(chains: &BTreeMap<String, Chain>, transport: Transport) -> Option<Decision<'_>> {
    let inputs = chains.values().filter(|chain| chain.is_input);
    inputs
        .map(|chain| match (walk(chains, chain, transport, MAX_JUMPS), chain.drops) {
            (Some(decision), _) => decision,
            (None, true) => Decision::OutByPolicy(chain),
            (None, false) => Decision::In,
        })
        .find(|decision| !matches!(decision, Decision::In))
}

/// What the rules of a chain decide, `None` if they do not.
fn walk<'a>(
    chains: &'a BTreeMap<String, Chain>,
    chain: &'a Chain,
    transport: Transport,
    jumps: usize,
) -> Option<Decision<'a>> {
    chain.rules.iter().find_map(|rule| {
        let is_taken = match (rule.takes, transport) {
            (Takes::All, _) => true,
            (Takes::Port { tcp, .. }, Transport::Tcp) => tcp,
            (Takes::Port { udp, .. }, Transport::Udp) => udp,
            (Takes::Other, _) => false,
        };
        match &rule.action {
            Action::Accept => is_taken.then_some(Decision::In),
            Action::Drop => is_taken.then_some(Decision::OutByRule(chain, rule)),
            // Whatever its condition: the rules for a zone or an interface are behind one.
            Action::Jump(to) => {
                let to = chains.get(to).filter(|_| jumps > 0)?;
                walk(chains, to, transport, jumps - 1)
            }
            Action::Pass => None,
        }
    })
}

/// Whether a list of ports, as in `22`, `22,1952` or `1900-2000`, has this one. Both signs of a range are known.
fn has_port(ports: &str, port: u16) -> bool {
    ports.split(',').map(str::trim).any(|part| {
        let (first, last) = part.split_once(['-', ':']).unwrap_or((part, part));
        match (first.trim().parse::<u16>(), last.trim().parse::<u16>()) {
            (Ok(first), Ok(last)) => (first..=last).contains(&port),
            _ => false,
        }
    })
}

/// How deep chains are followed. Those of ufw and firewalld are four deep; a loop, which the kernel refuses, ends here.
const MAX_JUMPS: usize = 8;

/// Rules that are read at most, of all chains together. What blocks whole countries has more and is no list of ours.
const MAX_RULES: usize = 4096;
