//! The findings about another machine and the way to it, and their meaning.

use std::time::Duration;

use net::{
    addr::{Host, HostPort},
    arq::{MAX_DATAGRAM, SessionCounts},
    connect::{Attempt, Candidate, ConnectCause, ConnectError, Failure},
    link::Transport,
    proto::Name,
};
use serde::Serialize;

use super::{
    report::{Plain, Report, Section, Status},
    values,
};
use crate::format::tenths;

/// The findings about another machine.
#[derive(Debug, Serialize)]
pub(super) struct Remote {
    #[serde(serialize_with = "values::text")]
    pub(super) target: HostPort,
    #[serde(serialize_with = "values::lookup")]
    pub(super) lookup: Result<Vec<Found>, ConnectError>,
    /// Each address over each transport, one address after the other.
    pub(super) tries: Vec<Try>,
    /// The answers by multicast; `None` if the target is on no network of this machine.
    pub(super) multicast: Option<ByMulticast>,
}

/// The hosts file, as its owner would type it.
pub(super) const HOSTS_FILE: &str =
    if cfg!(windows) { r"%SystemRoot%\System32\drivers\etc\hosts" } else { "/etc/hosts" };

/// An address of the target.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    /// The address and port, its scope by name.
    pub(super) place: String,
    /// The hosts file has the address for this name.
    pub(super) is_in_hosts_file: bool,
}

/// An attempt at one address over one transport.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Try {
    /// The address and port, its scope by name.
    pub(super) place: String,
    #[serde(flatten)]
    pub(super) candidate: Candidate,
    /// The interface of this machine on the network of the address, if there is one.
    pub(super) beside: Option<String>,
    #[serde(with = "values::Outcome")]
    pub(super) outcome: Result<Reached, Missed>,
}

/// A handshake, and the conversation after it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Reached {
    /// The duration of the handshake.
    #[serde(rename = "handshake_millis", serialize_with = "values::millis")]
    pub(super) handshake: Duration,
    /// The server's name, or its reason for a refusal.
    #[serde(with = "values::Outcome")]
    pub(super) welcome: Result<Name, String>,
    /// Questions asked then, one after the other.
    pub(super) asked: usize,
    /// The time that each answer took, of those that came.
    #[serde(rename = "round_trip_millis", serialize_with = "values::list_of_millis")]
    pub(super) round_trips: Vec<Duration>,
    /// The datagrams of the session, over UDP.
    pub(super) counts: Option<SessionCounts>,
}

/// A handshake that failed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Missed {
    #[serde(serialize_with = "values::word")]
    pub(super) failure: Failure,
    /// The time until the failure.
    #[serde(rename = "after_millis", serialize_with = "values::millis")]
    pub(super) after: Duration,
    /// The largest datagram that a server answered all the same, over UDP.
    pub(super) passed_bytes: Option<usize>,
}

/// The answers to a question by multicast.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ByMulticast {
    /// The interface it was asked on.
    pub(super) interface: String,
    /// Machines that answered.
    pub(super) answers: usize,
    /// The target is among them.
    pub(super) is_heard: bool,
}

impl Remote {
    /// Draws the conclusions.
    pub(super) fn report(&self) -> Report {
        let mut sections = vec![self.report_lookup()];
        let addresses = self.tries.chunk_by(|a, b| a.candidate.addr == b.candidate.addr);
        sections.extend(addresses.map(report_address));
        sections.extend(self.multicast.as_ref().map(|found| self.report_multicast(found)));
        Report { can_play: self.can_play(), verdict: Plain::new(self.verdict()), sections }
    }

    /// Tells whether a server has let us in, over any transport.
    fn can_play(&self) -> bool {
        self.tries.iter().any(Try::is_in)
    }

