//! The findings about this machine, and their meaning.

use std::net::IpAddr;

use net::{
    addr::DEFAULT_PORT,
    interfaces::{InterfaceKind, LocalAddress},
    multicast::Replies,
};
use serde::Serialize;

use super::{
    firewall::{self, Firewall},
    report::{Plain, Report, Section, Status},
    terminal::Terminal,
    values,
};
use crate::{config_file::count, format::tenths};

/// The findings about this machine.
#[derive(Debug, Serialize)]
pub(super) struct Local {
    pub(super) terminal: Terminal,
    pub(super) addresses: Vec<LocalAddress>,
    /// The reason why the system does not tell them, if it does not.
    pub(super) no_addresses: Option<String>,
    /// The game's port, for each transport and family.
    pub(super) ports: Vec<Port>,
    /// Multicast, for each usable interface and family.
    pub(super) multicast: Vec<Multicast>,
    pub(super) firewalls: Vec<Firewall>,
    pub(super) files: Files,
}

/// The game's port for one transport and family.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Port {
    /// As in `TCP IPv4`.
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) state: PortState,
}

/// The outcome of an attempt to listen on a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "detail", rename_all = "snake_case")]
pub(super) enum PortState {
    Free,
    /// Taken by a program, which the system may or may not name.
    Busy(Option<String>),
    /// Of a family that this machine lacks.
    NoFamily,
    /// Refused by the system, for this reason.
    Denied(String),
}

/// The outcome of a question by multicast.
#[derive(Debug, Serialize)]
pub(super) struct Multicast {
    /// The interface and family, as in `eth0, IPv4`.
    pub(super) place: String,
    /// The answers, or the reason why it could not be asked.
    #[serde(serialize_with = "values::replies")]
    pub(super) outcome: Result<Replies, String>,
}

/// The files that the game writes.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Files {
    /// The folder of the game's state; `None` without a home folder.
    pub(super) state: Option<Folder>,
    /// Seats kept there, of matches to return to.
    pub(super) seats: usize,
    /// The file of the settings; `None` without a home folder.
    pub(super) config: Option<Folder>,
    /// The mistakes in it.
    pub(super) config_problems: Vec<String>,
    /// The log, if there is one.
    pub(super) log: Option<Folder>,
}

/// A file or folder to write.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Folder {
    pub(super) path: String,
    pub(super) exists: bool,
    pub(super) is_writable: bool,
}

impl Local {
    /// Draws the conclusions.
    pub(super) fn report(&self) -> Report {
        let mut report = self.network_report();
        report.sections.insert(0, self.terminal.report());
        report.sections.push(self.files.report());
        report
    }

    /// Draws the conclusions about the network alone.
    pub(super) fn network_report(&self) -> Report {
        let mut network = Section::new("Network");
        self.report_addresses(&mut network);
        report_ports(&self.ports, &mut network);
        report_multicast(&self.multicast, &mut network);
        firewall::report(&self.firewalls, &self.shown_address(), &mut network);
        let (can_play, verdict) = self.verdict();
        Report { can_play, verdict: Plain::new(verdict), sections: vec![network] }
    }

    fn report_addresses(&self, section: &mut Section) {
        for address in &self.addresses {
            let status = if address.is_usable() { Status::Ok } else { Status::Skip };
            let LocalAddress { interface, ip, prefix_len, .. } = address;
            section.add(status, format!("{interface} {ip}/{prefix_len}  {}", purpose(address)));
        }
        if let Some(why) = &self.no_addresses {
            let more =
                ["a sandbox without netlink may forbid it; others still reach this machine by its address"];
            section.explain(Status::Fail, format!("the addresses of this machine are not told: {why}"), more);
        } else if !self.is_on_a_network() {
            let more = "join a Wi-Fi network, or plug a cable in";
            section.explain(Status::Fail, "no address of this machine leads to another one", [more]);
        }
    }

    /// Tells whether a match could be played, and the main obstacle to one.
    fn verdict(&self) -> (bool, String) {
        if self.no_addresses.is_none() && !self.is_on_a_network() {
            return (false, "you can play on this machine alone: it is on no network".into());
        }
        let is = |is: fn(&PortState) -> bool| self.ports.iter().any(|port| is(&port.state));
        let mut verdict = if is(|state| matches!(state, PortState::Busy(_)) && !state.is_ours()) {
            format!(
                "you can join and host: another program has port {DEFAULT_PORT}, so your game takes a free one"
            )
        } else if is(|state| matches!(state, PortState::Denied(_))) {
            "you can join, but not host".into()
        } else if self.firewalls.is_empty() {
            "you can join and host".into()
        } else {
            let names: Vec<&str> = self.firewalls.iter().map(|firewall| firewall.name).collect();
            format!("you can join, and host if port {DEFAULT_PORT} is open in {}", names.join(" and "))
        };
        if self.no_addresses.is_some() {
            verdict += "; games are found by their address alone";
        } else if !self.multicast.is_empty() && self.multicast.iter().all(|found| !found.came_back()) {
            verdict += "; without multicast a game is found by its address alone";
        }
        (true, verdict)
    }

    fn is_on_a_network(&self) -> bool {
        self.addresses.iter().any(LocalAddress::is_usable)
    }

