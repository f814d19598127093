//! The protocol document is held to the code: its quotations, its schema, and the bytes that it says are refused.
//!
//! A quotation is a comment `<!-- vector: NAME -->` and, behind it, a fenced block of hexadecimal digits. In
//! every block, `#` begins a remark that lasts to the end of its line.

mod schema;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use bytes::BytesMut;
use net::{
    arq::Packet,
    frame,
    proto::{
        BestOf, MAX_ADJOURNED, MAX_CHAT_COLUMNS, MAX_NAME_COLUMNS, MAX_PASSCODE_BYTES, Preface,
        ROOMS_PER_MESSAGE, SECRET_BYTES, Seconds,
    },
};
use serde_json::Value;

use self::schema::{Limit, LimitKind, Schema};
use crate::{Message, Side, golden, hex, packets, samples, unhex};

/// Vectors that the document quotes at least: one of each kind that a client has to understand.
const MIN_QUOTED: usize = 40;

/// Inputs that the document says are refused, at least.
const MIN_REFUSED: usize = 40;

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/PROTOCOL.md");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The one block of a document that is fenced as this language.
#[track_caller]
fn block<'a>(document: &'a str, language: &str) -> &'a str {
    let fence = format!("\n```{language}\n");
    let (_, rest) = document.split_once(&fence).unwrap_or_else(|| panic!("no block of {language}"));
    let (block, rest) = rest.split_once("\n```\n").expect("the block ends");
    assert!(!rest.contains(&fence), "two blocks of {language}");
    block
}

fn schema() -> Schema {
    Schema::parse(block(&document(), "schema"))
}

/// The quotations of a document: name and digits.
#[track_caller]
fn quotations(document: &str) -> Vec<(String, String)> {
    const MARKER: &str = "<!-- vector:";
    let mut quotations = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        let Some(marker) = line.trim().strip_prefix(MARKER) else { continue };
        let name = marker.strip_suffix("-->").unwrap_or_else(|| panic!("unfinished: {line}")).trim();
        let mut block = lines.by_ref().skip_while(|line| line.trim().is_empty());
        let fence = block.next().unwrap_or_default().trim();
        assert!(fence.starts_with("```"), "no fenced block behind the marker of {name}, but {fence:?}");
        let mut is_closed = false;
        let digits: String = lines
            .by_ref()
            .take_while(|line| {
                is_closed = line.trim() == "```";
                !is_closed
            })
            .map(|line| line.split('#').next().unwrap_or_default())
            .collect();
        assert!(is_closed, "the block of {name} is never closed");
        quotations.push((name.to_owned(), digits));
    }
    quotations
}

#[test]
fn every_vector_in_the_protocol_document_is_the_golden_one() {
    let mut golden = golden::vectors();
    for (name, bytes) in packets::vectors() {
        assert!(golden.insert(name, bytes).is_none(), "two vectors are called {name}");
    }
    let quotations = quotations(&document());
    for (name, digits) in &quotations {
        let bytes = golden.get(name.as_str()).unwrap_or_else(|| panic!("no golden vector is called {name}"));
        assert_eq!(hex(&unhex(digits)), hex(bytes), "docs/PROTOCOL.md, vector {name}");
    }
    assert!(quotations.len() >= MIN_QUOTED, "only {} vectors are quoted", quotations.len());
}

/// The document shows every kind of message as JSON, as the golden table has it.
#[test]
fn every_json_in_the_protocol_document_is_the_golden_one() {
    let golden: BTreeMap<&str, Value> = golden::lines()
        .into_iter()
        .map(|(name, (_, json))| (name, serde_json::from_str(json).unwrap()))
        .collect();
    let document = document();
    let (_, chapter) = document.split_once("\n## JSON over a WebSocket\n").expect("the chapter");
    let blocks: Vec<&str> = chapter.split("\n```json\n").skip(1).collect();
    let mut kinds = BTreeSet::new();
    for block in &blocks[..2] {
        let (block, _) = block.split_once("\n```\n").expect("the block ends");
        for message in serde_json::Deserializer::from_str(block).into_iter::<Value>() {
            let message = message.unwrap();
            assert!(golden.values().any(|known| *known == message), "no golden vector is {message}");
            kinds.insert(kind(&message));
        }
    }
    assert_eq!(kinds, golden.values().map(kind).collect());
}

