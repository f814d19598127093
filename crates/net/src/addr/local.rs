//! The addresses and interfaces of this machine: the kinds of them, and the best ones for a friend.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use if_addrs::{IfAddr, IfOperStatus, Interface};
use serde::Serialize;

use super::{Scope, is_loopback};

/// One address of one interface of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocalAddress {
    /// The interface, as in `eth0`.
    pub interface: String,
    /// The number of the interface, which a link-local address carries as its scope id.
    pub index: Option<u32>,
    /// The address.
    pub ip: IpAddr,
    /// The length of the network's prefix in bits.
    pub prefix_len: u8,
    /// The broadcast address of the network; IPv4 alone has one.
    pub broadcast: Option<Ipv4Addr>,
    /// The kind of the interface.
    pub kind: InterfaceKind,
}

/// The kind of a network interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InterfaceKind {
    /// Up, and leads to other machines.
    Lan,
    /// Up, and leads to one other machine, as a VPN does. Its addresses are offered after those of the LAN.
    PointToPoint,
    /// Leads to this machine itself.
    Loopback,
    /// Leads to containers or virtual machines on this one, or is a part of another interface.
    Virtual,
    /// Not running: no cable, no Wi-Fi.
    Down,
}

impl InterfaceKind {
    /// The words for a sentence of the form `eth0 is …`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lan => "usable",
            Self::PointToPoint => "a tunnel",
            Self::Loopback => "this machine itself",
            Self::Virtual => "virtual",
            Self::Down => "down",
        }
    }
}

/// The networks that are searched for games, and the interfaces that are not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks {
    /// The networks on which a friend can be, at most [`MAX_FRIEND_ADDRESSES`]: for each the interface and one of its
    /// addresses, IPv4 first, as in `wlan0` and `192.168.1.9/24`.
    pub used: Vec<(String, IpAddr, u8)>,
    /// The skipped interfaces, at most [`MAX_FRIEND_ADDRESSES`], each once. Loopback is never among them, since nobody
    /// expects it to be searched.
    pub skipped: Vec<(String, InterfaceKind)>,
}

/// The only interface with a link-local address; `None` if there is none, or more than one.
pub(crate) fn sole_link_local_scope(addresses: &[LocalAddress]) -> Option<u32> {
    let mut scopes = addresses
        .iter()
        .filter(|address| address.is_usable() && is_link_local(address.ip))
        .filter_map(|address| address.index);
    let first = scopes.next()?;
    scopes.all(|other| other == first).then_some(first)
}

/// The interfaces on which a friend can be, each once, as they are typed in a scope.
pub(crate) fn usable_names(addresses: &[LocalAddress]) -> Vec<String> {
    let mut names: Vec<_> =
        addresses.iter().filter(|address| address.is_usable()).map(LocalAddress::scope).collect();
    names.sort_unstable();
    names.dedup();
    names
}

impl Networks {
    pub(crate) fn of(addresses: &[LocalAddress]) -> Self {
        let mut networks = Self::default();
        let mut sorted: Vec<&LocalAddress> = addresses.iter().collect();
        sorted.sort_by_key(|address| rank(address));
        for address in sorted {
            let interface = &address.interface;
            match address.kind {
                InterfaceKind::Lan | InterfaceKind::PointToPoint => {
                    if networks.used.iter().all(|(used, ..)| used != interface) {
                        networks.used.push((interface.clone(), address.ip, address.prefix_len));
                    }
                }
                InterfaceKind::Virtual | InterfaceKind::Down => {
                    if networks.skipped.iter().all(|(skipped, _)| skipped != interface) {
                        networks.skipped.push((interface.clone(), address.kind));
                    }
                }
                InterfaceKind::Loopback => {}
            }
        }
        networks.used.truncate(MAX_FRIEND_ADDRESSES);
        networks.skipped.truncate(MAX_FRIEND_ADDRESSES);
        networks
    }
}

/// `wlan0 192.168.1.0/24 (docker0 skipped)`
impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let network = |(name, ip, prefix_len): &(String, IpAddr, u8)| {
            format!("{name} {}/{prefix_len}", first_address(*ip, *prefix_len))
        };
        f.write_str(&self.used.iter().map(network).collect::<Vec<_>>().join(", "))?;
        let skipped: Vec<&str> = self.skipped.iter().map(|(name, _)| name.as_str()).collect();
        if skipped.is_empty() { Ok(()) } else { write!(f, " ({} skipped)", skipped.join(", ")) }
    }
}