    /// An address to type on another machine; one of IPv4 needs no interface of theirs.
    fn shown_address(&self) -> String {
        let mut usable = self.addresses.iter().filter(|address| address.is_usable() && address.ip.is_ipv4());
        usable.next().map_or_else(|| "ADDRESS".into(), |address| address.ip.to_string())
    }
}

const fn purpose(address: &LocalAddress) -> &'static str {
    match (address.kind, address.ip) {
        (InterfaceKind::Lan, IpAddr::V6(ip)) if ip.is_unicast_link_local() => {
            "used; another machine adds its own interface, as in %eth0"
        }
        (InterfaceKind::Lan, IpAddr::V4(ip)) if ip.is_link_local() => {
            "used; no DHCP server gave a better one"
        }
        (InterfaceKind::Lan, _) => "used",
        (InterfaceKind::PointToPoint, _) => "used; leads to one other machine, as a VPN does",
        (InterfaceKind::Loopback, _) => "this machine itself",
        (InterfaceKind::Virtual, _) => "virtual: leads to containers on this machine",
        (InterfaceKind::Down, _) => "down",
    }
}

fn report_ports(ports: &[Port], section: &mut Section) {
    let mut states: Vec<&PortState> = Vec::new();
    for Port { state, .. } in ports {
        if !states.contains(&state) {
            states.push(state);
        }
    }
    for state in states {
        let names = ports.iter().filter(|port| port.state == *state).map(|port| port.name.as_str());
        let names = names.collect::<Vec<_>>().join(", ");
        match state {
            PortState::Free => section.add(Status::Ok, format!("port {DEFAULT_PORT} is free: {names}")),
            PortState::Busy(Some(owner)) if state.is_ours() => {
                section.add(Status::Ok, format!("your own game has port {DEFAULT_PORT}: {owner}: {names}"));
            }
            PortState::Busy(owner) => {
                let owner = owner.as_deref().unwrap_or("another program");
                let text = format!("port {DEFAULT_PORT} is taken by {owner}: {names}");
                section.explain(
                    Status::Note,
                    text,
                    ["`oxo host` takes a free port then, and shows it; its code leads there all the same"],
                );
            }
            PortState::NoFamily => section.add(Status::Skip, format!("not on this machine: {names}")),
            PortState::Denied(why) => {
                section.add(Status::Fail, format!("port {DEFAULT_PORT} cannot be taken, {why}: {names}"));
            }
        }
    }
}

impl PortState {
    /// Tells whether a game of ours has the port.
    fn is_ours(&self) -> bool {
        let is_ours = |owner: &String| ["oxo (", "oxo-server ("].iter().any(|name| owner.starts_with(name));
        matches!(self, Self::Busy(Some(owner)) if is_ours(owner))
    }
}

fn report_multicast(multicast: &[Multicast], section: &mut Section) {
    let by_address = "games there are not found by themselves, but by address: oxo join ADDRESS";
    for Multicast { place, outcome } in multicast {
        let trouble = match outcome {
            Ok(Replies { own: Some(own), others, .. }) => {
                let others = match others.len() {
                    0 => "no other machine answered".into(),
                    1 => "1 other machine answered".into(),
                    others => format!("{others} other machines answered"),
                };
                let text = format!("{place}: own multicast came back in {}, {others}", tenths(*own));
                section.add(Status::Ok, text);
                continue;
            }
            Ok(_) => "own multicast did not come back".into(),
            Err(why) => format!("no multicast, {why}"),
        };
        section.explain(Status::Fail, format!("{place}: {trouble}"), [by_address]);
    }
    let is_answered = |found: &Multicast| found.outcome.as_ref().is_ok_and(|heard| !heard.others.is_empty());
    if multicast.iter().any(Multicast::came_back) && !multicast.iter().any(is_answered) {
        let more = [
            "either no machine there answers, or the network drops multicast, as guest Wi-Fi may",
            "`oxo join ADDRESS` works in both cases",
        ];
        section.explain(Status::Note, "no other machine was heard by multicast", more);
    }
}

impl Multicast {
    /// Tells whether our own question came back.
    fn came_back(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|heard| heard.own.is_some())
    }
}

impl Files {
    fn report(&self) -> Section {
        let mut section = Section::new("Files");
        match &self.state {
            None => section.add(Status::Note, "no home folder: your seat is lost if the program is killed"),
            Some(state) => {
                let seats = if self.seats == 1 { "seat" } else { "seats" };
                state.report("state", &format!("{} {seats} kept", self.seats), &mut section);
            }
        }
        if let Some(config) = &self.config {
            config.report("config", &count(self.config_problems.len()), &mut section);
        }
        for problem in &self.config_problems {
            section.add(Status::Note, problem);
        }
        match &self.log {
            None => section.add(Status::Ok, "log     none; --log FILE writes one"),
            Some(log) => log.report("log", "", &mut section),
        }
        section
    }
}

impl Folder {
    fn report(&self, name: &str, content: &str, section: &mut Section) {
        let (status, state) = match (self.exists, self.is_writable) {
            (_, false) => (Status::Fail, "cannot be written"),
            (true, true) => (Status::Ok, content),
            (false, true) => (Status::Ok, "will be made"),
        };
        section.add(status, format!("{name:<6}  {}  {state}", self.path).trim_end());
    }
}

#[cfg(test)]
mod tests;
