//! `cargo xtask STEP`: what CI checks, each step a command anyone can run alone.
//!
//! A step is a function, a variant of [`Step`] and an arm of [`Step::run`]; the compiler asks for a forgotten one. The list
//! in `.ci/run` has the steps that CI runs, in order.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a build tool starts programs, waits for them and times them"
)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a build tool talks to whoever started it")]

mod bench_link;
mod cargo;
mod dist;
mod fuzz;
mod lan;
mod link;
mod netns;
mod other_systems;
mod packages;
mod pictures;
mod report;
mod running;
mod shell;
mod sim;
mod store;
mod terminal;
mod tidy;
mod web;
mod wireshark;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

/// Checks the workspace, one step at a time.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    step: Step,
}

/// One thing CI checks.
#[derive(Debug, Subcommand)]
enum Step {
    /// Every source file is formatted
    Fmt,
    /// No lint warns, in any target, with every feature
    Clippy,
    /// The documentation builds and none of its links is broken
    Docs,
    /// The tree keeps the house rules that no compiler knows
    Tidy,
    /// The benchmarks still build; nothing is measured
    BenchBuild,
    /// Every fuzz target survives a short run
    Fuzz(fuzz::Args),
    /// The program plays over a LAN of network namespaces, whole and broken; needs root
    Lan(lan::Args),
    /// Two machines with a bad network between them, for real sockets; needs root
    Link(link::Args),
    /// Ours and other transports, measured over bad networks; needs root
    BenchLink(bench_link::Args),
    /// The simulations hold for many seeds, and print their figures
    Sim(sim::Args),
    /// Nothing that was told is lost when a server is killed or its disk is full; needs root
    Store(store::Args),
    /// Wireshark understands matches and every golden vector, and survives nonsense; needs root
    Wireshark,
    /// People play in browsers, against each other and against the program
    Web,
    /// The packages of Debian are without fault, and are installed, upgraded and removed on a system of their own; needs root
    Packages(packages::Args),
    /// The archives and packages of a release, built twice from the last commit, are the same byte for byte
    Dist,
    /// Everything that is built in has a licence that we allow, and comes from crates.io
    Deny,
    /// The programs compile for Windows and macOS, and those for Windows run; needs root where rustup has no targets
    OtherSystems(other_systems::Args),
    /// Makes the pictures of the README anew, from real games
    Pictures,
    /// The report is what its sources and its data make
    Report(report::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match enter_workspace().and_then(|()| cli.step.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

impl Step {
    /// Runs the step in the current directory, which is the workspace's root.
    fn run(&self) -> anyhow::Result<()> {
        match self {
            Self::Fmt => cargo::fmt(),
            Self::Clippy => cargo::clippy(),
            Self::Docs => cargo::docs(),
            Self::Tidy => tidy::run(),
            Self::BenchBuild => cargo::bench_build(),
            Self::Fuzz(args) => fuzz::run(args),
            Self::Lan(args) => lan::run(args),
            Self::Link(args) => link::run(args),
            Self::BenchLink(args) => bench_link::run(args),
            Self::Sim(args) => sim::run(args),
            Self::Store(args) => store::run(args),
            Self::Wireshark => wireshark::run(),
            Self::Web => web::run(),
            Self::Packages(args) => packages::run(args),
            Self::Dist => dist::run(),
            Self::Deny => cargo::deny(),
            Self::OtherSystems(args) => other_systems::run(args),
            Self::Pictures => pictures::run(),
            Self::Report(args) => report::run(args),
        }
    }
}

/// Makes the workspace's root the current directory, so that a step names every path from there.
fn enter_workspace() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    env::set_current_dir(&root).with_context(|| format!("cannot enter {}", root.display()))
}
