//! The options of a bad network.

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use humantime::parse_duration;
use net::sim::{Chance, LinkConfig, Loss, Outage, OutageKind};

/// The options that make a network bad. Without any it is perfect.
#[derive(Debug, clap::Args)]
pub(crate) struct Knobs {
    /// Delay of each packet, such as `1ms` or `500us`
    #[arg(long, value_parser = parse_duration, conflicts_with = "rtt")]
    delay: Option<Duration>,
    /// Round trip: twice the delay
    #[arg(long, value_parser = parse_duration)]
    rtt: Option<Duration>,
    /// Longest addition to the delay, a random part of it for each packet
    #[arg(long, value_name = "LONGEST", value_parser = parse_duration)]
    jitter: Option<Duration>,
    /// Packets that are delayed less overtake others
    #[arg(long)]
    reorder: bool,
    /// Share of packets that are lost, such as `10%`
    #[arg(long, value_name = "CHANCE", conflicts_with = "burst", value_parser = loss)]
    loss: Option<Loss>,
    /// Loss in bursts: the chances that one begins and ends before a packet, and of loss in it, such as `2%,20%,90%`
    #[arg(long, value_name = "BEGIN,END,LOSS", value_parser = burst)]
    burst: Option<Loss>,
    /// Share of packets that arrive twice
    #[arg(long, value_name = "CHANCE", default_value_t)]
    duplicate: Chance,
    /// Share of packets that arrive with one bit flipped
    #[arg(long, value_name = "CHANCE", default_value_t)]
    corrupt: Chance,
    /// Bytes of the longest packet that passes; longer ones are lost silently
    #[arg(long, value_name = "BYTES")]
    mtu: Option<usize>,
    /// The path is dead for LENGTH, over and over, such as `10s,2s`
    #[arg(long, value_name = "EVERY,LENGTH", conflicts_with = "stall", value_parser = outage(OutageKind::Blackout))]
    blackout: Option<Outage>,
    /// The path holds everything for LENGTH, over and over
    #[arg(long, value_name = "EVERY,LENGTH", value_parser = outage(OutageKind::Stall))]
    stall: Option<Outage>,
}

impl Knobs {
    /// The configuration of one direction.
    pub(crate) fn config(&self) -> LinkConfig {
        LinkConfig {
            delay: self.delay.or_else(|| self.rtt.map(|rtt| rtt / 2)).unwrap_or_default(),
            jitter: self.jitter.unwrap_or_default(),
            reorders: self.reorder,
            loss: self.loss.or(self.burst).unwrap_or(Loss::Never),
            duplicates: self.duplicate,
            corruption: self.corrupt,
            mtu: self.mtu,
            outage: self.blackout.or(self.stall),
        }
    }
}

/// Parses the chance of a loss that does not depend on others.
fn loss(text: &str) -> anyhow::Result<Loss> {
    Ok(Loss::Independent(text.parse()?))
}

/// Parses the chances of [`Loss::Bursts`].
fn burst(text: &str) -> anyhow::Result<Loss> {
    let chances: Vec<_> = text.split(',').collect();
    let [begin, end, loss] = chances[..] else {
        bail!("a burst has three chances: that it begins, that it ends, and that a packet in it is lost");
    };
    Ok(Loss::Bursts { begin: begin.parse()?, end: end.parse()?, loss: loss.parse()? })
}

/// Parses the times of an [`Outage`].
fn outage(kind: OutageKind) -> impl Fn(&str) -> anyhow::Result<Outage> + Clone {
    move |text| {
        let times = text.split_once(',');
        let (every, length) =
            times.context("an outage has two durations: how often it comes, and how long it is")?;
        let (every, length) = (parse_duration(every)?, parse_duration(length)?);
        ensure!(length < every, "an outage is over before the next one begins");
        Ok(Outage { every, length, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use clap::Parser;

    /// A command line, for tests.
    #[derive(Debug, Parser)]
    struct Typed {
        #[command(flatten)]
        knobs: Knobs,
    }

    /// Asserts what a line of options means.
    #[track_caller]
    fn check(typed: &str, expected: &LinkConfig) {
        let words = ["link"].into_iter().chain(typed.split_whitespace());
        let typed = Typed::try_parse_from(words).unwrap();
        assert_eq!(typed.knobs.config(), *expected);
    }

    /// Asserts that a line of options is refused, and in which words.
    #[track_caller]
    fn check_refused(typed: &str, expected: &str) {
        let words = ["link"].into_iter().chain(typed.split_whitespace());
        let error = Typed::try_parse_from(words).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn nothing_typed_is_a_perfect_network() {
        check("", &LinkConfig::default());
    }

    #[test]
    fn every_knob_of_the_simulator_can_be_typed() {
        let config = LinkConfig {
            delay: 20 * MS,
            jitter: Duration::from_micros(1500),
            reorders: true,
            loss: Loss::Independent(Chance::percent(10)),
            duplicates: Chance::percent(1),
            corruption: Chance::percent(2),
            mtu: Some(1200),
            outage: Some(Outage { every: 10_000 * MS, length: 2_000 * MS, kind: OutageKind::Blackout }),
        };
        check(
            "--rtt 40ms --jitter 1500us --reorder --loss 10% --duplicate 1 --corrupt 2% --mtu 1200 --blackout 10s,2s",
            &config,
        );
        let loss =
            Loss::Bursts { begin: Chance::percent(2), end: Chance::percent(20), loss: Chance::percent(90) };
        let outage = Some(Outage { every: 500 * MS, length: 80 * MS, kind: OutageKind::Stall });
        let config = LinkConfig { delay: MS, loss, outage, ..LinkConfig::default() };
        check("--delay 1ms --burst 2%,20%,90% --stall 500ms,80ms", &config);
    }

    #[test]
    fn what_means_nothing_is_refused_in_a_sentence() {
        check_refused("--delay 20", "time unit needed");
        check_refused("--blackout 1s,1s", "an outage is over before the next one begins");
        check_refused("--stall 1s", "an outage has two durations");
        check_refused("--burst 1%,2%", "a burst has three chances");
        check_refused("--burst 1%,2%,300%", "a chance is from 0% to 100%");
        check_refused("--loss 1% --burst 1%,2%,3%", "cannot be used with");
        check_refused("--delay 1ms --rtt 2ms", "cannot be used with");
    }
}
