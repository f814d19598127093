//! The list of found servers: bounded, and limited to the networks of this machine.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr, SocketAddrV6},
};

use super::advert::Advert;
use crate::addr::{self, local::LocalAddress};

/// Most servers on the list: each machine of a /24 with one. When full, further ones are not taken.
pub const MAX_SERVERS: usize = 256;

/// Most addresses of a server: four networks with IPv4 and three kinds of IPv6 addresses each.
pub const MAX_SERVER_ADDRESSES: usize = 16;

/// Bytes of the longest whole name of a service (RFC 1035 section 2.3.4), with four for each byte that is escaped.
const MAX_INSTANCE_BYTES: usize = 4 * 255;

/// A server on this network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanServer {
    /// Its number in later events.
    pub id: LanServerId,
    /// Its announcement.
    pub advert: Advert,
    /// Its addresses, most easily reached first: never empty, canonical, each in a network of this machine, with
    /// a scope id exactly where it is link-local.
    pub addresses: Vec<SocketAddr>,
}

/// The number of a server on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LanServerId(pub u64);

/// A change of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LanEvent {
    /// A server was found.
    Appeared(LanServer),
    /// The announcement or the addresses of a server changed.
    Changed(LanServer),
    /// A server was withdrawn, or its record expired.
    Gone(LanServerId),
}

/// A resolved service.
#[derive(Debug)]
pub(crate) struct Service<'a> {
    /// The whole name.
    pub(crate) instance: &'a str,
    /// The TXT record, if it is a server's.
    pub(crate) advert: Option<Advert>,
    /// The port of the SRV record.
    pub(crate) port: u16,
    /// The addresses, each with the number of the interface on which it was heard.
    pub(crate) addresses: Vec<(IpAddr, u32)>,
}

/// The found servers.
#[derive(Debug, Default)]
pub(crate) struct Table {
    servers_by_instance: BTreeMap<String, Entry>,
    last_id: u64,
    round: u32,
}

#[derive(Debug)]
struct Entry {
    server: LanServer,
    /// The round in which it was last heard of.
    round: u32,
}

impl Table {
    /// Takes in a service. `near` are the addresses of this machine on the networks that are searched.
    pub(crate) fn handle_service(&mut self, service: Service<'_>, near: &[LocalAddress]) -> Option<LanEvent> {
        let Service { instance, advert, port, addresses } = service;
        let addresses = usable(&addresses, port, near);
        let Some(advert) = advert.filter(|_| !addresses.is_empty()) else {
            return self.handle_removal(instance);
        };
        if let Some(entry) = self.servers_by_instance.get_mut(instance) {
            entry.round = self.round;
            let server = LanServer { id: entry.server.id, advert, addresses };
            if server == entry.server {
                return None;
            }
            entry.server = server.clone();
            return Some(LanEvent::Changed(server));
        }
        if self.servers_by_instance.len() >= MAX_SERVERS || instance.len() > MAX_INSTANCE_BYTES {
            return None;
        }
        self.last_id += 1;
        let server = LanServer { id: LanServerId(self.last_id), advert, addresses };
        self.servers_by_instance
            .insert(instance.to_owned(), Entry { server: server.clone(), round: self.round });
        Some(LanEvent::Appeared(server))
    }

    /// Removes a service.
    pub(crate) fn handle_removal(&mut self, instance: &str) -> Option<LanEvent> {
        self.servers_by_instance.remove(instance).map(|entry| LanEvent::Gone(entry.server.id))
    }

    /// Begins a new round of queries. [`end_round`](Self::end_round) drops servers that did not answer in it.
    pub(crate) const fn begin_round(&mut self) {
        self.round = self.round.wrapping_add(1);
    }

    /// Drops the servers that were not heard of in this round.
    pub(crate) fn end_round(&mut self) -> Vec<LanEvent> {
        let mut gone = Vec::new();
        self.servers_by_instance.retain(|_, entry| {
            let is_here = entry.round == self.round;
            if !is_here {
                gone.push(LanEvent::Gone(entry.server.id));
            }
            is_here
        });
        gone
    }

