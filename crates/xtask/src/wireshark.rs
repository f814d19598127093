//! `cargo xtask wireshark`: the dissector of `assets/wireshark` reads what our programs say.
//!
//! Captures are of two kinds: matches of the real programs, taken from a LAN of network namespaces, and captures that are
//! written here, of the golden vectors and of what becomes of them when their bytes change.

mod filters;
mod mutants;
mod pcap;
mod tshark;
mod vectors;

use std::path::Path;

use anyhow::{Context as _, ensure};

use self::filters::FILTERS;
use self::pcap::{Pcap, Side};
use self::tshark::Tshark;
use self::vectors::Vector;
use crate::{lan, netns, shell};

/// Runs all of it.
pub(crate) fn run() -> anyhow::Result<()> {
    shell::ensure(&[("tshark", "tshark")])?;
    netns::prepare()?;
    let directory = tempfile::tempdir().context("cannot make a directory for captures")?;
    let step = Step { tshark: Tshark::new()?, messages: vectors::messages()?, packets: vectors::packets()? };
    step.vectors_over_udp(directory.path())?;
    step.vectors_over_tcp(directory.path())?;
    step.mutants(directory.path())?;
    for file in lan::capture_matches(directory.path())? {
        step.is_match(&file)?;
    }
    Ok(())
}

/// What every part of the step is given.
#[derive(Debug)]
struct Step {
    tshark: Tshark,
    messages: Vec<Vector>,
    packets: Vec<Vector>,
}

impl Step {
    /// Every vector over UDP is dissected as what it is called, every field can be filtered, no secret is told.
    fn vectors_over_udp(&self, directory: &Path) -> anyhow::Result<()> {
        for port in [OUR_PORT, OTHER_PORT] {
            let file = directory.join(format!("udp-{port}.pcap"));
            let mut pcap = Pcap::new(port);
            for Vector { from, bytes, .. } in &self.packets {
                pcap.udp(*from, bytes);
            }
            for (number, Vector { from, bytes, .. }) in (FIRST..).zip(&self.messages) {
                pcap.udp(*from, &data(*from, number, bytes));
            }
            // A copy of the first message.
            pcap.udp(self.messages[0].from, &data(self.messages[0].from, FIRST, &self.messages[0].bytes));
            pcap.write(&file)?;

            let vectors = self.packets.iter().chain(&self.messages);
            let mut names: Vec<_> = vectors.map(|it| it.name.as_str()).collect();
            names.push("packet-data-copy");
            self.are_called(&file, "oxo.packet", &names)?;
            self.filters_hold(&file, &names)?;
            self.secrets_are_kept(&file)?;
        }
        self.every_field_is_filtered()?;
        println!(
            "{} packets and {} messages over UDP, {} filters",
            self.packets.len(),
            self.messages.len(),
            FILTERS.len()
        );
        Ok(())
    }

    /// Every message over TCP is dissected as what it is called, though each of its bytes is a segment of its own.
    fn vectors_over_tcp(&self, directory: &Path) -> anyhow::Result<()> {
        for port in [OUR_PORT, OTHER_PORT] {
            let file = directory.join(format!("tcp-{port}.pcap"));
            let mut pcap = Pcap::new(port);
            for from in [Side::Client, Side::Server] {
                pcap.tcp(from, PREFACE);
            }
            for Vector { from, bytes, .. } in &self.messages {
                for byte in framed(bytes) {
                    pcap.tcp(*from, &[byte]);
                }
            }
            pcap.write(&file)?;
            let names: Vec<_> = self.messages.iter().map(|it| it.name.as_str()).collect();
            self.are_called(&file, "oxo.kind", &names)?;
            self.secrets_are_kept(&file)?;
            let prefaces = self.tshark.fields(
                &file,
                "oxo.magic && oxo.oldest == 2 && oxo.newest == 2",
                &["oxo.magic"],
            )?;
            ensure!(prefaces.len() == 2, "{} prefaces of 2", prefaces.len());
            let hello = self.tshark.fields(&file, "oxo.length == 6 && oxo.name == \"ana\"", &["oxo.kind"])?;
            ensure!(hello == [["Hello"]], "the hello is {hello:?}");
        }
        println!("{} messages over TCP, a segment for each byte", self.messages.len());
        Ok(())
    }

