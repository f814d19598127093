//! The search for games on the network: one task, which finds servers and asks each for its rooms.

use std::{collections::BTreeSet, io, net::SocketAddr, time::Duration};

use net::{
    connect::ask,
    discovery::{Browser, LanEvent, LanServerId, Reach},
    interfaces::networks,
    proto::{Question, RoomCode, RoomLine},
};
use tokio::{
    sync::{mpsc, watch},
    task::{JoinHandle, JoinSet},
    time::{Instant, MissedTickBehavior, interval_at},
};

use crate::{
    failure::Failure,
    lan_games::{LanGames, Route},
};

/// A search that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct LanSearch {
    games: watch::Receiver<LanGames>,
    codes: mpsc::Sender<RoomCode>,
    task: JoinHandle<()>,
}

impl LanSearch {
    /// Starts to search.
    pub fn start() -> Self {
        let (out, games) = watch::channel(LanGames::searching(now()));
        let (codes, wanted) = mpsc::channel(CODES);
        let task = tokio::spawn(search(out, wanted));
        Self { games, codes, task }
    }

    /// Asks each server for the room with this code as well, which need not be on its list. It replaces an earlier code.
    pub fn seek(&self, code: RoomCode) {
        // Nobody types so fast.
        let _full = self.codes.try_send(code);
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
        drop(self.codes);
        // A panic in the task has been reported by the hook.
        let _ended = self.task.await;
    }
}

async fn search(games: watch::Sender<LanGames>, mut codes: mpsc::Receiver<RoomCode>) {
    let mut browser = match Browser::start(Reach::Lan) {
        Ok(browser) => browser,
        Err(error) => return games.send_modify(|games| games.fail(error.into())),
    };
    let mut asks = Asks::default();
    let mut ask = interval_at(Instant::now() + ASK_EVERY, ASK_EVERY);
    ask.set_missed_tick_behavior(MissedTickBehavior::Delay);
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
                match &event {
                    LanEvent::Appeared(server) => asks.waiting.push(server.id),
                    // One that can be reached by another address is asked again at once.
                    LanEvent::Changed(server) => {
                        if games.borrow().server(server.id).is_some_and(|found| found.route().is_none()) {
                            asks.waiting.push(server.id);
                        }
                    }
                    LanEvent::Gone(id) => {
                        asks.without_code.remove(id);
                    }
                }
                games.send_modify(|games| games.handle_event(now(), event));
            }
            Some(code) = codes.recv() => {
                asks.seek(code);
                asks.begin_round(&games.borrow());
            }
            // A panic in a task has been reported by the hook.
            Some(Ok(heard)) = asks.under_way.join_next() => {
                asks.take_in(&heard);
                let Heard { id, answer, .. } = heard;
                if answer.is_none() {
                    browser.verify(id);
                }
                games.send_modify(|games| games.handle_answer(now(), id, answer));
            }
            _ = ask.tick() => asks.begin_round(&games.borrow()),
            _ = look.tick() => match networks() {
                Ok(found) => {
                    games.send_if_modified(|games| games.set_networks(found));
                }
                Err(error) => {
                    // A sandbox without netlink does not tell them later either.
                    games.send_modify(|games| games.fail(untold(&error)));
                    break;
                }
            }
        }
        asks.fill(&games.borrow());
    }
    browser.stop().await;
}

/// The questions to the servers found.
#[derive(Debug, Default)]
struct Asks {
    /// Servers to ask; the last one is next.
    waiting: Vec<LanServerId>,
    /// Servers that are being asked.
    asked: BTreeSet<LanServerId>,
    under_way: JoinSet<Heard>,
    /// The room that is sought.
    code: Option<RoomCode>,
    /// Servers that do not have it. They are not asked for it again, since they count wrong codes.
    without_code: BTreeSet<LanServerId>,
}

/// The outcome of the questions to one server.
#[derive(Debug)]
struct Heard {
    id: LanServerId,
    answer: Option<(Route, Vec<RoomLine>)>,
    /// The room that was sought.
    code: Option<RoomCode>,
    /// True if the server was asked for it and does not have it.
    is_without_code: bool,
}

impl Asks {
    /// Seeks another room.
    fn seek(&mut self, code: RoomCode) {
        self.code = Some(code);
        self.without_code.clear();
    }

