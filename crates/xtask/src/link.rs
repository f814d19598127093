//! `cargo xtask link`: two machines with a bad network between them, for real sockets.
//!
//! [`BadLink`] runs the links of `net`'s simulator in real time between two network namespaces, so that the kernel's packets
//! meet the same network as those of a test. The rest is a command line, to try a program by hand or to run a script.

mod bad_link;
mod knobs;
mod pump;

use std::{
    fmt,
    io::{self, PipeReader},
    process::Command,
};

use anyhow::{Context as _, ensure};
use net::sim::{Counts, LinkConfig};
use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open},
};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    low_level::pipe,
};

pub(crate) use self::bad_link::{BadLink, Machine, PathCounts};
use self::knobs::Knobs;

/// The arguments of `cargo xtask link`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    knobs: Knobs,
    /// Only packets from a to b suffer; the way back is perfect
    #[arg(long, conflicts_with = "rtt")]
    one_way: bool,
    /// The seed; equal seeds lose the same packets of equal traffic
    #[arg(long)]
    seed: Option<u64>,
    /// A program that runs while the link stands; it finds the namespaces in `OXO_LINK_A` and `OXO_LINK_B`
    #[arg(last = true, default_value = "cat")]
    command: Vec<String>,
}

/// Makes the link and keeps it until the command ends or a signal comes.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let seed = args.seed.map_or_else(getrandom::u64, Ok).context("the system gives no random numbers")?;
    let config = args.knobs.config();
    let back = if args.one_way { LinkConfig::default() } else { config.clone() };
    // From here on a signal ends the link in order and leaves no namespace behind.
    let signals = catch_signals().context("cannot listen for signals")?;
    let link = BadLink::start(config, back, seed)?;
    println!("link  the same again: --seed {seed}");
    for (side, machine) in [("a", &link.a), ("b", &link.b)] {
        println!("  {side}: {}  {}  {}", machine.ipv4(), machine.ipv6(), machine.link_local()?);
        println!("     $ ip netns exec {} COMMAND", machine.name());
    }
    let outcome = attend(&link, &args.command, &signals);
    println!("{}", link.counts());
    outcome
}

/// Makes the returned pipe readable when a signal asks us to end.
fn catch_signals() -> io::Result<PipeReader> {
    let (signals, sender) = io::pipe()?;
    for signal in [SIGINT, SIGTERM] {
        pipe::register(signal, sender.try_clone()?)?;
    }
    Ok(signals)
}

/// Runs `words` to their end; a signal to us ends them as well.
fn attend(link: &BadLink, words: &[String], signals: &PipeReader) -> anyhow::Result<()> {
    let (program, arguments) = words.split_first().context("there is no command")?;
    let mut command = Command::new(program);
    command.args(arguments).env("OXO_LINK_A", link.a.name()).env("OXO_LINK_B", link.b.name());
    let mut child = command.spawn().with_context(|| format!("cannot start `{program}`"))?;
    let process = Pid::from_child(&child);
    let end = pidfd_open(process, PidfdFlags::empty()).context("cannot watch a process")?;
    let mut sources = [PollFd::new(&end, PollFlags::IN), PollFd::new(signals, PollFlags::IN)];
    while let Err(error) = poll(&mut sources, None) {
        ensure!(error == Errno::INTR, "cannot wait: {error}");
    }
    let is_signal = !sources[1].revents().is_empty();
    if is_signal {
        // It has not been waited for, so that the number is still its own.
        kill_process(process, Signal::TERM).with_context(|| format!("cannot end `{program}`"))?;
    }
    let status = child.wait().with_context(|| format!("cannot wait for `{program}`"))?;
    ensure!(status.success() || is_signal, "`{program}` failed ({status})");
    Ok(())
}

impl fmt::Display for PathCounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |Counts { sent, sent_bytes, lost, duplicated, corrupted }| {
            format!(
                "{sent} packets ({sent_bytes} bytes), {lost} lost, {duplicated} doubled, {corrupted} damaged"
            )
        };
        write!(formatter, "  a to b: {}\n  b to a: {}", told(self.a_to_b), told(self.b_to_a))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_shown_for_each_direction() {
        let a_to_b = Counts { sent: 3, sent_bytes: 200, lost: 1, duplicated: 0, corrupted: 2 };
        let counts = PathCounts { a_to_b, b_to_a: Counts::default() };
        let expected = "  a to b: 3 packets (200 bytes), 1 lost, 0 doubled, 2 damaged\n  \
                        b to a: 0 packets (0 bytes), 0 lost, 0 doubled, 0 damaged";
        assert_eq!(counts.to_string(), expected);
    }
}
