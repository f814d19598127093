//! `cargo xtask docs`: the documentation builds without a warning, for both of its readers.
//!
//! Who uses a crate must not be sent to a private item; who works on it reads the private modules too, whose
//! links rustdoc checks only when it is told to show them. Each audience is one pass over our own crates.

use crate::shell;

/// Documents the workspace as its users see it, then as its authors do.
pub(crate) fn run() -> anyhow::Result<()> {
    let users: &[&str] = &["doc", "--workspace", "--all-features", "--no-deps"];
    let authors = &[users, &["--document-private-items"]].concat();
    for arguments in [users, authors] {
        shell::run(shell::cargo(arguments).env("RUSTDOCFLAGS", "-D warnings"))?;
    }
    Ok(())
}
