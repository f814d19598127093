//! The configuration of a server.

use std::time::Duration;

use net::{arq, discovery::Announced, proto::Name};
use tokio::sync::watch;

use crate::lobby::Limits;

/// The configuration of one server: every bound of the shell, and those of the lobby in [`Limits`].
#[derive(Debug, Clone)]
pub struct Config {
    /// The name of the server, which each welcome carries.
    pub name: Name,
    /// True if the server is announced to the network.
    pub is_announced: bool,
    /// The receiver of the announcement's state, if anybody wants to know it.
    pub announced: Option<watch::Sender<Announced>>,
    /// True if browsers get a page to play on.
    pub is_web_open: bool,
    /// Names of this server, beside those of this machine, under which a browser may ask for the page.
    pub web_names: Vec<String>,
    /// The bounds of the lobby.
    pub limits: Limits,
    /// The maximum of connections without a session: handshakes, strangers, and those that deliver their last messages. When
    /// full, the oldest one of the address that has the most of them is closed for a new one.
    pub unproven_links: usize,
    /// The maximum of connections of one address that speak the line protocol. Further ones are refused.
    pub texts_per_address: usize,
    /// The time for a connection to complete its hello. After it, the connection is closed.
    pub hello_timeout: Duration,
    /// The silence after which a client of the line protocol is disconnected.
    pub text_idle_timeout: Duration,
    /// The time for a client of the line protocol to send a command. After it, one that has sent none is disconnected.
    pub text_command_timeout: Duration,
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
    /// The default settings under a name.
    ///
    /// A person sends some ten messages a second at most, pongs included, so 50 disturb nobody and bound the work that
    /// one link can cause. Nobody who is still there thinks for ten minutes. A thousand handshakes at once are more than a
    /// full server sees when all its players return within a second; a room full of programs behind one router is 16.
    pub fn new(name: Name) -> Self {
        Self {
            name,
            is_announced: true,
            announced: None,
            is_web_open: true,
            web_names: Vec::new(),
            limits: Limits::default(),
            unproven_links: 1_024,
            texts_per_address: 16,
            hello_timeout: Duration::from_secs(5),
            text_idle_timeout: Duration::from_mins(10),
            text_command_timeout: Duration::from_mins(1),
            arq: arq::Config::default(),
            messages_per_second: 50,
            message_burst: 100,
            drain_timeout: Duration::from_secs(2),
        }
        .with_udp_bounds()
    }

    /// The maximum of connections at one time.
    pub const fn most_links(&self) -> usize {
        self.limits.sessions.saturating_add(self.unproven_links)
    }

    /// Bounds the sessions of a UDP socket by those of the lobby and the links without one. The lobby and the shell reach
    /// theirs first, and tell the reason.
    #[must_use]
    pub fn with_udp_bounds(mut self) -> Self {
        let own = self.limits.share(self.limits.sessions) + self.limits.share(self.unproven_links);
        self.arq.sessions = self.most_links().saturating_add(UNCOUNTED);
        self.arq.sessions_per_address = own.saturating_add(UNCOUNTED);
        self
    }

    /// Lowers the links to what this many open files allow.
    #[cfg(unix)]
    pub(super) fn fit(&mut self, files: usize) {
        let links = files.saturating_sub(OTHER_FILES.min(files / 2)).max(2);
        if self.most_links() > links {
            self.unproven_links = self.unproven_links.min(links / 4).max(1);
            self.limits.sessions = self.limits.sessions.min(links - self.unproven_links);
        }
    }

    /// The open files that the links and the rest of the program need.
    #[cfg(unix)]
    pub(super) const fn files(&self) -> usize {
        self.most_links().saturating_add(OTHER_FILES)
    }
}

/// Open files beside the links: standard streams, the runtime's own, listeners, the sockets of discovery on every interface,
/// and what a client in the same process needs.
#[cfg(unix)]
const OTHER_FILES: usize = 128;

/// Links that may be on their way between a socket and the count of its links.
const UNCOUNTED: usize = 64;

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_lowered_to_what_the_open_files_allow() {
        #[track_caller]
        fn check(files: usize, unproven: usize, sessions: usize) {
            let mut config = Config::new("den".parse().unwrap());
            config.fit(files);
            assert_eq!((config.unproven_links, config.limits.sessions), (unproven, sessions), "{files}");
            assert!(config.most_links() <= files.max(2));
        }
        check(20_000, 1_024, 4_000);
        check(5_152, 1_024, 4_000);
        check(5_151, 1_024, 3_999);
        check(1_024, 224, 672);
        check(64, 8, 24);
        check(2, 1, 1);
        check(0, 1, 1);
    }
}
