//! The announcement of a server: one task, which watches this machine's interfaces, and one for each interface and family,
//! which answers there.

use std::{collections::BTreeMap, io, net::IpAddr, time::Duration};

use tokio::{
    net::UdpSocket,
    sync::{oneshot, watch},
    task::JoinHandle,
    time::{Instant, sleep, sleep_until},
};
use tracing::{debug, info, warn};

use crate::{
    addr::local::LocalAddress,
    edge::{
        interfaces,
        multicast::{Interface, MAX_MESSAGE, join, receive},
    },
    lan::{Advert, Announced, MAX_DELAY, Place, Responder, Spread},
    proto::{Name, PROTOCOL},
};

/// The announcement of a server, until it is [stopped](Self::stop).
///
/// It cannot fail for good: an interface that cannot be used, or a port that another program holds, is tried again.
#[derive(Debug)]
pub struct Announcer {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Announcer {
    /// Starts to announce a server of this name at a place. `out` gets the state of the announcement whenever it changes.
    pub fn start(place: Place, name: Name, out: watch::Sender<Announced>) -> Self {
        let (stop, stopped) = oneshot::channel();
        let publisher = Publisher {
            place,
            advert: Advert { name, protocol: PROTOCOL },
            // Without random numbers, names that another server may have, too.
            tag: random(),
            speakers: BTreeMap::new(),
            failed_at: BTreeMap::new(),
        };
        Self { stop, task: tokio::spawn(publisher.run(stopped, out)) }
    }

    /// Withdraws the announcement, and waits until that is sent.
    pub async fn stop(self) {
        drop(self.stop);
        // A panic in the task has been reported by the hook.
        let _ended = self.task.await;
    }
}

/// The state of the task.
#[derive(Debug)]
struct Publisher {
    place: Place,
    advert: Advert,
    /// A random number that makes the names of the records unique.
    tag: u32,
    speakers: BTreeMap<Interface, Speaker>,
    /// The times at which an interface could not be used.
    failed_at: BTreeMap<Interface, Instant>,
}

/// The task of one interface and family.
#[derive(Debug)]
struct Speaker {
    /// This machine's addresses on the interface. When it is dropped, the speaker says goodbye.
    own: watch::Sender<Vec<LocalAddress>>,
    task: JoinHandle<()>,
}

impl Publisher {
    async fn run(mut self, mut stopped: oneshot::Receiver<()>, out: watch::Sender<Announced>) {
        loop {
            let announced = self.look().await;
            out.send_if_modified(|before| std::mem::replace(before, announced) != announced);
            tokio::select! {
                _stopped_or_dropped = &mut stopped => break,
                () = sleep(LOOK_EVERY) => {}
            }
        }
        let (own, tasks): (Vec<_>, Vec<_>) =
            self.speakers.into_values().map(|Speaker { own, task }| (own, task)).unzip();
        drop(own);
        for task in tasks {
            // A panic in the task has been reported by the hook.
            let _ended = task.await;
        }
        debug!("the announcement is withdrawn");
    }

    /// Starts to announce on interfaces that can be used, and ends on those that cannot any more.
    async fn look(&mut self) -> Announced {
        let mut local = interfaces::local_addresses().unwrap_or_default();
        local.retain(|address| self.place.has(address));
        let wanted = wanted(local);
        self.failed_at.retain(|interface, at| wanted.contains_key(interface) && at.elapsed() < RETRY_AFTER);
        for (_, gone) in self.speakers.extract_if(.., |interface, _| !wanted.contains_key(interface)) {
            // There is no network for a goodbye, or it has a new speaker.
            gone.task.abort();
        }
        let broken = self.speakers.extract_if(.., |_, speaker| speaker.task.is_finished());
        self.failed_at.extend(broken.map(|(interface, _)| (interface, Instant::now())));
        for (interface, own) in wanted {
            if let Some(speaker) = self.speakers.get(&interface) {
                speaker.own.send_if_modified(|before| {
                    let is_new = *before != own;
                    *before = own;
                    is_new
                });
            } else if !self.failed_at.contains_key(&interface) {
                self.speak(interface, own).await;
            }
        }
        self.announced()
    }

    async fn speak(&mut self, interface: Interface, own: Vec<LocalAddress>) {
        let name = own.first().map(|own| own.interface.clone()).unwrap_or_default();
        let now = Instant::now().into_std();
        let mut responder = Responder::new(now, self.advert, self.place.port(), self.tag, own.clone());
        let begin = async {
            let socket = join(interface)?;
            while let Some(datagram) = responder.poll_multicast(now) {
                socket.send_to(&datagram, interface.group()).await?;
            }
            io::Result::Ok(socket)
        };
        match begin.await {
            Ok(socket) => {
                info!(interface = name, family = family(interface), "announced");
                let (own, changes) = watch::channel(own);
                let task = tokio::spawn(async move {
                    if let Err(error) = speak(&socket, interface, responder, changes).await {
                        warn!(interface = name, family = family(interface), %error, "the announcement ended");
                    }
                });
                self.speakers.insert(interface, Speaker { own, task });
            }
            Err(error) => {
                warn!(interface = name, family = family(interface), %error, "cannot be announced");
                self.failed_at.insert(interface, Instant::now());
            }
        }
    }