/// The names of a message, and of the command or the event that it carries.
fn kind(message: &Value) -> (String, Option<String>) {
    let name = |value: &Value| value.get("type").map(|name| name.as_str().unwrap().to_owned());
    (name(message).unwrap(), message.get("value").and_then(name))
}

#[test]
fn a_quotation_is_a_marker_and_a_fenced_block() {
    let document =
        "text\n<!-- vector: pong -->\n\n```text\n02 # Pong\n07\n```\n<!-- vector: a -->\n```\n00\n```\n";
    let expected = [("pong", "02 07"), ("a", "00")].map(|(name, digits)| (name.to_owned(), unhex(digits)));
    let found: Vec<_> =
        quotations(document).into_iter().map(|(name, digits)| (name, unhex(&digits))).collect();
    assert_eq!(found, expected);
}

const fn root(side: Side) -> &'static str {
    match side {
        Side::Client => "ClientMessage",
        Side::Server => "ServerMessage",
    }
}

/// The golden vectors have every variant of every enum, so nothing is missing in the schema, and nothing is invented.
#[test]
fn the_schema_reads_every_message_and_names_every_variant() {
    let schema = schema();
    let mut seen = BTreeSet::new();
    for (name, message) in samples::all() {
        let reading = schema.read(root(message.side()), &message.encode());
        let written = format!("{message:?}");
        for (kind, variant) in &reading.variants {
            assert!(written.contains(variant.as_str()), "{name} has no {kind} {variant}, but is {written}");
        }
        seen.extend(reading.variants);
    }
    assert_eq!(seen, schema.variants().into_iter().collect());
    for (_, message, _) in samples::longest() {
        schema.read(root(message.side()), &message.encode());
    }
}

#[test]
fn what_exceeds_a_limit_of_the_schema_is_refused() {
    let schema = schema();
    for (name, message) in samples::all() {
        let bytes = message.encode();
        for limit in schema.read(root(message.side()), &bytes).limits {
            for replacement in beyond(&limit, &bytes) {
                let changed = [&bytes[..limit.start], &replacement, &bytes[limit.end..]].concat();
                let decoded = Message::decode(message.side(), &changed);
                assert!(decoded.is_err(), "{name}: {limit:?} is not held by {}", hex(&changed));
            }
        }
    }
}

/// The next values beyond a limit, in place of what stands there. What has no limit of its own has none beyond its type.
fn beyond(limit: &Limit, bytes: &[u8]) -> Vec<Vec<u8>> {
    let outside = [limit.range.start().checked_sub(1), limit.range.end().checked_add(1)];
    let outside = outside.into_iter().flatten();
    match limit.kind {
        LimitKind::U8 => outside.filter_map(|value| Some(vec![u8::try_from(value).ok()?])).collect(),
        LimitKind::Varint => outside
            .filter(|value| *value <= u16::MAX.into() && *limit.range.end() < u16::MAX.into())
            .map(varint)
            .collect(),
        LimitKind::Text => outside
            .map(|length| [varint(length), vec![b'x'; usize::try_from(length).unwrap()]].concat())
            .collect(),
        LimitKind::Sequence { element: 0 } => Vec::new(),
        LimitKind::Sequence { element } => {
            let count = limit.range.end() + 1;
            let first = limit.start + 1;
            let elements = bytes[first..first + element].repeat(usize::try_from(count).unwrap());
            vec![[varint(count), elements].concat()]
        }
    }
}

fn varint(value: u64) -> Vec<u8> {
    if let Ok(small @ 0..=250) = u8::try_from(value) {
        return vec![small];
    }
    let [low, high] = u16::try_from(value).unwrap().to_le_bytes();
    vec![251, low, high]
}