    /// Takes in that a server was asked. One that was asked for another room than is sought now is asked again at once.
    fn take_in(&mut self, heard: &Heard) {
        self.asked.remove(&heard.id);
        if heard.code != self.code {
            self.waiting.push(heard.id);
        } else if heard.is_without_code {
            self.without_code.insert(heard.id);
        }
    }

    /// Asks every server, unless the last round is still under way.
    fn begin_round(&mut self, games: &LanGames) {
        if self.waiting.is_empty() {
            self.waiting = games.servers().rev().map(|found| found.server.id).collect();
        }
    }

    /// Starts as many questions as may be under way at once.
    fn fill(&mut self, games: &LanGames) {
        while self.under_way.len() < MAX_ASKS
            && let Some(id) = self.waiting.pop()
        {
            // It may have gone meanwhile, or not be able to answer.
            let Some(found) = games.server(id).filter(|found| found.is_understood()) else { continue };
            if self.asked.insert(id) {
                let addresses = found.server.addresses.clone();
                let asks_for_code = !self.without_code.contains(&id);
                self.under_way.spawn(ask_one(id, addresses, self.code, asks_for_code));
            }
        }
    }
}

/// Asks a server for its whole list, and for the room that is sought if it is not on it.
async fn ask_one(
    id: LanServerId,
    addresses: Vec<SocketAddr>,
    code: Option<RoomCode>,
    asks_for_code: bool,
) -> Heard {
    let Ok((candidate, rtt, mut last)) = ask(&addresses, Question::Rooms { first: 0 }).await else {
        return Heard { id, answer: None, code, is_without_code: false };
    };
    let there = [candidate.addr];
    let mut rooms = std::mem::take(&mut last.rooms);
    let mut place = rooms.len();
    while place < usize::from(last.total)
        && rooms.len() < MAX_ROOMS
        && let Ok(first) = u16::try_from(place)
        && let Ok((_, _, more)) = ask(&there, Question::Rooms { first }).await
        && !more.rooms.is_empty()
    {
        place += more.rooms.len();
        for room in more.rooms {
            // A list that changes meanwhile may show a room twice.
            if rooms.iter().all(|known| known.code != room.code) {
                rooms.push(room);
            }
        }
    }
    let mut is_without_code = false;
    if let Some(code) = code.filter(|_| asks_for_code)
        && rooms.iter().all(|room| room.code != code)
        && let Ok((_, _, answer)) = ask(&there, Question::Code(code)).await
    {
        let room = answer.rooms.into_iter().find(|room| room.code == code);
        is_without_code = room.is_none();
        rooms.extend(room);
    }
    let route = Route { addr: candidate.addr, rtt };
    Heard { id, answer: Some((route, rooms)), code, is_without_code }
}

/// The failure of a search where the system does not list this machine's interfaces.
fn untold(error: &io::Error) -> Failure {
    Failure {
        causes: vec![error.to_string()],
        hint: Some("an address works without a search, as in `oxo join 192.168.1.7`".into()),
        ..Failure::new("Cannot search for games: the system does not tell this machine's networks")
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}

/// Servers asked at once: a screenful, each of which takes 1.5 s at most.
const MAX_ASKS: usize = 16;

/// Most rooms of one server that are taken in: more than anybody reads.
const MAX_ROOMS: usize = 512;

/// Codes that may wait for the search.
const CODES: usize = 4;

/// The interval of questions to every server: news on the list is as old as this.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// The interval of looks at the interfaces.
const LOOK_EVERY: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_about_an_earlier_code_says_nothing_about_the_present_one() {
        let [earlier, present] = ["KITE-42", "RUBY-07"].map(|code| code.parse().unwrap());
        let heard =
            |code| Heard { id: LanServerId(1), answer: None, code: Some(code), is_without_code: true };
        let mut asks = Asks::default();
        asks.seek(earlier);
        asks.seek(present);
        asks.take_in(&heard(earlier));
        assert_eq!((asks.waiting.as_slice(), asks.without_code.len()), (&[LanServerId(1)][..], 0));
        asks.waiting.clear();
        asks.take_in(&heard(present));
        assert_eq!((asks.waiting.len(), asks.without_code.len()), (0, 1));
    }
}
