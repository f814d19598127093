//! What a server can be told.

use std::time::Duration;

use net::{arq, proto::Name};

use crate::lobby::Limits;

/// The settings of one server. Every bound of the shell is here; those of the lobby are in [`Limits`].
#[derive(Debug, Clone)]
pub struct Config {
    /// What the server is called, said in each welcome.
    pub name: Name,
    /// Whether the rooms on the list are announced to the network.
    pub is_announced: bool,
    /// The bounds of the lobby.
    pub limits: Limits,
    /// Connections at most, strangers and unfinished handshakes included. When full, the kernel's backlog
    /// holds the next.
    pub links: usize,
    /// How long a connection may take until its hello is whole. When over, it is closed.
    pub hello_timeout: Duration,
    /// How long a client of the line protocol may say nothing. When over, it is closed.
    pub text_idle_timeout: Duration,
    /// The bounds of the sessions over UDP.
    pub arq: arq::Config,
    /// Messages a second that one link may send on average. When over, it is closed.
    pub messages_per_second: u32,
    /// Messages that one link may send at once after a pause.
    pub message_burst: u32,
    /// How long links may take to bring out their last messages at shutdown. When over, they are cut.
    pub drain_timeout: Duration,
}

impl Config {
    /// Links beyond the sessions, for handshakes and for telling refusals.
    pub const SPARE_LINKS: usize = 96;

    /// The default settings under a name.
    ///
    /// A person sends some ten messages a second at most, pongs included, so 50 disturb nobody and bound the work that
    /// one link can cause. Nobody who is still there thinks for ten minutes.
    pub fn new(name: Name) -> Self {
        let limits = Limits::default();
        let links = limits.sessions + Self::SPARE_LINKS;
        Self {
            name,
            is_announced: true,
            links,
            limits,
            hello_timeout: Duration::from_secs(5),
            text_idle_timeout: Duration::from_mins(10),
            arq: arq::Config { sessions: links, ..arq::Config::default() },
            messages_per_second: 50,
            message_burst: 100,
            drain_timeout: Duration::from_secs(2),
        }
    }
}
