//! `cargo xtask lan`: the real programs play over a LAN of network namespaces, whole and broken.
//!
//! The tests of the crates run over loopback, in one process or in virtual time. These cases meet the kernel's own
//! addresses, neighbours and retransmissions, between two people's terminals. Each case starts its own programs on the same
//! four namespaces, or on two with a bad link between them; a player knows only what stands on the screen.

mod captured;
mod cases;
mod desk;
mod firewall;
mod lab;
mod matches;
mod network;
mod player;
mod server;
mod windows;

use std::time::Instant;

use anyhow::ensure;

pub(crate) use self::captured::capture_matches;
use self::cases::CASES;
pub(crate) use self::matches::NAMES;
use self::network::Lan;
pub(crate) use self::windows::meet_windows;
use crate::{netns, shell};
use net::link::Transport::{Tcp, Udp};

/// The arguments of `cargo xtask lan`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Words in the names of the cases to run [default: all]
    only: Vec<String>,
}

/// Runs the cases one after the other; a failure does not stop the others.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    netns::prepare()?;
    shell::ensure(&[
        ("nft", "nftables"),
        ("nc", "netcat-openbsd"),
        ("curl", "curl"),
        ("ssh", "openssh-client"),
        ("python3", "python3"),
        ("dbus-daemon", "dbus"),
        ("avahi-daemon", "avahi-daemon"),
        ("avahi-browse", "avahi-utils"),
    ])?;
    let transports = |name: &str| if name.contains("{}") { &[Udp, Tcp][..] } else { &[Udp] };
    let runs = CASES.iter().flat_map(|(name, run)| {
        transports(name).iter().map(move |by| (name.replace("{}", &by.to_string()), run, *by))
    });
    let is_asked_for =
        |name: &str| args.only.is_empty() || args.only.iter().any(|words| name.contains(words));
    let runs: Vec<_> = runs.filter(|(name, ..)| is_asked_for(name)).collect();
    ensure!(!runs.is_empty(), "no case has `{}` in its name", args.only.join("` or `"));
    let mut lan = Lan::new()?;

    let mut failed = 0;
    for (name, run, by) in &runs {
        println!("\n{name}");
        let start = Instant::now();
        lan.by = *by;
        let outcome = run(&lan);
        let time = start.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => println!("  ok, {time:.1} s: {name}"),
            Err(error) => {
                failed += 1;
                println!("  {error:#}\n  FAILED, {time:.1} s: {name}");
                // It may have ended with a cable in its hand.
                lan.mend()?;
            }
        }
    }
    println!("\n{} passed, {failed} failed", runs.len() - failed);
    ensure!(failed == 0, "{failed} of the cases on the LAN failed");
    Ok(())
}
