//! What was found on this machine, and what it means.

use std::net::IpAddr;

use net::{
    addr::DEFAULT_PORT,
    interfaces::{LocalAddress, Standing},
    link::Transport,
};
use serde::Serialize;

use super::{
    firewall::{self, Firewall, Stance},
    report::{Plain, Report, Section, Status, as_text},
    terminal::Terminal,
};

/// Everything that was found.
#[derive(Debug, Serialize)]
pub struct Local {
    /// The terminal.
    pub terminal: Terminal,
    /// The addresses of this machine.
    pub addresses: Vec<OwnAddress>,
    /// Interfaces that have none.
    pub without_address: Vec<Plain>,
    /// The port of the game.
    pub ports: Vec<Port>,
    /// Multicast, for each interface and family that has a use.
    pub multicast: Vec<Multicast>,
    /// The firewalls.
    pub firewalls: Vec<Firewall>,
    /// The files.
    pub files: Files,
}

/// One address of this machine.
#[derive(Debug, Clone, Serialize)]
pub struct OwnAddress {
    /// Its interface.
    pub interface: Plain,
    /// The address.
    pub ip: Plain,
    /// Bits of it that name the network.
    pub prefix_len: u8,
    /// Whether a friend can come in by it.
    pub is_used: bool,
    /// What it is good for, or why it is not.
    pub purpose: &'static str,
}

/// The port, for one transport and family.
#[derive(Debug, Clone, Serialize)]
pub struct Port {
    /// `tcp` or `udp`.
    #[serde(serialize_with = "as_text")]
    pub transport: Transport,
    /// Whether it is IPv6.
    pub is_ipv6: bool,
    /// What became of the try to take it.
    #[serde(flatten)]
    pub state: PortState,
}

/// What became of the try to take a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PortState {
    /// It was taken, and given back.
    Free,
    /// Another program has it.
    Busy {
        /// Which, where the system says so.
        owner: Option<Plain>,
    },
    /// This machine does not have the family.
    NoFamily,
    /// The system does not give it.
    Denied {
        /// Why.
        why: Plain,
    },
}

/// Multicast on one interface, in one family.
#[derive(Debug, Clone, Serialize)]
pub struct Multicast {
    /// The interface.
    pub interface: Plain,
    /// Whether it is IPv6.
    pub is_ipv6: bool,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: MulticastOutcome,
}

/// What came of a question by multicast.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum MulticastOutcome {
    /// Our own question came back.
    CameBack {
        /// After how many milliseconds.
        millis: f64,
        /// Other machines that answered.
        others: usize,
    },
    /// It did not.
    Lost,
    /// It could not be asked.
    Failed {
        /// Why.
        why: Plain,
    },
}

/// The files of the game.
#[derive(Debug, Clone, Serialize)]
pub struct Files {
    /// The folder of what the game remembers; `None` if there is no home.
    pub state: Option<Folder>,
    /// Seats that were kept there, of matches to return to.
    pub seats: usize,
    /// The log, if one was asked for.
    pub log: Option<Folder>,
}

/// Where something is written.
#[derive(Debug, Clone, Serialize)]
pub struct Folder {
    /// Where.
    pub path: Plain,
    /// Whether it is there already.
    pub is_there: bool,
    /// Whether it may be written.
    pub is_writable: bool,
}

impl From<&LocalAddress> for OwnAddress {
    fn from(address: &LocalAddress) -> Self {
        let purpose = match (address.standing, address.ip) {
            (Standing::Usable, IpAddr::V6(ip)) if ip.is_unicast_link_local() => {
                "used; who types it adds their own interface, as in %eth0"
            }
            (Standing::Usable, IpAddr::V4(ip)) if ip.is_link_local() => {
                "used; no DHCP server gave a better one"
            }
            (Standing::Usable, _) => "used",
            (Standing::PointToPoint, _) => "used; it leads to one other machine, as a VPN does",
            (Standing::Loopback, _) => "this machine itself",
            (Standing::Virtual, _) => "virtual, it leads to containers of this machine",
            (Standing::Down, _) => "down",
        };
        Self {
            interface: Plain::new(&address.interface),
            ip: Plain::new(address.ip.to_string()),
            prefix_len: address.prefix_len,
            is_used: address.is_usable(),
            purpose,
        }
    }
}

