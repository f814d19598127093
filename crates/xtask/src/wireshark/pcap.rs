//! A capture made by hand: packets between one client and one server, in the oldest format that Wireshark reads.
//!
//! The checksums are 0, which Wireshark does not look at unless it is told to.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// Who sends a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The one of port 50000.
    Client,
    /// The one of the port under test.
    Server,
}

impl Side {
    const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// The last part of its address.
    const fn number(self) -> u8 {
        match self {
            Self::Client => 2,
            Self::Server => 1,
        }
    }
}

/// The capture.
#[derive(Debug)]
pub(super) struct Pcap {
    bytes: Vec<u8>,
    server_port: u16,
    /// How many packets there are.
    packets: u32,
    /// The next number of the client's TCP stream and of the server's.
    next: [u32; 2],
}

impl Pcap {
    /// Begins a capture of what goes to and from this port of the server.
    pub(super) fn new(server_port: u16) -> Self {
        let mut bytes = Vec::new();
        bytes.extend(0xa1b2_c3d4_u32.to_le_bytes());
        bytes.extend([2, 0, 4, 0]); // version 2.4
        bytes.extend([0; 8]); // in UTC
        bytes.extend(u32::from(u16::MAX).to_le_bytes()); // the longest packet
        bytes.extend(LINKTYPE_RAW.to_le_bytes());
        Self { bytes, server_port, packets: 0, next: [1, 1] }
    }

    /// Adds a datagram, and returns the number of its packet, from 1.
    pub(super) fn udp(&mut self, from: Side, payload: &[u8]) -> u32 {
        let mut body = self.ports(from);
        body.extend(length(8 + payload.len()));
        body.extend([0; 2]);
        body.extend(payload);
        self.ip(from, UDP, &body)
    }

    /// Adds a segment behind the earlier ones of the same side, and returns the number of its packet, from 1.
    pub(super) fn tcp(&mut self, from: Side, payload: &[u8]) -> u32 {
        let mut body = self.ports(from);
        body.extend(self.next[from as usize].to_be_bytes());
        body.extend(self.next[from.other() as usize].to_be_bytes());
        body.extend([0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]); // 20 bytes of header, PSH and ACK, the largest window
        body.extend(payload);
        self.next[from as usize] += u32::from(u16::from_be_bytes(length(payload.len())));
        self.ip(from, TCP, &body)
    }

    /// Writes the capture to a file.
    ///
    /// # Errors
    ///
    /// Names the file that cannot be written.
    pub(super) fn write(&self, file: &Path) -> anyhow::Result<()> {
        fs::write(file, &self.bytes).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Source and destination.
    fn ports(&self, from: Side) -> Vec<u8> {
        let (source, destination) = match from {
            Side::Client => (CLIENT_PORT, self.server_port),
            Side::Server => (self.server_port, CLIENT_PORT),
        };
        [source.to_be_bytes(), destination.to_be_bytes()].concat()
    }

    fn ip(&mut self, from: Side, protocol: u8, body: &[u8]) -> u32 {
        let whole = 20 + body.len();
        self.bytes.extend(self.packets.to_le_bytes()); // one a second
        self.bytes.extend([0; 4]);
        let captured = u32::from(u16::from_be_bytes(length(whole))).to_le_bytes();
        self.bytes.extend([captured, captured].concat());
        self.bytes.extend([0x45, 0]);
        self.bytes.extend(length(whole));
        self.bytes.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]); // DF, 64 hops
        self.bytes.extend([10, 77, 0, from.number(), 10, 77, 0, from.other().number()]);
        self.bytes.extend(body);
        self.packets += 1;
        self.packets
    }
}

/// A length as the headers carry it.
fn length(bytes: usize) -> [u8; 2] {
    u16::try_from(bytes).expect("a packet by hand is short").to_be_bytes()
}

/// The packets begin with their IP headers (<https://www.tcpdump.org/linktypes.html>).
const LINKTYPE_RAW: u32 = 101;

/// The numbers of the protocols in an IP header.
const TCP: u8 = 6;
const UDP: u8 = 17;

/// The client's port: one of those that a system gives.
const CLIENT_PORT: u16 = 50_000;
