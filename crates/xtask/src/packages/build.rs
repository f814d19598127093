//! The programs, the texts that they print of themselves, and the packages of both.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::shell;

/// A tree of sources, and where and how it is built.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// The root of the workspace.
    pub(crate) root: PathBuf,
    /// A profile of cargo.
    profile: String,
    /// Flags of the compiler that take the places of the sources out of the programs; none for the workspace itself, whose
    /// builds are used for more.
    flags: Option<String>,
    /// Seconds since 1970 that every file in a package and every document carries.
    pub(crate) epoch: String,
}

impl Source {
    /// The workspace itself, at the time of its last commit.
    pub(crate) fn here(profile: &str) -> anyhow::Result<Self> {
        let root = env::current_dir().context("the current directory is gone")?;
        let epoch = shell::output(Command::new("git").args(["log", "-1", "--format=%ct"]))?;
        Ok(Self { root, profile: profile.into(), flags: None, epoch: epoch.trim().into() })
    }

    /// A copy of the sources at `root`, whose programs do not tell where they were built.
    pub(crate) fn copied_to(&self, root: PathBuf) -> Self {
        let (ours, cargos) = (root.display(), shell::cargo_home());
        let flags =
            format!("--remap-path-prefix={ours}=/oxo --remap-path-prefix={}=/cargo", cargos.display());
        Self { root, flags: Some(flags), ..self.clone() }
    }

    /// Builds both programs.
    pub(crate) fn build(&self) -> anyhow::Result<()> {
        let mut build = self.cargo(&["build", "--locked", "--bins", "--profile", &self.profile]);
        shell::run(build.args(["--package", "tui-client", "--package", "server"]))
    }

    /// The folder of the built programs.
    pub(crate) fn programs(&self) -> PathBuf {
        let folder = if self.profile == "dev" { "debug" } else { &self.profile };
        self.root.join("target").join(folder)
    }

    /// The folder of everything that is made of the built programs.
    pub(crate) fn output(&self) -> PathBuf {
        self.root.join("target/packages")
    }

    /// A `cargo` that works here, and whose files carry our time.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = shell::cargo(arguments);
        cargo.current_dir(&self.root).env("SOURCE_DATE_EPOCH", &self.epoch);
        if let Some(flags) = &self.flags {
            // C sources tell their place by macros, too.
            let c = format!("-ffile-prefix-map={}=/oxo", self.root.display());
            cargo.env("RUSTFLAGS", flags).env("CFLAGS", c).env("CARGO_INCREMENTAL", "0");
        }
        cargo
    }
}

/// Writes the manual pages, the completions and the changelog of the packages.
pub(crate) fn texts(source: &Source) -> anyhow::Result<()> {
    let folder = source.output().join("texts");
    fs::create_dir_all(&folder)?;
    for (program, section) in PROGRAMS {
        let printed =
            |arguments: &[&str]| shell::output(Command::new(source.programs().join(program)).args(arguments));
        fs::write(folder.join(format!("{program}.{section}")), printed(&["man"])?)?;
        for shell in SHELLS {
            fs::write(folder.join(format!("{program}.{shell}")), printed(&["completions", shell])?)?;
        }
    }
    let date = shell::output(Command::new("date").args(["-u", "-R", "-d", &format!("@{}", source.epoch)]))?;
    let version = env!("CARGO_PKG_VERSION");
    let changelog = format!(
        "oxo ({version}-1) stable; urgency=medium\n\n  * Version {version}: see changelog.gz.\n\n -- {MAINTAINER}  {date}"
    );
    fs::write(folder.join("changelog"), changelog).context("cannot write the changelog of the packages")
}

/// Makes the packages of both programs, which are built already, and returns their files.
pub(crate) fn debs(source: &Source, version: Option<&str>) -> anyhow::Result<Vec<PathBuf>> {
    shell::ensure_by_cargo("cargo-deb", CARGO_DEB)?;
    // It asks which libraries the programs need.
    shell::ensure(&[("dpkg-shlibdeps", "dpkg-dev")])?;
    let folder = source.output().join(version.unwrap_or("debs"));
    empty(&folder)?;
    // `foreign` puts the dissector into the folder of this architecture, where Wireshark looks for it.
    for package in [&["--package=tui-client", "--multiarch=foreign"][..], &["--package=server"]] {
        let mut deb =
            source.cargo(&["deb", "--locked", "--no-build", "--profile", &source.profile, "--output"]);
        deb.arg(&folder).args(package);
        shell::run(deb.args(version.map(|version| format!("--deb-version={version}"))))?;
    }
    files(&folder)
}

/// Makes an empty directory.
pub(crate) fn empty(directory: &Path) -> anyhow::Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))
}

/// Copies files into a folder.
pub(crate) fn copy(files: impl IntoIterator<Item = PathBuf>, folder: &Path) -> anyhow::Result<()> {
    shell::output(Command::new("cp").arg("--target-directory").arg(folder).args(files)).map(drop)
}

/// Every file of a folder, in the order of their names.
pub(crate) fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    Ok(files)
}

/// The programs, and the section of the manual of each.
pub(crate) const PROGRAMS: [(&str, &str); 2] = [("oxo", "6"), ("oxo-server", "1")];

/// The shells that Debian has a folder of completions for.
const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

/// As in the manifests of the programs.
const MAINTAINER: &str = "The oxo authors <oxo@example.org>";

/// The version installed where there is none: the newest when this was written.
const CARGO_DEB: &str = "3.8.0";
