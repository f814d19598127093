//! `cargo xtask link`: two machines with a bad network between them, for real sockets.
//!
//! What the simulator of `net` does to the packets of a test, this does to those of the kernel: [`BadLink`] runs
//! the simulator's links in real time between two network namespaces. The rest here is a command line for it, to try
//! a program by hand or to run a script.

mod bad_link;
mod knobs;
mod pump;

use std::{
    fmt,
    io::{self, BufRead, PipeReader},
    process::Command,
};

use anyhow::{Context as _, bail, ensure};
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

pub(crate) use self::bad_link::{BadLink, PathCounts, Side};
use self::knobs::Knobs;

/// What `cargo xtask link` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    knobs: Knobs,
    /// Only packets from a to b suffer; the way back is perfect
    #[arg(long, conflicts_with = "rtt")]
    one_way: bool,
    /// Bytes of the longest packet that the two machines send
    #[arg(long, value_name = "BYTES", default_value_t = 1500, value_parser = clap::value_parser!(u16).range(68..))]
    interface_mtu: u16,
    /// What chance begins with; equal seeds lose the same packets of equal traffic
    #[arg(long)]
    seed: Option<u64>,
    /// A program that runs while the link stands; it finds the namespaces in `OXO_LINK_A` and `OXO_LINK_B`
    #[arg(last = true)]
    command: Vec<String>,
}

/// Makes the link and keeps it until the command has ended, the input has, or a signal comes.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let seed = match args.seed {
        Some(seed) => seed,
        None => getrandom::u64().context("the system gives no random numbers")?,
    };
    let config = args.knobs.config();
    let back = if args.one_way { LinkConfig::default() } else { config.clone() };
    // From here on a signal ends the link in order, and no namespace is left behind.
    let signals = catch_signals().context("cannot listen for signals")?;
    let mut link = BadLink::start(config, back, seed)?;
    for side in Side::ALL {
        link.set_interface_mtu(side, args.interface_mtu)?;
    }
    println!("link  the same again: --seed {seed}");
    for side in Side::ALL {
        println!("{}", introduction(&link, side)?);
    }
    let outcome = match &args.command[..] {
        [] => take_orders(&mut link, &signals),
        [program, arguments @ ..] => attend(&link, Command::new(program).args(arguments), &signals),
    };
    println!("{}", link.counts());
    outcome
}

/// What makes the returned pipe readable is a signal that asks us to end.
fn catch_signals() -> io::Result<PipeReader> {
    let (signals, sender) = io::pipe()?;
    for signal in [SIGINT, SIGTERM] {
        pipe::register(signal, sender.try_clone()?)?;
    }
    Ok(signals)
}

/// Runs `command` to its end; a signal to us ends it as well.
fn attend(link: &BadLink, command: &mut Command, signals: &PipeReader) -> anyhow::Result<()> {
    let program = command.get_program().to_owned();
    let program = program.display();
    command.env("OXO_LINK_A", link.namespace(Side::A)).env("OXO_LINK_B", link.namespace(Side::B));
    let mut child = command.spawn().with_context(|| format!("cannot start `{program}`"))?;
    let process = Pid::from_child(&child);
    let end = pidfd_open(process, PidfdFlags::empty()).context("cannot watch a process")?;
    let is_signal = wait(&mut [PollFd::new(&end, PollFlags::IN), PollFd::new(signals, PollFlags::IN)])?[1];
    if is_signal {
        // It has not been waited for, so that the number is still its own.
        kill_process(process, Signal::TERM).with_context(|| format!("cannot end `{program}`"))?;
    }
    let status = child.wait().with_context(|| format!("cannot wait for `{program}`"))?;
    ensure!(status.success() || is_signal, "`{program}` failed ({status})");
    Ok(())
}

