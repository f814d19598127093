//! The seeds of a case, and the report of a seed that fails.

use std::{env, ops::Range};

/// The number of seeds of a case in `cargo test`, enough for a second's work; `cargo xtask sim` runs many more.
const FEW: u64 = 50;

/// Runs a case with each of its seeds. If one panics, prints how to run it again.
pub(super) fn each(case: &str, run: impl Fn(u64)) {
    for seed in seeds() {
        let named = Named { case, seed };
        run(seed);
        drop(named);
    }
}

/// Returns whether many seeds are asked for, and with them all other long tests.
pub(super) fn is_thorough() -> bool {
    env::var_os("OXO_SIM_SEEDS").is_some()
}

fn seeds() -> Range<u64> {
    let number = |name: &str| env::var(name).ok().map(|text| text.parse().expect("a number of seeds"));
    match (number("OXO_SIM_SEED"), number("OXO_SIM_SEEDS")) {
        (Some(only), _) => only..only + 1,
        (None, count) => 0..count.unwrap_or(FEW),
    }
}

struct Named<'a> {
    case: &'a str,
    seed: u64,
}

impl Drop for Named<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self { case, seed } = self;
            eprintln!("the case `{case}` failed with seed {seed}; OXO_SIM_SEED={seed} runs it again");
        }
    }
}
