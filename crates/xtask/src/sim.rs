//! `cargo xtask sim`: many more seeds of the simulations than the tests run, and their figures.
//!
//! The simulations are ordinary tests, which take the number of seeds from the environment; here they run optimised,
//! by a profile that is quick to build, and with their output. A seed that fails is named, with the command that runs it alone.

use crate::shell;

/// The arguments of `cargo xtask sim`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Seeds of each case [default: 1000 of the ARQ, 10000 of the lobby]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    seeds: Option<u32>,
    /// The only seed to run
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Words in the names of the only tests to run: `arq::` or `sim::` for all of the one or the other
    only: Option<String>,
}

/// Runs the simulations; a crate with a failing test ends the step after its other tests have run.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let is_of = |module: &str| args.only.as_deref().is_some_and(|only| only.starts_with(module));
    let is_one_named = SIMULATIONS.iter().any(|(_, module, _)| is_of(module));
    for (package, module, seeds) in SIMULATIONS {
        if is_one_named && !is_of(module) {
            continue;
        }
        let only = args.only.as_deref().unwrap_or(module);
        let mut command =
            shell::cargo(&["test", "--profile", "sim", "--locked", "-p", package, "--test", "it", only]);
        let seeds = args.seeds.unwrap_or(seeds);
        command.args(["--", "--nocapture"]).env("OXO_SIM_SEEDS", seeds.to_string());
        if let Some(seed) = args.seed {
            command.env("OXO_SIM_SEED", seed.to_string());
        }
        shell::run(&mut command)?;
    }
    Ok(())
}

/// The crates with simulations, the ones below first; the module of these tests, and the seeds of each case: a minute or two of
/// two cores.
const SIMULATIONS: [(&str, &str, u32); 2] = [("net", "arq::", 1_000), ("server", "sim::", 10_000)];
