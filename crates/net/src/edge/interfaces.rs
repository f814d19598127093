//! The network interfaces of this machine: the meaning of a scope here, and the addresses that a friend can type.
//!
//! The system is asked anew at every call, because Wi-Fi comes and goes while a game waits for its second player.

mod devices;

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use if_addrs::Interface;
use thiserror::Error;

use crate::addr::Scope;
use crate::addr::local::{Device, Machine, best_first, index_of, usable_names};
pub use crate::addr::local::{InterfaceKind, LocalAddress, MAX_FRIEND_ADDRESSES, Networks};

/// The reason why a scope means nothing on this machine.
#[derive(Debug, Error)]
pub enum ScopeError {
    /// No interface with an address has this name or number.
    #[error("no network interface here is called `{scope}`")]
    Unknown {
        /// The scope as typed.
        scope: Scope,
        /// The interfaces that could have been meant.
        usable: Vec<String>,
    },
    /// The system does not list its interfaces.
    #[error("the network interfaces of this machine cannot be listed")]
    List(#[source] io::Error),
}

/// Lists every address of this machine, in the system's order.
///
/// # Errors
///
/// The system's.
pub fn local_addresses() -> io::Result<Vec<LocalAddress>> {
    let mut devices = Devices::default();
    Ok(if_addrs::get_if_addrs()?.into_iter().map(|interface| devices.describe(interface)).collect())
}

/// The devices of this machine. A device may have a thousand addresses, and is looked at once in a while.
#[derive(Debug, Default)]
pub(crate) struct Devices {
    machine: Machine,
    known: BTreeMap<(String, Option<u32>), Option<Device>>,
    looked_at: Option<Instant>,
}

impl Devices {
    /// Describes one address of an interface.
    pub(crate) fn describe(&mut self, interface: Interface) -> LocalAddress {
        if self.looked_at.is_none_or(|looked_at| looked_at.elapsed() > FRESH) {
            let machine = devices::machine();
            *self = Self { machine, known: BTreeMap::new(), looked_at: Some(Instant::now()) };
        }
        let look = || devices::device(&interface.name, interface.index);
        let device = *self.known.entry((interface.name.clone(), interface.index)).or_insert_with(look);
        LocalAddress::new(interface, device, self.machine)
    }
}

/// Time after which a device is described anew.
const FRESH: Duration = Duration::from_secs(1);

/// Finds the address from which this machine would send to `peer` now. Sends nothing.
///
/// # Errors
///
/// The system's, when no route leads there.
pub fn source_towards(peer: SocketAddr) -> io::Result<IpAddr> {
    let any: SocketAddr = match peer {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(peer)?;
    Ok(socket.local_addr()?.ip())
}

/// Lists the addresses by which a friend on the LAN can reach this machine, best first, at most
/// [`MAX_FRIEND_ADDRESSES`].
///
/// # Errors
///
/// The system's.
pub fn friend_addresses() -> io::Result<Vec<LocalAddress>> {
    Ok(best_first(local_addresses()?))
}

/// Finds the number of `scope` on this machine.
///
/// # Errors
///
/// [`ScopeError`].
pub fn scope_index(scope: &Scope) -> Result<u32, ScopeError> {
    let addresses = local_addresses().map_err(ScopeError::List)?;
    index_of(scope, &addresses)
        .ok_or_else(|| ScopeError::Unknown { scope: scope.clone(), usable: usable_names(&addresses) })
}

/// Finds the interface with the number `index` as it is typed, to show a peer as `fe80::1%eth0`.
pub fn scope_name(index: u32) -> Option<String> {
    let addresses = local_addresses().ok()?;
    addresses.into_iter().find(|address| address.index == Some(index)).map(|address| address.scope())
}

/// Finds the networks that are searched for games.
///
/// # Errors
///
/// The system's, when it does not tell its interfaces.
pub fn networks() -> io::Result<Networks> {
    Ok(Networks::of(&local_addresses()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::is_loopback;

    #[test]
    fn every_interface_of_this_machine_is_found_by_name_and_number() {
        for address in local_addresses().unwrap() {
            let Some(index) = address.index else { continue };
            assert_eq!(scope_name(index), Some(address.scope()));
            // An alias such as `eth0:1` cannot be typed as a scope.
            let Ok(scope) = address.interface.parse() else { continue };
            assert_eq!(scope_index(&scope).unwrap(), index);
        }
    }

    #[test]
    fn an_unknown_scope_is_refused_with_the_known_ones() {
        let error = scope_index(&"no-such-if".parse().unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "no network interface here is called `no-such-if`");
        assert!(matches!(error, ScopeError::Unknown { .. }));
    }

    #[test]
    fn loopback_is_reached_from_itself() {
        let towards = |peer: &str| source_towards(peer.parse().unwrap()).unwrap();
        assert_eq!(towards("127.0.0.1:1952"), IpAddr::from(Ipv4Addr::LOCALHOST));
        if local_addresses().unwrap().iter().any(|address| address.ip == IpAddr::from(Ipv6Addr::LOCALHOST)) {
            assert_eq!(towards("[::1]:1952"), IpAddr::from(Ipv6Addr::LOCALHOST));
        }
    }

    #[test]
    fn this_machine_offers_no_loopback() {
        for address in friend_addresses().unwrap() {
            assert!(!is_loopback(address.ip), "{address:?}");
        }
    }

    /// `if-addrs` hides `fe80::/10` unless its feature `link-local` is on, and then no scope can be assumed.
    #[cfg(target_os = "linux")]
    #[test]
    fn link_local_addresses_are_not_hidden() {
        // proc_net(5): the address, the index, the prefix, the scope (20 is link-local) in hexadecimal.
        let Ok(table) = std::fs::read_to_string("/proc/net/if_inet6") else {
            return eprintln!("skipped, no IPv6 here");
        };
        let said = table.lines().filter(|line| line.split_whitespace().nth(3) == Some("20")).count();
        let seen = local_addresses()
            .unwrap()
            .iter()
            .filter(|address| matches!(address.ip, IpAddr::V6(ip) if ip.is_unicast_link_local()))
            .count();
        assert_eq!(seen, said, "`if-addrs` needs its feature `link-local`");
    }
}
