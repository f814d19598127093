//! The ARQ over simulated networks in virtual time: worlds of clients, a server and bad paths, all from seeds.
//!
//! `OXO_SIM_SEEDS=1000` runs more seeds of each case, and `OXO_SIM_SEED=7` that one alone. A failing test prints its
//! seed.

mod anchors;
mod fairness;
mod hostile;
mod life;
mod paths;
mod safety;
mod seeds;
mod world;