/// The first address of the network that `ip` is in.
fn first_address(ip: IpAddr, prefix_len: u8) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => {
            let host_bits = u32::MAX.checked_shr(prefix_len.into()).unwrap_or(0);
            Ipv4Addr::from_bits(ip.to_bits() & !host_bits).into()
        }
        IpAddr::V6(ip) => {
            let host_bits = u128::MAX.checked_shr(prefix_len.into()).unwrap_or(0);
            Ipv6Addr::from_bits(ip.to_bits() & !host_bits).into()
        }
    }
}

impl LocalAddress {
    /// The text that a friend types: `192.168.1.9:1952`, `[fd4d::5]:1952` or `[fe80::1%INTERFACE]:1952`. `INTERFACE` stands for
    /// the name of an interface of the *friend's* machine, which this one cannot know.
    pub fn with_port(&self, port: u16) -> impl fmt::Display {
        fmt::from_fn(move |f| match self.ip {
            IpAddr::V4(ip) => write!(f, "{ip}:{port}"),
            IpAddr::V6(ip) if ip.is_unicast_link_local() => write!(f, "[{ip}%INTERFACE]:{port}"),
            IpAddr::V6(ip) => write!(f, "[{ip}]:{port}"),
        })
    }

    /// The interface as it is typed in a scope. On Windows that is its number, since its name has spaces.
    pub fn scope(&self) -> String {
        let number = self.index.filter(|_| cfg!(windows));
        number.map_or_else(|| self.interface.clone(), |number| number.to_string())
    }

    /// Tests for an address of the same network: `ip` was heard on the interface with the number `interface`.
    pub fn shares_network_with(&self, ip: IpAddr, interface: u32) -> bool {
        let ip = ip.to_canonical();
        let network = first_address(self.ip, self.prefix_len);
        let is_machine = match ip {
            // A network of one or two addresses has no address of its own (RFC 3021).
            IpAddr::V4(v4) => Some(v4) != self.broadcast && (ip != network || self.prefix_len >= 31),
            // Every interface has the network fe80::/64; the number tells them apart.
            IpAddr::V6(v6) => !v6.is_unicast_link_local() || self.index == Some(interface),
        };
        is_machine && first_address(ip, self.prefix_len) == network
    }

    /// Tests for an address by which a friend on the LAN can connect.
    pub const fn is_usable(&self) -> bool {
        matches!(self.kind, InterfaceKind::Lan | InterfaceKind::PointToPoint)
    }
}

/// The kernel's description of a network device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Device {
    /// It leads out of the machine: it is hardware, stands on hardware as a VLAN does or a bridge with a cable in it, is
    /// carried by a program as a VPN is, or the default route leads over it.
    pub(crate) leads_out: bool,
    /// It is a port of a bridge, or one of the cables of a bond: the whole has the addresses.
    pub(crate) is_part: bool,
    /// It is a bridge, or a tunnel between the containers of several machines.
    pub(crate) joins_containers: bool,
}

/// The ways out of a machine, to judge a device by what there is beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Machine {
    /// It has hardware: other devices lead into containers.
    #[default]
    Hardware,
    /// It is a container itself, whose way out looks like a way into one: a device that is no bridge.
    Container,
    /// It has nothing but bridges.
    Bridged,
}

impl Device {
    /// Tests for a device that leads to no other machine.
    const fn is_virtual(self, machine: Machine) -> bool {
        let is_inner = match machine {
            Machine::Hardware => true,
            Machine::Container => self.joins_containers,
            Machine::Bridged => false,
        };
        self.is_part || is_inner && !self.leads_out
    }
}

impl LocalAddress {
    /// The address of an interface. `device` is the kernel's description of it, if there is one.
    pub(crate) fn new(interface: Interface, device: Option<Device>, machine: Machine) -> Self {
        let (ip, prefix_len, broadcast) = match &interface.addr {
            IfAddr::V4(v4) => (v4.ip.into(), v4.prefixlen, v4.broadcast),
            IfAddr::V6(v6) => (v6.ip.into(), v6.prefixlen, None),
        };
        let kind = if is_loopback(ip) {
            InterfaceKind::Loopback
        } else if interface.oper_status != IfOperStatus::Up {
            InterfaceKind::Down
        } else if interface.is_p2p {
            InterfaceKind::PointToPoint
        } else if device.is_some_and(|device| device.is_virtual(machine)) {
            InterfaceKind::Virtual
        } else {
            InterfaceKind::Lan
        };
        Self { interface: interface.name, index: interface.index, ip, prefix_len, broadcast, kind }
    }
}

pub(crate) fn index_of(scope: &Scope, addresses: &[LocalAddress]) -> Option<u32> {
    let is_meant = |address: &&LocalAddress| match scope {
        Scope::Name(name) => address.interface == name.as_str(),
        Scope::Index(index) => address.index == Some(index.get()),
    };
    addresses.iter().filter(is_meant).find_map(|address| address.index)
}

