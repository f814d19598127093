//! The announcement of rooms: one task, which says what is new at most once a second, and goodbye at the end.

use std::{collections::BTreeMap, time::Duration};

use mdns_sd::{ServiceInfo, TxtProperty};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, sleep_until},
};
use tracing::{debug, info};

use super::daemon::{Daemon, DiscoveryError};
use crate::{
    lan::{Advert, Place, SERVICE_TYPE},
    proto::RoomCode,
};

/// Rooms that one program announces at most: more than two screens show. When full, the rest is not announced; the list
/// of the server itself has them.
pub const MAX_ANNOUNCED: usize = 64;

/// What announces the rooms of a server, until it is [stopped](Self::stop).
#[derive(Debug)]
pub struct Announcer {
    rooms: watch::Sender<Vec<Advert>>,
    task: JoinHandle<()>,
}

impl Announcer {
    /// Begins, with no room.
    ///
    /// # Errors
    ///
    /// [`DiscoveryError`], when multicast DNS cannot run here.
    pub fn start(place: Place) -> Result<Self, DiscoveryError> {
        let port = place.port();
        let daemon = Daemon::start(move |address| place.has(address))?;
        let mut tag = [0; 4];
        getrandom::fill(&mut tag).map_err(|error| DiscoveryError::Daemon(error.to_string()))?;
        let (rooms, wanted) = watch::channel(Vec::new());
        let voice = Voice { daemon, port, tag: u32::from_be_bytes(tag), said: BTreeMap::new() };
        Ok(Self { rooms, task: tokio::spawn(voice.run(wanted)) })
    }

    /// Says which rooms there are now, the most important first: at most [`MAX_ANNOUNCED`] are announced.
    pub fn publish(&self, mut rooms: Vec<Advert>) {
        rooms.truncate(MAX_ANNOUNCED);
        self.rooms.send_if_modified(|before| {
            let is_new = *before != rooms;
            *before = rooms;
            is_new
        });
    }

    /// Says goodbye for every room, and waits until that is out.
    pub async fn stop(self) {
        drop(self.rooms);
        // A panic in the task has been reported by the hook.
        let _ended = self.task.await;
    }
}

/// What the task owns.
#[derive(Debug)]
struct Voice {
    daemon: Daemon,
    port: u16,
    /// What tells this program's rooms from those of all others.
    tag: u32,
    /// What the network was told last, and under which whole name.
    said: BTreeMap<RoomCode, (Advert, String)>,
}

impl Voice {
    async fn run(mut self, mut wanted: watch::Receiver<Vec<Advert>>) {
        let mut next = Instant::now();
        let mut is_due = false;
        loop {
            tokio::select! {
                changed = wanted.changed() => match changed {
                    Ok(()) => is_due = true,
                    Err(_) => break,
                },
                () = sleep_until(next), if is_due => {
                    let rooms = wanted.borrow_and_update().clone();
                    is_due = !self.say(&rooms).await;
                    next = Instant::now() + SAY_EVERY;
                }
            }
        }
        let rooms = self.said.len();
        self.say(&[]).await;
        if rooms > 0 {
            // Each goodbye is said twice, as it may be lost.
            sleep(GOODBYE).await;
        }
        self.daemon.end().await;
        debug!(rooms, "no room is announced any more");
    }

    /// Tells the network what has changed; `false` if something could not be said yet.
    async fn say(&mut self, rooms: &[Advert]) -> bool {
        let gone: Vec<RoomCode> =
            self.said.keys().filter(|code| rooms.iter().all(|room| room.code != **code)).copied().collect();
        for code in gone {
            if let Some((_, instance)) = self.said.remove(&code) {
                self.daemon.unregister(&instance).await;
            }
        }
        let mut is_all = true;
        for room in rooms {
            let before = self.said.get(&room.code);
            if before.is_some_and(|(said, _)| said == room) {
                continue;
            }
            // A room keeps its name, also when it gets another host.
            let named = before.map_or(room, |(said, _)| said);
            let (service, name) = match service(named, room, self.port, self.tag) {
                Ok(service) => service,
                Err(error) => {
                    debug!(%error, "a room cannot be announced");
                    continue;
                }
            };
            match self.daemon.register(service) {
                Ok(()) => {
                    info!(code = %room.code, state = room.state().key(), "announced");
                    self.said.insert(room.code, (*room, name));
                }
                Err(error) => {
                    debug!(%error, "a room is not announced yet");
                    is_all = false;
                }
            }
        }
        is_all
    }
}

/// A room as a service, and its whole name.
fn service(
    named: &Advert,
    room: &Advert,
    port: u16,
    tag: u32,
) -> Result<(ServiceInfo, String), mdns_sd::Error> {
    let txt: Vec<TxtProperty> = room
        .to_txt()
        .into_iter()
        .map(|(key, value)| {
            value.map_or_else(|| TxtProperty::from(key), |value| TxtProperty::from((key, value)))
        })
        .collect();
    let mut service =
        ServiceInfo::new(SERVICE_TYPE, &named.instance(tag), &room.host_name(tag), (), port, txt)?
            .enable_addr_auto();
    // Its names have 32 random bits in them. To ask whether somebody has them already would take a second, in which
    // nobody finds the room, and again a second each time its record changes.
    service.set_requires_probe(false);
    let name = service.get_fullname().to_owned();
    Ok((service, name))
}

/// How often the network is told at most: the pace of RFC 6762 section 6.
const SAY_EVERY: Duration = Duration::from_secs(1);

/// How long it takes until a goodbye was said for the second time: `mdns-sd` does so after 120 ms.
const GOODBYE: Duration = Duration::from_millis(150);
