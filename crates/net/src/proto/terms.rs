//! The terms of a room: the rules, the length of the series, and the time for moves.

use std::{fmt, str::FromStr, time::Duration};

use derive_more::Display;
use game_core::Rules;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::typed::serde_by_notation;

/// The terms of a room. Two players' terms match if they are equal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The board, and what wins on it.
    pub rules: Rules,
    /// The length of a series; `None` goes on for as long as both players want.
    pub best_of: Option<BestOf>,
    /// The time for moves.
    pub time: TimeControl,
}

/// The length of a series. The player who wins more than half of that many matches wins the series; draws do not count.
///
/// # Invariants
///
/// Odd, from 1 to [`BestOf::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display)]
#[serde(try_from = "u8")]
pub struct BestOf(u8);

/// The error for a number that is no length of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a series is the best of an odd number of matches, from 1 to {}", BestOf::MAX)]
pub struct ParseBestOfError;

/// The time for moves. The server's clock alone decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display)]
#[serde(remote = "Self")]
pub enum TimeControl {
    /// No limit.
    #[default]
    #[display("off")]
    Off,
    /// A time for each move.
    PerMove(Seconds),
    /// A time for the whole match and an increment after each move (Fischer's clock).
    #[display("{initial}+{increment}s")]
    Fischer {
        /// The time at the beginning.
        initial: Seconds,
        /// Seconds added after each move.
        increment: u8,
    },
}

/// Seconds on a clock.
///
/// # Invariants
///
/// From 1 to [`Seconds::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16")]
pub struct Seconds(u16);

/// The error for a text that is no time control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a clock is `off`, a time for each move such as `30s`, or a time and an increment such as `5m+3s`")]
pub struct ParseTimeControlError;

impl BestOf {
    /// The longest series: longer than anybody plays in one sitting, and two digits on a screen.
    pub const MAX: u8 = 99;

    /// Makes a series of at most this many matches; `None` if there is no such series.
    pub const fn new(matches: u8) -> Option<Self> {
        if matches % 2 == 1 && matches <= Self::MAX { Some(Self(matches)) } else { None }
    }

    /// Returns the number of wins that decide the series.
    pub const fn wins_needed(self) -> u16 {
        self.0 as u16 / 2 + 1
    }
}

impl Seconds {
    /// The longest time, an hour: a match of this game is over long before.
    pub const MAX: u16 = 3_600;

    /// Makes a time of this many seconds; `None` for 0 and for more than an hour.
    pub const fn new(seconds: u16) -> Option<Self> {
        if seconds >= 1 && seconds <= Self::MAX { Some(Self(seconds)) } else { None }
    }

    /// Returns the number of seconds.
    pub const fn count(self) -> u16 {
        self.0
    }

    /// Returns the time as a duration.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}

impl TimeControl {
    /// Returns the time on a player's clock when a match begins; `None` without clocks.
    pub const fn initial(self) -> Option<Duration> {
        match self {
            Self::Off => None,
            Self::PerMove(time) | Self::Fischer { initial: time, .. } => Some(time.duration()),
        }
    }

    /// Returns the time on a player's clock after a move, given what the move left.
    pub const fn after_move(self, left: Duration) -> Duration {
        match self {
            Self::Off => left,
            Self::PerMove(time) => time.duration(),
            Self::Fischer { increment, .. } => left.saturating_add(Duration::from_secs(increment as u64)),
        }
    }
}

impl TryFrom<u8> for BestOf {
    type Error = ParseBestOfError;

    fn try_from(matches: u8) -> Result<Self, ParseBestOfError> {
        Self::new(matches).ok_or(ParseBestOfError)
    }
}

impl FromStr for BestOf {
    type Err = ParseBestOfError;

    fn from_str(text: &str) -> Result<Self, ParseBestOfError> {
        text.parse().ok().and_then(Self::new).ok_or(ParseBestOfError)
    }
}

impl TryFrom<u16> for Seconds {
    type Error = ParseTimeControlError;

    fn try_from(seconds: u16) -> Result<Self, ParseTimeControlError> {
        Self::new(seconds).ok_or(ParseTimeControlError)
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(60) {
            write!(formatter, "{}m", self.0 / 60)
        } else {
            write!(formatter, "{}s", self.0)
        }
    }
}

impl FromStr for TimeControl {
    type Err = ParseTimeControlError;

    fn from_str(text: &str) -> Result<Self, ParseTimeControlError> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let parsed = match text.split_once('+') {
            None => seconds(text).and_then(Seconds::new).map(Self::PerMove),
            Some((initial, increment)) => {
                let initial = seconds(initial).and_then(Seconds::new);
                let increment = seconds(increment).and_then(|seconds| u8::try_from(seconds).ok());
                initial.zip(increment).map(|(initial, increment)| Self::Fischer { initial, increment })
            }
        };
        parsed.ok_or(ParseTimeControlError)
    }
}

serde_by_notation!(TimeControl, Clone::clone);

/// Parses `90s` or `5m` as seconds.
fn seconds(text: &str) -> Option<u16> {
    if let Some(count) = text.strip_suffix('s') {
        return digits(count);
    }
    text.strip_suffix('m').and_then(digits).and_then(|minutes| minutes.checked_mul(60))
}

/// Parses a number without a sign.
fn digits(text: &str) -> Option<u16> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_read_as_it_is_written() {
        for text in ["off", "30s", "5m", "5m+3s", "90s+0s", "60m+255s", "1s"] {
            assert_eq!(text.parse::<TimeControl>().unwrap().to_string(), text);
        }
        for (text, means) in [("60s", "1m"), ("300s+3s", "5m+3s"), ("030s", "30s")] {
            assert_eq!(text.parse::<TimeControl>().unwrap().to_string(), means);
        }
        for bad in
            ["", "0s", "30", "s", "61m", "-5s", "+5s", "5m+", "5m+3", "5m+256s", "5m+3s+3s", "1h", "99999m"]
        {
            assert_eq!(bad.parse::<TimeControl>(), Err(ParseTimeControlError), "{bad:?}");
        }
    }

    #[test]
    fn a_series_is_odd_and_won_by_more_than_half() {
        for (text, wins) in [("1", 1), ("3", 2), ("5", 3), ("99", 50)] {
            assert_eq!(text.parse::<BestOf>().unwrap().wins_needed(), wins);
        }
        for bad in ["0", "2", "100", "101", "-1", "", "three"] {
            assert_eq!(bad.parse::<BestOf>(), Err(ParseBestOfError), "{bad:?}");
        }
    }

    #[test]
    fn a_move_renews_or_adds_to_the_clock() {
        let left = Duration::from_secs(7);
        for (clock, after) in [("off", 7), ("30s", 30), ("5m+3s", 10), ("5m+0s", 7)] {
            let clock: TimeControl = clock.parse().unwrap();
            assert_eq!(clock.after_move(left), Duration::from_secs(after), "{clock}");
        }
    }
}