/// The usable ones of `addresses`, best first, at most [`MAX_FRIEND_ADDRESSES`].
pub(crate) fn best_first(mut addresses: Vec<LocalAddress>) -> Vec<LocalAddress> {
    addresses.retain(LocalAddress::is_usable);
    // Stable: among equals the system's order stays, which puts the older interface first.
    addresses.sort_by_key(rank);
    addresses.truncate(MAX_FRIEND_ADDRESSES);
    addresses
}

/// The rank of an address by the chance that a friend who types it arrives; the smallest is best.
const fn rank(address: &LocalAddress) -> (u8, bool) {
    let kind = match address.ip {
        IpAddr::V4(ip) if ip.is_private() => 0,
        // A campus gives public IPv4 addresses to its LANs; routers between them may still filter.
        IpAddr::V4(ip) if !ip.is_link_local() => 1,
        IpAddr::V6(ip) if ip.is_unique_local() => 2,
        IpAddr::V6(ip) if !ip.is_unicast_link_local() => 3,
        // Two machines and a cable, no DHCP: easier to type than the IPv6 kind, which needs a scope.
        IpAddr::V4(_) => 4,
        IpAddr::V6(_) => 5,
    };
    (kind, matches!(address.kind, InterfaceKind::PointToPoint))
}

const fn is_link_local(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if Ipv6Addr::is_unicast_link_local(&ip))
}

