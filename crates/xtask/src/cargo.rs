//! The steps that are a few runs of cargo each.

use crate::shell::{cargo, ensure_by_cargo, output, run};

/// Checks the form of the members of the workspace, then of those that are workspaces of their own.
pub(crate) fn fmt() -> anyhow::Result<()> {
    run(&mut cargo(&["fmt", "--all", "--check"]))?;
    ["bench-link/Cargo.toml", "fuzz/Cargo.toml"]
        .iter()
        .try_for_each(|manifest| run(&mut cargo(&["fmt", "--manifest-path", manifest, "--check"])))
}

/// Lints every target with every feature, then the programs of `bench-link`, which nothing else builds.
///
/// The levels stay at `warn` in `Cargo.toml`, so that unfinished work still builds; here a warning is an error.
pub(crate) fn clippy() -> anyhow::Result<()> {
    let denied = ["--", "-D", "warnings"];
    run(cargo(&["clippy", "--workspace", "--all-targets", "--all-features"]).args(denied))?;
    let manifest = ["--locked", "--manifest-path", "bench-link/Cargo.toml"];
    run(cargo(&["clippy", "--all-targets"]).args(manifest).args(denied))
}

/// Documents the workspace for its users, who must not be sent to a private item, then for its authors, with private
/// modules: rustdoc checks the links of those only when it shows them.
pub(crate) fn docs() -> anyhow::Result<()> {
    let users: &[&str] = &["doc", "--workspace", "--all-features", "--no-deps"];
    let authors = &[users, &["--document-private-items"]].concat();
    [users, authors].iter().try_for_each(|arguments| run(cargo(arguments).env("RUSTDOCFLAGS", "-D warnings")))
}

/// Builds every benchmark, unoptimised: that takes a tenth of the time, and nothing is measured. Figures taken in passing on
/// a shared machine deserve no belief.
pub(crate) fn bench_build() -> anyhow::Result<()> {
    run(&mut cargo(&["bench", "--workspace", "--locked", "--no-run", "--profile", "dev"]))
}

/// Checks licences, sources and forbidden crates of everything that is built in. Advisories come from a repository elsewhere,
/// which not every machine reaches; a skip is told, so that nobody takes it for a check.
pub(crate) fn deny() -> anyhow::Result<()> {
    ensure_by_cargo("cargo-deny", CARGO_DENY)?;
    let checks = ["licenses", "bans", "sources"];
    run(cargo(&["deny", "--locked", "check", "--hide-inclusion-graph"]).args(checks))?;
    if output(&mut cargo(&["deny", "--locked", "fetch", "db"])).is_err() {
        println!("SKIPPED: advisories were not checked, since their database cannot be reached from here");
        return Ok(());
    }
    run(&mut cargo(&["deny", "--locked", "check", "--disable-fetch", "advisories"]))
}

/// The version installed where there is none: the newest when this was written.
const CARGO_DENY: &str = "0.20.2";