impl Local {
    /// What it all means.
    pub fn report(&self) -> Report {
        let mut network = Section::new("Network");
        self.tell_addresses(&mut network);
        tell_ports(&self.ports, &mut network);
        tell_multicast(&self.multicast, &mut network);
        firewall::tell(&self.firewalls, DEFAULT_PORT, &mut network);
        let (can_play, verdict) = self.verdict();
        let verdict = Plain::new(verdict);
        Report { can_play, verdict, sections: vec![self.terminal.tell(), network, self.files.tell()] }
    }

    fn tell_addresses(&self, section: &mut Section) {
        for OwnAddress { interface, ip, prefix_len, is_used, purpose } in &self.addresses {
            let status = if *is_used { Status::Ok } else { Status::Skip };
            section.add(status, format!("{interface} {ip}/{prefix_len}  {purpose}"));
        }
        for interface in &self.without_address {
            section.add(Status::Skip, format!("{interface}  has no address"));
        }
        if !self.is_on_a_network() {
            let more = "join a Wi-Fi or plug a cable in";
            section.explain(Status::Fail, "no address of this machine leads to another one", &[more]);
        }
    }

    /// Whether a match could be played, and what stands in the way of one.
    fn verdict(&self) -> (bool, String) {
        if !self.is_on_a_network() {
            return (false, "you can play at this machine alone, since it is on no network".into());
        }
        let is = |is: fn(&PortState) -> bool| self.ports.iter().any(|port| is(&port.state));
        let is_out = |transport| self.firewalls.iter().any(|firewall| firewall.stance.closes(transport));
        let is_unknown = self.firewalls.iter().any(|f| matches!(f.stance, Stance::Unknown { .. }));
        let mut verdict = if is(|state| matches!(state, PortState::Busy { .. }) && !state.is_ours()) {
            format!("you can join; to host, end what has port {DEFAULT_PORT} or take another port")
        } else if is(|state| matches!(state, PortState::Denied { .. })) {
            "you can join, but not host".into()
        } else {
            match (is_out(Transport::Tcp), is_out(Transport::Udp)) {
                (true, true) => "you can join; friends cannot come in until the firewall lets them".into(),
                (true, false) => {
                    "you can join and host, over UDP alone until the firewall lets TCP in".into()
                }
                (false, true) => {
                    "you can join and host, over TCP alone until the firewall lets UDP in".into()
                }
                (false, false) if is_unknown => {
                    "you can join, and host if the firewall lets friends in, which is not known".into()
                }
                (false, false) => String::from("you can join and host"),
            }
        };
        if !self.multicast.is_empty() && self.multicast.iter().all(|found| !found.outcome.is_back()) {
            verdict += "; without multicast a game is found by its address alone";
        }
        (true, verdict)
    }

    fn is_on_a_network(&self) -> bool {
        self.addresses.iter().any(|address| address.is_used)
    }
}

fn tell_ports(ports: &[Port], section: &mut Section) {
    let mut states: Vec<&PortState> = Vec::new();
    for Port { state, .. } in ports {
        if !states.contains(&state) {
            states.push(state);
        }
    }
    for state in states {
        let names = ports.iter().filter(|port| port.state == *state).map(Port::name);
        let names = names.collect::<Vec<_>>().join(", ");
        match state {
            PortState::Free => section.add(Status::Ok, format!("port {DEFAULT_PORT} is free: {names}")),
            PortState::Busy { owner: Some(owner) } if state.is_ours() => {
                section.add(Status::Ok, format!("your own game has port {DEFAULT_PORT}: {owner}: {names}"));
            }
            PortState::Busy { owner } => {
                let owner = owner.as_ref().map_or("another program", Plain::as_str);
                let more = "`oxo host --listen '[::]:0'` takes a port that is free";
                section.explain(
                    Status::Note,
                    format!("port {DEFAULT_PORT} is taken by {owner}: {names}"),
                    &[more],
                );
            }
            PortState::NoFamily => section.add(Status::Skip, format!("not on this machine: {names}")),
            PortState::Denied { why } => {
                section.add(Status::Fail, format!("port {DEFAULT_PORT} cannot be taken, {why}: {names}"));
            }
        }
    }
}

