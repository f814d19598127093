//! The sessions of the lab behind its two routers, one of which tells names and the other of which routes IPv6.

use std::fs;

use anyhow::ensure;

use crate::lan::desk::{Desk, desks};
use crate::lan::lab::{join, wait};
use crate::lan::matches::play_to_the_end;
use crate::lan::player::SOON;
use crate::lan::server::Server;
use crate::netns::{self, Namespace, add_address, cable, ip};
use crate::shell;

/// A router of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Router {
    /// It tells the names of its machines, and routes IPv4 alone.
    Names,
    /// It routes IPv6 as well, and tells no names.
    Ipv6,
}

/// By the name of the host, which has an address of either family. The first router's IPv6 address is dead.
pub(super) fn by_name(router: Router) -> anyhow::Result<()> {
    match router {
        Router::Names => plays(router, NAME),
        Router::Ipv6 => fails(router, NAME, "no machine called `den.test` is known here"),
    }
}

/// By the host's IPv6 address.
pub(super) fn by_ipv6(router: Router) -> anyhow::Result<()> {
    let cause = "[fd4d:82::2]:1952: no answer in time (a firewall, or another network)";
    match router {
        Router::Names => fails(router, "fd4d:82::2", cause),
        Router::Ipv6 => plays(router, "fd4d:82::2"),
    }
}

fn plays(router: Router, place: &str) -> anyhow::Result<()> {
    let network = Behind::new(router)?;
    let _server = Server::start(&network.host, "oxo-server")?;
    let ana = wait(&network.ana, place, None)?;
    let ben = join(&network.host, "localhost", None)?;
    play_to_the_end([ana, ben], 0)
}

fn fails(router: Router, place: &str, cause: &str) -> anyhow::Result<()> {
    let network = Behind::new(router)?;
    let _server = Server::start(&network.host, "oxo-server")?;
    let hint = join(&network.ana, place, None)?.fails(SOON, &["oxo: cannot reach …", cause])?;
    ensure!(hint.starts_with("hint: "), "the last line is no hint: {hint:?}");
    Ok(())
}

/// Two machines behind a router, each on a network of its own:
///
/// ```text
///  ana 10.81.0.2, fd4d:81::2 ─── router ─── 10.82.0.2, fd4d:82::2 host
/// ```
///
/// Ben sits at the host.
#[derive(Debug)]
struct Behind {
    ana: Desk,
    host: Desk,
    _namespaces: Vec<Namespace>,
}

impl Behind {
    fn new(router: Router) -> anyhow::Result<Self> {
        let ([ana, host, between], namespaces) = desks("routers", ["ana", "host", "router"])?;
        let between = &between.namespace;
        for (number, machine) in [(81, &ana.namespace), (82, &host.namespace)] {
            let port = format!("eth{number}");
            cable((machine, "eth0"), (between, &port))?;
            for (namespace, interface, last) in [(machine, "eth0", 2), (between, port.as_str(), 1)] {
                add_address(namespace, interface, &format!("10.{number}.0.{last}/24"))?;
                add_address(namespace, interface, &format!("fd4d:{number}::{last}/64"))?;
            }
            ip(&format!("-n {machine} route add default via 10.{number}.0.1"))?;
            ip(&format!("-n {machine} route add default via fd4d:{number}::1"))?;
        }
        let routes_ipv6 = u8::from(router == Router::Ipv6);
        let script = format!(
            "cd /proc/sys/net; echo 1 > ipv4/ip_forward; echo {routes_ipv6} > ipv6/conf/all/forwarding"
        );
        shell::output(netns::command(between, "sh").args(["-ec", &script]))?;
        // The names that the router tells are in the machines' own files. It answers no question about others.
        let told = match router {
            Router::Names => format!("fd4d:82::2 {NAME}\n10.82.0.2 {NAME}\n"),
            Router::Ipv6 => String::new(),
        };
        for desk in [&ana, &host] {
            desk.link_local()?;
            desk.knows(&told)?;
            fs::write(netns::etc(&desk.namespace).join("resolv.conf"), "nameserver 127.0.0.1\n")?;
        }
        Ok(Self { ana, host, _namespaces: namespaces })
    }
}

/// The host's name.
const NAME: &str = "den.test";
