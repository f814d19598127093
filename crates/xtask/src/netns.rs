//! Network namespaces by iproute2: each is removed when its owner ends, or at the latest by the next run.
//!
//! Their names are `oxo-FAMILY-PROCESS-…`, so that two runs do not meet, and so that the leftovers of a killed run differ
//! from the namespaces of a running one.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use crate::shell;

/// A network namespace of ours. It is removed, with the interfaces in it, when this is dropped.
#[derive(Debug)]
pub(crate) struct Namespace {
    name: String,
}

impl Namespace {
    /// Makes a namespace whose loopback interface is up.
    ///
    /// # Errors
    ///
    /// Names the command that failed, with its error; the namespace is removed again.
    pub(crate) fn add(name: String) -> anyhow::Result<Self> {
        ip(&format!("netns add {name}"))?;
        let namespace = Self { name };
        shell::output(command(namespace.name(), "sh").args(["-ec", SETTINGS]))?;
        ip(&format!("-n {} link set lo up", namespace.name()))?;
        Ok(namespace)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        remove_or_warn(&self.name);
    }
}

/// The beginning of the names of this process's namespaces of a family.
pub(crate) fn prefix(family: &str) -> String {
    format!("{OURS}-{family}-{}", process::id())
}

/// Checks that namespaces can be made, and removes those of killed runs.
///
/// # Errors
///
/// Fails without root, or without iproute2.
pub(crate) fn prepare() -> anyhow::Result<()> {
    ensure!(
        shell::output(Command::new("id").arg("-u"))?.trim() == "0",
        "this step makes network namespaces, which only root may"
    );
    shell::ensure(&[("ip", "iproute2")])?;
    for directory in [NETNS_RUN, NETNS_ETC] {
        for name in names(Path::new(directory))? {
            if owner(&name).is_some_and(|process| !is_running(process)) {
                remove_or_warn(&name);
            }
        }
    }
    Ok(())
}

/// The directory of a namespace's own files in `/etc`; `ip netns exec` puts them in place.
pub(crate) fn etc(namespace: &str) -> PathBuf {
    Path::new(NETNS_ETC).join(namespace)
}

/// Waits for the link-local address that the kernel gives an interface, and returns it without its scope.
///
/// # Errors
///
/// Fails when there is none in time.
pub(crate) fn link_local(namespace: &str, interface: &str) -> anyhow::Result<String> {
    let deadline = Instant::now() + ADDRESS_TIMEOUT;
    // The kernel tells nobody who does not listen on a socket, so it is asked until it knows.
    while Instant::now() < deadline {
        let shown = ip(&format!("-n {namespace} -6 -o addr show dev {interface} scope link"))?;
        if let Some(address) = ready_address(&shown) {
            return Ok(address.to_owned());
        }
    }
    bail!("{namespace} has no link-local address after {} s", ADDRESS_TIMEOUT.as_secs())
}

/// A command that has yet to run, in a namespace.
pub(crate) fn command(namespace: &str, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace]).arg(program);
    command
}

/// Joins interfaces of two namespaces by a cable, and switches both on.
///
/// # Errors
///
/// Names the command that failed, with its error.
pub(crate) fn cable((a, of_a): (&str, &str), (b, of_b): (&str, &str)) -> anyhow::Result<()> {
    ip(&format!("-n {a} link add {of_a} type veth peer name {of_b} netns {b}"))?;
    ip(&format!("-n {a} link set {of_a} up"))?;
    ip(&format!("-n {b} link set {of_b} up")).map(drop)
}

/// Gives an interface an address with the length of its prefix.
///
/// # Errors
///
/// Names the command that failed, with its error.
pub(crate) fn add_address(namespace: &str, interface: &str, address: &str) -> anyhow::Result<()> {
    ip(&format!("-n {namespace} addr add {address} dev {interface}{}", at_once(address))).map(drop)
}

/// The flag of `ip addr` for an address that is used at once.
pub(crate) fn at_once(address: &str) -> &'static str {
    if address.contains(':') { " nodad" } else { "" }
}

