//! A LAN of four network namespaces: a switch, and three machines that share nothing else.
//!
//! ```text
//!  host 10.77.0.1, fd4d:77::1 ──┐
//!  ana  10.77.0.2, fd4d:77::2 ──┼── switch (a bridge)
//!  ben  10.77.0.3, fd4d:77::3 ──┘
//! ```
//!
//! Each cable is a veth pair whose ends are made inside the namespaces that they join, so that this machine never sees one.

use super::desk::{Desk, desks};
use crate::netns::{Namespace, add_address, at_once, cable, ip};
use crate::shell;
use net::link::Transport;

/// Everything that a case is given: the machines, each with its person, and the network; all of it is removed when this is
/// dropped.
#[derive(Debug)]
pub(super) struct Lan {
    /// The server's machine.
    pub(super) host: Desk,
    /// Ana's, who comes first and whose cable is pulled.
    pub(super) ana: Desk,
    /// Ben's, the other player.
    pub(super) ben: Desk,
    /// The transport of a case that runs over each.
    pub(super) by: Transport,
    /// The switch, at which nobody sits. Its ports are called like the machines.
    pub(super) switch: Desk,
    _namespaces: Vec<Namespace>,
}

impl Lan {
    /// Builds the programs, lays the cables and waits until every address may be used.
    ///
    /// # Errors
    ///
    /// Names the command that failed, with its error; everything made by then is removed.
    pub(super) fn new() -> anyhow::Result<Self> {
        shell::run(&mut shell::cargo(&["build", "--locked", "-p", "tui-client", "-p", "server"]))?;
        shell::run(&mut shell::cargo(&["build", "--locked", "-p", "net", "-p", "server", "--examples"]))?;
        let ([switch, host, ana, ben], namespaces) = desks("lan", ["switch", "host", "ana", "ben"])?;
        let lan = Self { host, ana, ben, by: Transport::Udp, switch, _namespaces: namespaces };
        let switch = &lan.switch.namespace;
        // It has no address, and does not snoop on multicast, since none may be lost.
        ip(&format!("-n {switch} link add br0 type bridge mcast_snooping 0"))?;
        ip(&format!("-n {switch} link set br0 up"))?;
        for (number, Desk { namespace, name }) in (1..).zip(lan.desks()) {
            cable((namespace, "eth0"), (switch, name))?;
            ip(&format!("-n {switch} link set {name} master br0"))?;
            add_address(namespace, "eth0", &format!("10.77.0.{number}/24"))?;
            add_address(namespace, "eth0", &format!("fd4d:77::{number}/64"))?;
        }
        for desk in lan.desks() {
            desk.knows("")?;
            desk.link_local()?;
        }
        Ok(lan)
    }

    /// All machines, in the order of their addresses.
    pub(super) const fn desks(&self) -> [&Desk; 3] {
        [&self.host, &self.ana, &self.ben]
    }

    /// Pulls a machine's cable out of the switch, or plugs it in. The machine keeps its addresses.
    pub(super) fn set_cable(&self, of: &Desk, is_in: bool) -> anyhow::Result<()> {
        set_link(&self.switch.namespace, of.name, is_in)
    }

    /// Plugs every cable in and switches every interface on.
    pub(super) fn mend(&self) -> anyhow::Result<()> {
        for desk in self.desks() {
            self.set_cable(desk, true)?;
            set_interface(desk, true)?;
        }
        Ok(())
    }

    /// Gives Ana a second network, on which she is alone, until the returned value is dropped.
    pub(super) fn add_second_interface(&self) -> anyhow::Result<Temporary> {
        let ana = &self.ana.namespace;
        let second = Temporary::new([format!("-n {ana} link del wlan0")]);
        cable((ana, "wlan0"), (&self.switch.namespace, "ana2"))?;
        // A link-local address of its own, rather than a wait for the kernel's.
        add_address(ana, "wlan0", "fe80::77/64")?;
        Ok(second)
    }

