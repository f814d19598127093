//! The ways to our own server: what a friend can type, and whether a search of the network finds it.

use std::net::{IpAddr, SocketAddr};

use net::{
    addr::{HostPort, is_loopback},
    discovery::{Announced, Spread},
    interfaces::LocalAddress,
};

/// The ways to our own server, as far as they are known now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnPlace {
    /// The addresses with the port, as a friend can type them, best first. At least one: the last resort is this machine.
    pub addresses: Vec<String>,
    /// The part of the network that finds it by itself.
    pub reach: Reach,
    /// The start of a URL for a browser on another machine, as in `http://192.168.1.9:1952`. `None` if no address has one, or if
    /// browsers get no page.
    pub web: Option<String>,
    /// The store in which its room is kept, if it is.
    pub store: Option<OwnStore>,
}

/// The store of our own server, by which a later run of the program can host its room again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnStore {
    /// The number of the store.
    pub number: u8,
    /// The address at which the server was, for those who come back to it.
    pub target: HostPort,
}

/// The part of the network that finds our own server by itself. Its text is the sentence about a room that everybody may see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, strum::Display)]
pub enum Reach {
    /// Every machine on this network.
    #[strum(to_string = "Everybody on this LAN can see it.")]
    Everybody,
    /// Machines that search over IPv4; the announcement over IPv6 has failed.
    #[strum(to_string = "It is announced over IPv4 alone: over IPv6 that failed.")]
    OverIpv4,
    /// Machines that search over IPv6; the announcement over IPv4 has failed.
    #[strum(to_string = "It is announced over IPv6 alone: over IPv4 that failed.")]
    OverIpv6,
    /// Not known yet: the announcement has just begun.
    #[default]
    #[strum(to_string = "It is being announced.")]
    Announcing,
    /// None: it is not announced, by the player's wish.
    #[strum(to_string = "It is not announced: your friend needs the address.")]
    NotAnnounced,
    /// None: the announcement has failed.
    #[strum(to_string = "The announcement failed, and is tried again: your friend needs the address.")]
    Failed,
    /// None: the system does not tell this machine's addresses.
    #[strum(to_string = "It is not announced: the system does not tell this machine's networks.")]
    Unknown,
    /// None: this machine is on no network.
    #[strum(to_string = "This machine is on no network: only players at this machine can join.")]
    NoNetwork,
    /// None: it listens for this machine alone.
    #[strum(to_string = "Only players at this machine can join.")]
    ThisMachine,
}

impl OwnPlace {
    /// The ways to a server that listens on `local`. `announced` is the state of its announcement, if it has one, `usable` are the addresses
    /// of this machine that others can reach, and `guessed` those from which it would send, for a system that does not tell.
    pub(crate) fn new(
        local: SocketAddr,
        announced: Option<Announced>,
        usable: Option<&[LocalAddress]>,
        guessed: &[IpAddr],
    ) -> Self {
        let port = local.port();
        let is_served = |ip: IpAddr| local.is_ipv6() || ip.is_ipv4();
        let mut addresses: Vec<String> = match usable {
            _ if !local.ip().is_unspecified() => vec![local.to_string()],
            Some(usable) => {
                let served = usable.iter().filter(|address| is_served(address.ip));
                served.map(|address| address.with_port(port).to_string()).collect()
            }
            None => {
                let served = guessed.iter().filter(|ip| is_served(**ip));
                served.map(|ip| SocketAddr::new(*ip, port).to_string()).collect()
            }
        };
        addresses.truncate(SHOWN_ADDRESSES);
        // A URL has no place for the interface that a link-local address needs, which stands after the `%`.
        let is_reached = |address: &&String| !address.contains('%') && !is_loopback(local.ip());
        let web = addresses.iter().find(is_reached).map(|address| format!("http://{address}"));
        let reach = match usable {
            _ if is_loopback(local.ip()) => Reach::ThisMachine,
            None => Reach::Unknown,
            Some(_) if addresses.is_empty() => Reach::NoNetwork,
            Some(_) => announced.map_or(Reach::NotAnnounced, Reach::of),
        };
        if addresses.is_empty() {
            addresses.push(format!("localhost:{port}"));
        }
        Self { addresses, reach, web, store: None }
    }
}

impl Reach {
    const fn of(Announced { ipv4, ipv6 }: Announced) -> Self {
        match (ipv4, ipv6) {
            (Spread::Sent, Spread::Failed) => Self::OverIpv4,
            (Spread::Failed, Spread::Sent) => Self::OverIpv6,
            (Spread::Sent, _) | (_, Spread::Sent) => Self::Everybody,
            (Spread::Failed, _) | (_, Spread::Failed) => Self::Failed,
            (Spread::NoNetwork, Spread::NoNetwork) => Self::Announcing,
        }
    }

    /// Tests for a server that some machines find by the code alone.
    pub const fn is_announced(self) -> bool {
        matches!(self, Self::Everybody | Self::OverIpv4 | Self::OverIpv6 | Self::Announcing)
    }
}

