//! The lobby in a simulated world: clients that do anything, over networks that lose anything, in virtual time, from a
//! seed.
//!
//! Two to forty clients talk to the real lobby in the real encoding, through the real ARQ, over simulated paths. A
//! [witness](witness::Witness) sees each call of the lobby and each of its effects, and checks them against the rules.
//!
//! `OXO_SIM_SEEDS=10000` runs more seeds, and `OXO_SIM_SEED=7` only one. A failing test names its seed and prints the
//! last events.

mod behaviour;
mod choices;
mod client;
mod coverage;
mod dice;
mod mortal;
mod seeds;
mod server;
mod trace;
mod wire;
mod witness;
mod world;

use net::proto::Reject;

use self::world::World;

#[test]
fn whatever_people_and_networks_do_the_lobby_keeps_its_rules() {
    let (count, coverage) = seeds::each(World::run);
    println!("{count} seeds of the lobby:\n{coverage}");
    if seeds::are_enough() {
        coverage.check_reached(REACHED, REJECTED);
    }
}

#[test]
fn whatever_the_server_has_told_outlives_its_death_at_any_moment() {
    let (count, coverage) = seeds::each(World::run_mortal);
    println!("{count} seeds of a lobby whose server dies:\n{coverage}");
    if seeds::are_enough() {
        coverage.check_reached(OUTLIVED, &[]);
    }
}

/// The control: a server that tells first and keeps later loses something, and the simulation notices.
#[test]
fn a_server_that_tells_before_it_keeps_is_caught() {
    let (count, coverage) = seeds::each(World::run_careless);
    println!("{count} seeds of a server that tells first:\n{coverage}");
    if seeds::are_enough() {
        coverage.check_reached(&["seeds in which something was lost"], &[]);
    }
}

/// The events that 200 seeds with a server that dies must reach.
const OUTLIVED: &[&str] = &[
    "commits",
    "deaths",
    "deaths anywhere",
    "deaths between commit and telling",
    "deaths in the middle of a batch",
    "deaths in the middle of telling",
    "matches finished after a death",
    "matches kept for good",
    "returns by token after a death",
    "rooms that outlived a server",
    "tokens that outlived a server",
];

/// The events that 200 seeds must reach, or they have explored nothing.
const REACHED: &[&str] = &[
    "adjourned matches that went on",
    "goodbyes",
    "guests sent away",
    "guests who left before both had moved",
    "hellos refused for being full",
    "hellos refused to an address",
    "joins by code",
    "lines of players",
    "lines of watchers",
    "links evicted by a newer one",
    "links lost",
    "lists asked for",
    "lists of adjourned matches",
    "locked rooms entered by passcode",
    "matches adjourned by a claim",
    "matches adjourned by both",
    "matches begun by two",
    "matches ended: claimed as drawn",
    "matches ended: claimed as won",
    "matches ended: draw agreed",
    "matches ended: flag",
    "matches ended: on the board",
    "matches ended: resigned",
    "moves",
    "moves said again",
    "moves that came twice",
    "offers accepted",
    "offers declined",
    "offers ended by an absence",
    "offers made",
    "offers not answered",
    "offers overtaken by a move",
    "offers withdrawn",
    "parts of lists",
    "people blocked",
    "people sent away from a room that ended",
    "quick matches",
    "rematches",
    "resumes",
    "resumes that evict",
    "rooms ended: adjourned for too long",
    "rooms ended: everybody away",
    "rooms ended: finished",
    "rooms ended: gave way to another address",
    "rooms ended: given up for another",
    "rooms ended: owner away before it began",
    "rooms ended: their owner left before it began",
    "series begun anew",
    "series decided",
    "sessions that gave way",
    "silences",
    "silences that ended",
    "snapshots that were passed over for newer ones",
    "takebacks",
    "times that the server slept",
    "watchers",
    "watchers sent away",
    "wrong tokens",
];

/// The rejects that 200 seeds must cause: all of them.
const REJECTED: &[Reject] = &[
    Reject::AlreadySeated,
    Reject::NotSeated,
    Reject::NoSuchRoom,
    Reject::RoomFull,
    Reject::TooManyRooms,
    Reject::NoMatch,
    Reject::OtherMatch,
    Reject::NotYourTurn,
    Reject::OtherPly,
    Reject::CellTaken,
    Reject::NoSuchCell,
    Reject::MatchRunning,
    Reject::OpponentGone,
    Reject::Paused,
    Reject::OnlyWatching,
    Reject::NotOwner,
    Reject::NeedsPasscode,
    Reject::WrongPasscode,
    Reject::TooManyAttempts,
    Reject::NotWatchable,
    Reject::TooManyWatchers,
    Reject::OfferPending,
    Reject::AlreadyOffered,
    Reject::NothingToTakeBack,
    Reject::NoSuchOffer,
    Reject::OwnOffer,
    Reject::TooSoon,
    Reject::NotAbsent,
    Reject::ClaimTooEarly,
    Reject::TooFast,
    Reject::ChatClosed,
    Reject::TooManyAdjourned,
    Reject::MatchAtStake,
    Reject::TooManyBrowsers,
    Reject::HostAway,
    Reject::RoomFullUnwatchable,
    Reject::Barred,
    Reject::AddressFull,
];
