//! The search for games on the network: one task, which also measures the distance to each.

use std::time::Duration;

use net::{
    connect::ping,
    discovery::{Browser, LanEvent, LanRoomId, Reach},
    interfaces::networks,
};
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{Instant, MissedTickBehavior, interval_at},
};
use tracing::debug;

use crate::{
    failure::Failure,
    lan_games::{Answer, LanGames},
};

/// A search that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct LanSearch {
    games: watch::Receiver<LanGames>,
    task: JoinHandle<()>,
}

impl LanSearch {
    /// Starts to search.
    pub fn start() -> Self {
        let (out, games) = watch::channel(LanGames::searching(now()));
        let task = tokio::spawn(search(out));
        Self { games, task }
    }

    /// Waits for the next change and returns the games found so far. Pends for ever once the search has failed.
    pub async fn next(&mut self) -> LanGames {
        if self.games.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        self.games.borrow_and_update().clone()
    }

    /// Stops the search and waits until its sockets are closed.
    pub async fn stop(self) {
        drop(self.games);
        // A panic in the task has been reported by the hook.
        let _ended = self.task.await;
    }
}

async fn search(games: watch::Sender<LanGames>) {
    let mut browser = match Browser::start(Reach::Lan) {
        Ok(browser) => browser,
        Err(error) => return games.send_modify(|games| games.fail(error.into())),
    };
    let mut pings = Pings::default();
    let mut look = interval_at(Instant::now(), LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = games.closed() => break,
            event = browser.next() => {
                let Some(event) = event else {
                    games.send_modify(|games| games.fail(Failure::new("Cannot search for games any more")));
                    break;
                };
                if let LanEvent::Appeared(room) = &event {
                    pings.waiting.push(room.id);
                }
                games.send_modify(|games| games.handle_event(now(), event));
            }
            // A panic in a ping has been reported by the hook.
            Some(Ok((id, answer))) = pings.under_way.join_next() => {
                if answer.is_none() {
                    browser.verify(id);
                }
                games.send_modify(|games| games.handle_ping(now(), id, answer));
            }
            _ = look.tick() => {
                pings.ask_all(&games.borrow());
                let found = networks().inspect_err(|error| debug!(%error, "no interfaces")).unwrap_or_default();
                games.send_if_modified(|games| games.set_networks(found));
            }
        }
        pings.fill(&games.borrow());
    }
    browser.stop().await;
}

/// The pings of the games found.
#[derive(Debug, Default)]
struct Pings {
    /// Games to ping; the last one is next.
    waiting: Vec<LanRoomId>,
    under_way: JoinSet<(LanRoomId, Option<Answer>)>,
}

impl Pings {
    /// Pings every game, unless the last round is still under way.
    fn ask_all(&mut self, games: &LanGames) {
        if self.waiting.is_empty() && self.under_way.is_empty() {
            self.waiting = games.games().rev().map(|game| game.room.id).collect();
        }
    }

    /// Starts as many pings as may run at once.
    fn fill(&mut self, games: &LanGames) {
        while self.under_way.len() < MAX_PINGS
            && let Some(id) = self.waiting.pop()
        {
            // It may have gone meanwhile.
            let Some(room) = games.room(id) else { continue };
            let addresses = room.addresses.clone();
            self.under_way.spawn(async move {
                let answer = ping(&addresses).await.ok();
                (id, answer.map(|(candidate, rtt)| Answer { addr: candidate.addr, rtt }))
            });
        }
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}

/// Pings under way at once: a screenful, each of which takes 1.5 s at most.
const MAX_PINGS: usize = 16;

/// The interval of pings to every game, and of looks at the interfaces.
const LOOK_EVERY: Duration = Duration::from_secs(5);