    /// True if nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.servers_by_instance.is_empty()
    }

    /// The whole name of a server's service.
    pub(crate) fn instance(&self, id: LanServerId) -> Option<&str> {
        self.servers_by_instance
            .iter()
            .find(|(_, entry)| entry.server.id == id)
            .map(|(instance, _)| instance.as_str())
    }
}

/// The addresses at which a service can be reached, best first.
///
/// A record may hold any address. One that is in no network of ours is dropped, so that nobody can make a LAN full of clients
/// ping a stranger; so is loopback, where other services of this machine listen.
fn usable(addresses: &[(IpAddr, u32)], port: u16, near: &[LocalAddress]) -> Vec<SocketAddr> {
    if port == 0 {
        return Vec::new();
    }
    let mut usable: Vec<SocketAddr> = addresses
        .iter()
        .filter(|(ip, interface)| near.iter().any(|local| local.shares_network_with(*ip, *interface)))
        .map(|&(ip, interface)| match ip {
            IpAddr::V4(_) => SocketAddr::new(ip, port),
            IpAddr::V6(v6) => SocketAddrV6::new(v6, port, 0, interface).into(),
        })
        .map(addr::canonical)
        .collect();
    usable.sort_by_key(|addr| (rank(addr.ip()), *addr));
    usable.dedup();
    usable.truncate(MAX_SERVER_ADDRESSES);
    usable
}

