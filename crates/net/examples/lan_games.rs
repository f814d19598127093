//! Prints the servers of this network as they appear, change and go, and their rooms, until it is stopped.
//!
//! ```console
//! $ cargo run -p net --example lan_games
//! + den 192.168.1.7:1952
//! = den KITE-42 ana open 3x3 30s
//! - den
//! ```
#![expect(clippy::print_stdout, reason = "a program talks to whoever started it")]

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

use net::{
    connect::ask,
    discovery::{Browser, DiscoveryError, LanEvent, LanServer, Reach},
    proto::{Question, RoomLine},
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match watch().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}\nhint: {}", error.hint());
            ExitCode::FAILURE
        }
    }
}

async fn watch() -> Result<(), DiscoveryError> {
    let mut browser = Browser::start(Reach::Lan)?;
    let mut servers = BTreeMap::new();
    let mut rooms = BTreeMap::new();
    let mut asks = JoinSet::new();
    let mut ask_at = Instant::now();
    loop {
        tokio::select! {
            event = browser.next() => match event {
                Some(LanEvent::Appeared(server)) => {
                    println!("+ {}", line(&server));
                    servers.insert(server.id, server);
                    ask_at = Instant::now();
                }
                Some(LanEvent::Changed(server)) => {
                    println!("~ {}", line(&server));
                    servers.insert(server.id, server);
                }
                Some(LanEvent::Gone(id)) => {
                    rooms.remove(&id);
                    if let Some(server) = servers.remove(&id) {
                        println!("- {}", server.advert.name);
                    }
                }
                None => return Ok(()),
            },
            () = sleep_until(ask_at) => {
                // At most one for each server, and none before the last ones have ended.
                if asks.is_empty() {
                    for LanServer { id, addresses, .. } in servers.values().cloned() {
                        asks.spawn(async move { (id, ask(&addresses, Question::Rooms { first: 0 }).await) });
                    }
                }
                ask_at = Instant::now() + ASK_EVERY;
            }
            Some(Ok((id, answer))) = asks.join_next() => match answer {
                // Does the network still have its record?
                Err(_) => browser.verify(id),
                Ok((_, _, answer)) => {
                    let told: Vec<String> = answer.rooms.iter().map(room).collect();
                    if rooms.insert(id, told.clone()).unwrap_or_default() != told {
                        for room in told {
                            println!("= {} {room}", answer.server);
                        }
                    }
                }
            }
        }
    }
}

fn line(server: &LanServer) -> String {
    let addresses: Vec<String> = server.addresses.iter().map(ToString::to_string).collect();
    format!("{} {}", server.advert.name, addresses.join(" "))
}

fn room(room: &RoomLine) -> String {
    let terms = &room.terms;
    format!("{} {} {} {} {}", room.code, room.host, room.state().key(), terms.rules, terms.time)
}

/// Time between two rounds of questions.
const ASK_EVERY: Duration = Duration::from_secs(2);