    /// Whatever the bytes are, Lua does not fail, and every packet is dissected.
    fn mutants(&self, directory: &Path) -> anyhow::Result<()> {
        let (udp, tcp) = (directory.join("mutants-udp.pcap"), directory.join("mutants-tcp.pcap"));
        let datagrams = mutants::datagrams(&self.packets, &self.messages);
        let mut pcap = Pcap::new(OUR_PORT);
        for (from, bytes) in &datagrams {
            pcap.udp(*from, bytes);
        }
        pcap.write(&udp)?;
        mutants::streams(&self.messages).write(&tcp)?;
        for file in [&udp, &tcp] {
            self.tshark.read(file, &["-V"])?;
        }
        let ours = self.tshark.fields(&udp, "oxo", &["frame.number"])?.len();
        ensure!(ours == datagrams.len(), "{ours} of {} mutants are dissected", datagrams.len());
        let malformed = self.tshark.fields(&udp, "oxo.malformed", &["frame.number"])?.len();
        ensure!(malformed > ours / 2, "only {malformed} of {ours} mutants are malformed");
        println!("{ours} mutants over UDP, {malformed} of them malformed, and streams of mutants over TCP");
        Ok(())
    }

    /// The moves of a captured match are those that were played, and nothing in it is malformed.
    fn is_match(&self, file: &Path) -> anyhow::Result<()> {
        let filter = "oxo.command == \"Play\" && oxo.from == \"client\"";
        let mut moves: Vec<(String, String)> = Vec::new();
        for fields in self.tshark.fields(file, filter, &["oxo.ply", "oxo.cell"])? {
            // A packet may carry a move again, beside others or alone.
            for (ply, cell) in fields[0].split(',').zip(fields[1].split(',')) {
                let played = (ply.to_owned(), cell.to_owned());
                if !moves.contains(&played) {
                    moves.push(played);
                }
            }
        }
        let played: Vec<_> = lan::CAPTURED_CELLS
            .iter()
            .enumerate()
            .map(|(ply, cell)| (ply.to_string(), (*cell).to_owned()))
            .collect();
        ensure!(moves == played, "{}: the moves are {moves:?}", file.display());
        self.is_well_formed(file)?;
        let strangers =
            self.tshark.fields(file, "udp.port == 1952 && !icmp && !icmpv6 && !oxo", &["frame.number"])?;
        ensure!(strangers.is_empty(), "{}: not dissected: {strangers:?}", file.display());
        let greeted = self.tshark.fields(file, "oxo.kind == \"Welcome\"", &["oxo.name"])?;
        ensure!(greeted.len() >= 2, "{}: {} players are greeted", file.display(), greeted.len());
        println!("  {}: {moves:?}", file.display());
        Ok(())
    }

    /// Each of the packets that `filter` lets through is called as the vector in its place.
    fn are_called(&self, file: &Path, filter: &str, names: &[&str]) -> anyhow::Result<()> {
        let said = self.tshark.fields(file, filter, &vectors::FIELDS)?;
        ensure!(said.len() == names.len(), "{}: {} of {}", file.display(), said.len(), names.len());
        for (name, said) in names.iter().zip(said) {
            let said =
                said.try_into().map_err(|said| anyhow::anyhow!("{name}: too many fields: {said:?}"))?;
            ensure!(vectors::is_called(name, &said), "{}: {name} is dissected as {said:?}", file.display());
        }
        self.is_well_formed(file)
    }

    fn is_well_formed(&self, file: &Path) -> anyhow::Result<()> {
        let malformed = self.tshark.read(file, &["-Y", "oxo.malformed"])?;
        ensure!(malformed.is_empty(), "{}: {}", file.display(), malformed.join("\n"));
        Ok(())
    }