/// The rank of an address by how easily it is reached, and then read out; the smallest is best.
const fn rank(ip: IpAddr) -> u8 {
    match ip {
        IpAddr::V4(ip) if ip.is_link_local() => 3,
        IpAddr::V4(_) => 0,
        IpAddr::V6(ip) if ip.is_unicast_link_local() => 2,
        IpAddr::V6(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{addr::local::InterfaceKind, proto::PROTOCOL};

    fn advert() -> Advert {
        Advert { name: "den".parse().unwrap(), protocol: PROTOCOL }
    }

    fn local(index: u32, ip: &str, prefix_len: u8) -> LocalAddress {
        let interface = format!("eth{index}");
        let ip: IpAddr = ip.parse().unwrap();
        let broadcast = match ip {
            IpAddr::V4(v4) => {
                Some((u32::from(v4) | u32::MAX.checked_shr(prefix_len.into()).unwrap_or(0)).into())
            }
            IpAddr::V6(_) => None,
        };
        LocalAddress { interface, index: Some(index), ip, prefix_len, broadcast, kind: InterfaceKind::Lan }
    }

    fn near() -> Vec<LocalAddress> {
        vec![
            local(2, "192.168.1.9", 24),
            local(2, "fe80::9", 64),
            local(2, "2001:db8:0:1::9", 64),
            local(3, "10.0.0.9", 8),
            local(3, "fe80::10", 64),
        ]
    }

    fn service<'a>(instance: &'a str, addresses: &[&str]) -> Service<'a> {
        let addresses = addresses.iter().map(|ip| (ip.parse().unwrap(), 2)).collect();
        Service { instance, advert: Some(advert()), port: 1952, addresses }
    }

    #[track_caller]
    fn check_addresses(said: &[&str], expected: &[&str]) {
        let said: Vec<_> = said.iter().map(|ip| (ip.parse().unwrap(), 2)).collect();
        let usable: Vec<_> = usable(&said, 1952, &near()).iter().map(ToString::to_string).collect();
        assert_eq!(usable, expected);
    }

    #[test]
    fn addresses_are_canonical_and_carry_a_scope_where_link_local() {
        check_addresses(
            &["fe80::1", "2001:db8:0:1::1", "::ffff:192.168.1.7", "192.168.1.7", "10.1.2.3"],
            &["10.1.2.3:1952", "192.168.1.7:1952", "[2001:db8:0:1::1]:1952", "[fe80::1%2]:1952"],
        );
    }

    #[test]
    fn addresses_that_lead_elsewhere_are_dropped() {
        check_addresses(
            &[
                "8.8.8.8",
                "192.168.2.7",
                "2001:db8:0:2::1",
                "127.0.0.1",
                "::1",
                "::ffff:127.0.0.1",
                "0.0.0.0",
                "::",
                "224.0.0.251",
                "ff02::fb",
                "255.255.255.255",
                "192.168.1.255",
                "10.255.255.255",
                "192.168.1.0",
            ],
            &[],
        );
        let elsewhere = [("fe80::1".parse().unwrap(), 7)];
        assert_eq!(usable(&elsewhere, 1952, &near()), [], "an interface that is not searched");
        assert_eq!(usable(&[("10.0.0.1".parse().unwrap(), 3)], 0, &near()), [], "nobody listens on port 0");
    }

    #[test]
    fn a_server_appears_once_changes_and_goes() {
        let mut table = Table::default();
        let appeared = table.handle_service(service("a", &["192.168.1.7"]), &near());
        let Some(LanEvent::Appeared(server)) = appeared else { panic!("{appeared:?}") };
        assert_eq!(table.handle_service(service("a", &["192.168.1.7"]), &near()), None);
        let more = table.handle_service(service("a", &["fe80::1", "192.168.1.7"]), &near());
        let Some(LanEvent::Changed(changed)) = more else { panic!("{more:?}") };
        assert_eq!((changed.id, changed.addresses.len()), (server.id, 2));
        assert_eq!(table.instance(server.id), Some("a"));
        assert_eq!(table.handle_removal("a"), Some(LanEvent::Gone(server.id)));
        assert_eq!(table.handle_removal("a"), None);
        assert_eq!(table.instance(server.id), None);
    }

    #[test]
    fn a_server_whose_record_makes_no_sense_any_more_is_gone() {
        for broken in [
            Service { advert: None, ..service("a", &["192.168.1.7"]) },
            service("a", &["8.8.8.8"]),
            Service { port: 0, ..service("a", &["192.168.1.7"]) },
        ] {
            let mut table = Table::default();
            table.handle_service(service("a", &["192.168.1.7"]), &near());
            let event = table.handle_service(broken, &near());
            assert!(matches!(event, Some(LanEvent::Gone(_))), "{event:?}");
        }
    }

    #[test]
    fn ten_thousand_services_take_the_room_of_a_few() {
        let mut table = Table::default();
        let addresses: Vec<_> = (1..=200).map(|host| format!("10.0.0.{host}")).collect();
        let addresses: Vec<_> = addresses.iter().map(String::as_str).collect();
        for number in 0..10_000 {
            table.handle_service(service(&format!("spoof {number}"), &addresses), &near());
        }
        let long = "x".repeat(MAX_INSTANCE_BYTES + 1);
        assert_eq!(Table::default().handle_service(service(&long, &["10.0.0.1"]), &near()), None);
        assert_eq!(table.servers_by_instance.len(), MAX_SERVERS);
        assert!(
            table
                .servers_by_instance
                .values()
                .all(|entry| entry.server.addresses.len() == MAX_SERVER_ADDRESSES)
        );
        table.handle_removal("spoof 0");
        let event = table.handle_service(service("late", &["10.0.0.1"]), &near());
        assert!(matches!(event, Some(LanEvent::Appeared(_))), "{event:?}");
    }

    #[test]
    fn who_does_not_answer_in_a_new_round_is_gone() {
        let mut table = Table::default();
        for instance in ["a", "b"] {
            table.handle_service(service(instance, &["10.0.0.1"]), &near());
        }
        table.begin_round();
        table.handle_service(service("b", &["10.0.0.1"]), &near());
        assert_eq!(table.end_round(), [LanEvent::Gone(LanServerId(1))]);
        assert_eq!(table.end_round(), []);
    }
}
