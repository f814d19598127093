//! `cargo xtask wireshark`: the dissector in `assets/wireshark` understands what our programs send.
//!
//! It reads matches of the real programs, captured on a LAN of network namespaces, and captures that `text2pcap` makes of
//! the golden vectors and of vectors with a changed byte.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use crate::{lan, netns, shell};

/// Runs all of it.
pub(crate) fn run() -> anyhow::Result<()> {
    shell::ensure(&[("tshark", "tshark"), ("text2pcap", "wireshark-common")])?;
    netns::prepare()?;
    let directory = tempfile::tempdir().context("cannot make a directory for captures")?;
    let (messages, packets) = (vectors("golden.txt")?, vectors("packets.txt")?);
    let step = Step { directory, messages: [messages, vec![vector(HOST_AWAY, SERVER)?]].concat(), packets };
    for port in [OUR_PORT, OTHER_PORT] {
        step.vectors_over_udp(port)?;
        step.vectors_over_tcp(port)?;
    }
    step.every_field_is_filtered()?;
    step.mutants()?;
    for file in lan::capture_matches(step.directory.path())? {
        step.is_match(&file)?;
    }
    Ok(())
}

/// A datagram or a message, and the end that sends it.
#[derive(Debug, Clone)]
struct Vector {
    name: String,
    from: char,
    bytes: Vec<u8>,
}

/// The ends of a connection, as `text2pcap` calls the directions.
const CLIENT: char = 'I';
const SERVER: char = 'O';

/// Everything that is under test, and a directory for captures that is also the home of tshark, so that no plugin or
/// setting of its user is there.
#[derive(Debug)]
struct Step {
    directory: TempDir,
    messages: Vec<Vector>,
    packets: Vec<Vector>,
}

impl Step {
    /// Every vector over UDP is dissected as what it is called, every filter finds its vector, no secret is shown.
    fn vectors_over_udp(&self, port: u16) -> anyhow::Result<()> {
        let copy = Vector { name: "packet-data-copy".into(), ..data(FIRST, &self.messages[0]) };
        let data = (FIRST..).zip(&self.messages).map(|(number, message)| data(number, message));
        let vectors: Vec<_> = self.packets.iter().cloned().chain(data).chain([copy]).collect();
        let file = self.capture("udp", port, &vectors)?;
        self.are_called(&file, "oxo", &vectors)?;

        let place =
            |name| vectors.iter().position(|it| it.name == name).with_context(|| format!("no vector {name}"));
        let asked =
            FILTERS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '));
        let asked =
            asked.map(|(name, filter)| Ok((place(name)? + 1, filter))).collect::<anyhow::Result<Vec<_>>>()?;
        let all: Vec<_> =
            asked.iter().map(|(at, filter)| format!("frame.number == {at} && {filter}")).collect();
        let found = self.fields(&file, &format!("({})", all.join(") || (")), &["frame.number"])?.concat();
        let missed: Vec<_> = asked.iter().filter(|(at, _)| !found.contains(&at.to_string())).collect();
        ensure!(missed.is_empty(), "port {port}: not found: {missed:?}");
        println!("{} vectors over UDP port {port}, {} filters", vectors.len(), asked.len());
        Ok(())
    }

    /// Every message over TCP is dissected as what it is called, though each of its bytes is a segment of its own.
    fn vectors_over_tcp(&self, port: u16) -> anyhow::Result<()> {
        let mut segments = [CLIENT, SERVER].map(|from| segment(from, PREFACE)).to_vec();
        for message in &self.messages {
            segments.extend(framed(&message.bytes).iter().map(|byte| segment(message.from, &[*byte])));
        }
        let file = self.capture("tcp", port, &segments)?;
        self.are_called(&file, "oxo.kind || oxo.malformed", &self.messages)?;
        let prefaces =
            self.fields(&file, "oxo.magic && oxo.oldest == 3 && oxo.newest == 3", &["oxo.magic"])?.len();
        ensure!(prefaces == 2, "{prefaces} prefaces of 2");
        let hello = self.fields(&file, "oxo.length == 6 && oxo.name == \"ana\"", &["oxo.kind"])?;
        ensure!(hello == [["Hello"]], "the hello is {hello:?}");
        println!("{} messages over TCP port {port}, a segment for each byte", self.messages.len());
        Ok(())
    }

