//! The sessions of the lab behind its two routers, one of which tells names and the other of which routes IPv6.

use std::{fs, process::Command};

use anyhow::{Context as _, ensure};

use crate::lan::desk::Desk;
use crate::lan::lab::Lan;
use crate::lan::matches::play_to_the_end;
use crate::lan::network::Machine;
use crate::lan::player::{Player, SOON};
use crate::netns::{self, Namespace, ip};
use crate::shell;

/// A router of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Router {
    /// It tells the names of its machines, and routes IPv4 alone.
    Names,
    /// It routes IPv6 as well, and tells no names.
    Ipv6,
}

/// Two machines behind a router, each on a network of its own:
///
/// ```text
///  ana 10.81.0.2, fd4d:81::2 ─── router ─── 10.82.0.2, fd4d:82::2 host
/// ```
#[derive(Debug)]
struct Behind {
    ana: Namespace,
    host: Namespace,
    router: Namespace,
}

/// By the name of the host, which has an address of either family. The first router's IPv6 address is dead.
pub(super) fn by_name(lan: &Lan, router: Router) -> anyhow::Result<()> {
    match router {
        Router::Names => plays(lan, router, NAME),
        Router::Ipv6 => fails(lan, router, NAME, "no machine called `den.test` is known here"),
    }
}

/// By the host's IPv6 address.
pub(super) fn by_ipv6(lan: &Lan, router: Router) -> anyhow::Result<()> {
    match router {
        Router::Names => fails(
            lan,
            router,
            "fd4d:82::2",
            "[fd4d:82::2]:1952: no answer in time (a firewall, or another network)",
        ),
        Router::Ipv6 => plays(lan, router, "fd4d:82::2"),
    }
}

fn plays(lan: &Lan, router: Router, place: &str) -> anyhow::Result<()> {
    let network = Behind::new(router)?;
    let [ana, host] = network.desks();
    let _server = lan.serve_on(&host)?;
    let ana = Player::start(&lan.programs, &ana, &["join", place])?;
    ana.sees("waiting for a friend", SOON)?;
    let ben = Player::start(&lan.programs, &host, &["join", "localhost"])?;
    play_to_the_end([ana, ben], 0)
}

fn fails(lan: &Lan, router: Router, place: &str, cause: &str) -> anyhow::Result<()> {
    let network = Behind::new(router)?;
    let [ana, host] = network.desks();
    let _server = lan.serve_on(&host)?;
    let (code, left) = Player::start(&lan.programs, &ana, &["join", place])?.ends(SOON)?;
    ensure!(code == 1, "a failure ends with exit code 1, not {code}");
    ensure!(left.lines().any(|line| line.trim() == cause), "no line says {cause:?}");
    let hint = left.lines().last().unwrap_or_default();
    ensure!(hint.starts_with("hint: "), "the last line is no hint: {hint:?}");
    Ok(())
}

impl Behind {
    fn new(router: Router) -> anyhow::Result<Self> {
        let prefix = netns::prefix("routers");
        let [ana, host, between] =
            ["ana", "host", "router"].map(|name| Namespace::add(format!("{prefix}-{name}")));
        let network = Self { ana: ana?, host: host?, router: between? };
        let router_name = network.router.name();
        for (number, machine) in [(81, &network.ana), (82, &network.host)] {
            let (machine, port) = (machine.name(), format!("eth{number}"));
            ip(&format!("-n {machine} link add eth0 type veth peer name {port} netns {router_name}"))?;
            for (namespace, interface, last) in [(machine, "eth0", 2), (router_name, port.as_str(), 1)] {
                ip(&format!("-n {namespace} addr add 10.{number}.0.{last}/24 dev {interface}"))?;
                ip(&format!("-n {namespace} addr add fd4d:{number}::{last}/64 dev {interface} nodad"))?;
                ip(&format!("-n {namespace} link set {interface} up"))?;
            }
            ip(&format!("-n {machine} route add default via 10.{number}.0.1"))?;
            ip(&format!("-n {machine} route add default via fd4d:{number}::1"))?;
        }
        let [ipv4, ipv6] = [("ipv4/ip_forward", true), ("ipv6/conf/all/forwarding", router == Router::Ipv6)]
            .map(|(setting, is_on)| format!("echo {} > /proc/sys/net/{setting}", u8::from(is_on)));
        let script = format!("{ipv4}; {ipv6}");
        shell::output(Command::new("ip").args(["netns", "exec", router_name, "sh", "-ec", &script]))?;
        for machine in [&network.ana, &network.host] {
            netns::link_local(machine.name(), "eth0")?;
        }
        network.tell_names(router)?;
        Ok(network)
    }

    /// Puts the names that the router tells into the machines' own files. It answers no question about others.
    fn tell_names(&self, router: Router) -> anyhow::Result<()> {
        let names = match router {
            Router::Names => format!("fd4d:82::2 {NAME}\n10.82.0.2 {NAME}\n"),
            Router::Ipv6 => String::new(),
        };
        for machine in [&self.ana, &self.host] {
            let directory = netns::etc(machine.name());
            fs::create_dir_all(&directory)?;
            let file = directory.join("hosts");
            fs::write(&file, format!("127.0.0.1 localhost\n::1 localhost\n{names}"))
                .and_then(|()| fs::write(directory.join("resolv.conf"), "nameserver 127.0.0.1\n"))
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(())
    }

    /// Ana's desk, and that of the host, at which Ben sits.
    fn desks(&self) -> [Desk; 2] {
        [(&self.ana, Machine::Ana), (&self.host, Machine::Host)]
            .map(|(namespace, machine)| Desk { namespace: namespace.name().to_owned(), name: machine.name() })
    }
}

/// The host's name.
const NAME: &str = "den.test";
