//! The hosts file.

use std::{
    fs::File,
    io::{self, Read},
    net::IpAddr,
};

use net::addr::Host;

use crate::doctor::remote::HOSTS_FILE;

/// The addresses that the file has for a name, as far as it can be read.
pub(super) fn addresses_of(host: &Host) -> Vec<IpAddr> {
    let Host::Name(name) = host else { return Vec::new() };
    addresses_in(&read().unwrap_or_default(), name.as_str())
}

fn read() -> io::Result<String> {
    let mut bytes = Vec::new();
    let system = std::env::var("SystemRoot").unwrap_or_default();
    File::open(HOSTS_FILE.replace("%SystemRoot%", &system))?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The addresses that a hosts(5) file has for a name.
fn addresses_in(file: &str, name: &str) -> Vec<IpAddr> {
    let name = name.trim_end_matches('.');
    let listed = |line: &str| {
        let mut words = line.split('#').next()?.split_whitespace();
        // The scope of an address is not compared.
        let ip = words.next()?.split('%').next()?.parse().ok()?;
        words.any(|word| word.eq_ignore_ascii_case(name)).then_some(ip)
    };
    file.lines().filter_map(listed).collect()
}

/// Bytes read of the file: one that blocks half of the web has more, below the lines written by hand.
const MAX_BYTES: u64 = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hosts_file_has_addresses_names_and_comments() {
        let file = "127.0.0.1 localhost\n# 10.0.0.9 laptop\n10.0.0.1\tden Laptop # laptop2\nfe80::1%eth0 laptop\nrubbish laptop\n";
        let found: Vec<_> = addresses_in(file, "laptop.").iter().map(IpAddr::to_string).collect();
        assert_eq!(found, ["10.0.0.1", "fe80::1"]);
        assert!(addresses_in(file, "laptop2").is_empty());
    }
}