    /// The packets that `filter` lets through are called as the vectors in their places, and their lines tell no secret.
    fn are_called(&self, file: &Path, filter: &str, vectors: &[Vector]) -> anyhow::Result<()> {
        let mut lines = Vec::new();
        let fields = [&FIELDS[..], &["oxo.malformed", "_ws.col.Info"]].concat();
        let packets = self.fields(file, filter, &fields)?;
        ensure!(packets.len() == vectors.len(), "{}: {} of {}", file.display(), packets.len(), vectors.len());
        for (Vector { name, .. }, mut packet) in vectors.iter().zip(packets) {
            lines.extend(packet.pop());
            let malformed = packet.pop().unwrap_or_default();
            let is_right = malformed.is_empty() && is_called(name, &packet);
            ensure!(is_right, "{}: {name} is dissected as {packet:?} {malformed}", file.display());
        }
        let told = lines.iter().find(|line| line.contains("sesame") || line.contains("a0a1a2a3a4"));
        ensure!(told.is_none(), "a secret is told: {told:?}");
        let missing = LINES.iter().find(|words| !lines.iter().any(|line| line.ends_with(**words)));
        ensure!(missing.is_none(), "{}: no line ends with {missing:?}", file.display());
        Ok(())
    }

    /// Each field that the dissector declares is in a filter or is tried elsewhere.
    fn every_field_is_filtered(&self) -> anyhow::Result<()> {
        let declared = self.tshark(&["-G", "fields"])?;
        let is_in_name = |letter: char| letter.is_ascii_alphanumeric() || "._".contains(letter);
        let asked: Vec<_> =
            FILTERS.split(|it| !is_in_name(it)).chain(["oxo.length", "oxo.malformed"]).collect();
        let ours = declared.lines().filter_map(|line| line.strip_prefix("F\t")?.split('\t').nth(1));
        let ours: Vec<_> = ours.filter(|field| field.starts_with("oxo.")).collect();
        let unasked: Vec<_> = ours.iter().filter(|field| !asked.contains(field)).collect();
        ensure!(!ours.is_empty() && unasked.is_empty(), "no filter asks for {unasked:?}");
        Ok(())
    }

    /// Whatever one byte becomes, Lua does not fail, and every datagram is dissected.
    fn mutants(&self) -> anyhow::Result<()> {
        let mut datagrams: Vec<_> = self.packets.iter().flat_map(mutants).collect();
        let mut streams = [CLIENT, SERVER].map(|from| segment(from, PREFACE));
        for (number, message) in (FIRST..).zip(&self.messages) {
            for mutant in mutants(message) {
                streams[usize::from(message.from == SERVER)].bytes.extend(framed(&mutant.bytes));
                datagrams.push(data(number, &mutant));
            }
        }
        // Behind the good frames, one whose length is wrong: no frame after it can be found.
        for stream in &mut streams {
            stream.bytes.extend([0xff, 0xff, 3, 0, 0]);
        }
        let segments = streams
            .iter()
            .flat_map(|stream| stream.bytes.chunks(SEGMENT).map(|bytes| segment(stream.from, bytes)));
        let tcp = self.capture("tcp", OUR_PORT, &segments.collect::<Vec<_>>())?;
        let udp = self.capture("udp", OUR_PORT, &datagrams)?;
        for file in [&udp, &tcp] {
            self.read(file, &["-V"])?;
        }
        let ours = self.fields(&udp, "oxo", &["frame.number"])?.len();
        ensure!(ours == datagrams.len(), "{ours} of {} mutants are dissected", datagrams.len());
        let malformed = self.fields(&udp, "oxo.malformed", &["frame.number"])?.len();
        ensure!(malformed > ours / 2, "only {malformed} of {ours} mutants are malformed");
        println!("{ours} mutants over UDP, {malformed} of them malformed, and over TCP");
        Ok(())
    }

