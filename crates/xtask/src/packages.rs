//! `cargo xtask packages`: the packages of Debian are built, found without fault, and tried on a system of their own.
//!
//! `cargo-deb` makes them of the tables in the manifests of the two programs. That system is a chroot with systemd as its
//! first process, in a container without a network; a script of its own does what an operator would do.

mod build;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

pub(crate) use self::build::{PROGRAMS, Source, copy, debs, empty, files, texts};
use crate::{other_systems::mirror, shell};

/// The arguments of `cargo xtask packages`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The profile of the programs in the packages; `dev` is there after the tests, and quick
    #[arg(long, default_value = "release")]
    profile: String,
}

/// Builds the packages and tries them.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    shell::ensure(&[
        ("lintian", "lintian"),
        ("mmdebstrap", "mmdebstrap"),
        ("systemd-nspawn", "systemd-container"),
        ("desktop-file-validate", "desktop-file-utils"),
    ])?;
    let source = Source::here(&args.profile)?;
    source.build()?;
    texts(&source)?;
    // Of an older version, to be upgraded. It has the same programs.
    let older = debs(&source, Some(OLDER))?;
    let packages = debs(&source, None)?;
    shell::run(Command::new("desktop-file-validate").arg("assets/desktop/oxo.desktop"))?;
    shell::run(Command::new("lintian").args(LINTIAN).args(&packages))?;
    let directory = tempfile::tempdir().context("cannot make a directory for a chroot")?;
    let root = directory.path().join("root");
    make_system(&root)?;
    try_out(&root, older, packages)
}

/// Makes a small Debian, of the release that this machine runs.
fn make_system(root: &Path) -> anyhow::Result<()> {
    let release = fs::read_to_string("/etc/os-release")?;
    let suite = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let suite = suite.context("this is no release of Debian, so that there is nothing to install on")?;
    let mut make = Command::new("mmdebstrap");
    make.args(["--quiet", "--variant=apt", INCLUDE, suite]).arg(root).arg(mirror(suite)?);
    shell::run(&mut make)
}

/// Installs, starts, upgrades and removes the packages there.
fn try_out(root: &Path, older: Vec<PathBuf>, packages: Vec<PathBuf>) -> anyhow::Result<()> {
    for (folder, files) in [("older", older), ("newer", packages)] {
        fs::create_dir(root.join(folder))?;
        copy(files, &root.join(folder))?;
    }
    fs::write(root.join("etc/systemd/system/trial.service"), UNIT)?;
    fs::write(root.join("trial"), TRIAL)?;
    let mut boot = Command::new("timeout");
    boot.args([SECONDS, "systemd-nspawn"]).args(CONTAINER.split(' ')).arg("--directory").arg(root);
    boot.args(["systemd.unit=trial.service", "systemd.show_status=no"]);
    let booted = shell::output(&mut boot);
    let told = fs::read_to_string(root.join("trial.log")).unwrap_or_default();
    print!("{told}");
    ensure!(told.ends_with("== all passed\n"), "the packages failed on a system of their own: {booted:?}");
    Ok(())
}

/// The version that is upgraded from.
const OLDER: &str = "0.1.0-1";

/// Every tag but those of opinions fails.
const LINTIAN: [&str; 3] =
    ["--fail-on=error,warning", "--allow-root", "--suppress-tags=initial-upload-closes-no-bugs"];

/// The packages of the trial: an init, the shells for which there are completions, and a reader for the manual.
const INCLUDE: &str = "--include=systemd-sysv,dbus,bash-completion,fish,zsh,man-db,groff,tshark";

/// The script runs as the only service of that system, which ends with it.
const UNIT: &str = "[Unit]\nAfter=basic.target dbus.socket\nRequires=basic.target\nSuccessAction=poweroff-force\n\
    FailureAction=poweroff-force\n[Service]\nType=oneshot\nExecStart=/bin/bash /trial\nStandardOutput=file:/trial.log\n\
    StandardError=inherit\n";

const TRIAL: &str = include_str!("packages/trial.sh");

/// The container, which has no network.
const CONTAINER: &str =
    "--quiet --register=no --keep-unit --private-network --machine=oxo-trial --console=pipe --boot";

/// Limit for the trial, which takes about half a minute.
const SECONDS: &str = "300";