    fn report_lookup(&self) -> Section {
        let mut section = Section::new("Name");
        let Self { target, lookup, .. } = self;
        match (lookup, target.host()) {
            (Ok(_), Host::Literal(_)) => {
                section.add(Status::Ok, format!("{target} is an address, nothing to look up"));
            }
            (Ok(addresses), Host::Name(name)) => {
                let places = |filter: fn(&Found) -> bool| {
                    let places = addresses.iter().filter(|found| filter(found));
                    places.map(|found| found.place.as_str()).collect::<Vec<_>>().join(", ")
                };
                let in_file =
                    Some(places(|found| found.is_in_hosts_file)).filter(|places| !places.is_empty());
                let more = in_file.map(|places| format!("in {HOSTS_FILE}: {places}"));
                section.explain(Status::Ok, format!("{name} is {}", places(|_| true)), more);
            }
            (Err(error), _) => {
                let mut lines = error.causes();
                lines.push(error.hint());
                section.explain(Status::Fail, &lines[0], &lines[1..]);
            }
        }
        section
    }

    fn report_multicast(&self, found: &ByMulticast) -> Section {
        let mut section = Section::new("Multicast");
        let ByMulticast { interface, is_heard, answers } = found;
        if *is_heard {
            section.add(Status::Ok, format!("that machine is heard by multicast on {interface}"));
        } else if *answers > 0 {
            let others =
                if *answers == 1 { "another one is".into() } else { format!("{answers} others are") };
            let text = format!("that machine is not heard by multicast on {interface}, and {others}");
            let more = "it announces no game, or its firewall drops UDP 5353: join by its address";
            section.explain(Status::Note, text, [more]);
        } else {
            let more = [
                "the network drops multicast, as some guest Wi-Fi does, or no machine on it announces anything",
                "games there are on no list: join by address",
            ];
            let more = more.iter().filter(|_| self.can_play());
            section.explain(Status::Note, format!("no machine is heard by multicast on {interface}"), more);
        }
        section
    }

    fn verdict(&self) -> String {
        let target = &self.target;
        let port = target.port();
        let is_in = |transport| {
            self.tries.iter().any(|tried| tried.candidate.transport == transport && tried.is_in())
        };
        let limits = match (is_in(Transport::Udp), is_in(Transport::Tcp)) {
            (true, true) => String::new(),
            (true, false) => format!(", over UDP alone; TCP {port} does not come through"),
            (false, true) => format!(", over TCP alone; UDP {port} does not come through"),
            (false, false) => return format!("no match can be played with {target}: {}", self.obstacle()),
        };
        let mut verdict = format!("a match can be played with {target}{limits}");
        if self.tries.iter().any(|tried| tried.refusal().is_some()) {
            verdict += ", unless it is full by then";
        }
        if self.multicast.as_ref().is_some_and(|found| found.answers == 0) {
            verdict += "; join by its address, since no machine is heard by multicast";
        }
        verdict
    }

    /// The reason why no match can be played, or the remedy.
    fn obstacle(&self) -> String {
        if let Err(error) = &self.lookup {
            return error.hint();
        }
        if let Some(refusal) = self.tries.iter().find_map(Try::refusal) {
            return refusal.clone();
        }
        let missed = || self.tries.iter().filter_map(|tried| Some((tried, tried.outcome.as_ref().err()?)));
        if let Some(bytes) = missed().find_map(|(_, missed)| missed.passed_bytes) {
            return format!(
                "datagrams of {bytes} bytes arrive there and those of {MAX_DATAGRAM} do not, and TCP does not come through"
            );
        }
        let attempts = missed()
            .map(|(tried, missed)| Attempt { candidate: tried.candidate, failure: missed.failure })
            .collect();
        ConnectError { target: self.target.clone(), cause: ConnectCause::Attempts(attempts) }.hint()
    }
}

