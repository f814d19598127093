//! `cargo xtask store`: the proof that nothing is lost that was told.
//!
//! A server under the load of 50 matches is killed again and again, and what its players were told is compared with what is on
//! disk. Then once more with a server that tells first and commits later, from which something must be lost. Last, a small
//! file system fills up under a match.

use std::process::Command;

use crate::shell;

/// The arguments of `cargo xtask store`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Kills of the server
    #[arg(long, default_value_t = 200)]
    kills: u32,
}

/// Runs the tests of the store as far as they need more time, another build, or a file system of their own.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    // The control needs fewer: it loses some twenty times with each kill.
    for (features, kills) in [(&[][..], args.kills), (&["--features", "tell-first"], args.kills.div_ceil(5))]
    {
        let mut command = shell::cargo(&TEST);
        command.args(features).args(["kills::", "--", "--nocapture"]).env("OXO_KILLS", kills.to_string());
        shell::run(&mut command)?;
    }
    shell::run(shell::cargo(&TEST).arg("--no-run"))?;
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-ec", ON_A_SMALL_DISK, "cargo"]).args(TEST).arg("store::a_full_disk");
    shell::run(&mut command)
}

/// Cargo, with the tests of the server.
const TEST: [&str; 6] = ["test", "--locked", "-p", "server", "--test", "it"];

/// Mounts a file system of half a mebibyte, which ends with its namespace, and runs the rest of its arguments.
const ON_A_SMALL_DISK: &str = r#"
    disk=$(mktemp -d)
    mount -t tmpfs -o size=512k none "$disk"
    OXO_STORE_DISK=$disk "$0" "$@"
"#;