    /// Joins the host and Ben by a second network, until the returned value is dropped:
    ///
    /// ```text
    ///  host 10.79.0.1, fd4d:79::1 ─── 10.79.0.3, fd4d:79::3 ben
    /// ```
    ///
    /// Ana is not on it, and knows that the host leads there.
    pub(super) fn add_second_network(&self) -> anyhow::Result<Temporary> {
        let (host, ben) = (&self.host.namespace, &self.ben.namespace);
        let mut second = Temporary::new([format!("-n {host} link del wlan0")]);
        cable((host, "wlan0"), (ben, "wlan0"))?;
        for (namespace, number) in [(host, 1), (ben, 3)] {
            add_address(namespace, "wlan0", &format!("10.79.0.{number}/24"))?;
            add_address(namespace, "wlan0", &format!("fd4d:79::{number}/64"))?;
        }
        second.ip(&self.ana, "route add 10.79.0.0/24 via 10.77.0.1")?;
        second.ip(&self.ana, "route add fd4d:79::/64 via fd4d:77::1")?;
        Ok(second)
    }

    /// Gives Ana's machine more addresses on its network, each with the length of its prefix, until the returned value is dropped.
    pub(super) fn add_addresses(&self, addresses: impl Iterator<Item = String>) -> anyhow::Result<Temporary> {
        let mut added = Temporary::new([]);
        for address in addresses {
            added.ip_silently(&self.ana, &format!("addr add {address} dev eth0{}", at_once(&address)))?;
        }
        Ok(added)
    }

    /// Takes all addresses but the link-local one from the host's interface and from Ana's, and gives either machine six more
    /// interfaces, which lead nowhere and have link-local addresses as well, until the returned value is dropped.
    pub(super) fn leave_link_local_alone(&self) -> anyhow::Result<Temporary> {
        let mut bare = Temporary::new([]);
        for (number, desk @ Desk { namespace, name }) in [(1, &self.host), (2, &self.ana)] {
            bare.ip(desk, &format!("addr del 10.77.0.{number}/24 dev eth0"))?;
            bare.ip(desk, &format!("addr del fd4d:77::{number}/64 dev eth0 nodad"))?;
            for more in 1..=6 {
                bare.undo.push(format!("-n {namespace} link del eth{more}"));
                cable(
                    (namespace, &format!("eth{more}")),
                    (&self.switch.namespace, &format!("{name}-more{more}")),
                )?;
                // Before the kernel's in the order of addresses, so that it would be tried first.
                add_address(namespace, &format!("eth{more}"), &format!("fe80::{number}:{more}/64"))?;
            }
        }
        Ok(bare)
    }
}

/// A change of the network that is undone when this is dropped, the last step first.
#[derive(Debug)]
#[must_use]
pub(super) struct Temporary {
    /// The arguments of `ip` that undo each step.
    undo: Vec<String>,
}

impl Temporary {
    /// Runs `ip` with each of these arguments when it is dropped.
    pub(super) fn new(undo: impl Into<Vec<String>>) -> Self {
        Self { undo: undo.into() }
    }

    /// Runs `ip` with these arguments at a desk, and its opposite when this is dropped.
    pub(super) fn ip(&mut self, desk: &Desk, arguments: &str) -> anyhow::Result<()> {
        println!("  {:<5} $ ip {arguments}", desk.name);
        self.ip_silently(desk, arguments)
    }

    fn ip_silently(&mut self, Desk { namespace, .. }: &Desk, arguments: &str) -> anyhow::Result<()> {
        ip(&format!("-n {namespace} {arguments}"))?;
        self.undo.push(format!("-n {namespace} {}", opposite(arguments)));
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        for arguments in self.undo.iter().rev() {
            if let Err(error) = ip(arguments) {
                eprintln!("warning: something is left behind: {error:#}");
            }
        }
    }
}

/// The arguments of `ip` that remove what others add, or add what they remove. A link is removed by its name.
fn opposite(arguments: &str) -> String {
    let (named, _) = arguments.split_once(" type ").unwrap_or((arguments, ""));
    let (add, del) = if named.contains(" add ") { (" add ", " del ") } else { (" del ", " add ") };
    named.replacen(add, del, 1)
}

/// Switches a machine's own interface off or on, like Wi-Fi. Its routes go with it.
pub(super) fn set_interface(of: &Desk, is_on: bool) -> anyhow::Result<()> {
    set_link(&of.namespace, "eth0", is_on)
}

/// Takes an interface down or up, and prints the command.
fn set_link(namespace: &str, link: &str, is_up: bool) -> anyhow::Result<()> {
    let state = if is_up { "up" } else { "down" };
    println!("  lan   $ ip -n {namespace} link set dev {link} {state}");
    ip(&format!("-n {namespace} link set dev {link} {state}")).map(drop)
}
