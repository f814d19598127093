//! The announcement of rooms: one task, which says what is new at most once a second, and goodbye at the end.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use mdns_sd::{ServiceInfo, TxtProperty};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, sleep_until},
};
use tracing::{debug, info};

use super::{Advert, DiscoveryError, Reach, SERVICE_TYPE, daemon::Daemon};
use crate::{addr, interfaces::LocalAddress, proto::RoomCode};

/// Rooms that one program announces at most: more than two screens show. When full, the rest is not announced; the list
/// of the server itself has them.
pub const MAX_ANNOUNCED: usize = 64;

/// Where a server can be reached: on which addresses of this machine, and at which port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    port: u16,
    fits: Fits,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Fits {
    /// All of a reach, or those of IPv4 alone.
    Every { reach: Reach, is_v4_only: bool },
    /// These.
    Only(Vec<IpAddr>),
}

impl Place {
    /// The place of a server with these listeners: that of the first that others can reach, and those at the same port.
    /// `None` if there is none, because all are for this machine alone.
    pub fn of_listeners(listeners: &[SocketAddr]) -> Option<Self> {
        let mut reachable =
            listeners.iter().map(|&local| addr::canonical(local)).filter(|local| !local.ip().is_loopback());
        let first = reachable.next()?;
        let mut ips: Vec<IpAddr> = vec![first.ip()];
        ips.extend(reachable.filter(|local| local.port() == first.port()).map(|local| local.ip()));
        let any_v4 = ips.iter().any(|ip| ip.is_ipv4() && ip.is_unspecified());
        let any_v6 = ips.iter().any(|ip| ip.is_ipv6() && ip.is_unspecified());
        let fits = match (any_v4, any_v6) {
            (_, true) => Fits::Every { reach: Reach::Lan, is_v4_only: false },
            (true, false) => Fits::Every { reach: Reach::Lan, is_v4_only: true },
            (false, false) => Fits::Only(ips),
        };
        Some(Self { port: first.port(), fits })
    }

    /// A place that this machine alone finds: for tests.
    pub const fn on_loopback(port: u16) -> Self {
        Self { port, fits: Fits::Every { reach: Reach::Loopback, is_v4_only: false } }
    }

    fn has(&self, address: &LocalAddress) -> bool {
        match &self.fits {
            Fits::Every { reach, is_v4_only } => reach.has(address) && (address.ip.is_ipv4() || !is_v4_only),
            Fits::Only(ips) => Reach::Lan.has(address) && ips.contains(&address.ip),
        }
    }
}

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
        let port = place.port;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(listeners: &[&str], port: u16, expected: Fits) {
        let listeners: Vec<_> = listeners.iter().map(|local| local.parse().unwrap()).collect();
        assert_eq!(Place::of_listeners(&listeners), Some(Place { port, fits: expected }), "{listeners:?}");
    }

    #[test]
    fn a_server_is_announced_where_it_can_be_reached() {
        let every = |is_v4_only| Fits::Every { reach: Reach::Lan, is_v4_only };
        check(&["[::]:1952"], 1952, every(false));
        check(&["0.0.0.0:1952"], 1952, every(true));
        check(&["127.0.0.1:1", "[::]:2"], 2, every(false));
        check(
            &["192.168.1.9:1952", "[fd4d::9]:1952", "10.0.0.9:7"],
            1952,
            Fits::Only(vec!["192.168.1.9".parse().unwrap(), "fd4d::9".parse().unwrap()]),
        );
        for alone in [&["127.0.0.1:1952"][..], &["[::1]:1952", "127.0.0.1:1953"], &[]] {
            let listeners: Vec<_> = alone.iter().map(|local| local.parse().unwrap()).collect();
            assert_eq!(Place::of_listeners(&listeners), None, "{alone:?}");
        }
    }
}
