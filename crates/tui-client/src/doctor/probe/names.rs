//! Where the system looks names up: the hosts file and the order of the rest.

use std::{fs::File, io::Read, net::IpAddr, path::Path};

/// What gave `ip` for `name`, as far as can be known: the system's resolver does not say itself.
pub(super) fn source_of(name: &str, ip: IpAddr) -> String {
    let hosts = read(Path::new(HOSTS)).unwrap_or_default();
    if hosts_of(&hosts, name).any(|listed| listed == ip) { HOSTS.into() } else { resolver() }
}

/// Who is asked for a name, in order.
pub(super) fn resolver() -> String {
    let order = read(Path::new("/etc/nsswitch.conf")).and_then(|file| order_of(&file));
    order.map_or_else(|| "the system's resolver".into(), |order| format!("the system's resolver ({order})"))
}

/// The addresses that a hosts(5) file has for a name.
fn hosts_of<'a>(file: &'a str, name: &'a str) -> impl Iterator<Item = IpAddr> + 'a {
    let name = name.trim_end_matches('.');
    file.lines().filter_map(move |line| {
        let mut words = line.split('#').next()?.split_whitespace();
        // A scope is no part of what the resolver compares.
        let ip = words.next()?.split('%').next()?.parse().ok()?;
        words.any(|word| word.eq_ignore_ascii_case(name)).then_some(ip)
    })
}

/// What nsswitch.conf(5) says of hosts, without what is to be done at each result.
fn order_of(file: &str) -> Option<String> {
    let mut lines = file.lines().filter_map(|line| line.split('#').next()?.trim().strip_prefix("hosts:"));
    let mut is_reaction = false;
    let sources: Vec<&str> = lines
        .next()?
        .split_whitespace()
        .filter(|word| {
            let was_reaction = is_reaction || word.starts_with('[');
            is_reaction = was_reaction && !word.ends_with(']');
            !was_reaction
        })
        .collect();
    Some(sources.join(" "))
}

/// Reads a small file as far as it is text.
pub(super) fn read(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MAX_FILE).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Bytes of a file that are read: a hosts file that blocks half of the web has more, and ours are at its top.
const MAX_FILE: u64 = 1024 * 1024;

/// hosts(5).
const HOSTS: &str = "/etc/hosts";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hosts_file_has_addresses_names_and_comments() {
        let file = "127.0.0.1 localhost\n# 10.0.0.9 laptop\n10.0.0.1\tden Laptop # laptop2\nfe80::1%eth0 laptop\nrubbish laptop\n";
        let found: Vec<_> = hosts_of(file, "laptop.").map(|ip| ip.to_string()).collect();
        assert_eq!(found, ["10.0.0.1", "fe80::1"]);
        assert_eq!(hosts_of(file, "laptop2").count(), 0);
    }

    #[test]
    fn the_order_of_sources_is_told_without_reactions() {
        let file = "passwd: files\nhosts:  files mdns4_minimal [NOTFOUND=return !UNAVAIL=continue] dns # x\n";
        assert_eq!(order_of(file).as_deref(), Some("files mdns4_minimal dns"));
        assert_eq!(order_of("# hosts: files"), None);
    }
}
