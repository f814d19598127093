//! `cargo xtask bench-link`: ours and other transports beside each other, over links that are equally bad.
//!
//! The programs that exchange messages are in `bench-link`, a workspace of its own; the bad links are those of
//! `cargo xtask link`. What remains is here: which trials there are, in what order they run, and what is told of them.

mod figures;
mod plot;
mod report;
mod trial;

use std::{
    collections::BTreeMap,
    env, fmt, fs,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

use self::{
    figures::Figures,
    trial::{Exchange, Network, Trial},
};
use crate::{netns, shell};

/// What `cargo xtask bench-link` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Measures three of the networks, once
    #[arg(long)]
    quick: bool,
    /// Words that begin the words of a trial, such as `kcp`, `2ms` or `oxo 10%`; can be said several times
    #[arg(long, value_name = "WORDS")]
    only: Vec<String>,
    /// Messages that the client sends in each trial, all of them answered
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..))]
    messages: u32,
    /// Trials that run at the same time; more of them than the machine bears spoil the figures
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..))]
    at_once: u8,
    /// Where the figures and their picture go [default: `docs`, or for a part of the trials `target/bench-link`]
    #[arg(long)]
    out: Option<PathBuf>,
}

/// One of the transports that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Transport {
    /// As `bench-link` knows it.
    name: &'static str,
    /// Whether it exchanges anything before the first message.
    has_handshake: bool,
}

/// The transports, in the order of the tables.
const TRANSPORTS: [Transport; 7] = [
    Transport { name: "oxo-udp", has_handshake: true },
    Transport { name: "oxo-tcp", has_handshake: true },
    Transport { name: "tcp", has_handshake: true },
    Transport { name: "quinn", has_handshake: true },
    Transport { name: "quinn-tuned", has_handshake: true },
    Transport { name: "enet", has_handshake: true },
    Transport { name: "kcp", has_handshake: false },
];

/// Round trips of the networks, in milliseconds: a good Wi-Fi, and one that is far away or busy.
const ROUND_TRIPS: [u16; 2] = [2, 40];

/// Packets that the networks lose, in percent, each way.
const LOSSES: [u8; 5] = [0, 1, 5, 10, 20];

/// A good network, and one that is bad near and far: those of a quick look.
const QUICK: [Network; 3] = [
    Network { rtt_millis: 2, loss_percent: 0 },
    Network { rtt_millis: 2, loss_percent: 10 },
    Network { rtt_millis: 40, loss_percent: 10 },
];

/// How often each transport meets each network, each time with another seed.
const RUNS: u8 = 3;

/// Runs the trials, shows the figures as they come, and writes the report.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    netns::prepare()?;
    let trials = args.trials();
    ensure!(!trials.is_empty(), "no trial has words that begin with `{}`", args.only.join("` or `"));
    let program = build()?;
    let out = args.out()?;

    println!("{}", report::terminal_head());
    let mut finished = Finished::default();
    run_all(
        &trials,
        args.at_once,
        |trial| trial.run(&program, args.exchange()),
        |trial, outcome| {
            finished.take(trial, outcome, &trials);
        },
    );

    let measured = finished.medians();
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    write(&out.join("transports.svg"), &plot::svg(&measured))?;
    write(&out.join("transports.md"), &report::markdown(&measured, args)?)?;
    ensure!(finished.failed == 0, "{} of {} trials failed", finished.failed, trials.len());
    Ok(())
}

impl Args {
    /// What each client does.
    const fn exchange(&self) -> Exchange {
        Exchange { messages: self.messages, connections: CONNECTIONS, connects: CONNECTS }
    }

    /// The trials that are asked for. Those over one network follow each other, so that their figures are of the same
    /// minute.
    fn trials(&self) -> Vec<Trial> {
        let networks = ROUND_TRIPS.into_iter().flat_map(|rtt_millis| {
            LOSSES.into_iter().map(move |loss_percent| Network { rtt_millis, loss_percent })
        });
        let networks = networks.filter(|network| !self.quick || QUICK.contains(network));
        let runs = if self.quick { 1 } else { RUNS };
        let trials = networks.flat_map(|network| {
            (1..=runs).flat_map(move |run| {
                TRANSPORTS.into_iter().map(move |transport| Trial { network, run, transport })
            })
        });
        trials.filter(|trial| is_asked_for(trial, &self.only)).collect()
    }

    /// Where the report goes. A part of it must not replace the whole.
    fn out(&self) -> anyhow::Result<PathBuf> {
        let is_part = self.quick || !self.only.is_empty();
        Ok(match &self.out {
            Some(out) => out.clone(),
            None if is_part => target()?.join("bench-link"),
            None => PathBuf::from("docs"),
        })
    }
}

impl fmt::Display for Args {
    /// The command that measures the same again.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { quick, only, messages, at_once, out: _ } = self;
        write!(formatter, "cargo xtask bench-link --messages {messages} --at-once {at_once}")?;
        if *quick {
            write!(formatter, " --quick")?;
        }
        only.iter().try_for_each(|words| write!(formatter, " --only '{words}'"))
    }
}

/// Whether one of `only` has nothing but words that begin words of the trial's name; without any, it is.
fn is_asked_for(trial: &Trial, only: &[String]) -> bool {
    let name = trial.to_string();
    let is_there = |word: &str| name.split_whitespace().any(|of_name| of_name.starts_with(word));
    only.is_empty() || only.iter().any(|words| words.split_whitespace().all(is_there))
}

