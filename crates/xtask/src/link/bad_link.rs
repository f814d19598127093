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
use crate::netns::{self, Namespace, add_address, ip};

/// Two machines and the bad network between them. All of it is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct BadLink {
    /// The first machine.
    pub(crate) a: Machine,
    /// The other one.
    pub(crate) b: Machine,
    /// From a to b, and from b to a.
    links: Arc<Mutex<[Link; 2]>>,
    /// The pump, which ends when its pipe is dropped.
    pump: Option<(PipeWriter, JoinHandle<anyhow::Result<()>>)>,
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
        let (a, end_a) = Machine::add(format!("{prefix}-a"), 1)?;
        let (b, end_b) = Machine::add(format!("{prefix}-b"), 2)?;
        // The way back throws dice of its own.
        let links = Arc::new(Mutex::new([Link::new(a_to_b, seed), Link::new(b_to_a, !seed)]));
        let (stopped, stop) = io::pipe().context("cannot make a pipe")?;
        let pump = Pump { ends: [end_a, end_b], links: Arc::clone(&links), stop: stopped };
        let thread = thread::Builder::new().name("link".to_owned());
        let pump = thread.spawn(move || pump.run()).context("cannot start a thread")?;
        Ok(Self { a, b, links, pump: Some((stop, pump)) })
    }

    /// The counts of packets so far.
    pub(crate) fn counts(&self) -> PathCounts {
        let [a_to_b, b_to_a] = &*self.links();
        PathCounts { a_to_b: a_to_b.counts(), b_to_a: b_to_a.counts() }
    }

    fn links(&self) -> MutexGuard<'_, [Link; 2]> {
        // A panic with the lock came between two packets: each call leaves a link whole.
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for BadLink {
    fn drop(&mut self) {
        let Some((stop, pump)) = self.pump.take() else { return };
        drop(stop);
        match pump.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("warning: the link has ended before its time: {error:#}"),
            Err(_panic) => eprintln!("warning: the link has ended before its time"),
        }
    }
}

/// A machine: a namespace with an interface.
#[derive(Debug)]
pub(crate) struct Machine {
    namespace: Namespace,
    /// The last byte of its addresses.
    host: u8,
}

impl Machine {
    /// Makes a machine, and returns it with the device of its interface.
    fn add(name: String, host: u8) -> anyhow::Result<(Self, Tun)> {
        let machine = Self { namespace: Namespace::add(name)?, host };
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

    /// Gives the machine other addresses, as when it joins another network, and forgets the old ones. Its interface
    /// stays up, and so does its link-local address.
    ///
    /// # Errors
    ///
    /// Names the command that failed and what it said, or says that there is no address left.
    pub(crate) fn change_address(&mut self) -> anyhow::Result<()> {
        ensure!(self.host < LAST_HOST, "all addresses of the machine have been used");
        ip(&format!("-n {} addr flush dev {INTERFACE} scope global", self.name()))?;
        // The addresses between are those of the other machine.
        self.host += 2;
        self.add_addresses()
    }

    fn add_addresses(&self) -> anyhow::Result<()> {
        add_address(self.name(), INTERFACE, &format!("{}/24", self.ipv4()))?;
        add_address(self.name(), INTERFACE, &format!("{}/64", self.ipv6()))
    }

    /// Its network namespace.
    pub(crate) fn name(&self) -> &str {
        self.namespace.name()
    }

    /// The IPv4 address that it has now.
    pub(crate) const fn ipv4(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 78, 0, self.host)
    }

    /// The IPv6 address that it has now, beside the link-local one.
    pub(crate) const fn ipv6(&self) -> Ipv6Addr {
        Ipv6Addr::new(0xfd4d, 0x78, 0, 0, 0, 0, 0, self.host as u16)
    }

    /// The link-local address that the kernel has given it, as the other one types it: `fe80::1%eth0`.
    ///
    /// # Errors
    ///
    /// Says that there is none.
    pub(crate) fn link_local(&self) -> anyhow::Result<String> {
        Ok(format!("{}%{INTERFACE}", netns::link_local(self.name(), INTERFACE)?))
    }
}

/// The number of this process's next link.
static NEXT_NUMBER: AtomicU32 = AtomicU32::new(0);

/// The name of each machine's interface.
const INTERFACE: &str = "eth0";

/// The last byte from which a machine does not move on: that of the broadcast address is 255 (RFC 919 section 7).
const LAST_HOST: u8 = 253;
