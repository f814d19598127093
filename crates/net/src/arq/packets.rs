//! Packet numbers: which of our packets await an acknowledgement, which of the peer's have arrived, and when to
//! acknowledge them.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    packet::PacketAcks,
    seq::{Seen, Seq},
};

/// The packets that we have sent.
#[derive(Debug)]
pub(super) struct SentPackets {
    next: Seq,
    /// The packets whose acknowledgement is awaited, and when they were sent.
    awaited: VecDeque<(Seq, Instant)>,
}

/// The result of an acknowledgement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Acknowledged {
    /// True if it acknowledges a packet that wanted one.
    pub(super) is_answer: bool,
    /// The round trip that it measures, if any.
    pub(super) sample: Option<Sample>,
}

/// A measured round trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    /// The round trip without the delay.
    pub(super) rtt: Duration,
    /// The time for which the peer delayed the acknowledgement.
    pub(super) delay: Duration,
}

/// The packets that we have received, and the acknowledgements due for them.
#[derive(Debug)]
pub(super) struct ReceivedPackets {
    seen: Seen,
    /// The time at which the largest of them arrived.
    largest_at: Instant,
    /// The time at which an acknowledgement is due.
    due_at: Option<Instant>,
    /// The time of the last acknowledgement, with messages or without.
    told_at: Option<Instant>,
}

impl SentPackets {
    pub(super) const fn new(first: Seq) -> Self {
        Self { next: first, awaited: VecDeque::new() }
    }

    /// Takes the next number; `None` when they are used up.
    pub(super) fn take_number(&mut self) -> Option<Seq> {
        let after = self.next.next().filter(|after| *after < Seq::LAST)?;
        Some(std::mem::replace(&mut self.next, after))
    }

    /// Notes a packet that wants an acknowledgement.
    pub(super) fn await_ack(&mut self, now: Instant, number: Seq) {
        if self.awaited.len() >= MAX_AWAITED {
            self.awaited.pop_front();
        }
        self.awaited.push_back((number, now));
    }

    /// Returns whether an honest peer can have received these packets.
    pub(super) fn could_have_arrived(&self, acks: PacketAcks) -> bool {
        acks.largest.is_none_or(|largest| largest < self.next)
    }

    /// Handles an acknowledgement. It measures the round trip if the largest packet is newly acknowledged.
    pub(super) fn acknowledge(&mut self, now: Instant, acks: PacketAcks) -> Acknowledged {
        let Some(largest) = acks.largest else { return Acknowledged::default() };
        let newest = self.awaited.iter().find(|(number, _)| *number == largest);
        // An acknowledgement with a longer delay than any peer intends was lost once, and measures nothing.
        let sample = newest.filter(|_| acks.delay <= MAX_DELAY).map(|(_, sent_at)| Sample {
            rtt: now.saturating_duration_since(*sent_at).saturating_sub(acks.delay),
            delay: acks.delay,
        });
        let seen = acks.seen();
        let is_answer = self.awaited.iter().any(|(number, _)| seen.contains(*number));
        self.awaited.retain(|(number, _)| !seen.contains(*number) && number.beyond(largest).is_some());
        if self.awaited.is_empty() {
            // An idle session keeps no room.
            self.awaited = VecDeque::new();
        }
        Acknowledged { is_answer, sample }
    }
}

impl ReceivedPackets {
    pub(super) fn new(now: Instant) -> Self {
        Self { seen: Seen::default(), largest_at: now, due_at: None, told_at: None }
    }

    /// Notes a packet; returns `false` if it has arrived before.
    pub(super) fn note(&mut self, now: Instant, number: Seq) -> bool {
        if self.seen.largest.is_none_or(|largest| number > largest) {
            self.largest_at = now;
        }
        self.seen.note(number)
    }

    /// Notes that the peer wants an acknowledgement, which may wait for `delay`.
    pub(super) fn owe(&mut self, now: Instant, delay: Duration) {
        self.due_at.get_or_insert(now + delay);
    }

    /// Returns whether an acknowledgement is under way that answers a copy that arrives now: an early copy crosses it
    /// on every path that is longer than the early copy's delay. If it is lost, a later copy is answered.
    pub(super) fn has_just_told(&self, now: Instant, srtt: Option<Duration>) -> bool {
        let under_way = (srtt.unwrap_or_default() / 2).clamp(MIN_TOLD, MAX_TOLD);
        self.told_at.is_some_and(|told_at| now < told_at + under_way)
    }

