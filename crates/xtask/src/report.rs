//! `cargo xtask report`: the report as a PDF, made of the prose in `docs/report` and the figures in `docs/report/data`.
//!
//! The document draws its figures itself, takes the numbers of its text from the data and from the sources, and refuses data
//! from before the last release. A rule of `tidy` keeps other numbers out of the text. `--measure` takes the figures anew.

mod measure;

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, ensure};

use crate::shell;

/// The arguments of `cargo xtask report`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Measures first, which takes half an hour on a machine with nothing else to do; needs root
    #[arg(long)]
    measure: bool,
    /// With `--measure`: words that begin the name of a measurement, such as `matches` or `transports 2ms`; can be given several
    /// times
    #[arg(long, value_name = "WORDS", requires = "measure")]
    only: Vec<String>,
}

/// Measures if asked to, and makes the PDF. Fails if it is another one than was committed, which is replaced.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    if args.measure {
        measure::run(&args.only)?;
    }
    let python = Path::new(INSTALLED);
    if !python.join("typst").exists() {
        shell::ensure(&[("python3", "python3"), ("pip3", "python3-pip")])?;
        let mut install = Command::new("python3");
        shell::run(install.args(PIP.split(' ')).args([REQUIREMENTS, "--target"]).arg(python))?;
    }
    let before = fs::read(PDF).ok();
    shell::run(Command::new("python3").arg(COMPILER).env("PYTHONPATH", python))?;
    let made = fs::read(PDF).with_context(|| format!("cannot read {PDF}"))?;
    ensure!(before.as_ref() == Some(&made), "{PDF} was not what its sources make; it is now: commit it");
    println!("{PDF} is what its sources make: {} KiB", made.len() / 1024);
    Ok(())
}

const PDF: &str = "docs/report/report.pdf";

/// The few lines of Python that call the compiler.
const COMPILER: &str = "docs/report/make.py";

/// The compiler's version, with the hashes of its wheels.
const REQUIREMENTS: &str = "docs/report/requirements.txt";

/// Installs what a file requires.
const PIP: &str = "-m pip install --quiet --disable-pip-version-check --root-user-action=ignore --require-hashes \
    --only-binary=:all: --requirement";

/// The place of the compiler, beside what cargo builds.
const INSTALLED: &str = "target/typst";
