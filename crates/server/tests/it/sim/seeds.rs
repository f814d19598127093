//! Runs seeds on several threads, and names the one that fails.

use std::{
    env,
    ops::Range,
    panic::{self, AssertUnwindSafe},
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use super::coverage::Coverage;

/// Seeds in `cargo test`: a few seconds without optimisation. `cargo xtask sim` runs many more.
const FEW: u64 = 200;

/// The command that runs only the tests of the simulation.
const AGAIN: &str = "cargo test -p server --test it sim::";

/// The way to run a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    /// At full speed.
    First,
    /// A second time after a failure, with a trace that is printed.
    Traced,
}

/// Runs each seed, on as many threads as there are processors, and returns the sum of their counts.
///
/// A seed that panics is run once more with its trace, and the command that runs it alone is printed.
pub(super) fn each(run: impl Fn(u64, Run) -> Coverage + Sync) -> (u64, Coverage) {
    let seeds = seeds();
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let mut coverage = Coverage::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return coverage;
            }
            let Ok(reached) = panic::catch_unwind(AssertUnwindSafe(|| run(seed, Run::First))) else {
                // No thread begins another.
                next.store(seeds.end, Ordering::Relaxed);
                eprintln!("seed {seed} has failed; `OXO_SIM_SEED={seed} {AGAIN}` runs it again, as here:");
                run(seed, Run::Traced);
                panic!("seed {seed} fails at times");
            };
            coverage.merge(&reached);
        }
    };
    let threads = thread::available_parallelism().map_or(1, Into::into);
    let coverage = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut coverage = Coverage::default();
        for thread in running {
            match thread.join() {
                Ok(reached) => coverage.merge(&reached),
                Err(failure) => panic::resume_unwind(failure),
            }
        }
        coverage
    });
    (seeds.end - seeds.start, coverage)
}

/// The run is large enough that its seeds together must have reached everything.
pub(super) fn are_enough() -> bool {
    let seeds = seeds();
    seeds.end - seeds.start >= FEW
}

fn seeds() -> Range<u64> {
    let number = |name: &str| env::var(name).ok().map(|text| text.parse().expect("a number of seeds"));
    match (number("OXO_SIM_SEED"), number("OXO_SIM_SEEDS")) {
        (Some(only), _) => only..only + 1,
        (None, count) => 0..count.unwrap_or(FEW),
    }
}
