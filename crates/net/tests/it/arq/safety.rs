//! Guarantees over any path: order, completeness, bounds, quiet, and an end on both sides.

use std::time::Duration;

use net::{
    arq::{CloseCode, Closed, Config, Seq},
    sim::LinkConfig,
};

use super::{
    paths::{self, Path, clean},
    seeds,
    world::{MESSAGE, MESSAGE_HEAD, Phase, SECOND, Side, World},
};

/// The length of the conversation.
const TALK: Duration = Duration::from_secs(4);

/// Both ends send messages of random lengths at random times, in bursts and with pauses.
fn talk(world: &mut World) {
    let end = world.now() + TALK;
    while world.now() < end {
        let pause = match world.rng.below(10) {
            0 => 300,
            1..4 => 0,
            _ => world.rng.below(30),
        };
        world.run_for(Duration::from_millis(pause));
        let length = match world.rng.below(10) {
            0 => 1024,
            _ => MESSAGE_HEAD + usize::try_from(world.rng.below(64)).unwrap(),
        };
        // A full queue is a valid result.
        if world.rng.below(2) == 0 {
            world.client_says(0, length).ok();
        } else {
            world.server_says(0, length).ok();
        }
        check_books(world);
    }
}

/// A message leaves the sender's queue only when the receiver holds it.
#[track_caller]
fn check_books(world: &mut World) {
    let books = |side: &Side| {
        (side.sent_at.len() - side.session.undelivered(), side.received + side.session.untaken())
    };
    let (from_client, to_client) = books(world.client(0));
    let (from_server, to_server) = books(world.server(0));
    assert!(from_client <= to_server, "{from_client} believed to have arrived, {to_server} have");
    assert!(from_server <= to_client, "{from_server} believed to have arrived, {to_client} have");
}

fn is_all_delivered(world: &World) -> bool {
    let (Some(client), Some(server)) = world.ends(0) else { return false };
    client.received == server.sent_at.len()
        && server.received == client.sent_at.len()
        && client.session.undelivered() + server.session.undelivered() == 0
}