/// Does what is typed, line by line, until there is no more or a signal comes.
fn take_orders(link: &mut BadLink, signals: &PipeReader) -> anyhow::Result<()> {
    println!("{HELP}");
    let mut input = io::stdin().lock();
    let mut typed = Vec::new();
    loop {
        let sources = &mut [PollFd::new(&input, PollFlags::IN), PollFd::new(signals, PollFlags::IN)];
        if wait(sources)?[1] {
            return Ok(());
        }
        let new = input.fill_buf().context("cannot read the input")?;
        if new.is_empty() {
            return Ok(());
        }
        typed.extend_from_slice(new);
        let length = new.len();
        input.consume(length);
        while let Some(end) = typed.iter().position(|byte| *byte == b'\n') {
            let line: Vec<_> = typed.drain(..=end).collect();
            match parse_order(&String::from_utf8_lossy(&line)) {
                Ok(order) => obey(link, order)?,
                Err(error) => println!("{error}"),
            }
        }
        ensure!(typed.len() <= LONGEST_ORDER, "what was typed is too long for an order");
    }
}

/// Waits until one of the sources, at least, has something to say, and returns which do.
fn wait<const N: usize>(sources: &mut [PollFd<'_>; N]) -> anyhow::Result<[bool; N]> {
    loop {
        match poll(sources, None) {
            Ok(_) => return Ok(sources.each_ref().map(|source| !source.revents().is_empty())),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error).context("cannot wait"),
        }
    }
}

/// What can be typed while a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Nothing passes any more.
    Cut,
    /// The cut is mended.
    Join,
    /// A machine changes its addresses.
    Move(Side),
    /// The counts are shown.
    Counts,
}

fn parse_order(line: &str) -> anyhow::Result<Order> {
    Ok(match line.trim() {
        "cut" => Order::Cut,
        "join" => Order::Join,
        "move a" => Order::Move(Side::A),
        "move b" => Order::Move(Side::B),
        "counts" => Order::Counts,
        _ => bail!("{HELP}"),
    })
}

fn obey(link: &mut BadLink, order: Order) -> anyhow::Result<()> {
    match order {
        Order::Cut => link.set_cut(true),
        Order::Join => link.set_cut(false),
        Order::Move(side) => {
            link.change_address(side)?;
            println!("{}", introduction(link, side)?);
        }
        Order::Counts => println!("{}", link.counts()),
    }
    Ok(())
}

/// A machine's addresses, and what is typed to run something on it.
fn introduction(link: &BadLink, side: Side) -> anyhow::Result<String> {
    let (namespace, ipv4, ipv6) = (link.namespace(side), link.ipv4(side), link.ipv6(side));
    let link_local = link.link_local(side)?;
    Ok(format!("  {side}: {ipv4}  {ipv6}  {link_local}\n     $ ip netns exec {namespace} COMMAND"))
}

impl fmt::Display for PathCounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |name, counts: Counts| {
            let Counts { sent, sent_bytes, lost, duplicated, corrupted } = counts;
            write!(
                formatter,
                "{name} {sent} packets ({sent_bytes} bytes), {lost} lost, {duplicated} doubled, {corrupted} damaged"
            )
        };
        line("  a to b:", self.a_to_b)?;
        line("\n  b to a:", self.b_to_a)
    }
}

/// What can be typed.
const HELP: &str = "  type `cut`, `join`, `move a`, `move b` or `counts`; Ctrl-C ends the link";

/// Bytes of a line that nobody has finished: more than any order has.
const LONGEST_ORDER: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_words() {
        assert_eq!(parse_order("cut\n").unwrap(), Order::Cut);
        assert_eq!(parse_order(" join ").unwrap(), Order::Join);
        assert_eq!(parse_order("move b\n").unwrap(), Order::Move(Side::B));
        for wrong in ["", "move", "move c", "cut it"] {
            assert_eq!(parse_order(wrong).unwrap_err().to_string(), HELP, "{wrong}");
        }
    }

    #[test]
    fn counts_are_shown_for_each_direction() {
        let a_to_b = Counts { sent: 3, sent_bytes: 200, lost: 1, duplicated: 0, corrupted: 2 };
        let counts = PathCounts { a_to_b, b_to_a: Counts::default() };
        let expected = "  a to b: 3 packets (200 bytes), 1 lost, 0 doubled, 2 damaged\n  \
                        b to a: 0 packets (0 bytes), 0 lost, 0 doubled, 0 damaged";
        assert_eq!(counts.to_string(), expected);
    }
}
