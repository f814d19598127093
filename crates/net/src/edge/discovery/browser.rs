//! The search for servers: one task, which owns the list and reports its changes.

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
    lan::{Advert, LanEvent, LanServerId, Reach, Service, Table},
};

/// Time that a server stays on the list after it has died: the lifetime of the records with its address, for which RFC
/// 6762 section 10 advises 120 s. After three quarters of it they are queried again.
pub const RECORD_LIFE: Duration = Duration::from_mins(2);

/// Time that a server stays on the list while it is [verified](Browser::verify) (RFC 6762 section 10.4).
pub const VERIFY_LIFE: Duration = Duration::from_secs(10);

/// A search that continues until it is [stopped](Self::stop) or dropped.
#[derive(Debug)]
pub struct Browser {
    events: mpsc::Receiver<LanEvent>,
    verifications: mpsc::Sender<LanServerId>,
    task: JoinHandle<()>,
}

impl Browser {
    /// Starts to search. Networks that come up later are searched, too, so it is no error that there is none now.
    ///
    /// # Errors
    ///
    /// [`DiscoveryError`] when multicast DNS cannot run here.
    pub fn start(reach: Reach) -> Result<Self, DiscoveryError> {
        let search = Search::start(reach)?;
        let (out, events) = mpsc::channel(EVENT_QUEUE);
        let (verifications, to_verify) = mpsc::channel(VERIFY_QUEUE);
        let task = tokio::spawn(search.run(out, to_verify));
        Ok(Self { events, verifications, task })
    }

    /// Waits for the next change; `None` once the search has failed for good.
    pub async fn next(&mut self) -> Option<LanEvent> {
        self.events.recv().await
    }

    /// Verifies a server that does not answer: unless its machine responds, it is gone within [`VERIFY_LIFE`].
    pub fn verify(&self, server: LanServerId) {
        // A server that does not answer is reported again.
        let _full = self.verifications.try_send(server);
    }

    /// Ends the search and waits until its thread and sockets are closed.
    pub async fn stop(self) {
        drop(self.events);
        drop(self.verifications);
        // A panic in the task has been reported by the hook.
        let _ended = self.task.await;
    }
}

/// The state of the task.
#[derive(Debug)]
struct Search {
    reach: Reach,
    daemon: Daemon,
    found: Receiver<ServiceEvent>,
    table: Table,
    near: Vec<LocalAddress>,
    /// The time to drop servers that were not heard of since the last restart.
    round_ends: Option<Instant>,
}

/// The reason to restart the daemon.
#[derive(Debug, Clone, Copy)]
enum Restart {
    /// Its queue of events was full, or it has ended.
    Cut,
    /// It holds more records than a LAN has.
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

    async fn run(mut self, out: mpsc::Sender<LanEvent>, mut to_verify: mpsc::Receiver<LanServerId>) {
        loop {
            let Some(reason) = self.search(&out, &mut to_verify).await else { break };
            warn!(?reason, "the search for games restarts");
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

    /// Searches until the owner has gone (`None`) or the daemon has to be restarted.
    async fn search(
        &mut self,
        out: &mpsc::Sender<LanEvent>,
        to_verify: &mut mpsc::Receiver<LanServerId>,
    ) -> Option<Restart> {
        let begun = Instant::now();
        let mut look_at = begun + LOOK_INTERVAL;
        let mut queries = EARLY_QUERIES.into_iter().map(|after| begun + after);
        let mut query_at = queries.next();
        loop {
            let mut events = Vec::new();
            tokio::select! {
                event = self.found.recv_async() => match event {
                    Ok(event) => events.extend(self.handle(event)),
                    Err(_) => return Some(Restart::Cut),
                },
                server = to_verify.recv() => {
                    let server = server?;
                    if let Some(instance) = self.table.instance(server) {
                        self.daemon.verify(instance, VERIFY_LIFE);
                    }
                }
                () = sleep_until(query_at.unwrap_or(look_at)), if query_at.is_some() && self.table.is_empty() => {
                    query_at = queries.next();
                    match self.daemon.browse() {
                        // Events that were queued in the old receiver come again in the new one.
                        Ok(found) => self.found = found,
                        Err(error) => debug!(%error, "the query is not repeated"),
                    }
                }
                () = sleep_until(look_at) => {
                    look_at = Instant::now() + LOOK_INTERVAL;
                    self.near = near(self.reach);
                    match self.daemon.load().await {
                        None => return Some(Restart::Cut),
                        Some(load) if load > MAX_LOAD => return Some(Restart::Full),
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
            // A service that is only found has neither address nor record yet; the other events are about the search.
            _ => None,
        }
    }

    fn handle_resolved(&mut self, service: &ResolvedService) -> Option<LanEvent> {
        let txt = service.txt_properties.iter().map(|property| (property.key(), property.val()));
        let advert = Advert::from_txt(txt)
            .inspect_err(|error| debug!(%error, "a service of our type is no server"))
            .ok();
        let addresses = service.addresses.iter().filter_map(scoped).collect();
        let service = Service { instance: &service.fullname, advert, port: service.port, addresses };
        self.table.handle_service(service, &self.near)
    }
}

/// The addresses of this machine on the networks that are searched; none while the system does not list them.
fn near(reach: Reach) -> Vec<LocalAddress> {
    let mut near = interfaces::local_addresses().unwrap_or_default();
    near.retain(|address| reach.has(address));
    near
}

/// An address and the interface on which it was heard.
fn scoped(ip: &ScopedIp) -> Option<(IpAddr, u32)> {
    match ip {
        ScopedIp::V4(v4) => Some(((*v4.addr()).into(), 0)),
        ScopedIp::V6(v6) => Some(((*v6.addr()).into(), v6.scope_id().index)),
        // The enum is not ours, and may grow.
        _ => None,
    }
}

/// Changes that may wait to be read. When full, the search waits, and behind it up to 1,000 events of `mdns-sd`; beyond
/// those it restarts.
const EVENT_QUEUE: usize = 64;

/// Verifications that may wait.
const VERIFY_QUEUE: usize = 16;

/// Time between two looks at this machine's addresses and at the daemon's load.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The times of further queries while nobody has answered. From then on `mdns-sd` queries after 1, 2, 4 … s.
///
/// A host that has answered anybody does not answer again within a second (RFC 6762 section 6), so a query shortly after
/// somebody else's gets nothing. To find servers within a second, an empty list queries more often than section 5.2 has it,
/// which is once in the first second: four small packets, as long as nobody is heard.
const EARLY_QUERIES: [Duration; 4] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_millis(750),
    Duration::from_secs(1),
];

/// Records and timers that the daemon may hold. `mdns-sd` has no bound of its own and keeps records for as long as their
/// sender wants. A full list of servers has 256 x (3 + 16) records, with two or more timers for each.
const MAX_LOAD: usize = 16_384;

/// Time before a daemon that was flooded is restarted, so that a flood costs little.
const RESTART_PAUSE: Duration = Duration::from_secs(3);

/// Time for the network to repeat its records after a restart: three queries, at 0, 1 and 3 s.
const ROUND: Duration = Duration::from_secs(4);
