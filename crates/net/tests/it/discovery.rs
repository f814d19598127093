//! Rooms announced and found over the loopback interface of this machine, by real multicast DNS.
//!
//! Other programs on this machine may announce rooms there too, so each test knows its rooms by codes of its own.

use std::time::Duration;

use net::{
    discovery::{Advert, Announcer, Browser, LanEvent, LanRoom, Place, Reach},
    proto::{PROTOCOL, RoomCode, Terms},
};
use tokio::time::timeout;

fn room(code: &str) -> Advert {
    Advert {
        code: code.parse().unwrap(),
        host: "ana".parse().unwrap(),
        guest: None,
        terms: Terms::default(),
        is_locked: false,
        is_watchable: true,
        protocol: PROTOCOL,
    }
}

/// Waits for an event about a room; fails the test if there is none.
async fn next(browser: &mut Browser, wanted: impl Fn(&LanEvent) -> bool) -> LanEvent {
    let next = async {
        loop {
            let event = browser.next().await.expect("the search goes on");
            if wanted(&event) {
                return event;
            }
        }
    };
    timeout(Duration::from_secs(10), next).await.expect("multicast DNS works over loopback")
}

async fn appears(browser: &mut Browser, code: RoomCode) -> LanRoom {
    match next(browser, |event| matches!(event, LanEvent::Appeared(room) if room.advert.code == code)).await {
        LanEvent::Appeared(room) => room,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_room_is_found_changes_and_leaves_with_a_goodbye() {
    let advert = room("KITE-42");
    let announcer = Announcer::start(Place::on_loopback(1952)).unwrap();
    announcer.publish(vec![advert]);
    let mut browser = Browser::start(Reach::Loopback).unwrap();
    let found = appears(&mut browser, advert.code).await;
    assert_eq!(found.advert, advert);
    assert!(found.addresses.iter().all(|addr| addr.ip().is_loopback() && addr.port() == 1952), "{found:?}");

    let playing = Advert { guest: "ben".parse().ok(), ..advert };
    announcer.publish(vec![playing]);
    let is_playing = |event: &LanEvent| matches!(event, LanEvent::Changed(room) if room.advert == playing);
    next(&mut browser, is_playing).await;

    announcer.stop().await;
    next(&mut browser, |event| *event == LanEvent::Gone(found.id)).await;
    browser.stop().await;
}

#[tokio::test]
async fn one_room_of_several_leaves_and_the_others_stay() {
    let rooms = [room("OAKEN-55"), room("RUBY-07")];
    let announcer = Announcer::start(Place::on_loopback(1953)).unwrap();
    announcer.publish(rooms.to_vec());
    let mut browser = Browser::start(Reach::Loopback).unwrap();
    let mut found = Vec::new();
    while found.len() < 2 {
        let is_ours = |event: &LanEvent| matches!(event, LanEvent::Appeared(room) if rooms.iter().any(|ours| ours.code == room.advert.code));
        let LanEvent::Appeared(room) = next(&mut browser, is_ours).await else { continue };
        found.push(room);
    }
    let oak = found.iter().find(|room| room.advert.code == rooms[0].code).unwrap();
    announcer.publish(vec![rooms[1]]);
    next(&mut browser, |event| *event == LanEvent::Gone(oak.id)).await;
    browser.stop().await;
    // A search that begins now finds the other room, with its addresses.
    let mut browser = Browser::start(Reach::Loopback).unwrap();
    appears(&mut browser, rooms[1].code).await;
    announcer.stop().await;
    browser.stop().await;
}
