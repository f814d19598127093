//! What was found on the way to another machine, and what it means.

mod advice;

use std::time::Duration;

use net::{
    addr::HostPort,
    arq::MAX_DATAGRAM,
    connect::{Attempt, Candidate, ConnectCause, ConnectError, Failure},
    link::Transport,
};
use serde::{Serialize, Serializer};

use super::report::{Plain, Report, Section, Status, as_text};

/// Everything that was found.
#[derive(Debug, Serialize)]
pub struct Remote {
    /// What was typed.
    #[serde(serialize_with = "as_text")]
    pub target: HostPort,
    /// What it was looked up to.
    pub lookup: Lookup,
    /// Each address over each transport, one address after the other.
    pub tries: Vec<Try>,
    /// Whether it is heard by multicast; `None` where that is no question, since it is on no network of ours.
    pub multicast: Option<ByMulticast>,
}

/// What a host was looked up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Lookup {
    /// It is an address.
    Literal,
    /// A name with addresses.
    Found {
        /// Each, with what gave it.
        addresses: Vec<Named>,
    },
    /// Nothing.
    Failed {
        /// Why, a line each.
        why: Vec<Plain>,
        /// Who was asked.
        asked: Plain,
        /// What to do.
        hint: Plain,
    },
}

/// An address of a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// The address, with its scope if it has one.
    pub address: Plain,
    /// Whether it is IPv6.
    pub is_ipv6: bool,
    /// What gave it, as far as that is known.
    pub source: Plain,
}

/// One address over one transport.
#[derive(Debug, Clone, Serialize)]
pub struct Try {
    /// The address and port, the scope by its name.
    pub place: Plain,
    /// What was tried.
    #[serde(skip)]
    pub candidate: Candidate,
    /// The transport of it.
    #[serde(serialize_with = "as_text")]
    pub transport: Transport,
    /// By which interface of ours, if it is on a network of ours.
    pub beside: Option<Plain>,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// How a try ended.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The handshake was made.
    Reached(Reached),
    /// It was not.
    Missed(Missed),
}

/// A handshake, and what was said after it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Reached {
    /// How long the handshake took.
    #[serde(rename = "handshake_millis", serialize_with = "as_millis")]
    pub handshake: Duration,
    /// What the server is called, if it has let us in.
    pub server: Option<Plain>,
    /// Why it has not.
    pub refusal: Option<Plain>,
    /// Questions asked then, one after the other.
    pub asked: usize,
    /// How long each answer took that came.
    #[serde(rename = "round_trip_millis", serialize_with = "as_list_of_millis")]
    pub round_trips: Vec<Duration>,
    /// Datagrams sent, and those of them that were sent again; of UDP alone.
    pub datagrams: Option<Datagrams>,
}

/// What a session over UDP has sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Datagrams {
    /// All.
    pub sent: u64,
    /// Those that repeated what went before.
    pub repeated: u64,
}

/// No handshake.
#[derive(Debug, Clone, Serialize)]
pub struct Missed {
    /// Why.
    #[serde(serialize_with = "advice::as_word")]
    pub failure: Failure,
    /// After how long that was known.
    #[serde(rename = "after_millis", serialize_with = "as_millis")]
    pub after: Duration,
    /// The largest datagram that a server answered all the same; over UDP alone.
    pub passed_bytes: Option<usize>,
}

/// Who was heard by multicast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ByMulticast {
    /// The interface that was asked on.
    pub interface: Plain,
    /// Whether the machine in question answered.
    pub is_heard: bool,
    /// Machines that answered, whoever they are.
    pub answers: usize,
}

impl Remote {
    /// What it all means.
    pub fn report(&self) -> Report {
        let mut sections = vec![self.tell_lookup()];
        let addresses = self.tries.chunk_by(|a, b| a.candidate.addr == b.candidate.addr);
        sections.extend(addresses.map(tell_address));
        sections.extend(self.multicast.as_ref().map(|found| self.tell_multicast(found)));
        Report { can_play: self.can_play(), verdict: Plain::new(self.verdict()), sections }
    }

    /// Whether a server has let us in, over anything.
    fn can_play(&self) -> bool {
        self.tries.iter().any(Try::is_in)
    }

