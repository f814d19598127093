//! The options of `oxo lab`: the opponent, and the conditions of the link.

use std::time::Duration;

use clap::Args as ClapArgs;
use net::{
    proto::Visibility,
    sim::{Chance, LinkConfig, Loss},
};
use tui_client::{
    config::Transports,
    goal::Goal,
    model::Model,
    update::Start,
    xray::{Knob, LONGEST, LinkDial},
};

use super::{target::TargetArgs, terms::TermsArgs};
use crate::list::FoundPlace;

/// The word for the opponent that is always there.
const BOT: &str = "bot";

#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct LabArgs {
    #[command(flatten)]
    pub(super) target: TargetArgs,
    #[command(flatten)]
    terms: Option<TermsArgs>,
    /// Share of packets that are lost, each way, such as 20%
    #[arg(long, value_name = "CHANCE", default_value_t)]
    loss: Chance,
    /// Delay of each packet, such as 30ms: half a round trip
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "0ms")]
    delay: Duration,
    /// Longest addition to the delay, a random part of it for each packet
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "0ms")]
    jitter: Duration,
    /// Let packets that are delayed less overtake others
    #[arg(long)]
    reorder: bool,
    /// Share of packets that arrive twice
    #[arg(long, value_name = "CHANCE", default_value_t)]
    duplicate: Chance,
    /// Share of packets that arrive with one bit flipped, and are dropped
    #[arg(long, value_name = "CHANCE", default_value_t)]
    damage: Chance,
    /// The seed of the chances and of the bot; the same seed draws the same
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl LabArgs {
    /// Opens the X-ray with its dial. Returns the start of the game.
    ///
    /// # Errors
    ///
    /// A sentence about a place that makes no sense.
    pub(super) fn start(
        &self,
        model: &mut Model,
        random_seed: u64,
        found: Option<FoundPlace>,
    ) -> Result<Start, String> {
        let seed = self.seed.unwrap_or(random_seed);
        let config = LinkConfig {
            delay: self.delay,
            jitter: self.jitter,
            reorders: self.reorder,
            loss: if self.loss == Chance::default() { Loss::Never } else { Loss::Independent(self.loss) },
            duplicates: self.duplicate,
            corruption: self.damage,
            ..LinkConfig::default()
        };
        if self.target.transport == Some(Transports::Tcp) && config != LinkConfig::default() {
            return Err("over TCP the link is as it is: a bad one is made over UDP".into());
        }
        let is_against_bot = self.target.typed().is_none_or(|place| place == BOT);
        model.xray.dial = Some(LinkDial { config, knob: Knob::default(), seed, is_against_bot });
        // By lines alone there is nothing to open: `link` tells of it.
        model.xray.is_open = !model.config.plain;
        model.bot_seed = seed;
        let terms = self.terms.map(TermsArgs::terms);
        model.new_game.terms = terms.unwrap_or_default();
        // The dial turns UDP alone.
        model.config.transport = self.target.transport.unwrap_or(Transports::Udp);
        if !is_against_bot {
            model.quick_terms = terms;
            return self.target.start(model, found, false);
        }
        // Nobody else is meant.
        model.new_game.visibility = Visibility::Hidden;
        model.config.listen = Some("127.0.0.1:0".parse().map_err(|error| format!("{error}"))?);
        (model.config.announce, model.config.web) = (false, false);
        Ok(Start::Connect(Goal::Host))
    }
}

/// A time in milliseconds or seconds, up to [`LONGEST`].
fn parse_time(text: &str) -> Result<Duration, String> {
    let number = |digits: &str| digits.parse().ok();
    let millis = text.strip_suffix("ms").and_then(number);
    let millis =
        millis.or_else(|| number(text.strip_suffix('s')?).and_then(|seconds: u64| seconds.checked_mul(1000)));
    let time = millis.map(Duration::from_millis).filter(|time| *time <= LONGEST);
    time.ok_or_else(|| "a time is from 0ms to 1s, such as 30ms".to_owned())
}