    /// Each of [`FILTERS`] finds its vector. All are asked at once.
    fn filters_hold(&self, file: &Path, names: &[&str]) -> anyhow::Result<()> {
        let mut asked = Vec::new();
        for (name, filter) in FILTERS {
            let place =
                names.iter().position(|it| it == name).with_context(|| format!("no vector {name}"))?;
            asked.push((
                name,
                format!("(frame.number == {} && {filter})", place + 1),
                (place + 1).to_string(),
            ));
        }
        let whole: Vec<_> = asked.iter().map(|(_, filter, _)| filter.as_str()).collect();
        let found = self.tshark.fields(file, &whole.join(" || "), &["frame.number"])?.concat();
        let missed: Vec<_> = asked.iter().filter(|(_, _, number)| !found.contains(number)).collect();
        ensure!(missed.is_empty(), "{}: not found: {missed:?}", file.display());
        Ok(())
    }

    /// No field is declared that no filter asks for.
    fn every_field_is_filtered(&self) -> anyhow::Result<()> {
        let is_in_name = |letter: char| letter.is_ascii_alphanumeric() || "._".contains(letter);
        let asked: Vec<_> =
            FILTERS.iter().flat_map(|(_, filter)| filter.split(|it| !is_in_name(it))).collect();
        for field in self.tshark.declared()? {
            let is_asked = asked.contains(&field.as_str()) || ASKED_ELSEWHERE.contains(&field.as_str());
            ensure!(is_asked, "no filter asks for {field}");
        }
        Ok(())
    }

    /// Neither the passcode nor the secret of the vectors is in the list of packets.
    fn secrets_are_kept(&self, file: &Path) -> anyhow::Result<()> {
        let lines = self.tshark.read(file, &[])?;
        let told = lines.iter().find(|line| line.contains("sesame") || line.contains("a0a1a2a3a4"));
        ensure!(told.is_none(), "a secret is told: {told:?}");
        for words in WORDS {
            ensure!(
                lines.iter().any(|line| line.ends_with(words)),
                "{}: no line ends with {words:?}",
                file.display()
            );
        }
        Ok(())
    }
}

/// A message as a packet of the ARQ, whose number is that of the message.
fn data(from: Side, number: u32, message: &[u8]) -> Vec<u8> {
    let cid: u64 = if from == Side::Client { SERVER_CID } else { CLIENT_CID };
    let number = number.to_be_bytes();
    let mut packet = vec![0x54];
    packet.extend(cid.to_be_bytes());
    packet.extend(number);
    packet.extend([0; 10]); // nothing has arrived
    packet.extend([0, 0, 0, 1, 0, 0, 0, 0, 1]); // message 1 is awaited, and an acknowledgement
    packet.extend(number);
    packet.extend(length(message));
    packet.extend(message);
    packet
}

/// A message as a frame.
fn framed(message: &[u8]) -> Vec<u8> {
    [&length(message), message].concat()
}

/// A length as a frame and a packet carry it.
fn length(message: &[u8]) -> [u8; 2] {
    u16::try_from(message.len()).expect("a message is short").to_be_bytes()
}

/// The port that the dissector knows, and one that it has to recognise.
const OUR_PORT: u16 = 1952;
const OTHER_PORT: u16 = 4711;

/// The number of the first message over UDP, above those in the vectors of packets.
const FIRST: u32 = 101;

/// What both sides of a TCP connection say first.
const PREFACE: &[u8] = &[0x8f, b'O', b'X', b'O', 0, 2, 0, 2];

/// The cids that the client and the server receive under, those of the golden ACCEPT.
const CLIENT_CID: u64 = 0xc1c2_c3c4_c5c6_c7c8;
const SERVER_CID: u64 = 0x5152_5354_5556_5758;

/// What ends some lines of the list of packets.
const WORDS: &[&str] = &[
    "Hello ana",
    "Play 1: b2 as ply 0",
    "Play 251: s19 as ply 360",
    "Snapshot match 3, 0 moves, Waiting",
    "Snapshot match 3, 5 moves, Over: OnBoard",
    "Rejected Play: NotYourTurn",
    "Close: ShuttingDown",
];

/// Fields that have no place in a capture of the vectors over UDP.
const ASKED_ELSEWHERE: &[&str] = &["oxo.length", "oxo.malformed"];
