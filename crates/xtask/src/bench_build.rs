//! `cargo xtask bench-build`: the benchmarks still compile and link.
//!
//! Nothing is measured: what a shared machine measures in passing, nobody should believe.

use crate::shell;

/// Builds every benchmark of the workspace in the `bench` profile.
pub(crate) fn run() -> anyhow::Result<()> {
    shell::run(&mut shell::cargo(&["bench", "--workspace", "--no-run"]))
}