impl PortState {
    /// Whether it is a game of ours that has the port.
    fn is_ours(&self) -> bool {
        match self {
            Self::Busy { owner: Some(owner) } => {
                ["oxo (", "oxo-server ("].iter().any(|name| owner.as_str().starts_with(name))
            }
            Self::Busy { owner: None } | Self::Free | Self::NoFamily | Self::Denied { .. } => false,
        }
    }
}

fn tell_multicast(multicast: &[Multicast], section: &mut Section) {
    for Multicast { interface, is_ipv6, outcome } in multicast {
        let place = format!("{interface}, {}", family(*is_ipv6));
        let by_address = "nobody finds a game by itself there; by its address it works: oxo join ADDRESS";
        match outcome {
            MulticastOutcome::CameBack { millis, others } => {
                let others = match others {
                    0 => "no other machine answered".into(),
                    1 => "1 other machine answered".into(),
                    others => format!("{others} other machines answered"),
                };
                section
                    .add(Status::Ok, format!("{place}: own multicast came back in {millis:.1} ms, {others}"));
            }
            MulticastOutcome::Lost => {
                section.explain(
                    Status::Fail,
                    format!("{place}: own multicast did not come back"),
                    &[by_address],
                );
            }
            MulticastOutcome::Failed { why } => {
                section.explain(Status::Fail, format!("{place}: no multicast, {why}"), &[by_address]);
            }
        }
    }
    let is_back = multicast.iter().any(|found| found.outcome.is_back());
    if is_back && multicast.iter().all(|found| !found.outcome.is_answered()) {
        let more = [
            "either nobody there would answer, or the network drops multicast, as guest Wi-Fi may",
            "where `oxo host` runs, `oxo doctor ADDRESS` tells; `oxo join ADDRESS` works in both",
        ];
        section.explain(Status::Note, "no other machine was heard by multicast", &more);
    }
}

impl MulticastOutcome {
    const fn is_back(&self) -> bool {
        matches!(self, Self::CameBack { .. })
    }

    const fn is_answered(&self) -> bool {
        matches!(self, Self::CameBack { others: 1.., .. })
    }
}

impl Port {
    fn name(&self) -> String {
        format!("{} {}", self.transport.name(), family(self.is_ipv6))
    }
}

impl Files {
    fn tell(&self) -> Section {
        let mut section = Section::new("Files");
        match &self.state {
            None => section.add(Status::Note, "no home folder: a seat is not found again by the next start"),
            Some(state) => {
                let seats = match self.seats {
                    1 => "1 seat kept".into(),
                    seats => format!("{seats} seats kept"),
                };
                state.tell("state", &seats, &mut section);
            }
        }
        match &self.log {
            None => section.add(Status::Ok, "log    none; --log FILE writes one"),
            Some(log) => log.tell("log", "", &mut section),
        }
        section
    }
}

impl Folder {
    fn tell(&self, name: &str, content: &str, section: &mut Section) {
        let Self { path, is_there, is_writable } = self;
        let state = match (is_there, is_writable) {
            (_, false) => "cannot be written",
            (true, true) => content,
            (false, true) => "will be made",
        };
        let status = if *is_writable { Status::Ok } else { Status::Fail };
        section.add(status, format!("{name:<5}  {path}  {state}").trim_end());
    }
}

/// What a family is called.
const fn family(is_ipv6: bool) -> &'static str {
    if is_ipv6 { "IPv6" } else { "IPv4" }
}

#[cfg(test)]
mod tests;
