//! `cargo xtask clippy`: what the manifest only warns of is an error here.
//!
//! The levels stay at `warn` in `Cargo.toml`, so that unfinished work still builds and can be tested.

use crate::shell;

/// Lints libraries, binaries, tests, benches and examples with every feature on.
pub(crate) fn run() -> anyhow::Result<()> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    shell::run(&mut shell::cargo(&arguments))
}
