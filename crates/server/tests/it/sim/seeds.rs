//! Which seeds are run, on how many threads, and which one has failed.

use std::{
    env,
    ops::Range,
    panic::{self, AssertUnwindSafe},
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use super::coverage::Coverage;

/// Seeds in `cargo test`: some seconds' work without optimisation, since `cargo xtask sim` runs many more.
const FEW: u64 = 200;

/// What runs the tests of the simulation alone.
const AGAIN: &str = "cargo test -p server --test it sim::";

/// How a seed is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    /// As fast as it goes.
    First,
    /// Again, since it has failed, with a trace that is printed.
    Traced,
}

/// Runs each seed, on as many threads as there are processors, and returns what all of them reached.
///
/// A seed that panics is run once more with its trace, and named with how to run it alone.
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

/// Whether so many seeds are run that together they must have reached everything.
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
