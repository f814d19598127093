//! The owner of a port, as Linux tells it in `/proc` (proc(5)): users see their own processes, root sees all.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::Read,
    path::Path,
};

use net::link::Transport;

/// Finds the program that has `port`, with its process id; `None` if the system does not tell.
pub(super) fn owner_of(transport: Transport, is_ipv6: bool, port: u16) -> Option<String> {
    // A socket of both families is listed among those of IPv6.
    let families: &[&str] = if is_ipv6 { &["6"] } else { &["", "6"] };
    families.iter().find_map(|family| {
        let table = read(Path::new(&format!("/proc/net/{transport}{family}")))?;
        let links: Vec<_> =
            inodes(&table, transport, port).map(|inode| format!("socket:[{inode}]")).collect();
        (!links.is_empty()).then(|| holder(&links)).flatten()
    })
}

/// The inodes of the sockets bound to the port.
fn inodes(table: &str, transport: Transport, port: u16) -> impl Iterator<Item = &str> {
    table.lines().skip(1).filter_map(move |line| {
        let mut words = line.split_whitespace();
        let (local, state) = (words.nth(1)?, words.nth(1)?);
        let is_port = local.rsplit_once(':').is_some_and(|(_, hex)| u16::from_str_radix(hex, 16) == Ok(port));
        let is_held = transport == Transport::Udp || state == LISTEN;
        words.nth(5).filter(|_| is_port && is_held)
    })
}

/// Finds the process that has one of these sockets.
fn holder(links: &[String]) -> Option<String> {
    let is_one = |link: &Path| links.iter().any(|socket| link.as_os_str() == socket.as_str());
    let is_process = |name: &OsStr| name.as_encoded_bytes().iter().all(u8::is_ascii_digit);
    let processes = fs::read_dir("/proc").ok()?.flatten().filter(|entry| is_process(&entry.file_name()));
    processes.take(MAX_PROCESSES).find_map(|process| {
        let files = fs::read_dir(process.path().join("fd")).ok()?;
        let has_it = files
            .flatten()
            .take(MAX_FILES)
            .any(|file| fs::read_link(file.path()).is_ok_and(|link| is_one(&link)));
        let name = read(&process.path().join("comm")).filter(|_| has_it)?;
        Some(format!("{} (process {})", name.trim(), process.file_name().to_string_lossy()))
    })
}

fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Bytes read of a table: some 7,000 sockets.
const MAX_BYTES: u64 = 1024 * 1024;

/// The state of a listening TCP socket (`include/net/tcp_states.h`).
const LISTEN: &str = "0A";

/// Processes looked at, and open files of each: several times what a desktop has.
const MAX_PROCESSES: usize = 4096;
const MAX_FILES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_sockets_names_those_of_the_port() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 00000000:07A0 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0\n\
             1: 0100007F:07A0 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0 100 0\n\
             2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0\n\
             rubbish\n";
        let found = |transport| inodes(table, transport, 1952).collect::<Vec<_>>();
        assert_eq!(found(Transport::Tcp), ["4711"]);
        assert_eq!(found(Transport::Udp), ["4711", "4712"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn our_own_ports_are_ours() {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let owner = owner_of(Transport::Udp, false, port).unwrap();
        assert!(owner.ends_with(&format!("(process {})", std::process::id())), "{owner}");
    }
}