    fn announced(&self) -> Announced {
        let spread = |is_meant: fn(&Interface) -> bool| {
            if self.speakers.keys().any(is_meant) {
                Spread::Sent
            } else if self.failed_at.keys().any(is_meant) {
                Spread::Failed
            } else {
                Spread::NoNetwork
            }
        };
        Announced {
            ipv4: spread(|interface| matches!(interface, Interface::V4(_))),
            ipv6: spread(|interface| matches!(interface, Interface::V6(_))),
        }
    }
}

/// The interfaces and families to speak on, each with the addresses that lead to this machine there: a link-local address
/// leads nowhere from another link.
fn wanted(mut local: Vec<LocalAddress>) -> BTreeMap<Interface, Vec<LocalAddress>> {
    local.sort_by_key(|address| (address.index, address.ip.is_ipv6(), address.ip));
    let mut wanted = BTreeMap::new();
    for own in local.chunk_by(|one, other| one.index == other.index) {
        let Some(index) = own[0].index else { continue };
        if let IpAddr::V4(first) = own[0].ip {
            wanted.insert(Interface::V4(first), own.to_vec());
        }
        if own.iter().any(|own| own.ip.is_ipv6()) {
            wanted.insert(Interface::V6(index), own.to_vec());
        }
        if wanted.len() >= MAX_SPEAKERS {
            break;
        }
    }
    wanted
}

/// Answers on one interface until the owner has gone, and says goodbye then.
async fn speak(
    socket: &UdpSocket,
    interface: Interface,
    mut responder: Responder,
    mut own: watch::Receiver<Vec<LocalAddress>>,
) -> io::Result<()> {
    let group = interface.group();
    let mut buffer = vec![0; MAX_MESSAGE];
    loop {
        let due = responder.poll_timeout().map(Instant::from_std);
        tokio::select! {
            received = receive(socket, &mut buffer) => {
                let (length, from) = received?;
                let now = Instant::now().into_std();
                let delay = MAX_DELAY * (random() % 100) / 100;
                if let Some(answer) = responder.handle_datagram(now, from, delay, &buffer[..length]) {
                    // Whoever gets no answer asks again.
                    let _lost = socket.send_to(&answer, from).await;
                }
            }
            changed = own.changed() => match changed {
                Ok(()) => responder.set_addresses(Instant::now().into_std(), own.borrow_and_update().clone()),
                Err(_) => break,
            },
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
        }
        while let Some(datagram) = responder.poll_multicast(Instant::now().into_std()) {
            socket.send_to(&datagram, group).await?;
        }
    }
    // Sent twice, since one may be lost.
    socket.send_to(&responder.goodbye(), group).await?;
    sleep(GOODBYE_AGAIN).await;
    socket.send_to(&responder.goodbye(), group).await.map(drop)
}

const fn family(interface: Interface) -> &'static str {
    match interface {
        Interface::V4(_) => "IPv4",
        Interface::V6(_) => "IPv6",
    }
}

fn random() -> u32 {
    // Without random numbers the names are less surely unique, and all else works.
    getrandom::u32().unwrap_or_default()
}

/// Time between two looks at this machine's addresses.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Time after which an interface that could not be used is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// Interfaces and families on which a server is announced: a machine with sixteen networks.
const MAX_SPEAKERS: usize = 32;

/// Time between the two goodbyes.
const GOODBYE_AGAIN: Duration = Duration::from_millis(120);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::local::InterfaceKind;

    fn local(index: u32, ip: &str) -> LocalAddress {
        let interface = format!("eth{index}");
        let ip = ip.parse().unwrap();
        LocalAddress {
            interface,
            index: Some(index),
            ip,
            prefix_len: 64,
            broadcast: None,
            kind: InterfaceKind::Lan,
        }
    }

    #[test]
    fn an_address_is_told_on_its_own_interface_alone() {
        let local = ["192.168.1.9", "fe80::9", "fd4d::9"].map(|ip| local(2, ip)).into_iter();
        let local: Vec<_> = local.chain([self::local(3, "fe80::10"), self::local(4, "10.0.0.9")]).collect();
        let told: Vec<(Interface, Vec<String>)> = wanted(local)
            .into_iter()
            .map(|(interface, own)| (interface, own.iter().map(|own| own.ip.to_string()).collect()))
            .collect();
        let v4 = |ip: &str| Interface::V4(ip.parse().unwrap());
        let of_eth2 = ["192.168.1.9", "fd4d::9", "fe80::9"].map(str::to_owned).to_vec();
        assert_eq!(
            told,
            [
                (v4("10.0.0.9"), vec!["10.0.0.9".to_owned()]),
                (v4("192.168.1.9"), of_eth2.clone()),
                (Interface::V6(2), of_eth2),
                (Interface::V6(3), vec!["fe80::10".to_owned()]),
            ]
        );
    }

    #[test]
    fn a_machine_of_a_hundred_networks_speaks_on_some_of_them() {
        let local: Vec<_> = (1..=100).map(|index| local(index, &format!("fe80::{index}"))).collect();
        assert_eq!(wanted(local).len(), MAX_SPEAKERS);
    }
}
