//! The memory of the real server under peers that are none: it does not grow with their number.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use net::proto::{PROTOCOL, Preface};

/// Connections before the first reading, so that what is allocated once is there.
const WARM_UP: usize = 400;

/// Connections between the two readings.
const ATTACK: usize = 2_000;

/// KiB that the server may have grown by: a quarter of a KiB for each connection, where one that was kept
/// would cost some four.
const GROWTH_KIB: u64 = 1_024;

/// The server's program, ended with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Server {
    fn start() -> (Self, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oxo-server"));
        command.args(["--listen", "127.0.0.1:0", "--no-store"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = Self(command.spawn().expect("the server starts"));
        let mut line = String::new();
        let stdout = server.0.stdout.as_mut().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        let address = line.trim().strip_prefix("listening tcp ").expect("the line").to_owned();
        (server, address)
    }

    /// Resident memory in KiB, as the kernel counts it.
    fn resident_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the kernel says");
        line.split_whitespace().next().and_then(|count| count.parse().ok()).expect("a number")
    }
}

/// The first bytes of hostile peers.
fn openings() -> Vec<Vec<u8>> {
    let ours = |rest: &[u8]| [&Preface(PROTOCOL).encode(), rest].concat();
    let mut bomb = vec![0, 10, 0, 253];
    bomb.extend_from_slice(&(1_u64 << 60).to_le_bytes()[..8]);
    vec![
        b"GET / HTTP/1.1\r\nHost: oxo\r\n\r\n".to_vec(),
        vec![0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01],
        b"hello, is anybody there?\nquit\n".to_vec(),
        vec![0xff; 4_096],
        ours(&[0xff, 0xff]),
        ours(&[0, 0]),
        ours(&bomb),
        ours(&[0, 3, 9, 9, 9]),
    ]
}

fn attack(address: &str, connections: usize) {
    let openings = openings();
    for opening in openings.iter().cycle().take(connections) {
        let mut stream = TcpStream::connect(address).expect("the server still listens");
        // It may have been told to go before all of it was out.
        stream.write_all(opening).ok();
        stream.read_to_end(&mut Vec::new()).ok();
    }
}

#[test]
fn thousands_of_strangers_leave_no_memory_behind() {
    let (server, address) = Server::start();
    attack(&address, WARM_UP);
    let before = server.resident_kib();
    attack(&address, ATTACK);
    let after = server.resident_kib();
    let growth = after.saturating_sub(before);
    assert!(growth < GROWTH_KIB, "{before} KiB, and {after} KiB after {ATTACK} strangers");
}
