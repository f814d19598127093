//! A simulated bad network with a seed, and a clock that moves only on request, for tests of protocols and for people who
//! want to see one at work.
//!
//! A [`Link`] is one direction of a path. It takes packets, loses, delays, duplicates, damages and reorders them as its
//! [`LinkConfig`] says, and returns those that arrive. The same seed and the same calls give the same arrivals, so a
//! failing run can be replayed. `cargo xtask link` runs the same links in real time between two network namespaces, so
//! that the kernel's TCP meets exactly the network of the simulation.

mod chance;
mod clock;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use game_core::SplitMix64;

pub use self::{
    chance::{Chance, ParseChanceError},
    clock::Clock,
};

/// One direction of a path.
///
/// Follows the drain rule: after [`send`](Self::send), and when [`poll_timeout`](Self::poll_timeout) has come, call
/// [`poll`](Self::poll) until it returns `None`. The times passed in never decrease.
#[derive(Debug)]
pub struct Link {
    config: LinkConfig,
    rng: SplitMix64,
    /// The time of the first packet, from which outages are counted.
    begun_at: Option<Instant>,
    /// True while the burst model is in its bad state.
    is_bad: bool,
    is_cut: bool,
    /// By arrival, then in the order of sending.
    in_flight: BTreeMap<(Instant, u64), Delivery>,
    next_serial: u64,
    latest_arrival: Option<Instant>,
    counts: Counts,
}

/// The behaviour of a path in one direction. The default is a perfect path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkConfig {
    /// The delay of each packet: half a round trip.
    pub delay: Duration,
    /// The largest additional delay, drawn evenly for each packet.
    pub jitter: Duration,
    /// Lets a packet overtake another one. If not, it waits behind it.
    pub reorders: bool,
    /// The loss of packets.
    pub loss: Loss,
    /// The share of packets that arrive twice, the second time with a delay of its own.
    pub duplicates: Chance,
    /// The share of packets that arrive with one bit flipped.
    pub corruption: Chance,
    /// Bytes of the largest packet that passes; larger ones are lost. `None` means no limit.
    pub mtu: Option<usize>,
    /// Recurring failures of the whole path.
    pub outage: Option<Outage>,
}

/// The loss model of a path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Loss {
    /// None.
    #[default]
    Never,
    /// Each packet with the same chance, independently.
    Independent(Chance),
    /// Loss in bursts, after Gilbert (1960) and Elliott (1963): the path is good or bad, may change before each packet,
    /// and loses packets only while it is bad.
    Bursts {
        /// The chance of becoming bad. Its inverse is the mean number of packets between bursts.
        begin: Chance,
        /// The chance of becoming good again. Its inverse is the mean length of a burst in packets.
        end: Chance,
        /// The chance that a packet is lost while the path is bad.
        loss: Chance,
    },
}

/// A recurring failure of the whole path, for `length`, first after `every` and then each `every`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// The time from the beginning of one outage to the beginning of the next; longer than `length`.
    pub every: Duration,
    /// The length of each outage.
    pub length: Duration,
    /// The fate of packets during an outage.
    pub kind: OutageKind,
}

/// The fate of packets that are sent during an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutageKind {
    /// They are lost.
    Blackout,
    /// They are held, and arrive in order afterwards, like Wi-Fi's own retransmissions.
    Stall,
}

/// A packet that arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The packet.
    pub packet: Bytes,
    /// True if the path has damaged the packet. UDP and TCP drop such a packet by its checksum.
    pub is_corrupt: bool,
}

/// Counters of a link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets that were sent.
    pub sent: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// Packets that never arrive, for whatever reason.
    pub lost: u64,
    /// Packets that arrive twice.
    pub duplicated: u64,
    /// Packets that arrive damaged.
    pub corrupted: u64,
}

impl Link {
    /// A path whose chances are drawn from `seed`.
    pub const fn new(config: LinkConfig, seed: u64) -> Self {
        Self {
            config,
            rng: SplitMix64::new(seed),
            begun_at: None,
            is_bad: false,
            is_cut: false,
            in_flight: BTreeMap::new(),
            next_serial: 0,
            latest_arrival: None,
            counts: Counts { sent: 0, sent_bytes: 0, lost: 0, duplicated: 0, corrupted: 0 },
        }
    }

    /// Sends a packet at one end.
    pub fn send(&mut self, now: Instant, packet: Bytes) {
        self.counts.sent += 1;
        self.counts.sent_bytes += u64::try_from(packet.len()).unwrap_or(u64::MAX);
        let begun_at = *self.begun_at.get_or_insert(now);
        let held_for = match self.outage(now.saturating_duration_since(begun_at)) {
            Some((OutageKind::Blackout, _)) => None,
            Some((OutageKind::Stall, rest)) => Some(rest),
            None => Some(Duration::ZERO),
        };
        let is_too_long = self.config.mtu.is_some_and(|mtu| packet.len() > mtu);
        let is_full = self.in_flight.len() >= MAX_IN_FLIGHT;
        // Drawn for every packet, so that one setting does not change the draws of another.
        let is_lost = self.draws_loss();
        let is_corrupt = self.config.corruption.occurs(&mut self.rng) && !packet.is_empty();
        let is_double = self.config.duplicates.occurs(&mut self.rng);
        let (Some(held_for), false) = (held_for, is_too_long || is_full || is_lost || self.is_cut) else {
            self.counts.lost += 1;
            return;
        };
        let packet = if is_corrupt { self.corrupt(&packet) } else { packet };
        let delivery = Delivery { packet, is_corrupt };
        let from = now + held_for;
        if is_double {
            self.counts.duplicated += 1;
            self.depart(from, delivery.clone());
        }
        self.depart(from, delivery);
    }