/// Addresses shown of our own server: as many as a person looks at.
const SHOWN_ADDRESSES: usize = 4;

#[cfg(test)]
mod tests {
    use net::interfaces::InterfaceKind;

    use super::*;

    fn wlan(ip: &str) -> LocalAddress {
        LocalAddress {
            interface: "wlan0".into(),
            index: Some(3),
            ip: ip.parse().unwrap(),
            prefix_len: 24,
            broadcast: None,
            kind: InterfaceKind::Lan,
        }
    }

    #[track_caller]
    fn check<const N: usize>(
        local: &str,
        announced: [Spread; 2],
        usable: Option<&[&str]>,
        reach: Reach,
        typed: [&str; N],
    ) {
        let usable: Option<Vec<_>> = usable.map(|ips| ips.iter().map(|ip| wlan(ip)).collect());
        let guessed = ["192.168.1.9".parse().unwrap()];
        let [ipv4, ipv6] = announced;
        let local = local.parse().unwrap();
        let place = OwnPlace::new(local, Some(Announced { ipv4, ipv6 }), usable.as_deref(), &guessed);
        assert_eq!((place.reach, place.addresses.as_slice()), (reach, &typed.map(str::to_owned)[..]));
    }

    #[test]
    fn a_place_is_what_is_known_of_it() {
        use Spread::{Failed, NoNetwork, Sent};
        let wlan = Some(&["192.168.1.9", "fd4d::9"][..]);
        let both = ["192.168.1.9:1952", "[fd4d::9]:1952"];
        check("[::]:1952", [Sent, Sent], wlan, Reach::Everybody, both);
        check("[::]:1952", [Sent, NoNetwork], wlan, Reach::Everybody, both);
        check("[::]:1952", [Sent, Failed], wlan, Reach::OverIpv4, both);
        check("[::]:1952", [Failed, Sent], wlan, Reach::OverIpv6, both);
        check("[::]:1952", [Failed, NoNetwork], wlan, Reach::Failed, both);
        check("[::]:1952", [NoNetwork, NoNetwork], wlan, Reach::Announcing, both);
        check("0.0.0.0:7", [Sent, NoNetwork], wlan, Reach::Everybody, ["192.168.1.9:7"]);
        check("192.168.1.9:7", [Sent, NoNetwork], wlan, Reach::Everybody, ["192.168.1.9:7"]);
    }

    #[test]
    fn a_server_that_shall_not_be_announced_is_not() {
        let local = "[::]:1952".parse().unwrap();
        let place = OwnPlace::new(local, None, Some(&[wlan("192.168.1.9")]), &[]);
        assert_eq!(place.reach, Reach::NotAnnounced);
    }

    #[test]
    fn a_browser_gets_an_address_that_another_machine_reaches_and_a_url_can_name() {
        let web = |local: &str, usable: Option<&[&str]>| {
            let usable: Option<Vec<_>> = usable.map(|ips| ips.iter().map(|ip| wlan(ip)).collect());
            let guessed = ["192.168.1.9".parse().unwrap()];
            OwnPlace::new(local.parse().unwrap(), None, usable.as_deref(), &guessed).web
        };
        for (local, usable, expected) in [
            ("[::]:1952", Some(&["192.168.1.9", "fd4d::9"][..]), Some("http://192.168.1.9:1952")),
            ("[::]:1952", Some(&["fe80::9", "fd4d::9"]), Some("http://[fd4d::9]:1952")),
            ("[::]:1952", Some(&["fe80::9"]), None),
            ("[::]:1952", Some(&[]), None),
            ("[::]:7", None, Some("http://192.168.1.9:7")),
            ("[fd4d::9]:7", Some(&["192.168.1.9"]), Some("http://[fd4d::9]:7")),
            ("[fe80::9%3]:7", Some(&["192.168.1.9"]), None),
            ("127.0.0.1:7", Some(&["192.168.1.9"]), None),
            ("[::1]:7", None, None),
        ] {
            assert_eq!(web(local, usable).as_deref(), expected, "{local} {usable:?}");
        }
    }

    #[test]
    fn without_a_network_there_is_this_machine() {
        use Spread::{NoNetwork, Sent};
        let nowhere = [NoNetwork, NoNetwork];
        check("[::]:1952", nowhere, Some(&[]), Reach::NoNetwork, ["localhost:1952"]);
        check("[::]:40123", [Sent, Sent], Some(&[]), Reach::NoNetwork, ["localhost:40123"]);
        check("0.0.0.0:1952", nowhere, Some(&["fd4d::9"]), Reach::NoNetwork, ["localhost:1952"]);
        check("127.0.0.1:7", nowhere, Some(&["192.168.1.9"]), Reach::ThisMachine, ["127.0.0.1:7"]);
        check("[::1]:7", nowhere, None, Reach::ThisMachine, ["[::1]:7"]);
        check("[::]:1952", nowhere, None, Reach::Unknown, ["192.168.1.9:1952"]);
    }
}
