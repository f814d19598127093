//! `cargo xtask lan`: the real programs play over a LAN of network namespaces, whole and broken.
//!
//! What the tests of the crates show over loopback, in one process or in virtual time, is shown here once with
//! the kernel's own addresses, neighbours and retransmissions between two people's terminals. Each case starts
//! its own programs on the same four namespaces, or on two with a bad link between them; a player knows only what stands
//! on the screen.

mod captured;
mod cases;
mod firewall;
mod network;
mod player;
mod server;
mod shell;
mod transport;

use std::env;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, ensure};

pub(crate) use captured::{CAPTURED_CELLS, capture_matches};
use cases::{CASES, Case};
use network::Network;

use crate::{netns, shell as programs};

/// What `cargo xtask lan` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Words in the names of the only cases to run; without them, all run
    only: Vec<String>,
}

/// Runs the cases one after the other; they all run, whichever fails.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    netns::prepare()?;
    programs::ensure(&[
        ("nft", "nftables"),
        ("nc", "netcat-openbsd"),
        ("python3", "python3"),
        ("dbus-daemon", "dbus"),
        ("avahi-daemon", "avahi-daemon"),
        ("avahi-browse", "avahi-utils"),
    ])?;
    let cases: Vec<_> = CASES.iter().filter(|case| is_asked_for(case, &args.only)).collect();
    ensure!(!cases.is_empty(), "no case has `{}` in its name", args.only.join("` or `"));
    let lan = Lan { programs: build()?, network: Network::new()? };

    let mut failed = 0;
    for Case { name, run } in &cases {
        println!("\n{name}");
        let start = Instant::now();
        let outcome = run(&lan);
        let time = start.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => println!("  ok, {time:.1} s: {name}"),
            Err(error) => {
                failed += 1;
                println!("  {error:#}\n  FAILED, {time:.1} s: {name}");
                // It may have ended with a cable in its hand.
                lan.network.mend()?;
            }
        }
    }
    println!("\n{} passed, {failed} failed", cases.len() - failed);
    ensure!(failed == 0, "{failed} of the cases on the LAN failed");
    Ok(())
}

/// What every case is given.
#[derive(Debug)]
struct Lan {
    /// The directory with `oxo` and `oxo-server` in it, and the lab's programs below.
    programs: PathBuf,
    network: Network,
}

fn is_asked_for(case: &Case, only: &[String]) -> bool {
    only.is_empty() || only.iter().any(|words| case.name.contains(words.as_str()))
}

/// Builds the programs and returns the directory that they are in: the one that holds ours as well.
fn build() -> anyhow::Result<PathBuf> {
    programs::run(&mut programs::cargo(&["build", "--locked", "-p", "tui-client", "-p", "server"]))?;
    programs::run(&mut programs::cargo(&["build", "--locked", "-p", "net", "--examples"]))?;
    let own = env::current_exe().context("cannot tell where this program is")?;
    let profiles = own.ancestors().nth(2).context("this program is in a directory of a profile")?;
    Ok(profiles.join("debug"))
}
