//! The golden vectors of messages and of packets, and what the dissector has to call them.

use std::fs;

use anyhow::{Context as _, ensure};

use super::pcap::Side;

/// One line of a file of golden vectors.
#[derive(Debug)]
pub(super) struct Vector {
    pub(super) name: String,
    pub(super) from: Side,
    pub(super) bytes: Vec<u8>,
}

/// Reads the messages, and adds [`HOST_AWAY`].
///
/// # Errors
///
/// Names the file or the line that cannot be read.
pub(super) fn messages() -> anyhow::Result<Vec<Vector>> {
    let text = read("crates/net/tests/it/golden.txt")?;
    let mut from = Side::Client;
    let mut vectors = Vec::new();
    for line in text.lines() {
        if line.starts_with("# From a server") {
            from = Side::Server;
        }
        vectors.extend(vector(line, from)?);
    }
    vectors.extend(vector(HOST_AWAY, Side::Server)?);
    ensure!(vectors.len() > 100, "only {} golden vectors of messages", vectors.len());
    Ok(vectors)
}

/// Reads the packets. Only a HELLO tells that a client has sent it; the others are shown as a server's.
///
/// # Errors
///
/// Names the file or the line that cannot be read.
pub(super) fn packets() -> anyhow::Result<Vec<Vector>> {
    let text = read("crates/net/tests/it/packets.txt")?;
    let mut vectors = Vec::new();
    for line in text.lines() {
        let from = if line.starts_with("packet-hello") { Side::Client } else { Side::Server };
        vectors.extend(vector(line, from)?);
    }
    ensure!(vectors.len() > 10, "only {} golden vectors of packets", vectors.len());
    Ok(vectors)
}

/// What the dissector says of a message or a packet, for each of [`FIELDS`].
pub(super) type Said = [String; FIELDS.len()];

/// The fields that have the name of a vector in them.
pub(super) const FIELDS: [&str; 10] = [
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

/// The vectors whose names end with the value of a field, by what they begin with.
const FAMILIES: [(&str, &str); 6] = [
    ("rejected-", "oxo.reject"),
    ("close-", "oxo.close"),
    ("unseated-", "oxo.unseating"),
    ("offer-", "oxo.offer.kind"),
    ("claim-", "oxo.claim"),
    ("seated-", "oxo.seat"),
];

/// The vector that shows a command rather than why it is rejected.
const REJECTED_COMMAND: (&str, &str) = ("rejected-stop-browsing", "StopBrowsing");

/// Whether what the dissector says is what the vector is called.
pub(super) fn is_called(name: &str, said: &Said) -> bool {
    let value = |field| {
        let said = FIELDS.iter().zip(said).find(|(it, _)| **it == field);
        said.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let name = name.strip_prefix("packet-").unwrap_or(name);
    if name == REJECTED_COMMAND.0 {
        return value("oxo.command") == REJECTED_COMMAND.1;
    }
    let begins_with = |word: &String| {
        let rest = name.strip_prefix(kebab(word).as_str());
        !word.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let family = FAMILIES.iter().find_map(|(prefix, field)| Some((name.strip_prefix(prefix)?, value(field))));
    // A packet that closes is of the family's name, and has a code of its own.
    let ends_with = family.is_none_or(|(rest, word)| word.is_empty() || rest == kebab(word));
    said[..5].iter().any(begins_with) && ends_with
}

fn read(path: &str) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {path}"))
}

/// The vector of a line: a name, and digits between which there are spaces; `…` stands for zeros up to 1,200 bytes.
fn vector(line: &str, from: Side) -> anyhow::Result<Option<Vector>> {
    if line.starts_with('#') || line.is_empty() {
        return Ok(None);
    }
    let (name, digits) = line.split_once(' ').with_context(|| format!("no vector: {line}"))?;
    let is_filled = digits.ends_with('…');
    let digits: Vec<char> = digits.chars().filter(char::is_ascii_hexdigit).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16);
    let mut bytes = digits
        .chunks(2)
        .map(byte)
        .collect::<Result<Vec<_>, _>>()
        .with_context(|| format!("no hex: {line}"))?;
    if is_filled {
        bytes.resize(MAX_DATAGRAM, 0);
    }
    Ok(Some(Vector { name: name.to_owned(), from, bytes }))
}

/// `CloseAck` and `CLOSE-ACK` as the vectors spell it: `close-ack`.
fn kebab(word: &str) -> String {
    let mut spelled = String::new();
    let mut was_lower = false;
    for letter in word.chars() {
        if letter.is_uppercase() && was_lower {
            spelled.push('-');
        }
        was_lower = letter.is_lowercase();
        spelled.extend(letter.to_lowercase());
    }
    spelled
}

/// A room whose host is away for 2,000 ms, on purpose, and wants a rematch. A dissector takes it, though no server says
/// it; the vectors say such things of guests alone.
const HOST_AWAY: &str = "snapshot-host-away 0101fbe803074b4954452d343203000001030303000101010103616e6102fbd0070101fb3075\
    010362656e000001fb2c010200000000000000010100";

/// Bytes of a packet that is filled up.
const MAX_DATAGRAM: usize = 1200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_spelled_as_the_vectors_are() {
        for (word, spelled) in
            [("CloseReason", "close-reason"), ("CLOSE-ACK", "close-ack"), ("Hello", "hello")]
        {
            assert_eq!(kebab(word), spelled);
        }
    }

    #[track_caller]
    fn check_called(name: &str, values: &[(&str, &str)], expected: bool) {
        let said = FIELDS.map(|field| {
            let value = values.iter().find(|(it, _)| *it == field);
            value.map(|(_, value)| (*value).to_owned()).unwrap_or_default()
        });
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
        let hello = vector("packet-hello  50 8f4f …", Side::Client).unwrap().unwrap();
        assert_eq!((hello.name.as_str(), hello.bytes.len()), ("packet-hello", MAX_DATAGRAM));
        assert_eq!(hello.bytes[..4], [0x50, 0x8f, 0x4f, 0]);
    }
}