#[test]
fn over_every_path_what_arrives_is_a_prefix_and_then_all_of_it() {
    for path in paths::all() {
        seeds::each(path.name, |seed| {
            let mut world = World::connected(seed, Config::default(), &path);
            talk(&mut world);
            assert!(world.run_until(20 * SECOND, is_all_delivered), "not all has arrived");
        });
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for path in paths::all() {
        let trace = |seed| {
            let mut world = World::connected(seed, Config::default(), &path);
            talk(&mut world);
            let counts = (world.client(0).session.counts(), world.server(0).session.counts());
            (counts, world.latencies.clone(), world.clients[0].up.counts(), world.clients[0].down.counts())
        };
        seeds::each(path.name, |seed| {
            if seed < 5 {
                assert_eq!(trace(seed), trace(seed));
            }
        });
    }
}

#[test]
fn after_quiet_there_are_only_keepalives() {
    for path in paths::all() {
        seeds::each(path.name, |seed| {
            let mut world = World::connected(seed, Config::default(), &path);
            talk(&mut world);
            assert!(world.run_until(20 * SECOND, is_all_delivered));
            world.run_for(SECOND);
            let sent = |world: &mut World| {
                let client = world.client(0).session.counts().sent;
                client + world.server(0).session.counts().sent
            };
            let before = sent(&mut world);
            world.run_for(30 * SECOND);
            // Each side asks 20 times and answers 20 times; an unanswered question is repeated four times a second.
            let quiet = sent(&mut world) - before;
            assert!((20..=240).contains(&quiet), "{quiet} datagrams in 30 quiet seconds");
        });
    }
}

#[test]
fn both_ends_see_the_end_over_every_path() {
    for path in paths::all() {
        seeds::each(path.name, |seed| {
            let mut world = World::connected(seed, Config::default(), &path);
            talk(&mut world);
            assert!(world.run_until(20 * SECOND, is_all_delivered));
            let now = world.now();
            let by_server = seed % 2 == 0;
            if by_server {
                world.server(0).session.finish(now);
            } else {
                world.client(0).session.finish(now);
            }
            let is_over = |world: &World| {
                let Phase::Open(client) = &world.clients[0].phase else { return false };
                client.closed.is_some() && world.sessions.is_empty()
            };
            let limit = Config::default().timing.idle_timeout + 2 * SECOND;
            assert!(world.run_until(limit, is_over), "one end goes on");
        });
    }
}

#[test]
fn what_was_sent_before_the_finish_arrives() {
    for path in paths::all() {
        seeds::each(path.name, |seed| {
            let mut world = World::connected(seed, Config::default(), &path);
            for _ in 0..20 {
                world.client_says(0, MESSAGE).unwrap();
            }
            let now = world.now();
            world.client(0).session.finish(now);
            let sent = world.client(0).sent_at.len();
            let mut received = 0;
            world.run_until(20 * SECOND, |world| {
                received = world.ends(0).1.map_or(received, |server| server.received);
                world.sessions.is_empty()
            });
            assert_eq!(received, sent);
            assert!(world.sessions.is_empty());
        });
    }
}

#[test]
fn after_a_partition_all_that_waits_arrives_within_250_ms_and_two_round_trips() {
    for (name, rtt) in [("partition on a LAN", 2), ("partition at 40 ms", 40)] {
        let rtt = Duration::from_millis(rtt);
        let path = Path { name, up: clean(rtt), down: clean(rtt) };
        seeds::each(name, |seed| {
            let mut world = World::connected(seed, Config::default(), &path);
            world.run_for(SECOND);
            world.clients[0].up.set_cut(true);
            world.clients[0].down.set_cut(true);
            for _ in 0..10 {
                world.client_says(0, MESSAGE).unwrap();
                world.server_says(0, MESSAGE).unwrap();
                world.run_for(Duration::from_millis(20));
            }
            let length = 100 + world.rng.below(4_500);
            world.run_for(Duration::from_millis(length));
            world.clients[0].up.set_cut(false);
            world.clients[0].down.set_cut(false);
            let limit = Duration::from_millis(250);
            assert!(world.run_until(limit + 2 * rtt, is_all_delivered), "{length} ms");
        });
    }
}

#[test]
fn connecting_succeeds_or_fails_on_both_ends() {
    for path in paths::all() {
        seeds::each(path.name, |seed| {
            let mut world = World::new(seed, Config::default());
            world.dial(&path.up, &path.down);
            // The path is cut for good at a random moment of the handshake, in one direction or both.
            let cut_at = Duration::from_micros(world.rng.below(60_000));
            world.run_for(cut_at);
            let which = world.rng.below(4);
            world.clients[0].up.set_cut(which & 1 != 0);
            world.clients[0].down.set_cut(which & 2 != 0);
            world.run_for(Config::default().timing.idle_timeout + 7 * SECOND);
            let client_is_open = matches!(&world.clients[0].phase,
                Phase::Open(side) if side.closed.is_none());
            assert_eq!(client_is_open, !world.sessions.is_empty(), "only one end is open");
        });
    }
}

#[test]
fn a_first_packet_that_is_lost_costs_50_ms() {
    let path = LinkConfig { delay: Duration::from_millis(1), ..LinkConfig::default() };
    let mut world = World::new(1, Config::default());
    world.dial(&path, &path);
    world.clients[0].up.set_cut(true);
    world.run_for(Duration::from_millis(10));
    world.clients[0].up.set_cut(false);
    let start = world.start;
    world.run_until(SECOND, |world| matches!(world.clients[0].phase, Phase::Open(_)));
    assert_eq!(world.now() - start, Duration::from_millis(54), "50, and two round trips");
}

#[test]
fn the_numbers_end_and_the_session_with_them() {
    let near_the_end = Seq::new(Seq::LAST.get() - 300).unwrap();
    let config = Config { first_number: near_the_end, ..Config::default() };
    for path in paths::all() {
        seeds::each(path.name, |seed| {
            let mut world = World::connected(seed, config.clone(), &path);
            for _ in 0..400 {
                if world.client(0).closed.is_some() {
                    break;
                }
                world.client_says(0, MESSAGE).ok();
                world.run_for(Duration::from_millis(50));
            }
            let limit = 30 * SECOND;
            world.run_until(limit, |world| world.sessions.is_empty());
            let closed = world.client(0).closed.unwrap();
            let expected =
                [Closed::Exhausted, Closed::ByPeer(CloseCode::Exhausted), Closed::Reset, Closed::Silent];
            // Without loss, only the numbers can have ended it.
            let is_clean = path.up == clean(path.up.delay * 2) && path.down == clean(path.down.delay * 2);
            assert!(expected[..if is_clean { 2 } else { 4 }].contains(&closed), "{closed:?}");
        });
    }
}