/// Together with the test before: the limits of the schema are neither too wide nor too narrow.
#[test]
fn the_limits_of_the_schema_are_those_of_the_code() {
    let schema = schema();
    let columns = |columns: usize| 4 * u64::try_from(columns).unwrap();
    assert_eq!(schema.limit("Name"), 1..=columns(MAX_NAME_COLUMNS));
    assert_eq!(schema.limit("ChatLine"), 1..=columns(MAX_CHAT_COLUMNS));
    assert_eq!(schema.limit("Passcode"), 1..=u64::try_from(MAX_PASSCODE_BYTES).unwrap());
    assert_eq!(schema.limit("BestOf"), 1..=BestOf::MAX.into());
    assert_eq!(schema.limit("Seconds"), 1..=Seconds::MAX.into());
    let text = document();
    let sides = format!("u8 {}..{}", game_core::MIN_SIDE, game_core::MAX_SIDE);
    for stated in [
        format!("[RoomLine; 0..{ROOMS_PER_MESSAGE}]"),
        format!("[AdjournedLine; 0..{MAX_ADJOURNED}]"),
        format!("[Cell; 0..{}]", game_core::MAX_CELLS),
        format!("bytes {SECRET_BYTES}"),
        format!("{{ columns: {sides}, rows: {sides}, in_row: {sides}, misere: bool }}"),
        format!("{{ column: u8 0..{0}, row: u8 0..{0} }}", game_core::MAX_SIDE - 1),
    ] {
        assert!(block(&text, "schema").contains(&stated), "the schema does not state {stated}");
    }
}

/// The first cells of the rows of the table behind a heading, without the head.
fn first_cells(document: &str, heading: &str) -> Vec<String> {
    let (_, rest) = document.split_once(&format!("\n{heading}\n")).expect("the heading");
    let table = rest.lines().skip_while(|line| !line.starts_with("| ---")).skip(1);
    let rows = table.map_while(|line| line.strip_prefix("| ")?.split_once(" |"));
    rows.map(|(cell, _)| cell.trim_matches('`').to_owned()).collect()
}

#[test]
fn every_command_reject_and_close_reason_has_its_row() {
    let document = document();
    let variants = schema().variants();
    let names = |kind: &str| -> Vec<String> {
        variants.iter().filter(|(of, _)| of == kind).map(|(_, name)| name.clone()).collect()
    };
    assert_eq!(first_cells(&document, "### Rejects by command"), names("CommandKind"));
    assert_eq!(first_cells(&document, "### Rejects"), names("Reject"));
    assert_eq!(first_cells(&document, "### End"), names("CloseReason"));
    let (_, by_command) = document.split_once("\n### Rejects by command\n").unwrap();
    let (by_command, _) = by_command.split_once("\n### ").unwrap();
    for reject in names("Reject") {
        assert!(by_command.contains(&format!("`{reject}`")), "{reject} comes for no command");
    }
}

#[test]
fn the_bytes_that_must_be_refused_are() {
    let document = document();
    let mut count = 0;
    for line in block(&document, "refused").lines() {
        let input = line.split('#').next().unwrap_or_default().trim();
        let (kind, digits) = input.split_once(' ').unwrap();
        let bytes = unhex(digits);
        let is_refused = match kind {
            "preface" => Preface::decode(bytes.try_into().unwrap()).is_none(),
            "frame" => frame::decode(&mut BytesMut::from(&bytes[..])).is_err(),
            "client" => Message::decode(Side::Client, &bytes).is_err(),
            "server" => Message::decode(Side::Server, &bytes).is_err(),
            "packet" => Packet::decode(&bytes).is_err(),
            other => panic!("what is a {other}?"),
        };
        assert!(is_refused, "taken: {line}");
        count += 1;
    }
    assert!(count >= MIN_REFUSED, "only {count} inputs");
}