    /// Returns the next packet that has arrived at the other end.
    #[must_use]
    pub fn poll(&mut self, now: Instant) -> Option<Delivery> {
        let (arrival, _) = *self.in_flight.first_key_value()?.0;
        (arrival <= now).then(|| self.in_flight.pop_first().map(|(_, delivery)| delivery)).flatten()
    }

    /// The time at which the next packet arrives.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.in_flight.first_key_value().map(|((arrival, _), _)| *arrival)
    }

    /// Changes the behaviour of the path. Packets under way arrive as they would have.
    pub const fn set_config(&mut self, config: LinkConfig) {
        self.config = config;
    }

    /// Cuts the path, or joins it again. Packets under way still arrive.
    pub const fn set_cut(&mut self, is_cut: bool) {
        self.is_cut = is_cut;
    }

    /// Counters of a link.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Returns the outage `elapsed` after the first packet, and how long it still lasts.
    fn outage(&self, elapsed: Duration) -> Option<(OutageKind, Duration)> {
        let Outage { every, length, kind } = self.config.outage?;
        let into = Duration::from_nanos(
            u64::try_from(elapsed.as_nanos() % every.as_nanos().max(1)).expect("less than `every`"),
        );
        let rest = length.checked_sub(into).filter(|rest| !rest.is_zero() && elapsed >= every)?;
        Some((kind, rest))
    }

    fn draws_loss(&mut self) -> bool {
        match self.config.loss {
            Loss::Never => false,
            Loss::Independent(chance) => chance.occurs(&mut self.rng),
            Loss::Bursts { begin, end, loss } => {
                let change = if self.is_bad { end } else { begin };
                self.is_bad ^= change.occurs(&mut self.rng);
                let is_hit = loss.occurs(&mut self.rng);
                self.is_bad && is_hit
            }
        }
    }

    fn corrupt(&mut self, packet: &Bytes) -> Bytes {
        self.counts.corrupted += 1;
        let mut damaged = BytesMut::from(&packet[..]);
        let bits = u64::try_from(damaged.len() * 8).expect("a packet's bits can be counted");
        let bit = usize::try_from(self.rng.below(bits)).expect("a place in the packet");
        damaged[bit / 8] ^= 1 << (bit % 8);
        damaged.freeze()
    }

    fn depart(&mut self, from: Instant, delivery: Delivery) {
        let jitter = u64::try_from(self.config.jitter.as_nanos()).unwrap_or(u64::MAX - 1);
        let drawn = self.rng.below(jitter.saturating_add(1));
        let mut arrival = from + self.config.delay + Duration::from_nanos(drawn);
        if !self.config.reorders
            && let Some(latest) = self.latest_arrival
        {
            arrival = arrival.max(latest);
        }
        self.latest_arrival = Some(self.latest_arrival.map_or(arrival, |latest| latest.max(arrival)));
        self.in_flight.insert((arrival, self.next_serial), delivery);
        self.next_serial += 1;
    }
}

