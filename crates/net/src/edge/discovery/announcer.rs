//! The announcement of rooms: one task, which publishes changes at most once a second and withdraws all at the end.

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

/// Most rooms that one program announces: more than two screens show. The others are on the server's own list alone.
pub const MAX_ANNOUNCED: usize = 64;

/// The announcement of a server's rooms, until it is [stopped](Self::stop).
#[derive(Debug)]
pub struct Announcer {
    rooms: watch::Sender<Vec<Advert>>,
    task: JoinHandle<()>,
}

impl Announcer {
    /// Starts with no room.
    ///
    /// # Errors
    ///
    /// [`DiscoveryError`] when multicast DNS cannot run here.
    pub fn start(place: Place) -> Result<Self, DiscoveryError> {
        let port = place.port();
        let daemon = Daemon::start(move |address| place.has(address))?;
        let mut tag = [0; 4];
        getrandom::fill(&mut tag).map_err(|error| DiscoveryError::Daemon(error.to_string()))?;
        let (rooms, wanted) = watch::channel(Vec::new());
        let publisher = Publisher { daemon, port, tag: u32::from_be_bytes(tag), published: BTreeMap::new() };
        Ok(Self { rooms, task: tokio::spawn(publisher.run(wanted)) })
    }

    /// Replaces the announced rooms. The most important come first: at most [`MAX_ANNOUNCED`] are announced.
    pub fn publish(&self, mut rooms: Vec<Advert>) {
        rooms.truncate(MAX_ANNOUNCED);
        self.rooms.send_if_modified(|before| {
            let is_new = *before != rooms;
            *before = rooms;
            is_new
        });
    }

    /// Withdraws every room, and waits until that is sent.
    pub async fn stop(self) {
        drop(self.rooms);
        // A panic in the task has been reported by the hook.
        let _ended = self.task.await;
    }
}

/// The state of the task.
#[derive(Debug)]
struct Publisher {
    daemon: Daemon,
    port: u16,
    /// A random number that makes the names of this program's rooms unique.
    tag: u32,
    /// The published rooms, each with its whole name.
    published: BTreeMap<RoomCode, (Advert, String)>,
}

impl Publisher {
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
                    is_due = !self.publish(&rooms).await;
                    next = Instant::now() + PUBLISH_INTERVAL;
                }
            }
        }
        let rooms = self.published.len();
        self.publish(&[]).await;
        if rooms > 0 {
            // Each goodbye is sent twice, since one may be lost.
            sleep(GOODBYE).await;
        }
        self.daemon.end().await;
        debug!(rooms, "all rooms are withdrawn");
    }

    /// Publishes what has changed; `false` if something could not be published yet.
    async fn publish(&mut self, rooms: &[Advert]) -> bool {
        let gone: Vec<RoomCode> = self
            .published
            .keys()
            .filter(|code| rooms.iter().all(|room| room.code != **code))
            .copied()
            .collect();
        for code in gone {
            if let Some((_, instance)) = self.published.remove(&code) {
                self.daemon.unregister(&instance).await;
            }
        }
        let mut is_all = true;
        for room in rooms {
            let before = self.published.get(&room.code);
            if before.is_some_and(|(published, _)| published == room) {
                continue;
            }
            // A room keeps its name even if its host changes.
            let named = before.map_or(room, |(published, _)| published);
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
                    self.published.insert(room.code, (*room, name));
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

/// The service of a room, and its whole name.
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
    // Its names have 32 random bits. Probing whether somebody has them already would hide the room for a second, and again
    // each time its record changes.
    service.set_requires_probe(false);
    let name = service.get_fullname().to_owned();
    Ok((service, name))
}

/// The shortest time between two announcements (RFC 6762 section 6).
const PUBLISH_INTERVAL: Duration = Duration::from_secs(1);

/// Time until a goodbye has been sent twice: `mdns-sd` repeats it after 120 ms.
const GOODBYE: Duration = Duration::from_millis(150);
