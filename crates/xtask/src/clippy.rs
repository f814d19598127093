//! `cargo xtask clippy`: what the manifest only warns of is an error here.
//!
//! The levels stay at `warn` in `Cargo.toml`, so that unfinished work still builds and can be tested.

use crate::shell;

/// Lints libraries, binaries, tests, benches and examples with every feature on, then the programs of `bench-link`,
/// which are a workspace of their own and which nothing else builds.
pub(crate) fn run() -> anyhow::Result<()> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    shell::run(&mut shell::cargo(&arguments))?;
    let manifest = "bench-link/Cargo.toml";
    let arguments =
        ["clippy", "--locked", "--manifest-path", manifest, "--all-targets", "--", "-D", "warnings"];
    shell::run(&mut shell::cargo(&arguments))
}
