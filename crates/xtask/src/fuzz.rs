//! `cargo xtask fuzz`: every fuzz target survives a short run.
//!
//! A short run finds what a small change breaks at once. Hunting for rare inputs is the same command with a larger
//! `--seconds`; failing inputs stay in `fuzz/artifacts`, the corpus in `fuzz/corpus`.
//!
//! A target is a file in `fuzz/fuzz_targets` and a `[[bin]]` in `fuzz/Cargo.toml`; nothing here names one.

use std::process::Command;

use anyhow::ensure;

use crate::shell;

/// The arguments of `cargo xtask fuzz`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Seconds given to each target, its build not counted
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// The only target to run; without it, all of them
    target: Option<String>,
}

/// Runs the targets one after the other, each for the same time; the first failure ends the step.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    ensure_tools()?;
    // `cargo fuzz` has no `--locked`; this fails when the committed lock file is out of date.
    shell::run(&mut shell::cargo(&["fetch", "--locked", "--manifest-path", "fuzz/Cargo.toml"]))?;

    let listed = shell::output(&mut shell::cargo(&["fuzz", "list"]))?;
    let targets = chosen(&listed, args.target.as_deref())?;
    shell::run(&mut shell::cargo(&["+nightly", "fuzz", "build"]))?;
    for target in targets {
        shell::run(shell::cargo(&["+nightly", "fuzz", "run", target, "--"]).args(limits(args.seconds)))?;
    }
    Ok(())
}

/// Installs the tools of a fuzz build that are missing.
fn ensure_tools() -> anyhow::Result<()> {
    // libFuzzer is C++, and its crate compiles it.
    shell::ensure(&[("c++", "g++")])?;
    if shell::output(&mut shell::cargo(&["+nightly", "--version"])).is_err() {
        let mut rustup = Command::new("rustup");
        shell::run(rustup.args(["toolchain", "install", "nightly", "--profile", "minimal"]))?;
    }
    shell::ensure_by_cargo("cargo-fuzz", CARGO_FUZZ)
}

/// The targets to run, of those `cargo fuzz list` printed one to a line.
fn chosen<'a>(listed: &'a str, only: Option<&str>) -> anyhow::Result<Vec<&'a str>> {
    let targets: Vec<_> = listed.lines().filter(|target| only.is_none_or(|only| only == *target)).collect();
    ensure!(
        !targets.is_empty(),
        "no such fuzz target; there are: {}",
        listed.lines().collect::<Vec<_>>().join(", ")
    );
    Ok(targets)
}

/// The options of libFuzzer: its time, and the limits of an input.
fn limits(seconds: u32) -> [String; 6] {
    [
        format!("-max_total_time={seconds}"),
        // Seconds for one input. Ours take microseconds: one that needs this long found a loop.
        "-timeout=10".into(),
        // MiB. A peer's few bytes must never make us allocate without a limit.
        "-rss_limit_mb=2048".into(),
        // One summary instead of lines for every input that reached something new.
        "-verbosity=0".into(),
        "-print_funcs=0".into(),
        "-print_final_stats=1".into(),
    ]
}

/// The version installed where there is none: the newest when this was written.
const CARGO_FUZZ: &str = "0.13.2";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_target_runs_unless_one_is_named() {
        assert_eq!(chosen("a\nb\n", None).unwrap(), ["a", "b"]);
        assert_eq!(chosen("a\nb\n", Some("b")).unwrap(), ["b"]);
    }

    #[test]
    fn an_unknown_target_is_refused_with_the_known_ones() {
        let refusal = chosen("a\nb\n", Some("c")).unwrap_err();
        assert_eq!(refusal.to_string(), "no such fuzz target; there are: a, b");
    }
}