    /// The moves of a captured match are those that were played, and nothing in it is malformed.
    fn is_match(&self, file: &Path) -> anyhow::Result<()> {
        let filter = "oxo.command == \"Play\" && oxo.from == \"client\"";
        let mut moves = Vec::new();
        for packet in self.fields(file, filter, &["oxo.ply", "oxo.cell"])? {
            // A packet may carry a move again, beside others or alone.
            for (ply, cell) in packet[0].split(',').zip(packet[1].split(',')) {
                let played = (ply.to_owned(), cell.to_owned());
                if !moves.contains(&played) {
                    moves.push(played);
                }
            }
        }
        let played = lan::NAMES.iter().enumerate().map(|(ply, cell)| (ply.to_string(), (*cell).to_owned()));
        ensure!(moves == played.collect::<Vec<_>>(), "{}: the moves are {moves:?}", file.display());
        let strange = "oxo.malformed || (udp.port == 1952 && !icmp && !icmpv6 && !oxo)";
        let strange = self.fields(file, strange, &["frame.number", "oxo.malformed"])?;
        ensure!(strange.is_empty(), "{}: not dissected: {strange:?}", file.display());
        let greeted = self.fields(file, "oxo.kind == \"Welcome\"", &["oxo.name"])?.len();
        ensure!(greeted >= 2, "{}: {greeted} players are greeted", file.display());
        println!("  {}: {moves:?}", file.display());
        Ok(())
    }

    /// Writes a capture of what a client on port 50000 and a server on `port` send.
    fn capture(&self, transport: &str, port: u16, packets: &[Vector]) -> anyhow::Result<PathBuf> {
        let file = |extension| self.directory.path().join(format!("{transport}-{port}.{extension}"));
        let (dump, capture) = (file("txt"), file("pcapng"));
        let line = |Vector { from, bytes, .. }: &Vector| {
            let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{from} 0 {}\n", digits.join(" "))
        };
        fs::write(&dump, packets.iter().map(line).collect::<String>())?;
        let mut command = Command::new("text2pcap");
        command.args(["-q", "-D", "-4", "10.77.0.2,10.77.0.1", if transport == "udp" { "-u" } else { "-T" }]);
        shell::output(command.arg(format!("50000,{port}")).args([&dump, &capture]))?;
        Ok(capture)
    }

    /// Returns these fields of the packets that a filter lets through.
    fn fields(&self, file: &Path, filter: &str, fields: &[&str]) -> anyhow::Result<Vec<Vec<String>>> {
        let fields = fields.iter().flat_map(|field| ["-e", field]);
        let arguments: Vec<_> = ["-Y", filter, "-T", "fields"].into_iter().chain(fields).collect();
        let printed = self.read(file, &arguments)?;
        Ok(printed.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
    }

    /// Reads a capture, and returns the output.
    fn read(&self, file: &Path, arguments: &[&str]) -> anyhow::Result<String> {
        self.tshark(&[&["-n", "-r", file.to_str().context("a path is UTF-8")?], arguments].concat())
    }

    /// Runs tshark with the dissector, and fails when Lua does.
    fn tshark(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new("timeout");
        command.args([TIMEOUT, "tshark"]).args(arguments).args(["-X", "lua_script:assets/wireshark/oxo.lua"]);
        command.env("HOME", self.directory.path()).env("WIRESHARK_CONFIG_DIR", self.directory.path());
        let output = command.env("LC_ALL", "C.UTF-8").output().context("cannot start tshark")?;
        let (printed, said) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let error = printed.lines().find(|line| line.contains("Lua Error:"));
        let error = error.or_else(|| said.lines().find(|line| line.contains("Lua")));
        let is_fine = output.status.success() && error.is_none();
        ensure!(is_fine, "`tshark {}` failed ({}): {error:?} {said}", arguments.join(" "), output.status);
        Ok(printed.into_owned())
    }
}

/// Reads a file of golden vectors of `net`, in which a remark tells where those from a server begin.
fn vectors(file: &str) -> anyhow::Result<Vec<Vector>> {
    let path = Path::new("crates/net/tests/it").join(file);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut is_from_server = file == "packets.txt";
    let mut vectors = Vec::new();
    for line in text.lines() {
        is_from_server |= line.starts_with("# From a server");
        if !line.starts_with('#') && !line.is_empty() {
            // Of packets, only a HELLO and an ASK show that a client sends them.
            let is_hello = line.starts_with("packet-hello") || line.starts_with("packet-ask");
            vectors.push(vector(line, if is_from_server && !is_hello { SERVER } else { CLIENT })?);
        }
    }
    ensure!(vectors.len() > 10, "only {} vectors in {file}", vectors.len());
    Ok(vectors)
}

/// Reads a line: a name, and digits between which there may be spaces; `…` stands for zeros up to 1,200 bytes. JSON behind them
/// is left to other tests.
fn vector(line: &str, from: char) -> anyhow::Result<Vector> {
    let line = line.split('{').next().unwrap_or_default().trim_end();
    let (name, digits) = line.split_once(' ').with_context(|| format!("no vector: {line}"))?;
    let filled = digits.strip_suffix('…');
    let digits: Vec<_> = filled.unwrap_or(digits).chars().filter(|digit| *digit != ' ').collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16);
    let bytes: Result<Vec<_>, _> = digits.chunks(2).map(byte).collect();
    let mut bytes = bytes.with_context(|| format!("no hexadecimal digits: {line}"))?;
    if filled.is_some() {
        bytes.resize(1200, 0);
    }
    Ok(Vector { name: name.to_owned(), from, bytes })
}

