//! The compiler of Debian's unstable suite, in a chroot.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::shell;

/// A chroot with that compiler. What runs in it sees a workspace as its current directory, and cargo's folder of this machine.
#[derive(Debug)]
pub(crate) struct Debian {
    root: PathBuf,
}

impl Debian {
    /// Makes the chroot, or takes the one that is there. `None`, with a line that says so, if it cannot be had or its compiler is
    /// too old for us.
    ///
    /// # Errors
    ///
    /// Fails without root, and where `mmdebstrap` cannot be installed.
    pub(crate) fn open() -> anyhow::Result<Option<Self>> {
        shell::ensure(&[("mmdebstrap", "mmdebstrap"), ("unshare", "util-linux")])?;
        let folder = env::current_dir()?.join(FOLDER);
        let root = folder.join("chroot");
        if !root.exists() {
            fs::create_dir_all(&folder)?;
            let made = root.with_extension("new");
            if made.exists() {
                fs::remove_dir_all(&made)?;
            }
            let mut make = Command::new("mmdebstrap");
            make.args(["--quiet", "--mode=root", "--variant=apt", VALIDITY, INCLUDE, "unstable"]);
            if let Err(error) = shell::run(make.arg(&made).arg(mirror("unstable")?)) {
                println!(
                    "SKIPPED: nothing is built for other systems by Debian's unstable suite, which cannot be had: {error:#}"
                );
                return Ok(None);
            }
            fs::rename(&made, &root)?;
        }
        let debian = Self { root };
        let version = shell::output(debian.command(Path::new("."), "rustc").arg("--version"))?;
        let ours = env!("CARGO_PKG_RUST_VERSION");
        if number(&version).is_none_or(|version| Some(version) < number(ours)) {
            println!(
                "SKIPPED: nothing is built for other systems by Debian's unstable suite, which has {}, where {ours} is needed; a newer one may be had once {} is removed",
                version.trim(),
                debian.root.display()
            );
            return Ok(None);
        }
        Ok(Some(debian))
    }

    /// Installs packages that are not there yet. `program` is one of theirs.
    pub(super) fn install(&self, program: &str, packages: &[&str]) -> anyhow::Result<()> {
        // A link of Debian's alternatives leads nowhere outside of the chroot.
        if self.root.join("usr/bin").join(program).is_symlink() {
            return Ok(());
        }
        let here = Path::new(".");
        shell::run(self.command(here, "apt-get").args(["--quiet", "update"]))?;
        let mut install = self.command(here, "apt-get");
        install.args(["--quiet", "--yes", "--no-install-recommends", "install"]).args(packages);
        shell::run(install.env("DEBIAN_FRONTEND", "noninteractive"))
    }

    /// Builds both programs for Windows, the same byte for byte wherever the workspace is, and returns their files.
    pub(crate) fn build_windows(&self, workspace: &Path) -> anyhow::Result<[PathBuf; 2]> {
        let mut build =
            self.cargo(workspace, &["build", "--locked", "--release", "--bins", "--target", WINDOWS]);
        // A program carries the time of its linking otherwise.
        build.env("SOURCE_DATE_EPOCH", "0").args(["--package=tui-client", "--package=server"]);
        shell::run(&mut build)?;
        let built = workspace.join(FOLDER).join("build").join(WINDOWS).join("release");
        Ok(["oxo.exe", "oxo-server.exe"].map(|program| built.join(program)))
    }

    /// A command that has yet to run, in a workspace.
    pub(crate) fn command(&self, workspace: &Path, program: &str) -> Command {
        let mut command = Command::new(script("enter.sh"));
        command.args(self.places(workspace)).arg(program);
        command
    }

    /// A command as a shell reads it.
    pub(super) fn words(&self, workspace: &Path, command: &[&str]) -> String {
        let places = [script("enter.sh")].into_iter().chain(self.places(workspace));
        let words =
            places.map(|place| place.display().to_string()).chain(command.iter().map(ToString::to_string));
        words.map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ")
    }

    /// The chroot, a workspace, and the folder of cargo, in which its registry is.
    fn places(&self, workspace: &Path) -> [PathBuf; 3] {
        [self.root.clone(), workspace.to_owned(), shell::cargo_home()]
    }

    /// A `cargo` that has yet to run, in a workspace. It builds the standard library first.
    pub(crate) fn cargo(&self, workspace: &Path, arguments: &[&str]) -> Command {
        let mut cargo = self.command(workspace, "cargo");
        cargo.args(arguments).arg(BUILD_STD).env("RUSTC_BOOTSTRAP", "1");
        // Its files are not those of the compiler of this machine.
        cargo.env("CARGO_TARGET_DIR", Path::new("/work").join(FOLDER).join("build"));
        cargo
    }
}

/// One of the scripts beside this file.
fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/other_systems").join(name)
}

/// The line of apt's sources for a suite, at the first mirror of Debian that this machine uses.
pub(crate) fn mirror(suite: &str) -> anyhow::Result<String> {
    let mut ask = Command::new("apt-get");
    ask.args(["indextargets", "--format", "$(REPO_URI)", "Identifier: Packages", "Origin: Debian"]);
    let mirrors = shell::output(&mut ask)?;
    let mirror = mirrors.lines().next().context("apt knows no mirror of Debian\nhint: `apt-get update`")?;
    Ok(format!("deb {mirror} {suite} main"))
}

/// The first two numbers of a version.
fn number(version: &str) -> Option<(u32, u32)> {
    let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let mut parts = number.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

/// The target that is built for.
pub(crate) const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// The crates of the programs. The other two are tools for Linux.
pub(super) const PACKAGES: [&str; 4] = ["game-core", "net", "server", "tui-client"];

/// The folder of everything that outlives a run, from the root of a workspace.
pub(super) const FOLDER: &str = "target/other-systems";

/// The packages of the chroot.
const INCLUDE: &str = "--include=ca-certificates,rustc,cargo,rust-src,gcc-mingw-w64-x86-64-win32";

/// The clocks of machines without a network may be wrong.
const VALIDITY: &str = "--aptopt=Acquire::Check-Valid-Until \"false\"";

/// The crates of the standard library that tests and macros need as well.
const BUILD_STD: &str = "-Zbuild-std=std,panic_unwind,panic_abort,test,proc_macro";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_compared_by_number() {
        assert_eq!(
            number("rustc 1.97.1 (8bab26f4f 2026-07-14) (built from a source tarball)"),
            Some((1, 97))
        );
        assert!(number("rustc 1.100.0") > number("1.95"));
        assert_eq!(number("no version"), None);
    }
}