    fn tell_lookup(&self) -> Section {
        let mut section = Section::new("Name");
        match &self.lookup {
            Lookup::Literal => {
                section.add(Status::Ok, format!("{} is an address, nothing to look up", self.target));
            }
            Lookup::Found { addresses } => {
                for (is_ipv6, record) in [(true, "AAAA"), (false, "A")] {
                    let of_family: Vec<_> =
                        addresses.iter().filter(|named| named.is_ipv6 == is_ipv6).collect();
                    for Named { address, source, .. } in &of_family {
                        section.add(Status::Ok, format!("{record:<4}  {address}  from {source}"));
                    }
                    if of_family.is_empty() {
                        section.add(Status::Skip, format!("{record:<4}  no such record"));
                    }
                }
            }
            Lookup::Failed { why, asked, hint } => {
                let sentence = why.first().map_or("there is no address", Plain::as_str);
                let asked = format!("asked: {asked}");
                let causes = why.iter().skip(1).map(Plain::as_str);
                let more: Vec<_> = causes.chain([asked.as_str(), hint.as_str()]).collect();
                section.explain(Status::Fail, sentence, &more);
            }
        }
        section
    }

    fn tell_multicast(&self, found: &ByMulticast) -> Section {
        let mut section = Section::new("Multicast");
        let ByMulticast { interface, is_heard, answers } = found;
        if *is_heard {
            section.add(Status::Ok, format!("that machine is heard by multicast on {interface}"));
        } else if *answers > 0 {
            let more = "it announces no game, or its firewall drops UDP 5353: it is joined by its address";
            let others =
                if *answers == 1 { "another one is".into() } else { format!("{answers} others are") };
            let text = format!("that machine is not heard by multicast on {interface}, and {others}");
            section.explain(Status::Note, text, &[more]);
        } else if self.can_play() {
            let more = [
                "the network drops multicast, as some guest Wi-Fi does, or nobody on it announces anything",
                "then a game there is on no list, and is joined by its address",
            ];
            section.explain(Status::Note, format!("nobody is heard by multicast on {interface}"), &more);
        } else {
            section.add(Status::Note, format!("nobody is heard by multicast on {interface}"));
        }
        section
    }

    fn verdict(&self) -> String {
        let target = &self.target;
        let is_in = |transport| self.tries.iter().any(|tried| tried.transport == transport && tried.is_in());
        let port = target.port();
        let mut verdict = match (is_in(Transport::Udp), is_in(Transport::Tcp)) {
            (true, true) => format!("a match can be played with {target}"),
            (true, false) => format!(
                "a match can be played with {target}, over UDP alone; TCP {port} does not come through"
            ),
            (false, true) => format!(
                "a match can be played with {target}, over TCP alone; UDP {port} does not come through"
            ),
            (false, false) => return self.verdict_without_match(),
        };
        if self.tries.iter().any(|tried| tried.refusal().is_some()) {
            verdict += ", if it is not full then";
        }
        if self.multicast.as_ref().is_some_and(|found| !found.is_heard && found.answers == 0) {
            verdict += "; join by its address, since nobody is heard by multicast";
        }
        verdict
    }

    fn verdict_without_match(&self) -> String {
        let target = &self.target;
        if let Lookup::Failed { hint, .. } = &self.lookup {
            return format!("no match can be played with {target}: {hint}");
        }
        if let Some(refusal) = self.tries.iter().find_map(Try::refusal) {
            return format!("no match can be played with {target} now: {refusal}");
        }
        if let Some(bytes) = self.tries.iter().find_map(Try::passed_bytes) {
            return format!(
                "no match can be played with {target}: datagrams of {bytes} bytes arrive there and those of {MAX_DATAGRAM} do not, and TCP does not come through"
            );
        }
        let attempts = self.tries.iter().filter_map(|tried| match &tried.outcome {
            Outcome::Reached(_) => None,
            Outcome::Missed(missed) => Some(Attempt { candidate: tried.candidate, failure: missed.failure }),
        });
        let error =
            ConnectError { target: target.clone(), cause: ConnectCause::Attempts(attempts.collect()) };
        format!("no match can be played with {target}: {}", error.hint())
    }
}

impl Try {
    const fn is_in(&self) -> bool {
        matches!(&self.outcome, Outcome::Reached(reached) if reached.refusal.is_none())
    }

