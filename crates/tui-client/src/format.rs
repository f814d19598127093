//! Times, choices and parts of files as text.

use std::time::Duration;

use clap::ValueEnum;
use jiff::{Timestamp, tz::TimeZone};

/// A time as `m:ss`, rounded down.
pub fn clock(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

/// A time that runs down as `m:ss`, rounded up: 0:00 means that it is over.
pub fn countdown(time: Duration) -> String {
    let up = u64::from(time.subsec_nanos() > 0);
    clock(Duration::from_secs(time.as_secs() + up))
}

/// A round-trip time: `2 ms`, `<1 ms`.
pub fn milliseconds(rtt: Duration) -> String {
    match rtt.as_millis() {
        0 => "<1 ms".into(),
        millis => format!("{millis} ms"),
    }
}

/// A time of the network: `31.2 ms`, and below ten `0.12 ms`.
pub(crate) fn exact(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1e3;
    if millis < 10.0 { format!("{millis:.2} ms") } else { format!("{millis:.1} ms") }
}

/// A time that was measured: `2.1 ms`.
pub fn tenths(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// A number of things: `1 win`, `3 wins`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// A part of a file that can be shown: it cannot move a cursor, reorder a line, or fill a screen.
pub(crate) fn escaped(text: &str, most: usize) -> String {
    let escaped: String = text.chars().take(most).flat_map(char::escape_debug).collect();
    // A quotation mark is harmless.
    escaped.replace("\\\"", "\"").replace("\\'", "'")
}

/// The time that a move took: `0.9 s`, and from a minute on `1:05`.
pub(crate) fn took(time: Duration) -> String {
    if time.as_secs() < 60 { format!("{:.1} s", time.as_secs_f32()) } else { clock(time) }
}

/// A day of the player's calendar, `2026-11-23`, from seconds since 1970.
pub(crate) fn date(seconds: u64, zone: &TimeZone) -> String {
    strftime(seconds, zone, "%Y-%m-%d")
}

/// A minute of the player's calendar, `2026-11-23 10:42`.
pub(crate) fn date_and_time(seconds: u64, zone: &TimeZone) -> String {
    strftime(seconds, zone, "%Y-%m-%d %H:%M")
}

/// A time that no calendar has, from a damaged file, is the first one that there is.
fn strftime(seconds: u64, zone: &TimeZone, format: &str) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    zone.to_datetime(time.unwrap_or(Timestamp::UNIX_EPOCH)).strftime(format).to_string()
}

/// A choice by its name in files and on the command line.
pub(crate) fn word(choice: &impl ValueEnum) -> String {
    choice.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_is_over_only_at_its_end() {
        for (millis, shown) in
            [(0, "0:00"), (1, "0:01"), (1_000, "0:01"), (25_001, "0:26"), (600_000, "10:00")]
        {
            assert_eq!(countdown(Duration::from_millis(millis)), shown);
        }
    }
}