/// Runs the trials, `at_once` of them at the same time, and hands each to `finish` when it has ended.
fn run_all<T: Send>(
    trials: &[Trial],
    at_once: u8,
    run: impl Fn(&Trial) -> T + Sync,
    mut finish: impl FnMut(&Trial, T),
) {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..at_once {
            let (sender, next, run) = (sender.clone(), &next, &run);
            scope.spawn(move || {
                while let Some(trial) = trials.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = run(trial);
                    sender.send((trial, outcome)).expect("the receiver waits for every sender to end");
                }
            });
        }
        drop(sender);
        for (trial, outcome) in receiver {
            finish(trial, outcome);
        }
    });
}

/// The trials that have ended.
#[derive(Debug)]
struct Finished {
    started_at: Instant,
    count: usize,
    failed: usize,
    figures: BTreeMap<(Network, usize), Vec<Figures>>,
}

impl Default for Finished {
    fn default() -> Self {
        Self { started_at: Instant::now(), count: 0, failed: 0, figures: BTreeMap::new() }
    }
}

impl Finished {
    /// Takes one in, and shows the medians of its network and transport when it was the last of them.
    fn take(&mut self, trial: &Trial, outcome: anyhow::Result<Figures>, all: &[Trial]) {
        self.count += 1;
        let key = trial.key();
        let figures = self.figures.entry(key).or_default();
        match outcome {
            Ok(of_run) => figures.push(of_run),
            Err(error) => {
                self.failed += 1;
                println!("  FAILED: {trial}, run {}: {error:#}", trial.run);
            }
        }
        let runs = all.iter().filter(|other| other.key() == key).count();
        if figures.len() == runs
            && let Some(median) = Figures::median(figures)
        {
            let left = self.left(all.len());
            println!("{}", report::terminal_line(trial, &median, left));
        }
    }

    /// How long the rest will take if it goes on like this.
    fn left(&self, all: usize) -> Duration {
        let each = self.started_at.elapsed() / u32::try_from(self.count.max(1)).unwrap_or(u32::MAX);
        each * u32::try_from(all - self.count).unwrap_or(u32::MAX)
    }

    /// What was measured for each network and transport.
    fn medians(&self) -> Vec<Measured> {
        let medians = self.figures.iter().filter_map(|((network, index), figures)| {
            let figures = Figures::median(figures)?;
            Some(Measured { network: *network, transport: TRANSPORTS[*index], figures })
        });
        medians.collect()
    }
}

/// The medians of all runs of a transport over a network.
#[derive(Debug, Clone, Copy)]
struct Measured {
    network: Network,
    transport: Transport,
    figures: Figures,
}

/// Builds the programs, in a place of their own, and returns the one that plays both roles.
fn build() -> anyhow::Result<PathBuf> {
    let target = target()?.join("bench-link");
    let mut build = shell::cargo(&["build", "--release", "--locked", "--manifest-path", MANIFEST]);
    shell::run(build.arg("--target-dir").arg(&target))?;
    Ok(target.join("release/bench-link"))
}

/// The directory in which everything is built, this program too.
fn target() -> anyhow::Result<PathBuf> {
    let own = env::current_exe().context("cannot tell where this program is")?;
    Ok(own.ancestors().nth(2).context("this program is in a directory of a profile")?.to_owned())
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}

/// The programs' workspace.
const MANIFEST: &str = "bench-link/Cargo.toml";

/// Connections of each client that send at the same time. Twenty send 400 messages a second, which is far from what
/// costs time by itself.
const CONNECTIONS: u32 = 20;

/// Connections that each client makes to time them.
const CONNECTS: u32 = 80;

#[cfg(test)]
mod tests {
    use super::*;

    /// Asserts how many trials are asked for.
    #[track_caller]
    fn check(quick: bool, only: &[&str], expected: usize) {
        let only = only.iter().copied().map(str::to_owned).collect();
        let args = Args { quick, only, messages: 1, at_once: 1, out: None };
        assert_eq!(args.trials().len(), expected);
    }

    #[test]
    fn trials_are_chosen_by_the_beginnings_of_their_words() {
        let runs = usize::from(RUNS);
        let networks = ROUND_TRIPS.len() * LOSSES.len();
        check(false, &[], networks * TRANSPORTS.len() * runs);
        check(false, &["kcp"], networks * runs);
        check(false, &["tcp", "oxo-t"], 2 * networks * runs);
        check(false, &["kcp 2ms 0%"], runs);
        check(true, &["kcp 2ms"], 2);
        check(false, &["carrier-pigeon"], 0);
    }

    #[test]
    fn the_command_is_told_with_all_that_the_figures_depend_on() {
        let args = Args { quick: true, only: vec!["kcp 2ms".into()], messages: 9, at_once: 3, out: None };
        let expected = "cargo xtask bench-link --messages 9 --at-once 3 --quick --only 'kcp 2ms'";
        assert_eq!(args.to_string(), expected);
    }

    #[test]
    fn every_trial_is_run_once_and_finished_once() {
        let args = Args { quick: false, only: Vec::new(), messages: 1, at_once: 1, out: None };
        let trials = args.trials();
        let mut finished = Vec::new();
        run_all(&trials, 3, Trial::to_string, |trial, name| {
            assert_eq!(trial.to_string(), name);
            finished.push((name, trial.run));
        });
        finished.sort();
        finished.dedup();
        assert_eq!(finished.len(), trials.len());
    }
}
