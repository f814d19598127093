//! `cargo xtask bench-link`: ours and other transports beside each other, over links that are equally bad.
//!
//! The programs that exchange messages are in `bench-link`, a workspace of its own; the bad links are those of
//! `cargo xtask link`. Here are the trials and their order; the report draws what `cargo xtask report --measure` keeps of them.

mod figures;
mod trial;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    thread,
};

use anyhow::ensure;
use serde_json::{Value, json};
use strum::VariantArray as _;

use self::{
    figures::Figures,
    trial::{Network, RUNS, Transport, Trial},
};
use crate::{netns, shell};

/// The arguments of `cargo xtask bench-link`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Words that begin the words of a trial, such as `kcp`, `2ms` or `oxo 10%`; can be given several times
    #[arg(long, value_name = "WORDS")]
    only: Vec<String>,
    /// Runs of each transport over each network, each with another seed
    #[arg(long, default_value_t = RUNS, value_parser = clap::value_parser!(u8).range(1..))]
    runs: u8,
    /// Messages that the client sends in each trial, all of them answered
    #[arg(long, default_value_t = MESSAGES, value_parser = clap::value_parser!(u32).range(1..))]
    messages: u32,
    /// Trials that run at the same time; more of them than the machine bears spoil the figures
    #[arg(long, default_value_t = AT_ONCE, value_parser = clap::value_parser!(u8).range(1..))]
    at_once: u8,
}

/// Runs the trials, and shows the figures as they come and then their medians.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let (measured, failed) = take(args)?;
    println!("\nmedians");
    for ((network, transport), figures) in measured {
        println!("{transport} {network}: {}", figures.shown(transport.has_handshake()));
    }
    ensure!(failed == 0, "{failed} trials failed");
    Ok(())
}

/// The words that choose each network: `2ms 5%`.
pub(crate) fn networks() -> Vec<String> {
    Network::all().map(|network| network.to_string()).collect()
}

/// Measures all transports over one network, and returns their figures as data.
///
/// # Errors
///
/// Fails when a trial does.
pub(crate) fn measure(network: &str) -> anyhow::Result<Value> {
    let (only, runs, messages, at_once) = (vec![network.to_owned()], RUNS, MESSAGES, AT_ONCE);
    let (measured, failed) = take(&Args { only, runs, messages, at_once })?;
    ensure!(failed == 0, "{failed} trials failed");
    let told = measured
        .into_iter()
        .map(|((_, transport), figures)| (transport.to_string(), figures.to_json(transport.has_handshake())));
    let transports: serde_json::Map<_, _> = told.collect();
    Ok(json!({ "runs": runs, "messages": messages, "at_once": at_once, "transports": transports }))
}

/// The medians of all runs of a transport over a network.
type Medians = BTreeMap<(Network, Transport), Figures>;

/// Runs the trials, and returns the medians and the number of those that failed.
fn take(args: &Args) -> anyhow::Result<(Medians, usize)> {
    netns::prepare()?;
    let trials = args.trials();
    ensure!(!trials.is_empty(), "no trial has words that begin with `{}`", args.only.join("` or `"));
    let program = build()?;

    let mut figures: BTreeMap<_, Vec<Figures>> = BTreeMap::new();
    let (mut ended, mut failed) = (0, 0);
    let finish = |trial: &Trial, outcome: anyhow::Result<Figures>| {
        ended += 1;
        print!("{ended}/{} {trial}, run {}: ", trials.len(), trial.run);
        match outcome {
            Ok(of_run) => {
                println!("{}", of_run.shown(trial.transport.has_handshake()));
                figures.entry((trial.network, trial.transport)).or_default().push(of_run);
            }
            Err(error) => {
                failed += 1;
                println!("FAILED: {error:#}");
            }
        }
    };
    run_all(&trials, args.at_once, |trial| trial.run(&program, args.messages), finish);

    let medians = figures.into_iter().filter_map(|(of, runs)| Some((of, Figures::median(&runs)?)));
    Ok((medians.collect(), failed))
}

impl Args {
    /// The chosen trials. Those over one network follow each other, so that their figures are of the same minute.
    fn trials(&self) -> Vec<Trial> {
        let trials = Network::all().flat_map(|network| {
            (1..=self.runs).flat_map(move |run| {
                Transport::VARIANTS.iter().map(move |&transport| Trial { network, run, transport })
            })
        });
        trials.filter(|trial| is_chosen(*trial, &self.only)).collect()
    }
}

/// Chooses a trial when all words of one of `only` begin words of its name, or when `only` is empty.
fn is_chosen(trial: Trial, only: &[String]) -> bool {
    let name = trial.to_string();
    let is_there = |word: &str| name.split_whitespace().any(|of_name| of_name.starts_with(word));
    only.is_empty() || only.iter().any(|words| words.split_whitespace().all(is_there))
}

/// Runs the trials, `at_once` of them at the same time, and hands each to `finish` when it has ended.
fn run_all<T>(
    trials: &[Trial],
    at_once: u8,
    run: impl Fn(&Trial) -> T + Sync,
    finish: impl FnMut(&Trial, T) + Send,
) {
    let (left, finish) = (Mutex::new(trials.iter()), Mutex::new(finish));
    let work = || {
        loop {
            let next = left.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(trial) = next else { break };
            let outcome = run(trial);
            finish.lock().unwrap_or_else(PoisonError::into_inner)(trial, outcome);
        }
    };
    thread::scope(|scope| (0..at_once).for_each(|_| drop(scope.spawn(work))));
}

/// Builds the program that plays both roles, in a directory of its own, and returns its path.
fn build() -> anyhow::Result<PathBuf> {
    let target = shell::target()?.join("bench-link");
    let mut build = shell::cargo(&["build", "--release", "--locked", "--manifest-path", MANIFEST]);
    shell::run(build.arg("--target-dir").arg(&target))?;
    Ok(target.join("release/bench-link"))
}

/// Messages of a trial: twenty are beyond the p99.
const MESSAGES: u32 = 2000;

/// Trials at the same time: with six, the p99 without loss is 0.1 ms longer than with one.
const AT_ONCE: u8 = 5;

/// The programs' workspace.
const MANIFEST: &str = "bench-link/Cargo.toml";

#[cfg(test)]
mod tests {
    use super::trial::LOSSES;
    use super::*;

    /// Asserts how many trials are asked for.
    #[track_caller]
    fn check(runs: u8, only: &[&str], expected: usize) {
        let only = only.iter().copied().map(str::to_owned).collect();
        let args = Args { only, runs, messages: 1, at_once: 1 };
        assert_eq!(args.trials().len(), expected);
    }

    #[test]
    fn trials_are_chosen_by_the_beginnings_of_their_words() {
        let runs = usize::from(RUNS);
        let networks = Network::all().count();
        check(RUNS, &[], networks * Transport::VARIANTS.len() * runs);
        check(RUNS, &["kcp"], networks * runs);
        check(RUNS, &["tcp", "oxo-t"], 2 * networks * runs);
        check(RUNS, &["kcp 2ms 0%"], runs);
        check(1, &["kcp 2ms"], LOSSES.len());
        check(RUNS, &["carrier-pigeon"], 0);
    }

    #[test]
    fn every_trial_is_run_once_and_finished_once() {
        let args = Args { only: Vec::new(), runs: RUNS, messages: 1, at_once: 1 };
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
