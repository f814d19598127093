//! The ARQ over simulated networks in virtual time: whole worlds of clients, a server and bad paths, from seeds.
//!
//! `OXO_SIM_SEEDS=1000` runs more seeds of each case, and `OXO_SIM_SEED=7` one alone. A failing test says which.

mod anchors;
mod hostile;
mod life;
mod paths;
mod safety;
mod seeds;
mod world;
