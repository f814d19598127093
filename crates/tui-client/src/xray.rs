//! The X-ray of the player's own link, and the dial by which `oxo lab` makes the link bad.

#[cfg(test)]
pub(crate) mod sample;

use std::time::Duration;

use net::{
    sim::{Chance, LinkConfig, Loss},
    xray::LinkPicture,
};

/// The X-ray as the player wants it, and what it last showed.
#[derive(Debug, Default)]
pub struct XRay {
    /// True if the player wants to see it.
    pub is_open: bool,
    /// True while the connection records: while it is open over a game on a server.
    pub is_recording: bool,
    /// The last sight of the link.
    pub sight: Sight,
    /// The dial, in `oxo lab`.
    pub dial: Option<LinkDial>,
}

/// The sight of a link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Sight {
    /// Nobody has looked yet.
    #[default]
    Unseen,
    /// The system tells nothing of it.
    Unknown,
    /// It looks like this.
    Seen(LinkPicture),
}

/// The part of it that a connection needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lens {
    /// True to record the packets, and to tell of them.
    pub is_open: bool,
    /// The conditions of the link, if they are set here, and the seed of its chances.
    pub conditions: Option<(LinkConfig, u64)>,
}

/// The dial: the conditions of the player's own link, each way.
#[derive(Debug, Clone)]
pub struct LinkDial {
    /// The conditions.
    pub config: LinkConfig,
    /// The knob that the keys turn.
    pub knob: Knob,
    /// The seed of the chances.
    pub seed: u64,
    /// True if the other player is the bot.
    pub is_against_bot: bool,
}

/// A knob of the dial. Its name has at most ten letters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "lowercase")]
pub enum Knob {
    /// The share of packets that are lost.
    #[default]
    Loss,
    /// The delay of each packet: half a round trip.
    Delay,
    /// The longest addition to the delay, a random part of it for each packet.
    Jitter,
    /// Packets that overtake others.
    Reordering,
    /// The share of packets that arrive twice.
    Duplicates,
    /// The share of packets that arrive with one bit flipped.
    Damage,
}

/// Said of a link of which the system tells nothing.
pub const UNKNOWN: &str = "The system tells nothing of this link: TCP_INFO is there on Linux.";

/// The shares that the keys choose from, in percent. More than half loses what a person would still call a link.
const SHARES: [u8; 8] = [0, 1, 2, 5, 10, 20, 30, 50];

/// The times that the keys choose from, in milliseconds: from a LAN to a satellite.
const TIMES: [u16; 8] = [0, 2, 5, 10, 30, 100, 250, 500];

/// The longest delay and the longest jitter that can be typed. Both together stay well within the time for a welcome.
pub const LONGEST: Duration = Duration::from_secs(1);

impl Knob {
    /// All knobs, in the order of the screen.
    pub const ALL: [Self; 6] =
        [Self::Loss, Self::Delay, Self::Jitter, Self::Reordering, Self::Duplicates, Self::Damage];
}

impl LinkDial {
    /// Chooses the next knob.
    pub const fn choose_next(&mut self) {
        self.knob = Knob::ALL[(self.knob as usize + 1) % Knob::ALL.len()];
    }

    /// Turns the chosen knob by one step.
    pub fn turn(&mut self, is_up: bool) {
        let shares = SHARES.map(Chance::percent);
        let times = TIMES.map(|millis| Duration::from_millis(millis.into()));
        let config = &mut self.config;
        match self.knob {
            Knob::Loss => config.loss = Loss::Independent(step(&shares, loss(config), is_up)),
            Knob::Delay => config.delay = step(&times, config.delay, is_up),
            Knob::Jitter => config.jitter = step(&times, config.jitter, is_up),
            Knob::Reordering => config.reorders = is_up,
            Knob::Duplicates => config.duplicates = step(&shares, config.duplicates, is_up),
            Knob::Damage => config.corruption = step(&shares, config.corruption, is_up),
        }
    }

    /// Makes the link perfect.
    pub fn reset(&mut self) {
        self.config = LinkConfig::default();
    }

    /// The value of a knob: `20%`, `30 ms`, `no`.
    pub fn value(&self, knob: Knob) -> String {
        let config = &self.config;
        match knob {
            Knob::Loss => loss(config).to_string(),
            Knob::Delay => format!("{} ms", config.delay.as_millis()),
            Knob::Jitter => format!("{} ms", config.jitter.as_millis()),
            // A packet overtakes another one only where some take longer.
            Knob::Reordering if config.reorders && config.jitter.is_zero() => "needs jitter".into(),
            Knob::Reordering => if config.reorders { "yes" } else { "no" }.into(),
            Knob::Duplicates => config.duplicates.to_string(),
            Knob::Damage => config.corruption.to_string(),
        }
    }

    /// The conditions and the seed, for a connection.
    pub fn conditions(&self) -> (LinkConfig, u64) {
        (self.config.clone(), self.seed)
    }
}

const fn loss(config: &LinkConfig) -> Chance {
    match config.loss {
        Loss::Independent(chance) => chance,
        // The dial sets no bursts.
        Loss::Never | Loss::Bursts { .. } => Chance::percent(0),
    }
}

/// The next step from a value, up or down; the value itself if there is none.
fn step<T: PartialOrd + Copy>(steps: &[T], value: T, is_up: bool) -> T {
    let next = if is_up {
        steps.iter().find(|step| **step > value)
    } else {
        steps.iter().rev().find(|step| **step < value)
    };
    next.copied().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dial() -> LinkDial {
        LinkDial { config: LinkConfig::default(), knob: Knob::Loss, seed: 1, is_against_bot: true }
    }

    #[test]
    fn every_knob_is_turned_up_and_down_to_its_ends() {
        let mut dial = dial();
        for (knob, most) in Knob::ALL.into_iter().zip(["50%", "500 ms", "500 ms", "yes", "50%", "50%"]) {
            assert_eq!(dial.knob, knob);
            let least = dial.value(knob);
            (0..9).for_each(|_| dial.turn(true));
            assert_eq!(dial.value(knob), most);
            if knob != Knob::Jitter {
                (0..9).for_each(|_| dial.turn(false));
                assert_eq!(dial.value(knob), least);
            }
            dial.choose_next();
        }
        assert_eq!(dial.knob, Knob::Loss);
        dial.reset();
        assert_eq!(dial.config, LinkConfig::default());
    }

    #[test]
    fn a_value_that_was_typed_goes_to_the_steps_around_it() {
        let mut dial = dial();
        for (is_up, expected) in [(true, "20%"), (false, "10%")] {
            dial.config.loss = Loss::Independent("12.5%".parse().unwrap());
            dial.turn(is_up);
            assert_eq!(dial.value(Knob::Loss), expected);
        }
    }

    #[test]
    fn reordering_says_that_it_needs_jitter() {
        let mut dial = dial();
        dial.config.reorders = true;
        assert_eq!(dial.value(Knob::Reordering), "needs jitter");
        dial.config.jitter = Duration::from_millis(5);
        assert_eq!(dial.value(Knob::Reordering), "yes");
    }
}
