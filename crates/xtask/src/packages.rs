//! `cargo xtask packages`: the packages of Debian are built, found without fault, and tried on a system of their own.
//!
//! `cargo-deb` makes them of the tables in the manifests of the two programs. That system is a chroot with systemd as its
//! first process, in a container without a network; a script of its own does what an operator would do.

mod build;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, ensure};

pub(crate) use self::build::{PROGRAMS, Source, debs, empty, files, texts};
use crate::shell;

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
    let system = System::make()?;
    system.try_out(&older, &packages)
}

/// A small Debian, in a directory that is removed with this value.
#[derive(Debug)]
struct System {
    directory: tempfile::TempDir,
}

impl System {
    /// Makes the release of Debian that this machine runs, from the mirrors that its `apt` uses.
    fn make() -> anyhow::Result<Self> {
        let directory = tempfile::tempdir().context("cannot make a directory for a chroot")?;
        let system = Self { directory };
        let release = fs::read_to_string("/etc/os-release")?;
        let suite = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
        let suite = suite.context("this is no release of Debian, so that there is nothing to install on")?;
        let mut make = Command::new("mmdebstrap");
        make.args(["--quiet", "--variant=apt", INCLUDE, suite]).arg(system.root()).args(mirrors()?);
        shell::run(&mut make)?;
        Ok(system)
    }

    /// Installs, starts, upgrades and removes the packages.
    fn try_out(&self, older: &[PathBuf], packages: &[PathBuf]) -> anyhow::Result<()> {
        let root = self.root();
        for (folder, files) in [("older", older), ("newer", packages)] {
            fs::create_dir(root.join(folder))?;
            for file in files {
                let name = file.file_name().context("a package has a name")?;
                fs::copy(file, root.join(folder).join(name))?;
            }
        }
        fs::write(root.join("etc/systemd/system/trial.service"), UNIT)?;
        let script = root.join("trial");
        fs::write(&script, TRIAL)?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        let mut boot = Command::new("timeout");
        boot.args([
            SECONDS,
            "systemd-nspawn",
            "--quiet",
            "--register=no",
            "--keep-unit",
            "--private-network",
        ]);
        boot.args(["--machine=oxo-trial", "--console=pipe", "--boot", "--directory"]).arg(&root);
        boot.args(["systemd.unit=trial.service", "systemd.show_status=no"]);
        let booted = shell::output(&mut boot);
        let told = fs::read_to_string(root.join("trial.log")).unwrap_or_default();
        print!("{told}");
        ensure!(
            told.ends_with("== all passed\n"),
            "the packages failed on a system of their own: {booted:?}"
        );
        Ok(())
    }

    fn root(&self) -> PathBuf {
        self.directory.path().join("root")
    }
}

/// The files that tell this machine's `apt` where packages of Debian are.
fn mirrors() -> anyhow::Result<Vec<PathBuf>> {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    if let Ok(entries) = fs::read_dir("/etc/apt/sources.list.d") {
        files.extend(entries.flatten().map(|entry| entry.path()));
    }
    files.retain(|file| fs::read_to_string(file).is_ok_and(|text| text.contains("debian.org")));
    ensure!(!files.is_empty(), "no file of apt names a mirror of Debian");
    Ok(files)
}

/// The version that is upgraded from.
const OLDER: &str = "0.1.0-1";

/// Every tag but those of opinions fails.
const LINTIAN: [&str; 3] =
    ["--fail-on=error,warning", "--allow-root", "--suppress-tags=initial-upload-closes-no-bugs"];

/// What the trial needs: an init, the shells for which there are completions, and a reader for the manual.
const INCLUDE: &str = "--include=systemd-sysv,dbus,bash-completion,fish,zsh,man-db,groff,tshark";

/// The script runs as the only service of that system, which ends with it.
const UNIT: &str = "[Unit]\nAfter=basic.target dbus.socket\nRequires=basic.target\nSuccessAction=poweroff-force\n\
    FailureAction=poweroff-force\n[Service]\nType=oneshot\nExecStart=/trial\nStandardOutput=file:/trial.log\n\
    StandardError=inherit\n";

const TRIAL: &str = include_str!("packages/trial.sh");

/// Limit for the trial, which takes about half a minute.
const SECONDS: &str = "300";
