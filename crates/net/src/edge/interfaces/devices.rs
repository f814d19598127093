//! The network devices of this machine, as Linux describes them in `/sys/class/net`.
//!
//! The name of a device tells nothing: docker, libvirt, LXC, Incus and Home Assistant each have their own, and people rename
//! theirs. Other systems tell only names, and a sandbox without these files tells nothing; a device that is not known counts as
//! one of the LAN.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::addr::local::{Device, Machine};

/// The description of a device; `None` if the system has none.
pub(super) fn device(name: &str, index: Option<u32>) -> Option<Device> {
    if !cfg!(target_os = "linux") {
        return is_without_friends(name).then(|| Device { joins_containers: true, ..Device::default() });
    }
    // An alias such as `eth0:1` is the device before the colon.
    let name = name.split(':').next()?;
    let path = Path::new(CLASS).join(name);
    let found: u32 = fs::read_to_string(path.join("ifindex")).ok()?.trim().parse().ok()?;
    if index.is_some_and(|index| index != found) {
        // The files are those of another network namespace.
        return None;
    }
    let has = |file: &str| path.join(file).exists();
    let uevent = fs::read_to_string(path.join("uevent")).unwrap_or_default();
    let is_overlay = uevent.lines().any(|line| matches!(line, "DEVTYPE=vxlan" | "DEVTYPE=geneve"));
    Some(Device {
        leads_out: stands_on_hardware(&path, MAX_DEPTH) && !is_overlay
            || has("tun_flags")
            || has_default_route(name),
        is_part: has("brport") || has("bonding_slave"),
        joins_containers: has("bridge") || is_overlay,
    })
}

/// Tests for the name of a device that leads to no friend, as systems other than Linux name it.
fn is_without_friends(name: &str) -> bool {
    WITHOUT_FRIENDS.iter().any(|known| name.starts_with(known))
}

/// The ways out of this machine. A virtual machine has hardware, too, and a container has none. Devices that are told by name
/// alone are judged as in a container.
pub(super) fn machine() -> Machine {
    if !cfg!(target_os = "linux") {
        return Machine::Container;
    }
    let devices = fs::read_dir(CLASS).into_iter().flatten().flatten();
    let paths: Vec<PathBuf> = devices.into_iter().map(|device| device.path()).collect();
    let is_way_beside_bridges = |path: &PathBuf| {
        let kind = fs::read_to_string(path.join("type")).unwrap_or_default();
        kind.trim() == ETHERNET && !["bridge", "brport"].iter().any(|file| path.join(file).exists())
    };
    if paths.iter().any(|path| path.join("device").exists()) {
        Machine::Hardware
    } else if paths.iter().any(is_way_beside_bridges) {
        Machine::Container
    } else {
        Machine::Bridged
    }
}

/// Tests for a device of hardware, or one that stands on such a device: a bridge, a bond, a VLAN, a macvlan.
fn stands_on_hardware(path: &Path, depth: usize) -> bool {
    path.join("device").exists()
        || depth > 0 && lower(path).iter().any(|path| stands_on_hardware(path, depth - 1))
}

/// The devices below another one.
fn lower(path: &Path) -> Vec<PathBuf> {
    let links = fs::read_dir(path).into_iter().flatten().flatten();
    let below = links.filter_map(|link| Some(link.file_name().to_str()?.strip_prefix("lower_")?.to_owned()));
    below.map(|name| Path::new(CLASS).join(name)).collect()
}

/// Tests for a device over which a router is reached that leads everywhere.
fn has_default_route(name: &str) -> bool {
    let v4 = fs::read_to_string("/proc/self/net/route").unwrap_or_default();
    let v6 = fs::read_to_string("/proc/self/net/ipv6_route").unwrap_or_default();
    // proc_net(5): the device, the destination, the router, the flags (2 is a router), …, the mask.
    let is_default_v4 = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        matches!(fields.as_slice(), [device, "00000000", router, _, _, _, _, "00000000", ..]
            if *device == name && *router != "00000000")
    };
    // The destination and its length come first, the router fifth, and the device last.
    let is_default_v6 = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        matches!(fields.as_slice(), [to, "00", _, _, router, .., device]
            if *device == name && is_zero(to) && !is_zero(router))
    };
    v4.lines().any(is_default_v4) || v6.lines().any(is_default_v6)
}

fn is_zero(address: &str) -> bool {
    address.bytes().all(|byte| byte == b'0')
}

/// The kind of a device that carries Ethernet frames (`ARPHRD_ETHER` of Linux).
const ETHERNET: &str = "1";

/// The beginnings of names: Apple's peer-to-peer radio, and the hypervisors' networks within a machine. The other switches of
/// Hyper-V, `vEthernet (…)` as well, may have a cable in them.
const WITHOUT_FRIENDS: [&str; 8] = [
    "awdl",
    "llw",
    "vmnet",
    "vboxnet",
    "vEthernet (WSL",
    "vEthernet (Default Switch",
    "VirtualBox Host-Only",
    "VMware Network Adapter",
];

/// The folder of the kernel's descriptions (sysfs-class-net).
const CLASS: &str = "/sys/class/net";

/// Devices that stand on each other: a VLAN on a bridge on a bond on two cables, and one to spare.
const MAX_DEPTH: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_within_a_machine_are_known_by_name() {
        for within in [
            "vEthernet (WSL (Hyper-V firewall))",
            "VirtualBox Host-Only Network #2",
            "VMware Network Adapter VMnet8",
        ] {
            assert!(is_without_friends(within), "{within}");
        }
        for lan in ["Wi-Fi", "Ethernet 2", "en0", "vEthernet (External)", "Local Area Connection"] {
            assert!(!is_without_friends(lan), "{lan}");
        }
    }
}
