//! A recording is an asciicast of version 3, and shows the replay.

use std::num::NonZero;

use ratatui::buffer::Cell;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::{history::tests::random_match, test_harness::start};

/// An event: the seconds since the one before, its code, its data.
type Event = (f64, String, String);

/// Reads a recording as its format has it: a header, and events of three elements.
fn parse(text: &str) -> (Value, Vec<Event>) {
    let mut lines = text.lines();
    let header: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(header["version"], 3);
    assert_eq!((header["term"]["cols"].as_u64(), header["term"]["rows"].as_u64()), (Some(80), Some(24)));
    assert!(header["timestamp"].is_u64() && header["title"].is_string());
    let event = |line: &str| {
        let event: (f64, String, String) = serde_json::from_str(line).unwrap();
        assert!(event.0 >= 0.0 && ["o", "m", "x"].contains(&event.1.as_str()), "{event:?}");
        event
    };
    (header, lines.map(event).collect())
}

/// The rows of a screen. A character of two columns is followed by a cell that shows nothing.
fn rows_of(screen: &Buffer) -> Vec<String> {
    let text = |row: &[Cell]| {
        let mut columns = row.iter();
        let mut text = String::new();
        while let Some(cell) = columns.next() {
            text.push_str(cell.symbol());
            let _covered: Vec<&Cell> = columns.by_ref().take(cell.symbol().width() - 1).collect();
        }
        text
    };
    screen.content.chunks(screen.area.width.into()).map(text).collect()
}

/// The text of a screen, without the spaces at the ends of its rows.
fn trimmed<'a>(rows: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    rows.map(str::trim_end).collect()
}

#[test]
fn every_recording_is_valid_and_ends_on_the_screen_of_the_end() {
    for seed in 0..60 {
        let kept = random_match(seed);
        let (_, events) = parse(&of(start(), &kept, &TimeZone::UTC));
        let shown = events.iter().filter(|(_, code, _)| code == "o").count();
        assert_eq!(shown, kept.moves.len() + 1, "seed {seed}: the empty board, and each move");
        assert_eq!(events.last().map(|(_, code, data)| (code.as_str(), data.as_str())), Some(("x", "0")));
        let [rows, columns] = [24, 80].map(|size| NonZero::new(size).unwrap());
        let mut player = vt100::Parser::new(rows, columns, 0);
        for (_, _, data) in events.iter().filter(|(_, code, _)| code == "o") {
            player.process(data.as_bytes());
        }
        let mut screen = Recorder::new(start(), &kept, &TimeZone::UTC);
        screen.frame(kept.moves.len());
        let expected = rows_of(&screen.shown);
        let (expected, played) = (trimmed(expected.iter().map(String::as_str)), player.screen().contents());
        let mut played = trimmed(played.lines());
        played.resize(24, "");
        assert_eq!(played, expected, "seed {seed}");
    }
}

#[test]
fn a_position_is_shown_for_about_as_long_as_its_move_took() {
    let kept = (0..1_000).map(random_match).find(|kept| kept.took_millis.contains(&Some(900))).unwrap();
    let (_, events) = parse(&of(start(), &kept, &TimeZone::UTC));
    let shown: Vec<f64> =
        events.iter().filter(|(_, code, _)| code == "o").map(|(after, ..)| *after).collect();
    for (took, after) in kept.took_millis.iter().zip(&shown[1..]) {
        let expected = match took {
            None => 0.7,
            Some(900) => 0.9,
            Some(_) => 3.0,
        };
        assert!((after - expected).abs() < 0.01, "{took:?} {after}");
    }
}

#[test]
fn a_mistake_is_a_marker_and_no_name_is_in_the_name_of_the_file() {
    let lost = (0..1_000)
        .map(random_match)
        .find(|kept| Replay::new(kept.clone()).analysis.next_mistake(0).is_some());
    let kept = lost.unwrap();
    let (_, events) = parse(&of(start(), &kept, &TimeZone::UTC));
    assert!(events.iter().any(|(_, code, data)| code == "m" && data.starts_with("It ")), "{events:?}");
    assert!(name(&kept, &TimeZone::UTC).bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
}
