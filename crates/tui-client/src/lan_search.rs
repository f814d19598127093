//! The search for games on the network: one task, which also measures how far away each is.

use std::{collections::BTreeMap, time::Duration};

use net::{
    connect::ping,
    discovery::{Browser, LanEvent, LanRoom, LanRoomId, Reach},
    interfaces::networks,
};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, JoinSet},
    time::{Instant, MissedTickBehavior, interval_at},
};
use tracing::debug;

use crate::{
    failure::Failure,
    msg::{Answer, LanMsg},
};

/// A search that goes on until it is stopped or dropped.
#[derive(Debug)]
pub struct LanSearch {
    messages: mpsc::Receiver<LanMsg>,
    task: JoinHandle<()>,
}

impl LanSearch {
    /// Begins to search. If that is not possible, its only message says why.
    pub fn start() -> Self {
        let (out, messages) = mpsc::channel(MESSAGE_QUEUE);
        let task = tokio::spawn(search(out));
        Self { messages, task }
    }

    /// Waits for the next messages, for ever once it has said its last.
    pub async fn next(&mut self) -> Vec<LanMsg> {
        let mut messages = Vec::new();
        if self.messages.recv_many(&mut messages, MESSAGE_QUEUE).await == 0 {
            std::future::pending::<()>().await;
        }
        messages
    }

    /// Ends the search and waits until its sockets are closed.
    pub async fn stop(self) {
        drop(self.messages);
        // A panic in the task has been reported by the hook.
        let _ended = self.task.await;
    }
}

async fn search(out: mpsc::Sender<LanMsg>) {
    let mut browser = match Browser::start(Reach::Lan) {
        Ok(browser) => browser,
        Err(error) => {
            // Without a runtime there is nobody left to tell.
            let _gone = out.send(LanMsg::Unavailable(error.into())).await;
            return;
        }
    };
    let mut rooms = Rooms::default();
    let mut searched = None;
    let mut look = interval_at(Instant::now(), LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            () = out.closed() => break,
            event = browser.next() => Some(match event {
                Some(event) => {
                    rooms.note(&event);
                    LanMsg::Room(event)
                }
                None => LanMsg::Unavailable(Failure {
                    sentence: "Cannot search for games any more".to_owned(),
                    causes: Vec::new(),
                    hint: None,
                }),
            }),
            Some((room, answer)) = rooms.next_answer() => {
                if answer.is_none() {
                    browser.doubt(room);
                }
                Some(LanMsg::Pinged { room, answer })
            }
            _ = look.tick() => {
                rooms.ping_all();
                let found = networks().inspect_err(|error| debug!(%error, "no interfaces")).unwrap_or_default();
                (searched.as_ref() != Some(&found)).then(|| LanMsg::Searching(searched.insert(found).clone()))
            }
        };
        let Some(message) = message else { continue };
        let is_last = matches!(message, LanMsg::Unavailable(_));
        if out.send(message).await.is_err() || is_last {
            break;
        }
    }
    browser.stop().await;
}

/// The rooms that are pinged. There are as many as the browser has.
#[derive(Debug, Default)]
struct Rooms {
    known: BTreeMap<LanRoomId, LanRoom>,
    /// Those that are to be pinged next, in this order.
    waiting: Vec<LanRoomId>,
    pings: JoinSet<(LanRoomId, Option<Answer>)>,
}

impl Rooms {
    fn note(&mut self, event: &LanEvent) {
        match event {
            LanEvent::Appeared(room) => {
                self.known.insert(room.id, room.clone());
                self.waiting.push(room.id);
                self.ping_next();
            }
            LanEvent::Changed(room) => {
                self.known.insert(room.id, room.clone());
            }
            LanEvent::Gone(id) => {
                self.known.remove(id);
            }
        }
    }

    /// Pings every room, unless the last time has not ended yet.
    fn ping_all(&mut self) {
        if self.waiting.is_empty() && self.pings.is_empty() {
            self.waiting = self.known.keys().rev().copied().collect();
            self.ping_next();
        }
    }

    fn ping_next(&mut self) {
        while self.pings.len() < MAX_PINGS
            && let Some(id) = self.waiting.pop()
        {
            let Some(room) = self.known.get(&id) else { continue };
            let addresses = room.addresses.clone();
            self.pings.spawn(async move {
                let answer = ping(&addresses).await.ok();
                (id, answer.map(|(candidate, rtt)| Answer { addr: candidate.addr, rtt }))
            });
        }
    }

    /// Waits for an answer; `None` while no ping is under way.
    async fn next_answer(&mut self) -> Option<(LanRoomId, Option<Answer>)> {
        loop {
            let joined = self.pings.join_next().await?;
            self.ping_next();
            // A panic in a ping has been reported by the hook, and a room may be gone meanwhile.
            if let Ok((room, answer)) = joined
                && self.known.contains_key(&room)
            {
                return Some((room, answer));
            }
        }
    }
}

/// Messages that may wait. When full, the search waits.
const MESSAGE_QUEUE: usize = 64;

/// Pings under way at once: a screenful, each of which takes 1.5 s at most.
const MAX_PINGS: usize = 16;

/// How often every room is pinged, and the interfaces are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);
