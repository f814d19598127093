//! The inputs of the host task.

use std::time::{Duration, Instant};

use net::proto::{Answer, Command, Hello, Question};
use tokio::sync::oneshot;

use super::{figures::Figures, outlet::Outlet};
use crate::lobby::{DisconnectReason, Epoch, Origin};

/// The number of a link, unique for the life of a server. A session may have several, one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LinkId(pub(super) u64);

/// A link, and the time at which its task has read something from it, in one word: the queue has room for a thousand.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadFrom(u64);

/// The bits of a time in microseconds: it comes again after 16 s, and no input waits that long.
const TIME_BITS: u32 = 24;

impl ReadFrom {
    pub(super) fn new(link: LinkId, epoch: Epoch, now: Instant) -> Self {
        Self(link.0 << TIME_BITS | Self::micros(epoch, now))
    }

    /// The link: one of a million million.
    pub(super) const fn link(self) -> LinkId {
        LinkId(self.0 >> TIME_BITS)
    }

    /// The time since the read.
    pub(super) fn elapsed(self, epoch: Epoch, now: Instant) -> Duration {
        let since = Self::micros(epoch, now).wrapping_sub(self.0);
        Duration::from_micros(since & Self::MASK)
    }

    const MASK: u64 = (1 << TIME_BITS) - 1;

    fn micros(epoch: Epoch, now: Instant) -> u64 {
        epoch.micros(now) & Self::MASK
    }
}

/// A report of a link's task to the host task.
#[derive(Debug)]
pub(super) enum Input {
    /// The client has sent its hello.
    Opened {
        link: LinkId,
        /// Boxed, since it would make every input as large as itself.
        hello: Box<Hello>,
        origin: Origin,
        outlet: Outlet,
    },
    /// Somebody asks a question in place of a hello.
    Asked { question: Question, origin: Origin, reply: oneshot::Sender<Answer> },
    /// The client has sent a command, which was read then.
    Command { from: ReadFrom, command: Command },
    /// The client has been silent since then, or is heard again.
    Silence { link: LinkId, since: Option<Instant> },
    /// The round trip has changed.
    Rtt { link: LinkId, rtt: Duration },
    /// Somebody watches over the server.
    Measured { reply: oneshot::Sender<Box<Figures>> },
    /// The link's task waits until its inputs so far are handled.
    Settle { done: oneshot::Sender<()> },
    /// The link has ended.
    Gone { link: LinkId, reason: DisconnectReason },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_and_a_time_fit_one_word() {
        let start = Instant::now();
        let epoch = Epoch::new(start);
        for micros in [0, 1, (1 << TIME_BITS) - 1, 1 << TIME_BITS, 1 << 50] {
            let read = start + Duration::from_micros(micros);
            let from = ReadFrom::new(LinkId(0xff_ffff_ffff), epoch, read);
            assert_eq!(from.link(), LinkId(0xff_ffff_ffff));
            let took = Duration::from_micros(250);
            assert_eq!(from.elapsed(epoch, read + took), took);
        }
    }

    /// A task keeps room for some inputs all its life, and the queue for a thousand.
    #[test]
    fn an_input_is_small() {
        assert!(size_of::<Input>() <= 64, "{} bytes", size_of::<Input>());
    }
}
