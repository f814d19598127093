//! The lobby among people who do anything, over networks that lose anything, in virtual time and from seeds.
//!
//! Two to forty clients speak with the real lobby in the real encoding, through the real ARQ, over simulated paths. A
//! [witness](witness::Witness) sees each call of the lobby and all that is told, and knows the rules.
//!
//! `OXO_SIM_SEEDS=10000` runs more seeds, and `OXO_SIM_SEED=7` one alone. A failing test says which, and shows what
//! happened before.

mod behaviour;
mod client;
mod dice;
mod door;
mod figures;
mod seeds;
mod trace;
mod whims;
mod wire;
mod witness;
mod world;

use net::proto::Reject;

use self::world::World;

#[test]
fn whatever_people_and_networks_do_the_lobby_keeps_its_rules() {
    let (count, figures) = seeds::each(World::run);
    println!("{count} seeds of the lobby:\n{figures}");
    if seeds::are_enough() {
        figures.check_reached(REACHED, REJECTED);
    }
}

/// What 200 seeds have reached, or they have explored nothing.
const REACHED: &[&str] = &[];

/// The rejects that 200 seeds have caused.
const REJECTED: &[Reject] = &[];
