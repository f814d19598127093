//! Prints the games of this network as they appear, change and go, until it is stopped.
//!
//! ```console
//! $ cargo run -p net --example lan_games
//! + KITE-42 ana open 3x3 30s 192.168.1.7:1952
//! - KITE-42
//! ```
#![expect(clippy::print_stdout, reason = "a program talks to whoever started it")]

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

use net::{
    connect::ping,
    discovery::{Browser, DiscoveryError, LanEvent, LanRoom, Reach},
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
    let mut games = BTreeMap::new();
    let mut pings = JoinSet::new();
    let mut look_at = Instant::now() + LOOK_EVERY;
    loop {
        tokio::select! {
            event = browser.next() => match event {
                Some(LanEvent::Appeared(room)) => {
                    println!("+ {}", line(&room));
                    games.insert(room.id, room);
                }
                Some(LanEvent::Changed(room)) => {
                    println!("~ {}", line(&room));
                    games.insert(room.id, room);
                }
                Some(LanEvent::Gone(id)) => {
                    if let Some(room) = games.remove(&id) {
                        println!("- {}", room.advert.code);
                    }
                }
                None => return Ok(()),
            },
            () = sleep_until(look_at) => {
                // At most one for each game, and none before the last ones have ended.
                if pings.is_empty() {
                    for LanRoom { id, addresses, .. } in games.values().cloned() {
                        pings.spawn(async move { (id, ping(&addresses).await.is_ok()) });
                    }
                }
                look_at = Instant::now() + LOOK_EVERY;
            }
            Some(pinged) = pings.join_next() => {
                if let Ok((id, false)) = pinged {
                    // The server did not answer: does the network still have its record?
                    browser.verify(id);
                }
            }
        }
    }
}

fn line(LanRoom { id: _, advert, addresses }: &LanRoom) -> String {
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let terms = &advert.terms;
    let state = advert.state().key();
    format!("{} {} {state} {} {} {}", advert.code, advert.host, terms.rules, terms.time, addresses.join(" "))
}

/// Time between two rounds of pings.
const LOOK_EVERY: Duration = Duration::from_secs(2);
