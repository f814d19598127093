//! The configuration of a server.

use std::time::Duration;

use net::{arq, proto::Name};

use crate::lobby::Limits;

/// The configuration of one server: every bound of the shell, and those of the lobby in [`Limits`].
#[derive(Debug, Clone)]
pub struct Config {
    /// The name of the server, which each welcome carries.
    pub name: Name,
    /// True if the rooms on the list are announced to the network.
    pub is_announced: bool,
    /// The bounds of the lobby.
    pub limits: Limits,
    /// The maximum of connections, including strangers and unfinished handshakes. When full, further ones wait in the
    /// kernel's backlog.
    pub links: usize,
    /// The time for a connection to complete its hello. After it, the connection is closed.
    pub hello_timeout: Duration,
    /// The silence after which a client of the line protocol is disconnected.
    pub text_idle_timeout: Duration,
    /// The bounds of the sessions over UDP.
    pub arq: arq::Config,
    /// Messages a second that one link may send on average. Above it, the link is closed.
    pub messages_per_second: u32,
    /// Messages that one link may send at once after a pause.
    pub message_burst: u32,
    /// The time for links to deliver their last messages at shutdown. After it, they are cut.
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
