//! The messages that have arrived: in order for the reader, out of order until the gap is filled.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use super::{packet::MessageAcks, seq::Seq, vitals::Window};

/// The number of messages that a peer may send, counted from the first missing one: that one and the 32 beyond it for
/// which an acknowledgement has bits. Later ones are dropped without an acknowledgement.
pub(super) const REACH: usize = 33;

/// Messages that wait for a reader that does not take them. When full, nothing more is acknowledged, and the peer has
/// to wait: the backpressure that a TCP stream has.
const MAX_READY: usize = 32;

/// The messages of one direction that have arrived and were not taken.
#[derive(Debug)]
pub(super) struct RecvWindow {
    /// The first message that has not arrived, or for which there is no room.
    next: Seq,
    /// Messages beyond `next`, at most 32.
    early: BTreeMap<Seq, Bytes>,
    /// Messages before `next`, at most [`MAX_READY`].
    ready: VecDeque<Bytes>,
}

/// The fate of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// The message is kept, in order or not.
    New,
    /// The message had arrived before.
    Duplicate,
    /// There is no room for the message; it counts as not arrived.
    Dropped,
}

impl RecvWindow {
    pub(super) const fn new(first: Seq) -> Self {
        Self { next: first, early: BTreeMap::new(), ready: VecDeque::new() }
    }

    /// Takes in a message.
    pub(super) fn insert(&mut self, number: Seq, payload: &[u8]) -> Arrival {
        let Some(ahead) = number.beyond(self.next) else { return Arrival::Duplicate };
        if self.early.contains_key(&number) {
            return Arrival::Duplicate;
        }
        let is_full = self.ready.len() >= MAX_READY;
        if usize::try_from(ahead).map_or(true, |ahead| ahead >= REACH) || (ahead == 0 && is_full) {
            return Arrival::Dropped;
        }
        let payload = Bytes::copy_from_slice(payload);
        match self.next.next() {
            // In order, as nearly always.
            Some(after) if ahead == 0 => {
                self.ready.push_back(payload);
                self.next = after;
                self.promote();
            }
            Some(_) | None => {
                self.early.insert(number, payload);
            }
        }
        Arrival::New
    }

    /// Takes out the next message.
    pub(super) fn pop(&mut self) -> Option<Bytes> {
        let payload = self.ready.pop_front()?;
        if self.ready.is_empty() {
            // An idle session keeps no room.
            self.ready = VecDeque::new();
        }
        self.promote();
        Some(payload)
    }

    /// The number of messages kept, in order or not.
    pub(super) fn len(&self) -> usize {
        self.early.len() + self.ready.len()
    }

    /// The window, to be looked at.
    pub(super) fn window(&self) -> Window {
        let kept = self.early.values().chain(&self.ready);
        Window {
            next: self.next,
            messages: self.len(),
            bytes: kept.map(Bytes::len).sum(),
            most: REACH - 1 + MAX_READY,
        }
    }

    /// Returns the acknowledgement for the peer.
    pub(super) fn acks(&self) -> MessageAcks {
        let bit = |number: &Seq| {
            number.beyond(self.next).and_then(|ahead| 1_u32.checked_shl(ahead.checked_sub(1)?))
        };
        let bits = self.early.keys().filter_map(bit).fold(0, |bits, bit| bits | bit);
        MessageAcks { next: self.next, bits }
    }

    /// Moves the next messages to the ready ones, as far as there is room.
    fn promote(&mut self) {
        while self.ready.len() < MAX_READY
            && let Some(after) = self.next.next()
            && let Some(payload) = self.early.remove(&self.next)
        {
            self.ready.push_back(payload);
            self.next = after;
        }
        if self.early.is_empty() {
            // Emptied, the map would keep a node of 408 bytes.
            self.early = BTreeMap::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seq(number: u32) -> Seq {
        Seq::new(number).unwrap()
    }

    #[test]
    fn messages_come_out_in_order_and_once() {
        for base in [1, (1 << 31) - 10] {
            let mut window = RecvWindow::new(seq(base));
            let mut insert = |number: u32| window.insert(seq(base + number), &number.to_be_bytes());
            assert_eq!(insert(2), Arrival::New);
            assert_eq!(insert(0), Arrival::New);
            assert_eq!(insert(0), Arrival::Duplicate);
            assert_eq!(insert(2), Arrival::Duplicate);
            assert_eq!(window.acks(), MessageAcks { next: seq(base + 1), bits: 1 });
            assert_eq!(window.insert(seq(base + 1), &1_u32.to_be_bytes()), Arrival::New);
            let taken: Vec<_> = std::iter::from_fn(|| window.pop()).collect();
            assert_eq!(taken, [0_u32, 1, 2].map(|number| Bytes::copy_from_slice(&number.to_be_bytes())));
            assert_eq!(window.acks(), MessageAcks { next: seq(base + 3), bits: 0 });
        }
    }

    #[test]
    fn holes_hold_at_most_32_messages() {
        let mut window = RecvWindow::new(Seq::FIRST);
        let kept = (2..1000).filter(|number| window.insert(seq(*number), b"x") == Arrival::New).count();
        assert_eq!(kept, REACH - 1);
        assert_eq!(window.acks(), MessageAcks { next: Seq::FIRST, bits: u32::MAX });
        assert_eq!(window.insert(seq(5000), b"x"), Arrival::Dropped);
    }

    #[test]
    fn a_reader_that_does_not_read_holds_the_peer_up_and_loses_nothing() {
        let mut window = RecvWindow::new(Seq::FIRST);
        let mut sent = 1;
        while window.insert(seq(sent), &sent.to_be_bytes()) == Arrival::New {
            sent += 1;
        }
        assert_eq!(sent, 33, "the 33rd has no room");
        assert_eq!(window.acks().next, seq(33), "and is not acknowledged");
        assert_eq!(window.insert(seq(34), &34_u32.to_be_bytes()), Arrival::New, "but one beyond it may wait");
        let mut taken = Vec::new();
        while let Some(payload) = window.pop() {
            taken.push(u32::from_be_bytes(payload[..].try_into().unwrap()));
            window.insert(seq(33), &33_u32.to_be_bytes());
        }
        assert_eq!(taken, (1..=34).collect::<Vec<_>>());
    }
}
