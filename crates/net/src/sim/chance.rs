//! Probabilities.

use std::{fmt, str::FromStr};

use game_core::SplitMix64;
use thiserror::Error;

/// A probability, in hundredths of a percent. The default is 0.
///
/// Written in percent: `5%`, `0.25%`. The sign is optional when parsing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chance(u16);

/// The error for a text that is no probability.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a chance is from 0% to 100%, with at most two decimals")]
pub struct ParseChanceError;

impl Chance {
    /// Certainty.
    pub const ALWAYS: Self = Self(WHOLE);

    /// A chance of `percent` in a hundred; more than 100 is certainty.
    pub const fn percent(percent: u8) -> Self {
        Self(if percent < 100 { percent as u16 * PERCENT } else { WHOLE })
    }

    /// Draws once.
    pub fn occurs(self, rng: &mut SplitMix64) -> bool {
        rng.below(WHOLE.into()) < self.0.into()
    }
}

impl FromStr for Chance {
    type Err = ParseChanceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.strip_suffix('%').unwrap_or(text);
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        if decimals.len() > 2 {
            return Err(ParseChanceError);
        }
        let number = |digits: &str| {
            let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| digits.parse::<u16>().ok()).flatten().ok_or(ParseChanceError)
        };
        let hundredths = number(whole)?
            .checked_mul(PERCENT)
            .and_then(|hundredths| hundredths.checked_add(number(&format!("{decimals:0<2}")).ok()?));
        hundredths.filter(|hundredths| *hundredths <= WHOLE).map(Self).ok_or(ParseChanceError)
    }
}

impl fmt::Display for Chance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, decimals) = (self.0 / PERCENT, self.0 % PERCENT);
        match decimals {
            0 => write!(formatter, "{whole}%"),
            _ => write!(formatter, "{whole}.{decimals:02}%"),
        }
    }
}

/// One percent, in our unit.
const PERCENT: u16 = 100;

/// Certainty, in our unit.
const WHOLE: u16 = 100 * PERCENT;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_typed_and_shown_in_percent() {
        for (typed, shown) in
            [("5%", "5%"), ("20", "20%"), ("0.25", "0.25%"), ("2.5%", "2.50%"), ("0", "0%"), ("100%", "100%")]
        {
            assert_eq!(typed.parse::<Chance>().unwrap().to_string(), shown);
        }
        for typed in ["", "%", "-1", "+1", "101", "100.01", "1.234", "x", "1.x", "99999999"] {
            assert_eq!(typed.parse::<Chance>(), Err(ParseChanceError), "{typed}");
        }
    }

    #[test]
    fn never_and_always_are_meant() {
        let mut rng = SplitMix64::new(1);
        assert!((0..1000).all(|_| !Chance::default().occurs(&mut rng)));
        assert!((0..1000).all(|_| Chance::ALWAYS.occurs(&mut rng)));
        assert_eq!(Chance::percent(200), Chance::ALWAYS);
    }
}
