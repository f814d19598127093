//! Questions by multicast DNS, on this machine's networks.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures_util::future::join_all;
use net::{
    interfaces::{InterfaceKind, LocalAddress},
    multicast::{Interface, query},
};

use crate::doctor::{local::Multicast, remote::ByMulticast};

/// Asks on each usable interface, in each family, all at once.
pub(super) async fn ask_everywhere(addresses: &[LocalAddress]) -> Vec<Multicast> {
    let mut asked = BTreeSet::new();
    let ways = addresses.iter().filter(|address| address.kind == InterfaceKind::Lan).filter_map(|address| {
        let family = if address.ip.is_ipv6() { "IPv6" } else { "IPv4" };
        let place = format!("{}, {family}", address.interface);
        let via = via(address).filter(|_| asked.insert(place.clone()))?;
        Some((place, via))
    });
    join_all(ways.take(MAX_WAYS).map(async |(place, via)| {
        let outcome = query(via, &[], PATIENCE).await.map_err(|error| error.to_string());
        Multicast { place, outcome }
    }))
    .await
}

/// Asks for a machine with the addresses `sought`, on the network `beside` that it shares with this one, in both families.
pub(super) async fn ask_for(
    sought: &[SocketAddr],
    beside: &LocalAddress,
    own: &[LocalAddress],
) -> Option<ByMulticast> {
    let sought: Vec<IpAddr> = sought.iter().map(SocketAddr::ip).collect();
    let is_ours = own.iter().any(|address| sought.contains(&address.ip));
    if beside.kind != InterfaceKind::Lan || is_ours {
        return None;
    }
    let of_family = |is_ipv6| {
        own.iter().find(|address| address.interface == beside.interface && address.ip.is_ipv6() == is_ipv6)
    };
    let ways = [false, true].into_iter().filter_map(|is_ipv6| via(of_family(is_ipv6)?));
    let heard = join_all(ways.map(|via| query(via, &sought, PATIENCE))).await;
    let heard: Vec<_> = heard.into_iter().flatten().collect();
    Some(ByMulticast {
        interface: beside.interface.clone(),
        is_heard: heard.iter().any(|heard| heard.is_found),
        // One machine may answer in both.
        answers: heard.iter().map(|heard| heard.others.len()).max()?,
    })
}

fn via(address: &LocalAddress) -> Option<Interface> {
    match address.ip {
        IpAddr::V4(own) => Some(Interface::V4(own)),
        IpAddr::V6(_) => address.index.map(Interface::V6),
    }
}

/// The time for answers. A host stays silent for a second after it has answered another machine (RFC 6762 section 6); the
/// last of three questions is asked after two thirds of this time, and so is answered.
const PATIENCE: Duration = Duration::from_millis(1600);

/// Interfaces and families asked at most, two for each interface.
const MAX_WAYS: usize = 16;
