//! The program on pipes, without a terminal.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
    sync::Arc,
};

use tempfile::TempDir;

use crate::screen::environment;

/// Runs `oxo` in a home, with these lines.
pub(crate) fn run(home: &Arc<TempDir>, args: &str, lines: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_oxo"))
        .args(args.split_whitespace())
        .env_clear()
        .envs(environment(home.path()))
        .current_dir(home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that has failed reads no line.
    let _closed = child.stdin.take().unwrap().write_all(lines.as_bytes());
    child.wait_with_output().unwrap()
}
