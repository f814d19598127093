//! Where there is no host, the player is told so in one sentence, in time.

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::super::network::Machine;
use super::{Lan, join};

pub(super) fn refused(lan: &Lan) -> anyhow::Result<()> {
    check(lan, "10.77.0.1", "10.77.0.1:1952: refused (nobody listens on that port)")
}

pub(super) fn nobody(lan: &Lan) -> anyhow::Result<()> {
    check(lan, "10.77.0.99", "10.77.0.99:1952: no route to that machine (is it on?)")
}

pub(super) fn silent(lan: &Lan) -> anyhow::Result<()> {
    lan.network.add_silent_neighbour(Machine::Ana, "10.77.0.98")?;
    check(lan, "10.77.0.98", "10.77.0.98:1952: no answer in time (a firewall, or another network)")
}

pub(super) fn without_scope(lan: &Lan) -> anyhow::Result<()> {
    let address = lan.network.link_local(Machine::Host)?;
    lan.network.add_second_interface(Machine::Ana)?;
    let cause = format!("{address} is a link-local address and does not say on which interface");
    let outcome = check(lan, &address, &cause);
    lan.network.remove_second_interface(Machine::Ana)?;
    outcome
}

pub(super) fn unknown_name(lan: &Lan) -> anyhow::Result<()> {
    check(lan, "nobody.test", "nobody.test")
}

/// Tries to join from Ana's machine: it fails in time, with exit code 1, one sentence, the cause and a hint.
#[track_caller]
fn check(lan: &Lan, place: &str, cause: &str) -> anyhow::Result<()> {
    let start = Instant::now();
    let player = join(lan, Machine::Ana, place)?;
    let (code, left) = player.ends(PATIENCE)?;
    println!("  {:<5} : exit code {code} after {:.2} s", Machine::Ana, start.elapsed().as_secs_f64());
    ensure!(code == 1, "a failure ends with exit code 1, not {code}");
    let lines: Vec<_> = left.lines().map(str::trim_end).collect();
    let (first, last) =
        (lines.first().copied().unwrap_or_default(), lines.last().copied().unwrap_or_default());
    ensure!(first.starts_with("oxo: cannot reach "), "the first line is no sentence about it: {first:?}");
    ensure!(left.contains(cause), "it does not say {cause:?}");
    ensure!(last.starts_with("hint: "), "the last line is no hint: {last:?}");
    Ok(())
}

/// How long a failure may take: the connection's 5 s, with two for the start and end of a program.
const PATIENCE: Duration = Duration::from_secs(7);
