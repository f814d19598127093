//! The addresses of this machine on which games are announced and searched for.

use std::net::{IpAddr, SocketAddr};

use crate::addr::{
    self,
    local::{InterfaceKind, LocalAddress},
};

/// The networks on which games are announced and searched for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// The interfaces on which a friend can be: see [`Networks`](crate::interfaces::Networks).
    #[default]
    Lan,
    /// This machine alone, over its loopback interface: for tests.
    Loopback,
}

impl Reach {
    /// Tests for an address of this machine on one of the networks.
    pub(crate) const fn has(self, address: &LocalAddress) -> bool {
        match self {
            Self::Lan => address.is_usable(),
            Self::Loopback => matches!(address.kind, InterfaceKind::Loopback),
        }
    }
}

/// The addresses of this machine and the port at which a server can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    port: u16,
    fits: Fits,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Fits {
    /// All addresses of a reach, or those of IPv4 alone.
    Every { reach: Reach, is_v4_only: bool },
    /// These addresses.
    Only(Vec<IpAddr>),
}

impl Place {
    /// The place of a server with these listeners: the first one that other machines can reach, and those with the same port.
    /// `None` if all are for this machine alone.
    pub fn of_listeners(listeners: &[SocketAddr]) -> Option<Self> {
        let mut reachable =
            listeners.iter().map(|&local| addr::canonical(local)).filter(|local| !local.ip().is_loopback());
        let first = reachable.next()?;
        let mut ips: Vec<IpAddr> = vec![first.ip()];
        ips.extend(reachable.filter(|local| local.port() == first.port()).map(|local| local.ip()));
        let any_v4 = ips.iter().any(|ip| ip.is_ipv4() && ip.is_unspecified());
        let any_v6 = ips.iter().any(|ip| ip.is_ipv6() && ip.is_unspecified());
        let fits = match (any_v4, any_v6) {
            (_, true) => Fits::Every { reach: Reach::Lan, is_v4_only: false },
            (true, false) => Fits::Every { reach: Reach::Lan, is_v4_only: true },
            (false, false) => Fits::Only(ips),
        };
        Some(Self { port: first.port(), fits })
    }

    /// The port of the server.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// A place that only this machine finds, for tests.
    pub const fn on_loopback(port: u16) -> Self {
        Self { port, fits: Fits::Every { reach: Reach::Loopback, is_v4_only: false } }
    }

    pub(crate) fn has(&self, address: &LocalAddress) -> bool {
        match &self.fits {
            Fits::Every { reach, is_v4_only } => reach.has(address) && (address.ip.is_ipv4() || !is_v4_only),
            Fits::Only(ips) => Reach::Lan.has(address) && ips.contains(&address.ip),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(listeners: &[&str], port: u16, expected: Fits) {
        let listeners: Vec<_> = listeners.iter().map(|local| local.parse().unwrap()).collect();
        assert_eq!(Place::of_listeners(&listeners), Some(Place { port, fits: expected }), "{listeners:?}");
    }

    #[test]
    fn a_server_is_announced_where_it_can_be_reached() {
        let every = |is_v4_only| Fits::Every { reach: Reach::Lan, is_v4_only };
        check(&["[::]:1952"], 1952, every(false));
        check(&["0.0.0.0:1952"], 1952, every(true));
        check(&["127.0.0.1:1", "[::]:2"], 2, every(false));
        check(
            &["192.168.1.9:1952", "[fd4d::9]:1952", "10.0.0.9:7"],
            1952,
            Fits::Only(vec!["192.168.1.9".parse().unwrap(), "fd4d::9".parse().unwrap()]),
        );
        for alone in [&["127.0.0.1:1952"][..], &["[::1]:1952", "127.0.0.1:1953"], &[]] {
            let listeners: Vec<_> = alone.iter().map(|local| local.parse().unwrap()).collect();
            assert_eq!(Place::of_listeners(&listeners), None, "{alone:?}");
        }
    }
}
