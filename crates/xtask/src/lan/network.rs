//! A LAN of four network namespaces: a switch, and three machines that share nothing else.
//!
//! ```text
//!  host 10.77.0.1, fd4d:77::1 ──┐
//!  ana  10.77.0.2, fd4d:77::2 ──┼── switch (a bridge)
//!  ben  10.77.0.3, fd4d:77::3 ──┘
//! ```
//!
//! Each cable is a veth pair whose ends are made inside the namespaces that they join, so that this machine never sees one.

use std::fs;

use anyhow::Context as _;

use crate::netns::{self, Namespace, ip};

/// A machine on the LAN, whose name is also that of its player and of its port of the switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(super) enum Machine {
    /// The server's.
    Host,
    /// Ana's, who comes first and whose cable is pulled.
    Ana,
    /// Ben's, the other player.
    Ben,
}

impl Machine {
    /// Every machine.
    const ALL: [Self; 3] = [Self::Host, Self::Ana, Self::Ben];

    pub(super) fn name(self) -> &'static str {
        self.into()
    }

    /// The last byte of its addresses.
    const fn number(self) -> u8 {
        self as u8 + 1
    }
}

/// The namespaces and their files; all of it is removed when this is dropped.
#[derive(Debug)]
pub(super) struct Network {
    /// The beginning of the namespaces' names.
    prefix: String,
    /// The namespaces that were made so far.
    namespaces: Vec<Namespace>,
}

impl Network {
    /// Lays the cables and waits until every address may be used.
    ///
    /// # Errors
    ///
    /// Names the command that failed, with its error; everything made by then is removed.
    pub(super) fn new() -> anyhow::Result<Self> {
        // It exists before the first namespace does, so that an error on the way removes what there is.
        let mut network = Self { prefix: netns::prefix("lan"), namespaces: Vec::new() };
        let switch = network.switch();
        network.namespaces.push(Namespace::add(switch.clone())?);
        // It has no address, and does not snoop on multicast, since none may be lost.
        ip(&format!("-n {switch} link add br0 type bridge mcast_snooping 0"))?;
        ip(&format!("-n {switch} link set br0 up"))?;
        for machine in Machine::ALL {
            network.add(machine)?;
        }
        for machine in Machine::ALL {
            network.link_local(machine)?;
        }
        Ok(network)
    }

    /// The namespace of a machine.
    pub(super) fn namespace(&self, machine: Machine) -> String {
        format!("{}-{machine}", self.prefix)
    }

