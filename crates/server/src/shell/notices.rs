//! Announcements of the listed rooms to the network.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use net::discovery::{Advert, Announcer, MAX_ANNOUNCED, Place};
use tracing::{info, warn};

use super::listeners::Sockets;
use crate::lobby::Lobby;

/// Passes the list of rooms to an [`Announcer`], at most once a second. Does nothing without one.
#[derive(Debug)]
pub(super) struct Notices {
    announcer: Option<Announcer>,
    /// The count of [`Lobby::list_changes`] at the last announcement.
    told: u64,
    may_tell_at: Instant,
}

impl Notices {
    /// Starts to announce the rooms that are served on `sockets`. If that fails, it warns and the server runs without.
    pub(super) fn start(now: Instant, sockets: &Sockets, is_wanted: bool) -> Self {
        let place = is_wanted.then(|| Place::of_listeners(&locals(sockets))).flatten();
        let announcer = place.and_then(|place| match Announcer::start(place) {
            Ok(announcer) => Some(announcer),
            Err(error) => {
                warn!(%error, "players on this network must type an address");
                None
            }
        });
        if announcer.is_some() {
            tell_networks();
        }
        Self { announcer, told: 0, may_tell_at: now }
    }

    /// Announces the list if it has changed and is due.
    pub(super) fn handle_timeout(&mut self, now: Instant, lobby: &Lobby) {
        let Some(announcer) = &self.announcer else { return };
        let changes = lobby.list_changes();
        if changes == self.told || now < self.may_tell_at {
            return;
        }
        announcer
            .publish(lobby.listed_rooms().take(MAX_ANNOUNCED).map(|line| Advert::of_line(&line)).collect());
        self.told = changes;
        self.may_tell_at = now + TELL_EVERY;
    }

    /// The time to call [`handle_timeout`](Self::handle_timeout) again.
    pub(super) fn poll_timeout(&self, lobby: &Lobby) -> Option<Instant> {
        (self.announcer.is_some() && lobby.list_changes() != self.told).then_some(self.may_tell_at)
    }

    /// Withdraws every announcement, and waits until that is sent.
    pub(super) async fn end(self) {
        if let Some(announcer) = self.announcer {
            announcer.stop().await;
        }
    }
}

/// The addresses of the listeners, TCP first.
fn locals(Sockets { tcp, udp }: &Sockets) -> Vec<SocketAddr> {
    let tcp = tcp.iter().filter_map(|socket| socket.local_addr().ok());
    tcp.chain(udp.iter().filter_map(|socket| socket.local_addr().ok())).collect()
}

/// Logs the networks that are used and the interfaces that are skipped.
fn tell_networks() {
    match net::interfaces::networks() {
        Ok(networks) => {
            let used: Vec<String> =
                networks.used.iter().map(|(name, ip, prefix)| format!("{name} {ip}/{prefix}")).collect();
            let skipped: Vec<&str> = networks.skipped.iter().map(|(name, _)| name.as_str()).collect();
            info!(?used, ?skipped, "rooms are announced");
        }
        Err(error) => warn!(%error, "cannot list this machine's interfaces"),
    }
}

/// The shortest time between two announcements: that of the announcer itself.
const TELL_EVERY: Duration = Duration::from_secs(1);
