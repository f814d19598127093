//! Servers announced and found over the loopback interface of this machine, by real multicast DNS.
//!
//! Other programs on this machine may announce servers there too, so each test knows its servers by names of its own.

use std::time::Duration;

use net::{
    discovery::{Announced, Announcer, Browser, LanEvent, LanServer, Place, Reach, Spread},
    proto::{Name, PROTOCOL},
};
use tokio::{sync::watch, time::timeout};

/// Starts to announce, and waits until it is sent over IPv4: a machine may lack IPv6.
async fn announce(port: u16, name: &str) -> Announcer {
    let (out, mut announced) = watch::channel(Announced::default());
    let announcer = Announcer::start(Place::on_loopback(port), name.parse().unwrap(), out);
    let sent = announced.wait_for(|announced| announced.ipv4 == Spread::Sent);
    timeout(PATIENCE, sent).await.expect("multicast DNS works over loopback").unwrap();
    announcer
}

/// Waits for an event; fails the test if there is none.
async fn next(browser: &mut Browser, wanted: impl Fn(&LanEvent) -> bool) -> LanEvent {
    let next = async {
        loop {
            let event = browser.next().await.expect("the search goes on");
            if wanted(&event) {
                return event;
            }
        }
    };
    timeout(PATIENCE, next).await.expect("multicast DNS works over loopback")
}

async fn appears(browser: &mut Browser, name: &str) -> LanServer {
    let name: Name = name.parse().unwrap();
    let is_it = |event: &LanEvent| matches!(event, LanEvent::Appeared(server) if server.advert.name == name);
    match next(browser, is_it).await {
        LanEvent::Appeared(server) => server,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_is_found_and_leaves_with_a_goodbye() {
    let announcer = announce(1952, "Goodbye 1").await;
    let mut browser = Browser::start(Reach::Loopback).unwrap();
    let found = appears(&mut browser, "Goodbye 1").await;
    assert_eq!(found.advert.protocol, PROTOCOL);
    assert!(found.addresses.iter().all(|addr| addr.ip().is_loopback() && addr.port() == 1952), "{found:?}");
    announcer.stop().await;
    next(&mut browser, |event| *event == LanEvent::Gone(found.id)).await;
    browser.stop().await;
}

#[tokio::test]
async fn one_of_two_servers_leaves_and_a_new_search_finds_the_other() {
    let (oak, ruby) = (announce(1953, "Two 1").await, announce(1954, "Two 2").await);
    let mut browser = Browser::start(Reach::Loopback).unwrap();
    let [first, second] = ["Two 1", "Two 2"];
    let mut found = Vec::new();
    while found.len() < 2 {
        let is_ours = |event: &LanEvent| matches!(event, LanEvent::Appeared(server) if [first, second].contains(&server.advert.name.as_str()));
        let LanEvent::Appeared(server) = next(&mut browser, is_ours).await else { continue };
        found.push(server);
    }
    let gone = found.iter().find(|server| server.advert.name.as_str() == first).unwrap();
    oak.stop().await;
    next(&mut browser, |event| *event == LanEvent::Gone(gone.id)).await;
    browser.stop().await;
    // A search that begins now finds the other one, with its addresses.
    let mut browser = Browser::start(Reach::Loopback).unwrap();
    appears(&mut browser, second).await;
    ruby.stop().await;
    browser.stop().await;
}

const PATIENCE: Duration = Duration::from_secs(10);