/// Addresses that fit a screen and that a person can read out.
pub const MAX_FRIEND_ADDRESSES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn local(interface: &str, index: u32, ip: &str, kind: InterfaceKind) -> LocalAddress {
        let ip = ip.parse().unwrap();
        LocalAddress {
            interface: interface.into(),
            index: Some(index),
            ip,
            prefix_len: 24,
            broadcast: None,
            kind,
        }
    }

    fn laptop() -> Vec<LocalAddress> {
        vec![
            local("lo", 1, "127.0.0.1", InterfaceKind::Loopback),
            local("lo", 1, "::1", InterfaceKind::Loopback),
            local("wg0", 7, "10.9.0.2", InterfaceKind::PointToPoint),
            local("wlan0", 3, "fe80::3", InterfaceKind::Lan),
            local("wlan0", 3, "2001:db8::3", InterfaceKind::Lan),
            local("wlan0", 3, "fd4d::3", InterfaceKind::Lan),
            local("wlan0", 3, "192.168.1.9", InterfaceKind::Lan),
            local("eth0", 2, "169.254.7.7", InterfaceKind::Lan),
            local("eth1", 4, "192.168.7.9", InterfaceKind::Down),
            local("docker0", 5, "172.17.0.1", InterfaceKind::Virtual),
            local("docker0", 5, "fe80::5", InterfaceKind::Virtual),
        ]
    }

    #[track_caller]
    fn check_kind(ip: [u8; 4], oper_status: IfOperStatus, is_p2p: bool, expected: InterfaceKind) {
        let netmask = Ipv4Addr::new(255, 255, 255, 0);
        let v4 = if_addrs::Ifv4Addr { ip: ip.into(), netmask, prefixlen: 24, broadcast: None };
        let addr = IfAddr::V4(v4);
        let interface = Interface {
            name: "x".into(),
            addr,
            index: Some(1),
            oper_status,
            is_p2p,
            #[cfg(windows)]
            adapter_name: String::new(),
        };
        assert_eq!(LocalAddress::new(interface, None, Machine::Hardware).kind, expected, "{ip:?}");
    }

    #[test]
    fn interfaces_are_told_apart() {
        use IfOperStatus::{Unknown, Up};
        check_kind([127, 0, 0, 1], Up, false, InterfaceKind::Loopback);
        check_kind([10, 0, 0, 1], Up, false, InterfaceKind::Lan);
        check_kind([10, 0, 0, 1], Unknown, false, InterfaceKind::Down);
        check_kind([10, 9, 0, 1], Up, true, InterfaceKind::PointToPoint);
    }

    /// Checks on which machines a device is virtual.
    #[track_caller]
    fn check_virtual(what: &str, device: Device, expected: &[Machine]) {
        for machine in [Machine::Hardware, Machine::Container, Machine::Bridged] {
            assert_eq!(device.is_virtual(machine), expected.contains(&machine), "{what} on {machine:?}");
        }
    }

    #[test]
    fn containers_are_known_by_what_the_kernel_says() {
        use Machine::{Bridged, Container, Hardware};
        let none = Device::default();
        let bridge = Device { joins_containers: true, ..none };
        let way_out = Device { leads_out: true, ..none };
        check_virtual("a network card, a VLAN, a VPN", way_out, &[]);
        let part = Device { is_part: true, ..way_out };
        check_virtual("a network card in a bridge", part, &[Hardware, Container, Bridged]);
        check_virtual("a bridge with a network card", Device { leads_out: true, ..bridge }, &[]);
        check_virtual("a bridge of containers", bridge, &[Hardware, Container]);
        check_virtual("a cable into a container, or out of one", none, &[Hardware]);
    }

    #[test]
    fn the_address_that_works_most_surely_comes_first() {
        let typed: Vec<_> =
            best_first(laptop()).iter().map(|address| address.with_port(1952).to_string()).collect();
        assert_eq!(
            typed,
            [
                "192.168.1.9:1952",
                "10.9.0.2:1952",
                "[fd4d::3]:1952",
                "[2001:db8::3]:1952",
                "169.254.7.7:1952",
                "[fe80::3%INTERFACE]:1952",
            ]
        );
    }

    #[test]
    fn what_is_searched_and_what_is_passed_over_is_named() {
        let Networks { used, skipped } = Networks::of(&laptop());
        let used: Vec<_> = used.iter().map(|(name, ip, _)| format!("{name} {ip}")).collect();
        assert_eq!(used, ["wlan0 192.168.1.9", "wg0 10.9.0.2", "eth0 169.254.7.7"]);
        assert_eq!(
            skipped,
            [("eth1".into(), InterfaceKind::Down), ("docker0".into(), InterfaceKind::Virtual)]
        );
    }

    #[test]
    fn the_list_is_bounded_and_keeps_the_best() {
        let mut many: Vec<_> = (0..MAX_FRIEND_ADDRESSES)
            .map(|i| local("eth0", 2, &format!("fe80::{i:x}"), InterfaceKind::Lan))
            .collect();
        many.push(local("wlan0", 3, "192.168.1.9", InterfaceKind::Lan));
        let best = best_first(many);
        assert_eq!(best.len(), MAX_FRIEND_ADDRESSES);
        assert_eq!(best.first().map(|address| address.interface.as_str()), Some("wlan0"));
    }

    #[test]
    fn a_network_is_named_by_its_first_address() {
        for (ip, prefix, expected) in [
            ("192.168.1.9", 24, "192.168.1.0"),
            ("10.0.0.5", 0, "0.0.0.0"),
            ("10.0.0.5", 32, "10.0.0.5"),
            ("fd4d::5", 64, "fd4d::"),
            ("fd4d::5", 128, "fd4d::5"),
        ] {
            assert_eq!(first_address(ip.parse().unwrap(), prefix).to_string(), expected, "{ip}/{prefix}");
        }
    }

    #[test]
    fn a_scope_is_assumed_only_where_there_is_one() {
        let mut addresses = laptop();
        assert_eq!(sole_link_local_scope(&addresses), Some(3));
        addresses.push(local("wlan0", 3, "fe80::33", InterfaceKind::Lan));
        assert_eq!(sole_link_local_scope(&addresses), Some(3), "two addresses, one interface");
        addresses.push(local("eth0", 2, "fe80::2", InterfaceKind::Lan));
        assert_eq!(sole_link_local_scope(&addresses), None);
        assert_eq!(sole_link_local_scope(&[]), None);
    }

    #[test]
    fn names_and_numbers_lead_to_the_same_interface() {
        let addresses = laptop();
        for (typed, expected) in [("wlan0", Some(3)), ("3", Some(3)), ("wlan9", None), ("9", None)] {
            assert_eq!(index_of(&typed.parse().unwrap(), &addresses), expected, "{typed}");
        }
        let typed = if cfg!(windows) { ["2", "3", "7"] } else { ["eth0", "wg0", "wlan0"] };
        assert_eq!(usable_names(&addresses), typed);
    }

    #[test]
    fn a_network_ends_where_its_prefix_says() {
        #[track_caller]
        fn check(own: &str, prefix_len: u8, other: &str, expected: bool) {
            let own = LocalAddress { prefix_len, ..local("eth0", 1, own, InterfaceKind::Lan) };
            assert_eq!(own.shares_network_with(other.parse().unwrap(), 1), expected, "{own:?} {other}");
        }
        check("10.77.0.1", 24, "10.77.0.254", true);
        check("10.77.0.1", 24, "10.77.1.1", false);
        check("10.77.0.1", 32, "10.77.0.2", false);
        check("10.77.0.1", 0, "192.168.1.1", true);
        check("fd4d::1", 64, "fd4d::2:0:0:1", true);
        check("fd4d::1", 64, "fd4d:0:0:1::1", false);
        check("fd4d::1", 0, "2001:db8::1", true);
        check("fd4d::1", 0, "10.0.0.1", false);
        check("::1", 128, "::1", true);
    }
}