    const fn refusal(&self) -> Option<&Plain> {
        match &self.outcome {
            Outcome::Reached(reached) => reached.refusal.as_ref(),
            Outcome::Missed(_) => None,
        }
    }

    const fn passed_bytes(&self) -> Option<usize> {
        match &self.outcome {
            Outcome::Reached(_) => None,
            Outcome::Missed(missed) => missed.passed_bytes,
        }
    }
}

/// What was found at one address.
fn tell_address(tries: &[Try]) -> Section {
    let mut section = Section::new(tries.first().map_or("", |tried| tried.place.as_str()));
    if let Some(tried) = tries.first() {
        match &tried.beside {
            Some(_) if tried.candidate.addr.ip().is_loopback() => {
                section.add(Status::Ok, "this machine itself");
            }
            Some(interface) => section.add(Status::Ok, format!("on this network, by {interface}")),
            None => section
                .add(Status::Note, "on no network of this machine: routers lead there, or nothing does"),
        }
    }
    for tried in tries {
        let name = tried.transport.name();
        match &tried.outcome {
            Outcome::Reached(reached) => reached.tell(name, &mut section),
            Outcome::Missed(missed) => {
                let Missed { failure, after, passed_bytes: _ } = missed;
                let text = format!("{name}  {failure}, known after {}", shown(*after));
                let more = advice::on(tried, missed, is_answered(tries));
                section.explain(Status::Fail, text, &more.iter().map(String::as_str).collect::<Vec<_>>());
            }
        }
    }
    section
}

/// Whether anything at an address says that a machine is there.
fn is_answered(tries: &[Try]) -> bool {
    tries.iter().any(|tried| match &tried.outcome {
        Outcome::Reached(_) => true,
        Outcome::Missed(missed) => match missed.failure {
            Failure::Refused
            | Failure::Closed
            | Failure::ServerFull
            | Failure::NotOxo
            | Failure::Version { .. } => true,
            Failure::HostUnreachable
            | Failure::NetworkUnreachable
            | Failure::TimedOut
            | Failure::ScopeMissing
            | Failure::Denied
            | Failure::Other(_) => missed.passed_bytes.is_some(),
        },
    })
}

impl Reached {
    fn tell(&self, name: &str, section: &mut Section) {
        let Self { handshake, server, refusal, asked, round_trips, datagrams } = self;
        let handshake = shown(*handshake);
        match (refusal, server) {
            (Some(refusal), _) => {
                let text = format!("{name}  handshake in {handshake}, and then: {refusal}");
                section.explain(Status::Fail, text, &["try again in a moment"]);
                return;
            }
            (None, Some(server)) => {
                section.add(Status::Ok, format!("{name}  handshake in {handshake}; the server is {server}"));
            }
            (None, None) => section.add(Status::Ok, format!("{name}  handshake in {handshake}")),
        }
        let mut sorted = round_trips.clone();
        sorted.sort_unstable();
        if let (Some(least), Some(most)) = (sorted.first(), sorted.last()) {
            let times = [*least, sorted[sorted.len() / 2], *most].map(shown).join(" / ");
            let answered = format!("{} of {asked} questions answered", sorted.len());
            section.add(Status::Ok, format!("{name}  {answered} in {times} (least, median, most)"));
        } else if *asked > 0 {
            section.add(Status::Note, format!("{name}  none of {asked} questions answered in time"));
        }
        if let Some(Datagrams { sent, repeated }) = datagrams {
            let status = if *repeated == 0 { Status::Ok } else { Status::Note };
            section.add(status, format!("{name}  {repeated} of {sent} datagrams had to be sent again"));
            let text =
                format!("{name}  datagrams of {MAX_DATAGRAM} bytes, the largest, pass whole both ways");
            section.add(Status::Ok, text);
        }
    }
}

/// A time as a person reads it.
fn shown(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    if millis < 1000.0 { format!("{millis:.1} ms") } else { format!("{:.1} s", millis / 1000.0) }
}

fn as_millis<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(millis(*time))
}

/// Milliseconds to three places, which is as fine as they are measured.
fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

fn as_list_of_millis<S: Serializer>(times: &[Duration], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(times.iter().map(|time| millis(*time)))
}

#[cfg(test)]
mod tests;