    /// The time at which an acknowledgement is due, if one is.
    pub(super) const fn due_at(&self) -> Option<Instant> {
        self.due_at
    }

    /// Returns the acknowledgement for a packet that is sent now.
    pub(super) fn tell(&mut self, now: Instant) -> PacketAcks {
        self.due_at = None;
        self.told_at = Some(now);
        let Seen { largest, bits } = self.seen;
        let delay = largest.map_or(Duration::ZERO, |_| now.saturating_duration_since(self.largest_at));
        PacketAcks { largest, bits, delay }
    }
}

/// Maximum number of packets that await an acknowledgement: twice as many as one acknowledgement can name.
const MAX_AWAITED: usize = 64;

/// The longest delay that a peer may report: the default of RFC 9000 section 18.2.
pub(crate) const MAX_DELAY: Duration = Duration::from_millis(25);

/// The shortest and the longest time for which a copy is not acknowledged after an acknowledgement.
const MIN_TOLD: Duration = Duration::from_millis(2);
const MAX_TOLD: Duration = Duration::from_millis(25);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Clock;

    const MS: Duration = Duration::from_millis(1);

    fn acks(largest: u32, bits: u32, delay: Duration) -> PacketAcks {
        PacketAcks { largest: Seq::new(largest), bits, delay }
    }

    /// Sends packets a millisecond apart; the given ones want an acknowledgement.
    fn sent(count: u32, awaited: &[u32]) -> (SentPackets, Clock) {
        let mut clock = Clock::new();
        let mut packets = SentPackets::new(Seq::FIRST);
        for _ in 0..count {
            let number = packets.take_number().unwrap();
            if awaited.contains(&number.get()) {
                packets.await_ack(clock.now(), number);
            }
            clock.advance(MS);
        }
        (packets, clock)
    }

    #[test]
    fn the_largest_packet_measures_once_and_without_the_peers_delay() {
        let (mut packets, mut clock) = sent(3, &[1, 2, 3]);
        clock.advance(9 * MS);
        let told = packets.acknowledge(clock.now(), acks(3, 0b11, 4 * MS));
        let sample = Some(Sample { rtt: 6 * MS, delay: 4 * MS });
        assert_eq!(told, Acknowledged { is_answer: true, sample });
        assert_eq!(packets.acknowledge(clock.now(), acks(3, 0b11, 4 * MS)), Acknowledged::default());
    }

    #[test]
    fn a_largest_packet_that_wanted_none_answers_and_does_not_measure() {
        let (mut packets, clock) = sent(2, &[1]);
        let told = packets.acknowledge(clock.now(), acks(2, 1, Duration::ZERO));
        assert_eq!(told, Acknowledged { is_answer: true, sample: None });
    }

    #[test]
    fn a_delay_that_nobody_means_measures_nothing() {
        let (mut packets, clock) = sent(1, &[1]);
        let told = packets.acknowledge(clock.now(), acks(1, 0, MAX_DELAY + MS));
        assert_eq!(told, Acknowledged { is_answer: true, sample: None });
    }

    #[test]
    fn those_that_are_awaited_are_bounded() {
        let (packets, _) = sent(1000, &(1..=1000).collect::<Vec<_>>());
        assert_eq!(packets.awaited.len(), MAX_AWAITED);
        assert!(packets.could_have_arrived(acks(1000, 0, Duration::ZERO)));
        assert!(!packets.could_have_arrived(acks(1001, 0, Duration::ZERO)));
    }

    #[test]
    fn a_copy_that_crosses_an_acknowledgement_finds_it_under_way() {
        let mut clock = Clock::new();
        let mut packets = ReceivedPackets::new(clock.now());
        assert!(packets.note(clock.now(), Seq::FIRST));
        assert!(!packets.note(clock.now(), Seq::FIRST));
        packets.owe(clock.now(), MS);
        assert_eq!(packets.due_at(), Some(clock.now() + MS));
        assert!(!packets.has_just_told(clock.now(), Some(40 * MS)), "nothing was told yet");
        clock.advance(MS);
        assert_eq!(packets.tell(clock.now()), acks(1, 0, MS));
        clock.advance(19 * MS);
        assert!(packets.has_just_told(clock.now(), Some(40 * MS)));
        assert!(!packets.has_just_told(clock.now(), Some(2 * MS)));
        clock.advance(MS);
        assert!(!packets.has_just_told(clock.now(), Some(40 * MS)));
    }
}
