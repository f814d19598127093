//! A server in a process of its own, and the processor time and memory that it takes.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, bail};
use net::link::Transport;
use tempfile::TempDir;

use crate::Subject;

/// A running server, which ends with this value.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// The folder of its store, if it has one.
    _folder: Option<TempDir>,
}

impl Server {
    /// Starts a server that listens on a port of the system's choice.
    pub(crate) fn start(subject: Subject) -> anyhow::Result<Self> {
        let keeps = matches!(subject, Subject::Kept);
        // On the disk of the build, and not in the memory that `/tmp` may be.
        let folder = keeps.then(|| TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))).transpose()?;
        let mut command = match subject {
            Subject::Oxo(_) | Subject::Web | Subject::Kept => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_oxo-server"));
                command.args(["--listen", "127.0.0.1:0", "--name", "bench"]);
                match &folder {
                    Some(folder) => command.arg("--data-dir").arg(folder.path()),
                    None => command.arg("--no-store"),
                };
                for limit in LIMITS {
                    command.args([limit, NO_LIMIT]);
                }
                command.args([
                    "--max-sessions",
                    "10000",
                    "--max-rooms",
                    "5000",
                    "--percent-per-address",
                    "100",
                ]);
                command
            }
            Subject::Relay { .. } => {
                let mut command = Command::new(env::current_exe()?);
                command.arg("relay");
                command
            }
        };
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let output = child.stdout.take();
        // Made here, so that a child that says something else is ended too.
        let mut server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), _folder: folder };
        server.address = announced(output.context("no output")?, subject.transport())?;
        Ok(server)
    }

    /// The processor time used so far, by the program and by the kernel on its behalf: fields 14 and 15.
    pub(crate) fn cpu_ticks(&self) -> anyhow::Result<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field is the program's name in brackets, with whatever is in it.
        let (_, fields) = stat.rsplit_once(')').context("no name")?;
        let mut fields = fields.split_whitespace().skip(11);
        let mut ticks = || anyhow::Ok(fields.next().context("a field is missing")?.parse::<u64>()?);
        Ok(ticks()? + ticks()?)
    }

    /// The memory that the server occupies now.
    pub(crate) fn resident_kibibytes(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // If it has ended by itself there is nothing to end.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The address in the line of the output that is about a transport.
fn announced(output: impl Read, transport: Transport) -> anyhow::Result<SocketAddr> {
    let start = format!("listening {transport} ");
    for line in BufReader::new(output).lines() {
        if let Some(address) = line?.strip_prefix(&start) {
            return Ok(address.parse()?);
        }
    }
    bail!("the server did not say where")
}

/// Clock ticks a second in `/proc/PID/stat`: `USER_HZ`, 100 on all of Linux's current architectures.
pub(crate) const TICKS_PER_SECOND: f64 = 100.0;

/// Limits that would stop players faster than people.
const LIMITS: [&str; 4] =
    ["--messages-per-second", "--message-burst", "--datagrams-per-second", "--hellos-per-address"];

/// Once in 10 ns: a burst of datagrams, for which there is no option, is over before the next is made.
const NO_LIMIT: &str = "100000000";
