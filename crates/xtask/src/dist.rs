//! `cargo xtask dist`: the files of a release, made of the last commit.
//!
//! They are made twice, from copies of the sources at two places, and must be the same byte for byte: whoever has the commit
//! and the compiler can see that the files of a release are what their sources say.
//!
//! An archive holds [`CONTENT`]; that for Linux [`LINUX`], too. That for Windows is built by the compiler of
//! `cargo xtask other-systems`, and left out, with a line that says so, where that cannot be had.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::other_systems::{Debian, WINDOWS};
use crate::packages::{PROGRAMS, Source, copy, debs, empty, files, texts};
use crate::shell;

/// Makes everything twice, compares it, and leaves it in `target/dist/release`.
pub(crate) fn run() -> anyhow::Result<()> {
    shell::ensure_by_cargo("cargo-cyclonedx", CARGO_CYCLONEDX)?;
    let changed = shell::output(Command::new("git").args(["status", "--porcelain"]))?;
    if !changed.is_empty() {
        println!("note: these changes are in no commit, and so in no archive:\n{changed}");
    }
    let here = Source::here("release")?;
    let debian = Debian::open()?;
    let dist = here.root.join("target/dist");
    let mut releases = Vec::new();
    // Of different lengths, too.
    for place in ["first", "the-second"] {
        let source = here.copied_to(dist.join(place));
        copy_commit(&source.root)?;
        releases.push(release(&source, debian.as_ref())?);
    }
    let [first, second] = &releases[..] else { unreachable!("there are two places") };
    shell::run(Command::new("diff").arg("--recursive").args([first, second]))?;
    let kept = dist.join("release");
    empty(&kept)?;
    copy(files(first)?, &kept)?;
    println!("the same twice:\n{}{}", fs::read_to_string(kept.join(SUMS))?, kept.display());
    Ok(())
}

/// Copies the sources of the last commit to a new directory.
fn copy_commit(root: &Path) -> anyhow::Result<()> {
    // What was built there before stays, but no source that is gone.
    empty(root)?;
    let archive = root.join("sources.tar");
    shell::output(Command::new("git").args(["archive", "--output"]).arg(&archive).arg("HEAD"))?;
    shell::output(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(root))?;
    fs::remove_file(&archive).context("cannot remove the archive of the sources")
}

/// Builds a copy of the sources, and returns the folder with the files of the release.
fn release(source: &Source, debian: Option<&Debian>) -> anyhow::Result<PathBuf> {
    source.build()?;
    texts(source)?;
    let folder = source.root.join("target/release-files");
    empty(&folder)?;
    let target = shell::output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let programs = PROGRAMS.map(|(program, _)| source.programs().join(program));
    let beside =
        LINUX.iter().map(|path| source.root.join(path)).chain(files(&source.output().join("texts"))?);
    archive(source, target.trim(), programs.into_iter().chain(beside), &folder)?;
    if let Some(debian) = debian {
        let programs = debian.build_windows(&source.root)?;
        archive(source, WINDOWS, programs, &folder)?;
    }
    copy(debs(source, None)?, &folder)?;
    let mut sum = Command::new("sh");
    let sums = shell::output(sum.args(["-c", "sha256sum *"]).current_dir(&folder).env("LC_ALL", "C"))?;
    fs::write(folder.join(SUMS), sums)?;
    Ok(folder)
}

/// Writes the archive for one system, with its own files beside those for all, and lists of all that is built into its programs.
/// The listed crates are those of `target`.
fn archive(
    source: &Source,
    target: &str,
    beside: impl IntoIterator<Item = PathBuf>,
    folder: &Path,
) -> anyhow::Result<()> {
    let name = format!("oxo-{}-{target}", env!("CARGO_PKG_VERSION"));
    let stage = source.root.join("target/stage");
    let content = stage.join(&name);
    empty(&content)?;
    copy(CONTENT.iter().map(|path| source.root.join(path)).chain(beside), &content)?;
    let mut bom = source.cargo(&["cyclonedx", "--quiet", "--format=json", "--spec-version=1.5"]);
    shell::run(bom.args(["--target", target]))?;
    for (package, program) in [("tui-client", "oxo"), ("server", "oxo-server")] {
        let text = fs::read_to_string(source.root.join(format!("crates/{package}/{package}.cdx.json")))?;
        // It names each of our crates by the place of its sources.
        let text = text.replace(&*source.root.to_string_lossy(), "/oxo");
        fs::write(folder.join(format!("{program}-{target}.cdx.json")), &text)?;
        fs::write(content.join(format!("{program}.cdx.json")), text)?;
    }
    let mut tar = Command::new("tar");
    tar.args(OF_NOBODY.split(' '));
    tar.arg(format!("--mtime=@{}", source.epoch)).args(["--use-compress-program", "gzip -n -9", "-cf"]);
    shell::run(tar.arg(folder.join(format!("{name}.tar.gz"))).arg("-C").arg(stage).arg(name))
}

/// The files of every archive beside the programs and the lists of their crates.
const CONTENT: [&str; 6] = [
    "README.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "docs/CHANGELOG.md",
    "assets/oxo-server.toml",
    "assets/wireshark/oxo.lua",
];

/// Further files of the archive for Linux, beside manual pages and completions.
const LINUX: [&str; 4] = [
    "assets/systemd/oxo-server.service",
    "assets/systemd/oxo-server.socket",
    "assets/desktop/oxo.desktop",
    "assets/desktop/oxo.svg",
];

/// The options of an archive that does not tell who made it.
const OF_NOBODY: &str = "--sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --format=gnu";

/// The checksums of all files of a release, as `sha256sum -c` reads them.
const SUMS: &str = "SHA256SUMS";

/// The version installed where there is none: the newest when this was written.
const CARGO_CYCLONEDX: &str = "0.5.9";
