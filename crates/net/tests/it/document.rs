//! The protocol document quotes the golden vectors, and quotes them as they are.
//!
//! A quotation is a comment `<!-- vector: NAME -->` and, behind it, a fenced block of hexadecimal digits. In
//! the block, `#` begins a remark that lasts to the end of its line.

use std::{fs, path::Path};

use crate::{golden, hex, packets, unhex};

/// Vectors that the document quotes at least: enough for a session from its hello to its end.
const MIN_QUOTED: usize = 16;

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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/PROTOCOL.md");
    let document = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut golden = golden::vectors();
    for (name, bytes) in packets::vectors() {
        assert!(golden.insert(name, bytes).is_none(), "two vectors are called {name}");
    }
    let quotations = quotations(&document);
    for (name, digits) in &quotations {
        let bytes = golden.get(name.as_str()).unwrap_or_else(|| panic!("no golden vector is called {name}"));
        assert_eq!(hex(&unhex(digits)), hex(bytes), "docs/PROTOCOL.md, vector {name}");
    }
    assert!(quotations.len() >= MIN_QUOTED, "only {} vectors are quoted", quotations.len());
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
