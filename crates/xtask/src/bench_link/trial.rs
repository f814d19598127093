//! A trial: one transport, over one bad link, from one seed.

use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use net::sim::{Chance, LinkConfig, Loss};

use super::figures::{Figures, Outcome};
use crate::link::{BadLink, Machine, PathCounts};
use crate::netns;
use crate::running::Running;

/// A transport over a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trial {
    pub(super) network: Network,
    /// The number of the run, and the seed of its link.
    pub(super) run: u8,
    pub(super) transport: Transport,
}

/// The network between the two machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Network {
    /// Both ways together, in milliseconds.
    pub(super) rtt_millis: u16,
    /// Each way, in percent.
    pub(super) loss_percent: u8,
}

/// One of the transports that are compared, by its name in `bench-link`, in the order of the tables.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    strum::Display,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub(super) enum Transport {
    OxoUdp,
    OxoTcp,
    Tcp,
    Quinn,
    QuinnTuned,
    Enet,
    Kcp,
}

impl Transport {
    /// A transport without a handshake sends its first message at once.
    pub(super) fn has_handshake(self) -> bool {
        self != Self::Kcp
    }
}

/// Round trips of the networks, in milliseconds: a good Wi-Fi, and one that is far away or busy.
pub(super) const ROUND_TRIPS: [u16; 2] = [2, 40];

/// Packets that the networks lose, in percent, each way.
pub(super) const LOSSES: [u8; 5] = [0, 1, 5, 10, 20];

/// Runs of each transport over each network, each with another seed.
pub(super) const RUNS: u8 = 3;

/// Connections of each client that send at the same time. Twenty send 400 messages a second, which is far from what
/// costs time by itself.
pub(super) const CONNECTIONS: u32 = 20;

/// Connections that each client makes to time them.
pub(super) const CONNECTS: u32 = 80;

impl Trial {
    /// Lets the two programs exchange messages over a new link, and returns their figures.
    ///
    /// # Errors
    ///
    /// Names the program that failed, or the part of the link that cannot be made.
    pub(super) fn run(self, program: &Path, messages: u32) -> anyhow::Result<Figures> {
        let config = self.network.config();
        let link = BadLink::start(config.clone(), config, self.run.into())?;
        let address = format!("{}:{PORT}", link.a.ipv4());
        let start = |name, machine: &Machine, arguments: &[&str]| {
            let mut command = netns::command(machine.name(), "nice");
            command.args(["-n", PRIORITY]).arg(program).args([name, self.transport.into()]).args(arguments);
            // Its input is a pipe of ours: should we be killed, the server sees its end.
            Running::start(name, &mut command)
        };
        let server = start("server", &link.a, &["--listen", &address])?;
        ensure!(next_line(&server)? == "listening", "the server does not say that it listens");

        let numbers = [messages, CONNECTIONS, CONNECTS].map(|number| number.to_string());
        let [messages, connections, connects] = numbers.each_ref();
        let sizes = ["--messages", messages, "--connections", connections, "--connects", connects];
        let client = start("client", &link.b, &[&["--connect", address.as_str()][..], &sizes].concat())?;
        // The client rests after each line, so that the counters stand still while they are read.
        let connected = next_line(&client)?;
        let before = total(link.counts());
        let exchanged = next_line(&client)?;
        let after = total(link.counts());
        let connected_later = next_line(&client)?;

        let broken = numbers_of(&exchanged, "broken")?;
        Figures::of(Outcome {
            broken: broken.len(),
            latencies: [numbers_of(&exchanged, "there")?, numbers_of(&exchanged, "back")?, broken].concat(),
            connects: [numbers_of(&connected, "connects")?, numbers_of(&connected_later, "connects")?]
                .concat(),
            packets: after.0 - before.0,
            bytes: after.1 - before.1,
        })
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.transport, self.network)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}ms {}%", self.rtt_millis, self.loss_percent)
    }
}

impl Network {
    /// Every network, in the order of the tables.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        ROUND_TRIPS
            .into_iter()
            .flat_map(|rtt_millis| LOSSES.map(|loss_percent| Self { rtt_millis, loss_percent }))
    }

    fn config(self) -> LinkConfig {
        LinkConfig {
            delay: Duration::from_millis(self.rtt_millis.into()) / 2,
            loss: Loss::Independent(Chance::percent(self.loss_percent)),
            ..LinkConfig::default()
        }
    }
}

/// Waits for the next line of a program.
fn next_line(program: &Running) -> anyhow::Result<String> {
    let line = program.printed.such("next", LONGEST, |_| true);
    line.with_context(|| {
        format!("the {} said {:?}", program.name, program.said.rest(Instant::now() + Duration::from_secs(1)))
    })
}

/// Packets and bytes that were sent in both directions.
const fn total(counts: PathCounts) -> (u64, u64) {
    let PathCounts { a_to_b, b_to_a } = counts;
    (a_to_b.sent + b_to_a.sent, a_to_b.sent_bytes + b_to_a.sent_bytes)
}

/// Takes the array of whole numbers called `name` from a line of JSON that holds nothing but such arrays.
fn numbers_of(line: &str, name: &str) -> anyhow::Result<Vec<u64>> {
    let arrays: BTreeMap<String, Vec<u64>> =
        serde_json::from_str(line).with_context(|| format!("no figures: {line}"))?;
    arrays.get(name).cloned().with_context(|| format!("no {name}: {line}"))
}

/// The priority of the programs, as high as there is for the common kind (setpriority(2)) and as the link's: whatever
/// else the machine does must not be taken for slowness of a transport.
const PRIORITY: &str = "-20";

/// The limit for a line: far longer than any trial takes. The end of a program is noticed at once.
const LONGEST: Duration = Duration::from_hours(1);

/// The port of the servers; each has a namespace for itself.
const PORT: u16 = 1952;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_of_numbers_are_read() {
        let line = r#"{"there":[1,20,300],"back":[]}"#;
        assert_eq!(numbers_of(line, "there").unwrap(), [1, 20, 300]);
        assert_eq!(numbers_of(line, "back").unwrap(), [0_u64; 0]);
        for (wrong, name) in [(line, "connects"), (r#"{"a":[1"#, "a"), (r#"{"a":[x]}"#, "a")] {
            assert!(numbers_of(wrong, name).is_err(), "{wrong}");
        }
    }
}