/// Maximum number of packets under way; more are lost, as in a router. A second of a flood, at 10,000 packets.
const MAX_IN_FLIGHT: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends `count` numbered packets a millisecond apart and returns the arrivals: when in microseconds, and which.
    fn arrivals(config: LinkConfig, seed: u64, count: u16) -> Vec<(u128, u16)> {
        let mut clock = Clock::new();
        let start = clock.now();
        let mut link = Link::new(config, seed);
        let mut arrivals = Vec::new();
        for number in 0..count {
            clock.advance_to(start + Duration::from_millis(number.into()));
            drain(&mut link, &clock, start, &mut arrivals);
            link.send(clock.now(), Bytes::copy_from_slice(&number.to_be_bytes()));
        }
        while let Some(next) = link.poll_timeout() {
            clock.advance_to(next);
            drain(&mut link, &clock, start, &mut arrivals);
        }
        arrivals
    }

    fn drain(link: &mut Link, clock: &Clock, start: Instant, arrivals: &mut Vec<(u128, u16)>) {
        while let Some(Delivery { packet, .. }) = link.poll(clock.now()) {
            let number = u16::from_be_bytes(packet[..].try_into().unwrap());
            arrivals.push(((clock.now() - start).as_micros(), number));
        }
    }

    fn count(config: LinkConfig) -> usize {
        arrivals(config, 7, 10_000).len()
    }

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_perfect_path_only_delays() {
        let config = LinkConfig { delay: 20 * MS, ..LinkConfig::default() };
        let expected: Vec<_> =
            (0..100_u16).map(|number| (u128::from(number) * 1000 + 20_000, number)).collect();
        assert_eq!(arrivals(config, 1, 100), expected);
    }

    #[test]
    fn the_same_seed_gives_the_same_arrivals_and_another_gives_others() {
        let config = LinkConfig {
            jitter: 5 * MS,
            reorders: true,
            loss: Loss::Independent(Chance::percent(10)),
            duplicates: Chance::percent(10),
            ..LinkConfig::default()
        };
        assert_eq!(arrivals(config.clone(), 1, 500), arrivals(config.clone(), 1, 500));
        assert_ne!(arrivals(config.clone(), 1, 500), arrivals(config, 2, 500));
    }

    #[test]
    fn losses_are_as_many_as_asked_for() {
        let independent = Loss::Independent(Chance::percent(20));
        let arrived = count(LinkConfig { loss: independent, ..LinkConfig::default() });
        assert!((7_800..8_200).contains(&arrived), "{arrived} of 10,000");
        // Bad for one packet in five, and nine in ten of those are lost.
        let bursts =
            Loss::Bursts { begin: Chance::percent(5), end: Chance::percent(20), loss: Chance::percent(90) };
        let arrived = count(LinkConfig { loss: bursts, ..LinkConfig::default() });
        assert!((7_700..8_700).contains(&arrived), "{arrived} of 10,000");
    }

    #[test]
    fn bursts_are_longer_than_independent_losses() {
        let longest_gap = |loss| {
            let arrived = arrivals(LinkConfig { loss, ..LinkConfig::default() }, 3, 10_000);
            arrived.windows(2).map(|pair| pair[1].1 - pair[0].1).max().unwrap()
        };
        let bursts =
            Loss::Bursts { begin: Chance::percent(2), end: Chance::percent(8), loss: Chance::ALWAYS };
        assert!(longest_gap(bursts) > 2 * longest_gap(Loss::Independent(Chance::percent(20))));
    }

    #[test]
    fn jitter_reorders_only_where_it_may() {
        let ordered = |reorders| {
            let config = LinkConfig { delay: MS, jitter: 10 * MS, reorders, ..LinkConfig::default() };
            arrivals(config, 5, 1_000).windows(2).all(|pair| pair[0].1 < pair[1].1)
        };
        assert!(ordered(false));
        assert!(!ordered(true));
    }

    #[test]
    fn duplicates_arrive_twice_and_damaged_packets_differ_by_a_bit() {
        let doubled = count(LinkConfig { duplicates: Chance::percent(30), ..LinkConfig::default() });
        assert!((12_700..13_300).contains(&doubled), "{doubled} of 10,000");

        let now = Clock::new().now();
        let mut link = Link::new(LinkConfig { corruption: Chance::ALWAYS, ..LinkConfig::default() }, 1);
        link.send(now, Bytes::from_static(&[0; 4]));
        let Delivery { packet, is_corrupt } = link.poll(now).unwrap();
        assert!(is_corrupt);
        assert_eq!(packet.iter().map(|byte| byte.count_ones()).sum::<u32>(), 1);
    }

    #[test]
    fn an_outage_loses_or_holds_and_then_releases_in_order() {
        let outage = |kind| Some(Outage { every: 100 * MS, length: 30 * MS, kind });
        let config = LinkConfig { outage: outage(OutageKind::Blackout), ..LinkConfig::default() };
        let numbers: Vec<_> = arrivals(config, 1, 200).into_iter().map(|(_, number)| number).collect();
        assert_eq!(numbers, (0..100).chain(130..200).collect::<Vec<_>>());

        let config = LinkConfig { outage: outage(OutageKind::Stall), ..LinkConfig::default() };
        let held = arrivals(config, 1, 200);
        assert_eq!(held.iter().map(|(_, number)| *number).collect::<Vec<_>>(), (0..200).collect::<Vec<_>>());
        assert!(held[100..130].iter().all(|(micros, _)| *micros == 130_000), "{held:?}");
    }

    #[test]
    fn what_is_too_long_or_meets_a_cut_is_lost() {
        let now = Clock::new().now();
        let mut link = Link::new(LinkConfig { mtu: Some(3), ..LinkConfig::default() }, 1);
        link.send(now, Bytes::from_static(b"1234"));
        link.send(now, Bytes::from_static(b"123"));
        link.set_cut(true);
        link.send(now, Bytes::from_static(b"12"));
        link.set_cut(false);
        assert_eq!(link.poll(now).map(|delivery| delivery.packet), Some(Bytes::from_static(b"123")));
        assert_eq!(link.poll(now), None);
        assert_eq!(link.counts(), Counts { sent: 3, sent_bytes: 9, lost: 2, ..Counts::default() });
    }

    #[test]
    fn a_flood_is_bounded() {
        let now = Clock::new().now();
        let mut link = Link::new(LinkConfig::default(), 1);
        for _ in 0..2 * MAX_IN_FLIGHT {
            link.send(now, Bytes::new());
        }
        assert_eq!(std::iter::from_fn(|| link.poll(now)).count(), MAX_IN_FLIGHT);
    }
}