impl Try {
    fn is_in(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|reached| reached.welcome.is_ok())
    }

    fn refusal(&self) -> Option<&String> {
        self.outcome.as_ref().ok()?.welcome.as_ref().err()
    }

    /// Tells whether the outcome proves that there is a machine at the address.
    fn is_answered(&self) -> bool {
        let is_answer = |missed: &Missed| {
            use Failure::{Closed, NotOxo, Refused, ServerFull, Version};
            missed.passed_bytes.is_some()
                || matches!(missed.failure, Closed | NotOxo | Refused | ServerFull | Version { .. })
        };
        self.outcome.as_ref().map_or_else(is_answer, |_reached| true)
    }
}

/// Reports on one address over both transports.
fn report_address(tries: &[Try]) -> Section {
    let first = &tries[0];
    let mut section = Section::new(&first.place);
    match &first.beside {
        Some(_) if first.candidate.addr.ip().is_loopback() => {
            section.add(Status::Ok, "this machine itself");
        }
        Some(interface) => section.add(Status::Ok, format!("on this network, by {interface}")),
        None => {
            section.add(Status::Note, "on no network of this machine: reached through routers, if at all");
        }
    }
    for Try { candidate, outcome, .. } in tries {
        let name = candidate.transport.name();
        match outcome {
            Ok(reached) => reached.report(name, &mut section),
            Err(missed) => {
                let text = format!("{name}  {}, known after {}", missed.failure, shown(missed.after));
                let more = explain_silence(*candidate, missed, tries.iter().any(Try::is_answered));
                section.explain(Status::Fail, text, more);
            }
        }
    }
    section
}

/// Explains a silence where other packets come through. `is_answered` tells whether the machine has shown itself.
fn explain_silence(
    Candidate { addr, transport }: Candidate,
    missed: &Missed,
    is_answered: bool,
) -> Vec<String> {
    let (name, port) = (transport.name(), addr.port());
    match missed.passed_bytes {
        Some(bytes) => {
            // The headers of UDP and of IPv4 or IPv6.
            let mtu = MAX_DATAGRAM + if addr.is_ipv6() { 48 } else { 28 };
            vec![
                format!("datagrams of {bytes} bytes arrive, and those of {MAX_DATAGRAM} do not"),
                format!("something on the way has an MTU of less than {mtu}, most likely a tunnel"),
            ]
        }
        None if is_answered && missed.failure == Failure::TimedOut => vec![
            format!("that machine is on, so that a firewall drops {name} {port}"),
            "`oxo doctor` there names the active firewall, and the command that opens the port".into(),
        ],
        None => Vec::new(),
    }
}

impl Reached {
    fn report(&self, name: &str, section: &mut Section) {
        let handshake = shown(self.handshake);
        match &self.welcome {
            Err(refusal) => {
                let text = format!("{name}  handshake in {handshake}, and then: {refusal}");
                return section.explain(Status::Fail, text, ["try again in a moment"]);
            }
            Ok(server) => {
                section.add(Status::Ok, format!("{name}  handshake in {handshake}; the server is {server}"));
            }
        }
        let mut sorted = self.round_trips.clone();
        sorted.sort_unstable();
        if let (Some(least), Some(most)) = (sorted.first(), sorted.last()) {
            let times = [*least, sorted[sorted.len() / 2], *most].map(shown).join(" / ");
            let answered = format!("{} of {} questions answered", sorted.len(), self.asked);
            section.add(Status::Ok, format!("{name}  {answered} in {times} (least, median, most)"));
        } else {
            section.add(Status::Note, format!("{name}  none of {} questions answered in time", self.asked));
        }
        if let Some(SessionCounts { sent, copies, .. }) = self.counts {
            let status = if copies == 0 { Status::Ok } else { Status::Note };
            section.add(status, format!("{name}  {copies} of {sent} datagrams had to be sent again"));
            let text =
                format!("{name}  datagrams of {MAX_DATAGRAM} bytes, the largest, pass whole both ways");
            section.add(Status::Ok, text);
        }
    }
}

fn shown(time: Duration) -> String {
    if time < Duration::from_secs(1) { tenths(time) } else { format!("{:.1} s", time.as_secs_f64()) }
}

#[cfg(test)]
mod tests;
