//! `cargo xtask fmt`: every source file is formatted as `rustfmt.toml` says.

use crate::shell;

/// Checks the members of the workspace, then the fuzz targets, which are a workspace of their own.
pub(crate) fn run() -> anyhow::Result<()> {
    shell::run(&mut shell::cargo(&["fmt", "--all", "--check"]))?;
    shell::run(&mut shell::cargo(&["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))
}
