//! `cargo xtask other-systems`: the programs and their tests compile for Windows and macOS, and with `--run` those for Windows
//! run.
//!
//! A toolchain of rustup that has the targets checks them. Else the compiler of Debian's unstable suite does, in a chroot of a
//! few packages that stays for the next run: it has the sources of the standard library, so that every target can be built
//! for. Where neither is to be had, the step is skipped, and says so.

mod debian;
mod smoke;

use std::path::Path;
use std::process::Command;

use self::debian::PACKAGES;
pub(crate) use self::debian::{Debian, WINDOWS, mirror};
use crate::shell;

/// The arguments of `cargo xtask other-systems`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Run the programs and tests for Windows as well, under wine; takes some minutes more
    #[arg(long)]
    run: bool,
}

/// Checks every target, and runs the programs if that is asked for.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let here = std::env::current_dir()?;
    let debian = if args.run || !has_targets() { Debian::open()? } else { None };
    if debian.is_none() && !has_targets() {
        return Ok(());
    }
    for target in TARGETS {
        let check = ["check", "--locked", "--all-targets", "--target", target];
        let (mut check, folder) = match &debian {
            Some(debian) => (debian.cargo(&here, &check), Path::new("/work")),
            None => (shell::cargo(&check), here.as_path()),
        };
        match &debian {
            // By a flag of the compiler, warnings in the standard library would be errors as well.
            Some(_) => check.env("CARGO_BUILD_WARNINGS", "deny"),
            None => check.env("RUSTFLAGS", "-D warnings"),
        };
        // Nothing is linked, so that no C compiler for these systems is needed.
        for tool in ["CC", "AR"] {
            check.env(format!("{tool}_{}", target.replace('-', "_")), folder.join(NOTHING));
        }
        shell::run(check.args(PACKAGES.map(|package| format!("--package={package}"))))?;
    }
    match debian.filter(|_| args.run) {
        Some(debian) => smoke::run(&debian, &here),
        None => Ok(()),
    }
}

/// Tells whether rustup has the standard library of every target.
fn has_targets() -> bool {
    let installed = shell::output(Command::new("rustup").args(["target", "list", "--installed"]));
    installed
        .is_ok_and(|installed| TARGETS.iter().all(|target| installed.lines().any(|line| line == *target)))
}

/// The systems: one that is built for and run, and two that are checked.
const TARGETS: [&str; 3] = [WINDOWS, "x86_64-pc-windows-msvc", "aarch64-apple-darwin"];

/// A program that compiles everything to nothing.
const NOTHING: &str = "crates/xtask/src/other_systems/nothing.sh";
