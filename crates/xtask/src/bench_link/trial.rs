//! A trial: one transport, over one bad link, from one seed.

use std::{
    collections::BTreeMap,
    fmt,
    io::{BufRead as _, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use net::sim::{Chance, LinkConfig, Loss};
use serde_json::{Value, json};

use super::figures::{Figures, NAMES, Outcome};
use crate::link::{BadLink, PathCounts, Side};

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

/// One of the transports that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Transport {
    /// Its name in `bench-link`.
    pub(super) name: &'static str,
    /// A transport without one sends its first message at once.
    pub(super) has_handshake: bool,
}

/// The medians of all runs of a transport over a network.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    pub(super) network: Network,
    pub(super) transport: Transport,
    pub(super) figures: Figures,
}

/// The transports, in the order of the tables.
pub(super) const TRANSPORTS: [Transport; 7] = [
    Transport { name: "oxo-udp", has_handshake: true },
    Transport { name: "oxo-tcp", has_handshake: true },
    Transport { name: "tcp", has_handshake: true },
    Transport { name: "quinn", has_handshake: true },
    Transport { name: "quinn-tuned", has_handshake: true },
    Transport { name: "enet", has_handshake: true },
    Transport { name: "kcp", has_handshake: false },
];

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

impl Measured {
    /// The figures by their names; a transport without a handshake has no time to connect.
    pub(super) fn to_json(self) -> Value {
        let of_connecting = |name: &str| name.starts_with("connect");
        let figures = NAMES.iter().zip(self.figures.0);
        let told = figures.filter(|(name, _)| self.transport.has_handshake || !of_connecting(name));
        told.map(|(name, figure)| ((*name).to_owned(), json!(figure))).collect()
    }
}

impl Trial {
    /// Lets the two programs exchange messages over a new link, and returns their figures.
    ///
    /// # Errors
    ///
    /// Names the program that failed, or the part of the link that cannot be made.
    pub(super) fn run(&self, program: &Path, messages: u32) -> anyhow::Result<Figures> {
        let config = self.network.config();
        let link = BadLink::start(config.clone(), config, self.run.into())?;
        let address = format!("{}:{PORT}", link.ipv4(Side::A));
        let [server, client] = Side::ALL.map(|side| {
            let mut command = Command::new("nice");
            command.args(["-n", PRIORITY, "ip", "netns", "exec", link.namespace(side)]).arg(program);
            command
        });
        let mut server = Program::start(server, &["server", self.transport.name, "--listen", &address])?;
        ensure!(server.line()? == "listening", "the server does not say that it listens");

        let numbers = [messages, CONNECTIONS, CONNECTS].map(|number| number.to_string());
        let [messages, connections, connects] = numbers.each_ref();
        let mut arguments = vec!["client", self.transport.name, "--connect", &address];
        arguments.extend(["--messages", messages, "--connections", connections, "--connects", connects]);
        let mut client = Program::start(client, &arguments)?;
        // The client rests after each line, so that the counters stand still while they are read.
        let connected = client.line()?;
        let before = total(link.counts());
        let exchanged = client.line()?;
        let after = total(link.counts());
        let connected_later = client.line()?;

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

    /// The key of its figures, in the order of the tables.
    pub(super) fn key(&self) -> (Network, usize) {
        let index = TRANSPORTS.iter().position(|transport| *transport == self.transport);
        (self.network, index.expect("a trial is of one of the transports"))
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.transport.name, self.network)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}ms {}%", self.rtt_millis, self.loss_percent)
    }
}

impl Network {
    fn config(self) -> LinkConfig {
        LinkConfig {
            delay: Duration::from_millis(self.rtt_millis.into()) / 2,
            loss: Loss::Independent(Chance::percent(self.loss_percent)),
            ..LinkConfig::default()
        }
    }
}

/// A running program that prints lines; it is killed when this is dropped.
#[derive(Debug)]
struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(mut command: Command, arguments: &[&str]) -> anyhow::Result<Self> {
        // Its input is a pipe of ours: should we be killed, the server sees its end.
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let stdout = child.stdout.take().expect("it was asked for");
        Ok(Self { child, lines: BufReader::new(stdout).lines() })
    }

    /// Waits for the next line of its output.
    fn line(&mut self) -> anyhow::Result<String> {
        let line = self.lines.next().context("a program has ended before its time")?;
        line.context("cannot read what a program prints")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
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

    #[test]
    fn a_program_that_ends_early_is_an_error() {
        let mut program = Program::start(Command::new("echo"), &["one line"]).unwrap();
        assert_eq!(program.line().unwrap(), "one line");
        assert_eq!(program.line().unwrap_err().to_string(), "a program has ended before its time");
    }
}
