//! A LAN of four network namespaces: a switch, and three machines that have nothing in common but it.
//!
//! ```text
//!  host 10.77.0.1, fd4d:77::1 ──┐
//!  ana  10.77.0.2, fd4d:77::2 ──┼── switch (a bridge)
//!  ben  10.77.0.3, fd4d:77::3 ──┘
//! ```
//!
//! Each cable is a veth pair whose ends are born in the namespaces that they join, so that the machine this
//! runs on never sees one.

use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{self, Command};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

/// A machine on the LAN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Machine {
    /// The one that serves.
    Host,
    /// The one of the player who comes first, and whose cable is pulled.
    Ana,
    /// The one of the other player.
    Ben,
}

impl Machine {
    /// Every machine.
    const ALL: [Self; 3] = [Self::Host, Self::Ana, Self::Ben];

    /// What it is called, and its player, and its port of the switch.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Ana => "ana",
            Self::Ben => "ben",
        }
    }

    /// The last part of its addresses.
    const fn number(self) -> u8 {
        match self {
            Self::Host => 1,
            Self::Ana => 2,
            Self::Ben => 3,
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The namespaces and what they need outside of themselves; all of it goes when this does.
#[derive(Debug)]
pub(super) struct Network {
    /// What the names of the namespaces begin with: our process, so that two runs do not meet.
    prefix: String,
}

impl Network {
    /// Lays the cables and waits until every address may be used.
    ///
    /// # Errors
    ///
    /// Names the command that failed and what it said; what was made by then is removed.
    pub(super) fn new() -> anyhow::Result<Self> {
        // It exists before the first namespace does, so that an error on the way removes what there is.
        let network = Self { prefix: format!("oxo-lan-{}", process::id()) };
        let switch = network.switch();
        ip(&["netns", "add", &switch])?;
        // It holds no address; nor does it listen for who wants which multicast, since none is to be lost.
        ip(&["-n", &switch, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0"])?;
        ip(&["-n", &switch, "link", "set", "br0", "up"])?;
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

    /// Says what names a machine knows: the text of its hosts(5) file, which `ip netns exec` puts in its place.
    pub(super) fn write_hosts(&self, machine: Machine, names: &str) -> anyhow::Result<()> {
        let directory = self.etc(machine);
        fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
        let file = directory.join("hosts");
        let text = format!("127.0.0.1 localhost\n::1 localhost\n{names}");
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Waits for the link-local address that the kernel gives a machine, and returns it without its scope.
    pub(super) fn link_local(&self, machine: Machine) -> anyhow::Result<String> {
        let namespace = self.namespace(machine);
        let deadline = Instant::now() + ADDRESS_TIMEOUT;
        // The kernel tells nobody who does not listen on a socket, so it is asked until it knows.
        while Instant::now() < deadline {
            let show = ["-n", &namespace, "-6", "-o", "addr", "show", "dev", "eth0", "scope", "link"];
            let shown = ip(&show)?;
            if let Some(address) = ready_address(&shown) {
                return Ok(address.to_owned());
            }
        }
        bail!("{machine} has no link-local address after {} s", ADDRESS_TIMEOUT.as_secs())
    }

    /// Pulls a machine's cable out of the switch, or plugs it in. The machine keeps its addresses.
    pub(super) fn set_cable(&self, machine: Machine, is_in: bool) -> anyhow::Result<()> {
        set_link(&self.switch(), machine.name(), is_in)
    }

    /// Switches a machine's own interface off or on, as one does with Wi-Fi. Its routes go with it.
    pub(super) fn set_interface(&self, machine: Machine, is_on: bool) -> anyhow::Result<()> {
        set_link(&self.namespace(machine), "eth0", is_on)
    }

    /// Makes `address` a machine that is on and says nothing: its hardware address is known, and it is nobody's.
    pub(super) fn add_silent_neighbour(&self, machine: Machine, address: &str) -> anyhow::Result<()> {
        let namespace = self.namespace(machine);
        let lladdr = "02:00:00:00:00:98";
        ip(&[
            "-n",
            &namespace,
            "neigh",
            "replace",
            address,
            "lladdr",
            lladdr,
            "dev",
            "eth0",
            "nud",
            "permanent",
        ])
        .map(drop)
    }

    /// Puts back what [`set_cable`](Self::set_cable) and [`set_interface`](Self::set_interface) took away.
    pub(super) fn mend(&self) -> anyhow::Result<()> {
        for machine in Machine::ALL {
            ip(&["-n", &self.switch(), "link", "set", "dev", machine.name(), "up"])?;
            ip(&["-n", &self.namespace(machine), "link", "set", "dev", "eth0", "up"])?;
        }
        Ok(())
    }

    /// Gives a machine a second network, on which it is alone.
    pub(super) fn add_second_interface(&self, machine: Machine) -> anyhow::Result<()> {
        let (namespace, switch) = (self.namespace(machine), self.switch());
        let other_end = format!("{machine}2");
        ip(&[
            "-n", &namespace, "link", "add", "wlan0", "type", "veth", "peer", "name", &other_end, "netns",
            &switch,
        ])?;
        ip(&["-n", &switch, "link", "set", &other_end, "up"])?;
        ip(&["-n", &namespace, "link", "set", "wlan0", "up"])?;
        // A link-local address of its own, rather than a wait for the kernel's.
        ip(&["-n", &namespace, "addr", "add", "fe80::77/64", "dev", "wlan0", "nodad"]).map(drop)
    }

    /// Takes the second network away.
    pub(super) fn remove_second_interface(&self, machine: Machine) -> anyhow::Result<()> {
        ip(&["-n", &self.namespace(machine), "link", "del", "wlan0"]).map(drop)
    }

    /// Adds a machine and its cable.
    fn add(&self, machine: Machine) -> anyhow::Result<()> {
        let (namespace, switch) = (self.namespace(machine), self.switch());
        let (name, number) = (machine.name(), machine.number());
        ip(&["netns", "add", &namespace])?;
        ip(&["netns", "exec", &namespace, "sh", "-ec", SETTINGS])?;
        ip(&["-n", &namespace, "link", "set", "lo", "up"])?;
        ip(&[
            "-n", &namespace, "link", "add", "eth0", "type", "veth", "peer", "name", name, "netns", &switch,
        ])?;
        ip(&["-n", &switch, "link", "set", name, "master", "br0", "up"])?;
        ip(&["-n", &namespace, "addr", "add", &format!("10.77.0.{number}/24"), "dev", "eth0"])?;
        ip(&["-n", &namespace, "addr", "add", &format!("fd4d:77::{number}/64"), "dev", "eth0", "nodad"])?;
        ip(&["-n", &namespace, "link", "set", "eth0", "up"])?;
        self.write_hosts(machine, "")
    }

    fn switch(&self) -> String {
        format!("{}-switch", self.prefix)
    }

    /// Where `ip netns exec` looks for what a machine has in `/etc` of its own.
    fn etc(&self, machine: Machine) -> PathBuf {
        PathBuf::from(NETNS_ETC).join(self.namespace(machine))
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let namespaces = Machine::ALL.map(|machine| self.namespace(machine));
        for namespace in namespaces.iter().chain([&self.switch()]) {
            // One that was never made is no loss. The interfaces go with their namespace.
            if PathBuf::from(NETNS_RUN).join(namespace).exists()
                && let Err(error) = ip(&["netns", "del", namespace])
            {
                eprintln!("warning: {namespace} is left behind: {error:#}");
            }
        }
        for machine in Machine::ALL {
            match fs::remove_dir_all(self.etc(machine)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    eprintln!("warning: {} is left behind: {error}", self.etc(machine).display());
                }
                Ok(()) | Err(_) => {}
            }
        }
        // Only an empty directory can be removed this way: what others keep there stays.
        let _others_are_there = fs::remove_dir(NETNS_ETC);
    }
}

/// The first address of `ip -6 -o addr show` that may be used.
fn ready_address(shown: &str) -> Option<&str> {
    let line = shown.lines().find(|line| !line.contains("tentative"))?;
    let mut words = line.split_whitespace().skip_while(|word| *word != "inet6");
    let (address, _prefix) = words.nth(1)?.split_once('/')?;
    Some(address)
}

/// Takes an interface down or up, and prints how.
fn set_link(namespace: &str, link: &str, is_up: bool) -> anyhow::Result<()> {
    let state = if is_up { "up" } else { "down" };
    println!("  lan   $ ip -n {namespace} link set dev {link} {state}");
    ip(&["-n", namespace, "link", "set", "dev", link, state]).map(drop)
}

/// Runs `ip` silently and returns what it printed.
fn ip(arguments: &[&str]) -> anyhow::Result<String> {
    let line = format!("ip {}", arguments.join(" "));
    let output =
        Command::new("ip").args(arguments).output().with_context(|| format!("cannot start `{line}`"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{line}` failed ({}): {}", output.status, complaint.trim());
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed what is not UTF-8"))
}

/// What a machine's kernel is told before it has an interface. An address is used at once, without asking
/// first whether another machine has it (RFC 4862 section 5.4), which takes a second; and an interface that is
/// switched off and on has the addresses that it had.
const SETTINGS: &str = "
    cd /proc/sys/net/ipv6/conf
    for which in all default; do
        echo 0 > $which/accept_dad
        echo 0 > $which/dad_transmits
        echo 1 > $which/keep_addr_on_down
    done
";

/// Where iproute2 keeps its namespaces (ip-netns(8)).
const NETNS_RUN: &str = "/run/netns";

/// Where iproute2 keeps the files that a namespace has of its own (ip-netns(8)).
const NETNS_ETC: &str = "/etc/netns";

/// How long the kernel may take to give an interface its link-local address: it takes milliseconds.
const ADDRESS_TIMEOUT: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_ready_once_it_is_no_longer_tentative() {
        let shown = "2: eth0    inet6 fe80::1/64 scope link tentative \\  valid_lft forever\n";
        assert_eq!(ready_address(shown), None);
        let shown = "2: eth0    inet6 fe80::8c1f:2/64 scope link proto kernel_ll \\  valid_lft forever\n";
        assert_eq!(ready_address(shown), Some("fe80::8c1f:2"));
        assert_eq!(ready_address(""), None);
    }
}
