//! The announcement of the server to the network.

use std::net::SocketAddr;

use net::discovery::{Announcer, Place};
use tracing::{info, warn};

use super::{config::Config, listeners::Sockets};

/// Announces a server that listens on `sockets`, if it shall be and can be reached.
pub(super) fn announce(sockets: &Sockets, config: &Config) -> Option<Announcer> {
    let place = Place::of_listeners(&locals(sockets)).filter(|_| config.is_announced)?;
    tell_networks();
    let announced = config.announced.clone().unwrap_or_default();
    Some(Announcer::start(place, config.name, announced))
}

/// The addresses of the listeners, TCP first.
fn locals(Sockets { tcp, udp, admin: _ }: &Sockets) -> Vec<SocketAddr> {
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
            info!(?used, ?skipped, "the server is announced");
        }
        Err(error) => warn!(%error, "cannot list this machine's interfaces"),
    }
}