/// A message as a packet of the ARQ with the same number.
fn data(number: u32, message: &Vector) -> Vector {
    // The cids that the ends receive under, those of the golden ACCEPT.
    let cid: u64 = if message.from == CLIENT { 0x5152_5354_5556_5758 } else { 0xc1c2_c3c4_c5c6_c7c8 };
    let mut bytes = vec![0x54];
    bytes.extend(cid.to_be_bytes());
    bytes.extend(number.to_be_bytes());
    bytes.extend([0; 10]); // nothing has arrived
    bytes.extend([0, 0, 0, 1, 0, 0, 0, 0, 1]); // message 1 is awaited, and an acknowledgement
    bytes.extend(number.to_be_bytes());
    bytes.extend(framed(&message.bytes));
    Vector { bytes, ..message.clone() }
}

/// A part of a stream.
fn segment(from: char, bytes: &[u8]) -> Vector {
    Vector { name: String::new(), from, bytes: bytes.to_vec() }
}

/// A message as a frame.
fn framed(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).expect("a message is short");
    [&length.to_be_bytes(), message].concat()
}

/// A vector cut at each byte, and with each byte turned into each of [`TELLING`]. The zeros at the end of a long packet are
/// left alone.
fn mutants(vector: &Vector) -> Vec<Vector> {
    let Vector { bytes, .. } = vector;
    let mut mutants = Vec::new();
    for place in 0..bytes.len().min(LONGEST_MUTATED) {
        let cut = bytes[..place.max(1)].to_vec();
        let set = TELLING.map(|byte| [&bytes[..place], &[byte], &bytes[place + 1..]].concat());
        mutants.extend([cut].into_iter().chain(set).map(|bytes| Vector { bytes, ..vector.clone() }));
    }
    mutants
}

