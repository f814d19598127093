//! The thread that carries packets between two TUN devices, each at the instant that the simulated network says.

use std::{
    io::{self, PipeReader},
    num::NonZeroU64,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use net::sim::Link;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::setpriority_process,
    thread::set_current_timer_slack,
};
use tappers::Tun;

/// Both directions of a path and the devices at its ends; one thread runs it.
///
/// One thread is enough, because it only copies, and better than two: packets that arrive together are carried in a fixed
/// order, and no thread waits for another.
pub(super) struct Pump {
    /// The machines' interfaces, which do not block.
    pub(super) ends: [Tun; 2],
    /// The path from each end to the other, shared with the reader of their counts.
    pub(super) links: Arc<Mutex<[Link; 2]>>,
    /// Ends the pump when its other end is closed.
    pub(super) stop: PipeReader,
}

impl Pump {
    /// Carries packets until `stop` is closed.
    ///
    /// # Errors
    ///
    /// Fails when the kernel refuses, above all when an interface has been taken away.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        // Without this, a thread is woken up to 50 microseconds late so that timers can be handled together.
        set_current_timer_slack(Some(TIMER_SLACK)).context("cannot ask for exact timers")?;
        setpriority_process(None, PRIORITY).context("cannot ask for priority")?;
        let mut buffer = vec![0; LONGEST_PACKET];
        loop {
            let next = self.carry(&mut buffer)?;
            if !self.wait(next)? {
                return Ok(());
            }
        }
    }

    /// Takes in what has been sent and brings out what is due, some packets each, and returns when more is due.
    fn carry(&self, buffer: &mut [u8]) -> anyhow::Result<Option<Instant>> {
        // A panic with the lock came from a reader of counts.
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        for (end, link) in self.ends.iter().zip(links.iter_mut()) {
            take_in(end, link, buffer)?;
        }
        let [a, b] = &self.ends;
        for (other_end, link) in [b, a].into_iter().zip(links.iter_mut()) {
            bring_out(link, other_end);
        }
        Ok(links.iter().filter_map(Link::poll_timeout).min())
    }

    /// Sleeps until `next`, or until a packet is sent; returns whether the pump goes on.
    fn wait(&self, next: Option<Instant>) -> anyhow::Result<bool> {
        let [a, b] = &self.ends;
        let mut sources = [
            PollFd::new(&self.stop, PollFlags::IN),
            PollFd::new(a, PollFlags::IN),
            PollFd::new(b, PollFlags::IN),
        ];
        let rest = next.map(|next| next.saturating_duration_since(Instant::now()));
        let rest = rest.map(Timespec::try_from).transpose().context("cannot wait for so long")?;
        match poll(&mut sources, rest.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error).context("cannot wait for packets"),
        }
        let [stop, ends @ ..] = &sources;
        if ends.iter().any(|end| end.revents().intersects(PollFlags::ERR | PollFlags::NVAL)) {
            bail!("an interface of the link has been taken away");
        }
        Ok(stop.revents().is_empty())
    }
}

/// Hands the packets of the machine at `end` to `link`.
fn take_in(end: &Tun, link: &mut Link, buffer: &mut [u8]) -> anyhow::Result<()> {
    for _ in 0..BATCH {
        match end.recv(buffer) {
            Ok(length) => link.send(Instant::now(), Bytes::copy_from_slice(&buffer[..length])),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error).context("cannot read from an interface of the link"),
        }
    }
    Ok(())
}

/// Gives the machine at `end` the packets that have arrived for it.
fn bring_out(link: &mut Link, end: &Tun) {
    for _ in 0..BATCH {
        let Some(delivery) = link.poll(Instant::now()) else { break };
        // The kernel refuses a packet that is damaged in its first four bits, and any while the interface is down: to
        // the machine it has never arrived, as on a real network.
        let _is_refused = end.send(&delivery.packet).is_err();
    }
}

/// Nanoseconds that a wake-up may be late by, so that others can be handled with it: as few as there can be.
const TIMER_SLACK: NonZeroU64 = NonZeroU64::MIN;

/// The highest priority that a thread of the common kind can have (setpriority(2)): the programs at both ends may
/// keep every core busy, and the network must not be slow because of it.
const PRIORITY: i32 = -20;

/// Bytes of the longest packet: the length field of IPv4 has 16 bits, and Linux gives no interface a larger MTU.
const LONGEST_PACKET: usize = 1 << 16;

/// Packets that one direction may move before the other one has its turn.
const BATCH: usize = 32;
