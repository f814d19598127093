//! One trial: one transport, over one bad link, from one seed.

use std::{
    fmt,
    io::{BufRead as _, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use net::sim::{Chance, LinkConfig, Loss};

use super::{TRANSPORTS, Transport, figures::Figures};
use crate::link::{BadLink, PathCounts, Side};

/// A transport over a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trial {
    pub(super) network: Network,
    /// Which of the runs it is, and the seed of its link.
    pub(super) run: u8,
    pub(super) transport: Transport,
}

/// What is between the two machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Network {
    /// Both ways together, in milliseconds.
    pub(super) rtt_millis: u16,
    /// Each way, in percent.
    pub(super) loss_percent: u8,
}

/// What a client does in a trial.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exchange {
    /// Messages in all.
    pub(super) messages: u32,
    /// Connections that send.
    pub(super) connections: u32,
    /// Connections to be timed, those included.
    pub(super) connects: u32,
}

/// What was counted and timed in a trial. Times are in microseconds.
#[derive(Debug)]
pub(super) struct Outcome {
    /// How long each message and each answer took, or until it was clear that it would not come.
    pub(super) latencies: Vec<u64>,
    /// How many of those were due to a connection that broke.
    pub(super) broken: usize,
    /// How long each connection took.
    pub(super) connects: Vec<u64>,
    /// IP packets between the first message and the last answer, both ways, lost ones included.
    pub(super) packets: u64,
    /// Their bytes.
    pub(super) bytes: u64,
}

impl Trial {
    /// Makes the link, lets the two programs exchange messages over it, and returns what they measured.
    ///
    /// # Errors
    ///
    /// Says which program failed, or what cannot be made.
    pub(super) fn run(&self, program: &Path, exchange: Exchange) -> anyhow::Result<Figures> {
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

        let Exchange { messages, connections, connects } = exchange;
        let numbers = [messages, connections, connects].map(|number| number.to_string());
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

    /// What its figures are kept under.
    pub(super) fn key(&self) -> (Network, usize) {
        let index = TRANSPORTS.iter().position(|transport| *transport == self.transport);
        (self.network, index.expect("a trial is of one of the transports"))
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Network { rtt_millis, loss_percent } = self.network;
        write!(formatter, "{} {rtt_millis}ms {loss_percent}%", self.transport.name)
    }
}

impl Network {
    /// One direction of it.
    fn config(self) -> LinkConfig {
        LinkConfig {
            delay: Duration::from_millis(self.rtt_millis.into()) / 2,
            loss: Loss::Independent(Chance::percent(self.loss_percent)),
            ..LinkConfig::default()
        }
    }
}

/// A program that runs until this is dropped, and prints lines.
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

    /// The next line that it prints.
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

/// The array of whole numbers called `name` in a line of JSON that has nothing but such arrays.
fn numbers_of(line: &str, name: &str) -> anyhow::Result<Vec<u64>> {
    let (_, rest) =
        line.split_once(&format!("\"{name}\":[")).with_context(|| format!("no {name}: {line}"))?;
    let (numbers, _) = rest.split_once(']').with_context(|| format!("an array without end: {line}"))?;
    let numbers = numbers.split_terminator(',');
    numbers.map(|number| number.parse().with_context(|| format!("no whole number: {number}"))).collect()
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