/// Checks that the [`FIELDS`] of a packet are those that the vector's name tells.
fn is_called(name: &str, said: &[String]) -> bool {
    let value = |field| FIELDS.iter().zip(said).find(|(it, _)| **it == field).map_or("", |(_, value)| value);
    let name = name.strip_prefix("packet-").unwrap_or(name);
    // This vector shows a command rather than why it is rejected.
    if name == "rejected-stop-browsing" {
        return value("oxo.command") == "StopBrowsing";
    }
    let begins = |word: &String| {
        let rest = name.strip_prefix(kebab(word).as_str());
        !word.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let family =
        FAMILIES.iter().find_map(|(prefix, field)| Some((name.strip_prefix(prefix)?, value(*field))));
    // A packet that closes is of the family's name, and has a code of its own.
    said[..5].iter().any(begins) && family.is_none_or(|(rest, word)| word.is_empty() || rest == kebab(word))
}

/// `CloseAck` and `CLOSE-ACK` as the vectors spell it: `close-ack`.
fn kebab(word: &str) -> String {
    let is_shouted = !word.contains(char::is_lowercase);
    let begins_word = |letter: char| (letter.is_uppercase() && !is_shouted).then_some('-');
    let spelled = word.chars().flat_map(|it| begins_word(it).into_iter().chain(it.to_lowercase()));
    spelled.collect::<String>().trim_start_matches('-').to_owned()
}

/// The fields that a vector's name tells; it begins with the value of one of the first five.
const FIELDS: [&str; 10] = [
    "oxo.kind",
    "oxo.command",
    "oxo.event",
    "oxo.close",
    "oxo.packet",
    "oxo.reject",
    "oxo.unseating",
    "oxo.offer.kind",
    "oxo.claim",
    "oxo.seat",
];

/// The vectors whose names end with the value of a field, by their beginnings.
const FAMILIES: [(&str, &str); 6] = [
    ("rejected-", "oxo.reject"),
    ("close-", "oxo.close"),
    ("unseated-", "oxo.unseating"),
    ("offer-", "oxo.offer.kind"),
    ("claim-", "oxo.claim"),
    ("seated-", "oxo.seat"),
];

/// Filters that find golden vectors.
const FILTERS: &str = include_str!("wireshark/filters.txt");

/// Ends of some lines in the list of packets.
const LINES: [&str; 7] = [
    "Hello ana",
    "Play 1: b2 as ply 0",
    "Play 251: s19 as ply 360",
    "Snapshot match 3, 0 moves, Waiting",
    "Snapshot match 3, 5 moves, Over: OnBoard",
    "Rejected Play: NotYourTurn",
    "Close: ShuttingDown",
];

/// A room whose host is away for 2,000 ms, on purpose, and wants a rematch. A dissector takes it, though no server sends
/// it; the vectors show this of guests alone.
const HOST_AWAY: &str = "snapshot-host-away 0101fbe803074b4954452d343203000001030303000101010103616e6102fbd0070101fb3075\
    010362656e000001fb2c010200000000000000010100";

/// The first bytes of both ends of a TCP connection.
const PREFACE: &[u8] = &[0x8f, b'O', b'X', b'O', 0, 3, 0, 3];

/// The port that the dissector knows, and one that it has to recognise.
const OUR_PORT: u16 = 1952;
const OTHER_PORT: u16 = 4711;

/// The number of the first message over UDP, above those in the vectors of packets.
const FIRST: u32 = 101;

/// Bytes at which something changes: variants end below 9, and longer numbers begin with 251.
const TELLING: [u8; 4] = [0, 9, 251, 255];

/// Bytes of a packet that become others.
const LONGEST_MUTATED: usize = 50;

/// Bytes of a segment: it ends anywhere in a frame.
const SEGMENT: usize = 89;

/// Seconds that tshark may take for one capture: the longest takes ten, unless the dissector does not end.
const TIMEOUT: &str = "120";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_spelled_as_the_vectors_are() {
        for (word, spelled) in
            [("CloseReason", "close-reason"), ("CLOSE-ACK", "close-ack"), ("HELLO", "hello")]
        {
            assert_eq!(kebab(word), spelled);
        }
    }

    #[track_caller]
    fn check_called(name: &str, values: &[(&str, &str)], expected: bool) {
        let value = |field| values.iter().find(|(it, _)| *it == field).map_or("", |(_, value)| value);
        let said = FIELDS.map(|field| value(field).to_owned());
        assert_eq!(is_called(name, &said), expected, "{name}");
    }

    #[test]
    fn a_vector_is_called_what_it_says() {
        check_called("play-late", &[("oxo.kind", "Command"), ("oxo.command", "Play")], true);
        check_called("play-late", &[("oxo.kind", "Command"), ("oxo.command", "Leave")], false);
        let paused = [("oxo.kind", "Event"), ("oxo.event", "Rejected"), ("oxo.reject", "Paused")];
        check_called("rejected-paused", &paused, true);
        check_called("rejected-not-owner", &paused, false);
        check_called("packet-close-ack", &[("oxo.packet", "CLOSE-ACK")], true);
    }

    #[test]
    fn a_packet_is_filled_up() {
        let hello = vector("packet-hello  50 8f4f …", CLIENT).unwrap();
        assert_eq!((hello.name.as_str(), hello.bytes.len()), ("packet-hello", 1200));
        assert_eq!(hello.bytes[..4], [0x50, 0x8f, 0x4f, 0]);
    }

    #[test]
    fn a_mutant_is_cut_or_has_one_other_byte() {
        let mutants = mutants(&vector("ping 0301", SERVER).unwrap());
        let bytes: Vec<_> = mutants.iter().map(|mutant| mutant.bytes.as_slice()).collect();
        assert_eq!(bytes.len(), 2 * (1 + TELLING.len()));
        assert_eq!(bytes[..3], [&[3][..], &[0, 1], &[9, 1]]);
        assert_eq!(bytes[5..7], [&[3][..], &[3, 0]]);
    }
}
