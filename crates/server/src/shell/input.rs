//! The inputs of the host task.

use std::time::{Duration, Instant};

use net::proto::{Answer, Command, Hello, Question};
use tokio::sync::oneshot;

use super::outlet::Outlet;
use crate::lobby::{DisconnectReason, Origin};

/// The number of a link, unique for the life of a server. A session may have several, one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LinkId(pub(super) u64);

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
    /// The client has sent a command.
    Command { link: LinkId, command: Command },
    /// The client has been silent since then, or is heard again.
    Silence { link: LinkId, since: Option<Instant> },
    /// The round trip has changed.
    Rtt { link: LinkId, rtt: Duration },
    /// The link's task waits until its inputs so far are handled.
    Settle { done: oneshot::Sender<()> },
    /// The link has ended.
    Gone { link: LinkId, reason: DisconnectReason },
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A task keeps room for some inputs all its life, and the queue for a thousand.
    #[test]
    fn an_input_is_small() {
        assert!(size_of::<Input>() <= 64, "{} bytes", size_of::<Input>());
    }
}
