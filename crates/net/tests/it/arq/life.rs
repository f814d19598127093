//! Sessions over time: silence, suspends, restarts, crossing closes.

use std::time::Duration;

use net::arq::{CloseCode, Closed, Config};

use super::{
    paths::{Path, clean},
    world::{MESSAGE, Phase, SECOND, World},
};

fn lan() -> Path {
    let config = clean(Duration::from_millis(2));
    Path { name: "a LAN", up: config.clone(), down: config }
}

fn connected() -> World {
    World::connected(1, Config::default(), &lan())
}

fn cut(world: &mut World, index: usize) {
    world.clients[index].up.set_cut(true);
    world.clients[index].down.set_cut(true);
}

#[test]
fn a_peer_that_is_gone_is_given_up_after_the_idle_timeout() {
    let mut world = connected();
    world.run_for(SECOND);
    cut(&mut world, 0);
    let start = world.now();
    assert!(world.run_until(12 * SECOND, |world| world.sessions.is_empty()));
    let took = world.now() - start;
    let idle = Config::default().timing.idle_timeout;
    assert!(took <= idle && idle <= took + 2 * SECOND, "{took:?}");
    world.run_for(2 * SECOND);
    assert_eq!(world.client(0).closed, Some(Closed::Silent));
}

#[test]
fn a_refusal_shortens_the_timeout_and_is_ignored_while_the_peer_answers() {
    let mut world = connected();
    world.run_for(SECOND);
    for _ in 0..1000 {
        let now = world.now();
        world.client(0).session.handle_refused(now);
        world.run_for(Duration::from_millis(10));
    }
    assert_eq!(world.client(0).closed, None, "a storm of ICMP ends nothing");

    cut(&mut world, 0);
    let now = world.now();
    world.client(0).session.handle_refused(now);
    world.run_until(12 * SECOND, |world| match &world.clients[0].phase {
        Phase::Open(side) => side.closed.is_some(),
        Phase::Dialing(_) | Phase::Failed => false,
    });
    assert_eq!(world.client(0).closed, Some(Closed::Refused));
    assert!(world.now() - now <= Config::default().timing.refused_timeout);
}

#[test]
fn after_a_suspend_there_is_one_probe_and_no_burst() {
    let mut world = connected();
    world.client_says(0, MESSAGE).unwrap();
    world.run_for(SECOND);
    // Only the client sleeps; the server and the path stand still with it, which is the harder case.
    world.clock.advance(3600 * SECOND);
    let before = world.client(0).session.counts().sent;
    world.run_for(Duration::from_micros(900));
    let sent = world.client(0).session.counts().sent - before;
    assert_eq!(sent, 1);
    world.run_for(SECOND);
    assert_eq!(world.client(0).closed, None, "the probe was answered");
    assert!(world.ends(0).1.is_some());
}

#[test]
fn after_a_suspend_a_peer_that_is_gone_is_found_out_in_seconds() {
    let mut world = connected();
    world.run_for(SECOND);
    cut(&mut world, 0);
    world.clock.advance(3600 * SECOND);
    let start = world.now();
    world.run_until(12 * SECOND, |world| world.sessions.is_empty());
    world.run_for(SECOND);
    assert_eq!(world.client(0).closed, Some(Closed::Silent));
    assert!(world.now() - start <= 5 * SECOND, "{:?}", world.now() - start);
}

#[test]
fn a_lost_acknowledgement_is_repeated_for_the_next_copy() {
    let mut world = connected();
    world.run_for(SECOND);
    world.clients[0].down.set_cut(true);
    world.client_says(0, MESSAGE).unwrap();
    world.run_for(Duration::from_millis(50));
    assert_eq!((world.server(0).received, world.client(0).session.undelivered()), (1, 1));
    world.clients[0].down.set_cut(false);
    let healed_at = world.now();
    assert!(
        world.run_until(SECOND, |world| world.ends(0).0.is_some_and(|side| side.session.undelivered() == 0))
    );
    let after = world.now() - healed_at;
    assert!(after <= Duration::from_millis(40), "{after:?}");
}

#[test]
fn a_restarted_server_is_seen_in_one_round_trip() {
    let mut world = connected();
    world.run_for(SECOND);
    // The new endpoint knows nobody.
    world.endpoint = net::arq::Endpoint::new(world.now(), Config::default(), [99; 16]);
    world.sessions.clear();
    let start = world.now();
    world.client_says(0, MESSAGE).unwrap();
    world.run_until(
        SECOND,
        |world| matches!(&world.clients[0].phase, Phase::Open(side) if side.closed.is_some()),
    );
    assert_eq!(world.client(0).closed, Some(Closed::Reset));
    assert_eq!(world.now() - start, Duration::from_millis(2));
}

#[test]
fn closes_that_cross_end_both() {
    let mut world = connected();
    let now = world.now();
    world.client(0).session.close(now, CloseCode::Done);
    world.server(0).session.close(now, CloseCode::Done);
    world.run_for(SECOND);
    assert_eq!(world.client(0).closed, Some(Closed::ByUs));
    assert!(world.sessions.is_empty());
    world.run_for(60 * SECOND);
    let quiet = world.endpoint.counts().resets;
    assert!(quiet <= 1, "{quiet} answers to what was over");
}

#[test]
fn a_close_ends_both_though_every_close_is_lost() {
    let mut world = connected();
    let now = world.now();
    cut(&mut world, 0);
    world.client(0).session.close(now, CloseCode::Done);
    world.run_for(SECOND);
    assert_eq!(world.client(0).closed, Some(Closed::ByUs));
    assert!(world.ends(0).1.is_some());
    world.clients[0].up.set_cut(false);
    world.clients[0].down.set_cut(false);
    world.run_for(Config::default().timing.idle_timeout);
    assert!(world.sessions.is_empty());
}

#[test]
fn two_clients_behind_one_address_and_a_client_that_comes_again_from_the_same_port() {
    let path = lan();
    let mut world = World::new(1, Config::default());
    world.dial(&path.up, &path.down);
    world.dial(&path.up, &path.down);
    world.run_for(SECOND);
    assert_eq!(world.sessions.len(), 2);
    world.client_says(0, MESSAGE).unwrap();
    world.run_for(SECOND);
    // The client forgets everything and dials from the same port; its old session is silent from now on.
    world.redial(0);
    world.run_for(SECOND);
    assert_eq!(world.sessions.len(), 3);
    world.client_says(0, MESSAGE).unwrap();
    world.client_says(1, MESSAGE).unwrap();
    world.run_for(SECOND);
    assert_eq!(world.server(0).received, 1, "and nothing of the session before");
    assert_eq!(world.server(1).received, 1);
    world.run_for(Config::default().timing.idle_timeout);
    assert_eq!(world.sessions.len(), 2, "the old one ended by its silence");
}

#[test]
fn a_clock_that_stands_still_makes_no_loop() {
    let mut world = connected();
    for _ in 0..200 {
        world.client_says(0, MESSAGE).ok();
        world.run_for(Duration::ZERO);
    }
    world.run_for(20 * SECOND);
    assert_eq!(world.client(0).session.undelivered(), 0);
}
