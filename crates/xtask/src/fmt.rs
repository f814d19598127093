//! `cargo xtask fmt`: every source file is formatted as `rustfmt.toml` says.

use crate::shell;

/// Checks the members of the workspace, then those that are workspaces of their own.
pub(crate) fn run() -> anyhow::Result<()> {
    shell::run(&mut shell::cargo(&["fmt", "--all", "--check"]))?;
    for manifest in ["bench-link/Cargo.toml", "fuzz/Cargo.toml"] {
        shell::run(&mut shell::cargo(&["fmt", "--manifest-path", manifest, "--check"]))?;
    }
    Ok(())
}