    /// Sets the names that a machine knows, as the text of its hosts(5) file, which `ip netns exec` puts in place.
    pub(super) fn write_hosts(&self, machine: Machine, names: &str) -> anyhow::Result<()> {
        let directory = netns::etc(&self.namespace(machine));
        fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
        let file = directory.join("hosts");
        let text = format!("127.0.0.1 localhost\n::1 localhost\n{names}");
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    /// The link-local address that the kernel gives a machine, without its scope.
    pub(super) fn link_local(&self, machine: Machine) -> anyhow::Result<String> {
        netns::link_local(&self.namespace(machine), "eth0")
    }

    /// Pulls a machine's cable out of the switch, or plugs it in. The machine keeps its addresses.
    pub(super) fn set_cable(&self, machine: Machine, is_in: bool) -> anyhow::Result<()> {
        set_link(&self.switch(), machine.name(), is_in)
    }

    /// Switches a machine's own interface off or on, like Wi-Fi. Its routes go with it.
    pub(super) fn set_interface(&self, machine: Machine, is_on: bool) -> anyhow::Result<()> {
        set_link(&self.namespace(machine), "eth0", is_on)
    }

    /// Makes `address` a machine that is on and silent: its hardware address is known, and nobody has it.
    pub(super) fn add_silent_neighbour(&self, machine: Machine, address: &str) -> anyhow::Result<()> {
        let namespace = self.namespace(machine);
        let lladdr = "02:00:00:00:00:98";
        ip(&format!("-n {namespace} neigh replace {address} lladdr {lladdr} dev eth0 nud permanent"))
            .map(drop)
    }

    /// Plugs every cable in and switches every interface on.
    pub(super) fn mend(&self) -> anyhow::Result<()> {
        for machine in Machine::ALL {
            ip(&format!("-n {} link set dev {} up", self.switch(), machine.name()))?;
            ip(&format!("-n {} link set dev eth0 up", self.namespace(machine)))?;
        }
        Ok(())
    }

    /// Gives a machine a second network, on which it is alone, until the returned value is dropped.
    pub(super) fn add_second_interface(&self, machine: Machine) -> anyhow::Result<Temporary> {
        let (namespace, switch) = (self.namespace(machine), self.switch());
        let other_end = format!("{machine}2");
        ip(&format!("-n {namespace} link add wlan0 type veth peer name {other_end} netns {switch}"))?;
        let second = Temporary::new([format!("-n {namespace} link del wlan0")]);
        ip(&format!("-n {switch} link set {other_end} up"))?;
        ip(&format!("-n {namespace} link set wlan0 up"))?;
        // A link-local address of its own, rather than a wait for the kernel's.
        ip(&format!("-n {namespace} addr add fe80::77/64 dev wlan0 nodad"))?;
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
        let [host, ana, ben] = [Machine::Host, Machine::Ana, Machine::Ben].map(|m| self.namespace(m));
        ip(&format!("-n {host} link add wlan0 type veth peer name wlan0 netns {ben}"))?;
        let mut second = Temporary::new([format!("-n {host} link del wlan0")]);
        for (namespace, number) in [(&host, Machine::Host.number()), (&ben, Machine::Ben.number())] {
            let (ipv4, ipv6) = (format!("10.79.0.{number}/24"), format!("fd4d:79::{number}/64"));
            ip(&format!("-n {namespace} addr add {ipv4} dev wlan0"))?;
            ip(&format!("-n {namespace} addr add {ipv6} dev wlan0 nodad"))?;
            ip(&format!("-n {namespace} link set wlan0 up"))?;
        }
        for (network, router) in [("10.79.0.0/24", "10.77.0.1"), ("fd4d:79::/64", "fd4d:77::1")] {
            println!("  {:<5} $ ip route add {network} via {router}", Machine::Ana);
            ip(&format!("-n {ana} route add {network} via {router}"))?;
            second.undo.push(format!("-n {ana} route del {network} via {router}"));
        }
        Ok(second)
    }

    /// Gives a machine more addresses on its network, until the returned value is dropped.
    pub(super) fn add_addresses(
        &self,
        machine: Machine,
        addresses: impl Iterator<Item = String>,
    ) -> anyhow::Result<Temporary> {
        let namespace = self.namespace(machine);
        let mut added = Temporary::new([]);
        for address in addresses {
            let (length, flag) = if address.contains(':') { (64, " nodad") } else { (24, "") };
            ip(&format!("-n {namespace} addr add {address}/{length} dev eth0{flag}"))?;
            added.undo.push(format!("-n {namespace} addr del {address}/{length} dev eth0"));
        }
        Ok(added)
    }

    /// Takes all addresses but the link-local one from a machine's interface, and gives it six more interfaces, which lead
    /// nowhere and have link-local addresses as well, until the returned value is dropped.
    pub(super) fn leave_link_local_alone(&self, machine: Machine) -> anyhow::Result<Temporary> {
        let (namespace, switch, number) = (self.namespace(machine), self.switch(), machine.number());
        let mut bare = Temporary::new([]);
        for (family, address) in
            [("", format!("10.77.0.{number}/24")), ("nodad", format!("fd4d:77::{number}/64"))]
        {
            ip(&format!("-n {namespace} addr del {address} dev eth0"))?;
            bare.undo.push(format!("-n {namespace} addr add {address} dev eth0 {family}"));
        }
        for more in 1..=6 {
            let other_end = format!("{machine}-more{more}");
            ip(&format!("-n {namespace} link add eth{more} type veth peer name {other_end} netns {switch}"))?;
            bare.undo.push(format!("-n {namespace} link del eth{more}"));
            ip(&format!("-n {switch} link set {other_end} up"))?;
            ip(&format!("-n {namespace} link set eth{more} up"))?;
            // Before the kernel's in the order of addresses, so that it would be tried first.
            ip(&format!("-n {namespace} addr add fe80::{number}:{more}/64 dev eth{more} nodad"))?;
        }
        Ok(bare)
    }

    /// Gives Ana an address beyond the host's networks, 10.99.0.2, to which the host knows the way, until the returned value
    /// is dropped.
    pub(super) fn add_elsewhere(&self) -> anyhow::Result<Temporary> {
        let [host, ana] = [Machine::Host, Machine::Ana].map(|machine| self.namespace(machine));
        ip(&format!("-n {ana} addr add 10.99.0.2/32 dev lo"))?;
        let mut elsewhere = Temporary::new([format!("-n {ana} addr del 10.99.0.2/32 dev lo")]);
        ip(&format!("-n {host} route add 10.99.0.2 via 10.77.0.2"))?;
        elsewhere.undo.push(format!("-n {host} route del 10.99.0.2 via 10.77.0.2"));
        Ok(elsewhere)
    }

    /// Drops packets of more than `mtu` bytes on the way to a machine, silently, until the returned value is dropped.
    pub(super) fn narrow(&self, machine: Machine, mtu: u16) -> anyhow::Result<Temporary> {
        let (switch, name) = (self.switch(), machine.name());
        println!("  lan   $ ip -n {switch} link set dev {name} mtu {mtu}");
        ip(&format!("-n {switch} link set dev {name} mtu {mtu}"))?;
        Ok(Temporary::new([format!("-n {switch} link set dev {name} mtu 1500")]))
    }

    /// Adds a machine and its cable.
    fn add(&mut self, machine: Machine) -> anyhow::Result<()> {
        let (namespace, switch) = (self.namespace(machine), self.switch());
        let (name, number) = (machine.name(), machine.number());
        self.namespaces.push(Namespace::add(namespace.clone())?);
        ip(&format!("-n {namespace} link add eth0 type veth peer name {name} netns {switch}"))?;
        ip(&format!("-n {switch} link set {name} master br0 up"))?;
        ip(&format!("-n {namespace} addr add 10.77.0.{number}/24 dev eth0"))?;
        ip(&format!("-n {namespace} addr add fd4d:77::{number}/64 dev eth0 nodad"))?;
        ip(&format!("-n {namespace} link set eth0 up"))?;
        self.write_hosts(machine, "")
    }

    /// The namespace that is the switch.
    pub(super) fn switch(&self) -> String {
        format!("{}-switch", self.prefix)
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

/// Takes an interface down or up, and prints the command.
fn set_link(namespace: &str, link: &str, is_up: bool) -> anyhow::Result<()> {
    let state = if is_up { "up" } else { "down" };
    println!("  lan   $ ip -n {namespace} link set dev {link} {state}");
    ip(&format!("-n {namespace} link set dev {link} {state}")).map(drop)
}
