//! The announcement of the server to the network.

use net::discovery::{Announcer, Place};
use tracing::{info, warn};

use super::{config::Config, listeners::Sockets};

/// Announces a server that listens on `sockets`, if it shall be and can be reached.
pub(super) fn announce(sockets: &Sockets, config: &Config) -> Option<Announcer> {
    let (tcp, udp) = sockets.addresses().ok()?;
    let place = Place::of_listeners(&[tcp, udp].concat()).filter(|_| config.is_announced)?;
    tell_networks();
    let announced = config.announced.clone().unwrap_or_default();
    Some(Announcer::start(place, config.name, announced))
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
