//! The search for rooms: one task, which owns the list and says what changes in it.

use std::{net::IpAddr, time::Duration};

use mdns_sd::{Receiver, ResolvedService, ScopedIp, ServiceEvent};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep_until},
};
use tracing::{debug, warn};

use super::daemon::{Daemon, DiscoveryError};
use crate::{
    addr::local::LocalAddress,
    edge::interfaces,
    lan::{Advert, LanEvent, LanRoomId, Reach, Service, Table},
};

/// How long a room stays on the list when its host has died: the life of the records that say where it is, for which RFC
/// 6762 section 10 advises 120 s. After three quarters of it the host is asked for them again.
pub const RECORD_LIFE: Duration = Duration::from_mins(2);

/// How long it stays at most when somebody [doubts](Browser::doubt) it: ten seconds (RFC 6762 section 10.4).
pub const VERIFY_LIFE: Duration = Duration::from_secs(10);

/// A search that goes on until it is [stopped](Self::stop) or dropped.
#[derive(Debug)]
pub struct Browser {
    events: mpsc::Receiver<LanEvent>,
    doubts: mpsc::Sender<LanRoomId>,
    task: JoinHandle<()>,
}

impl Browser {
    /// Begins to search. Networks that come later are searched, too, so it is no error that there is none now.
    ///
    /// # Errors
    ///
    /// [`DiscoveryError`], when multicast DNS cannot run here.
    pub fn start(reach: Reach) -> Result<Self, DiscoveryError> {
        let search = Search::start(reach)?;
        let (out, events) = mpsc::channel(EVENT_QUEUE);
        let (doubts, doubted) = mpsc::channel(DOUBT_QUEUE);
        let task = tokio::spawn(search.run(out, doubted));
        Ok(Self { events, doubts, task })
    }

    /// Waits for the next change; `None` when the search has failed for good.
    pub async fn next(&mut self) -> Option<LanEvent> {
        self.events.recv().await
    }

    /// Says that a room does not answer. If its host does not say that it is there, it is gone within [`VERIFY_LIFE`].
    pub fn doubt(&self, room: LanRoomId) {
        // Who has so many doubts has them again.
        let _full = self.doubts.try_send(room);
    }

    /// Ends the search and waits until its thread and sockets are closed.
    pub async fn stop(self) {
        drop(self.events);
        drop(self.doubts);
        // A panic in the task has been reported by the hook.
        let _ended = self.task.await;
    }
}

/// What the task owns.
#[derive(Debug)]
struct Search {
    reach: Reach,
    daemon: Daemon,
    found: Receiver<ServiceEvent>,
    table: Table,
    near: Vec<LocalAddress>,
    /// When to drop what has not answered since the last start.
    round_ends: Option<Instant>,
}

/// Why the daemon has to be started anew.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    /// Its list of events was full, or it has ended.
    Cut,
    /// It holds more than a LAN has to say.
    Full,
}

impl Search {
    fn start(reach: Reach) -> Result<Self, DiscoveryError> {
        let (daemon, found) = Self::begin(reach)?;
        Ok(Self { reach, daemon, found, table: Table::default(), near: near(reach), round_ends: None })
    }

    fn begin(reach: Reach) -> Result<(Daemon, Receiver<ServiceEvent>), DiscoveryError> {
        let daemon = Daemon::start(move |address| reach.has(address))?;
        let found = daemon.browse()?;
        Ok((daemon, found))
    }

    async fn run(mut self, out: mpsc::Sender<LanEvent>, mut doubted: mpsc::Receiver<LanRoomId>) {
        loop {
            let Some(trouble) = self.search(&out, &mut doubted).await else { break };
            warn!(?trouble, "the search for games begins anew");
            self.daemon.end().await;
            let pause = sleep_until(Instant::now() + RESTART_PAUSE);
            tokio::select! {
                () = pause => {}
                () = out.closed() => return,
            }
            let (daemon, found) = match Self::begin(self.reach) {
                Ok(begun) => begun,
                Err(error) => return warn!(%error, "the search for games has failed"),
            };
            self.daemon = daemon;
            self.found = found;
            self.table.begin_round();
            self.round_ends = Some(Instant::now() + ROUND);
        }
        self.daemon.end().await;
    }

