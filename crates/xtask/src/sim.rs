//! `cargo xtask sim`: many more seeds of the simulations than the tests run, and their figures.
//!
//! The simulations are ordinary tests, which take the number of seeds from the environment; here they are built with
//! optimisation and shown while they run. A seed that fails is named, with how to run it alone.

use crate::shell;

/// What `cargo xtask sim` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Seeds of each case
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    seeds: u32,
    /// The only seed to run
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Words in the names of the only tests to run
    only: Option<String>,
}

/// Runs the simulations; the first test that fails ends the step after the others have run.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let only = args.only.as_deref().unwrap_or(SIMULATIONS);
    let mut command = shell::cargo(&["test", "--release", "--locked", "-p", "net", "--test", "it", only]);
    command.args(["--", "--nocapture"]).env("OXO_SIM_SEEDS", args.seeds.to_string());
    if let Some(seed) = args.seed {
        command.env("OXO_SIM_SEED", seed.to_string());
    }
    shell::run(&mut command)
}

/// The module of the tests that are simulations.
const SIMULATIONS: &str = "arq::";