/// Runs `ip` silently with these words as its arguments, and returns its output.
///
/// # Errors
///
/// Names the command that failed, with its error.
pub(crate) fn ip(arguments: &str) -> anyhow::Result<String> {
    shell::output(Command::new("ip").args(arguments.split_whitespace()))
}

/// Removes a namespace, and only warns of an error.
fn remove_or_warn(name: &str) {
    if let Err(error) = remove(name) {
        eprintln!("warning: {name} is left behind: {error:#}");
    }
}

/// Removes a namespace, if it exists, and its files in `/etc`.
fn remove(name: &str) -> anyhow::Result<()> {
    // The interfaces go with their namespace.
    if Path::new(NETNS_RUN).join(name).exists() {
        ip(&format!("netns del {name}"))?;
    }
    let files = etc(name);
    if files.exists() {
        fs::remove_dir_all(&files).with_context(|| format!("cannot remove {}", files.display()))?;
    }
    // This removes an empty directory only: the files of others stay.
    let _others_are_there = fs::remove_dir(NETNS_ETC);
    Ok(())
}

/// The entries of `directory`, which need not exist.
fn names(directory: &Path) -> anyhow::Result<Vec<String>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| format!("cannot list {}", directory.display()))?,
    };
    Ok(entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect())
}

/// The process that made the namespace `name`, if one of ours did.
fn owner(name: &str) -> Option<u32> {
    let (_family, rest) = name.strip_prefix(OURS)?.strip_prefix('-')?.split_once('-')?;
    let (process, _part) = rest.split_once('-')?;
    process.parse().ok()
}

/// Tells whether a process has this number. It may be another one by now; then the namespace stays a while longer.
fn is_running(process: u32) -> bool {
    Path::new("/proc").join(process.to_string()).exists()
}

/// The first address of `ip -6 -o addr show` that may be used.
fn ready_address(shown: &str) -> Option<&str> {
    let line = shown.lines().find(|line| !line.contains("tentative"))?;
    let mut words = line.split_whitespace().skip_while(|word| *word != "inet6");
    let (address, _prefix) = words.nth(1)?.split_once('/')?;
    Some(address)
}

/// The settings of a namespace before it has an interface. An address is used at once, without asking
/// first whether another machine has it (RFC 4862 section 5.4), which takes a second; no router is asked for (RFC
/// 4861 section 6.3.7), since there is none, so that nothing travels but what a program sends; and an interface that
/// is switched off and on has the addresses that it had.
const SETTINGS: &str = "
    cd /proc/sys/net/ipv6/conf
    for which in all default; do
        echo 0 > $which/accept_dad
        echo 0 > $which/dad_transmits
        echo 0 > $which/router_solicitations
        echo 1 > $which/keep_addr_on_down
    done
";

/// The beginning of the names of all our namespaces.
const OURS: &str = "oxo";

/// The directory of iproute2's namespaces (ip-netns(8)).
const NETNS_RUN: &str = "/run/netns";

/// The directory of the files that a namespace has of its own (ip-netns(8)).
const NETNS_ETC: &str = "/etc/netns";

/// The limit for the kernel to give an interface its link-local address, which takes milliseconds.
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

    #[test]
    fn a_namespace_names_the_process_that_made_it() {
        assert_eq!(owner(&format!("{}-ana", prefix("lan"))), Some(process::id()));
        assert_eq!(owner("oxo-link-4711-0-a"), Some(4711));
        for others in ["oxo", "oxo-lan", "oxo-lan-4711", "oxo-lan-x-ana", "oxolan-1-2-3", "lab-lan-4711-ana"]
        {
            assert_eq!(owner(others), None, "{others}");
        }
    }

    #[test]
    fn a_process_runs_or_does_not() {
        assert!(is_running(process::id()));
        // Linux gives no number above 2^22 (proc(5), `pid_max`).
        assert!(!is_running(u32::MAX));
    }

    #[test]
    fn a_directory_that_is_not_there_has_nothing_in_it() {
        assert_eq!(names(Path::new("/no/such/directory")).unwrap(), Vec::<String>::new());
    }
}