    /// Searches until nobody wants to know any more (`None`) or the daemon has to be started anew.
    async fn search(
        &mut self,
        out: &mpsc::Sender<LanEvent>,
        doubted: &mut mpsc::Receiver<LanRoomId>,
    ) -> Option<Trouble> {
        let begun = Instant::now();
        let mut look_at = begun + LOOK_EVERY;
        let mut asks = ASK_AGAIN.into_iter().map(|after| begun + after);
        let mut ask_at = asks.next();
        loop {
            let mut events = Vec::new();
            tokio::select! {
                event = self.found.recv_async() => match event {
                    Ok(event) => events.extend(self.handle(event)),
                    Err(_) => return Some(Trouble::Cut),
                },
                room = doubted.recv() => {
                    let room = room?;
                    if let Some(instance) = self.table.instance(room) {
                        self.daemon.verify(instance, VERIFY_LIFE);
                    }
                }
                () = sleep_until(ask_at.unwrap_or(look_at)), if ask_at.is_some() && self.table.is_empty() => {
                    ask_at = asks.next();
                    match self.daemon.browse() {
                        // What was on its way in the old one is said again in the new one.
                        Ok(found) => self.found = found,
                        Err(error) => debug!(%error, "not asked again"),
                    }
                }
                () = sleep_until(look_at) => {
                    look_at = Instant::now() + LOOK_EVERY;
                    self.near = near(self.reach);
                    match self.daemon.load().await {
                        None => return Some(Trouble::Cut),
                        Some(load) if load > MAX_LOAD => return Some(Trouble::Full),
                        Some(_) => {}
                    }
                    if self.round_ends.take_if(|ends| *ends <= look_at).is_some() {
                        events = self.table.end_round();
                    }
                }
            }
            for event in events {
                out.send(event).await.ok()?;
            }
        }
    }

    fn handle(&mut self, event: ServiceEvent) -> Option<LanEvent> {
        match event {
            ServiceEvent::ServiceResolved(service) => self.handle_resolved(&service),
            ServiceEvent::ServiceRemoved(_, instance) => self.table.handle_removal(&instance),
            // What is only found has neither address nor record yet; the search speaks of itself otherwise.
            _ => None,
        }
    }

    fn handle_resolved(&mut self, service: &ResolvedService) -> Option<LanEvent> {
        let txt = service.txt_properties.iter().map(|property| (property.key(), property.val()));
        let advert = Advert::from_txt(txt)
            .inspect_err(|error| debug!(%error, "a service of our kind is no room"))
            .ok();
        let addresses = service.addresses.iter().filter_map(scoped).collect();
        let service = Service { instance: &service.fullname, advert, port: service.port, addresses };
        self.table.handle_service(service, &self.near)
    }
}

/// The addresses of this machine on the networks that are searched; none while the system does not tell.
fn near(reach: Reach) -> Vec<LocalAddress> {
    let mut near = interfaces::local_addresses().unwrap_or_default();
    near.retain(|address| reach.has(address));
    near
}

/// An address and the interface on which it was said.
fn scoped(ip: &ScopedIp) -> Option<(IpAddr, u32)> {
    match ip {
        ScopedIp::V4(v4) => Some(((*v4.addr()).into(), 0)),
        ScopedIp::V6(v6) => Some(((*v6.addr()).into(), v6.scope_id().index)),
        // Another family: the enum is not ours.
        _ => None,
    }
}

/// Changes that may wait to be read. When full, the search waits, and behind it the 1,000 events of `mdns-sd`; when
/// those are full, too, it begins anew.
const EVENT_QUEUE: usize = 64;

/// Doubts that may wait.
const DOUBT_QUEUE: usize = 16;

/// How often is looked what this machine's addresses are, and how much the daemon holds.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// When the network is asked again while nobody has answered. From then on `mdns-sd` asks after 1, 2, 4 … s.
///
/// Hosts that have answered anybody do not answer again within a second (RFC 6762 section 6), so that who asks shortly
/// after somebody else hears nothing. To find games within a second, an empty list asks more often than section 5.2 has
/// it, which is once in the first second: four small packets, for as long as nobody is heard.
const ASK_AGAIN: [Duration; 4] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_millis(750),
    Duration::from_secs(1),
];

/// Records and timers that the daemon may hold. `mdns-sd` has no bound of its own and keeps what it hears for as long as
/// the sender wants. A full list of rooms has 256 x (3 + 8) records, with two timers and more for each.
const MAX_LOAD: usize = 16_384;

/// How long a daemon that was flooded is left off, so that a flood costs little.
const RESTART_PAUSE: Duration = Duration::from_secs(3);

/// How long the network has to say again what it had said before: three questions, at 0, 1 and 3 s.
const ROUND: Duration = Duration::from_secs(4);
