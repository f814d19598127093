//! The recorder, which makes a picture of datagrams.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    decoded::{Way, decode},
    picture::{Conditions, Fate, Kind, MAX_ROUND_TRIPS, MAX_TRACED, Picture, Tally, Traced},
};
use crate::arq::{Data, MAX_DELAY, Packet, PacketAcks, Seen, Seq, Vitals};

/// Records the datagrams of a client's session.
#[derive(Debug)]
pub struct Recorder {
    begun_at: Instant,
    /// The oldest first.
    packets: VecDeque<Traced>,
    /// The oldest first.
    round_trips: VecDeque<Duration>,
    tally: Tally,
    /// The first message that was never sent.
    unsent: Seq,
    /// The messages that have arrived.
    arrived: Seen,
    /// The largest packet that has arrived.
    newest_in: Option<Seq>,
    /// The newest acknowledgement.
    acks: PacketAcks,
    newest: Option<(Way, Vec<u8>)>,
}

impl Recorder {
    /// Begins to record a session in the state of `vitals`.
    pub fn new(now: Instant, vitals: &Vitals) -> Self {
        let arrived = Seen { largest: Seq::new(vitals.inbound.next.get() - 1), bits: u32::MAX };
        Self {
            begun_at: now,
            packets: VecDeque::with_capacity(MAX_TRACED),
            round_trips: VecDeque::with_capacity(MAX_ROUND_TRIPS),
            tally: Tally::default(),
            unsent: vitals.outbound.next,
            arrived,
            newest_in: None,
            acks: PacketAcks::default(),
            newest: None,
        }
    }

    /// Records a datagram that the session has sent. An early copy is one for its session's timer, not for its bytes.
    pub fn sent(&mut self, now: Instant, datagram: &[u8], is_early: bool) {
        let (number, kind) = match Packet::decode(datagram) {
            Ok(Packet::Data(data)) => (Some(data.number), self.kind_sent(&data, is_early)),
            Ok(packet) => (None, Kind::Control(packet.name())),
            Err(_) => (None, Kind::Dropped),
        };
        self.tally.sent += 1;
        self.tally.copies += u64::from(matches!(kind, Kind::SentAgain | Kind::EarlyCopy));
        self.tally.early_copies += u64::from(kind == Kind::EarlyCopy);
        self.note(now, Way::Out, (number, kind, Fate::Unknown), datagram.len());
        self.newest = Some((Way::Out, datagram.to_vec()));
    }

    /// Records a datagram that has arrived, and was taken in by the session or dropped.
    pub fn received(&mut self, now: Instant, datagram: &[u8], is_taken: bool) {
        let packet = Packet::decode(datagram).ok().filter(|_| is_taken);
        let (number, kind) = match packet {
            Some(Packet::Data(data)) => (Some(data.number), self.take_in(now, &data)),
            Some(packet) => (None, Kind::Control(packet.name())),
            None => (None, Kind::Dropped),
        };
        let count = if is_taken { &mut self.tally.received } else { &mut self.tally.dropped };
        *count += 1;
        self.note(now, Way::In, (number, kind, Fate::Arrived), datagram.len());
        self.newest = Some((Way::In, datagram.to_vec()));
        self.give_up(now);
    }

    /// The picture at this moment.
    pub fn picture(&mut self, now: Instant, vitals: Vitals, conditions: Option<Conditions>) -> Picture {
        self.give_up(now);
        Picture {
            age: self.age(now),
            packets: self.packets.iter().copied().collect(),
            round_trips: self.round_trips.iter().copied().collect(),
            tally: self.tally,
            vitals,
            conditions,
            newest: self.newest.as_ref().map(|(way, bytes)| decode(*way, bytes)),
        }
    }

    fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.begun_at)
    }

    fn kind_sent(&mut self, data: &Data<'_>, is_early: bool) -> Kind {
        match data.messages.iter().map(|(number, _)| number).max() {
            None if data.wants_ack => Kind::Question,
            None => Kind::Acknowledgement,
            Some(number) if number >= self.unsent => {
                self.unsent = number.next().unwrap_or(number);
                Kind::Messages
            }
            Some(_) if is_early => Kind::EarlyCopy,
            Some(_) => Kind::SentAgain,
        }
    }

    fn take_in(&mut self, now: Instant, data: &Data<'_>) -> Kind {
        self.count_missing(now, data.number);
        self.acknowledge(now, data.acks);
        let mut has_news = false;
        for (number, _) in data.messages.iter() {
            let is_new = self.arrived.note(number);
            has_news |= is_new;
            self.tally.duplicates += u64::from(!is_new);
        }
        match (data.messages.is_empty(), has_news) {
            (true, _) if data.wants_ack => Kind::Question,
            (true, _) => Kind::Acknowledgement,
            (false, true) => Kind::Messages,
            (false, false) => Kind::SentAgain,
        }
    }

    /// Notes the packets between the newest one and this one as missing, or no longer this one.
    fn count_missing(&mut self, now: Instant, number: Seq) {
        let newest = self.newest_in.replace(self.newest_in.map_or(number, |newest| newest.max(number)));
        let before = self.packets.len();
        self.packets.retain(|traced| !(traced.kind == Kind::Missing && traced.number == Some(number.get())));
        self.tally.missing -= u64::from(self.packets.len() < before);
        let first = newest.map_or_else(|| number.get(), |newest| newest.get() + 1);
        for missing in first.max(number.get().saturating_sub(u32::BITS))..number.get() {
            self.tally.missing += 1;
            self.note(now, Way::In, (Seq::new(missing), Kind::Missing, Fate::Lost), 0);
        }
    }

    /// Notes which packets have arrived there. The largest measures the round trip when it is acknowledged first.
    fn acknowledge(&mut self, now: Instant, acks: PacketAcks) {
        let age = self.age(now);
        let is_newest = acks.largest > self.acks.largest;
        for traced in self.packets.iter_mut().filter(|traced| traced.way == Way::Out) {
            let Some(number) = traced.number.and_then(Seq::new) else { continue };
            if matches!(traced.fate, Fate::Acknowledged(_)) || !acks.seen().contains(number) {
                continue;
            }
            let after = age.saturating_sub(traced.at);
            let is_sample = is_newest
                && acks.largest == Some(number)
                && traced.kind != Kind::Acknowledgement
                && acks.delay <= MAX_DELAY;
            if is_sample {
                push(&mut self.round_trips, after.saturating_sub(acks.delay), MAX_ROUND_TRIPS);
            }
            self.tally.lost -= u64::from(traced.fate == Fate::Lost);
            self.tally.acknowledged += 1;
            traced.fate = Fate::Acknowledged(after);
        }
        if is_newest || acks.largest == self.acks.largest {
            self.acks = acks;
        }
    }

    /// Tells the packets as lost that a newer acknowledgement passes over, once they are older than any round trip of late
    /// by an eighth (RFC 9002 section 6.1.2).
    fn give_up(&mut self, now: Instant) {
        let Some(largest) = self.acks.largest else { return };
        let age = self.age(now);
        let patience = self.round_trips.iter().max().copied().unwrap_or_default() * 9 / 8;
        for traced in &mut self.packets {
            let behind = traced.number.and_then(Seq::new).and_then(|number| largest.beyond(number));
            // Of the packets further back, an acknowledgement does not tell.
            let is_passed_over = behind.is_some_and(|behind| (1..=u32::BITS).contains(&behind));
            if traced.way == Way::Out
                && traced.fate == Fate::Unknown
                && is_passed_over
                && age.saturating_sub(traced.at) > patience
            {
                traced.fate = Fate::Lost;
                self.tally.lost += 1;
            }
        }
    }

    fn note(
        &mut self,
        now: Instant,
        way: Way,
        (number, kind, fate): (Option<Seq>, Kind, Fate),
        bytes: usize,
    ) {
        let traced = Traced { at: self.age(now), way, number: number.map(Seq::get), kind, fate, bytes };
        push(&mut self.packets, traced, MAX_TRACED);
    }
}

/// Appends an item, in place of the oldest one if there are `most`.
fn push<T>(items: &mut VecDeque<T>, item: T, most: usize) {
    if items.len() >= most {
        items.pop_front();
    }
    items.push_back(item);
}
