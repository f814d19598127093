//! Two machines, which are network namespaces, and the simulated network between them.
//!
//! ```text
//!  a  10.78.0.1, fd4d:78::1  eth0 ── TUN ── two `net::sim::Link` ── TUN ── eth0  10.78.0.2, fd4d:78::2  b
//! ```
//!
//! A TUN device gives a program the packets that a kernel sends, and the kernel those that the program writes. So the
//! kernel's own TCP, with all its timers, meets the simulated network.

use std::{
    io::{self, PipeWriter},
    net::{Ipv4Addr, Ipv6Addr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread::{self, JoinHandle},
};

use anyhow::{Context as _, ensure};
use net::sim::{Counts, Link, LinkConfig};
use tappers::Tun;

use super::pump::Pump;
use crate::netns::{self, Namespace, ip};

/// Two machines and the bad network between them. All of it is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct BadLink {
    machines: [Machine; 2],
    /// From a to b, and from b to a.
    links: Arc<Mutex<[Link; 2]>>,
    /// Ends the pump when it is dropped.
    stop: Option<PipeWriter>,
    pump: Option<JoinHandle<anyhow::Result<()>>>,
    /// The last byte of the next address that a machine moves to.
    next_host: u8,
}

/// An end of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "lowercase")]
pub(crate) enum Side {
    /// The first machine.
    A,
    /// The other one.
    B,
}

/// The counts of packets so far, in each direction. Bytes are those of IP packets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PathCounts {
    /// From machine a to machine b.
    pub(crate) a_to_b: Counts,
    /// From machine b to machine a.
    pub(crate) b_to_a: Counts,
}

impl BadLink {
    /// Joins two new machines. Equal seeds lose the same packets of equal traffic.
    ///
    /// # Errors
    ///
    /// Fails without root or without the kernel's TUN devices; everything made by then is removed.
    pub(crate) fn start(a_to_b: LinkConfig, b_to_a: LinkConfig, seed: u64) -> anyhow::Result<Self> {
        netns::prepare()?;
        let number = NEXT_NUMBER.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("{}-{number}", netns::prefix("link"));
        let (machine_a, end_a) = Machine::add(Side::A, &prefix)?;
        let (machine_b, end_b) = Machine::add(Side::B, &prefix)?;
        // The way back throws dice of its own.
        let links = Arc::new(Mutex::new([Link::new(a_to_b, seed), Link::new(b_to_a, !seed)]));
        let (stopped, stop) = io::pipe().context("cannot make a pipe")?;
        let pump = Pump { ends: [end_a, end_b], links: Arc::clone(&links), stop: stopped };
        let thread = thread::Builder::new().name("link".to_owned());
        let pump = thread.spawn(move || pump.run()).context("cannot start a thread")?;
        Ok(Self {
            machines: [machine_a, machine_b],
            links,
            stop: Some(stop),
            pump: Some(pump),
            next_host: FIRST_FREE_HOST,
        })
    }

    /// Gives a machine other addresses, as when it joins another network, and forgets the old ones. Its interface
    /// stays up, and so does its link-local address.
    ///
    /// # Errors
    ///
    /// Names the command that failed and what it said, or says that there is no address left.
    pub(crate) fn change_address(&mut self, side: Side) -> anyhow::Result<()> {
        ensure!(self.next_host < NO_HOST, "all addresses of the link have been used");
        let host = self.next_host;
        self.next_host += 1;
        let machine = &mut self.machines[side as usize];
        ip(&format!("-n {} addr flush dev {INTERFACE} scope global", machine.name()))?;
        machine.host = host;
        machine.add_addresses()
    }

    /// The counts of packets so far.
    pub(crate) fn counts(&self) -> PathCounts {
        let [a_to_b, b_to_a] = &*self.links();
        PathCounts { a_to_b: a_to_b.counts(), b_to_a: b_to_a.counts() }
    }

    /// The network namespace of a machine.
    pub(crate) fn namespace(&self, side: Side) -> &str {
        self.machine(side).name()
    }

    /// The IPv4 address that a machine has now.
    pub(crate) const fn ipv4(&self, side: Side) -> Ipv4Addr {
        self.machine(side).ipv4()
    }

    /// The IPv6 address that a machine has now, beside the link-local one.
    pub(crate) const fn ipv6(&self, side: Side) -> Ipv6Addr {
        self.machine(side).ipv6()
    }

    /// The link-local address that the kernel has given a machine, as the other one types it: `fe80::1%eth0`.
    ///
    /// # Errors
    ///
    /// Says that there is none.
    pub(crate) fn link_local(&self, side: Side) -> anyhow::Result<String> {
        Ok(format!("{}%{INTERFACE}", netns::link_local(self.namespace(side), INTERFACE)?))
    }

    const fn machine(&self, side: Side) -> &Machine {
        &self.machines[side as usize]
    }

    fn links(&self) -> MutexGuard<'_, [Link; 2]> {
        // A panic with the lock came between two packets: each call leaves a link whole.
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for BadLink {
    fn drop(&mut self) {
        drop(self.stop.take());
        match self.pump.take().map(JoinHandle::join) {
            Some(Ok(Err(error))) => eprintln!("warning: the link has ended before its time: {error:#}"),
            Some(Err(_panic)) => eprintln!("warning: the link has ended before its time"),
            Some(Ok(Ok(()))) | None => {}
        }
    }
}

impl Side {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::A, Self::B];
}

/// One machine: a namespace with an interface.
#[derive(Debug)]
struct Machine {
    namespace: Namespace,
    /// The last byte of its addresses.
    host: u8,
}

impl Machine {
    /// Makes a machine, and returns it with the device of its interface.
    fn add(side: Side, prefix: &str) -> anyhow::Result<(Self, Tun)> {
        let namespace = Namespace::add(format!("{prefix}-{side}"))?;
        let machine = Self { namespace, host: side as u8 + 1 };
        // The device is made here, under a name that the kernel chooses; its file stays open when it moves.
        let mut tun = Tun::new().context("cannot make a TUN device")?;
        tun.set_nonblocking(true).context("cannot set up a TUN device")?;
        let born_as = tun.name().context("cannot tell a TUN device's name")?.name();
        let born_as = born_as.to_str().context("the kernel's names are ASCII")?;
        ip(&format!("link set dev {born_as} netns {} name {INTERFACE}", machine.name()))?;
        machine.add_addresses()?;
        ip(&format!("-n {} link set dev {INTERFACE} up", machine.name()))?;
        Ok((machine, tun))
    }

    fn add_addresses(&self) -> anyhow::Result<()> {
        let (ipv4, ipv6) = (format!("{}/24", self.ipv4()), format!("{}/64", self.ipv6()));
        ip(&format!("-n {} addr add {ipv4} dev {INTERFACE}", self.name()))?;
        ip(&format!("-n {} addr add {ipv6} dev {INTERFACE} nodad", self.name())).map(drop)
    }

    fn name(&self) -> &str {
        self.namespace.name()
    }

    const fn ipv4(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 78, 0, self.host)
    }

    const fn ipv6(&self) -> Ipv6Addr {
        Ipv6Addr::new(0xfd4d, 0x78, 0, 0, 0, 0, 0, self.host as u16)
    }
}

/// The number of this process's next link.
static NEXT_NUMBER: AtomicU32 = AtomicU32::new(0);

/// The name of each machine's interface.
const INTERFACE: &str = "eth0";

/// The last byte of the first address that no machine begins with.
const FIRST_FREE_HOST: u8 = 3;

/// The last byte of the broadcast address (RFC 919 section 7).
const NO_HOST: u8 = 255;
